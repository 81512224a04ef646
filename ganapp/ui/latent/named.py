"""The section of the Latent space tab with directions that have names."""

from __future__ import annotations

from typing import Any

from ganapp.ui.latent import probes
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    NO_MODEL,
    answer_script,
    component,
    heading,
    seed,
    with_errors,
)
from ganapp.ui.parts.inputs import class_of, seed_of
from ganapp.ui.parts.page import LIVE
from ganapp.ui.parts.rendering import Props


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "draw", NO_MODEL)


@with_errors
def chosen_model(value: Any, label: Any, start: Any) -> Props:
    """What the section's script asks about."""
    model = load_model(value)
    return {"model": value, "label": class_of(model, label), "seed": seed_of(start)}


def search(asked: Any) -> Props:
    """The directions, for the section's script."""
    return answer_script(lambda: probes.search(load_model(asked.get("model")), asked), asked)


def move(asked: Any) -> Props:
    """The moved picture, for the section's script."""
    return answer_script(lambda: probes.moved(load_model(asked.get("model")), asked), asked)


class Named:
    """Sliders that are named after what they change."""

    def __init__(self) -> None:
        heading(
            "Directions with names",
            "Which way must z go for more of something? 1,500 pictures are drawn and read, and a"
            " straight line in z is fitted to each reading: a linear probe (Shen et al. 2020)."
            " Below each slider stands what really changes. Most directions change more than their"
            " name says; turned away from all the others, they change less else.",
        )
        self.start = seed("latent-named-seed", "Seed", 5, "The picture that all sliders move.")
        self.named = component("latent/named", "latent-named", server_functions=[search, move])
        self.inputs, self.outputs = [self.start], [self.named]

    def draw(self, value: Any, label: Any, start: Any) -> list[Any]:
        """What the script looks for the directions of."""
        return [chosen_model(value, label, start)]

    def wire(self, chosen: list[Any]) -> None:
        """A new seed."""
        self.start.change(chosen_model, [*chosen, *self.inputs], self.named, **LIVE)
