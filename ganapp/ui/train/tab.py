"""The Train tab: wires its parts with the controller."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import gradio as gr

from ganapp import zero_gpu
from ganapp.config.presets import DEFAULT_PRESET
from ganapp.config.training import knobs
from ganapp.errors import BadInput
from ganapp.ui.parts.page import (
    ACT,
    LENDING,
    LIVE,
    PRIVATE,
    QUIET,
    Page,
    asset,
    plain,
    reports_errors,
)
from ganapp.ui.parts.rendering import stamp
from ganapp.ui.parts.settings import in_labels
from ganapp.ui.parts.visitor import with_key
from ganapp.ui.train import controller, layout
from ganapp.ui.train.controller import Buttons, Controller, FormValues, Request
from ganapp.ui.train.handlers import preset_note
from ganapp.ui.train.stepping import Steps

SECONDS_OF_OWN_PICTURES = 3600
SECONDS_BETWEEN_LOANS = 20.0
"""A proof of who lends GPU time does not hold for long."""
PROGRESS_BAR = gr.Progress()
SIFT = "(model) => { document.dispatchEvent(new Event('ganapp-model')); return []; }"
"""The drawer shows the settings of the chosen model."""


def build(page: Page) -> None:
    """Lays the tab out and wires it."""
    with gr.Column(elem_id="train", min_width=0):
        bar, live, note = layout.bar(), layout.live(), layout.note()
        drawer = layout.drawer(Steps(page.registry))
    tab = TrainTab(page, bar, live, note, drawer)
    tab.wire_page()
    tab.wire_form()
    tab.wire_link()
    tab.wire_address()
    tab.wire_recordings()
    tab.wire_player()
    tab.wire_runs()
    tab.wire_again()
    tab.wire_own_pictures()
    tab.wire_publish()


class TrainTab:
    """Connects the parts of the tab with the controller.

    While a run goes on, the live component asks for news itself (see `feed.py`); events fire only
    when somebody acts or the run's state changes. None of them waits in Gradio's queue, unless it
    says so: each queued event holds a connection, of which a browser has six for all its tabs.
    """

    def __init__(
        self, page: Page, bar: layout.Bar, live: gr.HTML, note: gr.HTML, drawer: layout.Drawer
    ) -> None:
        self.page, self.bar, self.live, self.drawer = page, bar, live, drawer
        self.fields = drawer.fields
        self.controller = Controller(page.registry)
        # The id of the run that is shown; changes only when the visitor turns to another run.
        self.shown = gr.State("")
        # The preset that the controls were filled from.
        self.filled = gr.Textbox(DEFAULT_PRESET, visible=False)
        self.own: Any = gr.State(None, time_to_live=SECONDS_OF_OWN_PICTURES)
        self.note = note
        self.form = [bar.preset, self.filled, note, *self.fields.values()]
        self.buttons = [bar.start, bar.pause, bar.stop, bar.cure, drawer.runs.earlier]
        self.news = [live, *self.buttons]

    # --- the page

    def wire_page(self) -> None:
        """Opens the page, follows what its run is doing, and notes when it is closed."""
        arrived = [*self.form, self.page.browser, self.shown, *self.news]
        self.page.demo.load(self.arrive, self.page.browser, arrived, **QUIET)
        seen = [self.shown, self.page.browser]
        self.live.tick(self.state_changed, seen, self.buttons, **QUIET)
        self.page.demo.unload(self.leave)

    def arrive(self, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """The page opens: on the run of its address, or the browser's last one, or the example."""
        browser = with_key(browser)
        asked = str(request.query_params.get("run", ""))[:60]
        run_id, problem = self.controller.arrive(asked, browser)
        shown, live, *rest = self.turn_to(run_id, browser, request)
        params = dict(request.query_params)
        form, unusable = self.controller.linked_values(params)
        seen, unseen = self.controller.linked_view(params, run_id)
        live = live | seen | {"problem": problem or unusable or unseen}
        filled = self.filled_form(form) if form else self.run_form(run_id)
        return *filled, browser, shown, live, *rest

    def state_changed(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """The buttons and the list, after the live component has seen another state."""
        try:
            return self.look(run_id, browser, request)[1:]
        except (BadInput, OSError, ValueError):
            return _skips(self.buttons)

    def look(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """The outputs `news` as of now."""
        news = self.controller.news(run_id, browser, str(request.session_hash))
        return (
            news.live,
            *button_updates(news.buttons),
            gr.update(visible=news.curable),
            self.run_list(browser, run_id),  # it says what each run is doing
        )

    def turn_to(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """The outputs `shown` and `news` for another run."""
        return run_id, *self.look(run_id, browser, request)

    def leave(self, request: gr.Request) -> None:
        """A page was closed."""
        self.page.registry.unwatch(str(request.session_hash))

    # --- the form

    def wire_form(self) -> None:
        """Fills the form from presets, and shows what applies to the model."""
        outputs = [self.filled, self.note, *self.fields.values()]
        self.bar.preset.input(self.choose_preset, [self.bar.preset, self.own], outputs, **LIVE)
        self.fields["model"].change(None, self.fields["model"], None, js=SIFT, **PRIVATE)

    def wire_link(self) -> None:
        """Copies the address of the form's settings, or downloads their code."""
        asked, query = [self.bar.preset, *self.fields.values()], self.drawer.query
        for button, handler, script in (
            (self.drawer.link, self.link, "train/link.js"),
            (self.drawer.code, self.code, "train/code.js"),
        ):
            button.click(reports_errors(handler), asked, query, **ACT).success(
                None, query, None, js=asset(script), **PRIVATE
            )

    def wire_recordings(self) -> None:
        """Turns to a run that a link of the page or a lesson names."""
        outputs = [*self.form, self.shown, *self.news]
        linked = self.shows_errors(self.follow_link, outputs)
        self.live.select(linked, self.page.browser, outputs, **LIVE)

    def follow_link(
        self, browser: Any, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """Shows the run, and what is to be seen beside it."""
        known = event._data if isinstance(event._data, dict) else {}
        asked = {str(name): str(value) for name, value in known.items() if value not in ("", None)}
        run_id = asked.get("run", "")[:60]
        form = self.run_form(run_id)
        shown, live, *rest = self.turn_to(run_id, browser, request)
        seen, unseen = self.controller.linked_view(asked, run_id)
        return *form, shown, live | seen | {"problem": unseen}, *rest

    def wire_address(self) -> None:
        """Keeps the form's settings in the page's address."""
        # One trigger, pressed by the menu's script: one for each setting would make every event of
        # the page slow.
        asked, query = [self.bar.preset, *self.fields.values()], self.drawer.query
        self.drawer.note.click(self.address, asked, query, **LIVE).success(
            None, query, None, js=asset("train/address.js"), **PRIVATE
        )

    def address(self, preset: str, *values: Any) -> str:
        """The query of the form's settings; "" while they cannot be, which changes nothing."""
        try:
            return self.link(preset, *values)
        except BadInput:
            return ""

    def link(self, preset: str, *values: Any) -> str:
        """The query of the form's address."""
        settings = dict(zip(self.fields, values, strict=True))
        return self.controller.link_of(Request(preset, preset, settings, None))

    def code(self, preset: str, *values: Any) -> str:
        """The same query, if there is a script of such settings."""
        settings = dict(zip(self.fields, values, strict=True))
        return self.controller.code_of(Request(preset, preset, settings, None))

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
        browser, bar = self.page.browser, self.bar
        begun = [browser, self.shown, *self.news]
        asked = [bar.preset, self.filled, browser, self.own, self.shown, *self.fields.values()]
        bar.start.click(self.shows_errors(self.begin, begun), asked, begun, **LENDING)
        steered = [self.shown, browser]
        for button, act in ((bar.pause, self.pause_or_resume), (bar.stop, self.stop)):
            button.click(self.shows_errors(act, self.news), steered, self.news, **LENDING)
        followed = [browser, *self.form, self.shown, *self.news]
        cure = self.shows_errors(self.cure, followed)
        bar.cure.click(cure, [self.shown, browser], followed, **LENDING)
        if zero_gpu.ACTIVE:
            gr.Timer(SECONDS_BETWEEN_LOANS).tick(self.lend, browser, None, **LENDING)

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

    def lend(self, browser: Any) -> None:
        """The visitor still looks, and lends GPU time."""
        self.controller.lend(browser)

    def pause_or_resume(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """Pauses the run that is shown, or lets it go on."""
        self.controller.pause_or_resume(run_id, browser)
        return self.look(run_id, browser, request)

    def stop(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """Ends the run that is shown."""
        self.controller.stop(run_id, browser)
        return self.look(run_id, browser, request)

    def cure(self, run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """Starts the cured run, and compares it with the one that went wrong."""
        browser = with_key(browser)
        cured = self.controller.cure(run_id, browser)
        return self.followed_by(cured, run_id, browser, request)

    def followed_by(
        self, new_id: str, run_id: str, browser: Any, request: gr.Request
    ) -> tuple[Any, ...]:
        """Turns to a run that follows another, and compares the two."""
        live, *rest = self.look(new_id, browser, request)
        live = live | {"compare": run_id}
        return browser, *self.run_form(new_id), new_id, live, *rest

    # --- the lists of runs

    def wire_runs(self) -> None:
        """Shows earlier runs, and compares with them."""
        browser, runs = self.page.browser, self.drawer.runs
        turned = [*self.form, self.shown, *self.news]
        show = self.shows_errors(self.show, turned)
        runs.earlier.input(show, [runs.earlier, browser], turned, **LIVE)
        compare = self.shows_errors(self.compare, [self.live])
        runs.compare.input(compare, [runs.compare, self.shown], [self.live], **LIVE)
        gr.on(
            [runs.earlier.change, self.page.demo.load],
            lambda browser: gr.update(choices=self.controller.runs(browser)),
            browser,
            runs.compare,
            **QUIET,
        )

    def show(self, run_id: str | None, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """Turns to an earlier run."""
        if not run_id:
            return _skips([*self.form, self.shown, *self.news])
        return *self.run_form(run_id), *self.turn_to(run_id, browser, request)

    def compare(self, other_id: str | None, run_id: str) -> tuple[Any, ...]:
        """Compares with another run."""
        other_id = self.controller.compare(other_id, run_id)
        return ({"compare": other_id, "number": stamp()},)

    def run_list(self, browser: Any, shown: str) -> Any:
        """The list of the visitor's runs with the one that is shown chosen."""
        choices = self.controller.runs(browser)
        known = shown in [run_id for _, run_id in choices]
        return gr.update(choices=choices, value=shown if known else None)

    # --- once more with one setting changed

    def wire_again(self) -> None:
        """Asks for the one change, and starts."""
        again, browser = self.drawer.again, self.page.browser
        again.setting.input(
            self.suggest, [self.shown, again.setting], [again.hint, again.value], **LIVE
        )
        followed = [browser, *self.form, self.shown, *self.news]
        asked = [self.shown, browser, again.setting, again.value]
        again.start.click(self.shows_errors(self.again, followed), asked, followed, **LENDING)

    def suggest(self, run_id: str, setting: Any) -> tuple[Any, ...]:
        """What the setting is now, and other values for it."""
        try:
            change = controller.change_of(run_id, setting)
        except BadInput as error:
            return plain(str(error)), gr.skip()
        first = change.values[0] if change.values else None
        return plain(change.hint), gr.update(choices=change.values, value=first)

    def again(
        self, run_id: str, browser: Any, setting: Any, value: Any, request: gr.Request
    ) -> tuple[Any, ...]:
        """Starts the changed run, and compares it with the one that was shown."""
        browser = with_key(browser)
        new_id = self.controller.again(run_id, browser, setting, value)
        return self.followed_by(new_id, run_id, browser, request)

    # --- own pictures

    def wire_own_pictures(self) -> None:
        """Reads own pictures, one visitor's at a time: each takes a core and 100 megabytes."""
        own, model = self.drawer.own, self.fields["model"]
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

    def wire_publish(self) -> None:
        """Publishes the run that is shown."""
        publish = self.drawer.publish
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
        def with_problem(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
            try:
                return handler(*args, **kwargs)
            except BadInput as error:
                problem = {"problem": in_labels(str(error), knobs()), "number": stamp()}
                return tuple(problem if output is self.live else gr.skip() for output in outputs)

        return with_problem


def _skips(outputs: list[Any]) -> tuple[Any, ...]:
    return tuple(gr.skip() for _ in outputs)


def button_updates(buttons: Buttons) -> tuple[Any, Any, Any]:
    """Start, Pause or Resume, and Stop."""
    return (
        gr.update(interactive=buttons.start),
        gr.update(value="Resume" if buttons.resumes else "Pause", interactive=buttons.pause),
        gr.update(interactive=buttons.stop),
    )
