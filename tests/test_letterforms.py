"""Fonts in numbers: laws of what is measured, and words."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp import letterforms
from ganapp.datasets import letters
from ganapp.errors import BadInput
from ganapp.letterforms import ATTRIBUTES, LETTERS, SIDE


def alphabet(name: str) -> np.ndarray:
    """The letters of a font, (26, 64, 64) in [0, 1]."""
    names = [font.name for font in letters.fonts()]
    images = letters.load_letters(lambda share, what: None).images[:, 0]
    start = names.index(name) * len(LETTERS)
    result: np.ndarray = images[start : start + len(LETTERS)].numpy() / 255
    return result


PLAIN = "Lato 400"


def assert_near(found: np.ndarray, wanted: np.ndarray, most: list[float]) -> None:
    """Every number is at most so far from what is wanted."""
    assert bool((np.abs(np.asarray(found) - wanted) <= most).all()), (found, wanted)


@pytest.mark.parametrize("name", [PLAIN, "Lora 700", "Exo 2 700 italic", "Oswald 400"])
def test_small_pictures_measure_what_the_outlines_do(name: str) -> None:
    known = next(font for font in letters.fonts() if font.name == name)
    found = letterforms.measured(alphabet(name))
    assert_near(found, np.array(known.measures), [0.01, 0.4, 0.02, 0.02])


def test_shearing_adds_to_the_slant_alone() -> None:
    upright, sheared = alphabet(PLAIN), np.zeros((26, SIDE, SIDE))
    for row in range(SIDE):  # one pixel for every five rows: atan(1 / 5)
        sheared[:, row] = np.roll(upright[:, row], (SIDE - 1 - row) // 5 - 4, axis=1)
    before, after = letterforms.measured(upright), letterforms.measured(sheared)
    assert before[1] == pytest.approx(0, abs=0.3)
    assert after[1] == pytest.approx(np.degrees(np.arctan(1 / 5)), abs=0.8)
    assert after[2] == pytest.approx(before[2], abs=0.04)
    assert after[0] == pytest.approx(before[0], abs=0.01)


def test_thicker_strokes_weigh_more_and_stay_as_slanted() -> None:
    thin = alphabet(PLAIN)
    thick = np.maximum(thin, np.roll(thin, 1, axis=2))
    before, after = letterforms.measured(thin), letterforms.measured(thick)
    one_pixel = 1 / (letterforms.CAP_HEIGHT * SIDE)
    np.testing.assert_allclose(after - before, [one_pixel, 0, one_pixel, 0], atol=0.01)


def test_the_size_of_the_pictures_changes_no_measure() -> None:
    small = alphabet("Lora 700")
    large = small.repeat(2, 1).repeat(2, 2)
    assert_near(letterforms.measured(large), letterforms.measured(small), [0.01, 0.3, 0.03, 0.04])


def test_nothing_is_measured_where_there_are_no_letters() -> None:
    assert np.isnan(letterforms.measured(np.zeros((26, SIDE, SIDE)))).all()


def test_scaling_has_an_inverse_and_its_ends_are_those_that_are_told() -> None:
    ends = np.array([[getattr(one, end) for one in ATTRIBUTES] for end in ("least", "most")])
    np.testing.assert_allclose(letterforms.scaled(ends), [[-1] * 4, [1] * 4], atol=1e-6)
    values = np.array([[0.1, 3, 0.7, 0.2]])
    np.testing.assert_allclose(letterforms.unscaled(letterforms.scaled(values)), values, rtol=1e-5)


def test_a_word_is_set_in_one_line_without_the_black_between() -> None:
    images = np.zeros((2, 10, 10), np.float32)
    images[0, 2:8, 4:6] = images[1, 2:8, 0:5] = 1
    line = letterforms.set_in_line(images)
    assert line.shape == (10, 1 + 2 + 1 + 5 + 1)
    assert line.max(0).tolist() == [0, 1, 1, 0, 1, 1, 1, 1, 1, 0]


def test_words_are_capitals_of_the_alphabet() -> None:
    assert letterforms.spelled(" Quartz ") == "QUARTZ"
    for word, sentence in {
        "": "There is no word to draw",
        "   ": "There is no word to draw",
        "A" * 10_000: "The word has 10,000 characters, but at most 12 fit",
        "straße": "“ß” is not one of the letters A to Z",
        "ШРИФТ": "“Ш” is not one of",
        "a b": "A space is not one of",
        "hi😀": "“😀” is not one of",
        "R2D2": "“2” is not one of",
        "a\x00b": "A sign is not one of",
        None: "There is no word to draw",
        7: "There is no word to draw",
    }.items():
        with pytest.raises(BadInput, match=sentence):
            letterforms.spelled(word)
