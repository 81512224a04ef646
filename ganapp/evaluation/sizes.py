"""Pictures as the encoders and the pixel distances want them: one size, one number of channels."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import interpolate, pad

from ganapp.errors import BadInput

SIDE = 32
"""The side at which digits are read and pixels are compared."""
MARGIN = 4
AT_A_TIME = 1000


def check_pictures(images: np.ndarray, what: str = "The pictures") -> None:
    """`BadInput` unless `images` is uint8 (N, H, W, C) with one or three channels and at least 8 x
    8 pixels.
    """
    if (
        images.dtype != np.uint8
        or images.ndim != 4
        or images.shape[3] not in (1, 3)
        or min(images.shape[1:3]) < 8
    ):
        raise BadInput(
            f"{what} are {images.dtype} of shape {images.shape}, but must be uint8 (N, H, W, C)"
            " with 1 or 3 channels and 8 x 8 pixels or more."
        )


def check_labels(labels: np.ndarray, count: int) -> None:
    """`BadInput` unless `labels` is one whole number for each of `count` pictures."""
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise BadInput(
            f"The labels are {labels.dtype} of shape {labels.shape}, but must be one whole number"
            f" for each of the {count} pictures."
        )


def with_channels(images: np.ndarray, channels: int) -> np.ndarray:
    """uint8 (N, H, W, C) with `channels` channels: the mean of three as one, or one three times."""
    if images.shape[3] == channels:
        return images
    if channels == 3:
        return np.repeat(images, 3, axis=3)
    result: np.ndarray = np.rint(images.mean(3, keepdims=True, dtype=np.float32)).astype(np.uint8)
    return result


def at_side(images: np.ndarray, side: int = SIDE) -> np.ndarray:
    """uint8 (N, side, side, C): digits of 28 pixels get a margin of background, other sizes are
    resampled.
    """
    height, width = images.shape[1:3]
    if (height, width) == (side, side):
        return images
    parts = []
    for start in range(0, len(images), AT_A_TIME):
        part = torch.from_numpy(np.ascontiguousarray(images[start : start + AT_A_TIME])).permute(
            0, 3, 1, 2
        )
        if 0 < side - height <= MARGIN and 0 < side - width <= MARGIN:
            top, left = (side - height) // 2, (side - width) // 2
            part = pad(part, (left, side - width - left, top, side - height - top))
        else:
            scaled = interpolate(
                part.float(), (side, side), mode="bilinear", antialias=True, align_corners=False
            )
            part = scaled.round_().clamp_(0, 255).to(torch.uint8)
        parts.append(part.permute(0, 2, 3, 1).numpy())
    return np.ascontiguousarray(np.concatenate(parts))
