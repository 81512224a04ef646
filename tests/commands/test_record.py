"""What a run of `train` finds in its folder when it resumes."""

from __future__ import annotations

import itertools
import json
import shlex
import time
from pathlib import Path

import numpy as np
import pytest

from ganapp.__main__ import main
from ganapp.checkpoints import STATE, load, load_state
from ganapp.commands.record import COMMAND, EPOCHS, SCORES
from ganapp.datasets import uploads
from tests.commands.calls import FILES, PRESET, frames, one_sentence, rows, same_weights, train
from tests.tiny import tiny_pictures


def test_stopping_and_resuming_is_training_without_a_stop() -> None:
    assert train(out="whole") == 0
    assert train("--steps", "3") == 0
    before = json.loads(Path("run", COMMAND).read_text())["seconds"]
    assert train("--resume") == 0
    assert same_weights("whole", "run") and rows("whole") == rows("run")
    assert all(
        np.array_equal(a, b)
        for a, b in zip(frames(Path("whole", EPOCHS)), frames(Path("run", EPOCHS)), strict=True)
    )
    assert json.loads(Path("run", COMMAND).read_text())["seconds"] > before
    assert shlex.split(load(Path("run")).facts["command"])[4:] == [
        PRESET,
        "--set",
        "width=4",
        "latent_size=4",
        "batch_size=1000",
        "epochs=2",
        "precision=float32",
        "--out",
        "run",
    ]


def test_a_finished_run_goes_on_when_its_epochs_are_extended() -> None:
    assert train() == 0
    assert main(["train", PRESET, "--set", "epochs=3", "--out", "run", "--resume"]) == 0
    assert train("--set", "epochs=3", out="whole") == 0
    assert same_weights("whole", "run") and rows("whole") == rows("run") and len(rows()) == 16
    assert (
        "epochs=3" in load(Path("run")).facts["command"]
        and "epochs=2" not in load(Path("run")).facts["command"]
    )


def test_quick_looks_are_kept_and_the_doctor_speaks_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ganapp.commands.record.FEWEST_STEPS", 5)
    assert train("--steps", "5") == 0
    first = json.loads(Path("run", COMMAND).read_text())
    assert [row[0] for row in first["looks"]] == [5] and 0.9 < first["floor"]["coverage"] <= 1
    assert "Training doctor (a heuristic): " in capsys.readouterr().out
    assert train("--resume") == 0
    looks = json.loads(Path("run", COMMAND).read_text())["looks"]
    assert looks[0] == first["looks"][0] and looks[-1][0] == 10


def test_scores_after_the_resumed_step_are_forgotten() -> None:
    assert train("--steps", "3") == 0
    with Path("run", SCORES).open("a") as file:
        # What a crash left behind its last state.
        file.write("4,.8,9,9,9,9\n5,1.0,9,9,9,9\n6,1.2,9")
    assert train("--resume", "--steps", "6") == 0
    assert [row[0] for row in rows()[1:]] == list("123456") and not any(
        "9" in row for row in rows()
    )


@pytest.mark.parametrize("lost", [SCORES, EPOCHS, COMMAND])
def test_a_run_resumes_without_its_lesser_files(lost: str) -> None:
    assert train("--steps", "3") == 0
    Path("run", lost).unlink()
    assert train("--resume", "--steps", "6") == 0
    Path("run", lost).write_text("nonsense, \0")
    assert train("--resume", "--steps", "7") == 0
    assert (
        load_state(Path("run")).step == 7
        and sorted(path.name for path in Path("run").iterdir()) == FILES
    )


def test_seconds_are_counted_from_the_first_snapshot_over_all_sessions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = itertools.count(1000)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    assert train("--seconds", "60") == 0
    first = json.loads(Path("run", COMMAND).read_text())["seconds"]
    assert 60 <= first < 80
    assert load_state(Path("run")).step > 10  # not ended by the preset's epochs
    assert load(Path("run")).facts["command"].endswith("--seconds 60 --out run")
    assert train("--seconds", "90", "--resume") == 0
    assert 90 <= json.loads(Path("run", COMMAND).read_text())["seconds"] < 110
    epochs = [float(row[1]) for row in rows()[1:]]
    assert epochs == pytest.approx([step / 5 for step in range(1, len(epochs) + 1)], abs=1e-4)


@pytest.mark.parametrize("left", [[], [SCORES], [SCORES, f".{STATE}.17.draft"]], ids=str)
def test_a_run_that_ended_before_its_first_state_starts_from_the_beginning(
    left: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("run").mkdir()
    for name in left:
        Path("run", name).write_text("step,epoch\n1,0.2")
    assert train("--resume", "--steps", "3") == 0
    said = capsys.readouterr().err
    assert "The run in 'run' ended before it was saved: it starts from the beginning." in said
    assert load_state(Path("run")).step == 3 and [row[0] for row in rows()[1:]] == list("123")
    assert train("--steps", "3", out="other") == 0
    assert same_weights("run", "other")


def test_only_what_a_run_leaves_is_taken_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run").mkdir()
    Path("run", "letter.txt").write_text("mine")
    assert train("--resume", "--steps", "3") == 2
    assert "nothing to resume" in one_sentence(capsys)
    assert [path.name for path in Path("run").iterdir()] == ["letter.txt"]


def test_a_run_of_own_pictures_starts_again_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run").mkdir()
    uploads.save(tiny_pictures(20, channels=3, side=32), Path("run", uploads.PICTURES))
    assert train("--resume", "--steps", "2", "--set", "batch_size=8", "image_size=32") == 0
    assert load_state(Path("run")).config.dataset == "own"


def test_what_cannot_be_resumed_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--resume") == 2
    assert "nothing to resume" in one_sentence(capsys)
    assert not Path("run").exists()
    assert train("--steps", "3") == 0
    capsys.readouterr()
    assert train("--resume", "--steps", "3") == 2
    assert "at step 3" in one_sentence(capsys)
    assert main(["train", PRESET, "--set", "width=5", "--resume", "--out", "run"]) == 2
    assert "(width)" in one_sentence(capsys)
    assert main(["train", "digits", "--resume", "--out", "run"]) == 2
    assert f"'{PRESET}'" in one_sentence(capsys)
    Path("run", STATE).write_bytes(b"damaged")
    assert train("--resume") == 2
    assert "cannot be read" in one_sentence(capsys)
