"""The Letters tab: a word in a font that four numbers decide."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.letterforms import ATTRIBUTES
from ganapp.ui.letters import handlers
from ganapp.ui.letters.handlers import SLIDERS
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    ModelPicker,
    component,
    following,
    heading,
    hides_errors,
    on,
    seed,
    with_errors,
)
from ganapp.ui.parts.page import LIVE, Page
from ganapp.ui.parts.rendering import Props

NO_LETTERS = (
    "There is no model here yet that obeys numbers: train the preset “letters” on the Train tab."
)
ENDS = ("Alumni Sans 100", "Merriweather 700 italic")


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "obey numbers", NO_LETTERS)


def word(value: Any, text: Any, start: Any, *values: Any) -> Props:
    """The word in the style of the sliders."""
    return handlers.word(load_model(value), text, start, *values)


@hides_errors
def near(value: Any, text: Any, *values: Any) -> Props:
    """The word in the real fonts that are nearest to that style."""
    return handlers.near(load_model(value), text, *values)


@hides_errors
def checked(value: Any, start: Any, *values: Any) -> Props:
    """All letters in that style, and what is measured in them."""
    return handlers.checked(load_model(value), start, *values)


@with_errors
def between(value: Any, text: Any, start: Any, a: Any, b: Any) -> Props:
    """The word from one font to another."""
    return handlers.between(load_model(value), text, start, a, b)


def _sliders() -> list[gr.Slider]:
    return [
        gr.Slider(
            round(attribute.least * slider.factor),
            round(attribute.most * slider.factor),
            slider.start,
            step=1,
            label=slider.label,
            info=slider.info,
            buttons=[],
            elem_id=f"letters-{slider.name}",
        )
        for attribute, slider in zip(ATTRIBUTES, SLIDERS, strict=True)
    ]


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "letters", "obey numbers")
    follows = [f"letters-{slider.name}" for slider in SLIDERS]
    with gr.Column(elem_classes="explore-card", elem_id="letters-card"):
        heading(
            "A font from four numbers",
            "The generator gets the letter, four numbers that were measured in real fonts, and z."
            " All letters of a word share the numbers and z, so they are of one font. Compare with"
            " the real fonts whose numbers are nearest.",
        )
        shown, draw = following("letters-shown", word, 3, follows, "letters/word")
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=280, scale=2):
                text = gr.Textbox(
                    "QUARTZ",
                    label="Word",
                    max_lines=1,
                    elem_id="letters-word",
                    info="Up to 12 of the letters A to Z.",
                )
                sliders = _sliders()
                start = seed("letters-seed", "Seed of z", 3, "What the numbers leave open.")
            with gr.Column(min_width=300, scale=3):
                fonts, compare = following("letters-near", near, 2, follows, "letters/near")
                alphabet, check = following(
                    "letters-alphabet", checked, 2, follows, "letters/alphabet"
                )
    with gr.Column(elem_classes="explore-card", elem_id="letters-between"):
        heading(
            "From one font to another",
            "Nothing learned from these fonts. On top and at the bottom they are real; between them"
            " the word is generated from their numbers, and from numbers between those.",
        )
        with gr.Row():
            ends = [
                gr.Dropdown(
                    handlers.font_names(),
                    value=name,
                    label=f"Font {letter}",
                    elem_id=f"letters-font-{letter.lower()}",
                    filterable=False,
                    min_width=240,
                )
                for letter, name in zip("AB", ENDS, strict=True)
            ]
        steps = component("letters/between", "letters-steps")

    settings = [text, start, *sliders, *ends]

    def draw_all(value: Any, text: Any, start: Any, *rest: Any) -> list[Props]:
        values, ends = rest[: len(SLIDERS)], rest[len(SLIDERS) :]
        return [
            draw(value, text, start, *values),
            compare(value, text, *values),
            check(value, start, *values),
            between(value, text, start, *ends),
        ]

    models.wire(tab, draw_all, settings, [shown, fonts, alphabet, steps])
    on(
        [text.change, start.change],
        draw_all,
        [models.list, *settings],
        [shown, fonts, alphabet, steps],
        **LIVE,
    )
    on(
        [end.input for end in ends],
        between,
        [models.list, text, start, *ends],
        steps,
        **LIVE,
    )
