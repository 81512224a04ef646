"""The handlers of the exploring tabs: refusals in place, pictures that follow, pickers."""

from pathlib import Path
from typing import Any

import gradio as gr

from ganapp.ui.classes import tab as classes_tab
from ganapp.ui.latent import layout as latent
from ganapp.ui.latent import tab
from ganapp.ui.parts import catalog, components, page
from tests.ui.models import alike, decoded, of_seed


def test_a_refusal_is_said_in_place_and_every_answer_is_a_new_one(shelf: Path) -> None:
    shown = latent.loop("bundled:digits", 2, 1, "A grid")
    assert shown["poster"] and shown != latent.loop("bundled:digits", 2, 1, "A grid")
    for handler in (latent.loop, latent.play):
        assert "whole number" in handler("bundled:digits", 2, None, "A grid")["problem"]
    assert latent.walk_path("bundled:digits", 2, None, 1) == {"problem": ""}
    assert "Train tab" in latent.loop(None, None, 1, "A grid")["problem"]
    assert "Train tab" in classes_tab.matrix(None, [0], 1, 3, 3.0)["problem"]
    assert "tick" in classes_tab.matrix("bundled:digits", [], 1, 3, 3.0)["problem"]
    assert "conditional" in classes_tab.matrix("bundled:another", [0], 1, 3, 3.0)["problem"]


def test_a_picture_that_follows_answers_what_its_script_asks(shelf: Path) -> None:
    with gr.Blocks():
        component, handler = components.following("some-picture", latent.walk, 5, ["latent-place"])
    shown = handler("bundled:digits", 2, 11, 12, "slerp", 40)
    assert shown["ask"] == ["bundled:digits", 2, 11, 12, "slerp"]
    followed = component.follow({"ask": shown["ask"], "moves": [100]})
    assert alike(decoded(followed), of_seed(catalog.load("bundled:digits"), 12, 2))
    forged: Any
    for forged in (
        None,
        [],
        "x",
        {},
        {"ask": shown["ask"]},
        {"ask": shown["ask"], "moves": []},
        {"ask": [], "moves": [1]},
        {"ask": ["run:../secret", 2, 1, 2, "slerp"], "moves": [1]},
        {"ask": shown["ask"], "moves": ["1"]},
        {"ask": [{}, [], {}, [], {}], "moves": [{}]},
    ):
        assert component.follow(forged)["problem"].endswith(".")


def test_the_class_picker_keeps_a_class_that_the_model_has(shelf: Path) -> None:
    picker, kept = tab.class_choice("bundled:digits", 4)
    assert kept == 4 and picker["interactive"] and picker["choices"][4] == ("class 4", 4)
    assert tab.class_choice("bundled:digits", 9)[1] == 3
    picker, kept = tab.class_choice("bundled:another", 4)
    assert kept is None and not picker["interactive"] and "without classes" in picker["info"]


def test_the_pickers_of_the_class_tab_are_dimmed_without_a_conditional_model(shelf: Path) -> None:
    updates, chosen, first, second = classes_tab.class_choices("bundled:another", [1], 0, 1)
    assert (
        not any(update["interactive"] for update in updates)
        and chosen == []
        and first is second is None
    )
    updates, chosen, first, second = classes_tab.class_choices("bundled:digits", [1, 99], 0, 7)
    assert (
        all(update["interactive"] for update in updates)
        and chosen == [1]
        and (first, second) == (0, 4)
    )


def test_a_message_box_gets_no_markup() -> None:
    assert page.plain("<img src=x onerror=alert(1)>&") == "&lt;img src=x onerror=alert(1)&gt;&amp;"
