"""What the Train tab's handlers say, without Gradio."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, get_args

import pytest

from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput
from ganapp.experiments.quality import MEASURE
from ganapp.runs import View
from ganapp.runs.curves import MOST_POINTS, Curves
from ganapp.runs.states import State
from ganapp.ui.parts.settings import config_from
from ganapp.ui.train.controller import buttons
from ganapp.ui.train.handlers import STATES, compare, cure_of, describe, minutes


def view(state: str, **status: Any) -> View:
    return View(
        "1122-0000-aaaa",
        "v1",
        {"state": state, **status},
        "digits",
        3 if state == "queued" else 0,
        b"a JPEG",
        1,
        "owner",
    )


def test_the_form_is_laid_over_the_preset() -> None:
    assert config_from("digits", {}) == (PRESETS["digits"].config, "digits")
    changed = config_from("digits", {"generator_lr": "0.01", "epochs": 3})
    assert changed == (
        TrainConfig.from_dict({"generator_lr": 0.01, "epochs": 3}, PRESETS["digits"].config),
        "digits, changed",
    )


@pytest.mark.parametrize("name", PRESETS)
def test_a_form_that_shows_a_preset_is_that_preset(name: str) -> None:
    config = PRESETS[name].config
    shown = {
        field: f"{value:g}" if knobs()[field].log else value
        for field, value in config.to_dict().items()
    }
    assert config_from(name, shown) == (config, name)


@pytest.mark.parametrize(
    ("preset", "values", "sentence"),
    [
        ("nothing", {}, "no preset called 'nothing'"),
        ("digits", {"generator_lr": "fast"}, "generator_lr is 'fast'"),
        ("digits", {"generator_lr": ""}, "generator_lr is ''"),
        ("digits", {"epochs": None}, "epochs is 'None'"),
        ("digits", {"epochs": 0}, "epochs is '0'"),
        ("digits", {"loss": "best"}, "loss is 'best'"),
    ],
)
def test_bad_values_are_refused_with_a_sentence(
    preset: str, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        config_from(preset, values)


def test_every_state_has_a_word() -> None:
    assert set(STATES) == {*get_args(State), "example"}


@pytest.mark.parametrize(
    ("state", "start", "pause", "stop"),
    [
        ("queued", False, ("Pause", True), True),
        ("preparing", False, ("Pause", True), True),
        ("running", False, ("Pause", True), True),
        ("paused", True, ("Resume", True), True),
        ("interrupted", True, ("Resume", True), True),
        ("failed", True, ("Resume", True), False),
        ("stopped", True, ("Resume", True), False),
        ("finished", True, ("Pause", False), False),
        ("stopping", False, ("Pause", False), False),
    ],
)
def test_buttons_follow_the_state(
    state: str, start: bool, pause: tuple[str, bool], stop: bool
) -> None:
    answer = buttons(view(state), True)
    assert answer == (start, pause[1], pause[0] == "Resume", stop)


def test_a_watcher_steers_nothing() -> None:
    assert buttons(view("running"), False) == (True, False, False, False)
    assert "somebody else's" in describe(view("running"), False)["note"]


def test_an_update_stays_small_however_long_the_run() -> None:
    import numpy as np

    names = ("discriminator_loss", "generator_loss", "real_score", "fake_score")
    sizes = []
    for rounds in (MOST_POINTS, 100_000):
        curves = Curves(names)
        curves.add(np.random.default_rng(0).random((rounds, 4)))
        sizes.append(
            len(json.dumps(describe(view("running", curves=curves.points(), step=rounds), True)))
        )
    assert sizes[1] < 1.2 * sizes[0] < 20_000


def test_looks_become_curves_with_what_real_pictures_score() -> None:
    looks = [[step, 0.5, 0.25, -1.0, *range(6)] for step in (10, 20)]
    answer = describe(
        view(
            "running",
            looks=looks,
            measure=MEASURE,
            floor={"coverage": 0.9},
            doctor={"name": "healthy"},
        ),
        True,
    )
    assert answer["quality"] == {
        "step": (10, 20),
        "faithful": (0.5, 0.5),
        "coverage": (0.25, 0.25),
        "floor": {"coverage": 0.9},
    }
    assert answer["doctor"] == {"name": "healthy"}
    # In records from before, another figure stands in its place, which could be high for noise.
    assert "faithful" not in describe(view("running", looks=looks), True)["quality"]
    looks = [[10, 0.5, 0.25, 0.75, *range(6)]]
    assert describe(view("running", looks=looks), True)["quality"]["accuracy"] == (0.75,)
    assert describe(view("running"), True)["quality"] is None


def test_why_quality_is_not_measured_is_told() -> None:
    note = describe(view("running", unmeasured="There are too few pictures."), True)["note"]
    assert note == "Quality is not measured: There are too few pictures."


def test_before_anything_is_trained() -> None:
    assert describe(None, False)["state"] == "none"
    assert describe(view("queued"), True)["note"].startswith("Place 3 in the queue")


def test_turns_are_told_and_the_time_left_counts_them() -> None:
    alone = view("running", seconds_left=30.0)
    shared = dataclasses.replace(alone, turns=30)
    assert describe(alone, True)["note"] == "" and describe(alone, True)["left"] == 30
    shown = describe(shared, True)
    assert shown["left"] == 900
    assert shown["note"] == (
        "30 runs take turns on this machine: each trains for 5 seconds about every 2 minutes."
    )
    held = describe(dataclasses.replace(alone, turns=0), True)
    assert held["note"].startswith("Your teacher has stopped")


def test_a_queued_run_says_when_it_begins_and_shows_a_recording_meanwhile() -> None:
    waits = dataclasses.replace(view("queued"), picture=b"", wait=200.0)
    shown = describe(waits, True)
    assert shown["note"] == "Place 3 in the queue. The run starts by itself in about 3 minutes."
    assert shown["meanwhile"]["run"] == "recording-digits" and 100 in shown["meanwhile"]["epochs"]
    other = dataclasses.replace(waits, preset="failure-collapse")
    assert describe(other, True)["meanwhile"]["run"] == "recording-failure-collapse"
    assert describe(dataclasses.replace(waits, place=0), True)["meanwhile"] is None
    assert describe(view("queued"), True)["meanwhile"] is None  # it has pictures of its own


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "5 seconds"),
        (58, "60 seconds"),
        (89, "90 seconds"),
        (91, "2 minutes"),
        (1000, "17 minutes"),
    ],
)
def test_times_are_as_exact_as_one_needs_them(seconds: float, words: str) -> None:
    assert minutes(seconds) == words


def test_a_comparison_has_the_other_runs_curves_and_the_settings_that_differ() -> None:
    here, there = PRESETS["mlp-digits-quick"].config, PRESETS["failure-vanishing"].config
    answer = compare(here, view("stopped"), there)
    assert answer["run"] == "1122-0000-aaaa" and "stopped" in answer["title"]
    assert (
        "Loss: non-saturating here, minimax there" in answer["differs"]
        and "R1 penalty: 0.1 here, 0 there" in answer["differs"]
    )
    assert "Batch size" not in answer["differs"]
    assert compare(here, view("stopped"), here)["differs"] == "All settings are the same."


@pytest.mark.parametrize("name", [name for name in PRESETS if name.startswith("failure-")])
def test_a_failure_names_its_cure_which_is_a_run_of_its_own(name: str) -> None:
    cure = cure_of(name)
    assert cure is not None and len(cure.why) > 40
    cured = TrainConfig.from_dict(cure.settings, PRESETS[name].config)
    assert cured != PRESETS[name].config and cured.seed == PRESETS[name].config.seed
    assert cure_of(f"{name}, cured") is None and cure_of("digits") is None


def test_a_vae_shows_no_code() -> None:
    for name, code in (("negative_bound", False), ("discriminator_loss", True)):
        curves = {"step": [1], name: [90.0]}
        assert describe(view("running", curves=curves), True)["code"] is code
