"""What may follow what, and that no interleaving of visitors, worker and app breaks it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder, run_folder
from ganapp.runs.folder import PLAYED_ELSEWHERE
from ganapp.runs.player import Player
from ganapp.runs.states import GOING, PLAYING, RESUMABLE, TRANSITIONS, State
from tests.tiny import tiny_config

ENDS: tuple[State, ...] = ("paused", "stopped", "finished", "failed", "interrupted")


def test_the_table_names_every_state_that_is_written_down() -> None:
    assert {*TRANSITIONS} | {"pausing", "stopping"} == {*get_args(State)}
    assert RESUMABLE == ("paused", "interrupted", "stopped", "failed")
    assert all({*following} <= {*TRANSITIONS} for following in TRANSITIONS.values())
    assert {*GOING} | {*RESUMABLE} | {"finished"} == {*get_args(State)}


@pytest.mark.parametrize("state", TRANSITIONS)
def test_a_run_enters_only_what_may_follow(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    for number, after in enumerate(TRANSITIONS):
        run = RunFolder.create(f"0101-0000-{number}", tiny_config(), "digits", "key")
        run.update_status(state=state, message="before")
        entered = run.enter(after, "after")
        assert entered == (after in TRANSITIONS[state])
        expected = (after, "after") if entered else (state, "before")
        assert (run.status()["state"], run.status()["message"]) == expected


class StandIn:
    """In place of a worker: its states are written by the test, and it ends when the test says."""

    def __init__(self) -> None:
        self.pipe = self
        self.process = self
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        self.sent.append(message)


class RunsOfOneApp(RuleBasedStateMachine):
    """Two runs of two owners in an app of two slots; a model of what each is doing is compared with
    what is written, and with the queue and the slots, after every step.
    """

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.mkdtemp()
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv("GANAPP_HOME", self.home)
        self.registry = Registry(slots=0)
        self.slots = self.registry._slots
        self.runs: dict[str, str] = {}
        for owner in ("one", "two"):
            self.runs[self.registry.submit(tiny_config(), "digits", owner)] = owner
        self.ids = list(self.runs)
        self.seen: dict[str, State] = dict.fromkeys(self.ids, "queued")
        self.ended: set[str] = set()
        """Runs whose worker has said how it ends, and is still there."""

    def teardown(self) -> None:
        self.registry.close()
        self.patch.undo()
        shutil.rmtree(self.home, ignore_errors=True)

    def state(self, run_id: str) -> State:
        state: State = RunFolder(run_folder(run_id)).status()["state"]
        return state

    def player(self, run_id: str) -> Player | None:
        return self.slots.playing.get(run_id)

    # --- visitors -----------------------------------------------------------------------------

    @rule(which=st.integers(0, 1), act=st.sampled_from(["pause", "stop"]))
    def order(self, which: int, act: str) -> None:
        run_id = self.ids[which]
        before, queued = self.state(run_id), run_id in self.slots.queue
        act_on = getattr(self.registry, act)
        ends = act == "stop" and before in ("paused", "interrupted")
        if before in GOING or ends:
            act_on(run_id, self.runs[run_id])
            if queued or ends:
                assert self.state(run_id) == ("paused" if act == "pause" else "stopped")
            else:
                player = self.player(run_id)
                assert player is not None and player.ordered in (act, "stop")
        else:
            with pytest.raises(BadInput):
                act_on(run_id, self.runs[run_id])
            assert self.state(run_id) == before

    @rule(which=st.integers(0, 1))
    def resume(self, which: int) -> None:
        run_id = self.ids[which]
        before = self.state(run_id)
        if before in RESUMABLE:
            self.registry.resume(run_id, self.runs[run_id])
            assert self.state(run_id) == "queued" and self.slots.queue[-1] == run_id
        else:
            with pytest.raises(BadInput):
                self.registry.resume(run_id, self.runs[run_id])
            assert self.state(run_id) == before

    # --- slots and workers --------------------------------------------------------------------

    @rule()
    @precondition(lambda self: len(self.slots.playing) < 2)
    def take(self) -> None:
        first = next(
            (run for run in self.slots.queue if run not in self.slots.playing),
            None,
        )
        worker: Any = StandIn()
        player = self.slots.take(worker, 0)
        assert (player.run.run_id if player else None) == first

    def writes(self, run_id: str) -> bool:
        """Whether a worker still writes the states of this run."""
        return self.player(run_id) is not None and run_id not in self.ended

    @rule(which=st.integers(0, 1))
    def work(self, which: int) -> None:
        run_id = self.ids[which]
        following: dict[State, State] = {"queued": "preparing", "preparing": "running"}
        if self.writes(run_id) and self.state(run_id) in following:
            RunFolder(run_folder(run_id)).update_status(state=following[self.state(run_id)])

    @rule(which=st.integers(0, 1), end=st.sampled_from(ENDS))
    def say_the_end(self, which: int, end: State) -> None:
        run_id = self.ids[which]
        if self.writes(run_id) and self.state(run_id) in PLAYING:
            RunFolder(run_folder(run_id)).update_status(state=end)
            self.ended.add(run_id)

    @rule(
        which=st.integers(0, 1),
        exitcode=st.sampled_from([0, 1, -9, PLAYED_ELSEWHERE]),
        broken=st.booleans(),
    )
    def exit(self, which: int, exitcode: int, broken: bool) -> None:
        run_id = self.ids[which]
        player = self.player(run_id)
        if player is None:
            return
        said, before = run_id in self.ended, self.state(run_id)
        if exitcode == PLAYED_ELSEWHERE and (said or before != "queued"):
            return  # such a worker has written nothing
        player.exitcode = exitcode
        player.failure = "broken" if broken and exitcode != PLAYED_ELSEWHERE else ""
        self.slots.settle(player)
        self.ended.discard(run_id)
        after = self.state(run_id)
        if not said:
            assert after in ("paused", "stopped", "interrupted", "failed")
        elif before == "queued":
            assert after == "queued"  # the next play is not settled by the end of the last one
        else:
            assert after in (before, "stopped")

    @rule()
    def restart(self) -> None:
        """Another app finds the same runs as this one holds."""
        if self.slots.playing:
            return
        after = Registry(slots=0)
        assert sorted(after._slots.queue) == sorted(self.slots.queue)
        with contextlib.suppress(BadInput):
            after.close()

    # --- always -------------------------------------------------------------------------------

    @invariant()
    def holds(self) -> None:
        for run_id in self.ids:
            state, queued = self.state(run_id), run_id in self.slots.queue
            player = self.player(run_id)
            assert self.slots.queue.count(run_id) <= 1
            if queued:
                assert state == "queued" and (player is None or player.superseded)
            if state == "queued":
                assert queued or (player is not None and not player.superseded)
            if state in PLAYING:
                assert player is not None and not queued
            if player is None and not queued:
                assert state in ENDS
            before = self.seen[run_id]
            # of several changes in one step, the first is not seen
            assert state == before or any(
                state in TRANSITIONS[middle] for middle in (before, *TRANSITIONS[before])
            )
            self.seen[run_id] = state


def test_no_interleaving_loses_a_run_or_settles_another_play() -> None:
    run_state_machine_as_test(
        RunsOfOneApp, settings=settings(max_examples=150, stateful_step_count=40, deadline=None)
    )
