"""Recordings of finished runs, read from what a run of the command line left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ganapp.commands.record import COMMAND
from ganapp.errors import BadInput
from ganapp.ui.train import make_recording, recordings
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


def test_a_thinned_record_shows_the_same_run(
    left: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = recordings.view(RUN)
    monkeypatch.setattr(make_recording, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(make_recording, "MOST_ROWS", 5)
    make_recording.main(left)
    monkeypatch.setattr(recordings, "FOLDER", tmp_path / "kept")
    recordings.view.cache_clear()
    thin = recordings.view(RUN)
    assert not thin.status["weights"] and whole.status["weights"]
    for name in ("step", "progress", "frame_epochs", "looks", "verdicts"):
        assert thin.status[name] == whole.status[name]
    long, short = whole.status["curves"], thin.status["curves"]
    assert len(short["step"]) == 5 and len(long["step"]) == 10
    pairs = np.reshape(long["generator_loss"], (5, 2)).mean(1)
    np.testing.assert_allclose(short["generator_loss"], pairs, rtol=1e-3)
    assert short["step"] == [2, 4, 6, 8, 10]


def test_what_is_no_recording_is_told(left: Path) -> None:
    with pytest.raises(BadInput, match="no recording called 'none': there are "):
        recordings.view("recording-none")
    (left / "scores.csv").write_text("step,epoch\nmany,2\n")
    with pytest.raises(BadInput, match="is damaged"):
        recordings.view(RUN)


def test_a_page_opens_without_its_example(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "example", lambda: RUN)
    (left / "epochs.gif").write_bytes(b"no film")
    assert recordings.shown("") is None
    with pytest.raises(BadInput, match="is damaged"):
        recordings.shown(RUN)
    monkeypatch.setattr(recordings, "example", lambda: "")
    assert recordings.shown("") is None


def test_every_recording_that_ships_opens_with_its_pictures() -> None:
    found = recordings.folders()
    assert next(iter(found)) == "recording-digits" == recordings.example()
    for run_id in found:
        view = recordings.view(run_id)
        epochs = view.status["frame_epochs"]
        assert all(recordings.epoch_picture(run_id, epoch) for epoch in (epochs[0], epochs[-1]))
        assert recordings.epoch_picture(run_id, epochs[-1] + 1) is None
