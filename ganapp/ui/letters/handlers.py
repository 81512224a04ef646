"""What the *Letters* tab shows, from a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from ganapp import latents, letterforms
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import letters
from ganapp.datasets.letters import Font
from ganapp.datasets.pictures import Part
from ganapp.errors import BadInput
from ganapp.letterforms import ATTRIBUTES, LETTERS
from ganapp.ui.parts.inputs import number, seed_of
from ganapp.ui.parts.rendering import Props, remembered, src

LEARNED, NEVER_SEEN = "learned from", "never seen in training"
STEPS = 5
"""Styles on the way from one font to another, both ends included."""


class Slider(NamedTuple):
    """How the page shows an attribute: lengths in percent of the capitals' height."""

    name: str
    label: str
    info: str
    factor: float
    unit: str
    start: float


SLIDERS = (
    Slider(
        "weight", "Weight", "How thick the stems are, in % of the capitals' height.", 100, "%", 20
    ),
    Slider("slant", "Slant", "How far the letters lean to the right, in degrees.", 1, "°", 8),
    Slider(
        "width", "Width", "How wide the letters are on average, in % of their height.", 100, "%", 80
    ),
    Slider(
        "serif",
        "Serif",
        "How far the feet of the stems stick out, in % of the height.",
        100,
        "%",
        22,
    ),
)


class Style(NamedTuple):
    """What decides how every letter looks: attributes (4,) as networks get them, and the seed of
    z.
    """

    attributes: np.ndarray
    seed: int


def style_of(seed: object, values: tuple[object, ...]) -> Style:
    """What the page's sliders say, or `BadInput`."""
    measured = []
    for attribute, slider, value in zip(ATTRIBUTES, SLIDERS, values, strict=True):
        low, high = (round(end * slider.factor, 6) for end in (attribute.least, attribute.most))
        measured.append(number(value, low, high, f"The {slider.name}") / slider.factor)
    return Style(letterforms.scaled(np.array(measured)), seed_of(seed))


def word(model: TrainedModel, text: object, seed: object, *values: object) -> Props:
    """A word in the style of the sliders."""
    spelled, style = letterforms.spelled(text), style_of(seed, values)
    return {
        "word": spelled,
        "src": src(_line(_drawn(model, spelled, style))),
        "alt": f"The word {spelled}, generated",
    }


def near(model: TrainedModel, text: object, *values: object) -> Props:
    """The word in the real fonts whose numbers are nearest to the sliders'."""
    spelled, style = letterforms.spelled(text), style_of(0, values)
    parts: tuple[tuple[Part, str], ...] = (("train", LEARNED), ("test", NEVER_SEEN))
    return {
        "lines": [
            _real_line(model, spelled, part, nearest(style.attributes, part), where)
            for part, where in parts
        ]
    }


def checked(model: TrainedModel, seed: object, *values: object) -> Props:
    """All letters in the style of the sliders, and what is measured in them."""
    style = style_of(seed, values)
    images = _drawn(model, LETTERS, style)
    found = letterforms.measured(images)
    asked = letterforms.unscaled(style.attributes)
    half = len(LETTERS) // 2
    sheet = images.reshape(2, half, *images.shape[1:]).swapaxes(1, 2)
    return {
        "src": src(_grey(sheet.reshape(2 * images.shape[1], -1))),
        "alt": "The letters A to Z, generated",
        "rows": [
            {
                "name": slider.label,
                "asked": _shown(slider, asked[place]),
                "measured": _shown(slider, found[place]),
            }
            for place, slider in enumerate(SLIDERS)
        ],
    }


def between(model: TrainedModel, text: object, seed: object, a: object, b: object) -> Props:
    """A word in the held-out font A, generated in steps from A's numbers to B's, and in B."""
    spelled, start = letterforms.spelled(text), seed_of(seed)
    first, last = (font_of(name) for name in (a, b))
    known = letters.attributes("test")
    lines = [_real_line(model, spelled, "test", first, "real, A")]
    for share in np.linspace(0, 1, STEPS):
        style = Style(latents.lerp(known[first], known[last], share), start)
        lines.append(
            {
                "src": src(_line(_drawn(model, spelled, style))),
                "caption": f"generated, {100 * share:.0f} % of the way",
                "alt": f"The word {spelled}, generated {100 * share:.0f} % of the way from A to B",
            }
        )
    return {"lines": [*lines, _real_line(model, spelled, "test", last, "real, B")]}


def font_names() -> list[str]:
    """The fonts that one can go between: those that nothing learns from."""
    return [font.name for font in letters.fonts("test")]


def font_of(name: object) -> int:
    """The number of a held-out font."""
    known = font_names()
    if name not in known:
        raise BadInput(
            f"There is no font called {str(name)[:60]!r} here: choose one from the list."
        )
    return known.index(str(name))


def nearest(attributes: np.ndarray, part: Part) -> int:
    """The font of a part whose attributes, as networks get them, are nearest."""
    return int(np.square(letters.attributes(part) - attributes).sum(1).argmin())


def described(font: Font) -> str:
    """A font's name and numbers in a line."""
    numbers = ", ".join(
        f"{slider.name} {_shown(slider, value)}"
        for slider, value in zip(SLIDERS, font.measures, strict=True)
    )
    return f"{font.name}: {numbers}"


def _shown(slider: Slider, value: float) -> str:
    space = " " if slider.unit == "%" else ""
    return "not found" if np.isnan(value) else f"{slider.factor * value:.0f}{space}{slider.unit}"


def _drawn(model: TrainedModel, text: str, style: Style) -> np.ndarray:
    """The letters of a text, (N, S, S) in [0, 1]."""
    if model.class_names != tuple(LETTERS):
        raise BadInput("This model draws other things than the letters A to Z: choose another one.")
    return _alphabet(model, style.seed, tuple(style.attributes.tolist()), text)


@remembered
def _alphabet(
    model: TrainedModel, seed: int, attributes: tuple[float, ...], text: str
) -> np.ndarray:
    places = [LETTERS.index(letter) for letter in text]
    noise = np.repeat(latents.noise(seed, model.config.latent_size), len(places), 0)
    asked = np.tile(np.array(attributes, np.float32), (len(places), 1))
    weights = np.concatenate([np.eye(len(LETTERS), dtype=np.float32)[places], asked], 1)
    result: np.ndarray = (model.images(noise, weights).mean(1) + 1) / 2
    return result


def _real_line(
    model: TrainedModel, text: str, part: Part, place: int, where: str
) -> dict[str, str]:
    font = letters.fonts(part)[place]
    first = place * len(LETTERS)
    images = _real(part, model.config.image_size)
    chosen = images[[first + LETTERS.index(letter) for letter in text]] / np.float32(255)
    return {
        "src": src(_line(chosen)),
        "caption": f"{described(font)} ({where})",
        "alt": f"The word {text} in {font.name}",
    }


@functools.cache
def _real(part: Part, side: int) -> np.ndarray:
    """All real letters of a part, uint8 (N, S, S)."""
    pictures = letters.load_letters(lambda share, what: None, part).resized(side)
    result: np.ndarray = pictures.images[:, 0].numpy()
    return result


def _line(images: np.ndarray) -> np.ndarray:
    return _grey(letterforms.set_in_line(images))


def _grey(values: np.ndarray) -> np.ndarray:
    """Grey values (H, W) in [0, 1] as a picture uint8 (H, W, 1)."""
    result: np.ndarray = (255 * values).round().astype(np.uint8)[..., None]
    return result
