"""Experiments that promise something keep it."""

from __future__ import annotations

from ganapp.config.lab_presets import LAB_PRESETS
from ganapp.evaluation.plane import wasserstein
from ganapp.lab.session import Lab, numbers


def played(name: str, rounds: int) -> Lab:
    lab = Lab(LAB_PRESETS[name].config)
    for _ in range(rounds):
        lab.trainer.advance()
    return lab


def distance(lab: Lab) -> float:
    return wasserstein(numbers(lab.generated(200)), numbers(lab.real(200)))


def test_gradients_vanish_and_a_critic_brings_them_back() -> None:
    before, stuck, cured = (
        played("vanishing", 0),
        played("vanishing", 150),
        played("vanishing-cured", 150),
    )
    assert stuck.slopes()[1] < 1e-3 < 0.1 < cured.slopes()[1]
    assert distance(stuck) > 0.95 * distance(before) and distance(cured) < 0.6 * distance(before)
