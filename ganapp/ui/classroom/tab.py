"""The Classroom tab: a room with a wall of everybody's pictures."""

from __future__ import annotations

import gradio as gr

from ganapp.config.presets import PRESETS
from ganapp.config.training import knobs
from ganapp.ui.parts.components import component, heading


def build(lessons: list[tuple[str, str]]) -> None:
    """Lays the tab out. `lessons` are the names and titles of what a teacher can send a class."""
    settings: dict[str, list[tuple[str, str]]] = {}
    for name, knob in knobs().items():
        settings.setdefault(knob.section, []).append((name, knob.label))
    value = {
        "presets": [(name, preset.title) for name, preset in PRESETS.items()],
        "settings": settings,
        "lessons": lessons,
    }
    with gr.Column(elem_classes="explore-card", elem_id="classroom-card"):
        heading(
            "A class in one room",
            "Everyone trains on this machine and sees the pictures of all others grow. No"
            " accounts; nothing is kept when the room ends.",
        )
        component("classroom/wall", "classroom-wall", value=value)
