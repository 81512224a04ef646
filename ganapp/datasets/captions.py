"""Texts about drawn faces, made from their attributes by code.

A caption makes some of the statements of `statements.py` that are true of a face, in one of many
wordings and in any order; the rest it leaves unsaid. A false caption makes at least one statement
that is not true of it. Both are tensors of word numbers, and every choice is a number in [0, 1)
that the caller draws, so that a training round can make captions on its device.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ganapp.datasets.faces import KINDS
from ganapp.datasets.statements import (
    ALONE,
    NEGATIONS,
    OPENINGS,
    SEPARATORS,
    TOPICS,
    WORDS,
    Statement,
)

LENGTH = 32
"""Words in a text, with the zeros that fill it."""
CHANCES = (7, len(TOPICS))
"""The shape of the numbers in [0, 1) that choose one caption."""
NUMBERS = {word: number for number, word in enumerate(WORDS, 1)}
STATEMENTS: tuple[Statement, ...] = (
    Statement("", {}),
    *itertools.chain.from_iterable(TOPICS.values()),
)
"""All statements by their numbers; number 0 says nothing."""
NOTHING_SAID, ALSO_FALSE, SHARED, NO_ARTICLE = 0.08, 0.25, 0.5, 0.3
"""How likely a caption says nothing, each further statement of a false one is false, two negations
share their first word, and a caption has no articles.
"""


def numbers_of(words: str) -> list[int]:
    """The numbers of known words."""
    return [NUMBERS[word] for word in words.replace(",", " , ").split()]


def padded(rows: Sequence[Sequence[int]], width: int = 0) -> Tensor:
    """Rows of word numbers with zeros after them, (rows, width) int64."""
    width = width or max(map(len, rows))
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])


def words_in(tokens: Tensor) -> str:
    """The text of word numbers (T,)."""
    return " ".join(WORDS[number - 1] for number in tokens.tolist() if number).replace(" ,", ",")


class Captions:
    """Writes captions on `device`."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._words = padded([numbers_of(each.words) for each in STATEMENTS]).to(device)
        self._before = torch.tensor([each.before for each in STATEMENTS], device=device)
        self._heads = padded([numbers_of(head) for head, _ in OPENINGS]).to(device)
        self._nouns = padded([numbers_of(noun) for _, noun in OPENINGS]).to(device)
        self._separators = padded([numbers_of(each) for each in SEPARATORS]).to(device)
        self._shared = torch.tensor([NUMBERS[word] for word in NEGATIONS], device=device)
        self._alone = torch.tensor([NUMBERS[word] for word in ALONE], device=device)
        self._articles = torch.tensor([NUMBERS[word] for word in ("a", "an")], device=device)
        self._or, self._with = NUMBERS["or"], NUMBERS["with"]
        self._places = _places().to(device)
        self._true, self._truths = (each.to(device) for each in _choices(lambda true: true))
        self._false, self._untruths = (each.to(device) for each in _choices(lambda true: not true))

    def chosen(self, attributes: Tensor, chances: Tensor, false: bool = False) -> Tensor:
        """The numbers of the statements about each topic, 0 for one that is left unsaid: faces'
        attributes (B, 7) and `chances` (B, *CHANCES) -> (B, topics) int64. With `false`, at least
        one is not true of the face.
        """
        said, choice, untrue, whole = (chances[:, row] for row in (0, 1, 2, 6))
        share = 0.15 + 0.95 * whole[:, :1]
        speaks = (said < share) & (whole[:, 4:5] >= NOTHING_SAID)
        keys = attributes.long() @ self._places
        topics = torch.arange(len(TOPICS), device=keys.device)
        found = _pick(self._true, self._truths, topics, keys, choice)
        if false:
            forced = topics == (whole[:, 3:4] * len(TOPICS)).long()
            speaks = (said < share) | forced
            other = _pick(self._false, self._untruths, topics, keys, choice)
            found = torch.where(forced | (untrue < ALSO_FALSE), other, found)
        return torch.where(speaks, found, 0)

    def written(self, statements: Tensor, chances: Tensor) -> Tensor:
        """The captions that make these `statements` (B, topics): word numbers (B, LENGTH) int64,
        with zeros after the text.
        """
        order, joint, shared, whole = (chances[:, row] for row in (3, 4, 5, 6))
        opening = (whole[:, 1] * len(OPENINGS)).long()
        noun = self._nouns[opening]
        leads = self._before[statements] & (noun > 0)
        # Adjectives first, then the other phrases, then what is left unsaid.
        turns = (order + 10.0 * (statements == 0) - 10.0 * leads).argsort(1)
        statements, leads = statements.gather(1, turns), leads.gather(1, turns)
        phrases = self._words[statements]
        adjectives = phrases * leads[:, :, None]
        follows = (statements > 0) & ~leads
        phrases = phrases * follows[:, :, None]
        joins = follows & (follows.cumsum(1) > 1)
        separators = self._separators[(joint * len(self._separators)).long()] * joins[:, :, None]
        firsts = phrases[:, :, 0]
        alike = torch.zeros_like(joins)
        alike[:, 1:] = (firsts[:, 1:] == firsts[:, :-1]) & torch.isin(firsts[:, 1:], self._shared)
        alike &= joins & (shared < SHARED)
        separators = separators * ~alike[:, :, None]
        separators[:, :, 0] += self._or * alike
        phrases[:, :, 0] = firsts * ~alike
        first = (firsts * (follows & ~joins)).sum(1, keepdim=True)
        start = self._with * ((first > 0) & (noun > 0) & ~torch.isin(first, self._alone))
        whole_text = torch.cat(
            [
                self._heads[opening],
                adjectives.flatten(1),
                noun,
                start,
                torch.cat([separators, phrases], 2).flatten(1),
            ],
            1,
        )
        bare = torch.isin(whole_text, self._articles) & (whole[:, 2:3] < NO_ARTICLE)
        whole_text = whole_text * ~bare
        filled = (whole_text == 0).to(torch.int8).argsort(dim=1, stable=True)
        return whole_text.gather(1, filled)[:, :LENGTH]

    def of(self, attributes: Tensor, chances: Tensor, false: bool = False) -> Tensor:
        """True captions of faces, or false ones: (B, LENGTH) int64."""
        return self.written(self.chosen(attributes, chances, false), chances)


def _pick(table: Tensor, counts: Tensor, topics: Tensor, keys: Tensor, chance: Tensor) -> Tensor:
    """An entry of each topic's row for the face's key, (B, topics)."""
    place = (chance * counts[topics, keys]).long()
    return table[topics, keys, place]


def _keys_of(topic: str) -> list[dict[str, str]]:
    """What a face can be like as far as a topic goes, in the order of the keys."""
    kinds = ("hair", "hair colour") if topic == "hair" else (topic,)
    values = itertools.product(*(KINDS[kind] for kind in kinds))
    return [dict(zip(kinds, each, strict=True)) for each in values]


def _places() -> Tensor:
    """The matrix that makes the keys of all topics from a face's attributes, (7, topics)."""
    kinds, result = list(KINDS), torch.zeros(len(KINDS), len(TOPICS), dtype=torch.int64)
    for column, topic in enumerate(TOPICS):
        result[kinds.index(topic), column] = 1
    result[kinds.index("hair"), 0] = len(KINDS["hair colour"])
    result[kinds.index("hair colour"), 0] = 1
    return result


def _choices(wanted: Callable[[bool], bool]) -> tuple[Tensor, Tensor]:
    """The statements that are true of each key of each topic, or those that are not, (topics, keys,
    most) int64 with zeros after them, and how many there are, (topics, keys).
    """
    numbers = {id(each): number for number, each in enumerate(STATEMENTS)}
    rows = [
        [
            [numbers[id(each)] for each in statements if wanted(each.true_of(face))]
            for face in _keys_of(topic)
        ]
        for topic, statements in TOPICS.items()
    ]
    keys, most = max(map(len, rows)), max(len(row) for topic in rows for row in topic)
    table = torch.stack([padded([*topic, *[[]] * (keys - len(topic))], most) for topic in rows])
    return table, (table > 0).sum(2)
