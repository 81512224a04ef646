"""How much a machine can do at once, as it is and as its host says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from ganapp.errors import BadInput
from ganapp.runs import Registry, capacity

READ: dict[str, Callable[[], float]] = {
    "GANAPP_PLACES": lambda: capacity.places(1),
    "GANAPP_UNWATCHED_SECONDS": capacity.unwatched_seconds,
    "GANAPP_DISK": lambda: capacity.disk(Path()),
    "GANAPP_GPU_SECONDS": capacity.gpu_seconds,
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("GANAPP_PLACES", "7", 7),
        ("GANAPP_UNWATCHED_SECONDS", "0.5", 0.5),
        ("GANAPP_DISK", "20GB", 20e9),
        ("GANAPP_DISK", "1.5 tb", 1.5e12),
        ("GANAPP_DISK", "300MB", 3e8),
        ("GANAPP_DISK", "1000000", 1e6),
        ("GANAPP_GPU_SECONDS", "60", 60),
    ],
)
def test_a_host_chooses(
    name: str, text: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    assert READ[name]() == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("GANAPP_PLACES", text) for text in ("many", "0", "-1", "1.5")),
        *(("GANAPP_UNWATCHED_SECONDS", text) for text in ("soon", "-1", "1e9")),
        *(("GANAPP_DISK", text) for text in ("much", "-3GB", "20 GiB", "1e9")),
        *(("GANAPP_GPU_SECONDS", text) for text in ("61", "5", "30.5", "long")),
    ],
)
def test_what_cannot_be_is_refused_before_the_app_opens(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    monkeypatch.setenv(name, text)
    with pytest.raises(BadInput, match=f"^{name} is '{text}', but must be "):
        Registry(slots=0)


def test_the_usual_budget_is_a_tenth_of_what_is_free_beside_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GANAPP_DISK", raising=False)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1e11))
    assert capacity.disk(tmp_path) == 1e10
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_bytes(b" " * 10_000)
    assert capacity.disk(tmp_path) == pytest.approx(1e10 + 1000)


@pytest.mark.parametrize(("bytes", "places"), [(1e9, 1), (8e9, 20), (64e9, 40)])
def test_places_follow_the_memory(
    bytes: float, places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GANAPP_PLACES", raising=False)
    monkeypatch.setattr(capacity, "memory", lambda: bytes)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert capacity.places(1) == places
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert capacity.places(2) == 8
