"""The Text tab: pictures of what a text says, by GAN-CLS."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from ganapp.datasets.texts import EXAMPLES
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    ModelPicker,
    answer_script,
    component,
    heading,
    seed,
    with_errors,
)
from ganapp.ui.parts.page import LIVE, PRIVATE, Page
from ganapp.ui.parts.rendering import Props
from ganapp.ui.text import handlers

NO_MODEL = (
    "There is no model here yet that draws what a text says: train the preset GAN-CLS on the Train"
    " tab."
)
OFFERED = (0, 1, 2, 6, 7, 4)
"""The examples that have a button."""


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "draw a text", NO_MODEL)


@with_errors
def picture(value: Any, written: Any, start: Any) -> Props:
    """The pictures of a text, for the chosen model."""
    return handlers.picture(load_model(value), written, start) | {"model": value}


def without(asked: Any) -> Props:
    """What the tab's script asks for: {"model", "text", "seed", "place"}."""
    return answer_script(
        lambda: handlers.without(
            load_model(asked.get("model")), asked.get("text"), asked.get("seed"), asked.get("place")
        ),
        asked,
    )


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "text", "draw a text")
    with gr.Column(elem_classes="explore-card", elem_id="text-card"):
        heading(
            "From a text to a picture",
            "The generator gets z and a text that says what the face should have; what it does not"
            " say is left to z. The stronger a word is coloured, the more the pictures change"
            " without it. Do “no glasses but a beard” and “glasses but no beard” give what they"
            " say?",
        )
        with gr.Row(equal_height=False):
            words = gr.Textbox(
                EXAMPLES[0],
                label="Text",
                max_lines=1,
                elem_id="text-words",
                min_width=260,
                scale=4,
                info="About hair, skin, glasses, beard, mouth and earrings, in English.",
            )
            with gr.Column(min_width=200, scale=1):
                start = seed("text-seed", "Seed", 1, "Another seed draws other z.")
        with gr.Row(elem_classes="text-examples"):
            buttons = [
                gr.Button(EXAMPLES[number], size="sm", min_width=60, scale=0) for number in OFFERED
            ]
        shown = component("text/text", "text-pictures", server_functions=[without])

    inputs = [models.list, words, start]
    models.wire(tab, lambda *asked: [picture(*asked)], [words, start], [shown])
    for control in (words, start):
        control.change(picture, inputs, shown, **LIVE)
    for button, number in zip(buttons, OFFERED, strict=True):
        button.click(None, None, words, js=f"() => {json.dumps(EXAMPLES[number])}", **PRIVATE)
