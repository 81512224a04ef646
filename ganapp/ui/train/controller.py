"""What visitors of the Train tab do to runs, and what is new for their pages. Knows no Gradio."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from ganapp import checkpoints
from ganapp.config.knobs import Knob
from ganapp.config.presets import DEFAULT_PRESET, PRESETS
from ganapp.config.training import TrainConfig, knobs
from ganapp.datasets import Pictures, Progress
from ganapp.errors import BadInput
from ganapp.export import check_exportable
from ganapp.runs import Registry, RunFolder, View, check_pictures, run_folder
from ganapp.runs.states import GOING, PLAYING, RESUMABLE
from ganapp.ui.parts.limits import visitor_address
from ganapp.ui.parts.rendering import Props
from ganapp.ui.parts.settings import (
    config_from,
    linked_settings,
    parsed,
    shown_text,
    shown_value,
)
from ganapp.ui.parts.visitor import owner_key
from ganapp.ui.train import recordings, uploads
from ganapp.ui.train.handlers import cure_of, describe, run_title
from ganapp.ui.train.recordings import config_of, is_recording, view_of

SECONDS_TO_STOP = 20.0
MOST_LISTED_RUNS = 50


class Buttons(NamedTuple):
    """Which buttons can be pressed; `resumes` says that Pause is Resume."""

    start: bool
    pause: bool
    resumes: bool
    stop: bool


class News(NamedTuple):
    """How a page stands: what its live component shows, the buttons, and whether a cure is
    offered.
    """

    live: Props
    buttons: Buttons
    curable: bool = False


class FormValues(NamedTuple):
    """A preset's name, and the values of the controls by setting."""

    preset: str
    values: dict[str, Any]


class Request(NamedTuple):
    """What Start asks for: the chosen preset, the preset that the controls were filled from, their
    values, and own pictures.
    """

    preset: str
    filled_from: str
    values: dict[str, Any]
    pictures: Pictures | None


class Controller:
    """Acts on the runs of one app. Refusals are `BadInput`."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    # --- what a page shows ------------------------------------------------------------------------

    def news(self, run_id: str, browser: Any, page: str) -> News:
        """How the page stands; the run counts as watched by it."""
        view, mine = self._view(run_id, browser)
        if view is not None and view.state != "example":
            self.registry.watch(page, run_id)
        curable = bool(view and mine and cure_of(view.preset) and view.state != "queued")
        live = describe(view, mine) | {"page": page, "claim": self._claim(view, mine)}
        return News(live, buttons(view, mine), curable)

    def _claim(self, view: View | None, mine: bool) -> str:
        return self.registry.claim(view.run_id) if view is not None and mine else ""

    def _view(self, run_id: str, browser: Any) -> tuple[View | None, bool]:
        """What is shown for `run_id`, and whether it is this browser's own run."""
        if not run_id or is_recording(run_id):
            return recordings.shown(run_id), False
        return self.registry.view(run_id), self.registry.owns(run_id, owner_key(browser))

    def arrive(self, asked: str, browser: dict[str, Any]) -> tuple[str, str]:
        """(the run that an opened page shows, why it is not the one that it should be): the run
        `asked` for, else the browser's last one, else the example.
        """
        run_id = asked or browser["id"] or ""
        try:
            if run_id:
                view_of(run_id, self.registry)
                self.run_values(run_id)
        except BadInput as error:
            browser["id"] = None
            return "", f"{error} The page shows the example instead."
        return run_id, ""

    def linked_view(self, asked: Mapping[str, str], run_id: str) -> tuple[Props, str]:
        """What an address asks to see of the run that is shown: the run to `compare` it with and
        the `epoch`; and a sentence about what of it cannot be had.
        """
        shown: Props = {}
        try:
            if other := asked.get("compare"):
                shown["compare"] = self.compare(other[:60], run_id)
            if "epoch" in asked:
                shown["at"] = _epoch_number(asked["epoch"])
        except BadInput as error:
            return shown, f"{error} The page leaves that out."
        return shown, ""

    def runs(self, browser: Any) -> list[tuple[str, str]]:
        """(title, id) of the visitor's runs, newest first, and of all recordings."""
        choices = []
        for run_id in self.registry.runs_of(owner_key(browser))[:MOST_LISTED_RUNS]:
            with contextlib.suppress(BadInput):  # a damaged one
                choices.append((run_title(self.registry.view(run_id)), run_id))
        for run_id in recordings.folders():
            with contextlib.suppress(BadInput):
                choices.append((f"Recording: {recordings.title(run_id)}", run_id))
        return choices

    # --- the form ---------------------------------------------------------------------------------

    def preset_values(self, preset: str, pictures: Pictures | None) -> FormValues:
        """The form after a preset is chosen; own pictures stay chosen."""
        return FormValues(preset, _values(_preset_config(preset, pictures)[0]))

    def run_values(self, run_id: str) -> FormValues:
        """The form with the settings of a run, so that Start would train the same again."""
        config = config_of(run_id)
        name = view_of(run_id, self.registry).preset.partition(",")[0]
        return FormValues(name if name in PRESETS else DEFAULT_PRESET, _values(config))

    def linked_values(self, asked: Mapping[str, str]) -> tuple[FormValues | None, str]:
        """The form that an address asks for by `preset` and names of settings, if it does; and a
        sentence about what in it cannot be used.
        """
        if "preset" not in asked:
            return None, ""
        try:
            config, _ = linked_settings(asked)
        except BadInput as error:
            return None, f"{error} The page shows its usual settings instead."
        return FormValues(asked["preset"], _values(config)), ""

    def link_of(self, request: Request) -> str:
        """The query of an address that leads to the settings of the form: the preset, and what
        differs from it.
        """
        config, _ = config_from(request.preset, request.values)
        usual = PRESETS[request.preset].config.to_dict()
        changed = {k: v for k, v in config.to_dict().items() if v != usual[k]}
        texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in changed.items()}
        return urlencode({"tab": "train", "preset": request.preset, **texts})

    def code_of(self, request: Request) -> str:
        """`link_of` settings that there is a script of; `BadInput` where there is none."""
        check_exportable(config_from(request.preset, request.values)[0])
        return self.link_of(request)

    # --- acts -------------------------------------------------------------------------------------

    def start(self, request: Request, browser: dict[str, Any], run_id: str) -> str:
        """Queues a run, and returns its id. `run_id` is the run that is shown."""
        pictures = request.pictures
        if request.filled_from == request.preset:
            config, name = config_from(request.preset, request.values)
        else:  # Start was pressed before the settings of a preset just chosen had arrived
            config, name = _preset_config(request.preset, pictures)
        if pictures is None and config.dataset == "own" and self._owns(run_id, browser):
            # The page was loaded again since they were uploaded.
            pictures = RunFolder(run_folder(run_id)).own_pictures()
        browser["id"] = self._submit(config, name, browser, pictures)
        return str(browser["id"])

    def cure(self, run_id: str, browser: dict[str, Any]) -> str:
        """Ends a run that goes wrong and starts the cured one with the same seed; its id."""
        failing = self.registry.view(run_id)
        remedy = cure_of(failing.preset)
        if remedy is None:
            raise BadInput(
                "This run has no cure to apply: start one of the presets whose name begins with"
                " “What goes wrong”."
            )
        config = TrainConfig.from_dict(remedy.settings, RunFolder(run_folder(run_id)).config())
        return self._follow(run_id, browser, config, f"{failing.preset}, cured")

    def again(self, run_id: str, browser: dict[str, Any], setting: Any, value: Any) -> str:
        """Starts the run once more with one setting changed, and ends it first if it is the
        visitor's own and goes on; the new run's id.
        """
        run_id = run_id or recordings.example()
        if not isinstance(setting, str) or setting not in knobs():
            raise BadInput("No setting was chosen: choose the one that shall be different.")
        known = config_of(run_id)
        config = TrainConfig.from_dict({setting: parsed(setting, knobs()[setting], value)}, known)
        if config == known:
            raise BadInput(
                f"{setting} is {shown_text(getattr(known, setting))} in this run already: choose"
                " another value."
            )
        name = view_of(run_id, self.registry).preset.partition(",")[0]
        return self._follow(run_id, browser, config, f"{name}, changed")

    def _follow(self, run_id: str, browser: dict[str, Any], config: TrainConfig, name: str) -> str:
        """Ends a run of the visitor's, if it is one, and starts another in its place."""
        mine, pictures = self._owns(run_id, browser), None
        if mine and config.dataset == "own":
            pictures = RunFolder(run_folder(run_id)).own_pictures()
        check_pictures(config, pictures)  # before a run is ended for one that cannot start
        if mine and self.registry.view(run_id).state in GOING:
            self.registry.stop(run_id, owner_key(browser))
            self._wait_for_end(run_id)
        browser["id"] = self._submit(config, name, browser, pictures)
        return str(browser["id"])

    def _submit(
        self, config: TrainConfig, name: str, browser: Any, pictures: Pictures | None
    ) -> str:
        address = visitor_address()
        return self.registry.submit(config, name, owner_key(browser), pictures, address)

    def _wait_for_end(self, run_id: str) -> None:
        deadline = time.monotonic() + SECONDS_TO_STOP
        while self.registry.view(run_id).state in PLAYING and time.monotonic() < deadline:
            time.sleep(0.1)

    def pause_or_resume(self, run_id: str, browser: Any) -> None:
        """Pauses a run that plays, or lets one that rests go on."""
        if not run_id or is_recording(run_id):
            raise BadInput("There is no run of yours to pause: press Start first.")
        if self.registry.view(run_id).state in RESUMABLE:
            self.registry.resume(run_id, owner_key(browser))
        else:
            self.registry.pause(run_id, owner_key(browser))

    def stop(self, run_id: str, browser: Any) -> None:
        """Ends a run."""
        self.registry.stop(run_id, owner_key(browser))

    def compare(self, other_id: str | None, run_id: str) -> str:
        """The run that the one that is shown is compared with; `BadInput` where it cannot be."""
        if other_id == (run_id or recordings.example()):
            raise BadInput("This is the run that is shown: choose another one to compare it with.")
        view_of(other_id or "", self.registry)
        return other_id or ""

    def publish(self, repo: str, token: str, run_id: str, browser: Any) -> str:
        """Publishes the model of the visitor's run; the address of the repository."""
        if not self._owns(run_id, browser):
            raise BadInput(
                "Only a run of yours can be published: press Start, let it learn, and then publish"
                " it."
            )
        return checkpoints.publish(checkpoints.load(run_folder(run_id)), repo.strip(), token)

    def lend(self, browser: Any) -> None:
        """On ZeroGPU: lets the visitor's run go on, on the GPU time of this event's visitor."""
        if key := owner_key(browser):
            self.registry.lend(key)

    def _owns(self, run_id: str, browser: Any) -> bool:
        if not run_id or is_recording(run_id):
            return False
        return self.registry.owns(run_id, owner_key(browser))


def _epoch_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadInput(
            f"The address asks for the epoch {text[:20]!r}, which is not a whole number."
        )
    return int(text)


def read_files(files: Any, model: object, progress: Progress) -> tuple[uploads.Upload, Props]:
    """Uploaded pictures, and the settings that they change."""
    return _with_changes(uploads.bring(files, progress), model)


def read_hub(name: Any, model: object, progress: Progress) -> tuple[uploads.Upload, Props]:
    """Pictures of a data set of the Hub, and the settings that they change."""
    return _with_changes(uploads.fetch(name, progress), model)


def _with_changes(upload: uploads.Upload, model: object) -> tuple[uploads.Upload, Props]:
    return upload, uploads.changes(upload.pictures, model)


def buttons(view: View | None, mine: bool) -> Buttons:
    """What can be done with this run."""
    state = view.state if view is not None and mine else "none"
    going, resumes = state in GOING, state in RESUMABLE
    return Buttons(
        start=not going,
        pause=resumes or state in ("running", "queued", "preparing"),
        resumes=resumes,
        stop=(going and state != "stopping") or state in ("paused", "interrupted"),
    )


class Change(NamedTuple):
    """What a setting of a run can be changed to: a hint, and values to choose from."""

    hint: str
    values: list[str]


def change_of(run_id: str, setting: Any) -> Change:
    """The hint and the suggestions for another value of a run's setting."""
    if not isinstance(setting, str) or setting not in knobs():
        return Change("", [])
    knob, now = knobs()[setting], getattr(config_of(run_id or recordings.example()), setting)
    return Change(f"Now {shown_text(now)}. {knob.help}", suggestions(knob, now))


def suggestions(knob: Knob, now: Any) -> list[str]:
    """Other values that a setting can have, as text: all there are, or some smaller and larger."""
    if knob.choices is not None:
        return [str(choice) for choice in knob.choices if choice != now]
    if isinstance(now, bool):
        return [shown_text(not now)]
    assert knob.low is not None and knob.high is not None
    steps = (0.1, 0.2, 0.5, 2, 5, 10) if now else (0.01, 0.1, 1, 10)
    made = [type(now)(step * (now or 1)) for step in steps]
    if not isinstance(now, int) and knob.low == 0 and now:
        made.insert(0, 0.0)
    return [f"{value:g}" for value in made if knob.low <= value <= knob.high and value != now]


def _preset_config(preset: str, pictures: Pictures | None) -> tuple[TrainConfig, str]:
    """A preset's settings and name, changed as own pictures ask for."""
    config, name = config_from(preset, {})
    if pictures is None:
        return config, name
    return config_from(preset, uploads.changes(pictures, config.model))


def _values(config: TrainConfig) -> dict[str, Any]:
    return {name: shown_value(knob, getattr(config, name)) for name, knob in knobs().items()}
