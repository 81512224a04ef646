"""Which trained models one can explore, and opening them once for everybody.

A model is named by one string: `bundled:NAME` ships with the app, `run:ID` is a run of the visitor,
`hub:OWNER/NAME` lies on the Hugging Face Hub. The strings come back from browsers, so every one is
checked before anything is read.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from huggingface_hub import get_hf_file_metadata, hf_hub_url

from ganapp import checkpoints, latents
from ganapp.checkpoints import CONFIG, WEIGHTS, TrainedModel
from ganapp.config.presets import DEFAULT_PRESET, title_of
from ganapp.config.training import TrainConfig
from ganapp.devices import best_device
from ganapp.errors import BadInput
from ganapp.runs import run_folder

MOST_MODELS = 6
UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError, BadInput)
"""What reading the settings of a foreign or damaged checkpoint can raise."""
KINDS = ("bundled", "run", "hub")
MOST_CLASSES = 200
MOST_BYTES = 300 * 2**20
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")

_opened: OrderedDict[tuple[str, int], TrainedModel] = OrderedDict()
_fetched: dict[str, Path] = {}
_busy: dict[str, threading.Lock] = {}
_lock = threading.Lock()


Use = Literal[
    "draw",
    "draw a class",
    "draw a text",
    "obey numbers",
    "judge",
    "translate",
    "repair",
    "look inside",
]
"""What one does with a model: draw from noise, draw a class, a text or letters by the numbers of a
font, judge what is drawn, translate pictures, repair damaged ones, or look at its layers.
"""


def asked_value(name: str) -> str:
    """The value of the model that an address asks for: of a bundled one by its name alone; "" for
    what cannot be a name.
    """
    kind, _, rest = name[:120].rpartition(":")
    if not (NAME.fullmatch(rest) or REPOSITORY.fullmatch(rest)) or kind not in ("", *KINDS):
        return ""
    return f"{kind or 'bundled'}:{rest}"


def uses(config: TrainConfig) -> set[Use]:
    """What a model of such settings can be used for."""
    if config.capabilities.repairs:
        return {"repair"}
    if config.capabilities.translates:
        return {"translate", "look inside"}
    found: set[Use] = {"draw", "look inside"}
    if config.capabilities.reads_text:
        found.add("draw a text")
    if not config.capabilities.encodes:
        found.add("judge")
    if config.capabilities.obeys_attributes:
        found.add("obey numbers")
    return found | {"draw a class"} if config.by_class else found


def kind_of(config: TrainConfig) -> str:
    """The kind of pictures that a model learned from: data of one kind look alike, so that what
    was made for some serves the others.
    """
    return "digits" if config.dataset in ("digits", "mnist") else config.dataset


def choices(
    run_ids: Iterable[object] = (), keep: str | None = None, use: Use = "draw"
) -> list[tuple[str, str]]:
    """(label, value) of every model that can be opened for `use`: the bundled ones, then those of
    `run_ids` that have saved a model, then `keep` if it is one of the Hub's that is open.
    """
    bundled = sorted(
        checkpoints.bundled().items(), key=lambda item: (item[0] != DEFAULT_PRESET, item[0])
    )
    folders = [(f"bundled:{name}", folder) for name, folder in bundled]
    for run_id in run_ids:
        with contextlib.suppress(BadInput):
            folders.append((f"run:{run_id}", run_folder(run_id)))
    known = [
        (value, _described(folder)) for value, folder in folders if (folder / WEIGHTS).is_file()
    ]
    titles = [described.title for _, described in known]
    found = []
    for value, described in known:
        kind, _, name = value.partition(":")
        detail = (
            f", your run {name}"
            if kind == "run"
            else f" ({name})"
            if titles.count(described.title) > 1
            else ""
        )
        if use in described.uses:
            found.append((described.title + detail, value))
    if keep and keep.startswith("hub:") and keep[4:] in _fetched:
        described = _described(_fetched[keep[4:]])
        if use in described.uses:
            found.append((f"{keep[4:]} (Hub)", keep))
    return found


def load(value: object) -> TrainedModel:
    """The model that `value` names, in eval mode on the best device. Raises `BadInput` saying why
    there is none.

    At most `MOST_MODELS` stay open; a run is opened again after it has saved a newer model.
    """
    folder, key = place(value)
    assert isinstance(value, str)
    with _lock:
        if key in _opened:
            _opened.move_to_end(key)
            return _opened[key]
        busy = _busy.setdefault(value, threading.Lock())
    with busy:  # a classroom that asks for one model at once loads it once
        with _lock:
            if key in _opened:
                return _opened[key]
        _one_thread()
        model = _usable(checkpoints.load(folder, best_device()), value)
        with _lock:
            for old in [known for known in _opened if known[0] == value]:
                del _opened[old]
            _opened[key] = model
            while len(_opened) > MOST_MODELS:
                _opened.popitem(last=False)
            _busy.pop(value, None)
    return model


def place(value: object) -> tuple[Path, tuple[str, int]]:
    """The folder of the model that `value` names, and what changes as soon as another model lies in
    it. `BadInput` as of `open`.
    """
    folder = _folder(value)
    assert isinstance(value, str)
    try:
        return folder, (value, (folder / WEIGHTS).stat().st_mtime_ns)
    except OSError:
        raise BadInput(
            f"The model {value.partition(':')[2]!r} is no longer there: choose another one."
        ) from None


def forget() -> None:
    """Closes every model."""
    with _lock:
        _opened.clear()
        _fetched.clear()


def settings_of(value: object) -> TrainConfig:
    """The settings of the model that `value` names, read without its weights. `BadInput` if there
    is no such model, or none that this app understands.
    """
    folder, _ = place(value)
    try:
        return _read(folder)[1]
    except UNREADABLE:
        raise BadInput("The settings of this model cannot be read: choose another one.") from None


def model_title(model: TrainedModel) -> str:
    """What to call a model in a sentence."""
    return _title(model.facts.get("preset"), model.config.model, model.config.dataset)


def hub_value(text: object) -> str:
    """The value of what somebody typed or pasted as a repository: "owner/name" or its address.
    `BadInput` if it is neither.
    """
    name = (
        str(text or "").strip().removeprefix("https://").removeprefix("huggingface.co/").strip("/")
    )
    if not REPOSITORY.fullmatch(name) or ".." in name or "--" in name:
        raise BadInput(
            f"{name[:60]!r} is not a repository name of the Hugging Face Hub; those look like"
            " owner/name."
        )
    return f"hub:{name}"


def _folder(value: object) -> Path:
    """The folder that `value` names; the Hub's are fetched if need be."""
    kind, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind == "bundled" and NAME.fullmatch(name) and name in checkpoints.bundled():
        return checkpoints.bundled()[name]
    if kind == "run":
        folder = run_folder(name)
        if not (folder / WEIGHTS).is_file():
            raise BadInput(
                "This run has not saved a model yet: wait for its first epochs, or choose another"
                " model."
            )
        return folder
    if kind == "hub" and hub_value(name) == value:
        return _fetch(name)
    if not value:
        raise BadInput("Choose a trained model first.")
    raise BadInput(f"There is no model called {str(value)[:60]!r} here: choose one from the list.")


def _fetch(repo: str) -> Path:
    with _lock:
        folder = _fetched.get(repo)
    if folder is None or not (folder / WEIGHTS).is_file():
        _refuse_large(repo)
        folder = checkpoints.fetch(repo)
        with _lock:
            _fetched[repo] = folder
    return folder


def _refuse_large(repo: str) -> None:
    """`BadInput` if the Hub announces more bytes than such a model can have; whatever else is wrong
    `checkpoints.fetch` says better.
    """
    for name, most in ((CONFIG, 2**20), (WEIGHTS, MOST_BYTES)):
        try:
            size = get_hf_file_metadata(hf_hub_url(repo, name), token=False, timeout=15).size
        except Exception:
            return
        if size and size > most:
            raise BadInput(
                f"{name} of {repo!r} has {size / 2**20:.0f} MB, more than the {most / 2**20:.0f} MB"
                " that this app opens."
            )


@functools.cache
def _one_thread() -> None:
    """A picture takes one thread a millisecond. With more a picture, the threads of thirty visitors
    wait for each other.
    """
    torch.set_num_threads(1)


def _usable(model: TrainedModel, value: str) -> TrainedModel:
    """The model, if it draws pictures that can be shown."""
    name = value.partition(":")[2]
    if model.channels not in (1, 3):
        raise BadInput(
            f"The model {name!r} draws pictures of {model.channels} channels; grey or"
            " red-green-blue ones can be shown."
        )
    if model.classes > MOST_CLASSES:
        raise BadInput(
            f"The model {name!r} knows {model.classes} classes; up to {MOST_CLASSES} can be shown."
        )
    if model.translates:
        drawn = model.translate(
            np.zeros((1, model.channels, *[model.config.image_size] * 2), np.float32), 1
        )
    else:
        drawn = model.images(latents.noise(0, model.config.latent_size, 2), np.zeros(2, np.int64))
    if not np.isfinite(drawn).all():
        raise BadInput(
            f"The model {name!r} draws pixels that are not numbers, so its training diverged:"
            " choose another one."
        )
    return model


class Description(NamedTuple):
    """What a list says of a checkpoint."""

    title: str
    uses: set[Use]


def _described(folder: Path) -> Description:
    """The checkpoint in `folder`, read without its weights."""
    try:
        preset, config = _read(folder)
        # A bundled model is what it is called, whatever settings made it; its card has them.
        if isinstance(preset, str) and folder == checkpoints.bundled().get(folder.name):
            preset = preset.partition(",")[0]
        return Description(_title(preset, config.model, config.dataset), uses(config))
    except UNREADABLE:
        return Description(folder.name[:60], {"draw"})


def _read(folder: Path) -> tuple[object, TrainConfig]:
    """The preset and the settings of the checkpoint in `folder`."""
    described = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return described["facts"].get("preset"), TrainConfig.from_saved(described["settings"])


def _title(preset: object, model: object, dataset: object) -> str:
    title = title_of(preset) if isinstance(preset, str) else ""
    return (title or f"{str(model).upper()} on {dataset}")[:60]
