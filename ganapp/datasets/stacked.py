"""Stacked digits: three random digits as the three colour channels of one picture, 1,000 kinds
(Metz et al. 2017, arXiv:1611.02163).

Nobody asks for a picture of these: they are a test of how many modes a GAN finds, since one can
count them. As in VEEGAN's protocol (Srivastava et al. 2017, arXiv:1705.07761) 128,000 pictures are
stacked from the 60,000 digits of MNIST.
"""

from __future__ import annotations

import torch

from ganapp.datasets.bundled import load_mnist
from ganapp.datasets.pictures import Pictures, Progress
from ganapp.randomness import rng_for

COUNT = 128_000


def stacked(digits: Pictures, count: int, seed: int = 0) -> tuple[Pictures, torch.Tensor]:
    """`count` stacks of three of the `digits`, (count, 3, H, W), as one class; and each stack's
    number from 0 to 999.
    """
    chosen = torch.randint(len(digits.labels), (count, 3), generator=rng_for(seed, "stacks"))
    numbers = digits.labels[chosen] @ torch.tensor([100, 10, 1])
    return (
        Pictures(
            digits.images[chosen, 0], torch.zeros(count, dtype=torch.int64), ("stacked digits",)
        ),
        numbers,
    )


def load_stacked(progress: Progress) -> Pictures:
    """The 128,000 stacks, (128000, 3, 28, 28)."""
    return stacked(load_mnist(progress), COUNT)[0]
