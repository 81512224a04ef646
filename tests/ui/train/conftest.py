"""What several tests of the Train tab are given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganapp.runs import Registry


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """The runs of an app that plays one at a time, in a home of their own."""
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    with contextlib.closing(Registry(slots=1)) as made:
        yield made
