"""What the tests of the commands are given: a folder of their own and two models in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from tests.tiny import tiny_config


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in its own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def model_folder(tmp_path: Path) -> str:
    """A conditional model with named classes."""
    config = tiny_config("dcgan", epochs=1)
    checkpoints.save(
        TrainedModel(config.to_dict(), ["shirt", "Ankle boot", "0"], 1), tmp_path / "model"
    )
    return "model"


@pytest.fixture
def plain_folder(tmp_path: Path) -> str:
    """An unconditional model in colour."""
    checkpoints.save(
        TrainedModel(tiny_config(conditional=False).to_dict(), ["a", "b"], 3), tmp_path / "plain"
    )
    return "plain"
