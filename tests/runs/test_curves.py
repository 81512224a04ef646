"""Curves: the means are right at every length, and the number of points never grows."""

import numpy as np
import pytest

from ganapp.runs.curves import MOST_POINTS, Curves


@pytest.mark.parametrize("rounds", [1, 7, MOST_POINTS, MOST_POINTS + 1, 1000, 12_345])
def test_each_point_is_the_mean_of_its_rounds(rounds: int) -> None:
    rows = np.random.default_rng(0).normal(size=(rounds, 2))
    curves = Curves(("a", "b"))
    for piece in np.array_split(rows, 13):
        curves.add(piece)
    points = curves.points()
    assert len(points["step"]) <= MOST_POINTS
    expected = [
        rows[start : start + curves.stride].mean(0) for start in range(0, rounds, curves.stride)
    ]
    np.testing.assert_allclose(points["a"], [mean[0] for mean in expected], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(points["b"], [mean[1] for mean in expected], rtol=1e-3, atol=1e-6)


def test_points_lie_in_the_middle_of_their_rounds() -> None:
    curves = Curves(("a",))
    curves.add(np.zeros((MOST_POINTS * 2, 1)))
    assert curves.points()["step"][:2] == [1.5, 3.5]


def test_one_long_piece_equals_many_short_ones() -> None:
    rows = np.random.default_rng(1).normal(size=(5000, 1))
    once, often = Curves(("a",)), Curves(("a",))
    once.add(rows)
    for row in rows:
        often.add(row[None])
    assert once.points() == often.points()


def test_nothing_yet() -> None:
    curves = Curves(("a",))
    curves.add(np.zeros((0, 1)))
    assert curves.points() == {"step": [], "a": []}
