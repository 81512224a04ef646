"""What a text can say of a drawn face, in words, and of which faces it is true.

Nothing here is drawn at random and nothing needs torch: `captions.py` makes texts of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ganapp.datasets.faces import KINDS

Meaning = Mapping[str, tuple[str, ...]]
"""The values that each named kind may have; a kind that is not named may have any."""


class Statement(NamedTuple):
    """Some words, and the faces of which they are true. Words with `before` can stand before the
    noun, as in "a bald face".
    """

    words: str
    meaning: Meaning
    before: bool = False

    def true_of(self, face: Mapping[str, str]) -> bool:
        """Whether a face with these values, by kind, is as the words say."""
        return all(face[kind] in values for kind, values in self.meaning.items())


STYLES = {
    "quiff": ("a {}quiff", "{}hair in a quiff"),
    "mohawk": ("a {}mohawk", "{}hair in a mohawk"),
    "fringe": ("a {}fringe", "{}hair with a fringe"),
    "long": ("long {}hair", "{}hair that is long"),
    "turban": ("a {}turban", "a turban that is {}"),
    "bob": ("a {}bob", "{}hair in a bob"),
}
"""How each style of hair is said, with a place for its colour."""
COLOURED = ("quiff", "mohawk", "fringe", "long", "bob")
"""The styles of which "red hair" is true: under a turban one sees none."""


def _of_hair() -> Iterator[Statement]:
    bald: Meaning = {"hair": ("bald",)}
    yield from (Statement("bald", bald, True), Statement("a bald head", bald))
    yield Statement("no hair", bald)
    yield Statement("not bald", {"hair": tuple(set(KINDS["hair"]) - {"bald"})})
    yield Statement("long haired", {"hair": ("long",)}, True)
    for style, wordings in STYLES.items():
        yield Statement(wordings[0].format(""), {"hair": (style,)})
        for colour, words in itertools.product(KINDS["hair colour"], wordings):
            said = words.format(f"{colour} ").strip()
            yield Statement(said, {"hair": (style,), "hair colour": (colour,)})
    for colour in KINDS["hair colour"]:
        meaning: Meaning = {"hair": COLOURED, "hair colour": (colour,)}
        yield from (
            Statement(f"{colour} hair", meaning),
            Statement(f"{colour} haired", meaning, True),
        )


def _of(
    kind: str, *values: str, before: tuple[str, ...] = (), after: tuple[str, ...]
) -> Iterator[Statement]:
    """Several wordings of one meaning: those that stand before the noun, and the others."""
    for place in (before, after):
        for words in place:
            yield Statement(words, {kind: values}, place is before)


TOPICS: dict[str, tuple[Statement, ...]] = {
    "hair": tuple(_of_hair()),
    "skin": (
        *_of("skin", "light", before=("light skinned",), after=("light skin", "pale skin")),
        *_of("skin", "tan", before=("tanned",), after=("tan skin", "tanned skin")),
        *_of("skin", "brown", before=("brown skinned",), after=("brown skin",)),
        *_of("skin", "dark", before=("dark skinned",), after=("dark skin",)),
    ),
    "glasses": (
        *_of("glasses", "none", after=("no glasses", "without glasses", "not wearing glasses")),
        *_of("glasses", "round", after=("round glasses", "wearing round glasses")),
        *_of("glasses", "square", after=("square glasses", "wearing square glasses")),
        *_of("glasses", "round", "square", after=("glasses", "wearing glasses")),
    ),
    "beard": (
        *_of("beard", "none", before=("clean shaven",), after=("no beard", "without a beard")),
        *_of("beard", "stubble", before=("unshaven",), after=("stubble", "some stubble")),
        *_of("beard", "full", before=("bearded",), after=("a beard", "a full beard")),
    ),
    "mouth": (
        *_of("mouth", "smile", before=("smiling",), after=("a smile", "a smiling mouth")),
        *_of("mouth", "laugh", before=("laughing",), after=("a laugh", "a laughing mouth")),
        *_of("mouth", "sad", before=("sad",), after=("a sad mouth",)),
        *_of("mouth", "frown", before=("frowning",), after=("a frown", "a frowning mouth")),
        *_of("mouth", "open", before=("surprised",), after=("an open mouth", "mouth open")),
        *_of("mouth", "smile", "laugh", before=("happy",), after=("a happy mouth",)),
        *_of("mouth", "sad", "frown", before=("unhappy",), after=("an unhappy mouth",)),
        *_of("mouth", "sad", "frown", "open", after=("no smile", "not smiling")),
    ),
    "earrings": (
        *_of("earrings", "none", after=("no earrings", "without earrings", "not wearing earrings")),
        *_of("earrings", "hoop", after=("hoop earrings", "a hoop earring", "hoops")),
        *_of("earrings", "stud", after=("stud earrings", "a stud earring", "studs")),
        *_of("earrings", "hoop", "stud", after=("earrings", "an earring", "wearing earrings")),
    ),
}
"""All statements, by what they are about. A text makes at most one about each."""

NEGATIONS = ("no", "without")
"""What two statements can share: "no glasses or earrings"."""
ALONE = ("without", "wearing", "not")
"""What needs no "with" before it."""
OPENINGS: tuple[tuple[str, str], ...] = (
    ("", ""),
    ("", ""),
    ("", ""),
    ("a", "face"),
    ("a", "face"),
    ("a", "person"),
    ("a picture of a", "face"),
    ("a portrait of a", "person"),
)
"""How a text can begin: what stands before the adjectives, and the noun."""
SEPARATORS = (",", ",", ",", "and", ", and", "")

_WORDS = (
    ", a an and or with without no not of in that is some face person picture portrait"
    " hair haired bald head quiff mohawk fringe long turban bob black brown red blond grey"
    " skin skinned light pale tan tanned dark glasses wearing round square"
    " beard bearded clean shaven unshaven stubble full"
    " mouth smile smiling laugh laughing sad frown frowning open surprised happy unhappy"
    " earrings earring hoop hoops stud studs"
)
WORDS = tuple(_WORDS.split())
"""The vocabulary; the number of a word is its place plus one. Models know words by these numbers,
so new words may only come at the end.
"""
