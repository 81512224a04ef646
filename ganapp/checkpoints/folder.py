"""Checkpoints and training states in folders: written, found and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from ganapp.checkpoints.card import model_card, sample_sheet
from ganapp.checkpoints.layout import CARD, CONFIG, FORMAT_VERSION, SAMPLES, STATE, WEIGHTS
from ganapp.checkpoints.model import TrainedModel, TrainingState
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.files import expanded, save_atomically

INSTALLED = Path(__file__).resolve().parents[1] / "bundled"
"""Where the wheel puts the trained models."""
BUNDLED = INSTALLED if INSTALLED.is_dir() else Path(__file__).resolve().parents[2] / "checkpoints"
"""The trained models that ship with the app."""


def save(model: TrainedModel, folder: Path) -> None:
    """Writes the model into `folder` (made if need be). Each file is replaced whole, so a reader
    never meets half of one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_atomically(
        folder / WEIGHTS,
        lambda path: save_file(
            {key: value.contiguous() for key, value in model.state_dict().items()}, path
        ),
    )
    described = {
        "format_version": FORMAT_VERSION,
        "settings": model.config.to_dict(),
        "class_names": list(model.class_names),
        "channels": model.channels,
        "facts": model.facts,
    }
    save_atomically(
        folder / CONFIG,
        lambda path: path.write_text(json.dumps(described, indent=1), encoding="utf-8"),
    )
    save_atomically(
        folder / CARD, lambda path: path.write_text(model_card(model), encoding="utf-8")
    )
    save_atomically(folder / SAMPLES, lambda path: sample_sheet(model).save(path, "PNG"))


def load(folder: Path, device: torch.device | str = "cpu") -> TrainedModel:
    """The model in `folder`, on `device`. Raises `BadInput` saying what is wrong with a folder that
    is not such a model.
    """
    if not folder.is_dir():
        raise BadInput(
            f"There is no checkpoint folder {folder.name!r}; the bundled ones are"
            f" {', '.join(bundled()) or 'missing too'}."
        )
    if not (folder / WEIGHTS).is_file() or not (folder / CONFIG).is_file():
        pickles = [
            path.name
            for path in folder.iterdir()
            if path.suffix in {".pt", ".pth", ".bin", ".pkl", ".ckpt"}
        ]
        if pickles:
            raise BadInput(
                f"{pickles[0]} may hold a pickle, which can run any program when opened, so it"
                f" stays closed: a checkpoint needs {WEIGHTS} and {CONFIG}."
            )
        raise BadInput(
            f"The folder {folder.name!r} is no checkpoint: it needs {WEIGHTS} and {CONFIG}."
        )
    try:
        described = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        model = TrainedModel(
            **{
                key: described[key]
                for key in ("settings", "class_names", "channels", "facts", "format_version")
            }
        )
    except BadInput as error:
        raise BadInput(f"The checkpoint {folder.name!r} cannot be used: {error}") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput(
            f"{CONFIG} of {folder.name!r} does not describe a ganapp model"
            f" ({type(error).__name__}): was it made by another program?"
        ) from error
    try:
        model.load_state_dict(load_file(folder / WEIGHTS))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise BadInput(
            f"{WEIGHTS} of {folder.name!r} is damaged or of another model than {CONFIG} describes:"
            " fetch or train it again."
        ) from error
    _check_finite(model.state_dict(), f"{WEIGHTS} of {folder.name!r}")
    return model.to(device)


def _check_finite(tensors: Mapping[str, torch.Tensor], what: str) -> None:
    """`BadInput` that names the first of the tensors that holds what is no finite number."""
    for name, value in tensors.items():
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise BadInput(
                f"{what} holds numbers that are not finite, in {name[:80]!r}: the training had"
                " diverged. Train it again with lower learning rates, or choose another one."
            )


def bundled() -> dict[str, Path]:
    """The checkpoints that ship with the app, by name."""
    if not BUNDLED.is_dir():
        return {}
    return {path.name: path for path in sorted(BUNDLED.iterdir()) if (path / WEIGHTS).is_file()}


def find(name: str) -> Path:
    """The folder of a checkpoint given by the name of a bundled one or by its path."""
    return bundled().get(name) or expanded(name)


def save_state(state: TrainingState, folder: Path) -> None:
    """Writes the training state beside the model, replacing the last one whole."""
    facts = {
        "settings": json.dumps(state.config.to_dict()),
        "step": str(state.step),
        "class_names": json.dumps(state.class_names),
        "channels": str(state.channels),
        "format_version": str(FORMAT_VERSION),
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_atomically(folder / STATE, lambda path: save_file(state.tensors, path, metadata=facts))


def load_state(folder: Path) -> TrainingState:
    """The training state in `folder`; `BadInput` if there is none or it cannot be read."""
    path = folder / STATE
    if not path.is_file():
        raise BadInput(f"There is nothing to resume in {folder.name!r}: it has no {STATE}.")
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
            if facts["format_version"] != str(FORMAT_VERSION):
                raise BadInput(
                    f"its state has format version {facts['format_version'][:20]!r}, but this app"
                    f" reads version {FORMAT_VERSION}."
                )
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        _check_finite(tensors, STATE)
        return TrainingState(
            TrainConfig.from_saved(json.loads(facts["settings"])),
            int(facts["step"]),
            tensors,
            tuple(json.loads(facts["class_names"])),
            int(facts["channels"]),
        )
    except BadInput as error:
        raise BadInput(f"The run in {folder.name!r} cannot be resumed: {error}") from error
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise BadInput(
            f"{STATE} in {folder.name!r} cannot be read, so this run cannot be resumed: start a new"
            " one."
        ) from error
