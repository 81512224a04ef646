"""How many modes has a GAN found? Stacked digits have 1,000 that one can count (Metz et al. 2017;
VEEGAN, arXiv:1705.07761).

The classifier reads each colour channel of 26,000 pictures, without a threshold on its certainty;
three digits make a number from 0 to 999. Two figures are reported: how many of these numbers occur,
and KL(generated || uniform) in nats. Even for 26,000 draws from exactly uniform numbers the KL is
about 999 / 52,000 = 0.0192. So real stacks are counted in the same way, and fewer pictures are
refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ganapp.errors import BadInput
from ganapp.evaluation import classifier
from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.classes import divergence_estimate
from ganapp.evaluation.sizes import check_pictures

MODES = 1000
FEWEST = 26_000
AT_A_TIME = 1000


class Modes(NamedTuple):
    """How many of the 1,000 modes came in `pictures`, and their divergence from coming equally
    often.
    """

    pictures: int
    modes: int
    kl: Estimate


def numbers(
    images: np.ndarray, progress: Callable[[float], None] = lambda share: None
) -> np.ndarray:
    """The number from 0 to 999 that the classifier reads in each of `images` (N, H, W, 3) uint8,
    (N,) int64.
    """
    check_pictures(images)
    if images.shape[3] != 3:
        raise BadInput(
            "Stacked digits have three colour channels, but these pictures are grey: train a model"
            " on the data digits-stacked."
        )
    network, _ = classifier.shipped()
    found = []
    for start in range(0, len(images), AT_A_TIME):
        part = images[start : start + AT_A_TIME]
        digits = [
            classifier.read(network, classifier.features(network, part[..., channel : channel + 1]))
            for channel in range(3)
        ]
        found.append(digits[0] * 100 + digits[1] * 10 + digits[2])
        progress(min(1.0, (start + AT_A_TIME) / len(images)))
    return np.concatenate(found)


def counted(read: np.ndarray, seed: int = 0) -> Modes:
    """The modes among the numbers `read` (N,), at least `FEWEST`."""
    if len(read) < FEWEST:
        raise BadInput(
            f"There are {len(read):,} stacked pictures, but modes are counted in {FEWEST:,}: with"
            " fewer, some are missed by chance."
        )
    return Modes(
        len(read),
        len(np.unique(read)),
        divergence_estimate(read, np.full(MODES, 1 / MODES), seed, times=200),
    )
