"""Texts about faces: what they say is true, or false where it is to be, in many wordings."""

from __future__ import annotations

import torch
from torch import Tensor

from ganapp.datasets.captions import (
    CHANCES,
    LENGTH,
    NUMBERS,
    STATEMENTS,
    Captions,
    numbers_of,
    words_in,
)
from ganapp.datasets.faces import KINDS, kinds
from ganapp.datasets.statements import COLOURED, TOPICS, WORDS
from ganapp.randomness import rng_for

COUNT = 3000
FACES = [
    {kind: KINDS[kind][number] for kind, number in zip(KINDS, face, strict=True)}
    for face in zip(*(kinds()[kind][:COUNT].tolist() for kind in KINDS), strict=True)
]
NUMBERED = torch.tensor(
    [[KINDS[kind].index(value) for kind, value in face.items()] for face in FACES]
).float()
CAPTIONS = Captions()


def chances(seed: int = 0) -> Tensor:
    return torch.rand(COUNT, *CHANCES, generator=rng_for(seed, "captions"))


def test_the_vocabulary_is_fixed_and_holds_every_word_that_can_be_said() -> None:
    said = {word for each in STATEMENTS for word in each.words.split()}
    assert said <= set(WORDS) and len(WORDS) == len(set(WORDS)) == 69
    # Models that ship know words by these numbers.
    assert (NUMBERS["no"], NUMBERS["glasses"], NUMBERS["studs"]) == (8, 41, 69)


def test_every_value_of_every_kind_can_be_said() -> None:
    for kind, values in KINDS.items():
        for value in values:
            assert any((value,) == each.meaning.get(kind) for each in STATEMENTS), (kind, value)


def test_what_a_caption_says_is_true_of_its_face_and_the_rest_is_left_unsaid() -> None:
    found = CAPTIONS.chosen(NUMBERED, chances()).tolist()
    for face, statements in zip(FACES, found, strict=True):
        assert all(STATEMENTS[number].true_of(face) for number in statements)
    said = torch.tensor(found) > 0
    assert 0.4 < said.float().mean() < 0.7
    assert 0.05 < (~said).all(1).float().mean() < 0.15 and said.all(1).any()


def test_a_false_caption_says_at_least_one_thing_that_is_not_true() -> None:
    found = CAPTIONS.chosen(NUMBERED, chances(), false=True).tolist()
    wrong = [
        sum(not STATEMENTS[number].true_of(face) for number in statements if number)
        for face, statements in zip(FACES, found, strict=True)
    ]
    assert min(wrong) >= 1
    alone = sum(count == 1 for count in wrong) / COUNT
    assert alone > 0.4  # many differ from a true one in a single statement


def test_statements_stay_with_their_topics() -> None:
    found = CAPTIONS.chosen(NUMBERED, chances())
    for column, statements in enumerate(TOPICS.values()):
        words = {STATEMENTS[number].words for number in found[:, column].tolist() if number}
        assert words == {each.words for each in statements}


def test_nobody_says_the_colour_of_hair_that_one_does_not_see() -> None:
    for statement in STATEMENTS:
        if "hair colour" in statement.meaning:
            assert "bald" not in statement.meaning["hair"]
    red = next(each for each in STATEMENTS if each.words == "red hair")
    assert red.meaning["hair"] == COLOURED


def test_a_caption_is_written_with_all_its_words() -> None:
    """Whatever the order and the marks between them, the words of each statement are there."""
    statements = CAPTIONS.chosen(NUMBERED, chances())
    texts = CAPTIONS.written(statements, chances())
    assert texts.shape == (COUNT, LENGTH) and texts.dtype == torch.int64
    ends = (texts > 0).int().diff(dim=1)
    assert (ends <= 0).all(), "zeros stand after the text only"
    few = set(numbers_of("a an no without"))  # may be left out, or shared by two
    for text, said in zip(texts.tolist(), statements.tolist(), strict=True):
        for number in said:
            assert set(numbers_of(STATEMENTS[number].words)) - few <= set(text)


def test_the_longest_caption_fits() -> None:
    longest = torch.tensor(
        [
            max((len(each.words.split()), STATEMENTS.index(each)) for each in statements)[1]
            for statements in TOPICS.values()
        ]
    )
    texts = CAPTIONS.written(longest.expand(COUNT, -1), chances())
    assert texts[:, -1].eq(0).float().mean() > 0.97


def test_wordings_and_orders_differ() -> None:
    one = NUMBERED[:1].expand(COUNT, -1)
    texts = {words_in(text) for text in CAPTIONS.of(one, chances())}
    assert len(texts) > 0.7 * COUNT
    negations = [text for text in texts if "no earrings or" in text or " or earrings" in text]
    assert not negations  # this face wears some
    assert any(text.startswith("a picture of a") for text in texts) and "" in texts


def test_two_negations_share_their_first_word() -> None:
    plain = next(
        place
        for place, face in enumerate(FACES)
        if face["glasses"] == face["earrings"] == face["beard"] == "none"
    )
    one = NUMBERED[plain : plain + 1].expand(COUNT, -1)
    texts = {words_in(text) for text in CAPTIONS.of(one, chances())}
    assert any("no glasses or earrings" in text for text in texts)
    assert any("without a beard or glasses" in text for text in texts)


def test_the_same_chances_write_the_same_text() -> None:
    again = Captions().of(NUMBERED, chances())
    assert torch.equal(CAPTIONS.of(NUMBERED, chances()), again)
    assert not torch.equal(CAPTIONS.of(NUMBERED, chances(1)), again)
