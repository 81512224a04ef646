"""Do the generated pictures look real, and do they cover the real ones? Two questions that one
distance mixes.

Around each picture lies a ball that reaches to its k-th nearest neighbour in the same set. With
B(x) for the balls of the real pictures and B(y) for those of the generated ones:

    precision   share of generated pictures inside any B(x)
    recall      share of real pictures inside any B(y)
    density     how many B(x) a generated picture lies in, divided by k
    coverage    share of the B(x) that hold a generated picture

Precision and recall: Kynkaanniemi et al. 2019, arXiv:1904.06991. Density and coverage: Naeem et al.
2020, arXiv:2002.09797; a single outlier with a huge ball spoils neither. Each is a mean of one
number for each picture, which gives its interval, with the balls held fixed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganapp.evaluation.bootstrap import Estimate, of_mean
from ganapp.evaluation.distances import check_features

NEIGHBOURS = 5
ROWS = 1000


class Manifold(NamedTuple):
    """How two clouds of features overlap, each in [0, 1] but for density, which may exceed 1."""

    precision: float
    recall: float
    density: float
    coverage: float


class Overlap(NamedTuple):
    """The numbers whose means are the four scores: precision and density (M,), recall and coverage
    (N,).
    """

    precision: np.ndarray
    recall: np.ndarray
    density: np.ndarray
    coverage: np.ndarray


def manifold(real: np.ndarray, generated: np.ndarray, k: int = NEIGHBOURS) -> Manifold:
    """Precision, recall, density and coverage of features (N, F) and (M, F)."""
    return Manifold(*(float(values.mean()) for values in overlap(real, generated, k)))


def manifold_estimates(
    real: np.ndarray, generated: np.ndarray, k: int = NEIGHBOURS, seed: int = 0
) -> dict[str, Estimate]:
    """The same four by name, with their intervals."""
    return {
        name: of_mean(values, seed)
        for name, values in overlap(real, generated, k)._asdict().items()
    }


def overlap(real: np.ndarray, generated: np.ndarray, k: int = NEIGHBOURS) -> Overlap:
    """What each picture adds to the four scores. `BadInput` where a set has no k-th neighbour."""
    check_features(real, generated, fewest=k + 1)
    x, y = torch.from_numpy(real).double(), torch.from_numpy(generated).double()
    real_radii, generated_radii = _radii(x, k), _radii(y, k)
    held = torch.zeros(len(y), dtype=torch.int64)
    recalled, covered = torch.zeros(len(x), dtype=torch.bool), torch.zeros(len(x), dtype=torch.bool)
    for start in range(0, len(x), ROWS):
        rows = slice(start, start + ROWS)
        apart = torch.cdist(x[rows], y)
        inside = apart < real_radii[rows, None]
        held += inside.sum(0)
        covered[rows] = inside.any(1)
        recalled[rows] = (apart < generated_radii).any(1)
    return Overlap(
        (held > 0).numpy(), recalled.numpy(), (held.double() / k).numpy(), covered.numpy()
    )


def _radii(points: Tensor, k: int) -> Tensor:
    """How far each point's k-th nearest other point is, (N,)."""
    # The nearest of all is the point itself. `topk` takes a fifth of `kthvalue`'s time.
    nearest = (
        torch.cdist(part, points).topk(k + 1, dim=1, largest=False) for part in points.split(ROWS)
    )
    return torch.cat([found.values[:, -1] for found in nearest])
