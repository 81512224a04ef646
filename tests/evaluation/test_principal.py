"""The map of features: its axes are the directions in which both sets together vary most."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from ganapp.errors import BadInput
from ganapp.evaluation.principal import principal_map


def clouds() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    spread = np.array([1.0, 7, 0.1, 3, 0.5])
    return (rng.normal(size=(80, 5)) * spread).astype(np.float32), (
        rng.normal(size=(60, 5)) * spread + 2
    ).astype(np.float32)


def test_axes_are_the_principal_directions_of_both_sets() -> None:
    real, generated = clouds()
    found, trusted = principal_map(real, generated), PCA(2).fit(np.concatenate([real, generated]))
    signs = np.sign((found.directions * trusted.components_).sum(1))
    np.testing.assert_allclose(found.directions, trusted.components_ * signs[:, None], atol=1e-5)
    np.testing.assert_allclose(found.shares, trusted.explained_variance_ratio_, rtol=1e-5)
    np.testing.assert_allclose(found.real, trusted.transform(real) * signs, atol=1e-3)
    np.testing.assert_allclose(found.generated, trusted.transform(generated) * signs, atol=1e-3)


def test_along_known_axes_the_map_is_what_it_should_be() -> None:
    real, generated = np.array([[0, 4.0, 0], [0, -4, 0]]), np.array([[1.0, 0, 0], [-1, 0, 0]])
    found = principal_map(real, generated)
    np.testing.assert_allclose(np.abs(found.directions), [[0, 1, 0], [1, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.shares, [32 / 34, 2 / 34])
    np.testing.assert_allclose(found.real, [[4, 0], [-4, 0]], atol=1e-12)
    np.testing.assert_allclose(found.generated, [[0, 1], [0, -1]], atol=1e-12)


def test_what_cannot_be_mapped_is_refused() -> None:
    real, _ = clouds()
    with pytest.raises(BadInput, match="cannot be compared"):
        principal_map(real, real[:, :3])
