"""What the Train tab shows of a run, as plain data. Knows no Gradio."""

from __future__ import annotations

import time
from typing import Any

from ganapp.config.presets import PRESETS, Cure, title_of
from ganapp.config.training import TrainConfig, knobs
from ganapp.datasets.terms import TERMS
from ganapp.experiments.quality import checks_of
from ganapp.losses import LOSSES
from ganapp.models.pix2pix import WHOLE
from ganapp.runs import View
from ganapp.runs.gpu_player import PLAYING as ON_A_GPU
from ganapp.runs.turns import SECONDS_A_TURN
from ganapp.ui.parts.settings import shown_text
from ganapp.ui.train.recordings import PREFIX, example, folders, recorded_epochs, title

MOST_DIFFERENCES = 4
QUOTAS = (
    "Hugging Face lends each visitor about 2 minutes a day, 5 with a free account, 40 with a PRO"
    " account."
)
HELD = "Your teacher has stopped the runs of your room for a moment. They go on by themselves."
STATES = {
    "example": "A finished example",
    "queued": "Waiting",
    "preparing": "Preparing",
    "running": "Training",
    "pausing": "Pausing",
    "paused": "Paused",
    "stopping": "Stopping",
    "stopped": "Stopped",
    "finished": "Finished",
    "failed": "Failed",
    "interrupted": "Cut off",
}


def describe(view: View | None, mine: bool) -> dict[str, Any]:
    """What the live component shows of a run: JSON of a few kilobytes, however long the run is."""
    if view is None:
        return {
            "run": "",
            "state": "none",
            "label": "Nothing trained yet",
            "note": "Press Start: the first pictures appear within two seconds.",
        }
    status = view.status
    loss = LOSSES.get(status.get("loss", ""))
    return {
        "run": view.run_id,
        "state": view.state,
        "label": STATES.get(view.state, view.state),
        "title": status.get("title") or title_of(view.preset) or view.preset,
        "place": view.place,
        "mine": mine,
        "note": _note(view, mine),
        "credit": _credit(status.get("dataset")),
        "step": status.get("step", 0),
        "epoch": status.get("epoch", 0),
        "epochs": status.get("epochs", 0),
        "progress": status.get("progress", 0.0),
        "share": status.get("share"),
        "per_epoch": status.get("steps_per_epoch", 0.0),
        "speed": status.get("images_per_second", 0.0),
        "seconds": status.get("seconds", 0.0),
        "left": view.turns * status["seconds_left"] if status.get("seconds_left") else None,
        "critic": loss is not None and loss.critic,
        "indifferent": loss and loss.indifferent,
        "curves": status.get("curves", {"step": []}),
        "quality": quality(status),
        "doctor": status.get("doctor"),
        "verdicts": status.get("verdicts"),
        "rows": _rows(status.get("domains")),
        "picture": picture_address(view),
        "meanwhile": meanwhile(view),
        "frame_epochs": status.get("frame_epochs"),
        "downloads": view.state not in ("queued", "preparing"),
        "kept": status.get("kept"),
        "weights": status.get("weights", True),
        "film": status.get("film"),
        "code": not status.get("domains") and not _encodes(status),
    }


def picture_address(view: View) -> str:
    """Where the page fetches the newest grid, another address for each picture; "" if there is
    none.
    """
    if view.state == "example":
        return f"runs/{view.run_id}/epochs/{view.status['epoch']}.jpg"
    return f"runs/{view.run_id}/live.jpg?{view.picture_version:x}" if view.picture else ""


def quality(status: dict[str, Any]) -> dict[str, Any] | None:
    """The looks at a run as curves, with what real pictures score; None before the first."""
    looks = status.get("looks")
    if not looks:
        return None
    looks = checks_of(looks, status.get("measure", 1))
    steps, faithful, coverage, accuracy = list(zip(*looks, strict=True))[:4]
    found = {"step": steps, "coverage": coverage, "floor": status.get("floor") or {}}
    if min(faithful) >= 0:
        found["faithful"] = faithful
    return found | ({"accuracy": accuracy} if accuracy[-1] >= 0 else {})


def _rows(domains: Any) -> str:
    """What the rows of a translating run's pictures are."""
    if not domains:
        return ""
    a, b = domains
    if b == WHOLE:
        return f"Rows: {a[:1].lower()}{a[1:]}; as the generator repairs it; the whole picture."
    return f"Rows: {a}, as {b}, and back; {b}, as {a}, and back."


def _encodes(status: dict[str, Any]) -> bool:
    """Whether the run is one of a VAE."""
    return "negative_bound" in status.get("curves", {})


def _credit(dataset: Any) -> str:
    """Whose the pictures that the run learns from are; "" where that is not known."""
    terms = TERMS.get(dataset)
    return f"Data: {terms.credit}" if terms else ""


def _note(view: View, mine: bool) -> str:
    message = view.status.get("message") or ""
    if view.state == "example":
        minutes = max(1, round(view.status["seconds"] / 60))
        return (
            f"A recording of {minutes} minute{'s' if minutes > 1 else ''} of training. Drag the"
            " slider under the pictures to see its epochs. Press Start to train your own."
        )
    if view.state == "queued":
        return _queue_note(view)
    if view.state == "paused" and not message:
        message = "Meanwhile the machine is free for others." + (
            " Press Resume to go on." if mine else ""
        )
    if view.state in ("running", "preparing"):
        message = f"{message} {_gpu_note(view.status.get('gpu'), message) if mine else ''}"
        message = f"{message} {_turns_note(view.turns)}".strip()
    if unmeasured := view.status.get("unmeasured"):
        message = f"{message} Quality is not measured: {unmeasured}".strip()
    if not mine:
        message = f"You are watching somebody else's run. {message}".strip()
    return message


def _queue_note(view: View) -> str:
    """When a queued run begins."""
    if not view.turns:
        return HELD
    if view.place <= 1 and not view.wait:
        return "About to start."
    when = f"in about {minutes(view.wait)}" if view.wait else "when a place is free"
    return f"Place {view.place} in the queue. The run starts by itself {when}."


def _gpu_note(gpu: dict[str, Any] | None, message: str) -> str:
    """How much of the visitor's GPU time on ZeroGPU is used; nothing elsewhere."""
    if not gpu:
        return ""
    used = gpu["used"] + (max(0.0, time.time() - gpu["since"]) if message == ON_A_GPU else 0.0)
    note = f"Your runs here have used {used:.0f} seconds of GPU time today."
    if gpu["left"] is None:
        return f"{gpu['instead'] or QUOTAS} {note}"
    again = f"; there is more in {gpu['again']} hours" if gpu["again"] else ""
    return f"{gpu['instead']} {note} {gpu['left']:.0f} seconds are left{again}.".strip()


def _turns_note(turns: int) -> str:
    """How often a run has its turn; nothing while it is alone."""
    if turns == 1:
        return ""
    if not turns:
        return HELD
    return (
        f"{turns} runs take turns on this machine: each trains for {SECONDS_A_TURN:.0f} seconds"
        f" about every {minutes(turns * SECONDS_A_TURN)}."
    )


def minutes(seconds: float) -> str:
    """A time in words, as exact as one needs it."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} seconds"
    return f"{round(seconds / 60)} minutes"


def meanwhile(view: View) -> dict[str, Any] | None:
    """A recording to watch until the run has pictures of its own: of its preset if there is one."""
    run_id = f"{PREFIX}{view.preset}" if f"{PREFIX}{view.preset}" in folders() else example()
    epochs = recorded_epochs(run_id)
    if view.picture or not view.place or not epochs:
        return None
    return {"run": run_id, "title": title(run_id), "epochs": epochs}


def compare(config: TrainConfig, other: View, other_config: TrainConfig) -> dict[str, Any]:
    """What is shown of another run next to one with settings `config`: its curves and picture, and
    in words how the settings differ.
    """
    mine, theirs, labels = config.to_dict(), other_config.to_dict(), knobs()
    changed = [
        f"{labels[name].label}: {shown_text(mine[name])} here, {shown_text(theirs[name])} there"
        for name in mine
        if mine[name] != theirs[name]
    ]
    return {
        "run": other.run_id,
        "title": run_title(other),
        "curves": other.status.get("curves", {"step": []}),
        "quality": quality(other.status),
        "per_epoch": other.status.get("steps_per_epoch", 0.0),
        "picture": picture_address(other),
        "differs": _listed(changed),
        "all_differs": "\n".join(changed),
    }


def _listed(changed: list[str]) -> str:
    """The differences as a sentence; of many the first ones and how many more."""
    if not changed:
        return "All settings are the same."
    more = len(changed) - MOST_DIFFERENCES
    first = "; ".join(changed[:MOST_DIFFERENCES])
    return f"{first}; and {more} more." if more > 0 else f"{first}."


def run_title(view: View) -> str:
    """The title of a run in lists: day, time, preset and state."""
    if view.state == "example":
        return f"Recording: {view.status['title']}"
    month_day, clock = view.run_id.split("-")[:2]
    return (
        f"{month_day[2:]}.{month_day[:2]}. {clock[:2]}:{clock[2:]} {view.preset},"
        f" {STATES.get(view.state, view.state).lower()}"
    )


def preset_note(preset: str) -> str:
    """The text under a preset's name: its note, and its cure."""
    chosen = PRESETS[preset]
    cure = f" <b>Its cure:</b> {chosen.cure.why}" if chosen.cure else ""
    return chosen.note + cure + _recorded(preset)


def _recorded(preset: str) -> str:
    """A link to the preset's recording, beside that of its cure; "" if there is none."""
    run, known = f"{PREFIX}{preset}", folders()
    if run not in known:
        return ""
    cured = f"{run}-cured" if f"{run}-cured" in known else ""
    query = f"?tab=train&amp;run={run}" + (f"&amp;compare={cured}" if cured else "")
    words = "Watch it beside its cure" if cured else "Watch a recording"
    return f' <a href="{query}" data-run="{run}" data-compare="{cured}">{words}</a>.'


def cure_of(preset: str) -> Cure | None:
    """The cure of the preset that a run was started from, unless it has been changed or cured."""
    return PRESETS[preset].cure if preset in PRESETS else None
