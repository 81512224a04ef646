"""What the Train tab consists of: a bar on top, the live run, and a drawer with everything else."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ganapp.config.capabilities import CAPABILITIES
from ganapp.config.presets import DEFAULT_PRESET, PRESETS
from ganapp.config.training import knobs
from ganapp.datasets.uploads import ENDINGS
from ganapp.ui.parts.components import answer_script, component
from ganapp.ui.parts.form import control
from ganapp.ui.parts.page import asset
from ganapp.ui.parts.rendering import Props
from ganapp.ui.train import recordings
from ganapp.ui.train.handlers import describe, preset_note
from ganapp.ui.train.stepping import Steps

OWN_PICTURES = (
    "A few hundred pictures of one kind of thing work best. They are cropped to squares and made"
    " smaller. They stay in your run, which only people with its link can see, and are deleted when"
    " the run has finished. A CycleGAN keeps twenty of them in its model as examples."
)


@dataclass(frozen=True)
class Bar:
    """The preset and the buttons."""

    preset: gr.Dropdown
    start: gr.Button
    pause: gr.Button
    stop: gr.Button
    cure: gr.Button


@dataclass(frozen=True)
class OwnPictures:
    """Where own pictures come from."""

    files: gr.File
    hub_name: gr.Textbox
    fetch: gr.Button
    preview: gr.HTML


@dataclass(frozen=True)
class Runs:
    """The lists of the visitor's runs."""

    earlier: gr.Dropdown
    compare: gr.Dropdown


@dataclass(frozen=True)
class Again:
    """The one setting that another run shall have different."""

    setting: gr.Dropdown
    hint: gr.HTML
    value: gr.Dropdown
    start: gr.Button


@dataclass(frozen=True)
class Publish:
    """Where the run that is shown can go."""

    repo: gr.Textbox
    token: gr.Textbox
    publish: gr.Button
    published: gr.Markdown


@dataclass(frozen=True)
class Drawer:
    """The panels of the drawer, of which one is in sight, or none."""

    fields: dict[str, Any]
    own: OwnPictures
    runs: Runs
    again: Again
    publish: Publish
    link: gr.Button
    code: gr.Button
    query: gr.Textbox
    note: gr.Button


def bar() -> Bar:
    """The line on top of the run."""
    with gr.Row(elem_id="train-bar", equal_height=False):
        preset = gr.Dropdown(
            [(entry.title, name) for name, entry in PRESETS.items()],
            value=DEFAULT_PRESET,
            label="Preset",
            show_label=False,
            container=False,
            elem_id="preset",
            filterable=False,
            min_width=200,
        )
        # Until the page has told which run it shows: its answer would turn away from a new one.
        start = gr.Button(
            "Start", variant="primary", elem_id="start", interactive=False, min_width=72
        )
        pause = gr.Button("Pause", elem_id="pause", interactive=False, min_width=72)
        stop = gr.Button("Stop", variant="stop", elem_id="stop", interactive=False, min_width=72)
        cure = gr.Button("Apply the cure", elem_id="cure", visible=False, min_width=110)
        component("train/menu", "train-menu", _menu_markup())
    return Bar(preset, start, pause, stop, cure)


def live() -> gr.HTML:
    """The run as it goes on."""
    return component("train/live", "live", value=describe(recordings.shown(""), False))


def note() -> gr.HTML:
    """What the chosen preset is."""
    return gr.HTML(preset_note(DEFAULT_PRESET), elem_id="preset-note", elem_classes="quiet-note")


def drawer(steps: Steps) -> Drawer:
    """Everything that is not always in sight."""
    with gr.Column(elem_id="drawer", min_width=0):
        gr.HTML(asset("train/drawer.html"), elem_id="drawer-head", apply_default_css=False)
        with gr.Column(elem_id="panel-settings", min_width=0):
            with gr.Row():
                link = gr.Button("Copy link to these settings", elem_id="copy-settings", size="sm")
                code = gr.Button("Take the code home (zip)", elem_id="code-settings", size="sm")
            query = gr.Textbox(visible=False)
            note = gr.Button("Note the settings", elem_id="note-settings")
            fields = _settings()
        with gr.Column(elem_id="panel-own", min_width=0):
            own = _own_pictures()
        with gr.Column(elem_id="panel-runs", min_width=0):
            runs = _runs()
            publish = _publish()
        with gr.Column(elem_id="panel-again", min_width=0):
            again = _again()
        with gr.Column(elem_id="panel-steps", min_width=0):
            _steps(steps)
    return Drawer(fields, own, runs, again, publish, link, code, query, note)


def _menu_markup() -> str:
    """The menu, which knows the settings that mean nothing to a model."""
    unused = html.escape(json.dumps({model: can.unused for model, can in CAPABILITIES.items()}))
    return asset("train/menu.html").replace("<!-- unused -->", unused)


def _settings() -> dict[str, Any]:
    """A control for each setting, in groups."""
    specs, config = knobs(), PRESETS[DEFAULT_PRESET].config
    fields: dict[str, Any] = {}
    for section in dict.fromkeys(spec.section for spec in specs.values()):
        with gr.Column(elem_classes="knob-group", min_width=0):
            gr.HTML(f"<h3>{section}</h3>", apply_default_css=False)
            for name, spec in specs.items():
                if spec.section == section:
                    fields[name] = control(f"field-{name}", spec, getattr(config, name))
    return {name: fields[name] for name in specs}


def _own_pictures() -> OwnPictures:
    return OwnPictures(
        gr.File(
            file_count="multiple",
            file_types=[*ENDINGS, ".zip"],
            label="Pictures, or a zip of them. The name of a picture's folder is its class",
            elem_id="own-files",
            height=140,
        ),
        gr.Textbox(
            label="Or a data set of the Hugging Face Hub",
            placeholder="owner/name",
            info="Up to 5,000 of its pictures, with their classes.",
            elem_id="own-hub",
            max_length=200,
        ),
        gr.Button("Fetch it", elem_id="own-fetch", size="sm"),
        gr.HTML(OWN_PICTURES, elem_id="own-preview", elem_classes="quiet-note"),
    )


def _runs() -> Runs:
    return Runs(
        gr.Dropdown(
            [],
            label="Show",
            info="All runs that this browser started on this machine, newest first.",
            elem_id="earlier",
            filterable=False,
        ),
        gr.Dropdown(
            [],
            label="Compare with",
            info=(
                "Shows another run's curves as thinner lines on the same axes, its pictures, and"
                " the settings that differ."
            ),
            elem_id="compare",
            filterable=False,
        ),
    )


def _again() -> Again:
    gr.HTML(
        "The run that is shown, once more, with the same seed and all the same settings but one."
        " Both are then shown together: curves on the same axes, pictures side by side.",
        elem_classes="quiet-note",
    )
    return Again(
        gr.Dropdown(
            [(spec.label, name) for name, spec in knobs().items()],
            value=None,
            label="Setting to change",
            info="Choose one. If the run goes on, it is stopped first.",
            elem_id="again-setting",
        ),
        gr.HTML("", elem_id="again-hint", elem_classes="quiet-note"),
        gr.Dropdown(
            [],
            label="New value",
            info="Choose one of the suggestions, or type another value.",
            elem_id="again-value",
            allow_custom_value=True,
        ),
        gr.Button("Run again with this change", variant="primary", elem_id="again-start"),
    )


def _steps(steps: Steps) -> gr.HTML:
    """The run played by hand; its script asks for each step."""

    def ask(asked: Any) -> Props:
        """What the page shows after a step."""
        return answer_script(lambda: steps.answer(asked), asked)

    return component("train/steps", "steps", server_functions=[ask])


def _publish() -> Publish:
    with gr.Accordion("Publish to the Hugging Face Hub", open=False, elem_id="publish"):
        return Publish(
            gr.Textbox(
                label="Repository",
                placeholder="your-name/my-first-gan",
                info=(
                    "The run that is shown becomes this model repository. Others can then open it"
                    " by its name. A CycleGAN holds twenty of the pictures that it learned from."
                ),
            ),
            gr.Textbox(
                label="Your token",
                type="password",
                info="It needs write access. It is used only for this upload and is not stored.",
            ),
            gr.Button("Publish the run shown", elem_id="publish-button"),
            gr.Markdown(elem_id="published"),
        )
