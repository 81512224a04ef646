"""What comes from browsers, checked: each function gives a value that can be used, or raises
`BadInput` that says what is wrong. Knows no Gradio.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import math
from collections.abc import Iterable
from typing import TypeGuard, TypeVar

import numpy as np
from PIL import Image, UnidentifiedImageError

from ganapp.checkpoints import TrainedModel
from ganapp.config.settings import LARGEST_SEED
from ganapp.errors import BadInput
from ganapp.latents import MODES, Mode
from ganapp.pictures import from_uint8

Name = TypeVar("Name", bound=str)
MOST_CHARACTERS = 100_000
PNG = "data:image/png;base64,"


class Expired(BadInput):
    """What a page asks about is not known any more."""


def _finite(value: object) -> TypeGuard[int | float]:
    with contextlib.suppress(OverflowError):  # a whole number beyond any float
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        )
    return False


def _quote(value: object) -> str:
    return "empty" if value is None else repr(str(value)[:40])


def number(value: object, low: float, high: float, what: str) -> float:
    """`value` as a number of [low, high]."""
    if not _finite(value) or not low <= value <= high:
        raise BadInput(f"{what} is {_quote(value)}, but must be a number from {low:g} to {high:g}.")
    return float(value)


def whole(value: object, low: int, high: int, what: str) -> int:
    """`value` as a whole number of [low, high]."""
    if not _finite(value) or value != int(value) or not low <= value <= high:
        raise BadInput(
            f"{what} is {_quote(value)}, but must be a whole number from {low} to {high}."
        )
    return int(value)


def seed_of(value: object, what: str = "The seed") -> int:
    """`value` as a seed."""
    return whole(value, 0, LARGEST_SEED, what)


def mode_of(value: object, what: str = "The path") -> Mode:
    """`value` as "lerp" or "slerp"."""
    return one_of(value, MODES, what)


def class_of(model: TrainedModel, value: object, what: str = "The class") -> int:
    """`value` as a class of the model; 0 where none is chosen or the model knows none."""
    return whole(value, 0, model.classes - 1, what) if model.classes and value is not None else 0


def classes_of(model: TrainedModel, values: object) -> tuple[int, ...]:
    """The chosen classes in the model's order."""
    if not model.classes:
        raise BadInput(
            "This model was trained without classes, so you cannot choose one: choose a conditional"
            " one."
        )
    chosen = (
        {class_of(model, value) for value in values} if isinstance(values, list | tuple) else set()
    )
    if not chosen:
        raise BadInput("No class is chosen: tick at least one.")
    return tuple(sorted(chosen))


def place_of(value: object) -> tuple[float, float]:
    """A place on the pad, "x,y" in [0, 1] from its top left corner."""
    try:
        x, y = (float(part) for part in str(value)[:60].split(","))
    except ValueError:
        raise BadInput(
            f"The position on the pad is {str(value)[:40]!r}, but must be two numbers from 0 to 1."
        ) from None
    return number(x, 0, 1, "The pad's x"), number(y, 0, 1, "The pad's y")


def one_of(value: object, known: Iterable[Name], what: str) -> Name:
    """`value` as one of the `known` names."""
    names = tuple(known)
    for name in names:
        if value == name:
            return name
    wanted = " or ".join(names) if len(names) == 2 else f"one of {', '.join(names)}"
    raise BadInput(f"{what} is {_quote(value)}, but must be {wanted}.")


def decode_picture(model: TrainedModel, sent: object) -> np.ndarray:
    """A picture that a browser sent as the data URI of a PNG of the model's size: float32 (1, C, S,
    S) in [-1, 1].
    """
    side = model.config.image_size
    if not isinstance(sent, str) or not sent.startswith(PNG) or len(sent) > MOST_CHARACTERS:
        raise BadInput("The page sent no picture that this app can read: load the page again.")
    try:
        with Image.open(
            io.BytesIO(base64.b64decode(sent.removeprefix(PNG), validate=True)), formats=["PNG"]
        ) as file:
            width, height = file.size
            if (width, height) == (side, side):
                pixels = np.asarray(file.convert("L" if model.channels == 1 else "RGB"))
    except (
        binascii.Error,
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ):
        raise BadInput(
            "The page sent a picture that cannot be opened: load the page again."
        ) from None
    if (width, height) != (side, side):
        raise BadInput(
            f"The page sent {width} x {height} pixels, but this model needs {side} x {side}: load"
            " the page again."
        )
    return from_uint8(pixels.reshape(1, side, side, -1))
