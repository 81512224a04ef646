"""Digits in another style: two domains, unpaired, for translation. Half of the digits are plain,
the other half are drawn anew.

Each style is a function of the plain picture, so one can measure how far a translation is from the
true one.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d, pad

from ganapp.datasets.bundled import load_digits
from ganapp.datasets.pictures import Pictures, Progress

PAPER, INK, SHADE = (250, 240, 220), (163, 62, 189), 0.45
FALL = 2


def plain(digits: Tensor) -> Tensor:
    """Grey digits as colour pictures, (N, 1, H, W) -> (N, 3, H, W) uint8."""
    return digits.expand(-1, 3, -1, -1)


def outlined(digits: Tensor) -> Tensor:
    """Hollow strokes, drawn by a line of a pixel around each: (N, 1, H, W) uint8, like the
    digits.
    """
    grey = digits.float()
    return (max_pool2d(grey, 3, 1, 1) - grey).to(torch.uint8)


def inked(digits: Tensor) -> Tensor:
    """Purple ink on paper, with a shadow to its lower right: (N, 1, H, W) -> (N, 3, H, W) uint8."""
    ink = digits.float() / 255
    shadow = pad(avg_pool2d(ink, 3, 1, 1), (FALL, -FALL, FALL, -FALL))
    paper, colour = (
        torch.tensor(rgb, dtype=torch.float32).view(1, 3, 1, 1) for rgb in (PAPER, INK)
    )
    return (paper * (1 - SHADE * shadow) * (1 - ink) + colour * ink).round().to(torch.uint8)


def load_outlines(progress: Progress) -> Pictures:
    """2,500 plain digits and 2,500 outlines of others, (5000, 1, 32, 32)."""
    return _halves(lambda digits: digits, outlined, ("filled", "outline"), progress)


def load_inked(progress: Progress) -> Pictures:
    """2,500 plain digits and 2,500 others in ink on paper, (5000, 3, 32, 32)."""
    return _halves(plain, inked, ("chalk", "ink"), progress)


def _halves(
    first: Callable[[Tensor], Tensor],
    second: Callable[[Tensor], Tensor],
    names: tuple[str, str],
    progress: Progress,
) -> Pictures:
    digits = pad(load_digits(progress).images, (2, 2, 2, 2))  # the margin belongs to the style too
    images = torch.cat([first(digits[::2]), second(digits[1::2])])
    return Pictures(images, torch.arange(2).repeat_interleave(len(digits) // 2), names)
