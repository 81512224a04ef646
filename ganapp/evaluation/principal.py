"""A map of real and generated pictures: their features along the two directions in which they
differ most (principal component analysis, Pearson 1901, doi:10.1080/14786440109462720).

The axes are those of both sets together, with as much say as each has pictures; so what only one of
them varies in is seen too. Two directions of many: pictures that lie together here may be far apart
in the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ganapp.evaluation.distances import check_features
from ganapp.latents import principal_directions


class PrincipalMap(NamedTuple):
    """Places of real (N, 2) and generated (M, 2) pictures, the directions (2, F), orthonormal rows,
    and their shares of the variance.
    """

    real: np.ndarray
    generated: np.ndarray
    directions: np.ndarray
    shares: np.ndarray


def principal_map(real: np.ndarray, generated: np.ndarray) -> PrincipalMap:
    """The map of features (N, F) and (M, F)."""
    check_features(real, generated)
    both = np.concatenate([real, generated]).astype(np.float64)
    centred = both - both.mean(0)
    directions, shares = principal_directions(centred, 2)
    places = centred @ directions.T
    return PrincipalMap(places[: len(real)], places[len(real) :], directions, shares)
