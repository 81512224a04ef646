"""Intervals: as wide as theory says, the same for the same seed, and around the figure."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp.evaluation import bootstrap
from ganapp.evaluation.bootstrap import counts, of_mean, of_percentile, recentred


def test_the_interval_of_a_mean_is_the_normal_one() -> None:
    values = np.random.default_rng(0).normal(3, 2, 900)
    estimate = of_mean(values, times=4000)
    half = 1.96 * values.std() / 30
    assert estimate == pytest.approx(
        (values.mean(), values.mean() - half, values.mean() + half), abs=0.01
    )


def test_intervals_of_a_median_hold_the_true_one() -> None:
    draws = [np.random.default_rng(seed).exponential(1, 300) for seed in range(40)]
    found = [of_percentile(values, 50, seed=seed, times=300) for seed, values in enumerate(draws)]
    assert (
        found[0].value == np.median(draws[0])
        and sum(one.low < np.log(2) < one.high for one in found) >= 34
    )


def test_percentiles_are_told_apart() -> None:
    values = np.random.default_rng(0).exponential(1, 500)
    low, median, high = (
        of_percentile(values, 5),
        of_percentile(values, 50),
        of_percentile(values, 95),
    )
    assert low.value == np.percentile(values, 5) and low.high < median.low < median.high < high.low


def test_certain_figures_have_no_width() -> None:
    assert of_mean(np.ones(20)) == (1, 1, 1) and of_percentile(np.full(20, 0.5), 50) == (
        0.5,
        0.5,
        0.5,
    )


def test_resamples_are_as_large_as_the_sample_and_come_from_the_seed() -> None:
    drawn = counts(40, 30, seed=1)
    assert drawn.shape == (30, 40) and (drawn.sum(1) == 40).all() and (drawn > 1).any()
    assert (drawn == counts(40, 30, seed=1)).all() and (drawn != counts(40, 30, seed=2)).any()
    assert (
        of_mean(np.arange(20.0), seed=3)
        == of_mean(np.arange(20.0), seed=3)
        != of_mean(np.arange(20.0), seed=4)
    )


def test_chunks_change_nothing_but_the_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=300)
    whole = of_mean(values, times=1000)
    monkeypatch.setattr(bootstrap, "AT_A_TIME", 7)
    assert of_mean(values, times=1000) == pytest.approx(whole, abs=0.02)


def test_the_bias_of_resamples_is_taken_off() -> None:
    replicas = 10 + np.random.default_rng(0).normal(size=5000)
    assert recentred(2.0, replicas) == pytest.approx((2, 2 - 1.96, 2 + 1.96), abs=0.1)
