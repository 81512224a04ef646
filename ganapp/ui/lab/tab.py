"""The 2-D lab: a GAN of two tiny networks that plays on points of the plane, with everything about
it in sight.
"""

from __future__ import annotations

import html
import json
from typing import Any

import gradio as gr

from ganapp.config.lab_presets import DEFAULT_LAB_PRESET, LAB_PRESETS
from ganapp.errors import BadInput
from ganapp.lab.pool import LabPool
from ganapp.ui.lab import handlers
from ganapp.ui.lab.handlers import SPECS
from ganapp.ui.parts.components import LIVE, component, heading
from ganapp.ui.parts.form import control
from ganapp.ui.parts.page import QUIET, Page, asset
from ganapp.ui.parts.rendering import Props
from ganapp.ui.parts.settings import shown_value

IN_SIGHT = (
    "plane",
    "loss",
    "discriminator_steps",
    "r1_weight",
    "gradient_penalty",
    "discriminator_lr",
    "generator_lr",
)
"""Settings that most experiments are about; the others are folded away by sections."""


def build(page: Page, tabs: gr.Tabs, tab_id: str) -> None:
    """Lays the tab out and wires it."""
    pool = LabPool()
    first = LAB_PRESETS[DEFAULT_LAB_PRESET].config

    def ask(asked: Any) -> Props:
        """What the stage's script asks for, again and again."""
        return handlers.ask(pool, asked)

    fields: dict[str, Any] = {}
    with gr.Column(elem_classes="explore-card", elem_id="lab-card"):
        heading(
            "The game itself, in the plane",
            "The generator moves <b class='lab-fake'>its points</b> towards <b class='lab-real'>the"
            " real ones</b>; the discriminator colours the plane by which of the two it expects"
            " there. Press Play, take single steps, or change any setting while it plays.",
        )
        with gr.Row(elem_id="lab-top", equal_height=False):
            preset = gr.Dropdown(
                [(entry.title, name) for name, entry in LAB_PRESETS.items()],
                value=DEFAULT_LAB_PRESET,
                label="Experiment",
                elem_id="lab-preset",
                filterable=False,
                min_width=250,
                scale=3,
            )
            note = gr.HTML(_note(DEFAULT_LAB_PRESET), elem_id="lab-note", elem_classes="quiet-note")
        with gr.Row(elem_id="lab-row", equal_height=False):
            with gr.Column(elem_id="lab-knobs", min_width=0):
                with gr.Group():
                    for name in IN_SIGHT:
                        fields[name] = control(f"lab-{name}", SPECS[name], getattr(first, name))
                for section in dict.fromkeys(spec.section for spec in SPECS.values()):
                    rest = [
                        name
                        for name, spec in SPECS.items()
                        if spec.section == section and name not in fields
                    ]
                    if rest:
                        with gr.Accordion(section, open=False, elem_id=f"lab-{section.lower()}"):
                            for name in rest:
                                fields[name] = control(
                                    f"lab-{name}", SPECS[name], getattr(first, name)
                                )
            with gr.Column(elem_id="lab-stage-column", min_width=0):
                # In the markup, because what is passed beside the value does not always reach the
                # script.
                known = html.escape(json.dumps(handlers.static()).replace("}}", "} }"))
                stage = component(
                    "lab/lab",
                    "lab",
                    asset("lab/lab.html").replace("<!-- known -->", known),
                    value=handlers.stage_of(handlers.link_of({})),
                    scripts=("lab/canvas", "lab/pad"),
                    server_functions=[ask],
                )
    names = list(fields)
    controls = list(fields.values())

    def follow(*values: Any) -> Props:
        return handlers.settings_from(names, values)

    def choose(chosen: Any) -> tuple[Any, ...]:
        """The controls and the stage as a preset has them."""
        known = chosen if chosen in LAB_PRESETS else DEFAULT_LAB_PRESET
        config = LAB_PRESETS[known].config
        answer = {"settings": {name: getattr(config, name) for name in names}, "preset": known}
        return (
            _note(known),
            stage_with(answer),
            *(shown_value(SPECS[name], getattr(config, name)) for name in names),
        )

    def arrive(request: gr.Request) -> tuple[Any, ...]:
        """The page as its link says."""
        query = {name: str(value)[:1500] for name, value in request.query_params.items()}
        skipped = tuple(gr.skip() for _ in (tabs, preset, note, stage, *controls))
        if "lab" not in query:
            return skipped
        try:
            link = handlers.link_of(query)
        except BadInput as error:
            return (
                gr.update(selected=tab_id),
                gr.skip(),
                gr.skip(),
                {"problem": f"This link does not work. {error}"},
                *skipped[4:],
            )
        return (
            gr.update(selected=tab_id),
            gr.update(value=link.preset, visible="preset" not in link.hidden),
            gr.update(value=_note(link.preset), visible="preset" not in link.hidden),
            stage_with(handlers.stage_of(link)),
            *(
                gr.update(
                    value=shown_value(SPECS[name], getattr(link.config, name)),
                    visible=name not in link.hidden,
                )
                for name in names
            ),
        )

    def stage_with(answer: Props) -> Props:
        return answer | {"number": handlers.stamp()}

    for field in controls:
        listened = [field.input, field.release] if isinstance(field, gr.Slider) else [field.input]
        for event in listened:
            event(follow, controls, stage, **LIVE)
    preset.input(choose, preset, [note, stage, *controls], **QUIET)
    page.demo.load(arrive, None, [tabs, preset, note, stage, *controls], **QUIET)


def _note(preset: str) -> str:
    return f"<p>{LAB_PRESETS[preset].note}</p>"
