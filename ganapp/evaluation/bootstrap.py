"""How sure is a figure? The bootstrap (Efron 1979, doi:10.1214/aos/1176344552): draw the sample
again from itself, with replacement.

The spread of a figure over such resamples stands for its spread over new samples of the same size.
A figure that is a mean of one number a picture takes the percentiles of the resampled means. A
distance between two samples is larger between resamples, which hold some pictures twice and miss
others, so its percentiles are moved until the resamples' mean lies on the figure: the interval
tells how much the figure would wander with other samples *of this size*, not what it would be with
more of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from ganapp.randomness import rng_for

RESAMPLES = 1000
LEVEL = 0.95
AT_A_TIME = 50


class Estimate(NamedTuple):
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def of_mean(values: np.ndarray, seed: int = 0, times: int = RESAMPLES) -> Estimate:
    """The mean of one number a picture, (N,)."""
    return _percentiles(values, seed, times, lambda rows: rows.mean(1))


def of_percentile(
    values: np.ndarray, percent: float, seed: int = 0, times: int = RESAMPLES
) -> Estimate:
    """A percentile of one number a picture, (N,); 50 is the median."""
    return _percentiles(values, seed, times, lambda rows: np.percentile(rows, percent, axis=1))


def recentred(value: float, replicas: np.ndarray, least: float = -np.inf) -> Estimate:
    """A distance and its interval, from the same distance between resamples, (times,); `least` is
    the smallest that it can be.
    """
    low, high = _ends(replicas - replicas.mean())
    return Estimate(float(value), max(least, float(value + low)), float(value + high))


def counts(size: int, times: int, seed: int, stream: str = "bootstrap") -> np.ndarray:
    """How often each of `size` pictures is drawn in each of `times` resamples, float64 (times,
    size); each row sums to `size`.
    """
    chosen = torch.randint(size, (times, size), generator=rng_for(seed, stream)).numpy()
    return np.stack([np.bincount(row, minlength=size) for row in chosen]).astype(np.float64)


def _percentiles(
    values: np.ndarray, seed: int, times: int, figure: Callable[[np.ndarray], np.ndarray]
) -> Estimate:
    values, rng = np.asarray(values, np.float64), rng_for(seed, "bootstrap")
    replicas = []
    for start in range(0, times, AT_A_TIME):
        chosen = torch.randint(
            len(values), (min(AT_A_TIME, times - start), len(values)), generator=rng
        ).numpy()
        replicas.append(figure(values[chosen]))
    low, high = _ends(np.concatenate(replicas))
    return Estimate(float(figure(values[None])[0]), float(low), float(high))


def _ends(replicas: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(replicas, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
