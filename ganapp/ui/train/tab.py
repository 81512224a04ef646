"""The Train tab: settings on the left, the live run on the right."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ganapp.config.presets import DEFAULT_PRESET, PRESETS
from ganapp.config.training import knobs
from ganapp.datasets.uploads import ENDINGS
from ganapp.errors import BadInput
from ganapp.ui.parts.form import control
from ganapp.ui.parts.page import ACT, PRIVATE, QUIET, Page, asset, plain, reports_errors
from ganapp.ui.parts.settings import in_labels
from ganapp.ui.parts.visitor import with_key
from ganapp.ui.train import controller, example
from ganapp.ui.train.controller import Buttons, Controller, FormValues, News, Request, Seen
from ganapp.ui.train.handlers import describe, preset_note

MAIN = (
    ("dataset", "epochs"),
    ("loss", "discriminator_steps"),
    ("discriminator_lr", "generator_lr"),
)
SECONDS_OF_OWN_PICTURES = 3600
PROGRESS_BAR = gr.Progress()
OWN_PICTURES = (
    "A few hundred pictures of one kind of thing work best. They are cropped to squares and made"
    " smaller. They stay in your run, which only people with its link can see, and are deleted when"
    " the run has finished. A CycleGAN keeps twenty of them in its model as examples."
)


def build(page: Page, tabs: gr.Tabs) -> None:
    """Lays the tab out and wires it."""
    with gr.Row(elem_id="train-row", equal_height=False):
        with gr.Column(elem_id="train-top", min_width=0):
            start = _start()
        with gr.Column(elem_id="train-live", min_width=0):
            live = _live()
        with gr.Column(elem_id="train-knobs", min_width=0):
            fields = _settings()
            own = _own_pictures()
            runs = _runs()
            publish = _publish()
    tab = TrainTab(page, start, live, runs, fields)
    tab.wire_page(tabs)
    tab.wire_form()
    tab.wire_player()
    tab.wire_runs(runs)
    tab.wire_own_pictures(own)
    tab.wire_publish(publish)


# --- layout ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """The preset and the buttons."""

    preset: gr.Dropdown
    note: gr.HTML
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
class Publish:
    """Where the run that is shown can go."""

    repo: gr.Textbox
    token: gr.Textbox
    publish: gr.Button
    published: gr.Markdown


def _start() -> Start:
    preset = gr.Dropdown(
        [(entry.title, name) for name, entry in PRESETS.items()],
        value=DEFAULT_PRESET,
        label="Preset",
        info=(
            "Settings that belong together. Those called “What goes wrong” fail on purpose."
            " Choosing one fills in everything below."
        ),
        elem_id="preset",
        filterable=False,
    )
    with gr.Row(elem_id="train-buttons"):
        start = gr.Button("Start", variant="primary", elem_id="start", min_width=80)
        pause = gr.Button("Pause", elem_id="pause", interactive=False, min_width=80)
        stop = gr.Button("Stop", variant="stop", elem_id="stop", interactive=False, min_width=80)
    note = gr.HTML(preset_note(DEFAULT_PRESET), elem_id="preset-note", elem_classes="quiet-note")
    cure = gr.Button("Apply the cure", elem_id="cure", visible=False, size="sm")
    return Start(preset, note, start, pause, stop, cure)


def _live() -> gr.HTML:
    return gr.HTML(
        value=describe(example.view(), False),
        html_template=asset("train/live.html"),
        js_on_load=asset("parts/common.js") + asset("train/live.js"),
        elem_id="live",
        apply_default_css=False,
    )


def _settings() -> dict[str, Any]:
    """A control for each setting, the main ones first."""
    specs, config = knobs(), PRESETS[DEFAULT_PRESET].config
    fields: dict[str, Any] = {}

    def add(name: str) -> None:
        fields[name] = control(f"field-{name}", specs[name], getattr(config, name))

    with gr.Group():
        for names_in_row in MAIN:
            with gr.Row():
                for name in names_in_row:
                    add(name)
    with gr.Accordion("All settings", open=False, elem_id="all-settings"):
        for section in dict.fromkeys(spec.section for spec in specs.values()):
            rest = [
                name
                for name, spec in specs.items()
                if spec.section == section and name not in fields
            ]
            if rest:
                gr.Markdown(f"**{section}**")
            for name in rest:
                add(name)
    return fields


def _own_pictures() -> OwnPictures:
    with gr.Accordion("Your own pictures", open=False, elem_id="own-pictures"):
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
    with gr.Accordion("Your runs", open=False, elem_id="my-runs"):
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
                    "Shows another run's curves as thinner lines on the same axes, its pictures,"
                    " and the settings that differ."
                ),
                elem_id="compare",
                filterable=False,
            ),
        )


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


# --- wiring ---------------------------------------------------------------------------------------


class TrainTab:
    """Connects the parts of the tab with the controller.

    None of the events waits in Gradio's queue, unless it says so: each queued event holds a
    connection, of which a browser has six for all its tabs.
    """

    def __init__(
        self, page: Page, start: Start, live: gr.HTML, runs: Runs, fields: dict[str, Any]
    ) -> None:
        self.page, self.start, self.live, self.fields = page, start, live, fields
        self.controller = Controller(page.registry)
        # The id of the run that is shown; changes only when the visitor turns to another run.
        self.shown = gr.State("")
        self.seen = gr.State(Seen())
        # The preset that the controls were filled from.
        self.filled = gr.Textbox(DEFAULT_PRESET, visible=False)
        self.own: Any = gr.State(None, time_to_live=SECONDS_OF_OWN_PICTURES)
        self.timer = gr.Timer(controller.SECONDS_BETWEEN_IDLE_POLLS, active=False)
        self.form = [start.preset, self.filled, start.note, *fields.values()]
        buttons = [start.start, start.pause, start.stop, start.cure]
        self.news = [live, self.seen, *buttons, self.timer, runs.earlier]

    # --- the page and its polls

    def wire_page(self, tabs: gr.Tabs) -> None:
        """Polls for news while the page is open."""
        seen = [self.shown, self.page.browser, self.seen]
        self.timer.tick(self.poll, seen, self.news, **QUIET)
        tabs.select(self.select, [self.shown, self.seen], [self.seen, self.timer], **QUIET)
        self.page.demo.unload(self.leave)

    def poll(self, run_id: str, browser: Any, seen: Seen, request: gr.Request) -> tuple[Any, ...]:
        """What is new. It never raises: the timer would then fail at every tick."""
        try:
            return self.look(run_id, browser, seen, request)
        except (BadInput, OSError, ValueError):
            return _skips(self.news)

    def look(self, run_id: str, browser: Any, seen: Seen, request: gr.Request) -> tuple[Any, ...]:
        """The outputs `news` as of now."""
        news = self.controller.news(run_id, browser, seen, str(request.session_hash))
        if news.live is None:
            return _skips(self.news)
        # The list says what each run is doing.
        listed = self.run_list(browser, run_id) if news.buttons else gr.skip()
        return *_news_updates(news), listed

    def turn_to(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """The outputs `shown` and `news` for another run."""
        return run_id, *self.look(run_id, browser, Seen(), request)

    def select(self, run_id: str, seen: Seen, event: gr.SelectData) -> tuple[Any, Any]:
        """Another tab is in sight, or this one again."""
        seen = Seen(**(vars(seen) | {"away": event.value != "Train"}))
        return seen, _timer(controller.seconds_to_poll(run_id, seen))

    def leave(self, request: gr.Request) -> None:
        """A page was closed."""
        self.page.registry.unwatch(str(request.session_hash))

    # --- the form

    def wire_form(self) -> None:
        """Fills the form from presets."""
        outputs = [self.filled, self.start.note, *self.fields.values()]
        self.start.preset.input(self.choose_preset, [self.start.preset, self.own], outputs, **QUIET)

    def choose_preset(self, preset: str, pictures: Any) -> tuple[Any, ...]:
        """Fills the form."""
        return self.filled_form(self.controller.preset_values(preset, pictures))[1:]

    def filled_form(self, form: FormValues) -> tuple[Any, ...]:
        """The outputs `form`."""
        values = (form.values[name] for name in self.fields)
        return form.preset, form.preset, preset_note(form.preset), *values

    def run_form(self, run_id: str) -> tuple[Any, ...]:
        """The outputs `form` with the settings of a run; as they are for the example."""
        return self.filled_form(self.controller.run_values(run_id)) if run_id else _skips(self.form)

    # --- the player

    def wire_player(self) -> None:
        """Start, Pause, Stop and the cure."""
        browser, start = self.page.browser, self.start
        begun = [browser, self.shown, *self.news]
        asked = [start.preset, self.filled, browser, self.own, self.shown, *self.fields.values()]
        start.start.click(self.shows_errors(self.begin, begun), asked, begun, **QUIET)
        steered = [self.shown, browser, self.seen]
        for button, act in ((start.pause, self.pause_or_resume), (start.stop, self.stop)):
            button.click(self.shows_errors(act, self.news), steered, self.news, **QUIET)
        cured = [browser, *self.form, self.shown, *self.news]
        start.cure.click(self.shows_errors(self.cure, cured), [self.shown, browser], cured, **QUIET)

    def begin(
        self,
        preset: str,
        filled_from: str,
        browser: Any,
        pictures: Any,
        run_id: str,
        request: gr.Request,
        *values: Any,
    ) -> tuple[Any, ...]:
        """Starts a run and shows it."""
        browser = with_key(browser)
        asked = Request(preset, filled_from, dict(zip(self.fields, values, strict=True)), pictures)
        new_id = self.controller.start(asked, browser, run_id)
        return browser, *self.turn_to(new_id, browser, request)

    def pause_or_resume(
        self, run_id: str, browser: Any, seen: Seen, request: gr.Request
    ) -> tuple[Any, ...]:
        """Pauses the run that is shown, or lets it go on."""
        self.controller.pause_or_resume(run_id, browser)
        return self.look(run_id, browser, seen, request)

    def stop(self, run_id: str, browser: Any, seen: Seen, request: gr.Request) -> tuple[Any, ...]:
        """Ends the run that is shown."""
        self.controller.stop(run_id, browser)
        return self.look(run_id, browser, seen, request)

    def cure(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """Starts the cured run, and compares it with the one that went wrong."""
        cured = self.controller.cure(run_id, browser)
        return (
            browser,
            *self.run_form(cured),
            cured,
            *self.look(cured, browser, Seen(cured, other=run_id), request),
        )

    # --- the lists of runs

    def wire_runs(self, runs: Runs) -> None:
        """Shows earlier runs, and compares with them."""
        browser, turned = self.page.browser, [*self.form, self.shown, *self.news]
        arrived = [*self.form, browser, self.shown, *self.news]
        self.page.demo.load(self.arrive, browser, arrived, **QUIET)
        runs.earlier.input(
            self.shows_errors(self.show, turned), [runs.earlier, browser], turned, **QUIET
        )
        compared = [runs.compare, self.shown, browser, self.seen]
        runs.compare.input(self.shows_errors(self.compare, self.news), compared, self.news, **QUIET)
        gr.on(
            [runs.earlier.change, self.page.demo.load],
            lambda browser: gr.update(choices=self.controller.runs(browser)),
            browser,
            runs.compare,
            **QUIET,
        )

    def arrive(self, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """The page opens: on the run of its address, or the browser's last one, or the example."""
        browser = with_key(browser)
        asked = str(request.query_params.get("run", ""))[:60]
        run_id, problem = self.controller.arrive(asked, browser)
        shown, live, *rest = self.turn_to(run_id, browser, request)
        return (
            *self.run_form(run_id),
            browser,
            shown,
            live | {"problem": problem},
            *rest,
        )

    def show(self, run_id: str | None, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """Turns to an earlier run."""
        if not run_id:
            return _skips([*self.form, self.shown, *self.news])
        return *self.run_form(run_id), *self.turn_to(run_id, browser, request)

    def compare(
        self, other_id: str | None, run_id: str, browser: Any, seen: Seen, request: gr.Request
    ) -> tuple[Any, ...]:
        """Compares with another run."""
        seen = self.controller.compare(other_id, run_id, seen)
        return self.look(run_id, browser, seen, request)

    def run_list(self, browser: Any, shown: str) -> Any:
        """The list of the visitor's runs with the one that is shown chosen."""
        choices = self.controller.runs(browser)
        known = shown in [run_id for _, run_id in choices]
        return gr.update(choices=choices, value=shown if known else None)

    # --- own pictures

    def wire_own_pictures(self, own: OwnPictures) -> None:
        """Reads own pictures, one visitor's at a time: each takes a core and 100 megabytes."""
        model = self.fields["model"]
        outputs = [own.preview, self.own, *self.fields.values()]
        reading = {
            "concurrency_limit": 1,
            "concurrency_id": "own-pictures",
            "show_progress_on": own.preview,
            **PRIVATE,
        }
        own.files.upload(self.read_files, [own.files, model], [own.files, *outputs], **reading)
        named = [own.fetch.click, own.hub_name.submit]
        gr.on(named, self.read_hub, [own.hub_name, model], outputs, **reading)

    def read_files(
        self, files: Any, model: Any, progress: gr.Progress = PROGRESS_BAR
    ) -> tuple[Any, ...]:
        """Reads uploaded files, and empties the box."""
        return None, *self.own_outputs(controller.read_files, files, model, progress)

    def read_hub(
        self, name: Any, model: Any, progress: gr.Progress = PROGRESS_BAR
    ) -> tuple[Any, ...]:
        """Reads a data set of the Hub."""
        return self.own_outputs(controller.read_hub, name, model, progress)

    def own_outputs(
        self, read: Callable[..., Any], source: Any, model: Any, progress: gr.Progress
    ) -> tuple[Any, ...]:
        """The preview, the pictures and the settings, or what is wrong in place of the preview."""
        try:
            upload, changes = read(source, model, lambda share, what: progress(share, what))
        except BadInput as error:
            problem = plain(in_labels(str(error), knobs()))
            return f'<p role="alert">{problem}</p>', *_skips([self.own, *self.fields])
        values = (changes.get(name, gr.skip()) for name in self.fields)
        return upload.preview, upload.pictures, *values

    # --- publish

    def wire_publish(self, publish: Publish) -> None:
        """Publishes the run that is shown."""
        inputs = [publish.repo, publish.token, self.shown, self.page.browser]
        outputs = [publish.published, publish.token]
        publish.publish.click(reports_errors(self.publish), inputs, outputs, **ACT)

    def publish(self, repo: Any, token: Any, run_id: str, browser: Any) -> tuple[str, str]:
        """A link to the repository, and the token's box emptied."""
        address = self.controller.publish(str(repo), str(token), run_id, browser)
        return f"Published: [{repo}]({address})", ""

    def shows_errors(
        self, handler: Callable[..., tuple[Any, ...]], outputs: list[Any]
    ) -> Callable[..., tuple[Any, ...]]:
        """A handler with these outputs that shows a `BadInput` in the live component and leaves the
        other outputs as they are.
        """

        @functools.wraps(handler)
        def with_problem(*args: Any) -> tuple[Any, ...]:
            try:
                return handler(*args)
            except BadInput as error:
                problem = {"problem": in_labels(str(error), knobs()), "number": time.monotonic_ns()}
                return tuple(problem if output is self.live else gr.skip() for output in outputs)

        return with_problem


def _skips(outputs: list[Any]) -> tuple[Any, ...]:
    return tuple(gr.skip() for _ in outputs)


def _news_updates(news: News) -> tuple[Any, ...]:
    """The outputs `TrainTab.news`."""
    if news.buttons is None:
        return news.live, news.seen, *_skips([None] * 5)
    return (
        news.live,
        news.seen,
        *button_updates(news.buttons),
        gr.update(visible=news.curable),
        _timer(news.poll_seconds),
    )


def button_updates(buttons: Buttons) -> tuple[Any, Any, Any]:
    """Start, Pause or Resume, and Stop."""
    return (
        gr.update(interactive=buttons.start),
        gr.update(value="Resume" if buttons.resumes else "Pause", interactive=buttons.pause),
        gr.update(interactive=buttons.stop),
    )


def _timer(seconds: float) -> gr.Timer:
    return gr.Timer(seconds or controller.SECONDS_BETWEEN_IDLE_POLLS, active=bool(seconds))
