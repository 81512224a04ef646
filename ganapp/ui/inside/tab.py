"""The Inside tab: what each layer of both networks makes of a picture, and what its channels do."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.ui.inside import handlers
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    NO_MODEL,
    ModelPicker,
    answer_script,
    component,
    heading,
    with_errors,
)
from ganapp.ui.parts.page import Page
from ganapp.ui.parts.rendering import Props


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "look inside", NO_MODEL)


@with_errors
def first(value: Any) -> Props:
    """What the tab's script needs to know of the chosen model."""
    return handlers.first(load_model(value)) | {"model": value}


def look(asked: Any) -> Props:
    """A layer at one picture, for the tab's script."""
    return answer_script(lambda: handlers.look(load_model(asked.get("model")), asked), asked)


def channel(asked: Any) -> Props:
    """A channel over many pictures, for the tab's script."""
    return answer_script(lambda: handlers.channel(load_model(asked.get("model")), asked), asked)


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "inside", "look inside")
    with gr.Column(elem_classes="explore-card", elem_id="inside-card"):
        heading(
            "A look inside",
            "Each layer turns its input into maps, one for each channel. Click a map: where does"
            " that channel fire? Then switch it off or turn it up: what changes in the picture is"
            " what the channel is for (Bau et al. 2019).",
        )
        shown = component("inside/inside", "inside", server_functions=[look, channel])
    models.wire(tab, lambda value: [first(value)], [], [shown])
