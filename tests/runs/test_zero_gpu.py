"""Runs on ZeroGPU, where a GPU is lent for short calls: each story in a process of its own, with a
stand-in for the package `spaces`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from ganapp.runs import gpu_player
from ganapp.runs.visitors import SECONDS_A_DAY, Visitor, Visitors
from ganapp.zero_gpu import Refusal, refusal_of

ROOT = Path(__file__).resolve().parents[2]
SAME = {"state": True, "scores": True, "ended": "finished"}
"""A run that ended bit for bit as one that is played without any of this."""


Told = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What the stories tell, by their names."""
    environment = os.environ | {
        "SPACES_ZERO_GPU": "true",
        "GANAPP_HOME": str(tmp_path_factory.mktemp("runs")),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "standins"), str(ROOT)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from tests.runs.zero_gpu_stories import tell; tell()"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr[-3000:]
    found: Told = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_run_is_played_in_calls_on_its_visitors_time(told: Told) -> None:
    story = told["several calls"]
    assert story.items() >= SAME.items()
    assert story["calls"] >= 3 and story["visitors"] == ["ada"] and story["used"]
    assert story["longest"] <= 60
    assert {gpu_player.PLAYING, gpu_player.WAITING} <= set(story["notes"])


def test_calls_that_are_cut_off_lose_nothing(told: Told) -> None:
    assert told["cut off"].items() >= SAME.items() and told["cut off"]["calls"] >= 2


def test_a_run_goes_on_on_a_processor_when_the_time_is_used_up(told: Told) -> None:
    story = told["used up"]
    assert story.items() >= SAME.items() and story["calls"] == 1
    assert 0 < story["left"] < 11 and story["again"] == "3:12:00"


def test_a_run_that_waits_for_a_gpu_can_be_stopped(told: Told) -> None:
    assert told["stopped while waiting"] == {"ended": "stopped", "late": False, "step": 0}


def test_a_run_is_paused_in_a_call_and_resumed(told: Told) -> None:
    story = told["paused and resumed"]
    assert story.items() >= SAME.items() and story["rested"] == "paused" and not story["said"]


def test_nobodys_time_is_taken_while_nobody_looks(told: Told) -> None:
    assert told["unwatched"] == {"rested": True, "ended": "stopped"}


def test_a_run_that_diverges_says_so(told: Told) -> None:
    assert told["diverged"]["ended"] == "failed"
    assert "no longer a finite number" in told["diverged"]["said"]


def test_an_app_that_closes_in_a_call_saves_the_run(told: Told) -> None:
    assert told["closed"] == {"ended": "interrupted", "saved": True}


@pytest.mark.parametrize(
    ("title", "message", "refusal"),
    [
        (
            "ZeroGPU quota exceeded",
            "You have exceeded your free ZeroGPU quota (45s requested vs. 12s left). Try again in"
            " 1 day, 3:12:00. ",
            Refusal("quota", 12.0, "1 day, 3:12:00"),
        ),
        ("ZeroGPU quota exceeded", "Space app has reached its GPU limit. ", Refusal("quota")),
        ("ZeroGPU quota exceeded", "No GPU was available after 60s. ", Refusal("busy")),
        ("ZeroGPU queue timeout", "No GPU was available after 60s. ", Refusal("busy")),
        ("ZeroGPU client error", "No GPU was available", Refusal("busy")),
        ("ZeroGPU worker error", "GPU task aborted", Refusal("cut")),
        ("ZeroGPU worker error", "ValueError", Refusal("error")),
        ("Error", "something else", Refusal("error")),
    ],
)
def test_refusals_are_understood(title: str, message: str, refusal: Refusal) -> None:
    assert refusal_of(gr.Error(message, title=title)) == refusal
    assert refusal_of(RuntimeError("no network")) == Refusal("error")


def test_what_a_visitor_used_is_forgotten_the_next_day() -> None:
    now = SECONDS_A_DAY * 20000
    visitor = Visitor(lambda: now)
    visitor.spend(30)
    visitor.spend(12)
    visitor.left, visitor.again = 5.0, "1:00:00"
    assert visitor.account() == {"used": 42.0, "left": 5.0, "again": "1:00:00"}
    visitor.spend(2)
    assert visitor.account() == {"used": 44.0, "left": 3.0, "again": "1:00:00"}
    now += SECONDS_A_DAY
    assert visitor.account() == {"used": 0.0, "left": None, "again": ""}


def test_visitors_are_told_apart() -> None:
    visitors = Visitors()
    visitors.of("ada").spend(3)
    assert visitors.of("ada").account()["used"] == 3
    assert visitors.of("bob").account()["used"] == 0
