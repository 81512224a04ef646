"""The Start and Lessons tabs, and the lesson that stands beside the page."""

from __future__ import annotations

import gradio as gr

from ganapp.ui.learn import handlers
from ganapp.ui.parts.components import component, heading


def build_start() -> None:
    """What a GAN is, with its two players at work, and where to go from here."""
    with gr.Column(elem_id="start-page", min_width=0):
        component("learn/start", "start-players", value=handlers.first())


def build_lessons() -> None:
    """The list of lessons."""
    with gr.Column(elem_classes="explore-card", elem_id="lessons-card"):
        heading(
            "Lessons",
            "Each takes a few minutes and plays on the real app: it sets the controls, asks what"
            " you expect, runs, and shows what happened.",
        )
        component("learn/list", "lessons-list", value=handlers.listed())


def titles() -> list[tuple[str, str]]:
    """The names and titles of all lessons."""
    return [(lesson.name, lesson.head.title) for lesson in handlers.known()[0]]


def build_dock() -> None:
    """The lesson that is on, beside whatever tab is open."""
    component("learn/dock", "lesson-dock", value=handlers.contents(), elem_classes="dock-holder")
