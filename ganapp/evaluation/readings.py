"""What can be read in a picture, each as one number: the slant of a digit, the glasses of a face.

digits         slant in degrees, stroke width, width and height in pixels, from the picture
itself (as in Morpho-MNIST, Castro et al. 2019, arXiv:1809.10780); where a model
has no classes, also how likely the classifier finds each digit
drawn faces    how likely the reader of faces (`attributes.py`) finds each attribute
clothes        brightness, width and height
other colours  brightness, saturation and warmth
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from ganapp.config.settings import DatasetName
from ganapp.config.training import TrainConfig
from ganapp.datasets.faces import YES_OR_NO
from ganapp.evaluation import attributes, classifier, features

FACES: tuple[DatasetName, ...] = ("faces", "faces-glasses")
INK = (0.02, 0.98)
"""A digit reaches from the 2nd to the 98th hundredth of its ink."""


class Reading(NamedTuple):
    """Something that can be read: the `name` of having more of it, the one of having `less`, and
    the `unit` of its number; a `chance` is in [0, 1].
    """

    name: str
    less: str
    unit: str = ""
    chance: bool = False


Reader = Callable[[np.ndarray], np.ndarray]
"""Pictures (N, H, W, C) uint8 -> numbers (N, readings)."""

LESS = {"bald": "not bald", "blond": "not blond", "dark skin": "light skin"}
STROKES = (
    Reading("leaning right", "leaning left", "°"),
    Reading("thick", "thin", "pixels"),
    Reading("wide", "narrow", "pixels"),
    Reading("tall", "short", "pixels"),
)
COLOURS = (
    Reading("bright", "dark"),
    Reading("colourful", "grey"),
    Reading("warm", "cold"),
)
SHADES = (Reading("bright", "dark"), *STROKES[2:])
GREY: tuple[DatasetName, ...] = ("fashion-mnist", "kmnist", "emnist-letters")


def readings_of(config: TrainConfig) -> tuple[tuple[Reading, ...], Reader]:
    """What can be read in a model's pictures, and how."""
    if config.dataset in FACES:
        return tuple(
            Reading(name, LESS.get(name, f"no {name}"), chance=True) for name in YES_OR_NO
        ), _faces
    if features.suited(config.dataset) == "digits":
        if config.conditional:
            return STROKES, _strokes
        digits = tuple(Reading(f"a {k}", f"no {k}", chance=True) for k in range(classifier.DIGITS))
        return STROKES + digits, _strokes_and_digits
    return (SHADES, _shades) if config.dataset in GREY else (COLOURS, _colours)


def strokes(images: np.ndarray) -> np.ndarray:
    """Of white strokes on black (N, H, W, C) uint8: slant in degrees from upright, positive to the
    right; stroke width, width and height in pixels, (N, 4). An empty picture has zeros.
    """
    ink = images.astype(np.float64).mean(3) / 255
    total = ink.sum((1, 2)).clip(1e-9)
    rows, columns = (np.arange(side) for side in ink.shape[1:])
    y = rows - (ink.sum(2) @ rows / total)[:, None]
    x = columns - (ink.sum(1) @ columns / total)[:, None]
    across = np.einsum("nhw,nh,nw->n", ink, y, x) / total
    down = np.einsum("nhw,nh->n", ink, y**2) / total
    # A shear x = -y tan(slant) has the moments across = -down tan(slant); y points down.
    slant = np.degrees(np.arctan(-across / down.clip(1e-9)))
    return np.stack([slant, _stroke_width(ink), *_extents(ink)], 1)


def _stroke_width(ink: np.ndarray) -> np.ndarray:
    """Twice the area over the length of the outline, (N,): w for a long stroke of width w."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    down, across = np.diff(padded[:, :, :-1], axis=1), np.diff(padded[:, :-1], axis=2)
    outline = np.hypot(down, across).sum((1, 2))
    result: np.ndarray = 2 * ink.sum((1, 2)) / outline.clip(1e-9) * (outline > 1e-6)
    return result


def _extents(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The width and the height that hold the ink from its 2nd to its 98th hundredth, (N,) each."""
    found = []
    for axis in (1, 2):
        along = ink.sum(axis).cumsum(1)
        share = along / along[:, -1:].clip(1e-9)
        first, last = ((share < part).sum(1) for part in INK)
        found.append((last - first + 1.0) * (along[:, -1] > 1e-6))
    return found[0], found[1]


def _strokes(images: np.ndarray) -> np.ndarray:
    return strokes(classifier.as_read(images))


def _strokes_and_digits(images: np.ndarray) -> np.ndarray:
    network, _ = classifier.shipped()
    with torch.no_grad():
        logits = network.last(torch.from_numpy(classifier.features(network, images)))
    return np.concatenate([_strokes(images), logits.softmax(1).numpy()], 1)


def _faces(images: np.ndarray) -> np.ndarray:
    found = attributes.chances_of(attributes.shipped()[0], images)
    return np.stack([found[name] for name in YES_OR_NO], 1)


def _shades(images: np.ndarray) -> np.ndarray:
    grey = images.astype(np.float64).mean(3) / 255
    return np.stack([grey.mean((1, 2)), *_extents(grey)], 1)


def _colours(images: np.ndarray) -> np.ndarray:
    """Brightness, saturation (the largest channel less the smallest) and warmth (red less blue),
    means over the picture in [0, 1].
    """
    pixels = np.broadcast_to(images, (*images.shape[:3], 3)).astype(np.float64) / 255
    return np.stack(
        [
            pixels.mean((1, 2, 3)),
            (pixels.max(3) - pixels.min(3)).mean((1, 2)),
            (pixels[..., 0] - pixels[..., 2]).mean((1, 2)),
        ],
        1,
    )
