"""What several of the interface's tests are given."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganapp import checkpoints
from ganapp.ui.parts import catalog
from tests.ui.models import make


@pytest.fixture(scope="module", params=["dcgan", "mlp"])
def model(request: pytest.FixtureRequest) -> Any:
    return make(model=request.param)


@pytest.fixture(scope="module")
def unconditional() -> Any:
    return make(conditional=False)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two bundled checkpoints and a run, in folders of their own, with nothing open."""
    monkeypatch.setattr("ganapp.checkpoints.folder.BUNDLED", tmp_path / "bundled")
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path / "runs"))
    catalog.forget()
    checkpoints.save(make(), tmp_path / "bundled" / "digits")
    checkpoints.save(make(conditional=False), tmp_path / "bundled" / "another")
    run = tmp_path / "runs" / "1122-0741-abc"
    checkpoints.save(make(), run)
    (run / "run.json").write_text("{}")
    unsaved = tmp_path / "runs" / "1122-0742-new"
    unsaved.mkdir()
    (unsaved / "run.json").write_text("{}")
    checkpoints.save(make(), tmp_path / "secret")
    yield tmp_path
    catalog.forget()
