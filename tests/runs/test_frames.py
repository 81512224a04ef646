"""Which pictures of epochs a run keeps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ganapp.runs.folder import RunFolder
from ganapp.runs.frames import MOST_FRAMES, kept_epochs
from tests.tiny import tiny_config


@pytest.mark.parametrize("most", [MOST_FRAMES, 120, 3])
@pytest.mark.parametrize("epochs", [1, 119, 120, 121, 250, 1_000, 5_000])
def test_the_film_is_short_and_even(epochs: int, most: int) -> None:
    kept: list[int] = []
    for epoch in range(epochs + 1):
        kept = kept_epochs([*kept, epoch], most)
    assert kept[0] == 0 and kept[-1] == epochs and len(kept) <= most
    assert len(set(np.diff(kept[:-1]).tolist())) <= 1
    assert len(kept) >= min(epochs + 1, most // 2)
    assert kept == kept_epochs(range(epochs + 1), most)


@pytest.mark.parametrize("seed", range(5))
def test_epochs_at_odd_places_are_thinned_evenly_too(seed: int) -> None:
    gaps = np.random.default_rng(seed).integers(1, 40, 3_000)
    epochs = np.cumsum(gaps).tolist()
    kept: list[int] = []
    for epoch in epochs:
        kept = kept_epochs([*kept, epoch])
    assert kept == kept_epochs(epochs) and {*kept} <= {*epochs} and kept[-1] == epochs[-1]
    assert MOST_FRAMES // 2 <= len(kept) <= MOST_FRAMES
    assert max(np.diff(kept)) <= epochs[-1] / (MOST_FRAMES / 2 - 1) * 2


def test_nothing_is_kept_of_nothing() -> None:
    assert kept_epochs([]) == []


def test_a_folder_holds_a_bounded_number_of_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    run = RunFolder.create("0101-0000-a", tiny_config(), "digits", "key")
    preview = np.zeros((1, 1, 4, 4, 1), np.uint8)
    for epoch in range(0, 3 * 2 * MOST_FRAMES, 2):
        run.write_picture(preview, epoch)
    assert list(run.epoch_files()) == kept_epochs(range(0, 3 * 2 * MOST_FRAMES, 2))
    run.write_picture(preview, None)
    assert len(run.epoch_files()) <= MOST_FRAMES
    assert json.loads((run.path / "status.json").read_text())["state"] == "queued"
