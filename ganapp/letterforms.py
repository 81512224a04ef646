"""What a set of capitals looks like in four numbers, measured from their pictures.

A font is drawn as 26 pictures, A to Z, white on black. In each the capitals are as high as
`CAP_HEIGHT` says and stand on the same line, so that a letter's place in its picture says nothing
of the font. The same code measures large drawings of the outlines and what a generator draws.

All lengths are shares of the capitals' height:

- weight: how thick the upright stems of F, H, L, P and T are, across the stroke;
- slant: how far the straight left edges of B, D, E, F, H, K, L, P and R lean to the right, in
  degrees;
- width: how wide the letters are, on average over A to Z, after the slant is taken back;
- serif: by how much the feet of F, H and P are wider than their stems. 0 in a sans serif.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ganapp.errors import BadInput

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIDE = 64
CAP_TOP, CAP_HEIGHT = 9 / 64, 36 / 64
"""Where the capitals begin and how high they are, as shares of the picture's side."""

INK = 0.2
"""A pixel with at least this share of white belongs to a letter."""


class Attribute(NamedTuple):
    """One number of a font. Networks get it scaled so that `least` is -1 and `most` is 1."""

    name: str
    least: float
    most: float
    unit: str


ATTRIBUTES = (
    Attribute("weight", 0.03, 0.33, "of the height"),
    Attribute("slant", 0.0, 14.0, "degrees"),
    Attribute("width", 0.45, 1.05, "of the height"),
    Attribute("serif", 0.0, 0.3, "of the height"),
)
_LEAST = np.array([attribute.least for attribute in ATTRIBUTES])
_RANGE = np.array([attribute.most - attribute.least for attribute in ATTRIBUTES])

_EDGES = "BDEFHKLPR"
_STEMS = {
    "F": (0.65, 0.88),
    "H": (0.62, 0.85),
    "L": (0.2, 0.7),
    "P": (0.65, 0.88),
    "T": (0.4, 0.85),
}
"""Between which heights, counted from the top, a letter shows its first stem alone."""
_FEET = "FHP"


MOST_LETTERS = 12
"""So many letters of a word fit on a line."""


def spelled(word: object) -> str:
    """A word as capitals; `BadInput` where it is none that can be drawn."""
    text = word.strip() if isinstance(word, str) else ""
    if not text:
        raise BadInput("There is no word to draw: type one of the letters A to Z.")
    if len(text) > MOST_LETTERS:
        raise BadInput(
            f"The word has {len(text):,} characters, but at most {MOST_LETTERS} fit on the line:"
            " type a shorter one."
        )
    for sign in text:
        if not (sign.isascii() and sign.isalpha()):
            shown = "A space" if sign.isspace() else f"“{sign}”" if sign.isprintable() else "A sign"
            raise BadInput(
                f"{shown} is not one of the letters A to Z, and the networks learned no others:"
                " type a word of these."
            )
    return text.upper()


def set_in_line(letters: np.ndarray) -> np.ndarray:
    """Pictures of letters (N, S, S) in [0, 1] side by side, (S, W): each without the black at its
    sides, with the same gap between all.
    """
    side = letters.shape[1]
    gap = np.zeros((side, max(1, round(0.1 * side))), letters.dtype)
    parts = [gap]
    for picture in letters:
        # Half as bright as the letter: a faint speck beside it must not push its neighbour away.
        inked = np.flatnonzero((picture >= max(INK, 0.5 * float(picture.max()))).any(0))
        if len(inked):
            parts += [picture[:, inked[0] : inked[-1] + 1], gap]
    return np.concatenate(parts, 1)


def scaled(values: np.ndarray) -> np.ndarray:
    """Measured attributes (..., 4) in their units -> as networks get them, float32."""
    result: np.ndarray = (2 * (values - _LEAST) / _RANGE - 1).astype(np.float32)
    return result


def unscaled(values: np.ndarray) -> np.ndarray:
    """The inverse of `scaled`."""
    result: np.ndarray = (np.asarray(values, np.float64) + 1) / 2 * _RANGE + _LEAST
    return result


def measured(alphabet: np.ndarray) -> np.ndarray:
    """Weight, slant, width and serif of 26 pictures, A to Z, (26, S, S) in [0, 1] -> (4,)
    float64 in their units. What cannot be measured, because letters are missing, is NaN.
    """
    picture = dict(zip(LETTERS, alphabet, strict=True))
    height = CAP_HEIGHT * alphabet.shape[1]
    slope = _median(_slope(picture[letter]) for letter in _EDGES)
    stems = {letter: _runs(picture[letter], *rows) for letter, rows in _STEMS.items()}
    feet = {letter: _runs(picture[letter], 0.9, 1.0) for letter in _FEET}
    overhangs = (
        max((run.extent for run in feet[letter]), default=np.nan)
        - _median(run.extent for run in stems[letter])
        for letter in _FEET
    )
    stem = _median(_median(run.ink for run in runs) for runs in stems.values())
    return np.array(
        [
            stem * np.cos(np.arctan(slope)) / height,
            np.degrees(np.arctan(slope)),
            np.mean([_width(each, slope) for each in alphabet]) / height,
            np.maximum(_median(overhangs), 0) / height,
        ]
    )


class _Run(NamedTuple):
    """The first stroke of a row of pixels: where it begins, how much `ink` it has, and its
    `extent` where half its usual grey counts as its edge, all in pixels.
    """

    begin: float
    ink: float
    extent: float


def _runs(picture: np.ndarray, top: float, bottom: float) -> list[_Run]:
    """The first strokes of the rows between two heights, counted from the top of the capitals in
    shares of them; of those rows that have ink.
    """
    side = len(picture)
    first, last = (round((CAP_TOP + share * CAP_HEIGHT) * side) for share in (top, bottom))
    found = (_run(row) for row in picture[first : max(last, first + 1)])
    return [run for run in found if run is not None]


def _run(row: np.ndarray) -> _Run | None:
    inked = np.flatnonzero(row >= INK)
    if not len(inked):
        return None
    begin = int(inked[0])
    gaps = np.flatnonzero(row[begin:] < INK)
    end = begin + int(gaps[0]) if len(gaps) else len(row)
    # The pixels beside a stroke are grey where its edges run through them.
    grey = row[max(begin - 1, 0) : end + 1]
    usual = np.median(row[begin:end])
    return _Run(
        _edge(row, begin, begin - 1), float(grey.sum()), float(np.minimum(grey / usual, 1).sum())
    )


def _edge(row: np.ndarray, inside: int, outside: int) -> float:
    """Where the left edge of a stroke runs, whose ink is in the pixels `inside` and `outside`."""
    return inside + 1 - min(float(row[inside] + (row[outside] if outside >= 0 else 0)), 2.0)


def _slope(picture: np.ndarray) -> float:
    """How far the left edge of a letter leans to the right for each step up."""
    edges = np.array([run.begin for run in _runs(picture, 0.22, 0.78)])
    half = len(edges) // 2
    # The median of the slopes between rows half the distance apart: a bad row moves nothing.
    return _median(edges[:half] - edges[len(edges) - half :]) / max(len(edges) - half, 1)


def _width(picture: np.ndarray, slope: float) -> float:
    """How wide a letter is after its slant is taken back, in pixels."""
    rows = np.flatnonzero((picture >= INK).any(1))
    if not len(rows):
        return np.nan
    back = slope * rows
    left = np.array([_edge(row, at := int((row >= INK).argmax()), at - 1) for row in picture[rows]])
    mirrored = picture[rows, ::-1]
    right = np.array([_edge(row, at := int((row >= INK).argmax()), at - 1) for row in mirrored])
    return float((picture.shape[1] - right + back).max() - (left + back).min())


def _median(values: Iterable[float]) -> float:
    """The median of what is known of the values; NaN if nothing is."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.median(known)) if known else np.nan
