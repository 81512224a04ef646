"""`inspect`: layers are listed, a sheet of maps is written, and switching off is told."""

from __future__ import annotations

import pytest
from PIL import Image

from ganapp.__main__ import main


def test_layers_are_listed_and_one_is_drawn(
    model_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", model_folder]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].startswith("  1. ReLU: ") and listed[-1].startswith(f"{len(listed):3}. Tanh")
    assert main(["inspect", model_folder, "--layer", "1", "--label", "1", "--out", "maps.png"]) == 0
    assert "maps of layer 1" in capsys.readouterr().out
    with Image.open("maps.png") as sheet:
        assert sheet.mode == "RGB" and min(sheet.size) > 20
    assert main(["inspect", model_folder, "--layer", "1", "--off", "0", "1"]) == 0
    assert "The picture changed by" in capsys.readouterr().out
    assert main(["inspect", model_folder, "--network", "discriminator"]) == 0
    assert "LeakyReLU" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--out", "maps.png"], "Name a --layer"),
        (["--off", "1"], "Name a --layer"),
        (["--layer", "99", "--out", "maps.png"], "none has the number 99"),
        (["--layer", "1", "--off", "9999"], "none has the number 9999"),
        (["--layer", "1", "--network", "discriminator", "--off", "1"], "Only channels of the gen"),
        (["--layer", "1", "--out", "maps.gif"], "must end in .png"),
    ],
)
def test_what_cannot_be_shown_is_told(
    arguments: list[str], says: str, model_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", model_folder, *arguments]) == 2
    assert says in capsys.readouterr().err
