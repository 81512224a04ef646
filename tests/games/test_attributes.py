"""The game of AC-GAN with attributes: who learns what from which pictures."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor

from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.games import AttributeGame, game_of
from ganapp.models import MODELS, acgan
from ganapp.randomness import rng_for
from tests.tiny import tiny_config, tiny_pictures

PICTURES = tiny_pictures(side=32, model="acgan")
CHOSEN = torch.arange(8)


def game(**changes: object) -> AttributeGame:
    config = tiny_config("acgan", **changes)
    players = MODELS["acgan"](config, 1, len(PICTURES.class_names), rng_for(0, "weights"))
    assert game_of(config) is AttributeGame
    return AttributeGame(config, players, plan("float32", "cpu"), PICTURES)


def readers_weights(played: AttributeGame) -> list[Tensor]:
    reader = cast(acgan.Discriminator, played.discriminator).reader
    return [weight.detach().clone() for weight in reader.parameters()]


def test_the_generator_is_asked_for_the_attributes_of_real_pictures() -> None:
    played = game()
    fakes = played.make_fakes(PICTURES.batch(CHOSEN), rng_for(1, "round"), learning=True)
    assert torch.equal(fakes.batch.labels[:, 3:], PICTURES.attributes[CHOSEN])
    assert torch.equal(fakes.batch.labels[:, :3].argmax(1), PICTURES.labels[CHOSEN])


def test_the_reader_learns_from_real_pictures_alone() -> None:
    played = game(attribute_weight=2.0)
    fakes = played.make_fakes(PICTURES.batch(CHOSEN), rng_for(1, "round"), learning=True)
    judge = played.discriminator
    _, none = played.judge_fakes(judge, fakes.images.detach(), fakes, learns=False)
    assert none is None
    batch = fakes.batch
    _, at_real = played.judge_reals(judge, batch.images, fakes, rng_for(0, "any"))
    read = judge(batch.images, batch.labels, read=True)[1]
    wanted = 2 * (read - batch.attributes).square().mean()
    torch.testing.assert_close(at_real, wanted)
    _, at_fake = played.judge_fakes(judge, fakes.images, fakes, learns=True)
    assert at_fake is not None
    slopes = torch.autograd.grad(at_fake, list(played.generator.parameters()), allow_unused=True)
    assert all(slope is not None and bool((slope != 0).any()) for slope in slopes)


def test_a_round_teaches_the_reader_and_without_weight_it_does_not() -> None:
    for weight, learns in ((3.0, True), (0.0, False)):
        played = game(attribute_weight=weight)
        before = readers_weights(played)
        played.prepare(0)
        scores = played.play(False, [PICTURES.batch(CHOSEN)], rng_for(2, "round"))
        assert all(bool(score.isfinite()) for score in scores)
        after = readers_weights(played)
        same = all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
        assert same is not learns


def test_pictures_without_attributes_are_refused_in_a_sentence() -> None:
    config = tiny_config("acgan")
    players = MODELS["acgan"](config, 1, 3, rng_for(0, "weights"))
    bare = PICTURES._replace(attributes=None)
    with pytest.raises(BadInput, match="needs pictures with known attributes"):
        AttributeGame(config, players, plan("float32", "cpu"), bare)


def test_settings_that_the_game_has_no_place_for_are_refused() -> None:
    with pytest.raises(BadInput, match="dataset is digits, but the acgan model needs data"):
        tiny_config("acgan", dataset="digits")
    with pytest.raises(BadInput, match="conditional is false, but the acgan model is asked"):
        tiny_config("acgan", conditional=False)


def test_the_preview_shows_every_class_in_each_style() -> None:
    shown = game().preview()
    assert shown.shape == (8, 2, 1, 32, 32)
    assert not torch.equal(shown[0, 0], shown[0, 1])
