"""A VAE beside a GAN in figures: the bound by hand, and pictures found again."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.experiments.scoring import Samples
from ganapp.experiments.variational import (
    bound,
    difference,
    found_again,
    held_out,
    measure,
    reconstructed,
)
from ganapp.pictures import from_uint8
from ganapp.randomness import rng_for
from tests.tiny import tiny_config

QUIET = lambda share, what: None  # noqa: E731 # nobody listens


def vae(**changes: object) -> TrainedModel:
    config = tiny_config("vae", **{"conditional": False, **changes})
    model = TrainedModel(config.to_dict(), ["a", "b", "c"], 1)
    for value in model.parameters():
        value.data.normal_(0, 0.1, generator=rng_for(value.numel(), "weights"))
    return model


def some(count: int = 12) -> Samples:
    pixels = torch.randint(0, 256, (count, 32, 32, 1), generator=rng_for(0, "pixels"))
    return Samples(pixels.byte().numpy(), np.arange(count) % 3)


@pytest.mark.parametrize("conditional", [False, True])
def test_the_bound_is_that_of_the_definition(conditional: bool) -> None:
    model, real = vae(conditional=conditional), some()
    found = bound(model, real, seed=3)
    labels = real.labels if conditional else None
    code = model.encode(from_uint8(real.images), labels)
    noise = torch.randn(code.mean.shape, generator=rng_for(3, "bound"))
    z = code.mean + (code.log_variance / 2).exp() * noise
    white = (model.images(z.numpy(), labels).astype(np.float64) + 1) / 2
    x = real.images.transpose(0, 3, 1, 2) / 255
    error = -(x * np.log(white) + (1 - x) * np.log(1 - white)).sum((1, 2, 3)).mean()
    assert found.reconstruction_error.value == pytest.approx(error, rel=1e-4)
    assert found.bound.value == pytest.approx(-error - found.divergence.value, rel=1e-4)
    assert found.divergence.value == pytest.approx(code.divergence().mean().item(), rel=1e-4)


def test_grey_values_cost_their_entropy_and_black_and_white_costs_nothing() -> None:
    grey = np.full((2, 32, 32, 1), 51, np.uint8)  # a fifth
    entropy = -1024 * (0.2 * math.log(0.2) + 0.8 * math.log(0.8))
    assert bound(vae(), Samples(grey, None)).floor == pytest.approx(entropy, rel=1e-5)
    black = np.zeros((2, 32, 32, 1), np.uint8)
    found = bound(vae(), Samples(black, None))
    assert found.floor == 0 < found.reconstruction_error.value


def test_a_difference_is_a_share_of_the_range() -> None:
    black, white = -np.ones((2, 1, 4, 4), np.float32), np.ones((2, 1, 4, 4), np.float32)
    assert difference(black, white) == pytest.approx([1, 1])
    assert difference(0 * black, white) == pytest.approx([0.5, 0.5])


def test_a_gan_is_searched_and_has_no_bound() -> None:
    model = TrainedModel(tiny_config("dcgan", conditional=False).to_dict(), ["a"], 1)
    found = found_again(model, some(), 2)
    assert found.encoded is None and found.pictures == 2
    assert found.searched is not None and 0 < found.searched.value < 1


def test_what_has_no_held_out_pictures_is_refused() -> None:
    translating = TrainedModel(tiny_config("cyclegan").to_dict(), ["a", "b"], 1)
    for model in (vae(dataset="emoji"), translating):
        with pytest.raises(BadInput, match="keeps no pictures aside"):
            measure(model, 50, 2)


def test_the_vae_that_ships_finds_digits_again_and_bounds_their_probability() -> None:
    model = checkpoints.open_model("vae-digits")
    known = held_out(model, QUIET)
    assert known.labels is not None
    real = Samples(known.images[:300], known.labels[:300])
    found = bound(model, real)
    assert -130 < found.bound.low < found.bound.high < -80 and found.divergence.low > 10
    assert found.reconstruction_error.low > found.floor
    images = from_uint8(real.images)
    again = reconstructed(model, images, np.zeros(300, np.int64))
    others = difference(images[::-1], images)
    assert difference(again, images).mean() < 0.4 * others.mean()
