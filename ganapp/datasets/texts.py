"""What a person writes about a face, as word numbers that a model reads."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ganapp.datasets.captions import LENGTH, NUMBERS
from ganapp.errors import BadInput

MOST_CHARACTERS = 300
MOST_NAMED = 3
SAME = {
    "an": "a",
    "but": "and",
    "blonde": "blond",
    "golden": "blond",
    "gray": "grey",
    "ginger": "red",
    "bangs": "fringe",
    "spectacles": "glasses",
    "eyeglasses": "glasses",
    "circular": "round",
    "rectangular": "square",
    "smiles": "smile",
    "laughs": "laugh",
    "frowns": "frown",
    "shocked": "surprised",
    "someone": "person",
    "portraits": "portrait",
    "pictures": "picture",
    "faces": "face",
}
"""Other words for those that the models know."""
_FILLERS = (
    "the this there has have having are was he she they his her their it its who which draw"
    " show make me please i want very"
)
WITHOUT_MEANING = frozenset(_FILLERS.split())
"""Words that say nothing of a face: they are left out without a remark."""
EXAMPLES = (
    "a bald face with round glasses and a full beard",
    "long red hair, no glasses, a sad mouth",
    "a laughing person with a blond bob and hoop earrings",
    "dark skin, a grey mohawk, square glasses",
    "a surprised face with a black turban",
    "a clean shaven person with a brown quiff, smiling",
    "no glasses but a beard",
    "glasses but no beard",
    "a happy face with earrings",
    "a face",
)
"""Texts to begin with."""

_PIECES = re.compile(r"[,.;:]|[^\s,.;:!?()/&_\"\u201c\u201d\u2013\u2014\u2026-]+")
"""A mark between statements, or a word: what stands between spaces and other marks."""
_QUOTES = "'\u2018\u2019"


class Word(NamedTuple):
    """A word as it was written, and its number; 0 for one that the models do not know, or that says
    nothing.
    """

    written: str
    number: int


class Text(NamedTuple):
    """A text, word by word, and the words in it that nobody taught the models."""

    words: tuple[Word, ...]
    unknown: tuple[str, ...]

    @property
    def tokens(self) -> np.ndarray:
        """The word numbers, (LENGTH,) int64 with zeros after them."""
        return self.without(())

    def without(self, places: Sequence[int]) -> np.ndarray:
        """The same with the words at `places` left out."""
        kept = [word.number for place, word in enumerate(self.words) if place not in places]
        known = [number for number in kept if number]
        return np.array([*known, *[0] * (LENGTH - len(known))], np.int64)


def read(written: object) -> Text:
    """The words of a text; `BadInput` for one that is too long, or in which no word is known."""
    if not isinstance(written, str):
        raise BadInput("The text is missing: write what the face should look like.")
    if len(written) > MOST_CHARACTERS:
        raise BadInput(
            f"The text has {len(written):,} characters, but the models learned from short ones:"
            f" write at most {MOST_CHARACTERS}."
        )
    words, unknown = [], []
    for piece in filter(None, (each.strip(_QUOTES) for each in _PIECES.findall(written))):
        words.append(Word(piece, number := _number(piece)))
        if number == 0 and piece.casefold() not in WITHOUT_MEANING:
            unknown.append(piece)
    result = Text(tuple(words), tuple(dict.fromkeys(unknown)))
    known = sum(word.number > 0 for word in words)
    if known > LENGTH:
        raise BadInput(
            f"The text has {known} words, but the models read at most {LENGTH}: say it shorter."
        )
    if unknown and not known:
        raise BadInput(remark(result))
    return result


def remark(text: Text) -> str:
    """A sentence on the words that are not known; "" if there are none."""
    if not text.unknown:
        return ""
    named = [f"“{word[:24]}”" for word in text.unknown[:MOST_NAMED]]
    more = len(text.unknown) - len(named)
    listed = ", ".join(named) + (f" and {more} more" if more else "")
    meant = dict.fromkeys(near for word in text.unknown for near in _near(word))
    tries = ", ".join(list(meant)[:MOST_NAMED]) or "glasses, beard, smile"
    return f"I don't know the word{'s' * (len(text.unknown) > 1)} {listed}; try {tries}."


def tokens_of(texts: Sequence[str]) -> np.ndarray:
    """The word numbers of texts, (texts, LENGTH) int64."""
    return np.stack([read(text).tokens for text in texts])


def _number(piece: str) -> int:
    word = piece.casefold()
    if word in ".;:":
        return NUMBERS[","]
    return NUMBERS.get(SAME.get(word, word), 0)


def _near(word: str) -> list[str]:
    """A known word that is written almost alike."""
    known = [each for each in (*NUMBERS, *SAME) if len(each) > 2]
    return difflib.get_close_matches(word.casefold(), known, 1, 0.75)
