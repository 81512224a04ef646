"""Nearest training pictures: found, measured as scikit-learn measures, and copies told from new
pictures.
"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from ganapp.errors import BadInput
from ganapp.evaluation import neighbours
from ganapp.evaluation.neighbours import authentic, nearest


def drawn(seed: int, count: int = 30, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 8, 8, channels), dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_neighbours_are_those_of_scikit_learn(
    channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "ROWS", 7)
    images, others = drawn(0, channels=channels), drawn(1, 50, channels)
    distances, indices = (
        NearestNeighbors(n_neighbors=3)
        .fit(others.reshape(50, -1) / 255)
        .kneighbors(images.reshape(30, -1) / 255)
    )
    found = nearest(images, others, 3)
    assert (found.indices == indices).all()
    assert found.distances == pytest.approx(distances / (64 * channels) ** 0.5, abs=1e-6)


def test_the_distance_is_a_root_mean_square() -> None:
    black, grey = np.zeros((1, 8, 8, 1), np.uint8), np.full((1, 8, 8, 1), 51, np.uint8)
    assert nearest(black, grey).distances[0, 0] == pytest.approx(0.2)


def test_leaving_itself_out() -> None:
    images = drawn(0)
    assert (nearest(images, images).indices[:, 0] == np.arange(30)).all()
    others = nearest(images, images, leave_one_out=True)
    assert (others.indices[:, 0] != np.arange(30)).all() and (others.distances > 0.1).all()


def test_copies_are_not_authentic_and_new_pictures_are_half_the_time() -> None:
    real = np.random.default_rng(0).integers(0, 256, (400, 8, 8, 1)).astype(np.uint8)
    copies = np.clip(real[:100].astype(int) + 5, 0, 255).astype(np.uint8)
    assert authentic(nearest(copies, real), real).mean() == 0
    fresh = np.random.default_rng(1).integers(0, 256, (400, 8, 8, 1)).astype(np.uint8)
    assert 0.3 < authentic(nearest(fresh, real), real).mean() < 0.75


def test_progress_reaches_the_end() -> None:
    shares: list[float] = []
    nearest(drawn(0), drawn(1), progress=shares.append)
    assert shares[-1] == 1


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(BadInput, match="bring them to one size"):
        nearest(drawn(0), drawn(1, channels=3))
    with pytest.raises(BadInput, match="There are 2 pictures to compare with, but 3 are needed"):
        nearest(drawn(0), drawn(1, 2), count=3)
