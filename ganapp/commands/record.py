"""The folder of `train`: what a run leaves in it beside the checkpoint, and what a resume finds."""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganapp.errors import BadInput
from ganapp.files import save_atomically

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from ganapp.checkpoints import TrainingState
    from ganapp.runs.recorder import Cadence, Progress
    from ganapp.training import Snapshot

COMMAND, SCORES, EPOCHS = "command.json", "scores.csv", "epochs.gif"
SECONDS_BETWEEN_STATES = 10.0
FEWEST_STEPS = 100
"""Quality is not checked earlier: that would take longer than the training."""


def cadence() -> Cadence:
    """How often a run in a terminal is saved and checked."""
    from ganapp.runs.recorder import Cadence

    return Cadence(SECONDS_BETWEEN_STATES, first_check=FEWEST_STEPS)


class CommandSink:
    """Keeps a run in the folder `out`.

    state.safetensors and command.json every so often, scores.csv as it goes, epochs.gif and the
    checkpoint at the end. A resumed run goes on with its seconds, its scores up to the resumed step
    and its animation.
    """

    def __init__(self, out: Path, arguments: argparse.Namespace, resumed: bool) -> None:
        self.out, self.preset, self.typed_out = out, arguments.preset, arguments.out
        self.limit: list[str] = []
        for name in ("steps", "seconds"):
            if getattr(arguments, name) is not None:
                self.limit = [f"--{name}", f"{getattr(arguments, name):.10g}"]
        notes = _notes(out) if resumed else {}
        if notes and notes["preset"] != self.preset:
            raise BadInput(
                f"The run in {out.name!r} was started from the preset {notes['preset']!r}: resume"
                f" it with that name, not {self.preset!r}."
            )
        changes = dict(pair.split("=", 1) for pair in arguments.pairs)
        self.settings: dict[str, str] = notes.get("settings", {}) | changes
        self.seconds: float = notes.get("seconds", 0.0)
        """What earlier sessions of the run took."""
        self.checks: list[list[float]] = notes.get("looks", [])
        """Rows of `QualityChecks` of earlier sessions."""
        self.complete = False
        """Whether the run has reached the limit that it was given."""
        self._frames = _read_frames(out / EPOCHS, notes.get("frames", [])) if resumed else []
        self._last = (0, 0.0)  # step and epoch up to which scores are written

    def rewind(self, first: Snapshot) -> np.ndarray:
        """Keeps the scores and the frames of what is not played again."""
        import numpy as np

        self._last = first.step, first.progress
        self._frames = [frame for frame in self._frames if frame[0] <= first.epoch]
        rows, names = _rows_until(self.out / SCORES, first.step), first.scores._fields
        with (self.out / SCORES).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["step", "epoch", *names], *rows])
        return np.array([row[2:] for row in rows], np.float32).reshape(-1, len(names))

    def write_scores(self, rows: np.ndarray, snapshot: Snapshot) -> None:
        """Appends to scores.csv: step, epoch and the scores of each round."""
        (step, epoch), count = self._last, len(rows)
        per_step = (snapshot.progress - epoch) / max(1, snapshot.step - step)
        with (self.out / SCORES).open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            for back, row in zip(range(count - 1, -1, -1), rows, strict=True):
                epoch_text = f"{snapshot.progress - back * per_step:.5f}"
                scores = (f"{value:.6g}" for value in row)
                writer.writerow([snapshot.step - back, epoch_text, *scores])
        self._last = snapshot.step, snapshot.progress

    def write_picture(self, preview: np.ndarray, epoch: int | None) -> None:
        """Keeps a frame of the animation."""
        if epoch is None:
            return
        from ganapp import pictures
        from ganapp.runs.frames import kept_epochs

        frames = dict(self._frames) | {epoch: pictures.grid(preview)}
        self._frames = [(kept, frames[kept]) for kept in kept_epochs(frames)]

    def write_progress(self, progress: Progress) -> None:
        """Nothing: a terminal shows the progress."""

    def write_state(self, state: TrainingState, progress: Progress) -> None:
        """Replaces the training state, and command.json with what else a resume needs."""
        from ganapp import checkpoints
        from ganapp.experiments.quality import MEASURE

        checkpoints.save_state(state, self.out)
        notes = {
            "preset": self.preset,
            "settings": self.settings,
            "seconds": round(progress.seconds, 3),
            "frames": [epoch for epoch, _ in self._frames],
            "looks": progress.checks,
            "measure": MEASURE,
            "floor": progress.floor,
        }
        save_atomically(
            self.out / COMMAND, lambda path: path.write_text(json.dumps(notes), encoding="utf-8")
        )

    def write_model(self, state: TrainingState, progress: Progress) -> None:
        """Writes the animation, and the checkpoint that everything else opens."""
        from ganapp import checkpoints, pictures
        from ganapp.runs.frames import FRAME_TIMES

        if self._frames:
            moving = pictures.animation([frame for _, frame in self._frames], "GIF", *FRAME_TIMES)
            save_atomically(self.out / EPOCHS, lambda path: path.write_bytes(moving))
        facts = {
            "preset": self.preset,
            "command": self._command(state, progress.snapshot.step),
            "data": state.config.dataset,
            "name": self.out.resolve().name,
            **progress.facts,
        }
        checkpoints.save(checkpoints.TrainedModel.from_state(state, facts), self.out)

    def _command(self, state: TrainingState, step: int) -> str:
        """The command that makes the same model again."""
        own = state.config.dataset == "own"
        pairs = [
            f"{name}={value}"
            for name, value in self.settings.items()
            if not (own and name == "dataset")
        ]
        settings = ["--set", *pairs] if pairs else []
        pictures = ["--pictures", "PICTURES"] if own else []
        limit = self.limit if self.complete else ["--steps", str(step)]
        words = ["python", "-m", "ganapp", "train", self.preset, *settings, *pictures, *limit]
        return shlex.join([*words, "--out", self.typed_out])


def _notes(out: Path) -> dict[str, Any]:
    """What command.json says of the run, or nothing if it cannot be read: then only its seconds and
    animation start anew.
    """
    from ganapp.experiments.quality import checks_of

    try:
        notes = json.loads((out / COMMAND).read_text(encoding="utf-8"))
        return {
            "preset": str(notes["preset"]),
            "settings": {str(name): str(text) for name, text in notes["settings"].items()},
            "seconds": float(notes["seconds"]),
            "frames": [int(epoch) for epoch in notes["frames"]],
            "looks": checks_of(
                [[float(figure) for figure in row] for row in notes.get("looks", [])],
                int(notes.get("measure", 1)),
            ),
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _rows_until(path: Path, step: int) -> list[list[str]]:
    """The rows of scores.csv up to `step`, without its heading; rows that a crash cut short end
    them.
    """
    rows: list[list[str]] = []
    with (
        contextlib.suppress(OSError, ValueError, csv.Error),
        path.open(newline="", encoding="utf-8") as file,
    ):
        heading, *lines = csv.reader(file)
        for line in lines:
            if len(line) != len(heading) or int(line[0]) > step:
                break
            [float(value) for value in line]  # or a line that is damaged ends them
            rows.append(line)
    return rows


def _read_frames(path: Path, epochs: list[int]) -> list[tuple[int, Image.Image]]:
    """The frames of epochs.gif with their epochs, or none if it holds others."""
    from ganapp import pictures
    from ganapp.runs.frames import FRAME_TIMES

    try:
        frames = pictures.frames_of(path, *FRAME_TIMES)
    except (OSError, ValueError):
        return []
    return list(zip(epochs, frames, strict=True)) if len(frames) == len(epochs) else []
