"""Whose turn it is, by a clock and by watchers of the test's own."""

from __future__ import annotations

import pytest

from ganapp.runs.turns import (
    LONGEST_WITHOUT_A_PICTURE,
    SECONDS_A_TURN,
    SECONDS_AFTER_THE_FIRST_PICTURE,
    Turns,
)


class Class:
    """A slot, its clock and what people look at."""

    def __init__(self) -> None:
        self.now = 100.0
        self.watched: set[str] = set()
        self.held: set[str] = set()
        self.turns = Turns(
            SECONDS_A_TURN,
            watched=lambda run_id: run_id in self.watched,
            held=lambda run_id: run_id in self.held,
            clock=lambda: self.now,
        )

    def wait(self, *run_ids: str) -> None:
        """These have had turns before, and wait."""
        for run_id in run_ids:
            self.turns.begin(run_id)
            self.turns.show(run_id)
            self.turns.park(run_id)

    def play(self, run_id: str, seconds: float) -> None:
        self.turns.begin(run_id)
        self.turns.show(run_id)
        self.now += seconds


@pytest.fixture
def room() -> Class:
    return Class()


def test_a_run_alone_has_no_end_of_its_turn(room: Class) -> None:
    room.play("a", 1000)
    assert not room.turns.is_over("a", newcomer=False) and room.turns.next() is None


def test_turns_go_round_among_those_who_are_watched(room: Class) -> None:
    room.watched = {"a", "b", "c"}
    room.wait("a", "b", "c")
    order = []
    for _ in range(7):
        run_id = room.turns.next()
        assert run_id
        order.append(run_id)
        room.play(run_id, SECONDS_A_TURN - 0.1)
        assert not room.turns.is_over(run_id, newcomer=False)
        room.now += 0.2
        assert room.turns.is_over(run_id, newcomer=False)
        room.turns.park(run_id)
    assert order == list("abcabca") and len(room.turns) == 3


def test_a_newcomer_waits_for_no_full_turn(room: Class) -> None:
    room.play("a", SECONDS_AFTER_THE_FIRST_PICTURE / 2)
    assert not room.turns.is_over("a", newcomer=True)
    room.now += SECONDS_AFTER_THE_FIRST_PICTURE
    assert room.turns.is_over("a", newcomer=True)


def test_a_first_turn_lasts_until_there_is_a_picture(room: Class) -> None:
    room.turns.begin("a")
    room.now += LONGEST_WITHOUT_A_PICTURE - 1
    assert not room.turns.is_over("a", newcomer=True)
    room.turns.show("a")
    assert not room.turns.is_over("a", newcomer=True)
    room.now += SECONDS_AFTER_THE_FIRST_PICTURE
    assert room.turns.is_over("a", newcomer=True)


def test_a_first_turn_without_any_picture_ends_too(room: Class) -> None:
    room.turns.begin("a")
    room.now += LONGEST_WITHOUT_A_PICTURE + 1
    assert room.turns.is_over("a", newcomer=True)
    assert not room.turns.is_over("a", newcomer=False)
    room.turns.park("a")
    room.turns.begin("a")
    room.now += 1
    assert not room.turns.is_over("a", newcomer=True)  # it has still none to show


def test_what_nobody_watches_waits_while_others_want_the_slot(room: Class) -> None:
    room.watched = {"b"}
    room.wait("a", "b", "c")
    assert room.turns.next() == "b"
    room.play("b", 10 * SECONDS_A_TURN)
    assert not room.turns.is_over("b", newcomer=False)  # the others are not watched
    room.turns.park("b")
    room.watched = set()
    assert room.turns.next() == "a"  # nobody else wants it
    room.play("a", SECONDS_AFTER_THE_FIRST_PICTURE)
    assert not room.turns.is_over("a", newcomer=False)
    room.watched = {"b"}
    assert room.turns.is_over("a", newcomer=False)


def test_runs_that_are_held_wait(room: Class) -> None:
    room.watched = {"a", "b"}
    room.wait("a", "b")
    room.held = {"a"}
    assert room.turns.next() == "b"
    room.play("b", 0.0)
    room.held = {"b"}
    assert room.turns.is_over("b", newcomer=False) and room.turns.next() == "a"
    room.held = {"a", "b"}
    assert room.turns.next() is None


def test_who_has_left_takes_no_turn(room: Class) -> None:
    room.wait("a", "b")
    room.turns.leave("a")
    room.play("b", 0.0)
    room.turns.leave("b")
    room.turns.leave("unknown")
    assert room.turns.next() is None and len(room.turns) == 0
    assert not room.turns.is_over("b", newcomer=True)
