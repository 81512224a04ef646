"""`interpolate`: strips and animations from one seed to another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganapp.__main__ import main
from tests.commands.calls import arrays, frames


@pytest.mark.parametrize("mode", [[], ["--mode", "slerp"], ["--mode", "lerp"]])
def test_a_strip_begins_and_ends_with_the_pictures_of_its_seeds(
    model_folder: str, mode: list[str]
) -> None:
    assert (
        main(
            [
                "interpolate",
                model_folder,
                "3",
                "8",
                "--frames",
                "5",
                "--label",
                "shirt",
                *mode,
                "--out",
                "strip.png",
            ]
        )
        == 0
    )
    strip = np.asarray(Image.open("strip.png"))[::2, ::2]
    assert strip.shape == (36, 5 * 34 + 2)
    for seed, left in ((3, 2), (8, 2 + 4 * 34)):
        assert (
            main(
                [
                    "sample",
                    model_folder,
                    "--count",
                    "1",
                    "--label",
                    "shirt",
                    "--seed",
                    str(seed),
                    "--out",
                    "end.npz",
                ]
            )
            == 0
        )
        end = arrays("end.npz")[0][0, :, :, 0].astype(int)
        assert np.abs(strip[2:34, left : left + 32].astype(int) - end).max() <= 1


def test_the_modes_and_labels_differ_on_the_way(model_folder: str) -> None:
    for name, more in {"slerp": [], "lerp": ["--mode", "lerp"], "label": ["--label", "1"]}.items():
        assert main(["interpolate", model_folder, "3", "8", *more, "--out", f"{name}.png"]) == 0
    slerp, lerp, label = (
        np.asarray(Image.open(f"{name}.png")) for name in ("slerp", "lerp", "label")
    )
    assert slerp.shape == (72, 2 * (16 * 34 + 2))
    assert not np.array_equal(slerp, lerp) and not np.array_equal(slerp, label)


def test_a_gif_walks_there_and_back(model_folder: str) -> None:
    assert main(["interpolate", model_folder, "3", "8", "--frames", "6", "--out", "walk.gif"]) == 0
    shown = frames(Path("walk.gif"))
    assert len(shown) == 10 and all(
        np.array_equal(a, b) for a, b in zip(shown[1:], shown[:0:-1], strict=True)
    )
    assert main(["interpolate", model_folder, "3", "8", "--frames", "6", "--out", "walk.png"]) == 0
    strip = np.asarray(Image.open("walk.png"))[::2, ::2]
    for number in range(6):
        assert np.array_equal(
            shown[number][::4, ::4, 0], strip[2:34, 2 + 34 * number : 34 + 34 * number]
        )
