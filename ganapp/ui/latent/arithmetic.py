"""The section of the Latent space tab in which one calculates with z."""

from __future__ import annotations

from typing import Any

from ganapp.ui.latent import sums
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    NO_MODEL,
    answer_script,
    component,
    heading,
    seed,
    with_errors,
)
from ganapp.ui.parts.page import LIVE
from ganapp.ui.parts.rendering import Props


@with_errors
def sheet(value: Any, label: Any, start: Any) -> Props:
    """Samples of the chosen model to choose from."""
    model = components.load_model(value, "draw", NO_MODEL)
    return sums.sheet(model, label, start) | {"model": value}


def add(asked: Any) -> Props:
    """The sum of what is chosen, for the section's script."""
    return answer_script(
        lambda: sums.result(components.load_model(asked.get("model"), "draw", NO_MODEL), asked),
        asked,
    )


class Arithmetic:
    """A - B + C with three exemplars each."""

    def __init__(self) -> None:
        heading(
            "Arithmetic",
            "Choose three pictures that share something for each of A, B and C, by a click or by"
            " what is read in them (once: more of it, twice: less), as in: smiling women - women +"
            " men = smiling men (Radford et al. 2015). The mean of three z holds what the three"
            " share. Does the picture of A - B + C show it? The same sum of pixels only overlays"
            " them.",
        )
        self.start = seed("latent-sum-seed", "Seed", 21, "Another seed gives other samples.")
        self.sheet = component("latent/arithmetic", "latent-arithmetic", server_functions=[add])
        self.inputs, self.outputs = [self.start], [self.sheet]

    def draw(self, value: Any, label: Any, start: Any) -> list[Any]:
        """The samples."""
        return [sheet(value, label, start)]

    def wire(self, chosen: list[Any]) -> None:
        """A new seed."""
        self.start.change(sheet, [*chosen, *self.inputs], self.sheet, **LIVE)
