"""Finished runs that ship with the app and open at once: the record that a training of the command
line left in its folder, of a bundled checkpoint or without its weights.

The command line's `train` writes `scores.csv` (every round; `make_recording.py` thins it),
`epochs.gif` and `command.json` (with the epochs of its frames).
"""

from __future__ import annotations

import contextlib
import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from starlette.responses import FileResponse, Response

from ganapp import checkpoints, pictures
from ganapp.checkpoints import CONFIG, WEIGHTS
from ganapp.config.presets import DEFAULT_PRESET
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.experiments.doctor import history, written
from ganapp.experiments.quality import MEASURE, checks_of
from ganapp.games import score_names
from ganapp.runs import Registry, RunFolder, View, run_folder
from ganapp.runs.curves import Curves

PREFIX = "recording-"
"""Of the run ids of recordings."""
FOLDER = Path(__file__).resolve().parents[2] / "recordings"
"""Those without weights."""
SCORES, FILM, COMMAND = "scores.csv", "epochs.gif", "command.json"
DOWNLOADS = {"curves.csv": SCORES, "epochs.gif": FILM}


def is_recording(run_id: str) -> bool:
    """Whether an id is that of a recording, here or not."""
    return run_id.startswith(PREFIX)


def folders() -> dict[str, Path]:
    """The folder of each recording by its run id, the example first."""
    bundled = checkpoints.bundled()
    kept = {path.parent.name: path.parent for path in sorted(FOLDER.glob(f"*/{COMMAND}"))}
    found = {PREFIX + name: path for name, path in (bundled | kept).items() if _is_whole(path)}
    first = PREFIX + DEFAULT_PRESET
    return {first: found.pop(first), **found} if first in found else found


def folder(run_id: str) -> Path:
    """The folder of a recording; `BadInput` if there is none of this id."""
    found = folders().get(run_id)
    if found is None:
        raise BadInput(
            f"There is no recording called {run_id.removeprefix(PREFIX)[:60]!r}:"
            f" there are {', '.join(name.removeprefix(PREFIX) for name in folders()) or 'none'}."
        )
    return found


def example() -> str:
    """The id of the recording that a page opens with; "" if there is none."""
    return next(iter(folders()), "")


def config(run_id: str) -> TrainConfig:
    """The settings of a recorded run."""
    known = json.loads((folder(run_id) / CONFIG).read_text(encoding="utf-8"))
    return TrainConfig.from_saved(known["settings"])


def config_of(run_id: str) -> TrainConfig:
    """The settings of a run, recorded or not."""
    return config(run_id) if is_recording(run_id) else RunFolder(run_folder(run_id)).config()


def view_of(run_id: str, registry: Registry) -> View:
    """What is shown of a run, recorded or not."""
    return view(run_id) if is_recording(run_id) else registry.view(run_id)


@functools.cache
def view(run_id: str) -> View:
    """A recording as if it were a finished run; `BadInput` if it is not here or damaged."""
    path = folder(run_id)
    try:
        return _view(run_id, path)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise BadInput(
            f"The recording {run_id.removeprefix(PREFIX)!r} is damaged ({type(error).__name__})."
        ) from error


def shown(run_id: str) -> View | None:
    """A recording, or the example if none is named: None where that is not here or damaged, for a
    page must open without it too. `BadInput` for a named one.
    """
    if run_id:
        return view(run_id)
    with contextlib.suppress(BadInput):
        return view(example())
    return None


def _view(run_id: str, path: Path) -> View:
    known = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    noted = json.loads((path / COMMAND).read_text(encoding="utf-8"))
    facts, epochs, settings = known["facts"], noted["frames"], config(run_id)
    frames = _frames(path)
    if len(frames) != len(epochs):
        raise ValueError("the film has other epochs")
    looks = checks_of(noted.get("looks", []), noted.get("measure", 1))
    rows = np.loadtxt(path / SCORES, delimiter=",", skiprows=1, dtype=np.float64, ndmin=2)
    curves = Curves(score_names(settings))
    curves.add(rows[:, 2:])
    step, progress = int(rows[-1, 0]), float(rows[-1, 1])
    points = curves.points()
    if step > len(rows):  # thinned
        points["step"] = np.interp(points["step"], np.arange(1, len(rows) + 1), rows[:, 0]).tolist()
    changes = history(settings, points, looks)
    status: dict[str, Any] = {
        "verdicts": written(changes),
        "state": "example",
        "loss": settings.loss,
        "dataset": settings.dataset,
        "step": step,
        "steps": step,
        "epoch": epochs[-1],
        "epochs": round(progress),
        "progress": progress,
        "steps_per_epoch": step / progress,
        "seconds": float(facts["seconds"]),
        "curves": points,
        "frame_epochs": epochs,
        "looks": looks,
        "measure": MEASURE,
        "floor": noted.get("floor", {}),
        "doctor": changes[-1][1]._asdict() if changes else None,
        "weights": (path / WEIGHTS).is_file(),
    }
    return View(run_id, run_id, status, str(facts.get("preset", "")), 0, frames[-1], 1, "")


def epoch_picture(run_id: str, epoch: int) -> bytes | None:
    """JPEG of a recording's picture after `epoch`."""
    known: list[int] = view(run_id).status["frame_epochs"]
    return _frames(folder(run_id))[known.index(epoch)] if epoch in known else None


def download(run_id: str, name: str, headers: dict[str, str]) -> Response:
    """A recording's file under the name that a run's would have; `BadInput` for others."""
    path = folder(run_id) / DOWNLOADS.get(name, "none")
    if not path.is_file():
        raise BadInput(f"This recording has no file called {name[:60]!r}.")
    return FileResponse(path, headers=headers)


def _is_whole(path: Path) -> bool:
    return all((path / name).is_file() for name in (CONFIG, SCORES, FILM, COMMAND))


@functools.cache
def _frames(path: Path) -> list[bytes]:
    frames = []
    with Image.open(path / FILM) as film:
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            frames.append(pictures.encode(film.convert("RGB"), "JPEG"))
    return frames
