"""Accidents, briefly: `python -m benchmarks.faults` has many of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import faults
from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder, run_folder
from tests.runs.test_registry import TINY, learning, until


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    with contextlib.closing(Registry(slots=1, places=2)) as made:
        yield made


def test_a_killed_worker_costs_seconds_and_changes_nothing() -> None:
    config = replace(faults.CONFIG, epochs=15)
    found = faults.measure(lambda words: None, kills=1, config=config, latest=0.5)
    assert found["ended as without"] == found["whole records"] == found["kills"] == 1
    assert found["processes left behind"] == 0
    assert found["found as"]["interrupted"] == 1


def test_a_folder_that_vanishes_ends_its_run_and_frees_the_slot(registry: Registry) -> None:
    run_id = registry.submit(TINY, "digits", "one")
    until(registry, run_id, learning)
    shutil.rmtree(run_folder(run_id))
    other = registry.submit(TINY, "digits", "two")
    until(registry, other, learning)
    end = time.monotonic() + 60
    while registry.overview()["runs_playing"] + registry.overview()["runs_waiting"] > 1:
        assert time.monotonic() < end
        time.sleep(0.05)
    with pytest.raises(BadInput, match="There is no run"):
        registry.view(run_id)


def test_a_machine_that_was_asleep_goes_on(registry: Registry) -> None:
    run_id = registry.submit(TINY, "digits", "one")
    until(registry, run_id, learning)
    process = registry._slots.playing[run_id].worker.process
    os.kill(process.pid or 0, signal.SIGSTOP)
    time.sleep(1.0)
    step = registry.view(run_id).status["step"]
    os.kill(process.pid or 0, signal.SIGCONT)
    until(registry, run_id, lambda view: view.status["step"] > step + 100)


def test_two_apps_on_one_folder_leave_each_others_runs_alone(registry: Registry) -> None:
    run_id = registry.submit(TINY, "digits", "one")
    step = until(registry, run_id, learning).status["step"]
    with contextlib.closing(Registry(slots=1)) as other:
        assert other.view(run_id).state == "running"
        mine = other.submit(TINY, "digits", "two")
        until(other, mine, learning)
    until(registry, run_id, lambda view: view.status["step"] > step + 100)
    assert RunFolder(run_folder(mine)).status()["state"] == "interrupted"
    with pytest.raises(BadInput):
        registry.resume(run_id, "one")
