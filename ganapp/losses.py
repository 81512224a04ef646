"""The loss of each player as a pure function of the discriminator's logits, and gradient penalties.

Logits, not probabilities: D(x) = sigmoid(logit), so log D(x) = -softplus(-logit) and log(1 - D(x))
= -softplus(logit) stay finite where D saturates. If the paper's discriminator is a critic, which
gives a score instead of a probability, the logit is that score. No function here knows a network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from ganapp.config.settings import LossName


class Loss(NamedTuple):
    """A two-player objective. Logits are (B,); both functions return a scalar to minimise."""

    discriminator: Callable[[Tensor, Tensor], Tensor]
    """(real logits, fake logits) -> loss of the discriminator."""
    generator: Callable[[Tensor, Tensor], Tensor]
    """(real logits, fake logits) -> loss of the generator; only relative losses read the real ones.
    """
    critic: bool = False
    """Whether logits are scores that cannot be read as probabilities.
    """
    relative: bool = False
    """Whether the generator's loss reads the real logits."""
    indifferent: float | None = None
    """The discriminator's loss when it cannot tell real from fake, if that is one number."""

    def verdict(self, logits: Tensor) -> Tensor:
        """What people are shown: the probabilities of being real, or the scores of a critic."""
        return logits if self.critic else logits.sigmoid()


def bce_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(x)] - E[log(1 - D(G(z)))], that is -V(D, G) of Goodfellow et al. 2014
    (arXiv:1406.2661), eq. 1.

    It is log 4 = 1.386 if the discriminator answers 1/2 everywhere, and goes to 0 as the
    discriminator wins.
    """
    return softplus(-real).mean() + softplus(fake).mean()


def minimax_generator(real: Tensor, fake: Tensor) -> Tensor:
    """E[log(1 - D(G(z)))], Goodfellow et al. 2014, eq. 1. It saturates: its gradient vanishes as
    D(G(z)) -> 0.
    """
    return -softplus(fake).mean()


def non_saturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(G(z))], Goodfellow et al. 2014, section 3: the same fixed point, but a strong
    gradient early on.
    """
    return softplus(-fake).mean()


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """1/2 E[(D(x) - 1)^2] + 1/2 E[D(G(z))^2], LSGAN (Mao et al. 2017, arXiv:1611.04076), eq. 9. It
    is 1/4 if D answers 1/2.
    """
    return 0.5 * (real - 1).square().mean() + 0.5 * fake.square().mean()


def least_squares_generator(real: Tensor, fake: Tensor) -> Tensor:
    """1/2 E[(D(G(z)) - 1)^2], LSGAN, eq. 9."""
    return 0.5 * (fake - 1).square().mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))] (Lim and Ye 2017, arXiv:1705.02894, as in
    BigGAN): pictures that are on the right side by a margin of 1 give no more gradient. It is 2 if
    D answers 0.
    """
    return relu(1 - real).mean() + relu(1 + fake).mean()


def wasserstein_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[D(G(z))] - E[D(x)] (Arjovsky et al. 2017, arXiv:1701.07875): its negative is K times the
    Wasserstein distance if the critic is the best of all K-Lipschitz functions.
    """
    return fake.mean() - real.mean()


def score_generator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[D(G(z))], the generator of WGAN and of the hinge loss."""
    return -fake.mean()


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log sigmoid(D(x) - D(G(z)))] over pairs (Jolicoeur-Martineau 2018, arXiv:1807.00734; Huang
    et al. 2024, arXiv:2501.05441): which of the two is more real? It is log 2 if the discriminator
    cannot tell.
    """
    return softplus(fake - real).mean()


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log sigmoid(D(G(z)) - D(x))]: the same with real and fake exchanged."""
    return softplus(real - fake).mean()


LOSSES: dict[LossName, Loss] = {
    "minimax": Loss(bce_discriminator, minimax_generator, indifferent=math.log(4)),
    "non-saturating": Loss(bce_discriminator, non_saturating_generator, indifferent=math.log(4)),
    "least-squares": Loss(
        least_squares_discriminator, least_squares_generator, critic=True, indifferent=0.25
    ),
    "hinge": Loss(hinge_discriminator, score_generator, critic=True, indifferent=2.0),
    "wasserstein": Loss(wasserstein_discriminator, score_generator, critic=True, indifferent=0.0),
    "relativistic": Loss(
        relativistic_discriminator,
        relativistic_generator,
        critic=True,
        relative=True,
        indifferent=math.log(2),
    ),
}


def slope_penalty(images: Tensor, logits: Tensor) -> Tensor:
    """1/2 E[|grad_x D(x)|^2]: R1 at real pictures, R2 at generated ones (Mescheder et al. 2018,
    arXiv:1801.04406, eq. 9).

    `images` (B, ...) require gradients, and `logits` (B,) were computed from them. The graph is
    kept, so that the penalty itself can be differentiated.
    """
    return slope_penalties((images,), (logits,))[0]


def slope_penalties(images: Sequence[Tensor], logits: Sequence[Tensor]) -> list[Tensor]:
    """`slope_penalty` of several batches in one backward pass. The logits of one batch must not
    depend on the pictures of another.
    """
    slopes = torch.autograd.grad([each.sum() for each in logits], list(images), create_graph=True)
    return [0.5 * slope.float().flatten(1).square().sum(1).mean() for slope in slopes]


def gradient_penalty(images: Tensor, logits: Tensor, target: float = 1.0) -> Tensor:
    """E[(|grad_x D(x)| - target)^2], with the norm of the gradient at each picture, for `mixed`
    pictures (Gulrajani et al. 2017, arXiv:1704.00028, eq. 3, where the target is 1).
    """
    # The derivative of the square root is infinite at 0.
    (slope,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return (
        (slope.float().flatten(1).square().sum(1).clamp(min=1e-12).sqrt() - target).square().mean()
    )


def mixed(real: Tensor, fake: Tensor, shares: Tensor) -> Tensor:
    """Pictures (B, ...) on the straight lines between real and fake ones; `shares` (B,) in [0, 1]
    are the weights of the real ones.
    """
    shares = shares.view(-1, *[1] * (real.ndim - 1))
    return shares * real + (1 - shares) * fake
