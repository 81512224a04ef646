"""`train --log`: what TensorBoard reads of a run, and a log that fails."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ganapp.experiments.quality import QualityCheck
from tests.commands.calls import one_sentence, rows, train


def read(out: str = "run") -> Any:
    found = EventAccumulator(str(Path(out) / "tensorboard"))
    found.Reload()
    return found


def test_tensorboard_shows_scores_and_pictures_also_of_a_run_that_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert train("--steps", "6", "--log", "tensorboard") == 0
    assert train("--steps", "11", "--log", "tensorboard", "--resume") == 0
    found, (heading, *kept) = read(), rows()
    assert set(found.Tags()["scalars"]) >= {f"scores/{name}" for name in heading[2:]}
    points = found.Scalars("scores/generator_loss")
    steps = [point.step for point in points]
    assert steps[-1] == 11 and steps == sorted(steps)
    column = heading.index("generator_loss")
    values = [float(row[column]) for row in kept]
    assert all(min(values) - 1e-6 <= point.value <= max(values) + 1e-6 for point in points)
    assert [image.step for image in found.Images("samples")][-1] >= 5
    assert "The log" not in capsys.readouterr().err


class FakeTrackio(SimpleNamespace):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(begun={}, logged=[], ended=False)

    def init(self, **settings: Any) -> None:
        self.begun = settings

    def log(self, values: dict[str, Any], step: int) -> None:
        self.logged.append((step, values))

    def finish(self) -> None:
        self.ended = True

    def Image(self, image: Any) -> Any:  # noqa: N802 - Trackio's name
        return image


@pytest.fixture
def trackio(monkeypatch: pytest.MonkeyPatch) -> FakeTrackio:
    fake = FakeTrackio()
    fake.__spec__ = SimpleNamespace(name="trackio")
    monkeypatch.setitem(sys.modules, "trackio", fake)
    return fake


def test_trackio_gets_settings_scores_quality_and_pictures(trackio: FakeTrackio) -> None:
    assert train("--steps", "120", "--log", "trackio", "--set", "epochs=30") == 0
    assert trackio.begun["name"] == "run" and trackio.begun["config"]["width"] == 4
    assert trackio.begun["resume"] == "never" and trackio.ended
    names = {name for _, values in trackio.logged for name in values}
    assert {"scores/discriminator_loss", "samples", "quality/coverage"} <= names
    assert names <= {"samples"} | {f"quality/{name}" for name in QualityCheck._fields} | {
        f"scores/{name}" for name in rows()[0][2:]
    }
    image = next(values["samples"] for _, values in trackio.logged if "samples" in values)
    assert image.ndim == 3 and image.shape[2] == 3


def test_a_log_that_fails_ends_alone(
    trackio: FakeTrackio, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(values: dict[str, Any], step: int) -> None:
        raise ConnectionError("the server is gone")

    monkeypatch.setattr(trackio, "log", fail)
    assert train("--steps", "6", "--log", "trackio") == 0
    said = capsys.readouterr().err
    assert said.count("The log trackio ended (ConnectionError: the server is gone)") == 1
    assert len(rows()) == 7


def test_a_package_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert train("--log", "trackio") == 2
    assert "pip install trackio" in one_sentence(capsys) and not Path("run").exists()
