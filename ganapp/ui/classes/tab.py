"""The Class-conditional tab: a table of classes and z, and pictures between two classes."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.ui.classes import handlers
from ganapp.ui.classes.handlers import MOST_ROWS
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    NO_CONDITIONAL,
    ModelPicker,
    component,
    file,
    following,
    heading,
    hides_errors,
    on,
    seed,
    truncation,
    with_errors,
)
from ganapp.ui.parts.inputs import classes_of, seed_of
from ganapp.ui.parts.page import ACT, LIVE, Page, reports_errors
from ganapp.ui.parts.rendering import NO_TRUNCATION, Props, class_name

SKIP = gr.skip()
MOST_COLUMNS = 12
"""How many classes are chosen at first; more can be ticked."""


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "draw", NO_CONDITIONAL)


@with_errors
def matrix(value: Any, chosen: Any, start: Any, count: Any, limit: Any) -> Props:
    """The matrix of classes and z."""
    return handlers.matrix(
        load_model(value), tuple(chosen) if isinstance(chosen, list) else (), start, count, limit
    )


def png(value: Any, chosen: Any, start: Any, count: Any, limit: Any) -> Props:
    """The matrix as a file."""
    drawn = handlers.matrix_png(load_model(value), chosen, start, count, limit)
    return file(f"classes-{seed_of(start)}.png", "image/png", drawn)


def mix(value: Any, first: Any, second: Any, start: Any, percent: Any) -> Props:
    """The picture of a mixture of two classes."""
    return handlers.mix_picture(load_model(value), first, second, start, percent)


@hides_errors
def mix_path(value: Any, first: Any, second: Any, start: Any) -> Props:
    """The pictures from one class to another."""
    return handlers.mix_path(load_model(value), first, second, start)


def class_choices(
    value: Any, chosen: Any, first: Any, second: Any
) -> tuple[list[Any], list[int], int | None, int | None]:
    """The class pickers for a model, and what is chosen in them: the same as before if the model
    has it.
    """
    try:
        model = load_model(value)
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


class Matrix:
    """The table of classes and z."""

    def __init__(self) -> None:
        heading(
            "Class and style",
            "Each row is one z, and each column is one class. Along a row, the stroke, slant and"
            " weight should stay while the class changes; down a column, the class should stay. The"
            " number under a picture is the discriminator's: the probability that it is real, or"
            " the score of a critic.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0, elem_classes="explore-side"):
                self.chosen = gr.CheckboxGroup(
                    [],
                    label="Classes",
                    elem_id="classes-chosen",
                    info="Each class that is ticked gets a column.",
                )
                self.start = seed(
                    "classes-seed",
                    "Seed",
                    1,
                    "Another seed draws other z: the style of every row changes.",
                )
                self.count = gr.Slider(
                    1,
                    MOST_ROWS,
                    6,
                    step=1,
                    label="Rows",
                    buttons=[],
                    elem_id="classes-count",
                    info="How many z are shown, one in each row.",
                )
                self.limit = truncation("classes-truncation", NO_TRUNCATION)
                self.save = gr.Button("Download as PNG", elem_id="classes-png", size="sm")
                self.saved = component("parts/download", "classes-download", "<span></span>")
            with gr.Column(min_width=300, scale=1):
                self.table = component("classes/matrix", "classes-matrix")

    def wire(self, model: Any) -> None:
        """Redraws when a control changes, and makes the file."""
        events = [self.chosen.input]
        for slider in (self.count, self.limit):
            events += [slider.input, slider.release]
        inputs = [model, self.chosen, self.start, self.count, self.limit]
        on(events, matrix, inputs, self.table, **LIVE)
        self.save.click(reports_errors(png), inputs, self.saved, **ACT)


class Mix:
    """A picture between two classes."""

    def __init__(self) -> None:
        heading(
            "Between two classes",
            "In training, the generator was given one class at a time. What does it draw for half"
            " of one and half of another: a blend, a sudden jump, or a digit that does not exist?",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                self.picture, self.follow = following("classes-picture", mix, 4, ["classes-share"])
            with gr.Column(min_width=300, scale=1):
                self.first = gr.Radio(
                    [], label="From", elem_id="classes-a", info="The class on the left."
                )
                self.second = gr.Radio(
                    [], label="To", elem_id="classes-b", info="The class on the right."
                )
                self.percent = gr.Slider(
                    0,
                    100,
                    50,
                    step=1,
                    label="Share of the second class (%)",
                    buttons=[],
                    elem_id="classes-share",
                    info="Drag: the big picture follows the mixed label; z is that of row 1.",
                )
                self.path = component("parts/path", "classes-mix")

    def draw(
        self, value: Any, first: Any, second: Any, start: Any, percent: Any
    ) -> tuple[Props, Props]:
        """The picture and the path."""
        shown = self.follow(value, first, second, start, percent)
        return shown, mix_path(value, first, second, start)

    def jump(
        self, value: Any, first: Any, second: Any, start: Any, event: gr.EventData
    ) -> tuple[Any, Any]:
        """Goes to the picture of the path that was clicked."""
        percent = event._data.get("percent") if isinstance(event._data, dict) else None
        shown = self.follow(value, first, second, start, percent)
        return (SKIP if "problem" in shown else percent), shown

    def wire(self, model: Any, start: Any) -> None:
        """Redraws when a class changes, and jumps."""
        pair = [model, self.first, self.second, start]
        outputs = [self.picture, self.path]
        on(
            [self.first.input, self.second.input],
            self.draw,
            [*pair, self.percent],
            outputs,
            **LIVE,
        )
        self.path.select(self.jump, pair, [self.percent, self.picture], **LIVE)


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "classes", "draw a class")
    with gr.Column(elem_classes="explore-card", elem_id="classes-matrix-card"):
        table = Matrix()
    with gr.Column(elem_classes="explore-card", elem_id="classes-mix-card"):
        blend = Mix()

    def pictures(
        value: Any, chosen: Any, first: Any, second: Any, start: Any, *rest: Any
    ) -> list[Any]:
        """All pictures of the tab; the rest is the number of rows, the limit and the share."""
        count, limit, percent = rest
        return [
            matrix(value, chosen, start, count, limit),
            *blend.draw(value, first, second, start, percent),
        ]

    def everything(value: Any, chosen: Any, first: Any, second: Any, *rest: Any) -> list[Any]:
        """The class pickers and all pictures of the tab."""
        updates, chosen, first, second = class_choices(value, chosen, first, second)
        return [*updates, *pictures(value, chosen, first, second, *rest)]

    pickers = [table.chosen, blend.first, blend.second]
    drawings = [table.table, blend.picture, blend.path]
    settings = [*pickers, table.start, table.count, table.limit, blend.percent]
    models.wire(tab, everything, settings, [*pickers, *drawings])
    table.start.change(pictures, [models.list, *settings], drawings, **LIVE)
    table.wire(models.list)
    blend.wire(models.list, table.start)
