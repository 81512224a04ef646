"""What one setting is: how forms show it, what it may be, and how values that come from people and
from files are checked.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import Any, NamedTuple

from ganapp.errors import BadInput

MOST_SAVED = {"width": 1024, "latent_size": 4096, "image_size": 256, "batch_size": 65_536}
"""What a file may ask this machine for. Unlike the ranges of the form, this must never shrink: runs
and models that were saved would be lost.
"""
MOST = 1e12
"""No setting is larger."""


class Knob(NamedTuple):
    """How one field of a config is shown and what it may be.

    `low` and `high` are inclusive; `choices` replaces them for names and sizes. `section` is the
    heading under which forms file the field; `log` asks for a logarithmic scale.
    """

    label: str
    help: str
    section: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] | None = None
    log: bool = False


def knob(default: Any, label: str, help: str, section: str, **rest: Any) -> Any:
    """A field of a config with its `Knob`."""
    return field(default=default, metadata={"knob": Knob(label, help, section, **rest)})


def checked(name: str, kind: str, knob: Knob, value: Any) -> Any:
    """`value` as the field's type, or `BadInput` with the allowed range."""

    def refuse(wanted: str) -> BadInput:
        return BadInput(f"{name} is {str(value)[:60]!r}, but must be {wanted}.")

    if knob.choices is not None:
        if isinstance(value, bool) or value not in knob.choices:
            raise refuse("one of " + ", ".join(map(str, knob.choices)))
        return type(knob.choices[0])(value)
    if kind == "bool":
        if not isinstance(value, bool):
            raise refuse("true or false")
        return value
    assert knob.low is not None and knob.high is not None, name
    if kind == "str":
        if not isinstance(value, str) or not knob.low <= len(value) <= knob.high:
            raise refuse(f"a text of at most {knob.high:.0f} characters")
        return value
    wanted = (
        f"{'a whole number' if kind == 'int' else 'a number'} from {knob.low:g} to {knob.high:g}"
    )
    if kind == "int":
        wanted = f"a whole number from {knob.low:.0f} to {knob.high:.0f}"
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not knob.low <= value <= knob.high
    ):
        raise refuse(wanted)
    if kind == "int" and value != int(value):
        raise refuse(wanted)
    return int(value) if kind == "int" else float(value)


def for_files(name: str, knob: Knob) -> Knob:
    """What the setting may be in a file that was saved: every value of its type that this machine
    can stand. The ranges and sizes of the form may change; those names of choices that there are
    may not go.
    """
    choices = knob.choices if knob.choices and isinstance(knob.choices[0], str) else None
    return knob._replace(low=0, high=MOST_SAVED.get(name, MOST), choices=choices)


def parse_overrides(pairs: list[str]) -> dict[str, Any]:
    """`["epochs=3", "loss=minimax"]` as `{"epochs": 3, "loss": "minimax"}`; values are JSON where
    they can be.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"{pair[:60]!r} is not of the form FIELD=VALUE, as in epochs=10.")
        try:
            values[name.strip()] = json.loads(text)
        except (ValueError, RecursionError):
            values[name.strip()] = text.strip()
    return values
