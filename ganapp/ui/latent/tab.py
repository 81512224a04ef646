"""The Latent space tab: the model and the class that all its sections share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.ui.latent.arithmetic import Arithmetic
from ganapp.ui.latent.layout import (
    Codes,
    Corners,
    Directions,
    RandomWalk,
    Truncation,
    Walk,
    load_model,
)
from ganapp.ui.latent.named import Named
from ganapp.ui.parts.components import (
    ModelPicker,
)
from ganapp.ui.parts.page import LIVE, Page
from ganapp.ui.parts.rendering import class_name


def class_choice(value: Any, label: Any) -> tuple[Any, int | None]:
    """The class picker for a model, and the class that is chosen in it."""
    try:
        model = load_model(value)
    except BadInput:
        return gr.update(choices=[], value=None, interactive=False), None
    if not model.classes:
        return (
            gr.update(
                choices=[("any", 0)],
                value=0,
                interactive=False,
                info="This model was trained without classes: z alone decides what it draws.",
            ),
            None,
        )
    kept = label if label in range(model.classes) else min(3, model.classes - 1)
    return (
        gr.update(
            choices=[(class_name(model, k), k) for k in range(model.classes)],
            value=kept,
            interactive=True,
            info="The same z with another class: the style stays, the subject changes.",
        ),
        kept,
    )


Section = Walk | Corners | Directions | Named | Arithmetic | Codes | Truncation | RandomWalk


def _choices() -> tuple[gr.Radio, gr.Radio]:
    """The class and the kind of path, which several sections read."""
    with gr.Row(elem_classes="explore-choices"):
        label = gr.Radio(
            [],
            label="Class",
            elem_id="latent-class",
            scale=3,
            min_width=300,
            interactive=False,
            info="The class of every picture below.",
        )
        mode = gr.Radio(
            [("slerp, along an arc", "slerp"), ("lerp, straight", "lerp")],
            value="slerp",
            label="Path",
            elem_id="latent-mode",
            scale=2,
            min_width=280,
            info=(
                "How to go from one seed to another. Half way, lerp often gives faint or blurred"
                " pictures."
            ),
        )
    return label, mode


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "latent", "draw")
    label, mode = _choices()
    sections: list[Section] = []
    with gr.Column(elem_classes="explore-card", elem_id="latent-walk"):
        sections.append(Walk(mode))
    with gr.Column(elem_classes="explore-card", elem_id="latent-corners"):
        sections.append(Corners(mode))
    with gr.Column(elem_classes="explore-card", elem_id="latent-directions"):
        sections.append(Directions())
    with gr.Column(elem_classes="explore-card", elem_id="latent-named-card"):
        sections.append(Named())
    with gr.Column(elem_classes="explore-card", elem_id="latent-sum"):
        sections.append(Arithmetic())
    with gr.Column(elem_classes="explore-card", elem_id="latent-codes", visible=False) as card:
        sections.append(Codes(card))
    with gr.Column(elem_classes="explore-card", elem_id="latent-truncation-card"):
        sections.append(Truncation())
    with gr.Column(elem_classes="explore-card", elem_id="latent-loop-card"):
        sections.append(RandomWalk())
    settings = list(dict.fromkeys(part for section in sections for part in section.inputs))
    outputs = [label, *(part for section in sections for part in section.outputs)]

    def draw_all(value: Any, label: Any, *values: Any) -> list[Any]:
        picker, label = class_choice(value, label)
        return [
            picker,
            *_drawings(sections, dict(zip(settings, values, strict=True)), value, label),
        ]

    chosen = [models.list, label]
    models.wire(tab, draw_all, [label, *settings], outputs)
    label.input(draw_all, [*chosen, *settings], outputs, **LIVE)
    for section in sections:
        section.wire(chosen)


def _drawings(
    sections: Sequence[Section], values: dict[Any, Any], model: Any, label: Any
) -> list[Any]:
    """The outputs of all sections, given the value of each control."""
    return [
        drawing
        for section in sections
        for drawing in section.draw(model, label, *(values[part] for part in section.inputs))
    ]
