"""What browsers are shown, as plain data: `src` is a picture as a data URI, `side` its side in
pixels, `alt` what it shows, `note` a sentence below it, `at` the place it was drawn for, `marks`
where the markers of other parts of the page stand, from 0 to 1. Knows no Gradio.
"""

from __future__ import annotations

import base64
import itertools
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from ganapp import latents, pictures
from ganapp.checkpoints import TrainedModel
from ganapp.ui.parts.catalog import model_title
from ganapp.ui.parts.inputs import number, seed_of

NO_TRUNCATION = 3.0
REMEMBERED = 24

Props = dict[str, Any]
_numbers = itertools.count(time.time_ns() // 1000)  # exact in a browser too
P = ParamSpec("P")
R = TypeVar("R")


def stamp() -> int:
    """A number above all earlier ones: it makes equal props new ones, and tells which of two
    answers was asked for later.
    """
    return next(_numbers)


def remembered(
    function: Callable[Concatenate[TrainedModel, P], R],
) -> Callable[Concatenate[TrainedModel, P], R]:
    """`function(model, ...)` with its last answers kept as long as the model is: a classroom asks
    for the same first page.
    """
    answers: weakref.WeakKeyDictionary[TrainedModel, OrderedDict[object, R]] = (
        weakref.WeakKeyDictionary()
    )
    lock = threading.Lock()

    def wrapped(model: TrainedModel, /, *arguments: P.args, **options: P.kwargs) -> R:
        key = (arguments, tuple(options.items()))
        try:
            hash(key)
        except TypeError:  # only a forged request holds lists, and it is about to be refused
            return function(model, *arguments, **options)
        with lock:
            known = answers.setdefault(model, OrderedDict())
            if key in known:
                known.move_to_end(key)
                return known[key]
        answer = function(model, *arguments, **options)
        with lock:
            known[key] = answer
            while len(known) > REMEMBERED:
                known.popitem(last=False)
        return answer

    wrapped.__doc__ = function.__doc__
    return wrapped


def data_uri(file: bytes, kind: str = "png") -> str:
    """The bytes of a picture file as an address that needs no file."""
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"


def src(pixels: np.ndarray) -> str:
    """One picture (H, W, C) as a data URI; PNG, so that every pixel is as it was drawn."""
    return data_uri(pictures.encode(pictures.image(pixels)))


def class_name(model: TrainedModel, label: int) -> str:
    """The name of a class, short enough for a heading."""
    return str(model.class_names[label])[:40]


def subject(model: TrainedModel, label: int) -> str:
    """The model and the class it draws, for alt texts."""
    return (
        f"{model_title(model)}, class {class_name(model, label)}"
        if model.classes
        else model_title(model)
    )


def score(value: float, digits: int = 2) -> str:
    """A probability or a critic's score for a caption, as in 0.87 or -0.35."""
    return f"{value:.{digits}f}"


def draw(model: TrainedModel, places: np.ndarray, label: int) -> np.ndarray:
    """Pictures of one class at `places` (..., size), uint8 (..., H, W, C)."""
    flat = places.reshape(-1, places.shape[-1])
    drawn = model.draw(flat, np.full(len(flat), label))
    return drawn.reshape(*places.shape[:-1], *drawn.shape[1:])


def noise_of(model: TrainedModel, seed: object, count: int, truncation: object) -> np.ndarray:
    """The first `count` z of a seed, cut off at `truncation` unless that is `NO_TRUNCATION`,
    (count, size).
    """
    limit = number(truncation, 0, NO_TRUNCATION, "The truncation")
    noise = latents.noise(seed_of(seed), model.config.latent_size, count)
    return noise if limit == NO_TRUNCATION else latents.truncated(noise, limit)


def diversity(images: np.ndarray) -> float:
    """How much pictures (rows, columns, C, H, W) in [-1, 1] of one column differ: their root mean
    square distance over all pairs, pixels counted in [0, 1], averaged over the columns.
    """
    rows = len(images)
    if rows < 2:
        return 0.0
    # The mean square distance of all pairs is twice the variance.
    variance = (images.astype(np.float64) / 2).var(0).mean((1, 2, 3)) * rows / (rows - 1)
    return float(np.sqrt(2 * variance).mean())


def colours(images: np.ndarray) -> tuple[str, str]:
    """The usual colours of the paper and of what is drawn on it in pictures (N, H, W, C), as
    #rrggbb.
    """
    channels = images.shape[-1]
    pixels = images.reshape(-1, channels).astype(float)
    paper = np.median(images[:, [0, -1]].reshape(-1, channels), 0)
    drawn = pixels[np.abs(pixels - paper).mean(1) > 75]
    return _colour(paper), _colour(np.median(drawn, 0) if len(drawn) else 255 - paper)


def _colour(values: np.ndarray) -> str:
    levels: Any = np.resize(np.rint(values).astype(int), 3)
    return "#" + "".join(f"{level:02x}" for level in levels)
