"""The command line on one's own pictures, and translation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganapp import checkpoints
from ganapp.__main__ import main
from ganapp.checkpoints import TrainedModel
from ganapp.commands.record import PICTURES
from ganapp.datasets import uploads
from tests.test_uploads import many, packed
from tests.tiny import tiny_config

SMALL = ["--set", "width=4", "latent_size=4", "batch_size=6", "epochs=2", "precision=float32"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in its own folder."""
    monkeypatch.chdir(tmp_path)


def test_a_run_on_own_pictures_keeps_them_and_resumes_with_them() -> None:
    packed(Path("mine.zip"), many("red", (200, 0, 0)) | many("blue", (0, 0, 200)))
    assert main(["train", "mlp-digits-quick", *SMALL, "conditional=true", "--pictures", "mine.zip", "--steps", "2", "--out", "run"]) == 0
    model = checkpoints.load(Path("run"))
    assert model.class_names == ("blue", "red") and model.channels == 3 and model.config.dataset == "own"
    card = Path("run/README.md").read_text()
    assert "--pictures PICTURES" in card and "dataset=own" not in card and "license: mit" not in card
    assert len(uploads.kept(Path("run") / PICTURES).images) == 12
    Path("mine.zip").unlink()
    assert main(["train", "mlp-digits-quick", "--resume", "--steps", "3", "--out", "run"]) == 0
    assert checkpoints.load(Path("run")).facts["step"] == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--pictures", "none.zip"], "no zip that can be opened"),
        (["--pictures", "few.zip"], "Only 6 pictures were found"),
        (["--set", "dataset=own"], "no pictures came with it"),
        (["--pictures", "few.zip", "--resume"], "leave --pictures out"),
    ],
)
def test_pictures_that_cannot_be_used_leave_no_folder(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    packed(Path("few.zip"), many("red", (200, 0, 0)))
    assert main(["train", "mlp-digits-quick", *SMALL, *arguments, "--out", "run"]) == 2
    assert sentence in capsys.readouterr().err and not Path("run").exists()


def test_three_kinds_of_pictures_cannot_be_translated_and_the_same_folder_can_be_used_again(capsys: pytest.CaptureFixture[str]) -> None:
    packed(Path("three.zip"), {name: file for kind in "abc" for name, file in many(kind, (0, 0, 9)).items()})
    packed(Path("two.zip"), {name: file for kind in "ab" for name, file in many(kind, (0, 0, 9)).items()})
    small = ["--set", "width=4", "batch_size=2", "precision=float32", "pool_size=4", "--steps", "1", "--out", "run"]
    assert main(["train", "cyclegan-colour", *small, "--pictures", "three.zip"]) == 2
    assert "have 3 classes" in capsys.readouterr().err
    assert main(["train", "cyclegan-colour", *small, "--pictures", "two.zip"]) == 0
    assert "To translate with it" in capsys.readouterr().out


@pytest.fixture
def translator(tmp_path: Path) -> str:
    checkpoints.save(TrainedModel(tiny_config("cyclegan").to_dict(), ["chalk", "ink"], 1), tmp_path / "model")
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
        ("one.png", "water", "trip.png", "There is no domain 'water'; this model's are 0 (chalk), 1 (ink)"),
        ("one.png", "ink", "trip.gif", "must end in .png"),
    ],
)
def test_what_cannot_be_translated_is_refused(
    translator: str, picture: str, to: str, out: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (50, 40), 77).save("one.png")
    Path("notes.png").write_text("no picture")
    assert main(["translate", translator, picture, "--to", to, "--out", out]) == 2
    assert sentence in capsys.readouterr().err and not Path(out).exists()


def test_a_model_that_draws_does_not_translate_and_the_other_way_round(translator: str, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoints.save(TrainedModel(tiny_config("mlp").to_dict(), ["a", "b"], 1), Path("drawing"))
    Image.new("L", (50, 40), 77).save("one.png")
    assert main(["translate", "drawing", "one.png", "--to", "1", "--out", "trip.png"]) == 2
    assert "translates nothing" in capsys.readouterr().err
    assert main(["sample", translator, "--count", "4", "--out", "four.png"]) == 2
    assert "draws none from noise" in capsys.readouterr().err
