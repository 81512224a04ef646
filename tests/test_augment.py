"""Augmentations move or cut pictures, replace nothing but by background, and let gradients
through.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ganapp.augment import AUGMENTATIONS, BACKGROUND, colour, cutout, translation
from ganapp.randomness import rng_for

SIDE = 32
MOVING = [name for name in AUGMENTATIONS if not name.startswith("colour")]


def pictures(count: int = 16, channels: int = 2) -> Tensor:
    # Never background.
    return torch.rand(count, channels, SIDE, SIDE, generator=rng_for(0, "pictures")) * 1.8 - 0.8


@pytest.mark.parametrize("name", MOVING)
def test_shape_and_type_stay_and_nothing_but_background_is_new(name: str) -> None:
    images = pictures()
    changed = AUGMENTATIONS[name](images, rng_for(1, "augment"))
    assert changed.shape == images.shape and changed.dtype == images.dtype
    for before, after in zip(images, changed, strict=True):
        kept = after[after != BACKGROUND]
        assert torch.isin(kept, before).all()
        assert len(kept) >= after.numel() // 2


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_same_rng_changes_real_and_fake_alike(name: str) -> None:
    once, again = (AUGMENTATIONS[name](pictures(), rng_for(1, "augment")) for _ in range(2))
    other = AUGMENTATIONS[name](pictures(), rng_for(2, "augment"))
    assert torch.equal(once, again)
    assert torch.equal(once, other) == (name == "none")


@pytest.mark.parametrize("name", MOVING)
def test_gradients_flow_to_exactly_the_pixels_that_are_still_seen(name: str) -> None:
    images = pictures().requires_grad_(True)
    changed = AUGMENTATIONS[name](images, rng_for(1, "augment"))
    (slope,) = torch.autograd.grad(changed.sum(), images)
    assert torch.isin(slope, torch.tensor([0.0, 1.0])).all()
    assert slope.sum() == (changed != BACKGROUND).sum()
    assert slope.flatten(1).any(1).all()


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_input_is_not_written_to(name: str) -> None:
    images = pictures()
    AUGMENTATIONS[name](images, rng_for(1, "augment"))
    assert torch.equal(images, pictures())


def test_translation_moves_whole_pictures_evenly_up_to_an_eighth_of_the_side() -> None:
    count = 2_000
    images = torch.full((count, 1, SIDE, SIDE), BACKGROUND)
    images[:, :, 16, 16] = 1
    found = (translation(images, rng_for(1, "augment"))[:, 0] == 1).nonzero()
    assert len(found) == count
    for axis in (1, 2):
        moved = torch.bincount(found[:, axis], minlength=SIDE)
        assert moved.nonzero().flatten().tolist() == list(range(12, 21))
        assert (moved[12:21] - count / 9).abs().max() < 5 * (count / 9) ** 0.5
    assert abs(torch.corrcoef(found[:, 1:].T.float())[0, 1]) < 0.1


def test_translation_keeps_the_picture_in_one_piece() -> None:
    images = pictures(8, 1)
    for before, after in zip(
        images[:, 0], translation(images, rng_for(1, "augment"))[:, 0], strict=True
    ):
        rows, columns = (
            (after != BACKGROUND).any(1).nonzero().flatten(),
            (after != BACKGROUND).any(0).nonzero().flatten(),
        )
        piece = after[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = piece.shape
        top, left = (SIDE - height if rows[0] == 0 else 0), (SIDE - width if columns[0] == 0 else 0)
        assert torch.equal(piece, before[top : top + height, left : left + width])


def test_cutout_cuts_a_square_of_a_quarter_of_the_side_anywhere() -> None:
    cut = cutout(pictures(500, 1), rng_for(1, "augment"))[:, 0] == BACKGROUND
    sizes = cut.sum((1, 2))
    assert sizes.max() == (SIDE // 4) ** 2 and sizes.min() > 0
    assert cut.any(0).all()  # every pixel is reached
    for picture in cut:
        rows, columns = picture.any(1).sum(), picture.any(0).sum()
        assert picture.sum() == rows * columns <= (SIDE // 4) ** 2


def test_a_batch_does_not_share_one_change() -> None:
    same = pictures(1).expand(8, -1, -1, -1)
    for name in ("translation", "translation-cutout", "colour-translation-cutout"):
        changed = AUGMENTATIONS[name](same, rng_for(1, "augment"))
        assert len(torch.unique(changed.flatten(1), dim=0)) > 4


def test_colour_changes_brightness_saturation_and_contrast_within_their_bounds() -> None:
    images = pictures(400, 3)
    changed = colour(images, rng_for(1, "augment"))
    assert changed.shape == images.shape
    moved = (changed - images).mean((1, 2, 3))
    assert (
        moved.abs().max() <= 0.5
        and moved.min() < -0.45
        and moved.max() > 0.45
        and abs(moved.mean()) < 0.05
    )
    grey, was_grey = changed.mean(1, keepdim=True), images.mean(1, keepdim=True)
    contrast = (grey.std((1, 2, 3)) / was_grey.std((1, 2, 3))).sort().values
    assert 0.5 <= contrast[0] < 0.52 and 1.48 < contrast[-1] <= 1.5
    saturation = (
        (changed - grey).std((1, 2, 3))
        / (images - was_grey).std((1, 2, 3))
        / (grey.std((1, 2, 3)) / was_grey.std((1, 2, 3)))
    )
    assert saturation.min() < 0.02 and 1.95 < saturation.max() <= 2.001


def test_colour_lets_gradients_through_and_leaves_grey_pictures_grey() -> None:
    images = pictures(8, 1).expand(-1, 3, -1, -1).clone().requires_grad_(True)
    changed = colour(images, rng_for(1, "augment"))
    torch.testing.assert_close(changed[:, 0], changed[:, 2])
    (slope,) = torch.autograd.grad(changed.square().sum(), images)
    assert slope.isfinite().all() and slope.flatten(1).any(1).all()
