"""How near the distribution q of a generator in the plane is to the real one, p.

On the cells of a grid, both smoothed by one Gaussian, with everything beyond the grid as one more
cell:

    KL(p || q) = sum p log p/q,     JS = 1/2 KL(p || m) + 1/2 KL(q || m),  m = (p + q) / 2,     D* =
                                    p / (p + q)

in nats. Identical masses score exactly 0, masses that share no cell log 2. Points that are drawn
from p itself score a little more than 0, their floor. The Wasserstein distance is exact between two
samples of one size, by SciPy's solver of assignments.

Modes, high-quality share and reverse KL are those of PacGAN (Lin et al. 2018, arXiv:1712.04086): a
point is of high quality within three standard deviations of a mode, a mode is found if one such
point is its own, and KL is that of such points over the modes to the uniform one.

What it needs of SciPy takes a second to import, so it is imported where it is used.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ganapp.errors import BadInput

SIDE = 50
"""Cells of the grid on a side, over [-1, 1]."""
FINE = 2
"""Finer cells on a side of each, in which points are counted before they are smoothed."""
SMOOTHING = 0.04
"""Standard deviation of the smoothing, on axes from -1 to 1."""
WITHIN = 3.0
FAINTEST = 2e-6
"""A cell with less mass of both than this is empty: what their ratio is there nobody can see, the
mean mass of a cell being 4e-4.
"""


class Coverage(NamedTuple):
    """Modes found, the share of points of high quality, and the reverse KL of those over the modes
    in nats (infinite if there are none).
    """

    modes: int
    high_quality: float
    reverse_kl: float
    found: np.ndarray
    """Of each mode, whether it was found, (K,) bool."""


def edges(fine: int = 1) -> np.ndarray:
    """The borders of the grid's cells, each cut into `fine`."""
    return np.linspace(-1, 1, SIDE * fine + 1)


def covered(points: np.ndarray, means: np.ndarray, deviations: np.ndarray) -> Coverage:
    """What `points` (N, 2) find of the modes at `means` (K, 2) with `deviations` (K,)."""
    from scipy.spatial.distance import cdist

    _check(points)
    distances = cdist(points, means) / deviations
    nearest = distances.argmin(1)
    good = distances.min(1) <= WITHIN
    counts = np.bincount(nearest[good], minlength=len(means))
    shares = counts[counts > 0] / max(1, counts.sum())
    reverse_kl = (
        float((shares * np.log(shares * len(means))).sum()) if len(shares) else float("inf")
    )
    return Coverage(int((counts > 0).sum()), float(good.mean()), max(0.0, reverse_kl), counts > 0)


def smoothed(masses: np.ndarray) -> np.ndarray:
    """Masses (FINE * SIDE, FINE * SIDE) of fine cells, smoothed: (SIDE * SIDE + 1,), what lies
    beyond the grid last, of sum 1.
    """
    from scipy.ndimage import gaussian_filter

    inside = gaussian_filter(masses, SMOOTHING * SIDE * FINE / 2, mode="constant", truncate=5)
    cells = inside.reshape(SIDE, FINE, SIDE, FINE).sum((1, 3)).ravel()
    return np.append(cells, max(0.0, 1 - cells.sum()))


def counted(points: np.ndarray) -> np.ndarray:
    """The share of `points` (N, 2) in each fine cell, (FINE * SIDE, FINE * SIDE), rows from low y
    to high.
    """
    _check(points)
    fine = edges(FINE)
    result: np.ndarray = np.histogram2d(points[:, 1], points[:, 0], bins=(fine, fine))[0] / len(
        points
    )
    return result


def kl(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p || q) of two sets of masses, in nats; infinite where p has mass and q has none."""
    held = p > 0
    with np.errstate(divide="ignore"):
        return float((p[held] * np.log(p[held] / q[held])).sum())


def jensen_shannon(p: np.ndarray, q: np.ndarray) -> float:
    """JS(p, q) of two sets of masses, in nats: 0 if they are equal, log 2 if they share nothing."""
    middle = (p + q) / 2
    return max(0.0, (kl(p, middle) + kl(q, middle)) / 2)


def optimal_discriminator(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """D* = p / (p + q) (Goodfellow et al. 2014, arXiv:1406.2661, proposition 1); not a number where
    neither has any to speak of.
    """
    total = p + q
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > FAINTEST, p / total, np.nan)


def value_from_optimal(p: np.ndarray, q: np.ndarray) -> float:
    """C(G) = -log 4 + 2 JS(p, q): the value of the game against the best discriminator (Goodfellow
    et al. 2014, theorem 1).
    """
    return float(-np.log(4) + 2 * jensen_shannon(p, q))


def wasserstein(a: np.ndarray, b: np.ndarray) -> float:
    """The Wasserstein-1 distance between two samples of one size, (N, 2) each, exact: the cheapest
    way to carry each point of one to one of the other.
    """
    _check(a)
    _check(b)
    if len(a) != len(b):
        raise BadInput(f"The samples have {len(a)} and {len(b)} points, but must have as many.")
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    costs = cdist(a, b)
    return float(costs[linear_sum_assignment(costs)].mean())


def _check(points: np.ndarray) -> None:
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise BadInput(
            "Points of the plane are wanted, (N, 2) with N of at least 1, but these are"
            f" {points.shape}."
        )
