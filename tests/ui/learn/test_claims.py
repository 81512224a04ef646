"""What lessons say of an experiment holds for three seeds, not only for the one that they play."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ganapp import checkpoints
from ganapp.config.lab_presets import LAB_PRESETS
from ganapp.lab.frame import FrameRenderer
from ganapp.lab.session import Lab
from ganapp.ui.text import handlers as text

SEEDS = (0, 1, 2)


def played(name: str, rounds: int, seed: int, **changes: Any) -> Lab:
    lab = Lab(replace(LAB_PRESETS[name].config, seed=seed, **changes))
    for _ in range(rounds):
        lab.trainer.advance()
    return lab


def measures(lab: Lab) -> dict[str, float]:
    found: dict[str, float] = FrameRenderer(lab).frame((), transport=True)["measures"]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_two_players_take_their_turns(seed: int) -> None:
    lab = played("two-gaussians", 0, seed)
    for _ in range(50):
        lab.turn("discriminator")
    alone = measures(lab)
    assert alone["fake_score"] < alone["real_score"]
    for _ in range(50):
        lab.turn("generator")
    assert measures(lab)["fake_score"] > alone["fake_score"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_generator_collapses_and_the_cure_cures(seed: int) -> None:
    assert measures(played("collapse", 900, seed))["modes"] <= 4
    cured = played("collapse", 1800, seed, generator_lr=0.0005)
    assert measures(cured)["modes"] >= 6


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_vanish_and_a_bounded_critic_brings_them_back(seed: int) -> None:
    stuck = measures(played("vanishing", 250, seed))
    assert stuck["generator_gradient"] < 1e-3 and stuck["divergence"] > 1.2
    before = measures(played("vanishing-cured", 0, seed))["wasserstein"]
    cured = played("vanishing-cured", 60, seed)
    # A lower bound of the distance, up to the difference of two samples.
    found = measures(cured)
    assert found["wasserstein_by_critic"] < 1.25 * found["wasserstein"] + 0.1
    for _ in range(600):
        cured.trainer.advance()
    assert measures(cured)["wasserstein"] < 0.5 < before


@pytest.mark.parametrize("seed", SEEDS)
def test_a_negation_counts_more_than_a_conjunction(seed: int) -> None:
    shown = text.picture(checkpoints.open_model("text-faces"), "no glasses but a beard", seed)
    counted = {word["word"]: word["percent"] for word in shown["words"]}
    assert counted["no"] > counted["but"]
