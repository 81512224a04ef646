"""The 2-D lab: a GAN of two tiny networks on points of the plane, with everything in view."""

from __future__ import annotations

import html
import json
from typing import Any

import gradio as gr

from ganapp.config.lab_presets import DEFAULT_LAB_PRESET, LAB_PRESETS
from ganapp.errors import BadInput
from ganapp.ui.lab import handlers
from ganapp.ui.lab.handlers import SPECS
from ganapp.ui.parts.components import component, heading
from ganapp.ui.parts.form import control
from ganapp.ui.parts.page import LIVE, QUIET, Page, asset
from ganapp.ui.parts.rendering import Props, stamp
from ganapp.ui.parts.settings import shown_value

MAIN = (
    "plane",
    "loss",
    "discriminator_steps",
    "r1_weight",
    "gradient_penalty",
    "discriminator_lr",
    "generator_lr",
)
"""The settings that most experiments are about; the others are in closed sections."""


def build(page: Page, tabs: gr.Tabs, tab_id: str) -> None:
    """Lays the tab out and wires it."""
    with gr.Column(elem_classes="explore-card", elem_id="lab-card"):
        heading(
            "The game itself, in the plane",
            "The generator moves <b class='lab-fake'>its points</b> towards <b class='lab-real'>the"
            " real ones</b>. The discriminator colours the plane by which of the two it expects"
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
                fields = _settings()
            with gr.Column(elem_id="lab-canvas-column", min_width=0):
                experiment = _experiment()
    LabTab(preset, note, experiment, fields).wire(page, tabs, tab_id)


def _settings() -> dict[str, Any]:
    """A control for each setting, the main ones first."""
    config = LAB_PRESETS[DEFAULT_LAB_PRESET].config
    fields: dict[str, Any] = {}

    def add(name: str) -> None:
        fields[name] = control(f"lab-{name}", SPECS[name], getattr(config, name))

    with gr.Group():
        for name in MAIN:
            add(name)
    for section in dict.fromkeys(spec.section for spec in SPECS.values()):
        rest = [
            name for name, spec in SPECS.items() if spec.section == section and name not in fields
        ]
        if not rest:
            continue
        with gr.Accordion(section, open=False, elem_id=f"lab-{section.lower()}"):
            for name in rest:
                add(name)
    return fields


def _experiment() -> gr.HTML:
    """The canvas, whose script asks for frames."""
    # In the markup, because what is passed beside the value does not always reach the script.
    known = html.escape(json.dumps(handlers.static()).replace("}}", "} }"))
    return component(
        "lab/lab",
        "lab",
        asset("lab/lab.html").replace("<!-- known -->", known),
        value=handlers.props_of(handlers.link_of({})),
        scripts=("lab/canvas", "lab/pad"),
    )


class LabTab:
    """Connects the controls with the experiment."""

    def __init__(
        self, preset: gr.Dropdown, note: gr.HTML, experiment: gr.HTML, fields: dict[str, Any]
    ) -> None:
        self.preset, self.note, self.experiment, self.fields = preset, note, experiment, fields

    def wire(self, page: Page, tabs: gr.Tabs, tab_id: str) -> None:
        """Follows the controls, presets and links."""
        controls = list(self.fields.values())
        sliders = [field for field in controls if isinstance(field, gr.Slider)]
        # One listener for all, so that the answer to an earlier change never comes last.
        changed = [*(field.input for field in controls), *(slider.release for slider in sliders)]
        gr.on(changed, self.follow, controls, self.experiment, **LIVE)
        outputs = [self.note, self.experiment, *controls]
        self.preset.input(self.choose, self.preset, outputs, **LIVE)

        def arrive(request: gr.Request) -> tuple[Any, ...]:
            """Opens the page as its link says."""
            return self.open_link(dict(request.query_params), tab_id)

        page.demo.load(
            arrive, None, [tabs, self.preset, self.note, self.experiment, *controls], **QUIET
        )

    def follow(self, *values: Any) -> Props:
        """The experiment with the settings of the controls."""
        return handlers.settings_from(list(self.fields), values)

    def choose(self, chosen: Any) -> tuple[Any, ...]:
        """The note, the experiment and the controls of a preset."""
        known = str(chosen) if str(chosen) in LAB_PRESETS else DEFAULT_LAB_PRESET
        config = LAB_PRESETS[known].config
        settings = {name: getattr(config, name) for name in self.fields}
        values = (shown_value(SPECS[name], value) for name, value in settings.items())
        return _note(known), _numbered({"settings": settings, "preset": known}), *values

    def open_link(self, params: dict[str, Any], tab_id: str) -> tuple[Any, ...]:
        """The tab, preset, note, experiment and controls of a link; nothing if it is not to the
        lab.
        """
        query = {name: str(value)[:1500] for name, value in params.items()}
        skipped = [gr.skip()] * len(self.fields)
        if "lab" not in query:
            return *[gr.skip()] * 4, *skipped
        selected = gr.update(selected=tab_id)
        try:
            link = handlers.link_of(query)
        except BadInput as error:
            problem = {"problem": f"This link does not work. {error}"}
            return selected, gr.skip(), gr.skip(), problem, *skipped
        visible = "preset" not in link.hidden
        controls = (
            gr.update(
                value=shown_value(SPECS[name], getattr(link.config, name)),
                visible=name not in link.hidden,
            )
            for name in self.fields
        )
        return (
            selected,
            gr.update(value=link.preset, visible=visible),
            gr.update(value=_note(link.preset), visible=visible),
            _numbered(handlers.props_of(link)),
            *controls,
        )


def _numbered(props: Props) -> Props:
    """Props that the page draws even if they are the same as before."""
    return props | {"number": stamp()}


def _note(preset: str) -> str:
    return f"<p>{LAB_PRESETS[preset].note}</p>"
