"""The Translate tab: pictures from one domain to another and back, by a CycleGAN."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.ui.parts import components
from ganapp.ui.parts.components import ModelPicker, component, heading, with_errors
from ganapp.ui.parts.page import Page
from ganapp.ui.parts.rendering import Props
from ganapp.ui.translate import handlers

NO_TRANSLATOR = (
    "There is no model that translates here yet: train a preset whose name begins with CycleGAN on"
    " the Train tab."
)


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "translate", NO_TRANSLATOR)


@with_errors
def examples_of(value: Any) -> Props:
    """What a visitor can start with, for the chosen model."""
    return handlers.examples_of(load_model(value)) | {"model": value}


def trip(asked: Any) -> Props:
    """What the tab's script asks for: {"model", "domain", "picture"}."""
    asked = asked if isinstance(asked, dict) else {}
    try:
        return handlers.round_trip(
            load_model(asked.get("model")), asked.get("domain"), asked.get("picture")
        )
    except BadInput as error:
        return {"problem": str(error)}


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "translate", "translate")
    with gr.Column(elem_classes="explore-card", elem_id="translate-card"):
        heading(
            "There and back again",
            "Two generators learned from two sets of pictures without any pairs. Choose, upload or"
            " draw a picture: does the translation keep its content and change only its style? And"
            " does the way back return the same picture?",
        )
        shown = component("translate/translate", "translate-pictures", server_functions=[trip])

    models.wire(tab, lambda value: [examples_of(value)], [], [shown])
