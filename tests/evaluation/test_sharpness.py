"""The variance of the Laplacian: values by hand, and what blur does to it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ganapp.evaluation.sharpness import sharpness


def test_a_plain_picture_and_a_slope_have_none() -> None:
    plain = np.full((1, 8, 8, 1), 90, np.uint8)
    slope = np.tile(np.arange(8, dtype=np.uint8) * 30, (8, 1))[None, ..., None]
    assert sharpness(np.concatenate([plain, slope])) == pytest.approx([0, 0], abs=1e-12)


def test_a_white_pixel_by_hand() -> None:
    """Of 9 inner pixels the Laplacian is -4 at one, 1 at four and 0 at four: mean 0, mean square
    20 / 9.
    """
    image = np.zeros((1, 5, 5, 1), np.uint8)
    image[0, 2, 2] = 255
    assert sharpness(image)[0] == pytest.approx(20 / 9)


def test_blur_lowers_it() -> None:
    image = np.random.default_rng(0).integers(0, 2, (32, 32)) * 255.0
    soft = [gaussian_filter(image, sigma) for sigma in (0, 0.5, 1, 2)]
    found = sharpness(np.stack(soft)[..., None].round().astype(np.uint8))
    assert (np.diff(found) < 0).all()
