"""What a classifier reads: histogram, its divergence, and how much pictures of one class differ."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from ganapp.evaluation.classes import (
    divergence,
    divergence_estimate,
    diversity,
    histogram,
    meanings,
)


def test_a_histogram_holds_all_mass() -> None:
    assert histogram(np.array([0, 0, 2, 1]), 4).tolist() == [0.5, 0.25, 0.25, 0]


def test_the_divergence_is_that_of_scipy_and_zero_for_the_same_shares() -> None:
    shares, expected = np.array([0.2, 0, 0.5, 0.3]), np.array([0.25, 0.25, 0.3, 0.2])
    assert divergence(shares, expected) == pytest.approx(scipy.stats.entropy(shares, expected))
    assert divergence(shares, shares) == 0


def test_one_mode_of_ten_costs_log_ten_and_an_impossible_one_everything() -> None:
    assert divergence(np.eye(10)[3], np.full(10, 0.1)) == pytest.approx(np.log(10))
    assert divergence(np.array([0.5, 0.5]), np.array([1.0, 0])) == np.inf
    assert divergence_estimate(np.array([0, 1]), np.array([1.0, 0])) == (np.inf, np.inf, np.inf)


def test_the_interval_of_the_divergence_holds_that_of_new_samples() -> None:
    draws = [np.random.default_rng(seed).choice(3, 600, p=[0.5, 0.3, 0.2]) for seed in range(40)]
    found = [
        divergence_estimate(read, np.full(3, 1 / 3), seed=seed, times=200)
        for seed, read in enumerate(draws)
    ]
    average = np.mean([one.value for one in found])
    assert (
        sum(one.low <= average <= one.high for one in found) >= 32
        and found[0].high - found[0].low < 0.1
    )


def test_diversity_is_the_mean_distance_within_the_classes() -> None:
    features = np.array([[0.0, 0], [3, 4], [10, 0], [10, 2], [10, 4], [99, 99]])
    estimate, by_class = diversity(features, np.array([0, 0, 1, 1, 1, 2]))
    assert by_class == pytest.approx({0: 5, 1: (2 + 2 + 4) / 3})  # class 2 has no pair
    assert estimate.value == pytest.approx((5 + 8 / 3) / 2)


def test_a_collapsed_class_has_no_diversity() -> None:
    rng = np.random.default_rng(0)
    features = np.concatenate(
        [np.repeat(rng.normal(size=(1, 8)), 40, axis=0), rng.normal(size=(40, 8))]
    )
    estimate, by_class = diversity(features, np.repeat([4, 7], 40))
    assert by_class[4] == 0 and by_class[7] > 2 and estimate.low < estimate.value < estimate.high


def test_the_interval_of_diversity_holds_that_of_new_samples() -> None:
    found = []
    for seed in range(40):
        features = np.random.default_rng(seed).normal(size=(60, 4))
        found.append(diversity(features, np.arange(60) % 2, seed=seed)[0])
    average = np.mean([one.value for one in found])
    assert sum(one.low <= average <= one.high for one in found) >= 32


def test_nothing_to_compare_is_no_diversity() -> None:
    assert diversity(np.zeros((2, 3)), np.array([0, 1])) == ((0, 0, 0), {})


def test_a_code_means_the_digit_of_the_best_assignment_and_no_digit_is_meant_twice() -> None:
    codes = np.repeat(np.arange(10), 10)
    digits = (codes + 3) % 10
    digits[:6] = 5  # most pictures of code 0 show what code 2 means
    assert meanings(codes, digits, 10).tolist() == [3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
