"""AC-GAN: what the condition does, and where attributes come from if nobody gives any."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from ganapp.models import MODELS, acgan
from ganapp.models.layers import class_weights
from ganapp.randomness import rng_for
from tests.tiny import tiny_config

LETTERS = 5


def networks(**changes: object) -> tuple[acgan.Generator, acgan.Discriminator]:
    players = MODELS["acgan"](
        tiny_config("acgan", generator_norm="none", **changes),
        1,
        LETTERS,
        rng_for(0, "first weights"),
    )
    return cast(acgan.Generator, players.generator.eval()), cast(
        acgan.Discriminator, players.discriminator.eval()
    )


def given(count: int = 6) -> tuple[Tensor, Tensor, Tensor]:
    rng = rng_for(1, "inputs")
    noise, attributes = (torch.randn(count, 4, generator=rng) for _ in range(2))
    return noise, torch.arange(count) % LETTERS, attributes


def test_class_and_attributes_both_change_the_picture() -> None:
    generator, _ = networks()
    noise, labels, attributes = given()
    base = generator(noise, acgan.condition(labels, attributes, LETTERS))
    assert base.shape == (6, 1, 32, 32) and bool((base.abs() <= 1).all())
    other_class = generator(noise, acgan.condition((labels + 1) % LETTERS, attributes, LETTERS))
    other_numbers = generator(noise, acgan.condition(labels, attributes + 1, LETTERS))
    for other in (other_class, other_numbers):
        assert bool(((other - base).abs().flatten(1).amax(1) > 1e-4).all())


def test_a_class_alone_is_drawn_with_attributes_that_z_decides() -> None:
    generator, _ = networks()
    noise, labels, _ = given()
    drawn = generator.drawn_attributes(noise)
    wanted = generator(noise, acgan.condition(labels, drawn, LETTERS))
    assert torch.equal(generator(noise, labels), wanted)
    one_hot = class_weights(labels, LETTERS)
    assert torch.equal(generator(noise, one_hot), wanted)


def test_attributes_from_z_are_spread_as_those_of_the_data() -> None:
    generator, _ = networks()
    rng = rng_for(2, "data")
    data = torch.stack([torch.rand(4000, generator=rng) ** power for power in (0.5, 1, 2, 4)], 1)
    generator.learn_spread(data)
    drawn = generator.drawn_attributes(torch.randn(4000, 4, generator=rng))
    shares = torch.linspace(0.05, 0.95, 10)
    difference = drawn.quantile(shares, 0) - data.quantile(shares, 0)
    assert float(difference.abs().max()) < 0.04
    far = generator.drawn_attributes(torch.tensor([[-40.0] * 4, [40.0] * 4]))
    torch.testing.assert_close(far, torch.stack([data.amin(0), data.amax(0)]))


def test_the_discriminator_compares_the_picture_with_the_condition() -> None:
    _, discriminator = networks()
    images = torch.rand(6, 1, 32, 32, generator=rng_for(3, "images")) * 2 - 1
    _, labels, attributes = given()
    logits, read = discriminator(images, acgan.condition(labels, attributes, LETTERS), read=True)
    assert logits.shape == (6,) and read.shape == (6, 4)
    others = discriminator(images, acgan.condition(labels, attributes + 1, LETTERS))
    assert bool(((logits - others).abs() > 1e-6).all())
    # Without attributes it takes those that it reads.
    alone = discriminator(images, labels)
    torch.testing.assert_close(alone, discriminator(images, acgan.condition(labels, read, LETTERS)))
