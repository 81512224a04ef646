"""Has the generator copied? The nearest training picture of each generated one, in pixels.

The distance is the root mean square over the pixels, which lie in [0, 1]. A copy is much nearer to
its original than real pictures are to one another, so the same distance from each real picture to
its nearest other one stands beside it. Authenticity (Alaa et al. 2022, arXiv:2102.08921) is the
share of generated pictures that are farther from their nearest real picture than that one is from
its nearest other real one: about a half for new pictures of the same kind, near 0 for copies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganapp.errors import BadInput

ROWS = 1000


class Nearest(NamedTuple):
    """Per picture, the numbers (N, K) and the distances (N, K) of the K nearest ones, nearest
    first.
    """

    indices: np.ndarray
    distances: np.ndarray


def nearest(
    images: np.ndarray,
    others: np.ndarray,
    count: int = 1,
    leave_one_out: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> Nearest:
    """The `count` nearest of `others` (M, H, W, C) uint8 to each of `images` (N, H, W, C) uint8.

    With `leave_one_out`, where both are the same set, no picture is its own neighbour.
    """
    if images.shape[1:] != others.shape[1:]:
        raise BadInput(
            f"Pictures of {images.shape[1:]} and of {others.shape[1:]} cannot be compared pixel by"
            " pixel: bring them to one size."
        )
    if len(others) < count + leave_one_out:
        raise BadInput(
            f"There are {len(others)} pictures to compare with, but {count + leave_one_out} are"
            " needed: add some."
        )
    points, targets = _points(images), _points(others)
    indices, distances = [], []
    for start in range(0, len(points), ROWS):
        apart = torch.cdist(points[start : start + ROWS], targets)
        if leave_one_out:
            apart[torch.arange(len(apart)), torch.arange(start, start + len(apart))] = torch.inf
        found = apart.topk(count, dim=1, largest=False).indices
        indices.append(found)
        # cdist subtracts large numbers from one another, so that a copy would not be at 0.
        distances.append((points[start : start + ROWS, None] - targets[found]).norm(dim=2))
        progress(min(1.0, (start + ROWS) / len(points)))
    scale = points.shape[1] ** 0.5
    return Nearest(torch.cat(indices).numpy(), torch.cat(distances).numpy() / scale)


def authentic(found: Nearest, real: np.ndarray) -> np.ndarray:
    """Whether each generated picture is farther from its nearest one of `real` (M, H, W, C) uint8
    than that is from its nearest other, bool (N,); `found` is of the generated pictures among them.
    """
    rows, places = np.unique(found.indices[:, 0], return_inverse=True)
    if len(real) == 1:
        return np.zeros(len(found.indices), bool)
    # The nearest of all is the picture itself, or a twin at the same place.
    apart = nearest(real[rows], real, count=2).distances[:, 1]
    result: np.ndarray = found.distances[:, 0] > apart[places]
    return result


def _points(images: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images)).flatten(1).float() / 255
