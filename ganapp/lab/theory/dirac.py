"""Dirac-GAN (Mescheder et al. 2018, arXiv:1801.04406): the smallest GAN there is, and what each
loss and penalty makes of it.

All real data are the point 0, all generated ones the point theta, and the discriminator is linear:
its logit at x is psi x. Both players take gradient steps of one size h. Where they end is at theta
= psi = 0, or nowhere.

Every slope is of the functions in `losses`, by autograd. The paper's discriminator is high on
generated data, ours on real data, so its psi is our -psi: its start (1, 1) is theta = 1, psi = -1
here.

f = x y is the same game with the Wasserstein loss and nothing that bounds the critic: x = psi
minimises x y, y = theta maximises it. A simultaneous step multiplies the distance from 0 by exactly
sqrt(1 + h^2); alternating steps stay on the ellipse x^2 + y^2 - h x y = constant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor

from ganapp.config.settings import LossName
from ganapp.losses import LOSSES, gradient_penalty, slope_penalty

PenaltyName = Literal["none", "r1", "r2", "gradient-penalty", "clip"]
PENALTIES: tuple[PenaltyName, ...] = get_args(PenaltyName)
TARGET = 0.3
"""The slope that the gradient penalty asks for here: 1, as for pictures, would be further out than
the start is.
"""
START = (-1.0, 1.0)
"""psi and theta at the beginning."""


class Trajectories(NamedTuple):
    """The ways of two games from one start, `psi` and `theta` (2, steps + 1): of simultaneous
    steps, and of alternating ones.
    """

    psi: np.ndarray
    theta: np.ndarray

    @property
    def radii(self) -> np.ndarray:
        """The distance from the equilibrium, (2, steps + 1)."""
        result: np.ndarray = np.hypot(self.psi, self.theta)
        return result


@dataclass(frozen=True)
class DiracGAN:
    """A loss, a penalty and its weight (of clipping: the bound)."""

    loss: LossName
    penalty: PenaltyName = "none"
    weight: float = 0.0

    def discriminators_slope(self, psi: Tensor, theta: Tensor, graph: bool = False) -> Tensor:
        """D L_D / d psi of each game, (N,). With `graph` it can be differentiated once more, and
        `psi` and `theta` require grad.
        """
        if not graph:
            psi, theta = psi.detach().requires_grad_(), theta.detach().requires_grad_()
        real, fake = torch.zeros_like(theta)[:, None].requires_grad_(), theta[:, None]
        real_logits, fake_logits = psi * real[:, 0], psi * fake[:, 0]
        total = LOSSES[self.loss].discriminator(real_logits, fake_logits)
        if self.penalty == "r1":
            total = total + self.weight * slope_penalty(real, real_logits)
        elif self.penalty == "r2":
            total = total + self.weight * slope_penalty(fake, fake_logits)
        elif self.penalty == "gradient-penalty":  # a linear critic has one slope everywhere
            total = total + self.weight * gradient_penalty(fake, fake_logits, TARGET)
        return _slope(total, psi, graph)

    def generators_slope(self, psi: Tensor, theta: Tensor, graph: bool = False) -> Tensor:
        """D L_G / d theta of each game, (N,); `graph` as above."""
        if not graph:
            psi, theta = psi.detach(), theta.detach().requires_grad_()
        return _slope(LOSSES[self.loss].generator(psi * 0, psi * theta), theta, graph)

    def bounded(self, psi: Tensor) -> Tensor:
        """Psi after a step: clipped, where that is the penalty."""
        return psi.clamp(-self.weight, self.weight) if self.penalty == "clip" else psi

    def field(self, psi: np.ndarray, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where gradient descent of both goes from `psi` and `theta` (N,): the velocities of each,
        (N,). Clipping is no velocity.
        """
        places = torch.from_numpy(psi), torch.from_numpy(theta)
        return -self.discriminators_slope(*places).numpy(), -self.generators_slope(*places).numpy()

    def eigenvalues(self) -> tuple[complex, complex] | None:
        """Of the field's Jacobian at psi = theta = 0, smaller real part first: negative real parts
        attract, imaginary ones turn. None with the gradient penalty, whose slope jumps there.

        With R1 or R2 of weight g they are -g/2 +- sqrt(g^2/4 - l'(0)^2), l' being the slope of the
        players' losses.
        """
        if self.penalty == "gradient-penalty":
            return None

        def velocity(place: Tensor) -> Tensor:
            psi, theta = place[:1], place[1:]
            return -torch.cat(
                [
                    self.discriminators_slope(psi, theta, True),
                    self.generators_slope(psi, theta, True),
                ]
            )

        jacobian = torch.autograd.functional.jacobian(velocity, torch.zeros(2, dtype=torch.float64))
        first, second = sorted(
            np.linalg.eigvals(jacobian.numpy()).tolist(), key=lambda each: (each.real, each.imag)
        )
        return complex(first), complex(second)

    def play(self, step: float, steps: int, start: tuple[float, float] = START) -> Trajectories:
        """`steps` rounds with gradient steps of size `step`, both kinds side by side."""
        psi, theta = (torch.full((2,), place, dtype=torch.float64) for place in start)
        alternating = torch.tensor([False, True])
        ways = torch.empty(2, 2, steps + 1, dtype=torch.float64)
        ways[:, :, 0] = torch.stack([psi, theta])
        for number in range(1, steps + 1):
            moved = self.bounded(psi - step * self.discriminators_slope(psi, theta))
            seen = torch.where(alternating, moved, psi)  # by the generator
            psi, theta = moved, theta - step * self.generators_slope(seen, theta)
            ways[0, :, number], ways[1, :, number] = psi, theta
        return Trajectories(*ways.numpy())


def growth(step: float) -> float:
    """By how much a simultaneous step on f = x y multiplies the distance from 0."""
    return math.sqrt(1 + step**2)


def verdict(radii: np.ndarray) -> str:
    """What a way does, read from its distances from the equilibrium (steps + 1,)."""
    quarter = len(radii) // 4
    if not np.isfinite(radii).all():
        return "flies apart"
    if radii[-1] < 1e-3 * radii[0]:
        return "converges to the equilibrium"
    last, before = radii[-quarter:], radii[-3 * quarter : -2 * quarter]
    if np.ptp(last) < 1e-4 * last.max():
        # A constant distance is a circle around 0 only if there was none other.
        return "circles" if np.ptp(radii) < 1e-3 * radii[0] else "stops beside the equilibrium"
    change = last.max() / before.max()
    return (
        "spirals outwards"
        if change > 1.01
        else "spirals inwards, slowly"
        if change < 0.99
        else "circles for ever"
    )


def _slope(total: Tensor, at: Tensor, graph: bool) -> Tensor:
    # A loss is the mean over its games, so the sum's slope at one of them is that game's own.
    (slope,) = torch.autograd.grad(len(at) * total, at, create_graph=graph)
    return slope
