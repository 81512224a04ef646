"""Pictures, grids, strips and animations: each pixel is where it should be and survives its
file.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from ganapp import pictures

RNG = np.random.default_rng(0)


def some(count: int, channels: int = 1, height: int = 5, width: int = 4) -> np.ndarray:
    # Never paper white.
    return RNG.integers(0, 255, (count, height, width, channels), dtype=np.uint8)


def test_to_uint8_meets_black_grey_and_white() -> None:
    shades = np.array([-1, -0.5, 0, 1, 2, -3], np.float32).reshape(6, 1, 1, 1)
    assert pictures.to_uint8(shades).ravel().tolist() == [0, 64, 128, 255, 255, 0]


def test_what_networks_read_is_what_to_uint8_writes() -> None:
    # Every shade, three times.
    images = np.arange(2 * 8 * 16 * 3, dtype=np.int64).reshape(2, 8, 16, 3).astype(np.uint8)
    read = pictures.from_uint8(images)
    assert (
        read.shape == (2, 3, 8, 16)
        and read.dtype == np.float32
        and read.min() == -1
        and read.max() == 1
    )
    assert np.array_equal(pictures.to_uint8(read), images)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_table_holds_its_pictures_row_by_row_and_is_blank_after_them(channels: int) -> None:
    images = some(7, channels)
    table = pictures.table(images, 3)
    assert table.shape == (3, 3, 5, 4, channels)
    assert np.array_equal(table.reshape(9, 5, 4, channels)[:7], images)
    assert (table.reshape(9, 5, 4, channels)[7:] == pictures.PAPER).all()


@pytest.mark.parametrize("gap", [0, 1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_shows_every_picture_whole_with_paper_between(channels: int, gap: int) -> None:
    table = some(6, channels).reshape(2, 3, 5, 4, channels)
    pixels = np.asarray(pictures.grid(table, gap)).reshape(
        2 * (5 + gap) + gap, 3 * (4 + gap) + gap, channels
    )
    for row in range(2):
        for column in range(3):
            top, left = gap + row * (5 + gap), gap + column * (4 + gap)
            assert np.array_equal(pixels[top : top + 5, left : left + 4], table[row, column])
    assert (pixels == pictures.PAPER).all(-1).sum() == pixels.shape[0] * pixels.shape[1] - 6 * 20


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_a_picture_keeps_its_pixels(channels: int, mode: str) -> None:
    (pixels,) = some(1, channels)
    shown = pictures.image(pixels)
    assert shown.mode == mode and np.array_equal(np.asarray(shown).reshape(pixels.shape), pixels)


def test_enlarging_makes_each_pixel_a_square() -> None:
    (pixels,) = some(1)
    large = np.asarray(pictures.enlarged(pictures.image(pixels), 3))
    assert np.array_equal(large, pixels[:, :, 0].repeat(3, 0).repeat(3, 1))


def test_captions_and_headings_are_drawn_outside_the_pictures() -> None:
    table = np.zeros((2, 3, 20, 20, 1), np.uint8)
    words = [["one", "two", "three"], ["a long caption", "", "six"]]
    plain, headed = (
        pictures.captioned_grid(table, words),
        pictures.captioned_grid(table, words, ["A", "B", "C"]),
    )
    assert plain.mode == "RGB" and headed.height > plain.height and headed.width == plain.width
    assert plain.width >= 3 * 40
    pixels = np.asarray(plain)
    assert (pixels == 0).all(
        -1
    ).sum() == 6 * 40 * 40  # the pictures, enlarged twice, whole and uncovered
    bare = np.asarray(pictures.captioned_grid(table, [[""] * 3] * 2))
    assert ((bare > 0) & (bare < 255)).sum() == 0 < ((pixels > 0) & (pixels < 255)).sum()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_files_kind_and_size_are_right(channels: int, kind: str) -> None:
    shown = pictures.image(some(1, channels, 32, 24)[0])
    with Image.open(io.BytesIO(pictures.encode(shown, kind))) as read:  # type: ignore[arg-type]
        assert read.format == kind and read.size == (24, 32)
        if kind == "PNG":
            assert np.array_equal(np.asarray(read), np.asarray(shown))


def test_quality_costs_bytes() -> None:
    shown = pictures.image(some(1, 3, 64, 64)[0])
    assert len(pictures.encode(shown, "JPEG", 30)) < len(pictures.encode(shown, "JPEG", 95))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_shows_its_frames_in_order_for_ever_and_the_last_one_longer(kind: str) -> None:
    frames = [
        pictures.image(np.full((16, 16, 1), shade, np.uint8)) for shade in (0, 60, 120, 180, 240)
    ]
    with Image.open(io.BytesIO(pictures.animation(frames, kind, 0.2, 1.0))) as read:  # type: ignore[arg-type]
        shown, times = [], []
        for frame in ImageSequence.Iterator(read):
            frame.load()
            times.append(frame.info["duration"])
            shown.append(np.asarray(frame.convert("L")).mean())
        assert shown == pytest.approx([0, 60, 120, 180, 240], abs=4)
        assert read.info["loop"] == 0
        assert times == [200] * 4 + [1200]


def test_one_frame_is_an_animation_and_none_is_not() -> None:
    assert pictures.animation([pictures.image(some(1)[0])], "GIF")
    with pytest.raises(ValueError, match="at least one frame"):
        pictures.animation([], "GIF")


def test_a_grey_gif_keeps_every_shade() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    frames = [pictures.image(ramp), pictures.image(ramp[::-1])]
    with Image.open(io.BytesIO(pictures.animation(frames, "GIF"))) as read:
        for frame, wanted in zip(ImageSequence.Iterator(read), (ramp, ramp[::-1]), strict=True):
            assert np.array_equal(np.asarray(frame.convert("L")), wanted[:, :, 0])


def test_saving_takes_the_format_from_the_name(tmp_path: Path) -> None:
    pictures.save(pictures.image(some(1)[0]), tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as read:
        assert read.format == "PNG"
