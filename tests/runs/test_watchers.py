"""Which pages look at which runs, by a clock of the test's own."""

from __future__ import annotations

import pytest

from ganapp.runs import watchers as module
from ganapp.runs.watchers import SECONDS_OF_ATTENTION, SECONDS_OF_SILENCE, Watchers


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_of_very_many_watchers_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WATCHERS", 3)
    watchers = Watchers()
    for page in "abcdeb":
        watchers.watch(page, f"run-{page}")
    assert [watchers.count(f"run-{page}") for page in "abcde"] == [0, 1, 0, 1, 1]
    watchers.watch("d", "run-b")
    assert watchers.count("run-b") == 2 and watchers.count("run-d") == 0


def test_a_run_is_watched_for_a_while_after_somebody_asked() -> None:
    clock = Clock()
    watchers = Watchers(clock)
    assert not watchers.is_watched("run")
    watchers.watch("page", "run")
    clock.now += SECONDS_OF_ATTENTION - 1
    assert watchers.is_watched("run")
    clock.now += 2
    assert not watchers.is_watched("run")
    watchers.touch("run")
    assert watchers.is_watched("run")


def test_a_run_is_alone_when_its_pages_are_gone_or_long_silent() -> None:
    clock = Clock()
    watchers = Watchers(clock)
    watchers.watch("page", "run")
    clock.now += 100
    assert not watchers.is_alone("run", seconds=60)  # the page is still there
    watchers.unwatch("page")
    assert not watchers.is_alone("run", seconds=60)  # it left just now
    clock.now += 61
    assert watchers.is_alone("run", seconds=60)
    watchers.watch("page", "run")
    clock.now += SECONDS_OF_SILENCE + 1
    assert watchers.is_alone("run", seconds=60)
    assert watchers.is_alone("another", seconds=60)
