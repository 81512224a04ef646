"""PacGAN's protocol: rows worked out by hand, and trials that are as many trainings as they say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ganapp.config.lab import LabConfig
from ganapp.evaluation.plane import Coverage, covered
from ganapp.lab.protocol import GENERATED, row, trials
from ganapp.lab.session import Lab, numbers

SMALL = LabConfig(plane="two-gaussians", batch_size=16, generator_units=8, discriminator_units=8)


def result(modes: int, high_quality: float, reverse_kl: float) -> Coverage:
    return Coverage(modes, high_quality, reverse_kl, np.arange(4) < modes)


def test_a_row_is_means_with_their_standard_errors() -> None:
    found = row("some", [result(4, 0.9, 0.1), result(2, 0.7, 0.3)])
    assert found.name == "some"
    # standard deviations (n - 1) of sqrt 2, sqrt 2 x 10 % and sqrt 2 x .1, each over sqrt 2
    for cell, wanted in zip(found[1:], ((3, 1), (80, 10), (0.2, 0.1)), strict=True):
        assert cell == pytest.approx(wanted)


def test_a_trial_without_a_good_point_counts_as_the_worst_divergence() -> None:
    found = row("none", [result(0, 0.0, math.inf), result(4, 1.0, 0.0)])
    assert found.reverse_kl == pytest.approx((math.log(4) / 2, math.log(4) / 2))


def test_a_trial_that_diverges_counts_and_the_others_stay() -> None:
    wild = replace(
        SMALL, optimizer="sgd", loss="least-squares", generator_lr=10.0, discriminator_lr=10.0
    )
    found = list(trials(wild, 2, 400))
    assert [each.modes for each in found] == [0, 0] and all(
        math.isinf(each.reverse_kl) and not each.found.any() for each in found
    )


def test_one_trial_has_no_standard_error() -> None:
    assert math.isnan(row("one", [result(4, 1.0, 0.0)]).modes[1])


def test_trials_are_trainings_with_seeds_of_their_own() -> None:
    heard: list[tuple[int, int]] = []
    found = list(trials(SMALL, 2, 7, lambda trial, step: heard.append((trial, step))))
    assert heard == [(0, 7), (1, 7)]
    for seed, each in enumerate(found):
        lab = Lab(replace(SMALL, seed=seed))
        for _ in range(7):
            lab.turn("both")
        again = covered(
            numbers(lab.generated(GENERATED, seed=seed)), lab.mixture.means, lab.mixture.deviations
        )
        assert again[:3] == each[:3]


def test_long_trials_tell_how_far_they_are() -> None:
    heard: list[int] = []
    list(
        trials(
            replace(SMALL, batch_size=2, generator_layers=0, discriminator_layers=0),
            1,
            1100,
            lambda trial, step: heard.append(step),
        )
    )
    assert heard == [500, 1000, 1100]
