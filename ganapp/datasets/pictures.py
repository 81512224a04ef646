"""The one small type that every data set becomes, and what is done to it on the training device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

Progress = Callable[[float, str], None]
"""(share done in [0, 1], what is being done) -> None."""


Part = Literal["train", "test"]
"""What one trains on, and what nothing learns from."""

AT_A_TIME = 4096
"""Pictures that are resampled together: as numbers with a fraction they take four times the memory.
"""


class Batch(NamedTuple):
    """Pictures for one step: `images` (B, C, H, W) float32 in [-1, 1], `labels` (B,) int64, and
    their `attributes` (B, A) float32, if the data have any.
    """

    images: Tensor
    labels: Tensor
    attributes: Tensor | None = None


class Pictures(NamedTuple):
    """A whole data set: `images` (N, C, H, W) uint8, `labels` (N,) int64, the classes' names, and
    what else is known of each picture in numbers, `attributes` (N, A) float32.
    """

    images: Tensor
    labels: Tensor
    class_names: tuple[str, ...]
    attributes: Tensor | None = None

    def to(self, device: torch.device | str) -> Pictures:
        """The same pictures on `device`."""
        known = None if self.attributes is None else self.attributes.to(device)
        return self._replace(
            images=self.images.to(device), labels=self.labels.to(device), attributes=known
        )

    def at(self, indices: Tensor) -> Pictures:
        """Only the pictures at `indices` (M,) int64, in that order."""
        known = None if self.attributes is None else self.attributes[indices]
        return self._replace(
            images=self.images[indices], labels=self.labels[indices], attributes=known
        )

    def resized(self, side: int) -> Pictures:
        """The pictures at `side` x `side` pixels: a margin of up to 4 pixels is added as
        background, anything else is resampled.
        """
        height, width = self.images.shape[-2:]
        images = self.images
        if side > max(height, width) and side % 32 == 0:
            # Digits of 28 pixels get their margin first, so that doubling to 64 keeps them whole.
            inner = side // max(1, side // max(height, width))
            if 0 < inner - height <= 4 and 0 < inner - width <= 4:
                top, left = (inner - height) // 2, (inner - width) // 2
                images = pad(images, (left, inner - width - left, top, inner - height - top))
        if images.shape[-2:] != (side, side):
            images = torch.cat([_scaled(part, side) for part in images.split(AT_A_TIME)])
        return self._replace(images=images)

    def batch(self, indices: Tensor) -> Batch:
        """The pictures at `indices` (B,) int64, scaled to [-1, 1]."""
        known = None if self.attributes is None else self.attributes[indices]
        scaled = self.images[indices].float().div_(127.5).sub_(1)
        return Batch(scaled, self.labels[indices], known)


def _scaled(images: Tensor, side: int) -> Tensor:
    scaled = interpolate(
        images.float(), (side, side), mode="bilinear", antialias=True, align_corners=False
    )
    return scaled.round_().clamp_(0, 255).to(torch.uint8)
