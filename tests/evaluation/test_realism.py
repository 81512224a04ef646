"""What counts as a picture that looks real: laws for digits, emoji and a visitor's few pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import torch

from ganapp.datasets import DATASETS
from ganapp.evaluation.realism import Realism, spoiled, statistics
from ganapp.experiments.quality import shuffled
from ganapp.randomness import rng_for


class Data(NamedTuple):
    name: str
    realism: Realism
    real: np.ndarray
    unseen: np.ndarray


SETS = {"digits": 2000, "emoji": 2000, "digits, a few": 100, "emoji, a few": 120}


@pytest.fixture(scope="module", params=SETS)
def data(request: pytest.FixtureRequest) -> Data:
    name, count = request.param, SETS[request.param]
    pictures = DATASETS[name.partition(",")[0]](lambda share, what: None)
    images = shuffled(pictures.resized(32))
    return Data(name, Realism.learned(images[:count]), images[:count], images[-800:])


def test_real_pictures_that_it_has_not_seen_pass(data: Data) -> None:
    assert data.realism.passes(data.unseen).mean() >= 0.9


def of_one_colour(value: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda real: np.full((50, *real.shape[1:]), value, np.uint8)


WRONG: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "uniform noise": lambda real: np.random.default_rng(3).integers(
        0, 256, (200, *real.shape[1:]), np.uint8
    ),
    "grey noise": lambda real: (
        np.random.default_rng(3)
        .normal(127, 30, (200, *real.shape[1:]))
        .clip(0, 255)
        .astype(np.uint8)
    ),
    "black": of_one_colour(0),
    "grey": of_one_colour(128),
    "white": of_one_colour(255),
    "the mean picture": lambda real: np.repeat(
        real.mean(0, dtype=np.float64).round().astype(np.uint8)[None], 50, 0
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_picture_does_not_pass(data: Data, wrong: str) -> None:
    assert data.realism.passes(WRONG[wrong](data.real)).mean() <= 0.1


def test_it_is_the_same_at_each_call(data: Data) -> None:
    again = Realism.learned(data.real)
    assert np.array_equal(again.scores(data.unseen), data.realism.scores(data.unseen))


def test_spoiled_pictures_are_pictures_of_the_same_kind(data: Data) -> None:
    wrong = spoiled(data.real[:60], rng_for(0, "a test"))
    assert wrong.dtype == np.uint8 and wrong.shape[1:] == data.real.shape[1:]
    assert 100 <= len(wrong) <= 140
    assert np.isfinite(statistics(wrong)).all()


def test_a_generator_at_its_start_draws_nothing_real(data: Data) -> None:
    """Pictures of an untrained DCGAN."""
    from ganapp.config.training import TrainConfig
    from ganapp.models import MODELS

    config = TrainConfig(conditional=False)
    rng = torch.Generator().manual_seed(0)
    networks = MODELS["dcgan"](config, 1, data.real.shape[3], rng)
    with torch.no_grad():
        noise = torch.randn(100, config.latent_size, generator=rng)
        made = networks.generator(noise, torch.zeros(100, dtype=torch.int64))
    images = ((made + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    assert data.realism.passes(images).mean() <= 0.1
