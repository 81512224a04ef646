"""What a run of `train` leaves in its folder beside the checkpoint, and what it finds there when it
resumes.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.files import save_atomically

if TYPE_CHECKING:
    from PIL import Image

    from ganapp.checkpoints import TrainingState
    from ganapp.experiments.doctor import Verdict
    from ganapp.training import Snapshot

COMMAND, SCORES, EPOCHS, PICTURES = "command.json", "scores.csv", "epochs.gif", "pictures.npz"
SECONDS_BETWEEN_STATES = 10.0
MOST_EPOCH_FRAMES = 120
FEWEST_STEPS = 100


class Record:
    """Writes what a run shows into its folder.

    state.safetensors and command.json every so often, scores.csv as it goes, epochs.gif and the
    checkpoint at the end. A resumed run goes on with its seconds, its scores up to the resumed step
    and its animation.
    """

    def __init__(
        self, out: Path, arguments: argparse.Namespace, resume: TrainingState | None
    ) -> None:
        from ganapp.experiments.quality import QualityCheck, QualityChecks

        self.out, self.preset = out, arguments.preset
        self.limit: list[str] = []
        for name in ("steps", "seconds"):
            if getattr(arguments, name) is not None:
                self.limit = [f"--{name}", f"{getattr(arguments, name):.10g}"]
        self.typed_out = arguments.out
        noted = _noted(out) if resume is not None else {}
        if noted and noted["preset"] != self.preset:
            raise BadInput(
                f"The run in {out.name!r} was started from the preset {noted['preset']!r}: resume"
                f" it with that name, not {self.preset!r}."
            )
        self.pairs = noted.get("settings", {}) | dict(
            pair.split("=", 1) for pair in arguments.pairs
        )
        self.seconds_before: float = noted.get("seconds", 0.0)
        self.seconds = self.seconds_before
        self.started = self.saved = 0.0
        self.rows = _rows_until(out / SCORES, resume.step) if resume is not None else []
        self.last: tuple[int, float] | None = None
        self.frames = (
            _frames_read(out / EPOCHS, noted.get("frames", [])) if resume is not None else []
        )
        step = resume.step if resume is not None else 0
        self.looks = QualityChecks(
            out,
            [
                row
                for row in noted.get("looks", [])
                if len(row) == 1 + len(QualityCheck._fields) and row[0] <= step
            ],
        )
        self.verdict: Verdict | None = None
        """What the training doctor says, once the run has ended."""

    def add(self, snapshot: Snapshot) -> None:
        """Appends the scores, keeps the epoch's picture, saves the state when it is time."""
        now = time.monotonic()
        first = self.last is None
        if first:
            self.started = now
            self.frames = [
                (epoch, frame) for epoch, frame in self.frames if epoch <= snapshot.epoch
            ]
        self.seconds = self.seconds_before + now - self.started
        self._append(snapshot)
        newest = self.frames[-1][0] if self.frames else -1
        if (
            snapshot.preview is not None
            and snapshot.epoch > newest
            and (not first or snapshot.step == 0)
        ):
            from ganapp import pictures

            self.frames = thinned([*self.frames, (snapshot.epoch, pictures.grid(snapshot.preview))])
            self._look(snapshot)
        if first or now - self.saved >= SECONDS_BETWEEN_STATES:
            self._save(snapshot)
            self.saved = time.monotonic()

    def finish(self, snapshot: Snapshot, complete: bool) -> None:
        """Saves all: the state to resume from, and the checkpoint that everything else opens."""
        from ganapp import checkpoints, pictures
        from ganapp.devices import machine

        self._look(snapshot)
        state = self._save(snapshot)
        if self.frames:
            moving = pictures.animation([frame for _, frame in self.frames], "GIF", 0.15, 2.0)
            save_atomically(self.out / EPOCHS, lambda path: path.write_bytes(moving))
        limit = self.limit if complete else ["--steps", str(snapshot.step)]
        pairs = {
            name: value for name, value in self.pairs.items() if (name, value) != ("dataset", "own")
        }
        settings = ["--set", *(f"{name}={value}" for name, value in pairs.items())] if pairs else []
        if state.config.dataset == "own":
            settings += ["--pictures", "PICTURES"]
        command = shlex.join(
            [
                "python",
                "-m",
                "ganapp",
                "train",
                self.preset,
                *settings,
                *limit,
                "--out",
                self.typed_out,
            ]
        )
        facts = {
            "preset": self.preset,
            "command": command,
            "data": state.config.dataset,
            "epochs": round(snapshot.progress, 4),
            "seconds": round(self.seconds, 1),
            "machine": machine(),
            "name": self.out.resolve().name,
        }
        checkpoints.save(checkpoints.TrainedModel.from_state(state, facts), self.out)
        self.verdict = self._examined(snapshot, state.config)

    def _look(self, snapshot: Snapshot) -> None:
        if snapshot.step >= FEWEST_STEPS:  # looking costs more than so short a run
            self.started += self.looks.take(snapshot)  # looking is not training

    def _examined(self, snapshot: Snapshot, config: TrainConfig) -> Verdict | None:
        """The doctor's verdict, if there was anything to look at."""
        import numpy as np

        from ganapp.experiments.doctor import examine
        from ganapp.runs.curves import Curves

        if not self.looks.rows:
            return None
        curves = Curves(snapshot.scores._fields)
        curves.add(np.loadtxt(self.out / SCORES, delimiter=",", skiprows=1, ndmin=2)[:, 2:])
        return examine(config, curves.points(), self.looks.rows, snapshot.steps_per_epoch)

    def _save(self, snapshot: Snapshot) -> TrainingState:
        from ganapp import checkpoints

        state = snapshot.capture()
        checkpoints.save_state(state, self.out)
        noted = {
            "preset": self.preset,
            "settings": self.pairs,
            "seconds": round(self.seconds, 3),
            "frames": [epoch for epoch, _ in self.frames],
            "looks": self.looks.rows,
            "floor": self.looks.floor,
        }
        save_atomically(
            self.out / COMMAND, lambda path: path.write_text(json.dumps(noted), encoding="utf-8")
        )
        return state

    def _append(self, snapshot: Snapshot) -> None:
        names = snapshot.scores._fields
        if self.last is None:
            with (self.out / SCORES).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([["step", "epoch", *names], *self.rows])
        else:
            (before, epoch_before), count = self.last, len(snapshot.scores[0])
            a_step = (snapshot.progress - epoch_before) / max(1, snapshot.step - before)
            with (self.out / SCORES).open("a", newline="", encoding="utf-8") as file:
                for back, values in zip(
                    range(count - 1, -1, -1), zip(*snapshot.scores, strict=True), strict=True
                ):
                    epoch = f"{snapshot.progress - back * a_step:.5f}"
                    csv.writer(file).writerow(
                        [snapshot.step - back, epoch, *(f"{value:.6g}" for value in values)]
                    )
        self.last = snapshot.step, snapshot.progress


def _noted(out: Path) -> dict[str, Any]:
    """What command.json says of the run, or nothing if it cannot be read: then only its seconds and
    animation start anew.
    """
    try:
        noted = json.loads((out / COMMAND).read_text(encoding="utf-8"))
        return {
            "preset": str(noted["preset"]),
            "settings": {str(name): str(text) for name, text in noted["settings"].items()},
            "seconds": float(noted["seconds"]),
            "frames": [int(epoch) for epoch in noted["frames"]],
            "looks": [[float(figure) for figure in row] for row in noted.get("looks", [])],
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
            rows.append(line)
    return rows


def _frames_read(path: Path, epochs: list[int]) -> list[tuple[int, Image.Image]]:
    """The frames of epochs.gif with their epochs, or none if it holds others."""
    from PIL import Image, ImageSequence

    try:
        with Image.open(path) as moving:
            frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(moving)]
    except (OSError, ValueError):
        return []
    return list(zip(epochs, frames, strict=True)) if len(frames) == len(epochs) else []


def thinned(frames: list[tuple[int, Image.Image]]) -> list[tuple[int, Image.Image]]:
    """At most MOST_EPOCH_FRAMES of the frames, evenly over the epochs, the newest among them."""
    newest, stride = frames[-1][0], 1
    while newest // stride >= MOST_EPOCH_FRAMES - 1:
        stride *= 2
    return [(epoch, frame) for epoch, frame in frames if epoch % stride == 0 or epoch == newest]
