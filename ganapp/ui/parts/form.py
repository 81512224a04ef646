"""The controls of settings, made from their knobs, and the settings that a form asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import gradio as gr

from ganapp.config.presets import preset_config
from ganapp.config.training import Knob, TrainConfig, knobs
from ganapp.errors import BadInput

LEARNING_RATES = [
    "1e-05",
    "2e-05",
    "5e-05",
    "0.0001",
    "0.0002",
    "0.0005",
    "0.001",
    "0.002",
    "0.005",
    "0.01",
    "0.1",
]
LARGEST_SLIDER = 1000


def control(elem_id: str, knob: Knob, value: Any) -> Any:
    """The control of one field, made from its knob."""
    common: dict[str, Any] = {"label": knob.label, "info": knob.help, "elem_id": elem_id}
    if knob.choices is not None:
        return gr.Dropdown(list(knob.choices), value=value, filterable=False, **common)
    if isinstance(value, bool):
        return gr.Checkbox(value, **common)
    if knob.log:
        return gr.Dropdown(
            LEARNING_RATES, value=shown_value(knob, value), allow_custom_value=True, **common
        )
    assert knob.low is not None and knob.high is not None
    if isinstance(value, int) and knob.high <= LARGEST_SLIDER:
        return gr.Slider(knob.low, knob.high, value=value, step=1, buttons=[], **common)
    return gr.Number(value, precision=0 if isinstance(value, int) else None, **common)


def shown_value(knob: Knob, value: Any) -> Any:
    """A setting as its control shows it."""
    return f"{value:g}" if knob.log else value


def in_labels(sentence: str, specs: Mapping[str, Knob]) -> str:
    """A sentence about settings as a form speaks: the labels of its controls stand for the names of
    fields, as in “Loss” = hinge.
    """
    said = sentence
    for name, knob in specs.items():
        label = f"“{knob.label}”"
        said = re.sub(rf"\b{name}=", f"{label} = ", said)
        # Names like loss and width are words, too: those are meant as names only where a sentence
        # begins with one.
        said = re.sub(rf"\b{name}\b" if "_" in name else rf"^{name}(?= is )", label, said)
    return said


def config_from(preset: str, values: dict[str, Any]) -> tuple[TrainConfig, str]:
    """The settings of the form over those of the preset, and their name; `BadInput` names what
    cannot be.
    """
    return preset_config(
        preset, {name: parsed(name, knobs()[name], value) for name, value in values.items()}
    )


def parsed(name: str, knob: Knob, value: Any) -> Any:
    """A control's value as the config wants it: numbers that were typed, or came in a link, arrive
    as text.
    """
    if not isinstance(value, str) or knob.choices is not None:
        return value
    try:
        number = float(value)
    except ValueError:
        raise BadInput(f"{name} is {value[:40]!r}, but must be a number, such as 0.0002.") from None
    return int(number) if number.is_integer() else number
