"""The Letters tab without Gradio."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.datasets import letters
from ganapp.errors import BadInput
from ganapp.letterforms import ATTRIBUTES, LETTERS
from ganapp.ui.letters import handlers
from ganapp.ui.letters.handlers import SLIDERS
from ganapp.ui.letters.tab import ENDS
from tests.tiny import tiny_config
from tests.ui.models import pixels

MIDDLE = (18, 7, 75, 15)


def model_of(config: TrainConfig, names: list[str]) -> TrainedModel:
    return TrainedModel(config.to_dict(), names, 1)


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return model_of(tiny_config("acgan"), list(LETTERS))


def test_a_word_is_drawn_with_the_nearest_real_fonts_beside_it(model: TrainedModel) -> None:
    shown = handlers.word(model, "fonts", 3, *MIDDLE)
    assert shown["word"] == "FONTS" and shown["alt"] == "The word FONTS, generated"
    fonts = handlers.near(model, "fonts", *MIDDLE)["lines"]
    assert handlers.LEARNED in fonts[0]["caption"] and handlers.NEVER_SEEN in fonts[1]["caption"]
    again = handlers.word(model, "fonts", 3, *MIDDLE)
    assert again["src"] == shown["src"]
    assert handlers.word(model, "fonts", 4, *MIDDLE)["src"] != shown["src"]


def test_a_font_is_nearest_to_its_own_numbers(model: TrainedModel) -> None:
    font = letters.fonts("test")[5]
    values = [value * slider.factor for value, slider in zip(font.measures, SLIDERS, strict=True)]
    inside = [
        float(np.clip(value, one.least * slider.factor, one.most * slider.factor))
        for value, one, slider in zip(values, ATTRIBUTES, SLIDERS, strict=True)
    ]
    assert font.name in handlers.near(model, "A", *inside)["lines"][1]["caption"]


def test_asked_and_measured_stand_side_by_side(model: TrainedModel) -> None:
    shown = handlers.checked(model, 3, *MIDDLE)
    assert [row["asked"] for row in shown["rows"]] == ["18 %", "7°", "75 %", "15 %"]
    assert pixels(shown["src"]).shape == (64, 13 * 32)


def test_from_one_font_to_another_the_real_ones_are_the_ends(model: TrainedModel) -> None:
    shown = handlers.between(model, "AB", 3, *ENDS)["lines"]
    assert len(shown) == handlers.STEPS + 2
    assert ENDS[0] in shown[0]["caption"] and ENDS[1] in shown[-1]["caption"]
    same = handlers.between(model, "AB", 3, ENDS[0], ENDS[0])["lines"]
    assert len({line["src"] for line in same[1:-1]}) == 1
    assert len({line["src"] for line in shown}) == handlers.STEPS + 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "There is no word to draw"),
        ({"text": "日本"}, "is not one of the letters A to Z"),
        ({"seed": -1}, "The seed is '-1'"),
        ({"weight": 99}, "The weight is '99', but must be a number from 3 to 33"),
        ({"slant": None}, "The slant is empty"),
        ({"slant": float("nan")}, "The slant is 'nan'"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    model: TrainedModel, changes: dict[str, object], sentence: str
) -> None:
    values = {"text": "A", "seed": 1, "weight": 18, "slant": 7, "width": 75, "serif": 15}
    with pytest.raises(BadInput, match=sentence):
        handlers.word(model, *(values | changes).values())


def test_unknown_fonts_and_models_of_other_things_are_told(model: TrainedModel) -> None:
    with pytest.raises(BadInput, match="There is no font called 'Comic'"):
        handlers.between(model, "A", 1, "Comic", ENDS[0])
    other = model_of(tiny_config("acgan"), ["one", "two"])
    with pytest.raises(BadInput, match="draws other things than the letters"):
        handlers.word(other, "A", 1, *MIDDLE)
