"""Fréchet distance and KID: laws, closed forms, and the figures of torchmetrics, torch-fidelity and
scipy on the same features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import Tensor, nn
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from ganapp.errors import BadInput
from ganapp.evaluation.distances import frechet, frechet_distance, kernel, kernel_distance


class Itself(nn.Module):
    """A feature extractor for torchmetrics that takes features for pictures."""

    num_features = 6

    def forward(self, features: Tensor) -> Tensor:
        return features


def cloud(
    seed: int, count: int = 300, size: int = 6, shift: float = 0.0, scale: float = 1.0
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(99).normal(size=(size, size)) / size**0.5
    return (scale * rng.normal(size=(count, size)) @ mix + shift).astype(np.float32)


def test_a_set_is_at_distance_zero_from_itself() -> None:
    x = cloud(0)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert kernel_distance(x, x) < 1e-9  # unbiased, so slightly below 0 for a set and its very copy


def test_a_shift_costs_its_squared_length() -> None:
    x, shift = cloud(0).astype(np.float64), np.array([3.0, 4, 0, 0, 0, 0])
    assert frechet_distance(x, x + shift) == pytest.approx(25, abs=1e-9)


def test_a_scale_costs_what_two_gaussians_of_one_shape_cost() -> None:
    # C' = s^2 C commutes with C, so the distance is |m - m'|^2 + (s - 1)^2 tr C.
    x = cloud(0).astype(np.float64)
    expected = np.square(2 * x.mean(0)).sum() + 4 * np.trace(np.cov(x, rowvar=False))
    assert frechet_distance(x, 3 * x) == pytest.approx(expected)


def test_in_one_dimension_it_is_the_difference_of_means_and_of_deviations() -> None:
    x, y = (
        np.random.default_rng(0).normal(1, 2, (400, 1)),
        np.random.default_rng(1).normal(-1, 5, (300, 1)),
    )
    expected = (x.mean() - y.mean()) ** 2 + (x.std(ddof=1) - y.std(ddof=1)) ** 2
    assert frechet_distance(x, y) == pytest.approx(expected)


def test_it_is_symmetric_and_grows_with_the_shift() -> None:
    x = cloud(0)
    values = [frechet_distance(x, cloud(1, shift=shift)) for shift in (0, 0.5, 1, 2)]
    assert values == sorted(values)
    assert frechet_distance(x, cloud(1, shift=1)) == pytest.approx(
        frechet_distance(cloud(1, shift=1), x)
    )


@pytest.mark.parametrize("count", [300, 5], ids=["more pictures than features", "fewer"])
def test_the_frechet_distance_is_that_of_the_reference_libraries(count: int) -> None:
    x, y = cloud(0, count), cloud(1, count, shift=0.7, scale=1.4)
    ours = frechet_distance(x, y)
    fidelity = fid_statistics_to_metric(
        *(fid_features_to_statistics(torch.from_numpy(part)) for part in (x, y)), verbose=False
    )
    assert ours == pytest.approx(float(next(iter(fidelity.values()))), abs=1e-4)
    metric = FrechetInceptionDistance(feature=Itself(), normalize=True).set_dtype(torch.float64)
    metric.update(torch.from_numpy(x), real=True)
    metric.update(torch.from_numpy(y), real=False)
    assert ours == pytest.approx(float(metric.compute()), abs=1e-4)
    covs = [np.cov(part.astype(np.float64), rowvar=False) for part in (x, y)]
    by_scipy = np.square(x.mean(0, np.float64) - y.mean(0, np.float64)).sum() + sum(
        map(np.trace, covs)
    )
    assert ours == pytest.approx(
        by_scipy - 2 * np.trace(scipy.linalg.sqrtm(covs[0] @ covs[1])).real, abs=1e-4
    )


def test_kid_is_that_of_torchmetrics() -> None:
    x, y = cloud(0), cloud(1, shift=0.7, scale=1.4)
    metric = KernelInceptionDistance(feature=Itself(), subsets=1, subset_size=300, normalize=True)
    metric.update(torch.from_numpy(x), real=True)
    metric.update(torch.from_numpy(y), real=False)
    assert kernel_distance(x, y) == pytest.approx(float(metric.compute()[0]), abs=1e-4)


def test_kid_is_worked_out_by_hand() -> None:
    # F = 1: k(0, 2) = 1, k(1, 3) = 4^3, and the four pairs across give 1, 1, 3^3, 7^3.
    assert kernel_distance(np.array([[0.0], [2]]), np.array([[1.0], [3]])) == pytest.approx(
        1 + 64 - 2 * (1 + 1 + 27 + 343) / 4
    )


def test_kid_of_one_distribution_is_zero_on_average_and_of_either_sign() -> None:
    values = np.array([kernel_distance(cloud(2 * n, 60), cloud(2 * n + 1, 60)) for n in range(60)])
    assert abs(values.mean()) < 3 * values.std() / 60**0.5 and 10 < (values < 0).sum() < 50


def test_kid_does_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = cloud(0, 130), cloud(1, 90)
    whole = kernel(x, y)
    monkeypatch.setattr("ganapp.evaluation.distances.ROWS", 37)
    assert kernel(x, y) == pytest.approx(whole)


@pytest.mark.parametrize("estimate", [frechet, kernel])
def test_intervals_hold_what_new_samples_of_the_same_size_score(estimate: Any) -> None:
    pairs = [(cloud(2 * n, 120), cloud(2 * n + 1, 120, shift=0.6)) for n in range(40)]
    found = [estimate(x, y, seed=n, times=60) for n, (x, y) in enumerate(pairs)]
    average = np.mean([one.value for one in found])
    assert sum(one.low <= average <= one.high for one in found) >= 32
    assert all(one.low < one.value < one.high for one in found)


@pytest.mark.parametrize("measure", [frechet_distance, kernel_distance, frechet, kernel])
@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        (cloud(0), cloud(0, size=5), "one encoder for both"),
        (cloud(0)[0], cloud(0), "one row a picture"),
        (cloud(0), cloud(0, count=1), "1 pictures only"),
        (cloud(0), cloud(0) * np.float32(np.nan), "no finite numbers"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    measure: Any, x: np.ndarray, y: np.ndarray, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        measure(x, y)
