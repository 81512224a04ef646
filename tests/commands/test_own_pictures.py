"""`train --pictures`: one's own pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganapp import checkpoints
from ganapp.__main__ import main
from ganapp.datasets import uploads
from ganapp.datasets.uploads import PICTURES
from tests.datasets.test_hub import FIRST, rows
from tests.datasets.test_uploads import many, packed
from tests.fake_hub import FakeHub

SMALL = ["--set", "width=4", "latent_size=4", "batch_size=6", "epochs=2", "precision=float32"]


def test_a_run_on_own_pictures_keeps_them_and_resumes_with_them() -> None:
    packed(Path("mine.zip"), many("red", (200, 0, 0)) | many("blue", (0, 0, 200)))
    assert (
        main(
            [
                "train",
                "mlp-digits-quick",
                *SMALL,
                "conditional=true",
                "--pictures",
                "mine.zip",
                "--steps",
                "2",
                "--out",
                "run",
            ]
        )
        == 0
    )
    model = checkpoints.load(Path("run"))
    assert (
        model.class_names == ("blue", "red")
        and model.channels == 3
        and model.config.dataset == "own"
    )
    card = Path("run/README.md").read_text()
    assert (
        "--pictures PICTURES" in card and "dataset=own" not in card and "license: mit" not in card
    )
    assert len(uploads.load(Path("run") / PICTURES).images) == 12
    Path("mine.zip").unlink()
    assert main(["train", "mlp-digits-quick", "--resume", "--steps", "3", "--out", "run"]) == 0
    assert checkpoints.load(Path("run")).facts["step"] == 3


def test_a_run_on_a_data_set_of_the_hub(hub: FakeHub) -> None:
    hub.datasets["someone/things"] = {FIRST: rows(list(range(12)))}
    assert (
        main(
            [
                "train",
                "mlp-digits-quick",
                *SMALL,
                "--hub-dataset",
                "someone/things",
                "--steps",
                "2",
                "--out",
                "run",
            ]
        )
        == 0
    )
    assert (
        checkpoints.load(Path("run")).class_names == ("cat", "dog")
        and len(uploads.load(Path("run") / PICTURES).images) == 12
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--pictures", "none.zip"], "no zip that can be opened"),
        (["--pictures", "few.zip"], "Only 6 pictures were found"),
        (["--hub-dataset", "someone/nothing"], "does not exist"),
        (["--set", "dataset=own"], "no pictures came with it"),
        (["--pictures", "few.zip", "--resume"], "leave --pictures and --hub-dataset out"),
    ],
)
def test_pictures_that_cannot_be_used_leave_no_folder(
    arguments: list[str], sentence: str, hub: FakeHub, capsys: pytest.CaptureFixture[str]
) -> None:
    packed(Path("few.zip"), many("red", (200, 0, 0)))
    assert main(["train", "mlp-digits-quick", *SMALL, *arguments, "--out", "run"]) == 2
    assert sentence in capsys.readouterr().err and not Path("run").exists()


def test_three_kinds_of_pictures_cannot_be_translated_and_the_same_folder_can_be_used_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    packed(
        Path("three.zip"),
        {name: file for kind in "abc" for name, file in many(kind, (0, 0, 9)).items()},
    )
    packed(
        Path("two.zip"),
        {name: file for kind in "ab" for name, file in many(kind, (0, 0, 9)).items()},
    )
    small = [
        "--set",
        "width=4",
        "batch_size=2",
        "precision=float32",
        "pool_size=4",
        "--steps",
        "1",
        "--out",
        "run",
    ]
    assert main(["train", "cyclegan-colour", *small, "--pictures", "three.zip"]) == 2
    assert "have 3 classes" in capsys.readouterr().err
    assert main(["train", "cyclegan-colour", *small, "--pictures", "two.zip"]) == 0
    assert "To translate with it" in capsys.readouterr().out
