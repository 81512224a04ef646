"""Settings as forms show them and browsers send them. Knows no Gradio."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ganapp.config.knobs import Knob, parse_overrides
from ganapp.config.presets import preset_config
from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput


def shown_value(knob: Knob, value: Any) -> Any:
    """A setting as its control shows it."""
    return f"{value:g}" if knob.log else value


def shown_text(value: Any) -> str:
    """A setting's value in a sentence."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


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
    if not isinstance(value, str):
        return value
    if knob.choices is not None:
        sizes = {str(choice): choice for choice in knob.choices if not isinstance(choice, str)}
        return sizes.get(value, value)
    if knob.low is None:
        return {"on": True, "off": False}.get(value, value)
    try:
        number = float(value)
    except ValueError:
        raise BadInput(f"{name} is {value[:40]!r}, but must be a number, such as 0.0002.") from None
    return int(number) if number.is_integer() else number


def linked_settings(asked: Mapping[str, str]) -> tuple[TrainConfig, str]:
    """The settings that an address asks for by `preset` and names of settings, and their name;
    `BadInput` for what cannot be.
    """
    pairs = [f"{name}={text}" for name, text in asked.items() if name in knobs()]
    return preset_config(asked.get("preset"), parse_overrides(pairs))
