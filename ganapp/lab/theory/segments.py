"""Two parallel segments that share nothing: how three distances see them (Arjovsky et al. 2017,
arXiv:1701.07875, example 1).

p is uniform on {0} x [0, 1], q on {theta} x [0, 1]. Then W = |theta|, while JS = log 2 and KL is
infinite wherever theta is not 0. Noise of standard deviation s on both makes Gaussians of their
cross sections, and JS and KL become smooth; W stays |theta|.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ganapp.lab.theory.gaussians import Gaussian, divergence, slope_of_divergence


class Distance(NamedTuple):
    """A distance and its derivative by theta, which is not a number where there is none."""

    value: float
    slope: float


def wasserstein(theta: float) -> Distance:
    """The Wasserstein-1 distance: every point is carried straight across."""
    return Distance(abs(theta), math.copysign(1, theta) if theta else math.nan)


def jensen_shannon(theta: float, noise: float = 0.0) -> Distance:
    """JS, of both with Gaussian noise of deviation `noise`."""
    if noise:
        p, q = Gaussian(0, noise), Gaussian(theta, noise)
        return Distance(divergence(p, q), slope_of_divergence(p, q))
    return Distance(math.log(2), 0.0) if theta else Distance(0.0, math.nan)


def kl(theta: float, noise: float = 0.0) -> Distance:
    """KL(p || q), of both with Gaussian noise of deviation `noise`."""
    if noise:
        return Distance(0.5 * (theta / noise) ** 2, theta / noise**2)
    return Distance(math.inf if theta else 0.0, math.nan)
