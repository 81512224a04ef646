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
from starlette.responses import FileResponse, Response

from ganapp import checkpoints, pictures
from ganapp.checkpoints import CONFIG, WEIGHTS
from ganapp.config.presets import DEFAULT_PRESET, PRESETS, cured_name, title_of
from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput
from ganapp.experiments.doctor import standing, written
from ganapp.experiments.quality import MEASURE, checks_of
from ganapp.games import score_names
from ganapp.runs import Registry, RunFolder, View, run_folder
from ganapp.runs.curves import Curves
from ganapp.runs.frames import FRAME_TIMES
from ganapp.ui.parts.settings import shown_text

PREFIX = "recording-"
"""Of the run ids of recordings."""
FOLDER = Path(__file__).resolve().parents[2] / "recordings"
"""Those without weights."""
SCORES, FILM, SMALL_FILM, COMMAND = "scores.csv", "epochs.gif", "epochs.webp", "command.json"
DOWNLOADS = {"curves.csv": SCORES, FILM: FILM, SMALL_FILM: SMALL_FILM}


def is_recording(run_id: object) -> bool:
    """Whether an id is that of a recording, here or not."""
    return isinstance(run_id, str) and run_id.startswith(PREFIX)


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
def title(run_id: str) -> str:
    """What to call a recording: its preset's title, with what was changed in a run that ships to
    show just that. `BadInput` if it is not here or damaged.
    """
    path = folder(run_id)
    try:
        known = json.loads((path / CONFIG).read_text(encoding="utf-8"))
        preset, settings = str(known["facts"]["preset"]), config(run_id)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(run_id, error) from error
    name = cured_name(preset, settings)
    plain = title_of(name) or name
    if preset not in PRESETS or name != preset or (path / WEIGHTS).is_file():
        return plain
    changed = ", ".join(_changes(preset, settings))
    return f"{plain}: {changed}" if changed else plain


def _changes(preset: str, config: TrainConfig) -> list[str]:
    """The settings that are other than the preset's, in words, but for how long and how exactly."""
    usual, labels = PRESETS[preset].config.to_dict(), knobs()
    return [
        f"{labels[name].label} {shown_text(value)}"
        for name, value in config.to_dict().items()
        if value != usual[name] and name not in ("precision", "epochs")
    ]


def _damaged(run_id: str, error: Exception) -> BadInput:
    return BadInput(
        f"The recording {run_id.removeprefix(PREFIX)!r} is damaged ({type(error).__name__})."
    )


@functools.cache
def view(run_id: str) -> View:
    """A recording as if it were a finished run; `BadInput` if it is not here or damaged."""
    path = folder(run_id)
    try:
        return _view(run_id, path)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise _damaged(run_id, error) from error


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
    verdicts = standing(settings, points, looks)
    status: dict[str, Any] = {
        "verdicts": written(verdicts),
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
        "doctor": verdicts[-1][1]._asdict() if verdicts else None,
        "domains": known["class_names"] if settings.capabilities.translates else None,
        "weights": (path / WEIGHTS).is_file(),
        "title": title(run_id),
        "film": getattr(_film(path), "name", ""),
    }
    name = cured_name(str(facts.get("preset", "")), settings)
    return View(run_id, run_id, status, name, 0, frames[-1], 1, "")


@functools.cache
def recorded_epochs(run_id: str) -> list[int]:
    """The epochs that a recording has pictures of; none if it is not here or damaged."""
    try:
        noted = json.loads((folder(run_id) / COMMAND).read_text(encoding="utf-8"))
        return [int(epoch) for epoch in noted["frames"]]
    except (BadInput, OSError, ValueError, KeyError, TypeError):
        return []


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
    return all((path / name).is_file() for name in (CONFIG, SCORES, COMMAND)) and bool(_film(path))


def _film(path: Path) -> Path | None:
    """The pictures of the epochs, from whichever file there is."""
    return next((path / name for name in (SMALL_FILM, FILM) if (path / name).is_file()), None)


@functools.cache
def _frames(path: Path) -> list[bytes]:
    film = _film(path)
    assert film is not None  # or it would be no recording
    return [pictures.encode(frame, "JPEG") for frame in pictures.frames_of(film, *FRAME_TIMES)]
