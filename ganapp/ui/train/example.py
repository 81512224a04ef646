"""The finished example that the Train tab opens with: the record that a bundled checkpoint's own
training left in its folder.

The command line's `train` writes `scores.csv` (every round), `epochs.gif` and `command.json` (with
the epochs of its frames).
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from starlette.responses import FileResponse, Response

from ganapp import checkpoints, pictures
from ganapp.checkpoints import CONFIG
from ganapp.config.presets import DEFAULT_PRESET
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.experiments.doctor import history, written
from ganapp.experiments.quality import MEASURE, checks_of
from ganapp.games import score_names
from ganapp.runs.curves import Curves
from ganapp.runs.registry import View

RUN_ID = "example"
DOWNLOADS = {"curves.csv": "scores.csv", "epochs.gif": "epochs.gif"}


def folder() -> Path:
    """The folder of the bundled model of the default preset, or of another one; `BadInput` if no
    model is bundled.
    """
    found = checkpoints.bundled()
    if not found:
        raise BadInput(
            "No trained model is bundled with this copy of the app, so there is no example: press"
            " Start to make one."
        )
    return found.get(DEFAULT_PRESET) or next(iter(found.values()))


@functools.cache
def view() -> View | None:
    """The example as if it were a finished run; None if it left no record."""
    try:
        path = folder()
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
        facts, loss = config["facts"], config["settings"]["loss"]
        noted = json.loads((path / "command.json").read_text(encoding="utf-8"))
        epochs = noted["frames"]
        looks = checks_of(noted.get("looks", []), noted.get("measure", 1))
        rows = np.loadtxt(path / "scores.csv", delimiter=",", skiprows=1, dtype=np.float64, ndmin=2)
        frames = _frames()
        if len(frames) != len(epochs):
            return None
    except (BadInput, OSError, ValueError, KeyError):
        return None
    settings = TrainConfig.from_saved(config["settings"])
    curves = Curves(score_names(settings))
    curves.add(rows[:, 2:])
    step, progress = int(rows[-1, 0]), float(rows[-1, 1])
    changes = history(settings, curves.points(), looks)
    status: dict[str, Any] = {
        "verdicts": written(changes),
        "state": "example",
        "loss": loss,
        "dataset": settings.dataset,
        "step": step,
        "steps": step,
        "epoch": epochs[-1],
        "epochs": round(progress),
        "progress": progress,
        "steps_per_epoch": step / progress,
        "seconds": float(facts["seconds"]),
        "curves": curves.points(),
        "frame_epochs": epochs,
        "looks": looks,
        "measure": MEASURE,
        "floor": noted.get("floor", {}),
        "doctor": changes[-1][1]._asdict() if changes else None,
    }
    return View(RUN_ID, "example", status, str(facts.get("preset", "")), 0, frames[-1], 1, "")


def epoch_picture(epoch: int) -> bytes | None:
    """JPEG of the record's picture after `epoch`."""
    known = view()
    if known is None or epoch not in known.status["frame_epochs"]:
        return None
    frame: int = known.status["frame_epochs"].index(epoch)
    return _frames()[frame]


def download(name: str, headers: dict[str, str]) -> Response:
    """The record's file under the name that a run's would have; `BadInput` for others."""
    path = folder() / DOWNLOADS.get(name, "none")
    if not path.is_file():
        raise BadInput(f"The example has no file called {name[:60]!r}.")
    return FileResponse(path, headers=headers)


@functools.cache
def _frames() -> list[bytes]:
    frames = []
    with Image.open(folder() / "epochs.gif") as film:
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            frames.append(pictures.encode(film.convert("RGB"), "JPEG"))
    return frames
