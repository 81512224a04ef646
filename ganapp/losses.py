"""What each player minimises, as pure functions of the discriminator's logits, and penalties on its slope.

Logits, not probabilities: D(x) = sigmoid(logit), so log D(x) = -softplus(-logit) and
log(1 - D(x)) = -softplus(logit) stay finite where D saturates. No function here knows a network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ganapp.config import LossName


class Loss(NamedTuple):
    """A two-player objective. Logits are (B,); both functions return a scalar to minimise."""

    discriminator: Callable[[Tensor, Tensor], Tensor]
    """(real logits, fake logits) -> loss of the discriminator."""
    generator: Callable[[Tensor, Tensor], Tensor]
    """(real logits, fake logits) -> loss of the generator; only relativistic losses read the real ones."""


def bce_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(x)] - E[log(1 - D(G(z)))], that is -V(D, G) of Goodfellow et al. 2014 (arXiv:1406.2661), eq. 1.

    log 4 = 1.386 where the discriminator answers 1/2 everywhere; it nears 0 as the discriminator wins.
    """
    return softplus(-real).mean() + softplus(fake).mean()


def minimax_generator(real: Tensor, fake: Tensor) -> Tensor:
    """E[log(1 - D(G(z)))], Goodfellow et al. 2014, eq. 1. Saturates: the slope vanishes as D(G(z)) -> 0."""
    return -softplus(fake).mean()


def non_saturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(G(z))], Goodfellow et al. 2014, section 3: the same fixed point, a strong slope early on."""
    return softplus(-fake).mean()


LOSSES: dict[LossName, Loss] = {
    "minimax": Loss(bce_discriminator, minimax_generator),
    "non-saturating": Loss(bce_discriminator, non_saturating_generator),
}


def r1_penalty(images: Tensor, logits: Tensor) -> Tensor:
    """1/2 E[|grad_x D(x)|^2] at real pictures (Mescheder et al. 2018, arXiv:1801.04406, eq. 9).

    `images` is (B, ...) with requires_grad and has led to `logits` (B,). The graph is kept, so that the
    penalty itself can be differentiated.
    """
    (slope,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return 0.5 * slope.float().square().flatten(1).sum(1).mean()
