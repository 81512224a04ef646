"""What earlier versions saved opens for ever: a folder of `tests/artifacts` for each version of the
format, with a run that was paused, its training state and its model. Its settings have names of
that version, and values that the form has refused since.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ganapp import checkpoints, latents
from ganapp.checkpoints.layout import FORMAT_VERSION
from ganapp.config.knobs import MOST_SAVED
from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder
from ganapp.training import train
from ganapp.ui.train.controller import Controller

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
VERSIONS = sorted(int(path.name.removeprefix("version-")) for path in ARTIFACTS.iterdir())


def test_every_version_of_the_format_is_kept() -> None:
    assert list(range(1, FORMAT_VERSION + 1)) == VERSIONS


@pytest.fixture(params=VERSIONS)
def run(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run of a version, in a home of its own."""
    shutil.copytree(ARTIFACTS / f"version-{request.param}" / "runs", tmp_path / "runs")
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path / "runs"))
    (path,) = (tmp_path / "runs").iterdir()
    return path


def test_its_settings_are_of_the_kind_that_the_form_refuses(run: Path) -> None:
    settings = json.loads((run / "run.json").read_text())["settings"]
    assert "r1_every" in settings
    with pytest.raises(BadInput):
        TrainConfig.from_dict(settings)


def test_its_model_draws(run: Path) -> None:
    model = checkpoints.load(run)
    noise = latents.noise(0, model.config.latent_size, 3)
    assert model.draw(noise).shape == (3, 32, 32, 1)


def test_its_training_goes_on_from_the_loop_to_the_model(run: Path) -> None:
    state = checkpoints.load_state(run)
    *_, last = train(state.config, resume=state, steps=state.step + 3)
    ended = last.capture()
    assert ended.step == state.step + 3 and ended.config.epochs == state.config.epochs
    checkpoints.save_state(ended, run)
    assert checkpoints.load_state(run).config == ended.config
    checkpoints.save(checkpoints.TrainedModel.from_state(ended), run)
    assert checkpoints.load(run).config == ended.config


def test_its_page_opens_and_fills_the_form(run: Path) -> None:
    registry = Registry(slots=0)
    controller = Controller(registry)
    browser = {"id": run.name, "key": "key of the owner"}
    assert controller.arrive("", browser) == (run.name, "")
    assert controller.run_values(run.name).values["epochs"] == 250_000
    assert controller.runs(browser)[0][1] == run.name
    registry.close()


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize(
    "settings", ["none", {"epochs": "many"}, {"never": 1}, {"model": "gone"}, [1]], ids=str
)
def test_a_run_whose_settings_mean_nothing_leaves_the_page_on_the_example(
    run: Path, settings: object, asked: bool
) -> None:
    noted = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(noted | {"settings": settings}))
    registry = Registry(slots=0)
    browser = {"id": run.name, "key": "key of the owner"}
    shown, why = Controller(registry).arrive(run.name if asked else "", browser)
    assert shown == "" and "shows the example instead" in why and browser["id"] is None
    assert "\n" not in why
    with pytest.raises(BadInput):
        RunFolder(run).config()
    registry.close()


@pytest.mark.parametrize("name", knobs())
def test_no_range_of_the_form_is_asked_of_what_was_saved(name: str) -> None:
    knob, saved = knobs()[name], TrainConfig().to_dict()
    if knob.high is None:
        return
    beyond = min(2 * knob.high + 2, MOST_SAVED.get(name, 1e12))
    value = type(saved[name])(beyond)
    assert getattr(TrainConfig.from_saved(saved | {name: value}), name) == value


@pytest.mark.parametrize(("name", "most"), MOST_SAVED.items())
def test_a_file_cannot_ask_for_more_than_this_machine_has(name: str, most: int) -> None:
    knob = knobs()[name]
    assert most >= (knob.high or 0) and most >= max(
        (choice for choice in knob.choices or () if isinstance(choice, int)), default=0
    )
    with pytest.raises(BadInput, match=f"{name} is .* from 0 to {most}"):
        TrainConfig.from_saved(TrainConfig().to_dict() | {name: most + 1})
