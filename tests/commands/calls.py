"""Commands as the tests call them, and what they leave behind, read."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from ganapp.__main__ import main
from ganapp.checkpoints import CARD, CONFIG, SAMPLES, STATE, WEIGHTS, load
from ganapp.commands.record import COMMAND, EPOCHS, SCORES

ROOT = Path(__file__).resolve().parents[2]
PRESET = "mlp-digits-quick"
# 5 steps an epoch.
SMALL = [
    "--set",
    "width=4",
    "latent_size=4",
    "--set",
    "batch_size=1000",
    "epochs=2",
    "precision=float32",
]
FILES = sorted([STATE, WEIGHTS, CONFIG, CARD, SAMPLES, SCORES, EPOCHS, COMMAND])


def train(*arguments: str, out: str = "run") -> int:
    return main(["train", PRESET, *SMALL, "--out", out, *arguments])


def rows(out: str = "run") -> list[list[str]]:
    with (Path(out) / SCORES).open(newline="") as file:
        return list(csv.reader(file))


def frames(path: Path) -> list[np.ndarray]:
    with Image.open(path) as moving:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(moving)]


def arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file) == ["images", "labels"]
        return file["images"], file["labels"]


def same_weights(a: str, b: str) -> bool:
    ours, theirs = load(Path(a)).state_dict(), load(Path(b)).state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert (
        not said.out
        and said.err.endswith(".\n")
        and said.err.count("\n") == 1
        and "Traceback" not in said.err
    )
    return said.err
