"""An experiment of the lab: halves make the round that they are halves of, and settings can change
while it goes on.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ganapp.config.lab import RESTARTS, LabConfig
from ganapp.errors import BadInput
from ganapp.lab.session import Lab

SMALL = LabConfig(
    plane="two-gaussians", batch_size=16, generator_units=8, discriminator_units=8, ema_half_life=5
)


def lab(**changes: Any) -> Lab:
    return Lab(replace(SMALL, **changes))


def weights(of: Lab) -> list[Tensor]:
    """All that a game remembers: both players, the average, what the optimizers hold."""
    found = []
    for part in of.game.parts().values():
        if isinstance(part, torch.optim.Optimizer):
            slots = part.state_dict()["state"].values()
            found += [
                value.clone()
                for slot in slots
                for value in slot.values()
                if isinstance(value, Tensor)
            ]
        else:
            found += [value.clone() for value in part.state_dict().values()]
    return found


def equal(a: list[Tensor], b: list[Tensor]) -> bool:
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def of_players(of: Lab) -> tuple[list[Tensor], list[Tensor]]:
    return [w.clone() for w in of.game.discriminator.parameters()], [
        w.clone() for w in of.game.generator.parameters()
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"discriminator_steps": 3},
        {"r1_weight": 0.1},
        {"loss": "relativistic"},
        {"pack": 2},
        {"lr_half_life": 2.0},
        {"optimizer": "sgd"},
    ],
    ids=str,
)
def test_two_halves_are_the_round_bit_for_bit(changes: dict[str, Any]) -> None:
    whole, halves = lab(**changes), lab(**changes)
    for _ in range(3):
        whole.turn("both")
        halves.turn("discriminator")
        halves.turn("generator")
    assert whole.step == halves.step == 3
    assert equal(weights(whole), weights(halves))


def test_a_turn_moves_one_player_only() -> None:
    one = lab()
    before = of_players(one)
    one.turn("discriminator")
    after = of_players(one)
    assert not equal(before[0], after[0]) and equal(before[1], after[1]) and one.step == 0
    one.turn("generator")
    last = of_players(one)
    assert equal(after[0], last[0]) and not equal(after[1], last[1]) and one.step == 1


def test_a_generator_may_move_alone() -> None:
    one = lab()
    before = of_players(one)
    for step in (1, 2):
        one.turn("generator")
        assert one.step == step
    after = of_players(one)
    assert equal(before[0], after[0]) and not equal(before[1], after[1])


def test_each_turn_of_the_discriminator_sees_other_data() -> None:
    one = lab()
    dealt = []
    for _ in range(2):
        one.turn("discriminator")
        dealt.append(one.trainer.indices.clone())
    assert not set(dealt[0].flatten().tolist()) & set(dealt[1].flatten().tolist())
    assert one.step == 1  # the first of the rounds ended without the generator


def test_the_same_seed_gives_the_same_game_and_another_seed_another() -> None:
    games = [lab(), lab(), lab(seed=1)]
    for game in games:
        game.turn("both")
    assert equal(weights(games[0]), weights(games[1])) and not equal(
        weights(games[0]), weights(games[2])
    )
    assert torch.equal(games[0].generated(5), games[1].generated(5)) and games[0].generated(
        5
    ).shape == (5, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "hinge"},
        {"r1_weight": 1.0},
        {"generator_lr": 1e-2},
        {"batch_size": 32},
        {"discriminator_steps": 4},
        {"lr_half_life": 9.0},
    ],
    ids=str,
)
def test_a_change_goes_on_with_the_weights_and_the_optimizers_memory(
    changes: dict[str, Any],
) -> None:
    one = lab()
    for _ in range(3):
        one.turn("both")
    before = weights(one)
    assert one.change(replace(one.config, **changes)) is False
    assert one.step == 3 and equal(before, weights(one))
    one.turn("both")
    assert one.step == 4 and not equal(before, weights(one))


def test_a_changed_learning_rate_is_the_one_that_is_used() -> None:
    one = lab()
    one.turn("both")
    one.change(replace(one.config, generator_lr=0.5))
    assert one.game.generator_optimizer.param_groups[0]["lr"] == 0.5
    assert one.game.discriminator_optimizer.param_groups[0]["lr"] == SMALL.discriminator_lr


def test_another_optimizer_begins_with_an_empty_memory_and_the_same_weights() -> None:
    one = lab()
    one.turn("both")
    before = of_players(one)
    assert one.change(replace(one.config, optimizer="rmsprop")) is False
    assert equal(before[0], of_players(one)[0]) and equal(before[1], of_players(one)[1])
    assert not one.game.generator_optimizer.state_dict()["state"]
    one.turn("both")


@pytest.mark.parametrize("name", RESTARTS)
def test_some_changes_begin_anew(name: str) -> None:
    other: dict[str, Any] = {
        "plane": "ring",
        "noise": "uniform",
        "generator_norm": "batch",
        "drawing": "1" * 1024,
    }
    one = lab()
    one.turn("both")
    value = other[name] if name in other else getattr(one.config, name) + 1
    config = replace(one.config, **{name: value})
    assert one.change(config) is True
    assert one.step == 0 and equal(weights(one), weights(Lab(config)))


def test_no_change_changes_nothing() -> None:
    one = lab()
    one.turn("discriminator")
    assert one.change(replace(SMALL)) is False and one.trainer.halfway


BETWEEN_TURNS: list[dict[str, Any]] = [
    {"loss": "hinge"},
    {"loss": "relativistic"},
    {"batch_size": 7},
    {"batch_size": 64},
    {"discriminator_steps": 4},
    {"activation": "tanh"},
    {"leaky_slope": 0.3},
    {"optimizer": "sgd"},
    {"generator_lr": 1e-2},
    {"r1_weight": 1.0},
    {"ema_half_life": 0.0},
    {"lr_half_life": 9.0},
]


@pytest.mark.parametrize("changes", BETWEEN_TURNS, ids=str)
@pytest.mark.parametrize("start", [{}, {"generator_norm": "batch"}, {"pack": 2}], ids=str)
def test_a_change_between_the_turns_goes_on_in_the_round(
    start: dict[str, Any], changes: dict[str, Any]
) -> None:
    one = lab(**start)
    one.turn("both")
    one.turn("discriminator")
    before = of_players(one)
    assert one.change(replace(one.config, **changes)) is False
    assert one.trainer.halfway and one.step == 1
    one.turn("generator")
    after = of_players(one)
    assert equal(before[0], after[0]) and not equal(before[1], after[1])
    assert not one.trainer.halfway and one.step == 2
    one.turn("discriminator")
    one.turn("generator")
    one.turn("both")
    assert one.step == 4


@pytest.mark.parametrize("start", [{}, {"generator_norm": "batch"}, {"pack": 2}], ids=str)
def test_a_change_of_what_only_the_discriminator_uses_leaves_the_generators_turn_as_it_is(
    start: dict[str, Any],
) -> None:
    changed, unchanged = lab(**start), lab(**start)
    for one in (changed, unchanged):
        one.turn("both")
        one.turn("discriminator")
    assert changed.change(replace(changed.config, discriminator_lr=0.5, batch_size=7)) is False
    for one in (changed, unchanged):
        one.turn("generator")
    assert equal(weights(changed), weights(unchanged))


def test_slopes_are_the_norms_of_the_last_gradients() -> None:
    one = lab()
    assert all(math.isnan(slope) for slope in one.slopes())
    one.turn("both")
    for slope, player in zip(
        one.slopes(), (one.game.discriminator, one.game.generator), strict=True
    ):
        gradients = [weight.grad for weight in player.parameters()]
        assert slope == pytest.approx(
            float(torch.cat([g.flatten() for g in gradients if g is not None]).norm()), rel=1e-5
        )


def test_a_game_that_diverges_says_what_to_change() -> None:
    one = lab(generator_lr=10.0, optimizer="sgd", loss="least-squares", discriminator_lr=10.0)
    with pytest.raises(BadInput, match="Lower the learning rates"):
        for _ in range(200):
            one.turn("both")


def test_points_stay_those_of_the_seed() -> None:
    one = lab()
    assert torch.equal(one.real(10), one.real(10)) and not torch.equal(
        one.real(10), one.real(10, seed=1)
    )
