"""`sample`: sheets and arrays of a checkpoint's pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganapp import latents
from ganapp.__main__ import main
from ganapp.checkpoints import load
from tests.commands.calls import arrays


def test_an_npz_holds_the_pictures_and_labels_that_take_turns(
    model_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sample", model_folder, "--count", "8", "--out", "drawn.npz"]) == 0
    images, labels = arrays("drawn.npz")
    assert images.shape == (8, 32, 32, 1) and images.dtype == np.uint8
    assert labels.dtype == np.int64 and labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    noise = latents.noise(0, 4, 8)
    assert np.array_equal(images, load(Path(model_folder)).draw(noise, labels))
    said = capsys.readouterr()
    assert "8 pictures" in said.out and not said.err


def test_more_pictures_of_a_seed_begin_with_the_same_ones(model_folder: str) -> None:
    for count in ("5", "600"):  # 600 are drawn in three chunks
        assert (
            main(["sample", model_folder, "--count", count, "--seed", "4", "--out", f"{count}.npz"])
            == 0
        )
    few, many = arrays("5.npz")[0].astype(int), arrays("600.npz")[0].astype(int)
    assert len(many) == 600 and np.abs(few - many[:5]).max() <= 1
    assert main(["sample", model_folder, "--count", "5", "--seed", "5", "--out", "other.npz"]) == 0
    assert not np.array_equal(few, arrays("other.npz")[0])


@pytest.mark.parametrize(
    ("label", "number"),
    [("1", 1), ("Ankle boot", 1), ("ankle BOOT", 1), ("shirt", 0), ("2", 2), ("0", 2)],
)
def test_a_class_is_asked_for_by_its_name_or_its_number(
    model_folder: str, label: str, number: int
) -> None:
    assert main(["sample", model_folder, "--count", "3", "--label", label, "--out", "x.npz"]) == 0
    images, labels = arrays("x.npz")
    assert labels.tolist() == [number] * 3
    assert np.array_equal(images, load(Path(model_folder)).draw(latents.noise(0, 4, 3), labels))


def test_an_unconditional_models_labels_are_minus_one(plain_folder: str) -> None:
    assert main(["sample", plain_folder, "--count", "3", "--out", "x.npz"]) == 0
    images, labels = arrays("x.npz")
    assert images.shape == (3, 28, 28, 3) and labels.tolist() == [-1] * 3


@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_a_png_shows_every_picture_with_a_class_to_a_column(model_folder: str, count: int) -> None:
    assert main(["sample", model_folder, "--count", str(count), "--out", "x.PNG"]) == 0
    assert main(["sample", model_folder, "--count", str(count), "--out", "x.npz"]) == 0
    sheet, (images, labels) = np.asarray(Image.open("x.PNG")), arrays("x.npz")
    columns = (sheet.shape[1] - 2) // 34
    assert columns == min(count, 3 * max(1, round((int((count - 1) ** 0.5) + 1) / 3)))
    assert columns % 3 == 0 or count < 3
    for number, pixels in enumerate(images):
        top, left = 2 + number // columns * 34, 2 + number % columns * 34
        assert np.array_equal(sheet[top : top + 32, left : left + 32], pixels[:, :, 0])
        assert labels[number] == number % columns % 3


def test_a_file_of_the_same_name_is_replaced_whole(plain_folder: str) -> None:
    Path("x.png").write_text("old")
    assert main(["sample", plain_folder, "--count", "2", "--out", "x.png"]) == 0
    assert Image.open("x.png").mode == "RGB" and sorted(path.name for path in Path().iterdir()) == [
        "plain",
        "x.png",
    ]
