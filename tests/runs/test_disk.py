"""Room on the disk: the oldest runs that nobody keeps go first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from ganapp.config.presets import PRESETS
from ganapp.errors import BadInput
from ganapp.runs import Registry, disk, run_folder


def make(home: Path, name: str, size: int, age: float) -> Path:
    folder = home / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    (folder / "status.json").write_bytes(b" " * (size - 2))
    os.utime(folder / "status.json", (1e9 - age, 1e9 - age))
    return folder


def test_the_oldest_go_first_but_not_those_that_are_kept_or_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    for age, name in enumerate(["newest", "newer", "kept", "going", "old", "oldest"]):
        make(tmp_path, name, 1000, age)
    disk.keep(tmp_path / "kept", True)
    assert disk.used(tmp_path) == 6000
    assert disk.make_room(tmp_path, 6000, {"going"}) == []
    assert disk.make_room(tmp_path, 4500, {"going"}) == ["oldest", "old"]
    assert disk.make_room(tmp_path, 0, {"going"}) == ["newer", "newest"]
    assert sorted(path.name for path in tmp_path.glob("*/run.json")) == ["run.json"] * 2
    with pytest.raises(BadInput, match="removed to make room"):
        run_folder("oldest")
    with pytest.raises(BadInput, match="There is no run"):
        run_folder("another")
    disk.keep(tmp_path / "kept", False)
    assert disk.make_room(tmp_path, 0, {"going"}) == ["kept"]


def test_only_the_owner_keeps_a_run_and_its_page_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    with contextlib.closing(Registry(slots=0)) as registry:
        run_id = registry.submit(PRESETS["digits"].config, "digits", "key")
        before = registry.view(run_id)
        for claim in ("", "0" * 32):
            with pytest.raises(BadInput, match="Only the browser"):
                registry.keep(run_id, claim, True)
        registry.keep(run_id, registry.claim(run_id), True)
        after = registry.view(run_id)
        assert after.version != before.version
        assert (before.status["kept"], after.status["kept"]) == (False, True)
        registry.keep(run_id, registry.claim(run_id), False)
        assert registry.view(run_id).status["kept"] is False
