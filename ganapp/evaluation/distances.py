"""Two distances between the features of real and of generated pictures.

Fréchet distance (Fréchet 1957; Heusel et al. 2017, arXiv:1706.08500), between Gaussians N(m, C) and
N(m', C') fitted to the features:

    |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2))

It is called FID only where the features are those of the Inception network that the paper took. It
falls with the number of pictures, so it is compared at equal numbers, beside the distance of one
half of the real pictures from the other.

KID (Binkowski et al. 2018, arXiv:1801.01401), the squared maximum mean discrepancy with the kernel
k(x, y) = (x . y / F + 1)^3:

    mean over i != j of k(x_i, x_j) + mean over i != j of k(y_i, y_j) - 2 mean over i, j of k(x_i,
    y_j)

It is unbiased: two samples of one distribution give 0 on average, and slightly negative values as
often as positive ones.
"""

from __future__ import annotations

import numpy as np

from ganapp.errors import BadInput
from ganapp.evaluation.bootstrap import Estimate, counts, recentred

ROWS = 1000
WIDE = 512
"""From this many features on a Fréchet distance takes seconds, so fewer resamples are drawn."""


def frechet_distance(real: np.ndarray, generated: np.ndarray) -> float:
    """Fréchet distance of two sets of features (N, F) and (M, F), at least two of each."""
    check_features(real, generated)
    return _between(*_gaussian(real), *_gaussian(generated))


def frechet(real: np.ndarray, generated: np.ndarray, seed: int = 0, times: int = 100) -> Estimate:
    """`frechet_distance` with its interval, both sets resampled."""
    value = frechet_distance(real, generated)
    times = times if real.shape[1] < WIDE else min(times, 8)
    draws = zip(
        counts(len(real), times, seed, "bootstrap real"),
        counts(len(generated), times, seed, "bootstrap generated"),
        strict=True,
    )
    real, generated = real.astype(np.float64), generated.astype(np.float64)
    replicas = [
        _between(*_gaussian(real, first), *_gaussian(generated, second)) for first, second in draws
    ]
    return recentred(value, np.array(replicas), least=0.0)


def kernel_distance(real: np.ndarray, generated: np.ndarray) -> float:
    """KID of two sets of features (N, F) and (M, F), over all of them at once instead of over
    subsets.
    """
    check_features(real, generated)
    return float(
        _discrepancies(real, generated, np.ones((1, len(real))), np.ones((1, len(generated))))[0]
    )


def kernel(real: np.ndarray, generated: np.ndarray, seed: int = 0, times: int = 200) -> Estimate:
    """`kernel_distance` with its interval, both sets resampled; a picture is never compared with
    its own copy.
    """
    check_features(real, generated)
    of_real = np.vstack([np.ones(len(real)), counts(len(real), times, seed, "bootstrap real")])
    of_generated = np.vstack(
        [np.ones(len(generated)), counts(len(generated), times, seed, "bootstrap generated")]
    )
    values = _discrepancies(real, generated, of_real, of_generated)
    return recentred(float(values[0]), values[1:])


def check_features(real: np.ndarray, generated: np.ndarray, fewest: int = 2) -> None:
    """`BadInput` unless both are (N, F) with one F, finite, and at least `fewest` rows each."""
    if real.ndim != 2 or generated.ndim != 2 or real.shape[1] != generated.shape[1]:
        raise BadInput(
            f"Features of shapes {real.shape} and {generated.shape} cannot be compared: give one"
            " row a picture, from one encoder for both."
        )
    if (least := min(len(real), len(generated))) < fewest:
        raise BadInput(
            f"There are features of {least} pictures only, but this figure needs {fewest} of each"
            " set: draw more."
        )
    if not (np.isfinite(real).all() and np.isfinite(generated).all()):
        raise BadInput(
            "Some features are no finite numbers, so nothing can be measured: has the generator's"
            " training broken down?"
        )


def _gaussian(
    features: np.ndarray, times: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the covariance of features (N, F), each of which counts so many `times`."""
    times = np.ones(len(features)) if times is None else times
    drawn = times > 0  # of a resample, two rows of three
    rows, times = features[drawn].astype(np.float64), times[drawn]
    mean = times @ rows / times.sum()
    rows -= mean
    rows *= np.sqrt(times)[:, None]
    return mean, rows.T @ rows / (times.sum() - 1)


def _between(
    mean: np.ndarray, cov: np.ndarray, other_mean: np.ndarray, other_cov: np.ndarray
) -> float:
    values, vectors = np.linalg.eigh(cov)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    # tr (C C')^(1/2) = tr (C^(1/2) C' C^(1/2))^(1/2), whose argument is symmetric.
    overlap = np.sqrt(np.linalg.eigvalsh(root @ other_cov @ root).clip(0)).sum()
    distance = (
        np.square(mean - other_mean).sum() + np.trace(cov) + np.trace(other_cov) - 2 * overlap
    )
    return max(0.0, float(distance))  # equal sets come out a rounding error below 0


def _discrepancies(
    real: np.ndarray, generated: np.ndarray, of_real: np.ndarray, of_generated: np.ndarray
) -> np.ndarray:
    """The KID of each resample, (T,); weights (T, N) and (T, M) say how often each picture is in
    it.
    """
    n, m = len(real), len(generated)
    within = [
        _apart(real, of_real) / (n * (n - 1)),
        _apart(generated, of_generated) / (m * (m - 1)),
    ]
    across = _sums(real, generated, of_real, of_generated) / (n * m)
    return within[0] + within[1] - 2 * across


def _apart(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sum of the kernel over all pairs of different pictures, (T,)."""
    features = features.astype(np.float64)
    own = (np.square(features).sum(1) / features.shape[1] + 1) ** 3
    total: np.ndarray = -(np.square(weights) @ own)
    for start in range(0, len(features), ROWS):
        rows = slice(start, start + ROWS)
        values = _kernel(features[rows], features[start:])
        values[:, ROWS:] *= 2  # k(x, y) is k(y, x), so each of these pairs is computed once
        total += (weights[:, rows] @ values * weights[:, start:]).sum(1)
    return total


def _sums(
    first: np.ndarray, second: np.ndarray, of_first: np.ndarray, of_second: np.ndarray
) -> np.ndarray:
    """The weighted sum of the kernel over all pairs, (T,), a thousand rows of it at a time."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    total = np.zeros(len(of_first))
    for start in range(0, len(first), ROWS):
        values = _kernel(first[start : start + ROWS], second)
        total += (of_first[:, start : start + ROWS] @ values * of_second).sum(1)
    return total


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """k(x, y) of all x in `first` (N, F) and y in `second` (M, F), (N, M)."""
    values: np.ndarray = first @ second.T
    values /= first.shape[1]
    values += 1
    cubes: np.ndarray = values * values * values  # a general power takes three times as long
    return cubes
