"""What people write: words that are known, unknown or say nothing, and texts that are too long."""

from __future__ import annotations

import pytest

from ganapp.datasets.captions import LENGTH, NUMBERS, numbers_of
from ganapp.datasets.texts import EXAMPLES, MOST_CHARACTERS, SAME, read, remark, tokens_of
from ganapp.errors import BadInput


def numbers(written: str) -> list[int]:
    return [number for number in read(written).tokens.tolist() if number]


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("A BALD face,  with round glasses!", "a bald face , with round glasses"),
        ("clean-shaven; blonde hair.", "clean shaven , blond hair ,"),
        ("no glasses but an “open” mouth", "no glasses and a open mouth"),
        ("please draw me the face", "face"),
        ("\n", ""),
    ],
)
def test_writing_differs_and_means_the_same(written: str, same: str) -> None:
    assert numbers(written) == [NUMBERS[word] for word in same.split()]
    assert read(written).unknown == ()


def test_other_words_lead_to_known_ones() -> None:
    assert set(SAME.values()) <= set(NUMBERS) and not set(SAME) & (set(NUMBERS) - {"an"})


def test_unknown_words_are_named_once_and_what_is_near_is_offered() -> None:
    text = read("a unicorn with glases, a unicorn")
    assert text.unknown == ("unicorn", "glases")
    assert remark(text) == "I don't know the words “unicorn”, “glases”; try glasses."
    assert remark(read("a man with a beard")) == (
        "I don't know the word “man”; try glasses, beard, smile."
    )
    assert remark(read("a beard")) == ""


@pytest.mark.parametrize("written", ["unicorn", "👩‍🦰", "рыжая борода", "हिन्दी", "don't", "7"])
def test_a_text_without_a_known_word_is_refused_by_name(written: str) -> None:
    with pytest.raises(BadInput, match="I don't know the word") as error:
        read(written)
    assert written.split()[0] in str(error.value)


def test_many_unknown_words_are_counted() -> None:
    sentence = remark(read("a " + " ".join(f"word{letter * 30}" for letter in "abcde")))
    assert "and 2 more" in sentence and len(sentence) < 200


def test_texts_that_are_too_long_are_refused() -> None:
    with pytest.raises(BadInput, match="10,000 characters"):
        read("x" * 10_000)
    assert len(read(" " * MOST_CHARACTERS).words) == 0
    with pytest.raises(BadInput, match=f"at most {LENGTH}"):
        read("a " * (LENGTH + 1))
    with pytest.raises(BadInput, match="missing"):
        read(None)


def test_a_word_can_be_left_out() -> None:
    text = read("a man, no glasses")
    assert text.without([3]).tolist()[:4] == [NUMBERS[word] for word in ("a", ",", "glasses")] + [0]
    assert text.without([1]).tolist() == text.tokens.tolist()


def test_the_examples_are_understood() -> None:
    tokens = tokens_of(EXAMPLES)
    assert tokens.shape == (len(EXAMPLES), LENGTH)
    assert all(not read(example).unknown for example in EXAMPLES)
    assert tokens[-1, :3].tolist() == [*numbers_of("a face"), 0]
