"""The Text tab without Gradio: what a person writes is drawn, and each word's share in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.datasets.texts import EXAMPLES, read, tokens_of
from ganapp.errors import BadInput
from ganapp.ui.parts import catalog
from ganapp.ui.text import handlers, tab
from tests.tiny import tiny_config
from tests.ui.models import pixels


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    made = TrainedModel(tiny_config("gan-cls").to_dict(), ["one"], 3, {"preset": "text-faces"})
    rng = torch.Generator().manual_seed(1)
    for value in made.parameters():
        if value.dim() > 1:
            value.data.normal_(0, 0.3, generator=rng)
    return made


def test_the_pictures_are_those_of_the_text_and_the_seed(model: TrainedModel) -> None:
    shown = handlers.picture(model, EXAMPLES[0], 3)
    noise = latents.noise(3, 4, handlers.PICTURES)
    wanted = model.draw(noise, np.tile(tokens_of(EXAMPLES[:1]), (handlers.PICTURES, 1)))
    assert len(shown["pictures"]) == handlers.PICTURES
    for picture, image in zip(shown["pictures"], wanted, strict=True):
        np.testing.assert_array_equal(pixels(picture["src"]), image)
    assert shown["text"] == EXAMPLES[0] and shown["seed"] == 3


def test_a_words_effect_is_the_mean_difference_without_it(model: TrainedModel) -> None:
    shown = handlers.picture(model, "a bald man, no glasses", 1)
    words = {word["word"]: word for word in shown["words"]}
    assert list(words) == ["a", "bald", "man", ",", "no", "glasses"]
    assert words["man"]["known"] is False and words["man"]["percent"] is None
    assert words[","]["mark"] and words[","]["percent"] is None
    noise = latents.noise(1, 4, handlers.COMPARED)
    text = read("a bald man, no glasses")
    one, other = (
        model.draw(noise, np.tile(tokens, (handlers.COMPARED, 1))).astype(float)
        for tokens in (text.tokens, text.without([1]))
    )
    assert words["bald"]["percent"] == pytest.approx(np.abs(one - other).mean() / 2.55, abs=0.06)
    shares = [word["share"] for word in shown["words"]]
    assert max(shares) == 1 and min(shares) == 0


def test_the_sentence_names_unknown_words_and_the_word_that_matters(model: TrainedModel) -> None:
    note = handlers.picture(model, "a unicorn with round glasses", 1)["note"]
    assert note.startswith("I don't know the word “unicorn”; try")
    assert "more than without any other word" in note
    assert handlers.picture(model, "glasses", 1)["note"].startswith("Without this word")


@pytest.mark.parametrize("written", ["", "   ", "the"])
def test_without_a_text_faces_are_drawn_at_random(model: TrainedModel, written: str) -> None:
    shown = handlers.picture(model, written, 1)
    assert shown["note"] == handlers.NOTHING_SAID
    plain = model.draw(latents.noise(1, 4, handlers.PICTURES))
    np.testing.assert_array_equal(pixels(shown["pictures"][0]["src"]), plain[0])


@pytest.mark.parametrize("bad", [None, 5, "x" * 10_000, "unicorn", "👩‍🦰", "рыжая", "a " * 60])
def test_a_text_that_cannot_be_read_is_refused_in_a_sentence(
    model: TrainedModel, bad: object
) -> None:
    with pytest.raises(BadInput):
        handlers.picture(model, bad, 1)


@pytest.mark.parametrize("seed", [None, -1, 1.5, "x"])
def test_a_seed_that_is_none_is_refused(model: TrainedModel, seed: object) -> None:
    with pytest.raises(BadInput, match="seed"):
        handlers.picture(model, "a face", seed)


def test_a_word_can_be_left_out(model: TrainedModel) -> None:
    shown = handlers.without(model, "no glasses", 1, 0)
    same = handlers.picture(model, "glasses", 1)
    assert [each["src"] for each in shown["pictures"]] == [each["src"] for each in same["pictures"]]
    assert "without “no”" in shown["note"]
    for place in (-1, 2, None, "0"):
        with pytest.raises(BadInput):
            handlers.without(model, "no glasses", 1, place)


def test_the_page_gets_refusals_as_sentences(
    model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "load", lambda value: model)
    assert "I don't know" in tab.picture("bundled:x", "unicorn", 1)["problem"]
    assert len(tab.picture("bundled:x", "a beard", 1)["pictures"]) == handlers.PICTURES
    assert "preset GAN-CLS" in tab.picture("", "a beard", 1)["problem"]
    asked: Any = {"model": "bundled:x", "text": "a beard", "seed": 1, "place": 1}
    assert len(tab.without(asked)["pictures"]) == handlers.PICTURES
    assert "problem" in tab.without(asked | {"place": 9}) and "problem" in tab.without(None)


def test_only_models_that_read_texts_are_listed() -> None:
    assert "draw a text" in catalog.uses(tiny_config("gan-cls"))
    assert "draw a text" not in catalog.uses(TrainConfig())
    assert {"draw", "look inside"} <= catalog.uses(tiny_config("gan-cls"))
