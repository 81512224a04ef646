"""Distributions over the plane that a GAN can learn while everything about it is in sight.

Each is a mixture of round Gaussians, p(x) = sum_k w_k N(x; m_k, s_k^2 I): a few of them are modes,
a chain of them is a line, a cloud of them is whatever one draws. So each can be sampled, its
density evaluated and the mass of any rectangle given, all exactly. The ring of eight and the grid
of 25 have the proportions of PacGAN's (Lin et al. 2018, arXiv:1712.04086): standard deviations of
1/100 of the ring's radius, and of 1/40 of the grid's spacing.

The plane is shown from -1 to 1 on both axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

from ganapp.config.lab import PlaneName
from ganapp.datasets.pictures import Batch, Pictures
from ganapp.errors import BadInput
from ganapp.randomness import rng_for

DRAWING_SIDE = 32
"""Cells on a side of what one draws."""


class Mixture(NamedTuple):
    """Round Gaussians: `means` (K, 2), `deviations` (K,), `weights` (K,) that sum to 1. `modes`
    tells whether each is a mode to be found, or a stroke of something larger.
    """

    means: np.ndarray
    deviations: np.ndarray
    weights: np.ndarray
    modes: bool = False

    def sample(self, count: int, rng: torch.Generator) -> Tensor:
        """`count` points, (count, 2) float32."""
        which = torch.multinomial(
            torch.from_numpy(self.weights), count, replacement=True, generator=rng
        )
        spread = torch.from_numpy(self.deviations)[which, None] * torch.randn(
            count, 2, generator=rng, dtype=torch.float64
        )
        return (torch.from_numpy(self.means)[which] + spread).float()

    def density(self, points: np.ndarray) -> np.ndarray:
        """P at `points` (N, 2), (N,)."""
        squares = ((points[:, None] - self.means) ** 2).sum(2) / self.deviations**2
        result: np.ndarray = np.exp(-squares / 2) @ (
            self.weights / (2 * math.pi * self.deviations**2)
        )
        return result

    def masses(self, edges: np.ndarray) -> np.ndarray:
        """The probability of each cell between the `edges` (S + 1,) of both axes, (S, S), rows from
        low y to high.
        """
        # (S, K) each.
        across, up = (
            np.diff(ndtr((edges[:, None] - self.means[:, axis]) / self.deviations), axis=0)
            for axis in (0, 1)
        )
        result: np.ndarray = (up * self.weights) @ across.T
        return result


class Points(Pictures):
    """Points in the place of pictures, for the training loop: `images` (N, 2), or with packs of
    them side by side (N, 2 pack).
    """

    def resized(self, side: int) -> Points:
        """Itself: points have no size."""
        return self

    def batch(self, indices: Tensor) -> Batch:
        """The rows at `indices` (B,) int64."""
        return Batch(self.images[indices], self.labels[indices])


def points_of(mixture: Mixture, count: int, pack: int, seed: int) -> Points:
    """`count` rows of `pack` points of `mixture` each, drawn by `seed`."""
    drawn = mixture.sample(count * pack, rng_for(seed, "points")).view(count, 2 * pack)
    return Points(drawn, torch.zeros(count, dtype=torch.int64), ("points",))


def _modes(places: list[tuple[float, float]], deviation: float) -> Mixture:
    return _even(np.array(places), deviation)._replace(modes=True)


def _even(means: np.ndarray, deviation: float) -> Mixture:
    count = len(means)
    return Mixture(
        np.asarray(means, np.float64), np.full(count, deviation), np.full(count, 1 / count)
    )


def _around(count: int, radius: float) -> np.ndarray:
    angles = np.arange(count) * 2 * math.pi / count
    return radius * np.stack([np.cos(angles), np.sin(angles)], 1)


def line() -> Mixture:
    """A slanting line."""
    share = np.linspace(-1, 1, 120)
    return _even(np.stack([0.7 * share, 0.45 * share], 1), 0.03)


def two_gaussians() -> Mixture:
    """Two round hills."""
    return _modes([(-0.45, -0.35), (0.45, 0.35)], 0.13)


def ring() -> Mixture:
    """A circle."""
    return _even(_around(200, 0.65), 0.035)


def disjoint() -> Mixture:
    """Three squares with nothing between them."""
    side = np.linspace(-0.13, 0.13, 9)
    square = np.stack(np.meshgrid(side, side), 2).reshape(-1, 2)
    return _even(
        np.concatenate([square + place for place in ((-0.55, 0.5), (0.6, 0.35), (-0.05, -0.55))]),
        0.02,
    )


def eight_gaussians() -> Mixture:
    """Eight narrow hills on a circle."""
    return _modes([tuple(place) for place in _around(8, 0.8)], 0.008)


def grid() -> Mixture:
    """Five by five narrow hills."""
    places = np.linspace(-0.8, 0.8, 5)
    return _modes([(float(x), float(y)) for y in places for x in places], 0.01)


def swiss_roll() -> Mixture:
    """A roll of one and a half turns."""
    angles = np.linspace(1.5 * math.pi, 4.5 * math.pi, 260)
    return _even(
        np.stack([np.cos(angles), np.sin(angles)], 1) * angles[:, None] / (4.5 * math.pi) * 0.85,
        0.02,
    )


def two_moons() -> Mixture:
    """Two half circles that reach into each other."""
    angles = np.linspace(0, math.pi, 120)
    upper = np.stack([np.cos(angles) - 0.5, np.sin(angles) - 0.25], 1)
    lower = np.stack([0.5 - np.cos(angles), 0.25 - np.sin(angles)], 1)
    return _even(np.concatenate([upper, lower]) * 0.55, 0.03)


def spiral() -> Mixture:
    """Two arms that wind around each other."""
    share = np.linspace(0.12, 1, 150)
    arm = (
        0.85
        * share[:, None]
        * np.stack([np.cos(3 * math.pi * share), np.sin(3 * math.pi * share)], 1)
    )
    return _even(np.concatenate([arm, -arm]), 0.02)


PLANES: dict[PlaneName, Callable[[], Mixture]] = {
    "line": line,
    "two-gaussians": two_gaussians,
    "ring": ring,
    "disjoint": disjoint,
    "eight-gaussians": eight_gaussians,
    "grid": grid,
    "swiss-roll": swiss_roll,
    "two-moons": two_moons,
    "spiral": spiral,
}
"""All but what one draws oneself."""


def drawn(drawing: str) -> Mixture:
    """What was drawn on a square of `DRAWING_SIDE` cells: `drawing` has their darkness, a
    hexadecimal digit a cell, from the upper left on, with runs of n zeros as `zn.`; a cell's ink is
    its share of the mass.
    """
    ink = np.array(_unrolled(drawing), np.float64)
    if not ink.any():
        raise BadInput(
            "The drawing is empty: draw where the points should be, or choose one of the other"
            " distributions."
        )
    cells = np.flatnonzero(ink)
    rows, columns = np.divmod(cells, DRAWING_SIDE)
    step = 2 / DRAWING_SIDE
    means = np.stack([(columns + 0.5) * step - 1, 1 - (rows + 0.5) * step], 1)
    return Mixture(means, np.full(len(cells), step / 2.5), ink[cells] / ink.sum())


def _unrolled(drawing: str) -> list[int]:
    wanted, values, rest = DRAWING_SIDE**2, [], drawing
    while rest:
        if rest[0] == "z":
            run, _, rest = rest[1:].partition(".")
            if not run.isdecimal() or len(run) > 4 or int(run) > wanted:
                break
            values += [0] * int(run)
        elif rest[0] in "0123456789abcdef":
            values.append(int(rest[0], 16))
            rest = rest[1:]
        else:
            break
    if rest or len(values) != wanted:
        raise BadInput(
            "The drawing cannot be read: it was cut off or changed on its way. Draw it again."
        )
    return values


def mixture_of(name: PlaneName, drawing: str = "") -> Mixture:
    """The distribution called `name`; of "drawn", what `drawing` says."""
    return drawn(drawing) if name == "drawn" else PLANES[name]()
