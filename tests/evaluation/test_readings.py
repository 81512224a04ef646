"""What is read in a picture: known shapes give their known measures."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp.config.presets import PRESETS
from ganapp.datasets import faces
from ganapp.datasets.bundled import load_mnist
from ganapp.datasets.faces import YES_OR_NO, load_faces
from ganapp.evaluation.readings import readings_of, strokes


def bar(width: int, height: int, slope: float = 0.0) -> np.ndarray:
    """A white bar on black, (64, 64, 1) uint8, moved to the right by `slope` a row upwards."""
    picture = np.zeros((64, 64, 1), np.uint8)
    for row in range(32 - height // 2, 32 + height // 2):
        left = round(32 - width / 2 + slope * (32 - row))
        picture[row, left : left + width] = 255
    return picture


def test_slant_stroke_width_and_extents_of_bars() -> None:
    upright, right, left = strokes(np.stack([bar(4, 40), bar(4, 40, 0.5), bar(4, 40, -0.5)]))
    assert abs(upright[0]) < 1
    assert right[0] == pytest.approx(np.degrees(np.arctan(0.5)), abs=2)
    assert left[0] == pytest.approx(-right[0], abs=2)
    thin, thick = strokes(np.stack([bar(3, 40), bar(6, 40)]))
    assert thin[1] == pytest.approx(3, rel=0.12) and thick[1] == pytest.approx(6, rel=0.15)
    low, wide = strokes(np.stack([bar(20, 10), bar(40, 10)]))
    assert (low[2], wide[2]) == (20, 40) and low[3] == wide[3] == 10


def test_an_empty_picture_has_no_measures() -> None:
    assert (strokes(np.zeros((2, 28, 28, 1), np.uint8)) == 0).all()


def test_digits_lean_and_are_read() -> None:
    test = load_mnist(lambda share, what: None, "test")
    images, labels = test.images[:300].permute(0, 2, 3, 1).numpy(), test.labels[:300].numpy()
    names, read = readings_of(PRESETS["dcgan-digits"].config)
    values = read(images)
    assert len(names) == 14 and values.shape == (300, 14)
    assert (values[:, 4:].argmax(1) == labels).mean() > 0.98
    assert len(readings_of(PRESETS["digits"].config)[0]) == 4
    wide = values[labels == 1, 2].mean()
    assert wide < values[labels == 0, 2].mean()


def test_faces_are_read_as_they_were_drawn() -> None:
    held_out = load_faces(lambda share, what: None, "test").images[:400]
    names, read = readings_of(PRESETS["faces"].config)
    values = read(held_out.permute(0, 2, 3, 1).numpy())
    assert [name.name for name in names] == list(YES_OR_NO)
    for place, name in enumerate(YES_OR_NO):
        assert ((values[:, place] > 0.5) == faces.has(name, "test")[:400]).mean() > 0.97, name


def test_colours_and_shades_of_plain_pictures() -> None:
    red = np.zeros((1, 16, 16, 3), np.uint8)
    red[..., 0] = 255
    blue, grey = red[..., ::-1].copy(), np.full((1, 16, 16, 3), 51, np.uint8)
    _, read = readings_of(PRESETS["emoji"].config)
    np.testing.assert_allclose(
        read(np.concatenate([red, blue, grey])), [[1 / 3, 1, 1], [1 / 3, 1, -1], [0.2, 0, 0]]
    )
    _, read = readings_of(PRESETS["fashion-mnist"].config)
    assert read(bar(20, 10)[None])[0] == pytest.approx([200 / 64**2, 20, 10])
