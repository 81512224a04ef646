"""What visitors of the Train tab do to runs: real runs of tiny networks, no page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qs

import pytest

from ganapp.config.knobs import checked
from ganapp.config.presets import DEFAULT_PRESET, PRESETS
from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder, run_folder
from ganapp.ui.parts.settings import parsed
from ganapp.ui.parts.visitor import with_key
from ganapp.ui.train import recordings
from ganapp.ui.train.controller import Controller, News, Request, change_of, suggestions
from tests.tiny import tiny_pictures

PRESET = "mlp-digits-quick"
TINY: dict[str, Any] = {"width": 4, "latent_size": 4, "epochs": 100_000, "precision": "float32"}


@pytest.fixture
def controller(registry: Registry) -> Controller:
    return Controller(registry)


@pytest.fixture
def browser() -> dict[str, Any]:
    return with_key(None)


def start(controller: Controller, browser: dict[str, Any], **changes: Any) -> str:
    values = controller.preset_values(PRESET, None).values | TINY | changes
    return controller.start(Request(PRESET, PRESET, values, None), browser, "")


def until(
    controller: Controller, browser: Any, run_id: str, condition: Callable[[News], bool]
) -> News:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        news = controller.news(run_id, browser, "a page")
        if condition(news):
            return news
        time.sleep(0.02)
    pytest.fail(f"still {news}")


def test_a_run_is_started_paused_resumed_and_stopped(
    controller: Controller, browser: dict[str, Any]
) -> None:
    run_id = start(controller, browser)
    assert browser["id"] == run_id

    def state(news: News) -> Any:
        return news.live["state"]

    news = until(controller, browser, run_id, lambda news: state(news) == "running")
    assert news.live["mine"] and news.live["page"] == "a page"
    controller.pause_or_resume(run_id, browser)
    news = until(controller, browser, run_id, lambda news: state(news) == "paused")
    assert news.buttons == (True, True, True, True)
    controller.pause_or_resume(run_id, browser)
    until(controller, browser, run_id, lambda news: state(news) == "running")
    controller.stop(run_id, browser)
    news = until(controller, browser, run_id, lambda news: state(news) == "stopped")
    assert news.buttons == (True, True, True, False)


def test_a_stranger_watches_and_steers_nothing(
    controller: Controller, browser: dict[str, Any]
) -> None:
    run_id, stranger = start(controller, browser), with_key(None)
    news = controller.news(run_id, stranger, "another page")
    assert not news.live["mine"] and news.buttons == (True, False, False, False)
    for act in (controller.pause_or_resume, controller.stop):
        with pytest.raises(BadInput):
            act(run_id, stranger)
    with pytest.raises(BadInput, match="Only a run of yours can be published"):
        controller.publish("me/gan", "token", run_id, stranger)
    recorded = [run_id for _, run_id in controller.runs(stranger)]
    assert recorded == list(recordings.folders())
    assert [run_id for _, run_id in controller.runs(browser)] == [run_id, *recorded]


def test_the_cure_ends_the_run_and_starts_the_cured_one(
    controller: Controller, browser: dict[str, Any]
) -> None:
    name = "failure-collapse"
    values = controller.preset_values(name, None).values
    failing = controller.start(Request(name, name, values, None), browser, "")
    until(controller, browser, failing, lambda news: bool(news.live["step"]))
    assert controller.news(failing, browser, "a page").curable
    cured = controller.cure(failing, browser)
    assert browser["id"] == cured and controller.registry.view(failing).state == "stopped"
    cure = PRESETS[name].cure
    assert cure is not None
    expected = PRESETS[name].config.to_dict() | dict(cure.settings)
    assert RunFolder(run_folder(cured)).config().to_dict() == expected
    with pytest.raises(BadInput, match="no cure"):
        controller.cure(cured, browser)


def test_start_right_after_another_preset_was_chosen_starts_that_preset(
    controller: Controller, browser: dict[str, Any]
) -> None:
    values = controller.preset_values(DEFAULT_PRESET, None).values
    run_id = controller.start(Request(PRESET, DEFAULT_PRESET, values, None), browser, "")
    assert RunFolder(run_folder(run_id)).config() == PRESETS[PRESET].config


def test_own_pictures_are_found_again_in_the_run_that_is_shown(
    controller: Controller, browser: dict[str, Any]
) -> None:
    pictures = tiny_pictures(12, 2)
    values = controller.preset_values(PRESET, pictures).values
    assert values["dataset"] == "own" and values["augment"] != "none"
    first = controller.start(Request(PRESET, PRESET, values | TINY, pictures), browser, "")
    controller.stop(first, browser)
    until(controller, browser, first, lambda n: n.live["state"] == "stopped")
    second = controller.start(Request(PRESET, PRESET, values | TINY, None), browser, first)
    own = RunFolder(run_folder(second)).own_pictures()
    assert own is not None and own.class_names == pictures.class_names
    with pytest.raises(BadInput, match="no pictures are here yet"):
        controller.start(Request(PRESET, PRESET, values, None), with_key(None), first)


def test_a_page_opens_on_its_link_or_on_the_last_run_or_on_the_example(
    controller: Controller, browser: dict[str, Any]
) -> None:
    assert controller.arrive("", browser) == ("", "")
    run_id = start(controller, browser)
    assert controller.arrive("", browser) == (run_id, "")
    assert controller.arrive(run_id, with_key(None)) == (run_id, "")
    found, problem = controller.arrive("no-such-run", browser)
    assert found == "" and "There is no run" in problem and browser["id"] is None
    form = controller.run_values(run_id)
    assert form.preset == PRESET and form.values["width"] == 4


def test_a_run_is_compared_with_another_one_only(
    controller: Controller, browser: dict[str, Any]
) -> None:
    run_id = start(controller, browser)
    assert controller.compare(run_id, "another") == run_id
    example = recordings.example()
    assert controller.compare(example, run_id) == example
    assert controller.compare(run_id, "") == run_id
    with pytest.raises(BadInput, match="This is the run that is shown"):
        controller.compare(example, "")
    with pytest.raises(BadInput, match="There is no recording"):
        controller.compare("recording-none", run_id)
    with pytest.raises(BadInput, match="This is the run that is shown"):
        controller.compare(run_id, run_id)


def test_a_run_is_started_again_with_one_setting_changed(
    controller: Controller, browser: dict[str, Any]
) -> None:
    first = start(controller, browser, seed=7)
    until(controller, browser, first, lambda news: bool(news.live["step"]))
    second = controller.again(first, browser, "loss", "hinge")
    assert controller.registry.view(first).state == "stopped" and browser["id"] == second
    known, changed = (RunFolder(run_folder(run)).config().to_dict() for run in (first, second))
    assert changed == known | {"loss": "hinge"}
    for setting, value, sentence in (
        ("loss", "hinge", "is hinge in this run already"),
        ("loss", "best", "loss is 'best'"),
        ("nothing", "1", "No setting was chosen"),
        (["loss"], "hinge", "No setting was chosen"),
        ("dataset", "own", "no pictures are here yet"),
        ("clip", "much", "must be a number"),
        ("conditional", "maybe", "conditional is 'maybe'"),
    ):
        with pytest.raises(BadInput, match=sentence):
            controller.again(second, browser, setting, value)
        assert controller.registry.view(second).state != "stopped"
    third = controller.again(second, with_key(None), "conditional", "on")  # a watcher's own
    assert RunFolder(run_folder(third)).config().conditional
    assert controller.registry.view(second).state != "stopped"


def test_a_recording_is_shown_and_run_again_with_one_setting_changed(
    controller: Controller, browser: dict[str, Any]
) -> None:
    example = recordings.example()
    assert controller.arrive(example, browser) == (example, "")
    news = controller.news(example, browser, "a page")
    assert news.live["state"] == "example" and news.live["run"] == example
    assert news.buttons.start and not news.buttons.pause and not news.buttons.stop
    assert ("Recording: " + PRESETS["digits"].title, example) in [
        (title.partition(",")[0], run_id) for title, run_id in controller.runs(browser)
    ]
    for act in (controller.pause_or_resume, controller.stop):
        with pytest.raises(BadInput):
            act(example, browser)
    run_id = controller.again("", browser, "loss", "hinge")
    known = recordings.config(example).to_dict()
    assert RunFolder(run_folder(run_id)).config().to_dict() == known | {"loss": "hinge"}


def test_the_hint_names_the_value_that_a_setting_has(
    controller: Controller, browser: dict[str, Any]
) -> None:
    run_id = start(controller, browser)
    change = change_of(run_id, "generator_lr")
    assert change.hint.startswith("Now 0.001.") and "0.002" in change.values
    assert change_of("", "generator_lr").hint.startswith("Now ")
    assert change_of("", "nothing") == change_of(run_id, ["nothing"]) == ("", [])


@pytest.mark.parametrize("name", knobs())
@pytest.mark.parametrize("preset", ["digits", "cyclegan-emoji", "mlp-digits"])
def test_each_suggestion_is_another_value_that_the_setting_can_have(preset: str, name: str) -> None:
    knob, now = knobs()[name], getattr(PRESETS[preset].config, name)
    kind = str(next(field for field in fields(TrainConfig) if field.name == name).type)
    suggested = [checked(name, kind, knob, parsed(name, knob, v)) for v in suggestions(knob, now)]
    assert suggested and now not in suggested and len(set(suggested)) == len(suggested)


def test_an_address_fills_the_form_and_the_form_gives_the_address(controller: Controller) -> None:
    form, problem = controller.linked_values(
        {"preset": "mlp-digits-quick", "epochs": "7", "loss": "minimax", "tab": "train", "x": "y"}
    )
    assert form is not None and problem == ""
    assert (form.preset, form.values["epochs"], form.values["loss"]) == (
        "mlp-digits-quick",
        7,
        "minimax",
    )
    link = controller.link_of(Request(form.preset, form.preset, form.values, None))
    asked = {name: values[0] for name, values in parse_qs(link).items()}
    assert asked == {
        "tab": "train",
        "preset": "mlp-digits-quick",
        "epochs": "7",
        "loss": "minimax",
    }
    assert controller.linked_values(asked)[0] == form
    assert controller.linked_values({"epochs": "7"}) == (None, "")


@pytest.mark.parametrize(
    "asked",
    [
        {"preset": "no-such-preset"},
        {"preset": "digits", "epochs": "many"},
        {"preset": "digits", "width": "-1"},
        {"preset": "<script>"},
    ],
)
def test_what_an_address_asks_wrongly_is_told_in_a_sentence(
    controller: Controller, asked: dict[str, str]
) -> None:
    form, problem = controller.linked_values(asked)
    assert form is None and problem.endswith("The page shows its usual settings instead.")
