"""What a host reads of the app."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import ganapp
from ganapp.config.presets import PRESETS
from ganapp.runs import Registry
from ganapp.ui import status


def test_counts_bytes_and_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    monkeypatch.setenv("GANAPP_DISK", "20GB")
    with contextlib.closing(Registry(slots=0)) as registry:
        for owner in "ab":
            run = registry.submit(PRESETS["digits"].config, "digits", owner)
        registry.watch("page", run)
        client = TestClient(Starlette(routes=status.routes(registry)))
        found = client.get("/status").json()
        text = client.get("/metrics").text
    assert found["version"] == ganapp.__version__
    assert (found["runs_queued"], found["runs_playing"], found["runs_waiting"]) == (2, 0, 0)
    assert found["pages"] == 1 and found["runs_kept_on_disk"] == 2
    assert found["disk_budget_bytes"] == 20e9 > found["disk_used_bytes"] > 100_000
    assert found["memory_bytes"] > 5e7
    assert f'ganapp_info{{version="{ganapp.__version__}"}} 1\n' in text
    assert all(re.fullmatch(r"[a-z_]+(\{.*\})? [0-9.e+]+", line) for line in text.splitlines())
    assert "ganapp_runs_queued 2\n" in text


def test_memory_of_a_process_that_is_gone_is_nothing() -> None:
    assert status.memory(2**22 + os.getpid()) == 0
