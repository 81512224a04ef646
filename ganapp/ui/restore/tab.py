"""The Restore tab: from a picture to its z, and with it from a damaged picture to a whole one."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.restoration import DAMAGES
from ganapp.runs import Registry
from ganapp.ui.parts import components
from ganapp.ui.parts.components import NO_MODEL, ModelPicker, component, heading, seed, with_errors
from ganapp.ui.parts.page import PRIVATE, Page
from ganapp.ui.parts.rendering import Props, stamp
from ganapp.ui.parts.visitor import owner_key
from ganapp.ui.restore import handlers

AT_ONCE = 2
"""Searches that run at the same time; others wait in Gradio's queue."""


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "draw", NO_MODEL)


@with_errors
def examples_of(value: Any) -> Props:
    """What a visitor can start with, for the chosen model."""
    return handlers.examples_of(load_model(value))


def finished(value: Any) -> Any:
    """A finished example of the chosen model, or nothing new."""
    try:
        shown = handlers.finished(value, load_model(value))
    except BadInput:  # the editor says it
        shown = None
    return gr.skip() if shown is None else shown | {"number": stamp()}


def find(
    registry: Registry, value: Any, damage: Any, editor: Any, start: Any, browser: Any
) -> Iterator[Props]:
    """The best matches of the editor's picture so far, beside what the visitor's own networks make
    of it.
    """
    try:
        sent = editor.get("picture") if isinstance(editor, dict) else None
        own = registry.runs_of(owner_key(browser))
        for shown in handlers.find(load_model(value), damage, sent, start, own):
            yield shown | {"model": value, "number": stamp()}
    except BadInput as error:
        yield {"problem": str(error), "number": stamp()}


def walk(asked: Any) -> Props:
    """What the tab's script asks for: {"model", "a", "b", "percent"}."""
    asked = asked if isinstance(asked, dict) else {}
    try:
        return handlers.walk(
            load_model(asked.get("model")), asked.get("a"), asked.get("b"), asked.get("percent")
        )
    except BadInput as error:
        return {"problem": str(error)}


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "restore", "draw")
    with gr.Column(elem_classes="explore-card", elem_id="restore-card"):
        heading(
            "From a picture back to its z",
            "The generator makes only pictures that could be real. Choose, draw or upload a picture"
            " and damage it. Gradient descent then searches for the z whose picture looks the same"
            " after the same damage: the generator fills in what was hidden. Beside it stand"
            " networks that learned this one repair from pairs, where the app or you have some:"
            " with a GAN (pix2pix) and without. A VAE has an encoder, which needs no search: choose"
            " one, and a GAN of the same size stands beside it.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=280, scale=0):
                markup = "<!-- editor -->" + '<p class="explore-problem" role="alert" hidden></p>'
                editor = component("restore/editor", "restore-editor", markup)
                damage = gr.Radio(
                    [(how.title, name) for name, how in DAMAGES.items()],
                    value="none",
                    label="Damage",
                    elem_id="restore-damage",
                    info="How much of the picture the search may see.",
                )
                start = seed(
                    "restore-seed",
                    "Seed",
                    1,
                    "The start of the search; another seed may find another picture.",
                )
                button = gr.Button("Find", variant="primary", elem_id="restore-find")
            with gr.Column(min_width=300, scale=1):
                result = component("restore/restore", "restore-result", server_functions=[walk])

    models.wire(tab, lambda value: [examples_of(value), finished(value)], [], [editor, result])
    button.click(
        functools.partial(find, page.registry),
        [models.list, damage, editor, start, page.browser],
        result,
        concurrency_limit=AT_ONCE,
        concurrency_id="restore",
        show_progress="minimal",
        **PRIVATE,
    )
