"""The Spot the fake tab: a quiz of real and generated pictures, next to what the discriminator says
of them and what the room scored.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    NO_MODEL,
    ModelPicker,
    answer_script,
    component,
    heading,
    with_errors,
)
from ganapp.ui.parts.page import Page, asset
from ganapp.ui.parts.rendering import Props
from ganapp.ui.quiz.handlers import COUNT, TIMES, USUAL_TIME, Scoreboard


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "judge", NO_MODEL)


def handlers(room: Scoreboard) -> dict[str, Any]:
    """What the tab's script asks of the room, by the names it asks with; a refusal is an answer
    with a `problem`.
    """

    def start(asked: Any) -> Props:
        """{"model", "seconds", "room"} -> a quiz."""
        return answer_script(
            lambda: room.start(
                *_named(asked.get("model")), asked.get("seconds"), asked.get("room")
            ),
            asked,
        )

    def look(asked: Any) -> Props:
        """{"quiz", "number"} -> the picture."""
        return answer_script(lambda: room.look(asked.get("quiz"), asked.get("number")), asked)

    def answer(asked: Any) -> Props:
        """{"quiz", "number", "said"} -> the truth."""
        return answer_script(
            lambda: room.answer(asked.get("quiz"), asked.get("number"), asked.get("said")), asked
        )

    def tally(asked: Any) -> Props:
        """{"model", "room"} -> the room's tally, or everybody's."""
        return answer_script(lambda: room.tally(asked.get("model"), asked.get("room")), asked)

    return {handler.__name__: handler for handler in (start, look, answer, tally)}


def _named(value: Any) -> tuple[str, TrainedModel]:
    """The name of a model, and the model. A quiz is open to all who know that name, and shows what
    the model learned from.
    """
    model = load_model(value)
    if model.config.dataset == "own":
        raise BadInput(
            "This model learned from somebody's own pictures, and a quiz would show them to others:"
            " choose another model."
        )
    return value, model


@with_errors
def stage(value: Any) -> Props:
    """The chosen model, if one can be quizzed on it."""
    load_model(value)
    return {"model": value}


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "spot", "judge")
    with gr.Column(elem_classes="explore-card", elem_id="spot-card"):
        heading(
            "Real or generated?",
            f"{COUNT} pictures: half are real, and half are from the generator. Decide which is"
            " which, against the clock if you like. The discriminator was trained for exactly this"
            " question and judges the same pictures. Who is better?",
        )
        times = "".join(_radio(seconds, title) for seconds, title in TIMES.items())
        markup = asset("quiz/quiz.html").replace("<!-- times -->", times)
        part = component(
            "quiz/quiz", "spot", markup, server_functions=list(handlers(Scoreboard()).values())
        )
    models.wire(tab, lambda value: [stage(value)], [], [part])


def _radio(seconds: int, title: str) -> str:
    checked = " checked" if seconds == USUAL_TIME else ""
    return (
        f'<label><input type="radio" name="spot-seconds" value="{seconds}"{checked}>'
        f" {title}</label>"
    )
