"""The Class-conditional tab: a matrix of classes and seeds, and the way from one class to
another.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.ui.classes import handlers
from ganapp.ui.classes.handlers import MOST_ROWS
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    LIVE,
    NO_CONDITIONAL,
    ModelPicker,
    component,
    dimmed,
    file,
    following,
    heading,
    on,
    seed,
    truncation,
    with_errors,
)
from ganapp.ui.parts.inputs import classes_of, seed_of
from ganapp.ui.parts.page import ACT, QUIET, Page, reports_errors
from ganapp.ui.parts.rendering import NO_TRUNCATION, Props, class_name

SKIP = gr.skip()
MOST_COLUMNS = 12
"""Classes that are chosen to begin with; more can be ticked."""


def opened(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.opened(value, "draw", NO_CONDITIONAL)


@with_errors
def table(value: Any, chosen: Any, start: Any, count: Any, limit: Any) -> Props:
    """The matrix of classes and z."""
    return handlers.matrix(
        opened(value), tuple(chosen) if isinstance(chosen, list) else (), start, count, limit
    )


def png(value: Any, chosen: Any, start: Any, count: Any, limit: Any) -> Props:
    """The matrix as a file."""
    drawn = handlers.matrix_png(opened(value), chosen, start, count, limit)
    return file(f"classes-{seed_of(start)}.png", "image/png", drawn)


def mix(value: Any, first: Any, second: Any, start: Any, percent: Any) -> Props:
    """The picture of a mixture of two classes."""
    return handlers.mix_picture(opened(value), first, second, start, percent)


@dimmed
def mix_path(value: Any, first: Any, second: Any, start: Any) -> Props:
    """The way from one class to another."""
    return handlers.mix_path(opened(value), first, second, start)


def class_choices(
    value: Any, chosen: Any, first: Any, second: Any
) -> tuple[list[Any], list[int], int | None, int | None]:
    """The pickers of classes for a model, and what is chosen in them: what was, where the model has
    it.
    """
    try:
        model = opened(value)
        classes_of(model, [0])
    except BadInput:
        none = gr.update(choices=[], value=None, interactive=False)
        return [gr.update(choices=[], value=[], interactive=False), none, none], [], None, None
    names = [(class_name(model, k), k) for k in range(model.classes)]
    known = [k for k in chosen if k in range(model.classes)] if isinstance(chosen, list) else []
    kept = known or list(range(min(model.classes, MOST_COLUMNS)))
    usual = (3, 8) if model.classes > 8 else (0, model.classes - 1)
    one, two = (
        k if k in range(model.classes) else other
        for k, other in zip((first, second), usual, strict=True)
    )
    return (
        [gr.update(choices=names, value=value, interactive=True) for value in (kept, one, two)],
        kept,
        one,
        two,
    )


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "classes", "draw a class")
    with gr.Column(elem_classes="explore-card", elem_id="classes-matrix-card"):
        heading(
            "Class and style",
            "Every row is one z, every column one class. Along a row the stroke, slant and weight"
            " should stay while the class changes; down a column the class should stay. The number"
            " is the discriminator's: how probably it takes the picture for real, or a critic's"
            " score.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0, elem_classes="explore-side"):
                chosen = gr.CheckboxGroup(
                    [],
                    label="Classes",
                    elem_id="classes-chosen",
                    info="A column for each class that is ticked.",
                )
                start = seed(
                    "classes-seed",
                    "Seed",
                    1,
                    "Another seed draws other z: every row changes its style.",
                )
                count = gr.Slider(
                    1,
                    MOST_ROWS,
                    6,
                    step=1,
                    label="Rows",
                    buttons=[],
                    elem_id="classes-count",
                    info="How many z are shown, one a row.",
                )
                limit = truncation("classes-truncation", NO_TRUNCATION)
                save = gr.Button("Download as PNG", elem_id="classes-png", size="sm")
                saved = component("parts/download", "classes-download", "<span></span>")
            with gr.Column(min_width=300, scale=1):
                matrix = component("classes/matrix", "classes-matrix")
    with gr.Column(elem_classes="explore-card", elem_id="classes-mix-card"):
        heading(
            "Between two classes",
            "The generator has only ever been told one class at a time. What does it draw for half"
            " of one and half of another: a blend, a sudden jump, or a digit that does not exist?",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                picture, draw_mix = following("classes-picture", mix, 4, ["classes-share"])
            with gr.Column(min_width=300, scale=1):
                first = gr.Radio(
                    [], label="From", elem_id="classes-a", info="The class at the left end."
                )
                second = gr.Radio(
                    [], label="To", elem_id="classes-b", info="The class at the right end."
                )
                percent = gr.Slider(
                    0,
                    100,
                    50,
                    step=1,
                    label="Share of the second class (%)",
                    buttons=[],
                    elem_id="classes-share",
                    info="Drag: the big picture follows the mixed label; z stays that of row 1.",
                )
                path = component("parts/path", "classes-mix")

    pickers, drawings = [chosen, first, second], [matrix, picture, path]
    settings = [chosen, first, second, start, count, limit, percent]
    matrix_inputs, mix_inputs = (
        [models.list, chosen, start, count, limit],
        [models.list, first, second, start, percent],
    )

    def pictures(
        value: Any,
        chosen: Any,
        first: Any,
        second: Any,
        start: Any,
        count: Any,
        limit: Any,
        percent: Any,
    ) -> list[Any]:
        """All pictures of the tab."""
        return [
            table(value, chosen, start, count, limit),
            draw_mix(value, first, second, start, percent),
            mix_path(value, first, second, start),
        ]

    def everything(value: Any, chosen: Any, first: Any, second: Any, *rest: Any) -> list[Any]:
        """All pictures of the tab, with the pickers of classes before them."""
        updates, chosen, first, second = class_choices(value, chosen, first, second)
        return [*updates, *pictures(value, chosen, first, second, *rest)]

    def mix_and_path(*given: Any) -> tuple[Props, Props]:
        return draw_mix(*given), mix_path(*given[:4])

    def jump(
        value: Any, first: Any, second: Any, start: Any, event: gr.EventData
    ) -> tuple[Any, Any]:
        """A click on a picture of the strip: go there."""
        percent = event._data.get("percent") if isinstance(event._data, dict) else None
        shown = draw_mix(value, first, second, start, percent)
        return (SKIP if "problem" in shown else percent), shown

    models.wire(tab, everything, settings, [*pickers, *drawings])
    on(
        [chosen.input, count.input, count.release, limit.input, limit.release],
        table,
        matrix_inputs,
        matrix,
        **LIVE,
    )
    start.change(pictures, [models.list, *settings], drawings, **LIVE)
    on([first.input, second.input], mix_and_path, mix_inputs, [picture, path], **LIVE)
    path.select(jump, [models.list, first, second, start], [percent, picture], **QUIET)
    save.click(reports_errors(png), matrix_inputs, saved, **ACT)
