"""Named experiments of the 2-D lab, each with what to look for."""

from __future__ import annotations

from typing import NamedTuple

from ganapp.lab_config import LabConfig


class LabPreset(NamedTuple):
    """A named `LabConfig`: `title` for menus, `note` with what to look for."""

    title: str
    note: str
    config: LabConfig


DEFAULT_LAB_PRESET = "two-gaussians"
LAB_PRESETS: dict[str, LabPreset] = {
    "two-gaussians": LabPreset("Two hills", "Watch.", LabConfig(plane="two-gaussians", r1_weight=0.1)),
    "eight": LabPreset("Eight", "Watch.", LabConfig()),
}
