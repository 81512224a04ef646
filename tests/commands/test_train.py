"""`train`: what it leaves behind, Ctrl-C, and what it refuses."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganapp import checkpoints, training
from ganapp.__main__ import main
from ganapp.checkpoints import CARD, STATE, WEIGHTS, load, load_state
from ganapp.commands.record import EPOCHS, SCORES
from ganapp.errors import BadInput
from tests.commands.calls import (
    FILES,
    PRESET,
    ROOT,
    SMALL,
    frames,
    one_sentence,
    rows,
    same_weights,
    train,
)


def test_training_leaves_a_checkpoint_its_scores_and_its_epochs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert train() == 0
    assert sorted(path.name for path in Path("run").iterdir()) == FILES
    model = checkpoints.open_model("run")
    assert model.config.width == 4 and load_state(Path("run")).step == 10

    heading, *table = rows()
    assert heading == [
        "step",
        "epoch",
        "discriminator_loss",
        "generator_loss",
        "real_score",
        "fake_score",
    ]
    assert [int(row[0]) for row in table] == list(range(1, 11))
    assert [float(row[1]) for row in table] == pytest.approx(
        [step / 5 for step in range(1, 11)], abs=1e-4
    )
    assert all(0 < float(value) < 10 for row in table for value in row[2:])
    assert len(frames(Path("run", EPOCHS))) == 3  # before, and after each epoch

    facts = model.facts
    assert (
        facts["preset"] == PRESET
        and facts["data"] == "digits"
        and facts["step"] == 10
        and facts["epochs"] == 2
    )
    assert facts["name"] == "run" and facts["machine"] and facts["seconds"] >= 0
    said = capsys.readouterr()
    assert "10 steps (2.0 epochs)" in said.out and not said.err


def test_the_command_on_the_card_makes_the_same_model_again() -> None:
    assert train("--set", "seed=3", "--steps", "4") == 0
    command = load(Path("run")).facts["command"]
    assert f"\n{command}\n" in Path("run", CARD).read_text(encoding="utf-8")
    python, dash_m, module, *arguments = shlex.split(command)
    assert (python, dash_m, module) == ("python", "-m", "ganapp")
    arguments[arguments.index("--out") + 1] = "again"
    assert main(arguments) == 0
    assert same_weights("run", "again")


def test_a_run_that_diverges_keeps_its_last_good_state(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(
        [
            "train",
            PRESET,
            *SMALL,
            "--set",
            "optimizer=sgd",
            "discriminator_lr=10",
            "generator_lr=10",
            "beta1=0.99",
            "epochs=500",
            "--out",
            "run",
        ]
    )
    said = capsys.readouterr()
    assert (
        code == 1
        and "no longer a finite number" in said.err
        and "learning rates" in said.err
        and said.err.count("\n") == 1
    )
    assert all(value.isfinite().all() for value in load_state(Path("run")).tensors.values())
    assert not Path("run", WEIGHTS).exists()


def interrupting(at: int) -> Any:
    """`train()` with Ctrl-C pressed while it is busy after its snapshot number `at`."""
    real = training.train

    def interrupted(*arguments: Any, **settings: Any) -> Iterator[Any]:
        for number, snapshot in enumerate(real(*arguments, **settings, pace=training.Pace(0, 0))):
            if number == at:
                os.kill(os.getpid(), signal.SIGINT)
            yield snapshot

    return interrupted


def test_ctrl_c_saves_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(training, "train", interrupting(4))
        assert train() == 130
    assert signal.getsignal(signal.SIGINT) is before
    said = capsys.readouterr()
    assert (
        "Stopped at step 4" in said.err
        and "--resume" in said.err
        and said.err.count("\n") == 1
        and not said.out
    )
    assert sorted(path.name for path in Path("run").iterdir()) == FILES
    assert "--steps 4 " in load(Path("run")).facts["command"]
    assert train("--resume") == 0
    assert train(out="whole") == 0
    assert same_weights("whole", "run") and rows("whole") == rows("run")


def test_ctrl_c_before_the_first_round_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "train", interrupting(0))
    assert train() == 130
    assert capsys.readouterr().err.count("\n") == 1 and not Path("run").exists()


def test_ctrl_c_ends_the_real_command() -> None:
    command = [
        sys.executable,
        "-m",
        "ganapp",
        "train",
        PRESET,
        *SMALL,
        "--set",
        "epochs=100000",
        "--out",
        str(Path("run").resolve()),
    ]
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        end = time.monotonic() + 120
        while (
            len(
                Path("run", SCORES).read_text().splitlines() if Path("run", SCORES).exists() else []
            )
            < 3
        ):
            assert running.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert (
        running.returncode == 130
        and err.startswith("Stopped at step ")
        and err.count("\n") == 1
        and not out
    )
    assert load_state(Path("run")).step == len(rows()) - 1 > 0


def test_a_run_is_never_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--steps", "1") == 0
    capsys.readouterr()
    before = {path.name: path.read_bytes() for path in Path("run").iterdir()}
    assert train() == 2
    assert "already holds a run" in one_sentence(capsys)
    assert {path.name: path.read_bytes() for path in Path("run").iterdir()} == before


def test_a_folder_with_other_things_in_it_stays_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("home").mkdir()
    Path("home", CARD).write_text("mine")
    assert train(out="home") == 2
    assert "not an empty folder" in one_sentence(capsys)
    assert train(out=str(Path("home", CARD))) == 2
    assert "not an empty folder" in one_sentence(capsys)
    assert [path.name for path in Path("home").iterdir()] == [CARD] and Path(
        "home", CARD
    ).read_text() == "mine"


def test_an_empty_folder_is_fine_and_missing_parents_are_made() -> None:
    Path("empty").mkdir()
    assert train("--steps", "1", out="empty") == 0
    assert train("--steps", "1", out="deep/er/run") == 0
    assert load(Path("deep/er/run")).facts["name"] == "run"


def test_data_that_cannot_be_had_leaves_no_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*arguments: Any, **settings: Any) -> Iterator[Any]:
        raise BadInput("The data set could not be downloaded.")
        yield

    monkeypatch.setattr(training, "train", missing)
    assert train() == 2
    assert "downloaded" in one_sentence(capsys) and not Path("run").exists()


def test_a_full_disk_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(state: Any, folder: Path) -> None:
        raise OSError(28, "No space left on device", str(folder / STATE))

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save_state", full)
        assert train("--steps", "3") == 1
    assert "The disk is full, and nothing of this run was saved yet" in one_sentence(capsys)
    assert train("--resume", "--steps", "3") == 0  # there is room again
    step, state = load_state(Path("run")).step, Path("run", STATE).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save_state", full)
        assert train("--resume", "--steps", "6") == 1
    assert f"Its last saved state, of step {step}, is whole" in capsys.readouterr().err
    assert Path("run", STATE).read_bytes() == state
