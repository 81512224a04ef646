"""The Train tab: settings on the left, the live run on the right."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from ganapp import checkpoints
from ganapp.config.presets import DEFAULT_PRESET, PRESETS
from ganapp.config.training import TrainConfig, knobs
from ganapp.datasets import Progress
from ganapp.datasets.uploads import ENDINGS
from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder, View, run_folder
from ganapp.runs.folder import PLAYING, RESUMABLE
from ganapp.ui.parts.form import config_from, control, in_labels, shown_value
from ganapp.ui.parts.page import (
    ACT,
    PRIVATE,
    QUIET,
    Page,
    asset,
    owner_key,
    plain,
    reports_errors,
    with_key,
)
from ganapp.ui.train import example, uploads
from ganapp.ui.train.handlers import beside, cure_of, describe, named, told_of

MAIN = (
    ("dataset", "epochs"),
    ("loss", "discriminator_steps"),
    ("discriminator_lr", "generator_lr"),
)
SECONDS_BETWEEN_POLLS = 0.5
SECONDS_BETWEEN_IDLE_POLLS = 5.0
"""Of a run that rests, or while another tab is in sight. A poll costs the browser far more than the
server: it visits every component.
"""
SECONDS_OF_OWN_PICTURES = 3600
SHOWN_PROGRESS = gr.Progress()
OWN_PICTURES = (
    "A few hundred pictures of one kind of thing work best; they are cropped to squares and shrunk."
    " They stay in your run, which only those see who have its link, and are removed when it has"
    " finished. A CycleGAN keeps twenty of them in its model as examples."
)
NOTHING_TOLD: dict[str, Any] = {
    "id": "",
    "version": "",
    "picture": 0,
    "buttons": "",
    "beside": "",
    "beside_picture": 0,
    "away": False,
}
SECONDS_TO_STOP = 20.0


def buttons(view: View | None, mine: bool) -> tuple[Any, Any, Any]:
    """Start, Pause or Resume, and Stop, as this run allows them."""
    state = view.state if view is not None and mine else "none"
    going = state in (*PLAYING, "queued")
    resumable = state in RESUMABLE
    return (
        gr.update(interactive=not going),
        gr.update(
            value="Resume" if resumable else "Pause",
            interactive=resumable or state in ("running", "queued", "preparing"),
        ),
        gr.update(
            interactive=(going and state != "stopping") or state in ("paused", "interrupted")
        ),
    )


def pace(state: str, run_id: str, away: bool) -> Any:
    """The timer for a run in this state, while this tab is in sight or not."""
    going = state in (*PLAYING, "queued") and not away
    return gr.Timer(
        SECONDS_BETWEEN_POLLS if going else SECONDS_BETWEEN_IDLE_POLLS, active=bool(run_id)
    )  # the example never changes


def build(page: Page, tabs: gr.Tabs) -> None:
    """Lays the tab out and wires it."""
    registry, specs = page.registry, knobs()
    default = PRESETS[DEFAULT_PRESET]
    fields: dict[str, Any] = {}
    with gr.Row(elem_id="train-row", equal_height=False):
        with gr.Column(elem_id="train-top", min_width=0):
            preset = gr.Dropdown(
                [(entry.title, name) for name, entry in PRESETS.items()],
                value=DEFAULT_PRESET,
                label="Preset",
                info="Settings that are known to work. Choosing one sets everything below.",
                elem_id="preset",
                filterable=False,
            )
            with gr.Row(elem_id="train-buttons"):
                start = gr.Button("Start", variant="primary", elem_id="start", min_width=80)
                pause = gr.Button("Pause", elem_id="pause", interactive=False, min_width=80)
                stop = gr.Button(
                    "Stop", variant="stop", elem_id="stop", interactive=False, min_width=80
                )
            note = gr.HTML(
                told_of(DEFAULT_PRESET), elem_id="preset-note", elem_classes="quiet-note"
            )
            cure = gr.Button("Apply the cure", elem_id="cure", visible=False, size="sm")
        with gr.Column(elem_id="train-live", min_width=0):
            live = gr.HTML(
                value=describe(example.view(), False),
                html_template=asset("train/live.html"),
                js_on_load=asset("parts/common.js") + asset("train/live.js"),
                elem_id="live",
                apply_default_css=False,
            )
        with gr.Column(elem_id="train-knobs", min_width=0):
            with gr.Group():
                for names_in_row in MAIN:
                    with gr.Row():
                        for name in names_in_row:
                            fields[name] = control(
                                f"field-{name}", specs[name], getattr(default.config, name)
                            )
            with gr.Accordion("All settings", open=False, elem_id="all-settings"):
                for section in dict.fromkeys(spec.section for spec in specs.values()):
                    rest = {
                        name: spec
                        for name, spec in specs.items()
                        if spec.section == section and name not in fields
                    }
                    if rest:
                        gr.Markdown(f"**{section}**")
                        for name, spec in rest.items():
                            fields[name] = control(
                                f"field-{name}", spec, getattr(default.config, name)
                            )
            with gr.Accordion("Your own pictures", open=False, elem_id="own-pictures"):
                files = gr.File(
                    file_count="multiple",
                    file_types=[*ENDINGS, ".zip"],
                    label=(
                        "Pictures, or a zip of them: the folder that a picture lies in is its class"
                    ),
                    elem_id="own-files",
                    height=140,
                )
                hub_name = gr.Textbox(
                    label="Or a data set of the Hugging Face Hub",
                    placeholder="owner/name",
                    info="Up to 5,000 of its pictures, with their classes.",
                    elem_id="own-hub",
                    max_length=200,
                )
                fetch = gr.Button("Fetch it", elem_id="own-fetch", size="sm")
                brought = gr.HTML(OWN_PICTURES, elem_id="own-preview", elem_classes="quiet-note")
            with gr.Accordion("Your runs", open=False, elem_id="my-runs"):
                earlier = gr.Dropdown(
                    [],
                    label="Show",
                    info="Every run that this browser started on this machine, newest first.",
                    elem_id="earlier",
                    filterable=False,
                )
                compare = gr.Dropdown(
                    [],
                    label="Lay beside it",
                    info=(
                        "Another run's curves, thinner on the same axes, its pictures, and the"
                        " settings that differ."
                    ),
                    elem_id="compare",
                    filterable=False,
                )
            with gr.Accordion("Publish to the Hugging Face Hub", open=False, elem_id="publish"):
                repo = gr.Textbox(
                    label="Repository",
                    placeholder="your-name/my-first-gan",
                    info=(
                        "The run shown becomes this model repository, which others can then open by"
                        " its name. A CycleGAN holds twenty of the pictures that it learned from."
                    ),
                )
                token = gr.Textbox(
                    label="Your token",
                    type="password",
                    info="Needs write access. It is used for this upload alone and kept nowhere.",
                )
                publish = gr.Button("Publish the run shown", elem_id="publish-button")
                published = gr.Markdown(elem_id="published")
    shown = gr.State(
        ""
    )  # the run's id; written only when the visitor turns to another run, never by the poll
    told = gr.State(dict(NOTHING_TOLD))
    filled = gr.Textbox(
        DEFAULT_PRESET, visible=False
    )  # the preset that the page's settings are those of
    own: Any = gr.State(None, time_to_live=SECONDS_OF_OWN_PICTURES)
    timer = gr.Timer(SECONDS_BETWEEN_IDLE_POLLS, active=False)
    names = list(fields)
    outputs = [live, told, start, pause, stop, cure, timer]
    controls = [preset, filled, note, *fields.values()]
    turned = [*controls, shown, *outputs]

    def look(
        run_id: str, browser: Any, seen: dict[str, Any], request: gr.Request
    ) -> tuple[Any, ...]:
        """What has changed of the run that this page shows, since it was last told."""
        view, mine = _view(registry, run_id, browser)
        if view is not None and run_id:
            registry.watch(str(request.session_hash), run_id)
        if seen["id"] != run_id:
            seen = NOTHING_TOLD | {"id": run_id}
        version = f"{view.version}/{mine}" if view else "none"
        other = (
            registry.view(seen["beside"])
            if seen["beside"] and view is not None and run_id
            else None
        )
        version += f"/{other.version}" if other else ""
        if version == seen["version"]:
            return tuple(gr.skip() for _ in outputs)
        news = describe(view, mine)
        if other is not None and view is not None:
            configs = [RunFolder(run_folder(known.run_id)).config() for known in (view, other)]
            news["other"] = beside(view, configs[0], other, configs[1])
            if other.picture_version == seen["beside_picture"]:
                news["other"]["picture"] = ""
            seen = seen | {"beside_picture": other.picture_version}
        if view is not None and view.picture_version == seen["picture"]:
            news["picture"] = ""  # the page has it
        state = f"{view.state if view else ''}/{mine}"
        curable = (
            view is not None
            and mine
            and cure_of(view.preset) is not None
            and view.state != "queued"
        )
        changed: tuple[Any, ...] = (gr.skip(),) * 5
        if state != seen["buttons"]:
            resting = view.state if view else ""
            changed = (
                *buttons(view, mine),
                gr.update(visible=curable),
                pace(resting, run_id, seen["away"]),
            )
        return (
            news,
            seen
            | {
                "version": version,
                "picture": view.picture_version if view else 0,
                "buttons": state,
            },
            *changed,
        )

    def poll(
        run_id: str, browser: Any, seen: dict[str, Any], request: gr.Request
    ) -> tuple[Any, ...]:
        try:
            return look(run_id, browser, seen, request)
        except (
            BadInput,
            OSError,
            ValueError,
        ):  # a tick must never raise: it would fail at every tick from then on
            return tuple(gr.skip() for _ in outputs)

    def leave_or_return(run_id: str, seen: dict[str, Any], event: gr.SelectData) -> tuple[Any, Any]:
        """Another tab is in sight, or this one again."""
        away, state = event.value != "Train", seen["buttons"].partition("/")[0]
        return seen | {"away": away}, pace(state, run_id, away)

    def turn_to(run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        return run_id, *look(run_id, browser, NOTHING_TOLD, request)

    def attach(browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """On opening the page: the run of its address, else the browser's last one, else the
        example.
        """
        browser = with_key(browser)
        asked, problem = str(request.query_params.get("run", ""))[:60], ""
        try:
            found = asked or browser["id"] or ""
            if found:
                registry.view(found)
        except BadInput as error:
            if asked:
                problem = str(error)
            found, browser = "", browser | {"id": None}
        shown_id, news, *rest = turn_to(found, browser, request)
        return (
            *form(found),
            browser,
            _earlier(registry, browser, found),
            shown_id,
            news | {"problem": problem},
            *rest,
        )

    def begin(
        preset_name: str,
        filled_by: str,
        browser: Any,
        pictures: Any,
        run_id: str,
        request: gr.Request,
        *values: Any,
    ) -> tuple[Any, ...]:
        browser = with_key(browser)
        if filled_by == preset_name:
            config, called = config_from(preset_name, dict(zip(names, values, strict=True)))
        else:  # Start was pressed before the settings of a preset just chosen had arrived
            config, called = chosen(preset_name, pictures)
        if (
            pictures is None
            and config.dataset == "own"
            and run_id
            and registry.owns(run_id, browser["key"])
        ):
            pictures = RunFolder(
                run_folder(run_id)
            ).own_pictures()  # the page was loaded again since they were uploaded
        run_id = registry.submit(config, called, browser["key"], pictures)
        browser["id"] = run_id
        return (browser, _earlier(registry, browser, run_id), *turn_to(run_id, browser, request))

    def mend(run_id: str, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        """Starts the cured run with the same seed, and lays the one that went wrong beside it."""
        known, key = registry.view(run_id), owner_key(browser)
        remedy = cure_of(known.preset)
        if remedy is None:
            raise BadInput(
                "This run has no cure to apply: start one of the presets whose name begins with"
                " “What goes wrong”."
            )
        config = TrainConfig.from_dict(remedy.settings, RunFolder(run_folder(run_id)).config())
        if known.state in PLAYING:
            registry.stop(run_id, key)
            deadline = time.monotonic() + SECONDS_TO_STOP
            while registry.view(run_id).state in PLAYING and time.monotonic() < deadline:
                time.sleep(0.1)
        cured = registry.submit(config, f"{known.preset}, cured", key)
        browser["id"] = cured
        return (
            browser,
            _earlier(registry, browser, cured),
            *form(cured),
            cured,
            *look(cured, browser, NOTHING_TOLD | {"id": cured, "beside": run_id}, request),
        )

    def lay(
        other_id: str | None, run_id: str, browser: Any, seen: dict[str, Any], request: gr.Request
    ) -> tuple[Any, ...]:
        if not run_id:
            raise BadInput(
                "The example has no run to lay beside it: start a run, or show one of yours first."
            )
        registry.view(other_id or "")
        return look(
            run_id,
            browser,
            seen | {"beside": other_id, "beside_picture": 0, "version": ""},
            request,
        )

    def pause_or_resume(
        run_id: str, browser: Any, seen: dict[str, Any], request: gr.Request
    ) -> tuple[Any, ...]:
        if not run_id:
            raise BadInput("There is no run of yours to pause: press Start first.")
        if registry.view(run_id).state in RESUMABLE:
            registry.resume(run_id, owner_key(browser))
        else:
            registry.pause(run_id, owner_key(browser))
        return look(run_id, browser, seen, request)

    def end(
        run_id: str, browser: Any, seen: dict[str, Any], request: gr.Request
    ) -> tuple[Any, ...]:
        registry.stop(run_id, owner_key(browser))
        return look(run_id, browser, seen, request)

    def show(run_id: str | None, browser: Any, request: gr.Request) -> tuple[Any, ...]:
        if not run_id:
            return tuple(gr.skip() for _ in turned)
        return (*form(run_id), *turn_to(run_id, browser, request))

    def send(repo_name: str, token_text: str, run_id: str, browser: Any) -> tuple[str, str]:
        if not (run_id and registry.owns(run_id, owner_key(browser))):
            raise BadInput(
                "Only a run of yours can be published: press Start, let it learn, and then"
                " publish it."
            )
        model = checkpoints.load(run_folder(run_id))
        address = checkpoints.publish(model, str(repo_name).strip(), str(token_text))
        return f"Published: [{repo_name}]({address})", ""

    def bring(uploaded: Any, model: Any, progress: gr.Progress = SHOWN_PROGRESS) -> tuple[Any, ...]:
        return (None, *given(functools.partial(uploads.bring, uploaded), model, progress))

    def fetched(name: Any, model: Any, progress: gr.Progress = SHOWN_PROGRESS) -> tuple[Any, ...]:
        return given(functools.partial(uploads.fetch, name), model, progress)

    def given(
        read: Callable[[Progress], uploads.Upload], model: Any, progress: gr.Progress
    ) -> tuple[Any, ...]:
        """What a preview, the pictures and the settings become once `read` has read them."""
        try:
            pictures, preview = read(lambda share, what: progress(share, what))
        except BadInput as error:
            return (
                f'<p role="alert">{plain(in_labels(str(error), knobs()))}</p>',
                *(gr.skip() for _ in (own, *names)),
            )
        wanted = uploads.changes(pictures, model)
        return (preview, pictures, *(wanted.get(name, gr.skip()) for name in names))

    def others(browser: Any) -> Any:
        return gr.update(choices=_mine(registry, browser))

    def gone(request: gr.Request) -> None:
        registry.unwatch(str(request.session_hash))

    def form(run_id: str) -> tuple[Any, ...]:
        """The controls as the run has its settings, so that Start would play the same game
        again.
        """
        if not run_id:
            return tuple(gr.skip() for _ in controls)
        run = RunFolder(run_folder(run_id))
        name, config = run.asked()["preset"].partition(",")[0], run.config()
        known = name if name in PRESETS else DEFAULT_PRESET
        return (
            known,
            known,
            told_of(known),
            *(shown_value(specs[field], getattr(config, field)) for field in names),
        )

    def chosen(preset_name: str, pictures: Any) -> tuple[TrainConfig, str]:
        """What a preset is here, and what to call it: pictures of one's own stay chosen."""
        config, called = config_from(preset_name, {})
        return (
            (config, called)
            if pictures is None
            else config_from(preset_name, uploads.changes(pictures, config.model))
        )

    def choose(preset_name: str, pictures: Any) -> tuple[Any, ...]:
        config, _ = chosen(preset_name, pictures)
        return (
            preset_name,
            told_of(preset_name),
            *(shown_value(specs[name], getattr(config, name)) for name in names),
        )

    # None of these waits in Gradio's queue: each queued event holds a connection, of which a
    # browser has six for all its tabs.
    preset.input(choose, [preset, own], [filled, note, *fields.values()], **QUIET)
    page.demo.load(
        attach, page.browser, [*controls, page.browser, earlier, shown, *outputs], **QUIET
    )
    tabs.select(leave_or_return, [shown, told], [told, timer], **QUIET)
    timer.tick(poll, [shown, page.browser, told], outputs, **QUIET)
    begun = [page.browser, earlier, shown, *outputs]
    start.click(
        told_in(begun, live)(begin),
        [preset, filled, page.browser, own, shown, *fields.values()],
        begun,
        **QUIET,
    )
    pause.click(
        told_in(outputs, live)(pause_or_resume), [shown, page.browser, told], outputs, **QUIET
    )
    stop.click(told_in(outputs, live)(end), [shown, page.browser, told], outputs, **QUIET)
    earlier.input(told_in(turned, live)(show), [earlier, page.browser], turned, **QUIET)
    # One at a time: each takes a core and a hundred megabytes.
    brings = [brought, own, *fields.values()]
    reading = {
        "concurrency_limit": 1,
        "concurrency_id": "own-pictures",
        "show_progress_on": brought,
        **PRIVATE,
    }
    files.upload(bring, [files, fields["model"]], [files, *brings], **reading)
    gr.on([fetch.click, hub_name.submit], fetched, [hub_name, fields["model"]], brings, **reading)
    mended = [page.browser, earlier, *controls, shown, *outputs]
    cure.click(told_in(mended, live)(mend), [shown, page.browser], mended, **QUIET)
    compare.input(
        told_in(outputs, live)(lay), [compare, shown, page.browser, told], outputs, **QUIET
    )
    gr.on([earlier.change, page.demo.load], others, page.browser, compare, **QUIET)
    publish.click(
        reports_errors(send), [repo, token, shown, page.browser], [published, token], **ACT
    )
    page.demo.unload(gone)


def told_in(outputs: list[Any], live: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a handler with these outputs tell a `BadInput` in the live component and leave all the
    others as they are.
    """

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(handler)
        def told(*args: Any) -> Any:
            try:
                return handler(*args)
            except BadInput as error:
                problem = {"problem": in_labels(str(error), knobs()), "number": time.monotonic_ns()}
                return tuple(problem if output is live else gr.skip() for output in outputs)

        return told

    return decorate


def _view(registry: Registry, run_id: str, browser: Any) -> tuple[View | None, bool]:
    """What is shown for `run_id` ("" is the example), and whether it is this browser's own run."""
    if not run_id:
        return example.view(), False
    return registry.view(run_id), registry.owns(run_id, owner_key(browser))


def _earlier(registry: Registry, browser: Any, shown: str) -> Any:
    """The list of the visitor's runs."""
    choices = _mine(registry, browser)
    return gr.update(
        choices=choices, value=shown if shown in [run_id for _, run_id in choices] else None
    )


def _mine(registry: Registry, browser: Any) -> list[tuple[str, str]]:
    """(what it is called, id) of the visitor's runs, newest first."""
    choices = []
    for run_id in registry.runs_of(owner_key(browser))[:50]:
        with contextlib.suppress(BadInput):  # a damaged one
            choices.append((named(registry.view(run_id)), run_id))
    return choices
