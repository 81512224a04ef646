"""The Start tab: what a GAN is, with its two players at work, and where to go from here."""

from __future__ import annotations

import gradio as gr

from ganapp.ui.learn import handlers
from ganapp.ui.parts.components import component


def build() -> None:
    """Lays the tab out."""
    with gr.Column(elem_id="start-page", min_width=0):
        component("learn/start", "start-players", value=handlers.first())
