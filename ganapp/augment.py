"""Differentiable augmentation of everything the discriminator sees (Zhao et al. 2020, arXiv:2006.10738).

Real and fake pictures go through the same random changes and gradients flow back through them to the
generator, so it learns the distribution of the pictures, not that of the changed ones.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ganapp.config import AugmentName

Augmentation = Callable[[Tensor, torch.Generator], Tensor]
"""(images (B, C, H, W) in [-1, 1], rng on their device) -> changed images of the same shape."""

BACKGROUND = -1.0


def identity(images: Tensor, rng: torch.Generator) -> Tensor:
    """The pictures as they are."""
    return images


def translation(images: Tensor, rng: torch.Generator, reach: float = 1 / 8) -> Tensor:
    """Each picture moved by up to `reach` of its side along both axes; what comes in is background."""
    batch, _, height, width = images.shape
    rows = _moved(batch, height, reach, images.device, rng)
    columns = _moved(batch, width, reach, images.device, rng)
    shifted = images.gather(2, rows.clamp(0, height - 1)[:, None, :, None].expand_as(images))
    shifted = shifted.gather(3, columns.clamp(0, width - 1)[:, None, None, :].expand_as(images))
    inside = ((rows >= 0) & (rows < height))[:, None, :, None] & ((columns >= 0) & (columns < width))[:, None, None, :]
    return torch.where(inside, shifted, BACKGROUND)


def _moved(batch: int, side: int, reach: float, device: torch.device, rng: torch.Generator) -> Tensor:
    most = round(side * reach)
    offset = torch.randint(-most, most + 1, (batch, 1), device=device, generator=rng)
    return torch.arange(side, device=device) + offset


def cutout(images: Tensor, rng: torch.Generator, share: float = 1 / 4) -> Tensor:
    """A square of `share` of the side set to background, its centre anywhere."""
    batch, _, height, width = images.shape
    side = round(min(height, width) * share)
    row = torch.randint(0, height, (batch, 1), device=images.device, generator=rng)
    column = torch.randint(0, width, (batch, 1), device=images.device, generator=rng)
    near_row, near_column = _near(row, height, side), _near(column, width, side)
    return torch.where((near_row[:, :, None] & near_column[:, None, :])[:, None], BACKGROUND, images)


def _near(centre: Tensor, length: int, side: int) -> Tensor:
    offset = torch.arange(length, device=centre.device) - centre + side // 2
    return (offset >= 0) & (offset < side)


def translation_cutout(images: Tensor, rng: torch.Generator) -> Tensor:
    """`translation`, then `cutout`."""
    return cutout(translation(images, rng), rng)


AUGMENTATIONS: dict[AugmentName, Augmentation] = {
    "none": identity,
    "translation": translation,
    "translation-cutout": translation_cutout,
}
