"""Learning rates and penalties that halve: in every game, with every optimizer, by the number of
the round alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Pictures
from ganapp.devices import plan
from ganapp.games.players import LearningRates
from ganapp.training import Trainer
from tests.tiny import tiny_config, tiny_pictures

CPU = plan("float32", "cpu")


def trainer(config: TrainConfig) -> Trainer:
    pictures: Pictures = tiny_pictures(20, 2) if config.model == "cyclegan" else tiny_pictures()
    return Trainer(config, pictures, CPU)


def rates(of: Trainer) -> tuple[float, float]:
    game = of.game
    return (
        game.discriminator_optimizer.param_groups[0]["lr"],
        game.generator_optimizer.param_groups[0]["lr"],
    )


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("model", ["mlp", "dcgan", "biggan", "infogan", "cyclegan"])
def test_both_rates_halve_after_each_half_life(model: str, optimizer: str) -> None:
    config = tiny_config(
        model, optimizer=optimizer, lr_half_life=2.0, discriminator_lr=1e-3, generator_lr=4e-3
    )
    one = trainer(config)
    seen = []
    for _ in range(5):
        one.advance()
        seen.append(rates(one))
    assert [pair[0] for pair in seen] == pytest.approx(
        [1e-3 * 0.5 ** (step / 2) for step in range(5)]
    )
    assert seen[4] == pytest.approx((1e-3 / 4, 4e-3 / 4))


def test_a_step_is_as_large_as_its_rate() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], 0.5)
    falling = LearningRates(1.0, optimizer)
    for step in range(3):
        falling.prepare(step)
        weight.grad = -torch.ones(1)
        optimizer.step()
    assert weight.item() == 0.5 + 0.25 + 0.125


def test_a_rate_that_is_a_tensor_stays_the_same_tensor() -> None:
    """A recorded round reads it from where it lay when it was recorded."""
    rate = torch.tensor(0.5)
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], rate, fused=True)
    LearningRates(1.0, optimizer).prepare(3)
    assert optimizer.param_groups[0]["lr"] is rate and rate.item() == 0.0625


def test_without_half_lives_nothing_changes() -> None:
    config = tiny_config(r1_weight=0.1)
    one = trainer(config)
    for _ in range(3):
        one.advance()
    assert rates(one) == (config.discriminator_lr, config.generator_lr)


@pytest.mark.parametrize(
    "changes", [{"lr_half_life": 3.0}, {"penalty_half_life": 3.0, "r1_weight": 0.5}], ids=str
)
def test_stop_and_resume_ends_with_the_same_bits(changes: dict[str, Any]) -> None:
    config = tiny_config(**changes)
    whole, first, second = trainer(config), trainer(config), trainer(config)
    for _ in range(6):
        whole.advance()
    for _ in range(3):
        first.advance()
    second.restore(first.capture())
    for _ in range(3):
        second.advance()
    ours, theirs = whole.capture().tensors, second.capture().tensors
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    plain = trainer(
        tiny_config(
            **{name: value for name, value in changes.items() if not name.endswith("half_life")}
        )
    )
    for _ in range(6):
        plain.advance()
    assert not all(
        torch.equal(value, ours[name]) for name, value in plain.capture().tensors.items()
    )


def test_a_penalty_that_has_halved_is_half_the_penalty() -> None:
    """Round number 2 with a half-life of 2 is that of half the weight."""
    config = tiny_config(r1_weight=0.8, penalty_half_life=2.0)
    falling, half = trainer(config), trainer(replace(config, r1_weight=0.4, penalty_half_life=0.0))
    for one in (falling, half):
        one.step = 2
        one.advance()
    ours, theirs = falling.capture().tensors, half.capture().tensors
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-6) for name in ours)
