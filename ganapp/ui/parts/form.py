"""The controls of settings, made from their knobs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.config.knobs import Knob
from ganapp.ui.parts.settings import shown_value

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
