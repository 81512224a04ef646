"""Walks in the latent space: ends are ends, arcs turn evenly, pads and loops close, directions are
the principal ones.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ganapp import latents
from ganapp.latents import MODES, Mode

SHARES = np.linspace(0, 1, 21, dtype=np.float32)
SIZES = (1, 3, 16, 64, 100)
BOTH = pytest.mark.parametrize("mode", MODES)
pytestmark = pytest.mark.filterwarnings("error")


def pair(size: int = 64) -> tuple[np.ndarray, np.ndarray]:
    return latents.noise(1, size)[0], latents.noise(2, size)[0]


# --- noise ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_more_vectors_of_a_seed_never_change_the_first_ones(size: int) -> None:
    many = latents.noise(5, size, 200)
    assert many.shape == (200, size) and many.dtype == np.float32
    for count in (1, 2, 7, 199):
        assert np.array_equal(latents.noise(5, size, count), many[:count])
    assert not np.array_equal(latents.noise(6, size, 200), many)


def test_noise_is_standard_normal() -> None:
    values = latents.noise(0, 100, 1_000)
    assert abs(values.mean()) < 0.02 and abs(values.std() - 1) < 0.02
    assert abs((values**4).mean() - 3) < 0.15
    assert np.abs(np.corrcoef(values.T) - np.eye(100)).max() < 0.2


# --- lines and arcs -------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("size", SIZES)
def test_the_ends_of_a_path_are_its_ends_to_the_bit(size: int, mode: Mode) -> None:
    start, end = pair(size)
    for frames in (2, 3, 16):
        walked = latents.path(start, end, frames, mode)
        assert walked.shape == (frames, size) and walked.dtype == np.float32
        assert np.array_equal(walked[0], start) and np.array_equal(walked[-1], end)


def test_a_line_moves_evenly() -> None:
    start, end = pair()
    steps = np.diff(latents.lerp(start, end, SHARES), axis=0)
    assert np.allclose(steps, steps[0], atol=1e-5)


@pytest.mark.parametrize("size", [2, 64])
def test_an_arc_turns_at_an_even_rate_while_its_length_goes_evenly(size: int) -> None:
    start, end = pair(size)
    walked = latents.slerp(start, end, SHARES).astype(np.float64)
    lengths = np.linalg.norm(walked, axis=1)
    assert np.allclose(lengths, np.linspace(lengths[0], lengths[-1], len(lengths)), rtol=1e-5)
    directions = walked / lengths[:, None]
    turns = np.arccos(np.clip((directions[1:] * directions[:-1]).sum(1), -1, 1))
    whole = math.acos(float(directions[0] @ directions[-1]))
    assert np.allclose(turns, whole / 20, rtol=1e-3)


def test_an_arc_between_equal_lengths_keeps_the_length_which_a_line_does_not() -> None:
    start, end = (v / np.linalg.norm(v) for v in pair())
    assert np.allclose(np.linalg.norm(latents.slerp(start, end, SHARES), axis=1), 1, atol=1e-5)
    assert np.linalg.norm(latents.lerp(start, end, 0.5)) < 0.9


def test_a_right_angle_worked_out_by_hand() -> None:
    x, y = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    assert latents.slerp(x, y, 1 / 3).tolist() == pytest.approx(
        [math.cos(math.pi / 6), math.sin(math.pi / 6)], abs=1e-6
    )
    assert latents.slerp(x, 3 * y, 0.5).tolist() == pytest.approx([2 / math.sqrt(2)] * 2, abs=1e-6)


@pytest.mark.parametrize("factor", [1.0, 2.0, 1 + 1e-7, -1.0, -0.5])
def test_parallel_and_opposite_ends_fall_back_to_the_line(factor: float) -> None:
    start, _ = pair()
    end = (factor * start).astype(np.float32)
    walked = latents.slerp(start, end, SHARES)
    assert np.isfinite(walked).all()
    assert np.allclose(walked, latents.lerp(start, end, SHARES), atol=1e-5)


def test_the_origin_is_an_end_like_any_other() -> None:
    start, _ = pair()
    walked = latents.slerp(start, np.zeros_like(start), SHARES)
    assert np.isfinite(walked).all() and np.array_equal(walked[0], start) and not walked[-1].any()


@BOTH
def test_the_way_back_is_the_way_there(mode: Mode) -> None:
    start, end = pair()
    assert np.allclose(
        latents.path(start, end, 9, mode), latents.path(end, start, 9, mode)[::-1], atol=1e-5
    )


# --- pads and loops -------------------------------------------------------------------------------


@BOTH
def test_the_corners_of_a_pad_are_its_corners_and_its_edges_are_paths(mode: Mode) -> None:
    four = latents.noise(0, 64, 4)
    for corner, (x, y) in enumerate([(0, 0), (1, 0), (0, 1), (1, 1)]):
        assert np.array_equal(latents.corners(four, x, y, mode), four[corner])
    for share in (0.25, 0.5):
        assert np.allclose(
            latents.corners(four, share, 0, mode),
            latents.between(four[0], four[1], share, mode),
            atol=1e-5,
        )
        assert np.allclose(
            latents.corners(four, 1, share, mode),
            latents.between(four[1], four[3], share, mode),
            atol=1e-5,
        )


def test_a_loop_is_closed_and_passes_its_stops() -> None:
    stops, frames = 4, 6
    walked = latents.loop(3, 64, stops, frames)
    assert walked.shape == (stops * frames, 64)
    assert np.array_equal(walked[::frames], latents.noise(3, 64, stops))
    steps = np.linalg.norm(np.diff(np.concatenate([walked, walked[:1]]), axis=0), axis=1)
    assert steps.max() < 1.6 * steps.min()  # closing it is a step like the others


# --- principal directions -------------------------------------------------------------------------


def test_principal_directions_are_orthonormal_and_sorted_and_their_shares_sum_to_one() -> None:
    weight = np.random.default_rng(0).normal(size=(40, 12)) * np.linspace(3, 0.1, 12)
    rows, shares = latents.principal_directions(weight, 12)
    assert np.allclose(rows @ rows.T, np.eye(12), atol=1e-5)
    assert (np.diff(shares) <= 0).all() and shares.sum() == pytest.approx(1)
    assert (rows[np.arange(12), np.abs(rows).argmax(1)] > 0).all()
    few, few_shares = latents.principal_directions(weight, 3)
    assert np.array_equal(few, rows[:3]) and np.array_equal(few_shares, shares[:3])


def test_principal_directions_are_those_of_a_pca_of_the_hidden_layer() -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(30, 6)) * np.array([4, 3, 2, 1, 0.5, 0.1])
    hidden = rng.normal(size=(200_000, 6)) @ weight.T + rng.normal(size=30)
    variances, components = np.linalg.eigh(np.cov(hidden.T))
    variances, components = variances[::-1], components.T[::-1]
    rows, shares = latents.principal_directions(weight, 3)
    for row, share, component, variance in zip(rows, shares, components, variances, strict=False):
        moved = weight @ row
        assert abs(moved @ component) / np.linalg.norm(moved) == pytest.approx(1, abs=1e-3)
        assert share == pytest.approx(variance / variances.sum(), abs=0.01)


def test_no_direction_of_unit_length_moves_the_layer_more_than_the_first() -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(30, 6))
    first = latents.principal_directions(weight, 1)[0][0]
    others = rng.normal(size=(1_000, 6))
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert np.linalg.norm(others @ weight.T, axis=1).max() <= np.linalg.norm(weight @ first) + 1e-6


# --- truncation -----------------------------------------------------------------------------------


def test_truncation_at_0_is_the_mean_and_far_out_changes_nothing() -> None:
    vectors = latents.noise(1, 64, 5)
    assert not latents.truncated(vectors, 0).any()
    assert np.allclose(latents.truncated(vectors, 8), vectors, atol=1e-5)


def test_truncated_numbers_are_those_of_a_cut_off_gaussian() -> None:
    for limit in (0.5, 1.0, 2.0):
        cut = latents.truncated(latents.noise(1, 1000, 200), limit).ravel().astype(np.float64)
        assert np.abs(cut).max() <= limit
        assert stats.kstest(cut, stats.truncnorm(-limit, limit).cdf).statistic < 0.005


def test_truncation_keeps_order_and_sign() -> None:
    vectors = np.sort(latents.noise(1, 100)[0])
    cut = latents.truncated(vectors, 0.7)
    assert (np.diff(cut) >= 0).all() and np.array_equal(np.sign(cut), np.sign(vectors))
