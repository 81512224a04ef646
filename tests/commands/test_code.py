"""`code`: the zip that one takes home, and what cannot be one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from ganapp.__main__ import main


def test_a_zip_holds_the_script_the_notebook_and_the_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    changes = ["--set", "epochs=3", "most_pictures=50"]
    assert main(["code", "mlp-digits-quick", *changes, "--out", "gan.zip"]) == 0
    assert "gan.py, gan.ipynb, pictures.npz" in capsys.readouterr().err
    with zipfile.ZipFile("gan.zip") as files:
        assert sorted(files.namelist()) == ["gan.ipynb", "gan.py", "pictures.npz"]
        text = files.read("gan.py").decode()
        assert text.startswith('"""MLP GAN on digits, quick, changed: the whole GAN')
        assert "SEED, EPOCHS = 0, 3\n" in text
        with files.open("pictures.npz") as file:
            pictures = np.load(file)
            assert pictures["images"].shape == (50, 1, 28, 28)
            assert sorted(set(pictures["labels"])) == list(range(10))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["letters", "--out", "gan.zip"], "There is no script of the acgan model"),
        (["cyclegan-faces", "--out", "gan.zip"], "There is no script of the cyclegan model"),
        (["digits", "--out", "gan.py"], "must end in .zip"),
        (["digits", "--set", "epochs=0", "--out", "gan.zip"], "epochs"),
    ],
)
def test_what_has_no_script_is_told_in_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["code", *arguments]) == 2
    assert says in capsys.readouterr().err
