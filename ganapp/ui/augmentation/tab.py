"""The Augmentation tab: does a GAN help a classifier that has few pictures? Measured in sight,
next to the results of longer runs.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.ui.augmentation.handlers import KNOBS, RECORDED, TITLES, Experiments
from ganapp.ui.parts.components import answer_script, component, file, heading
from ganapp.ui.parts.limits import visitor_address
from ganapp.ui.parts.page import asset
from ganapp.ui.parts.rendering import Props

HEADS = ("Real digits in each class", *TITLES.values(), "GAN over none", "Both over classic")


def handlers(trials: Experiments) -> dict[str, Any]:
    """What the tab's script asks, by the names it asks with; a refusal is an answer with a
    `problem` and without a `trial`.
    """

    def start(asked: Any) -> Props:
        """{name of a knob: number} -> the experiment at the end of the line."""
        return answer_script(lambda: trials.start(asked, visitor_address()), asked)

    def look(asked: Any) -> Props:
        """{"trial", "seen"} -> how it stands."""
        return answer_script(lambda: trials.look(asked.get("trial"), asked.get("seen")), asked)

    def stop(asked: Any) -> Props:
        """{"trial"} -> how it ended."""
        return answer_script(lambda: trials.stop(asked.get("trial")), asked)

    def table(asked: Any) -> Props:
        """{"trial"} -> its results as a file."""
        return answer_script(
            lambda: file("augmentation.csv", "text/csv", trials.as_csv(asked.get("trial"))), asked
        )

    return {handler.__name__: handler for handler in (start, look, stop, table)}


def build() -> None:
    """Lays the tab out; its script does the rest."""
    with gr.Column(elem_classes="explore-card", elem_id="augmentation-card"):
        heading(
            "Does a GAN help a classifier?",
            "A classifier learns from a few real digits in four ways: without changes; with each"
            " digit rotated, scaled and shifted a little (classic); with about a quarter of every"
            " batch from a GAN that learned from the same few digits; and with both. All take the"
            " same number of steps, and all are tested on 10,000 other digits. Does “both” end"
            " above “classic”?",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=260, scale=1, elem_classes="theory-controls"):
                for name, knob in KNOBS.items():
                    gr.Slider(
                        knob.low,
                        knob.high,
                        knob.value,
                        step=knob.step,
                        label=knob.label,
                        info=knob.info,
                        elem_id=f"augmentation-{name}",
                        buttons=[],
                        interactive=True,
                    )
            with gr.Column(min_width=300, scale=3):
                markup = asset("augmentation/augmentation.html").replace(
                    "<!-- recorded -->", _recorded()
                )
                component(
                    "augmentation/augmentation",
                    "augmentation",
                    markup,
                    server_functions=list(handlers(Experiments()).values()),
                )


def _recorded() -> str:
    """The recorded results as the inside of a table."""
    head = "".join(f'<th scope="col">{title}</th>' for title in HEADS)
    rows = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(
            f'<td data-label="{title}">{cell}</td>'
            for title, cell in zip(HEADS[1:], rest, strict=True)
        )
        + "</tr>"
        for first, *rest in RECORDED
    )
    return f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
