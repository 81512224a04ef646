"""Two Gaussians on a line, the smallest pair of distributions: everything that theory says about p
and q in numbers.

    D*(x) = p(x) / (p(x) + q(x)),     C(G) = -log 4 + 2 JS(p, q)     (Goodfellow et al. 2014,
                                      arXiv:1406.2661)

All in nats, integrated on a grid so fine and so wide that nothing but rounding is lost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit

from ganapp.evaluation.plane import jensen_shannon, value_from_optimal

CELLS = 4001
REACH = 10
"""Standard deviations that the grid holds on both sides."""
LOG_ROOT = 0.5 * np.log(2 * np.pi)


class Gaussian(NamedTuple):
    """N(mean, deviation^2)."""

    mean: float
    deviation: float

    def log_density(self, places: np.ndarray) -> np.ndarray:
        """Log p at `places`, of their shape."""
        result: np.ndarray = (
            -0.5 * ((places - self.mean) / self.deviation) ** 2 - np.log(self.deviation) - LOG_ROOT
        )
        return result

    def density(self, places: np.ndarray) -> np.ndarray:
        """P at `places`, of their shape."""
        result: np.ndarray = np.exp(self.log_density(places))
        return result


def grid(*gaussians: Gaussian) -> np.ndarray:
    """Places (CELLS,) at equal distances that hold all of the `gaussians`' mass."""
    low = min(each.mean - REACH * each.deviation for each in gaussians)
    high = max(each.mean + REACH * each.deviation for each in gaussians)
    return np.linspace(low, high, CELLS)


def optimal_logit(p: Gaussian, q: Gaussian, places: np.ndarray) -> np.ndarray:
    """Log p/q, of which D* is the sigmoid, so that D* is known even where both densities are too
    small for a number.
    """
    result: np.ndarray = p.log_density(places) - q.log_density(places)
    return result


def optimal_discriminator(p: Gaussian, q: Gaussian, places: np.ndarray) -> np.ndarray:
    """D* = p / (p + q) at `places`."""
    result: np.ndarray = expit(optimal_logit(p, q, places))
    return result


def divergence(p: Gaussian, q: Gaussian) -> float:
    """JS(p, q): 0 if they are equal, at most log 2."""
    places = grid(p, q)
    return jensen_shannon(*_masses(places, p, q))


def value(p: Gaussian, q: Gaussian) -> float:
    """C(G) = -log 4 + 2 JS(p, q): the value of the game against D*."""
    places = grid(p, q)
    return value_from_optimal(*_masses(places, p, q))


def expected_loss(p: Gaussian, q: Gaussian, places: np.ndarray, logits: np.ndarray) -> float:
    """-E_p[log D(x)] - E_q[log(1 - D(x))] of a discriminator's `logits` (N,) at `places` (N,) of a
    `grid`. No discriminator has less than log 4 - 2 JS.
    """
    ours, theirs = _masses(places, p, q)
    return float(-ours @ log_expit(logits) - theirs @ log_expit(-logits))


def residual(p: Gaussian, q: Gaussian, places: np.ndarray, answers: np.ndarray) -> float:
    """Max |D - D*| (p + q) / max(p + q): how far the `answers` (N,) at `places` (N,) are from D* at
    worst, an error counting as much as points fall there.
    """
    weights = p.density(places) + q.density(places)
    return float(
        (np.abs(answers - optimal_discriminator(p, q, places)) * weights).max() / weights.max()
    )


def slope_of_divergence(p: Gaussian, q: Gaussian) -> float:
    """The derivative of JS(p, q) by q's mean: 1/2 E_q[(x - mean) / deviation^2 log(2 q / (p +
    q))].
    """
    places = grid(p, q)
    _, mass = _masses(places, p, q)
    score = (places - q.mean) / q.deviation**2
    return float(0.5 * (mass * score) @ (np.log(2) + log_expit(-optimal_logit(p, q, places))))


def _masses(places: np.ndarray, *gaussians: Gaussian) -> tuple[np.ndarray, ...]:
    step = places[1] - places[0]
    return tuple(each.density(places) * step for each in gaussians)
