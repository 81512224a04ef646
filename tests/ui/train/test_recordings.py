"""Recordings of finished runs, read from what a run of the command line left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganapp.commands.record import COMMAND
from ganapp.ui.train import recordings
from ganapp.ui.train.handlers import describe
from tests.commands.calls import train

RUN = "recording-run"


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ganapp.commands.record.FEWEST_STEPS", 5)
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    assert train() == 0
    yield tmp_path / "run"
    recordings.view.cache_clear()
    recordings._frames.cache_clear()


def test_curves_looks_and_verdict_of_the_record_are_shown(left: Path) -> None:
    view = recordings.view(RUN)
    answer = describe(view, False)
    assert answer["quality"]["step"][-1] == 10 and answer["quality"]["floor"]["coverage"] > 0.9
    assert answer["doctor"]["name"] == "not yet"


def test_records_of_earlier_versions_have_no_looks(left: Path) -> None:
    noted = json.loads((left / COMMAND).read_text())
    (left / COMMAND).write_text(json.dumps({"frames": noted["frames"]}))
    view = recordings.view(RUN)
    assert describe(view, False)["doctor"] is None
