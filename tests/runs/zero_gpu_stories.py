"""What happens to runs on ZeroGPU: `tell()` prints a JSON object, in a process that has been told
it is such a Space. The package `spaces` that it imports is the tests' stand-in.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import spaces  # before torch
import torch
from gradio.context import LocalContext

from ganapp import checkpoints
from ganapp.config.training import TrainConfig
from ganapp.runs import (
    Registry,
    RunFolder,
    View,
    capacity,
    gpu_player,
    recorder,
    run_folder,
    session,
    watchers,
)
from ganapp.runs.recorder import Cadence
from ganapp.training import train
from tests.tiny import tiny_config

USUAL = session.CADENCE, recorder.SHARE_FOR_SAVING
SHORT = gpu_player.SECONDS_TO_BEGIN_AND_SAVE
"""A call that ends at its second snapshot."""
CONFIG = tiny_config(batch_size=100, epochs=3)


class Visitor:
    """Stands in for the request of a Gradio event."""

    def __init__(self, token: str) -> None:
        self.headers = {"x-ip-token": token}


def until(registry: Registry, run_id: str, reached: Callable[[View], bool]) -> View:
    """The run as soon as that is so; it is watched meanwhile."""
    end = time.monotonic() + 90
    while not reached(view := registry.view(run_id)):
        registry.watch("a page", run_id)
        assert time.monotonic() < end, {k: view.status[k] for k in ("state", "step", "gpu")}
        time.sleep(0.05)
    return view


def over(view: View) -> bool:
    return view.state in ("finished", "failed", "interrupted", "stopped", "paused")


def equals_plain(run_id: str, config: TrainConfig) -> dict[str, bool]:
    """Whether a run has ended bit for bit as one that is simply played."""
    *_, last = train(config)
    state, saved = last.capture(), checkpoints.load_state(run_folder(run_id))
    run = RunFolder(run_folder(run_id))
    return {
        "state": saved.step == state.step
        and all(torch.equal(saved.tensors[name], value) for name, value in state.tensors.items()),
        "scores": len(run.scores()) == last.steps,
    }


def start(registry: Registry, config: TrainConfig) -> str:
    LocalContext.request.set(Visitor("ada"))  # type: ignore[arg-type]
    return registry.submit(config, "digits", "a key")


def several_calls(registry: Registry) -> dict[str, Any]:
    """Calls of two snapshots each."""
    run_id = start(registry, CONFIG)
    notes = set()

    def reached(view: View) -> bool:
        notes.add(view.status["message"])
        return over(view)

    view = until(registry, run_id, reached)
    return equals_plain(run_id, CONFIG) | {
        "ended": view.state,
        "calls": len(spaces.calls),
        "visitors": sorted({visitor for visitor, _ in spaces.calls}),
        "longest": max(seconds for _, seconds in spaces.calls),
        "notes": sorted(notes - {""}),
        "used": view.status["gpu"]["used"] > 0,
    }


def cut_off(registry: Registry) -> dict[str, Any]:
    """Calls that are killed after a few snapshots, of which nearly every one was saved."""
    session.CADENCE, recorder.SHARE_FOR_SAVING = Cadence(states=0.0), 1.0
    config = CONFIG.altered(epochs=10)
    run_id = start(registry, config)
    view = until(registry, run_id, over)
    session.CADENCE, recorder.SHARE_FOR_SAVING = USUAL
    return equals_plain(run_id, config) | {"ended": view.state, "calls": len(spaces.calls)}


def used_up(registry: Registry) -> dict[str, Any]:
    """A quota that is enough for one short call."""
    run_id = start(registry, CONFIG)
    told = until(
        registry,
        run_id,
        lambda view: view.status.get("gpu", {}).get("instead") == gpu_player.USED_UP,
    )
    view = until(registry, run_id, over)
    return equals_plain(run_id, CONFIG) | {
        "ended": view.state,
        "calls": len(spaces.calls),
        "left": told.status["gpu"]["left"],
        "again": told.status["gpu"]["again"],
    }


def stopped_while_waiting(registry: Registry) -> dict[str, Any]:
    """A stop before any GPU was there, and what the call does when it gets one."""
    run_id = start(registry, CONFIG)
    until(registry, run_id, lambda view: view.status["message"] == gpu_player.WAITING)
    begun = time.monotonic()
    registry.stop(run_id, "a key")
    view = until(registry, run_id, over)
    waited = time.monotonic() - begun
    while not spaces.calls:
        time.sleep(0.05)
    time.sleep(1)
    after = registry.view(run_id)
    return {"ended": view.state, "late": waited > spaces.DELAY, "step": after.status["step"]}


def paused_and_resumed(registry: Registry) -> dict[str, Any]:
    """A pause in a call."""
    config = CONFIG.altered(epochs=6)
    run_id = start(registry, config)
    until(registry, run_id, lambda view: view.status.get("step", 0) > 20)
    registry.pause(run_id, "a key")
    rested = until(registry, run_id, over)
    registry.resume(run_id, "a key")
    view = until(registry, run_id, over)
    return equals_plain(run_id, config) | {
        "rested": rested.state,
        "said": rested.status["message"],
        "ended": view.state,
    }


def unwatched(registry: Registry) -> dict[str, Any]:
    """Nobody looks after the first call."""
    attention, watchers.SECONDS_OF_ATTENTION = watchers.SECONDS_OF_ATTENTION, 1.0
    run_id = start(registry, CONFIG.altered(epochs=200))
    until(registry, run_id, lambda view: view.status.get("step", 0) > 0)
    time.sleep(4)
    calls, step = len(spaces.calls), registry.view(run_id).status["step"]
    time.sleep(2)
    rested = (len(spaces.calls), registry.view(run_id).status["step"]) == (calls, step)
    until(registry, run_id, lambda view: view.status["step"] > step)
    registry.stop(run_id, "a key")
    watchers.SECONDS_OF_ATTENTION = attention
    return {"rested": rested, "ended": until(registry, run_id, over).state}


def closed(registry: Registry) -> dict[str, Any]:
    """The app closes in a call."""
    run_id = start(registry, CONFIG.altered(epochs=200))
    step = until(registry, run_id, lambda view: view.status.get("step", 0) > 20).status["step"]
    registry.close()
    view = registry.view(run_id)
    return {"ended": view.state, "saved": checkpoints.load_state(run_folder(run_id)).step >= step}


def diverged(registry: Registry) -> dict[str, Any]:
    """Learning rates that are far too high."""
    config = CONFIG.altered(epochs=200, discriminator_lr=10.0, generator_lr=10.0, optimizer="sgd")
    view = until(registry, start(registry, config), over)
    return {"ended": view.state, "said": view.status["message"]}


class Story(NamedTuple):
    """What happens, the seconds that the stand-in is set to, and those of a call."""

    happens: Callable[[Registry], dict[str, Any]]
    quota: float = 1000.0
    delay: float = 0.2
    cut: int = 1_000_000
    call: float = 45.0


STORIES = {
    "several calls": Story(several_calls, call=SHORT),
    "cut off": Story(cut_off, cut=5),
    "used up": Story(used_up, quota=11, call=SHORT),
    "stopped while waiting": Story(stopped_while_waiting, delay=3),
    "paused and resumed": Story(paused_and_resumed),
    "unwatched": Story(unwatched, call=SHORT),
    "diverged": Story(diverged),
    "closed": Story(closed),
}


def tell() -> None:
    """Plays all stories, one after the other."""
    torch.set_num_threads(1)
    told = {}
    for name, story in STORIES.items():
        spaces.QUOTA, spaces.DELAY, spaces.CUT = story.quota, story.delay, story.cut
        spaces.calls.clear()
        spaces.used.clear()
        capacity.SECONDS_A_CALL = story.call
        with contextlib.closing(Registry()) as made:
            told[name] = story.happens(made)
    print(json.dumps(told))
