"""The Restore tab: from a picture to its z, and with it from a damaged picture to a whole one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.restoration import DAMAGES
from ganapp.ui.parts import components
from ganapp.ui.parts.components import NO_MODEL, ModelPicker, component, heading, seed, with_errors
from ganapp.ui.parts.page import PRIVATE, Page
from ganapp.ui.parts.rendering import Props
from ganapp.ui.restore import handlers

AT_ONCE = 2
"""Searches that run at once; others wait in Gradio's queue."""


def opened(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.opened(value, "draw", NO_MODEL)


@with_errors
def stage(value: Any) -> Props:
    """What one can begin with, for the chosen model."""
    return handlers.stage(opened(value))


def find(value: Any, damage: Any, desk: Any, start: Any) -> Iterator[Props]:
    """What is found of the desk's picture, again and again."""
    try:
        sent = desk.get("picture") if isinstance(desk, dict) else None
        for shown in handlers.find(opened(value), damage, sent, start):
            yield shown | {"model": value, "number": time.monotonic_ns()}
    except BadInput as error:
        yield {"problem": str(error), "number": time.monotonic_ns()}


def walk(asked: Any) -> Props:
    """What the tab's script asks for: {"model", "a", "b", "percent"}."""
    asked = asked if isinstance(asked, dict) else {}
    try:
        return handlers.walk(
            opened(asked.get("model")), asked.get("a"), asked.get("b"), asked.get("percent")
        )
    except BadInput as error:
        return {"problem": str(error)}


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "restore", "draw")
    with gr.Column(elem_classes="explore-card", elem_id="restore-card"):
        heading(
            "From a picture back to its z",
            "The generator knows only pictures that could be real. Choose, draw or upload one,"
            " spoil it, and let gradient descent look for the z whose picture, spoiled the same"
            " way, looks the same: what was hidden comes back as the generator imagines it.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=280, scale=0):
                markup = "<!-- desk -->" + '<p class="explore-problem" role="alert" hidden></p>'
                desk = component("restore/desk", "restore-desk", markup)
                damage = gr.Radio(
                    [(how.title, name) for name, how in DAMAGES.items()],
                    value="none",
                    label="Spoil it",
                    elem_id="restore-damage",
                    info="What the search may see of the picture.",
                )
                start = seed(
                    "restore-seed",
                    "Seed",
                    1,
                    "Where the search begins; another one may find another answer.",
                )
                button = gr.Button("Find", variant="primary", elem_id="restore-find")
            with gr.Column(min_width=300, scale=1):
                result = component("restore/restore", "restore-result", server_functions=[walk])

    models.wire(tab, lambda value: [stage(value)], [], [desk])
    button.click(
        find,
        [models.list, damage, desk, start],
        result,
        concurrency_limit=AT_ONCE,
        concurrency_id="restore",
        show_progress="minimal",
        **PRIVATE,
    )
