"""Differentiable augmentation of everything the discriminator sees (Zhao et al. 2020,
arXiv:2006.10738).

Real and fake pictures go through the same random changes and gradients flow back through them to
the generator, so it learns the distribution of the pictures, not that of the changed ones.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from ganapp.config.settings import AugmentName
from ganapp.randomness import WHOLE, Share


class Augmentation(Protocol):
    """A random change of pictures."""

    def __call__(self, images: Tensor, rng: torch.Generator, share: Share = WHOLE) -> Tensor:
        """Images (B, C, H, W) in [-1, 1], rng on their device -> changed images of the same
        shape.
        """


BACKGROUND = -1.0


def identity(images: Tensor, rng: torch.Generator, share: Share = WHOLE) -> Tensor:
    """The pictures as they are."""
    return images


def translation(
    images: Tensor, rng: torch.Generator, share: Share = WHOLE, reach: float = 1 / 8
) -> Tensor:
    """Each picture moved by up to `reach` of its side along both axes; what comes in is
    background.
    """
    height, width = images.shape[2:]
    rows = _moved(images, height, reach, rng, share)
    columns = _moved(images, width, reach, rng, share)
    shifted = images.gather(2, rows.clamp(0, height - 1)[:, None, :, None].expand_as(images))
    shifted = shifted.gather(3, columns.clamp(0, width - 1)[:, None, None, :].expand_as(images))
    inside = ((rows >= 0) & (rows < height))[:, None, :, None] & (
        (columns >= 0) & (columns < width)
    )[:, None, None, :]
    return torch.where(inside, shifted, BACKGROUND)


def _moved(images: Tensor, side: int, reach: float, rng: torch.Generator, share: Share) -> Tensor:
    most = round(side * reach)
    return torch.arange(side, device=images.device) + _whole_numbers(
        -most, most + 1, images, rng, share
    )


def _whole_numbers(
    low: int, high: int, images: Tensor, rng: torch.Generator, share: Share
) -> Tensor:
    """One number from `low` up to, not including, `high` for each picture, (B, 1)."""
    return share.of(
        torch.randint(
            low, high, (len(images) * share.processes, 1), device=images.device, generator=rng
        )
    )


def cutout(
    images: Tensor, rng: torch.Generator, share: Share = WHOLE, size: float = 1 / 4
) -> Tensor:
    """A square of `size` times the side set to background, its centre anywhere."""
    height, width = images.shape[2:]
    side = round(min(height, width) * size)
    row, column = (_whole_numbers(0, length, images, rng, share) for length in (height, width))
    near_row, near_column = _near(row, height, side), _near(column, width, side)
    return torch.where(
        (near_row[:, :, None] & near_column[:, None, :])[:, None], BACKGROUND, images
    )


def _near(centre: Tensor, length: int, side: int) -> Tensor:
    offset = torch.arange(length, device=centre.device) - centre + side // 2
    return (offset >= 0) & (offset < side)


def translation_cutout(images: Tensor, rng: torch.Generator, share: Share = WHOLE) -> Tensor:
    """`translation`, then `cutout`."""
    return cutout(translation(images, rng, share), rng, share)


def colour(images: Tensor, rng: torch.Generator, share: Share = WHOLE) -> Tensor:
    """Brightness moved by up to 1/4 of the range, then saturation times 0 to 2, then contrast times
    1/2 to 3/2.
    """
    bright, saturated, contrast = _uniform(3, images, rng, share)
    images = images + (bright - 0.5)
    grey = images.mean(1, keepdim=True)
    images = (images - grey) * (2 * saturated) + grey
    middle = images.mean((1, 2, 3), keepdim=True)
    result: Tensor = (images - middle) * (0.5 + contrast) + middle
    return result


def _uniform(count: int, images: Tensor, rng: torch.Generator, share: Share) -> Tensor:
    """`count` numbers of [0, 1] for each picture, (count, B, 1, 1, 1)."""
    numbers = torch.rand(len(images) * share.processes, count, device=images.device, generator=rng)
    return share.of(numbers).T[:, :, None, None, None]


def colour_translation_cutout(images: Tensor, rng: torch.Generator, share: Share = WHOLE) -> Tensor:
    """`colour`, then `translation`, then `cutout`: the paper's three, with squares of a quarter of
    the side instead of a half.
    """
    return translation_cutout(colour(images, rng, share), rng, share)


AUGMENTATIONS: dict[AugmentName, Augmentation] = {
    "none": identity,
    "translation": translation,
    "translation-cutout": translation_cutout,
    "colour-translation-cutout": colour_translation_cutout,
}
