"""What a run's folder holds, and how it is read and written. One process writes at a time; any
number read.

run.json            what was asked for: settings, preset, hash of the owner's key
status.json         where it stands, with the curves' points; replaced whole at every change
scores.f32          a row of float32 a round: what the game calls its scores
live.jpg            the newest sample grid; epochs/00001.jpg those after some epochs
pictures.npz        the owner's own pictures, where the run is about those
state.safetensors   the training state; model.safetensors, config.json, README.md: the checkpoint
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from ganapp import checkpoints, pictures
from ganapp.checkpoints import CONFIG, STATE, WEIGHTS
from ganapp.config.training import TrainConfig
from ganapp.datasets import Pictures, uploads
from ganapp.errors import BadInput
from ganapp.files import save_atomically, why_unwritable
from ganapp.games import score_names
from ganapp.runs import disk
from ganapp.runs.frames import kept_epochs
from ganapp.runs.states import TRANSITIONS, State

RESERVE = ".reserve"
BYTES_IN_RESERVE = 2**17
"""Kept free for a last word: on a full disk, a run can still say that it is full."""
RUN_ID = re.compile(r"[a-z0-9-]{1,40}")
MOST_ANIMATION_FRAMES = 150
PLAYED_ELSEWHERE = 75
"""Exit code of a worker that found its run being played by another app on this machine."""
UNWRITABLE = 74
"""Exit code of a worker that could not even write down that it cannot write."""


def home() -> Path:
    """Where runs are kept: `$GANAPP_HOME`, else `~/.cache/ganapp/runs`."""
    return Path(os.environ.get("GANAPP_HOME") or Path.home() / ".cache" / "ganapp" / "runs")


def run_folder(run_id: object) -> Path:
    """The folder of a run; `BadInput` if there is no such run."""
    path = home() / run_id if isinstance(run_id, str) and RUN_ID.fullmatch(run_id) else None
    if path is None or not (path / "run.json").is_file():
        if path is not None and disk.was_removed(home(), path.name):
            raise BadInput(
                f"The run {path.name!r} was removed to make room on this machine's disk: the oldest"
                " runs that nobody keeps go first."
            )
        raise BadInput(
            f"There is no run called {str(run_id)[:40]!r} here: it was removed, or the link is of"
            " another machine."
        )
    return path


def hashed(key: str) -> str:
    """What is kept of an owner's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def claim_of(run_id: str, owner: str) -> str:
    """What proves that a run belongs to the `owner`, a hashed key, without telling the key."""
    return hmac.new(owner.encode(), run_id.encode(), "sha256").hexdigest()[:32]


class RunFolder:
    """One run on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def bring(cls, run_id: str, pictures: Pictures) -> None:
        """Keeps own pictures for a run that is about to be created."""
        (home() / run_id).mkdir(parents=True)
        uploads.save(pictures, home() / run_id / uploads.PICTURES)

    @staticmethod
    def forget_unless_a_run(run_id: str) -> None:
        """Removes the folder of a run that was refused in the end."""
        if not (home() / run_id / "run.json").is_file():
            shutil.rmtree(home() / run_id, ignore_errors=True)

    @classmethod
    def create(cls, run_id: str, config: TrainConfig, preset: str, owner_key: str) -> RunFolder:
        """A new folder in state queued."""
        run = cls(home() / run_id)
        (run.path / "epochs").mkdir(parents=True)
        run.reserve()
        run.write_status({"state": "queued", "message": "", "step": 0})
        asked = {
            "settings": config.to_dict(),
            "preset": preset,
            "owner": hashed(owner_key),
            "created": time.time(),
        }
        save_atomically(
            run.path / "run.json", lambda path: path.write_text(json.dumps(asked), encoding="utf-8")
        )
        return run

    @property
    def run_id(self) -> str:
        return self.path.name

    def asked(self) -> dict[str, Any]:
        """run.json."""
        request: dict[str, Any] = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        return request

    def config(self) -> TrainConfig:
        """The settings of the run; `BadInput` if they cannot be read."""
        try:
            return TrainConfig.from_saved(self.asked()["settings"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(
                f"The settings of the run {self.run_id!r} cannot be read ({type(error).__name__}):"
                " its folder is damaged."
            ) from error

    def own_pictures(self) -> Pictures | None:
        """The owner's own pictures, if the run is about those."""
        if self.config().dataset != "own":
            return None
        return uploads.load(self.path / uploads.PICTURES)

    def forget_pictures(self) -> None:
        """Removes the owner's own pictures, which nothing needs any more."""
        (self.path / uploads.PICTURES).unlink(missing_ok=True)

    def status(self) -> dict[str, Any]:
        """status.json."""
        status: dict[str, Any] = json.loads((self.path / "status.json").read_text(encoding="utf-8"))
        return status

    def write_status(self, status: dict[str, Any]) -> None:
        """Replaces status.json."""
        save_atomically(
            self.path / "status.json",
            lambda path: path.write_text(
                json.dumps(status, separators=(",", ":")), encoding="utf-8"
            ),
        )

    def update_status(self, **changes: Any) -> None:
        """Replaces some entries of status.json."""
        self.write_status(self.status() | changes)

    def reserve(self) -> None:
        """Keeps some room on the disk; `OSError` if there is none."""
        path = self.path / RESERVE
        if not path.exists():
            # No zeros, which some disks store as nothing.
            save_atomically(path, lambda draft: draft.write_bytes(os.urandom(BYTES_IN_RESERVE)))

    def rest(self, error: OSError) -> None:
        """Pauses the run because nothing more can be written, from the room that was reserved.
        `OSError` if not even that can be written.
        """
        with contextlib.suppress(OSError):
            (self.path / RESERVE).unlink(missing_ok=True)
        self.enter("paused", self.why_it_rests(error))

    def why_it_rests(self, error: OSError) -> str:
        """What an `error` in writing means for the run, and what to do."""
        why = why_unwritable(error) or f"Nothing can be written ({error.strerror})"
        files = [self.path / name for name in (STATE, WEIGHTS)]
        needed = sum(file.stat().st_size for file in files if file.is_file())
        room = f" about {max(1, round(needed / 2**20))} MB of" if needed else ""
        # A state is written beside the one that it replaces.
        if self.has_state():
            return (
                f"{why}, so this run rests at its last saved state, which is whole. Make{room} room"
                " and press Resume to go on."
            )
        return (
            f"{why}, and nothing of this run was saved yet. Make room and press Resume to start it"
            " from the beginning."
        )

    def enter(self, state: State, message: str = "", **changes: Any) -> bool:
        """Changes the state and some entries, unless what the run is doing now rules that out.
        Whether it did.
        """
        status = self.status()
        if state not in TRANSITIONS[status["state"]]:
            return False
        self.write_status(status | {"state": state, "message": message, **changes})
        return True

    def has_state(self) -> bool:
        """Whether there is something to resume."""
        return (self.path / STATE).is_file()

    def has_model(self) -> bool:
        """Whether the checkpoint can be opened."""
        return (self.path / WEIGHTS).is_file() and (self.path / CONFIG).is_file()

    def keep_last_model(self) -> None:
        """Makes the checkpoint from the last saved training state, if there is a sound one: what a
        run leaves that ended unexpectedly.
        """
        with contextlib.suppress(BadInput, OSError):
            if not self.has_state():
                return
            status, asked = self.status(), self.asked()
            facts = {
                "preset": asked["preset"],
                "data": asked["settings"]["dataset"],
                "seconds": status.get("seconds", 0.0),
            }
            checkpoints.save(
                checkpoints.TrainedModel.from_state(checkpoints.load_state(self.path), facts),
                self.path,
            )

    def append_scores(self, rows: np.ndarray) -> None:
        """Adds rounds (n, names) float32 to scores.f32."""
        with (self.path / "scores.f32").open("ab") as file:
            file.write(rows.tobytes())

    def scores(self) -> np.ndarray:
        """All rounds so far, (steps, names) float32."""
        path, names = self.path / "scores.f32", len(score_names(self.config()))
        if not path.exists():
            return np.zeros((0, names), np.float32)
        values = np.fromfile(path, np.float32)
        return values[: len(values) // names * names].reshape(-1, names)

    def forget_after(self, step: int, epoch: int) -> np.ndarray:
        """Drops scores and pictures of rounds after `step`, which are about to be played again;
        returns the kept scores.
        """
        rows = self.scores()[:step]
        save_atomically(self.path / "scores.f32", lambda path: path.write_bytes(rows.tobytes()))
        for number, file in self.epoch_files().items():
            if number > epoch:
                file.unlink(missing_ok=True)
        return rows

    def write_picture(self, preview: np.ndarray, epoch: int | None) -> None:
        """The sample grid as the live picture, and as that of `epoch` if one has just ended; those
        of some earlier epochs make room.
        """
        encoded = pictures.encode(pictures.grid(preview), "JPEG")
        save_atomically(self.path / "live.jpg", lambda path: path.write_bytes(encoded))
        if epoch is not None:
            save_atomically(
                self.path / "epochs" / f"{epoch:05d}.jpg", lambda path: path.write_bytes(encoded)
            )
            files = self.epoch_files()
            for number in files.keys() - kept_epochs(files):
                files[number].unlink(missing_ok=True)

    def epoch_files(self) -> dict[int, Path]:
        """The pictures of the epochs that have one, in order."""
        return {int(path.stem): path for path in sorted((self.path / "epochs").glob("[0-9]*.jpg"))}

    def csv(self) -> str:
        """The curves as a table: step, epoch and the scores of every round."""
        per_epoch = self.status().get("steps_per_epoch") or 1
        lines = ["step,epoch," + ",".join(score_names(self.config()))]
        lines += [
            f"{step},{step / per_epoch:.4f}," + ",".join(f"{value:.6g}" for value in row)
            for step, row in enumerate(self.scores().tolist(), 1)
        ]
        return "\n".join(lines) + "\n"

    def animation(self, kind: Literal["GIF", "WEBP"]) -> bytes:
        """The epochs' pictures in order; `BadInput` before the first epoch has ended."""
        files = list(self.epoch_files().values())
        if not files:
            raise BadInput(
                "The animation is made of the pictures of epochs, and no epoch has ended yet: wait"
                " for the first one."
            )
        # Early epochs change the most, so a long run keeps more of them.
        keep = np.unique(
            np.rint(
                np.linspace(0, 1, min(MOST_ANIMATION_FRAMES, len(files))) ** 1.5 * (len(files) - 1)
            ).astype(int)
        )
        frames = []
        for place in keep:
            # A run that resumes may be removing its last pictures just now.
            with contextlib.suppress(OSError), Image.open(files[place]) as frame:
                frames.append(frame.copy())
        return pictures.animation(frames, kind, 0.15, 2.0)
