"""`translate`: a picture there and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganapp import checkpoints
from ganapp.__main__ import main
from ganapp.checkpoints import TrainedModel
from tests.tiny import tiny_config


@pytest.fixture
def translator(tmp_path: Path) -> str:
    checkpoints.save(
        TrainedModel(tiny_config("cyclegan").to_dict(), ["chalk", "ink"], 1), tmp_path / "model"
    )
    return str(tmp_path / "model")


def test_a_picture_goes_there_and_back(translator: str, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (50, 40), 77).save("one.jpg")
    for to in ("ink", "1"):
        assert main(["translate", translator, "one.jpg", "--to", to, "--out", "trip.png"]) == 0
    assert "as ink, and back to trip.png; it came back" in capsys.readouterr().out
    pixels = np.asarray(Image.open("trip.png"))
    assert pixels.shape == (4 * 36, 4 * (3 * 34 + 2)) and (pixels[8:136, 8:136] == 77).all()


@pytest.mark.parametrize(
    ("picture", "to", "out", "sentence"),
    [
        ("none.png", "ink", "trip.png", "There is no picture"),
        ("notes.png", "ink", "trip.png", "is no picture that can be opened"),
        (
            "one.png",
            "water",
            "trip.png",
            "There is no domain 'water'; this model's are 0 (chalk), 1 (ink)",
        ),
        ("one.png", "ink", "trip.gif", "must end in .png"),
    ],
)
def test_what_cannot_be_translated_is_refused(
    translator: str,
    picture: str,
    to: str,
    out: str,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Image.new("L", (50, 40), 77).save("one.png")
    Path("notes.png").write_text("no picture")
    assert main(["translate", translator, picture, "--to", to, "--out", out]) == 2
    assert sentence in capsys.readouterr().err and not Path(out).exists()


def test_a_model_that_draws_does_not_translate_and_the_other_way_round(
    translator: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoints.save(TrainedModel(tiny_config("mlp").to_dict(), ["a", "b"], 1), Path("drawing"))
    Image.new("L", (50, 40), 77).save("one.png")
    assert main(["translate", "drawing", "one.png", "--to", "1", "--out", "trip.png"]) == 2
    assert "translates nothing" in capsys.readouterr().err
    assert main(["sample", translator, "--count", "4", "--out", "four.png"]) == 2
    assert "draws none from noise" in capsys.readouterr().err


def test_a_damaged_picture_is_repaired(capsys: pytest.CaptureFixture[str]) -> None:
    model = TrainedModel(tiny_config("pix2pix").to_dict(), ["rain", "whole"], 1)
    checkpoints.save(model, Path("repairs"))
    Image.new("L", (50, 40), 77).save("damaged.png")
    assert main(["translate", "repairs", "damaged.png", "--to", "whole", "--out", "out.png"]) == 0
    assert capsys.readouterr().out == "Wrote the picture and its repair to out.png.\n"
    with Image.open("out.png") as made:
        assert made.width > 1.9 * made.height
