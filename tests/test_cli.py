"""The command line: what each command writes, that stop and resume lose nothing, and one sentence for every mistake."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from ganapp import checkpoints, training
from ganapp.__main__ import main
from ganapp.checkpoints import CARD, CONFIG, SAMPLES, STATE, WEIGHTS, TrainedModel, load, load_state
from ganapp.commands import record
from ganapp.errors import BadInput
from ganapp.presets import PRESETS
from tests.tiny import tiny_config

ROOT = Path(__file__).resolve().parent.parent
PRESET = "mlp-digits-quick"
SMALL = ["--set", "width=4", "latent_size=4", "--set", "batch_size=1000", "epochs=2", "precision=float32"]  # 5 steps an epoch
FILES = sorted([STATE, WEIGHTS, CONFIG, CARD, SAMPLES, record.SCORES, record.EPOCHS, record.COMMAND])


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in its own folder."""
    monkeypatch.chdir(tmp_path)


def train(*arguments: str, out: str = "run") -> int:
    return main(["train", PRESET, *SMALL, "--out", out, *arguments])


def rows(out: str = "run") -> list[list[str]]:
    with (Path(out) / record.SCORES).open(newline="") as file:
        return list(csv.reader(file))


def frames(path: Path) -> list[np.ndarray]:
    with Image.open(path) as moving:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(moving)]


def same_weights(a: str, b: str) -> bool:
    ours, theirs = load(Path(a)).state_dict(), load(Path(b)).state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.fixture
def model_folder(tmp_path: Path) -> str:
    """A conditional model with named classes."""
    config = tiny_config("dcgan", epochs=1)
    checkpoints.save(TrainedModel(config.to_dict(), ["shirt", "Ankle boot", "0"], 1), tmp_path / "model")
    return "model"


@pytest.fixture
def plain_folder(tmp_path: Path) -> str:
    """An unconditional model in colour."""
    checkpoints.save(TrainedModel(tiny_config(conditional=False).to_dict(), ["a", "b"], 3), tmp_path / "plain")
    return "plain"


# --- presets, help ---------------------------------------------------------------------------------------------------


def test_presets_lists_each_with_its_title_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    said = capsys.readouterr().out
    for name, preset in PRESETS.items():
        assert f"{name} " in said and preset.title in said and preset.note in said


@pytest.mark.parametrize("command", [[], ["presets"], ["train"], ["sample"], ["interpolate"]])
def test_help_ends_well(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    assert "python -m ganapp" in capsys.readouterr().out


def test_the_module_runs_as_a_command_without_torch() -> None:
    code = "import runpy, sys; sys.modules['torch'] = None; sys.argv[1:] = ['presets']; runpy.run_module('ganapp', run_name='__main__')"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0 and all(name in ran.stdout for name in PRESETS) and not ran.stderr


# --- train -----------------------------------------------------------------------------------------------------------


def test_training_leaves_a_checkpoint_its_scores_and_its_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    assert train() == 0
    assert sorted(path.name for path in Path("run").iterdir()) == FILES
    model = checkpoints.open_model("run")
    assert model.config.width == 4 and load_state(Path("run")).step == 10

    heading, *table = rows()
    assert heading == ["step", "epoch", "discriminator_loss", "generator_loss", "real_score", "fake_score"]
    assert [int(row[0]) for row in table] == list(range(1, 11))
    assert [float(row[1]) for row in table] == pytest.approx([step / 5 for step in range(1, 11)], abs=1e-4)
    assert all(0 < float(value) < 10 for row in table for value in row[2:])
    assert len(frames(Path("run", record.EPOCHS))) == 3  # before, and after each epoch

    facts = model.facts
    assert facts["preset"] == PRESET and facts["data"] == "digits" and facts["step"] == 10 and facts["epochs"] == 2
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


def test_stopping_and_resuming_is_training_without_a_stop() -> None:
    assert train(out="whole") == 0
    assert train("--steps", "3") == 0
    before = json.loads(Path("run", record.COMMAND).read_text())["seconds"]
    assert train("--resume") == 0
    assert same_weights("whole", "run") and rows("whole") == rows("run")
    assert all(np.array_equal(a, b) for a, b in zip(frames(Path("whole", record.EPOCHS)), frames(Path("run", record.EPOCHS)), strict=True))
    assert json.loads(Path("run", record.COMMAND).read_text())["seconds"] > before
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
    assert "epochs=3" in load(Path("run")).facts["command"] and "epochs=2" not in load(Path("run")).facts["command"]


def test_scores_after_the_resumed_step_are_forgotten() -> None:
    assert train("--steps", "3") == 0
    with Path("run", record.SCORES).open("a") as file:
        file.write("4,.8,9,9,9,9\n5,1.0,9,9,9,9\n6,1.2,9")  # what a crash left behind its last state
    assert train("--resume", "--steps", "6") == 0
    assert [row[0] for row in rows()[1:]] == list("123456") and not any("9" in row for row in rows())


@pytest.mark.parametrize("lost", [record.SCORES, record.EPOCHS, record.COMMAND])
def test_a_run_resumes_without_its_lesser_files(lost: str) -> None:
    assert train("--steps", "3") == 0
    Path("run", lost).unlink()
    assert train("--resume", "--steps", "6") == 0
    Path("run", lost).write_text("nonsense, \0")
    assert train("--resume", "--steps", "7") == 0
    assert load_state(Path("run")).step == 7 and sorted(path.name for path in Path("run").iterdir()) == FILES


def test_seconds_are_counted_from_the_first_snapshot_over_all_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(1000)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    assert train("--seconds", "60") == 0
    first = json.loads(Path("run", record.COMMAND).read_text())["seconds"]
    assert 60 <= first < 80
    assert load_state(Path("run")).step > 10  # not ended by the preset's epochs
    assert load(Path("run")).facts["command"].endswith("--seconds 60 --out run")
    assert train("--seconds", "90", "--resume") == 0
    assert 90 <= json.loads(Path("run", record.COMMAND).read_text())["seconds"] < 110
    epochs = [float(row[1]) for row in rows()[1:]]
    assert epochs == pytest.approx([step / 5 for step in range(1, len(epochs) + 1)], abs=1e-4)


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
    assert code == 1 and "no longer a finite number" in said.err and "learning rates" in said.err and said.err.count("\n") == 1
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


def test_ctrl_c_saves_and_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(training, "train", interrupting(4))
        assert train() == 130
    assert signal.getsignal(signal.SIGINT) is before
    said = capsys.readouterr()
    assert "Stopped at step 4" in said.err and "--resume" in said.err and said.err.count("\n") == 1 and not said.out
    assert sorted(path.name for path in Path("run").iterdir()) == FILES
    assert "--steps 4 " in load(Path("run")).facts["command"]
    assert train("--resume") == 0
    assert train(out="whole") == 0
    assert same_weights("whole", "run") and rows("whole") == rows("run")


def test_ctrl_c_before_the_first_round_leaves_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(training, "train", interrupting(0))
    assert train() == 130
    assert capsys.readouterr().err.count("\n") == 1 and not Path("run").exists()


def test_ctrl_c_ends_the_real_command() -> None:
    command = [sys.executable, "-m", "ganapp", "train", PRESET, *SMALL, "--set", "epochs=100000", "--out", str(Path("run").resolve())]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 120
        while len(Path("run", record.SCORES).read_text().splitlines() if Path("run", record.SCORES).exists() else []) < 3:
            assert running.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert running.returncode == 130 and err.startswith("Stopped at step ") and err.count("\n") == 1 and not out
    assert load_state(Path("run")).step == len(rows()) - 1 > 0


@pytest.mark.parametrize("epochs", [1, 119, 120, 121, 250, 1_000])
def test_the_animation_of_epochs_is_short_and_even(epochs: int) -> None:
    kept: list[tuple[int, Any]] = []
    for epoch in range(epochs + 1):
        kept = record.thinned([*kept, (epoch, None)])
    numbers = [epoch for epoch, _ in kept]
    assert numbers[0] == 0 and numbers[-1] == epochs and len(numbers) <= record.MOST_EPOCH_FRAMES
    gaps = np.diff(numbers[:-1])
    assert len(set(gaps.tolist())) <= 1 and len(numbers) >= min(epochs + 1, record.MOST_EPOCH_FRAMES // 2)


# --- train, refused --------------------------------------------------------------------------------------------------


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert not said.out and said.err.endswith(".\n") and said.err.count("\n") == 1 and "Traceback" not in said.err
    return said.err


def test_a_run_is_never_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--steps", "1") == 0
    capsys.readouterr()
    before = {path.name: path.read_bytes() for path in Path("run").iterdir()}
    assert train() == 2
    assert "already holds a run" in one_sentence(capsys)
    assert {path.name: path.read_bytes() for path in Path("run").iterdir()} == before


def test_a_folder_with_other_things_in_it_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Path("home").mkdir()
    Path("home", CARD).write_text("mine")
    assert train(out="home") == 2
    assert "not an empty folder" in one_sentence(capsys)
    assert train(out=str(Path("home", CARD))) == 2
    assert "not an empty folder" in one_sentence(capsys)
    assert [path.name for path in Path("home").iterdir()] == [CARD] and Path("home", CARD).read_text() == "mine"


def test_an_empty_folder_is_fine_and_missing_parents_are_made() -> None:
    Path("empty").mkdir()
    assert train("--steps", "1", out="empty") == 0
    assert train("--steps", "1", out="deep/er/run") == 0
    assert load(Path("deep/er/run")).facts["name"] == "run"


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


def test_data_that_cannot_be_had_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def missing(*arguments: Any, **settings: Any) -> Iterator[Any]:
        raise BadInput("The data set could not be downloaded.")
        yield

    monkeypatch.setattr(training, "train", missing)
    assert train() == 2
    assert "downloaded" in one_sentence(capsys) and not Path("run").exists()


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(state: Any, folder: Path) -> None:
        raise OSError(28, "No space left on device", str(folder / STATE))

    monkeypatch.setattr(checkpoints, "save_state", full)
    assert train() == 1
    assert f"{STATE} could not be read or written (No space left on device)" in one_sentence(capsys)


BAD: list[tuple[list[str], str]] = [
    ([], "COMMAND"),
    (["fly"], "'fly'"),
    (["presets", "digits"], "Unrecognized"),
    (["train"], "PRESET"),
    (["train", PRESET], "--out"),
    (["train", "nothing", "--out", "x"], "'nothing'"),
    (["train", PRESET, "--set", "lr=1", "--out", "x"], "'lr'"),
    (["train", PRESET, "--set", "epochs", "--out", "x"], "FIELD=VALUE"),
    (["train", PRESET, "--set", "epochs=0", "--out", "x"], "epochs is '0'"),
    (["train", PRESET, "--set", "width=wide", "--out", "x"], "'wide'"),
    (["train", PRESET, "--steps", "3", "--seconds", "3", "--out", "x"], "not allowed with"),
    *((["train", PRESET, "--steps", n, "--out", "x"], f"'{n}'") for n in ("-1", "1.5", "many", "99999999999999999999999999")),
    *((["train", PRESET, "--seconds", s, "--out", "x"], f"'{s}'") for s in ("0", "-3", "nan", "inf", "soon")),
    (["train", PRESET, "--out", "/proc/nowhere/run"], "/proc/nowhere"),
    (["train", PRESET, "--out", "~nobody-of-that-name/x"], "user"),
    (["train", PRESET, "--out", "file/run"], "file/run"),
    (["train", PRESET, "--out", "a\0b"], "another folder"),
    (["train", PRESET, "--se", "epochs=1", "--out", "x"], "--se"),
    (["sample"], "CHECKPOINT"),
    (["sample", "model", "--out", "x.png"], "--count"),
    (["sample", "model", "--count", "3"], "--out"),
    *((["sample", "model", "--count", n, "--out", "x.png"], f"'{n}'") for n in ("0", "-1", "100001", "2.5", "")),
    *((["sample", "model", "--count", "3", "--seed", s, "--out", "x.png"], f"'{s}'") for s in ("-1", str(2**31), "x")),
    *((["sample", "model", "--count", "3", "--out", f], "must end in") for f in ("x.jpg", "x", ".png", "x.gif", "")),
    (["sample", "model", "--count", "3", "--out", "/proc/nowhere/x.png"], "/proc/nowhere"),
    (["sample", "model", "--count", "3", "--out", "file/x.png"], "file"),
    (["sample", "model", "--count", "3", "--out", "folder.png"], "folder"),
    (["sample", "nothing", "--count", "3", "--out", "x.png"], "'nothing'"),
    (["sample", "file", "--count", "3", "--out", "x.png"], "'file'"),
    (["sample", ".", "--count", "3", "--out", "x.png"], "no checkpoint"),
    *((["sample", "model", "--count", "3", "--label", k, "--out", "x.png"], "no class") for k in ("3", "-1", "boot", "", "1.0", "9" * 80)),
    (["sample", "plain", "--count", "3", "--label", "0", "--out", "x.png"], "unconditional"),
    (["interpolate", "model", "1", "--out", "x.png"], "SEED_B"),
    (["interpolate", "model", "-1", "2", "--out", "x.png"], "'-1'"),
    (["interpolate", "model", "1", str(2**31), "--out", "x.png"], str(2**31)),
    *((["interpolate", "model", "1", "2", "--frames", n, "--out", "x.png"], f"'{n}'") for n in ("1", "601", "0", "two")),
    (["interpolate", "model", "1", "2", "--mode", "jump", "--out", "x.png"], "'jump'"),
    (["interpolate", "model", "1", "2", "--out", "x.npz"], "must end in"),
    (["interpolate", "plain", "1", "2", "--label", "a", "--out", "x.png"], "unconditional"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=[shlex.join(arguments)[:60].replace("\0", "0") for arguments, _ in BAD])
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: list[str], said: str, model_folder: str, plain_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("in the way")
    Path("folder.png").mkdir()
    before = sorted(Path().rglob("*"))
    assert main(arguments) == 2
    assert said in one_sentence(capsys)
    assert sorted(Path().rglob("*")) == before


# --- sample ----------------------------------------------------------------------------------------------------------


def arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file) == ["images", "labels"]
        return file["images"], file["labels"]


def test_an_npz_holds_the_pictures_and_labels_that_take_turns(model_folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", model_folder, "--count", "8", "--out", "drawn.npz"]) == 0
    images, labels = arrays("drawn.npz")
    assert images.shape == (8, 32, 32, 1) and images.dtype == np.uint8
    assert labels.dtype == np.int64 and labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    noise = checkpoints.latents.noise(0, 4, 8)
    assert np.array_equal(images, load(Path(model_folder)).draw(noise, labels))
    said = capsys.readouterr()
    assert "8 pictures" in said.out and not said.err


def test_more_pictures_of_a_seed_begin_with_the_same_ones(model_folder: str) -> None:
    for count in ("5", "600"):  # 600 are drawn in three chunks
        assert main(["sample", model_folder, "--count", count, "--seed", "4", "--out", f"{count}.npz"]) == 0
    few, many = arrays("5.npz")[0].astype(int), arrays("600.npz")[0].astype(int)
    assert len(many) == 600 and np.abs(few - many[:5]).max() <= 1
    assert main(["sample", model_folder, "--count", "5", "--seed", "5", "--out", "other.npz"]) == 0
    assert not np.array_equal(few, arrays("other.npz")[0])


@pytest.mark.parametrize(("label", "number"), [("1", 1), ("Ankle boot", 1), ("ankle BOOT", 1), ("shirt", 0), ("2", 2), ("0", 2)])
def test_a_class_is_asked_for_by_its_name_or_its_number(model_folder: str, label: str, number: int) -> None:
    assert main(["sample", model_folder, "--count", "3", "--label", label, "--out", "x.npz"]) == 0
    images, labels = arrays("x.npz")
    assert labels.tolist() == [number] * 3
    assert np.array_equal(images, load(Path(model_folder)).draw(checkpoints.latents.noise(0, 4, 3), labels))


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
    assert Image.open("x.png").mode == "RGB" and sorted(path.name for path in Path().iterdir()) == ["plain", "x.png"]


# --- interpolate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [[], ["--mode", "slerp"], ["--mode", "lerp"]])
def test_a_strip_begins_and_ends_with_the_pictures_of_its_seeds(model_folder: str, mode: list[str]) -> None:
    assert main(["interpolate", model_folder, "3", "8", "--frames", "5", "--label", "shirt", *mode, "--out", "strip.png"]) == 0
    strip = np.asarray(Image.open("strip.png"))[::2, ::2]
    assert strip.shape == (36, 5 * 34 + 2)
    for seed, left in ((3, 2), (8, 2 + 4 * 34)):
        assert main(["sample", model_folder, "--count", "1", "--label", "shirt", "--seed", str(seed), "--out", "end.npz"]) == 0
        end = arrays("end.npz")[0][0, :, :, 0].astype(int)
        assert np.abs(strip[2:34, left : left + 32].astype(int) - end).max() <= 1


def test_the_modes_and_labels_differ_on_the_way(model_folder: str) -> None:
    for name, more in {"slerp": [], "lerp": ["--mode", "lerp"], "label": ["--label", "1"]}.items():
        assert main(["interpolate", model_folder, "3", "8", *more, "--out", f"{name}.png"]) == 0
    slerp, lerp, label = (np.asarray(Image.open(f"{name}.png")) for name in ("slerp", "lerp", "label"))
    assert slerp.shape == (72, 2 * (16 * 34 + 2))
    assert not np.array_equal(slerp, lerp) and not np.array_equal(slerp, label)


def test_a_gif_walks_there_and_back(model_folder: str) -> None:
    assert main(["interpolate", model_folder, "3", "8", "--frames", "6", "--out", "walk.gif"]) == 0
    shown = frames(Path("walk.gif"))
    assert len(shown) == 10 and all(np.array_equal(a, b) for a, b in zip(shown[1:], shown[:0:-1], strict=True))
    assert main(["interpolate", model_folder, "3", "8", "--frames", "6", "--out", "walk.png"]) == 0
    strip = np.asarray(Image.open("walk.png"))[::2, ::2]
    for number in range(6):
        assert np.array_equal(shown[number][::4, ::4, 0], strip[2:34, 2 + 34 * number : 34 + 34 * number])


# --- the progress bar ------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stderr that someone looks at."""

    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_only(model_folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", model_folder, "--count", "300", "--out", "x.npz"]) == 0
    assert not capsys.readouterr().err
    for command, told in (
        (["sample", model_folder, "--count", "300", "--out", "x.npz"], "300/300"),
        (["train", PRESET, *SMALL, "--out", "a"], "10/10"),
        (["train", PRESET, *SMALL, "--seconds", "0.001", "--out", "b"], "100%"),
    ):
        terminal = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", terminal)
            assert main(command) == 0
        assert told in terminal.getvalue() and ("losses D" in terminal.getvalue()) == (command[0] == "train")


# --- several processes -------------------------------------------------------------------------------------------------


def launched(processes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`torchrun --nproc-per-node=N -m ganapp train ...`."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m", "ganapp"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [*launcher, "train", PRESET, *SMALL, "--out", "run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180)


def test_torchrun_trains_one_run_in_two_processes_and_one_process_goes_on_with_it() -> None:
    together = launched(2, "--steps", "4")
    assert together.returncode == 0, together.stderr
    assert together.stdout.count("Trained mlp-digits-quick for 4 steps") == 1
    assert train("--steps", "4", out="alone") == 0
    ours, theirs = (np.array(rows(name)[1:], float) for name in ("run", "alone"))
    assert ours == pytest.approx(theirs, abs=2e-3)
    assert train("--steps", "6", "--resume") == 0
    assert [row[0] for row in rows()[1:]] == list("123456")


def test_several_processes_refuse_what_they_cannot_share() -> None:
    odd = launched(2, "--set", "batch_size=99")
    assert odd.returncode != 0 and "99, which 2 processes cannot share evenly" in odd.stderr
    timed = launched(2, "--seconds", "5")
    assert timed.returncode != 0 and "--seconds cannot be kept by several processes" in timed.stderr
