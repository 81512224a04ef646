"""Each visitor's own experiment, in processes that play it only while it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ganapp.config.lab import LabConfig
from ganapp.lab import worker
from ganapp.lab.pool import LEAST_SECONDS, SECONDS_OF_PLAY, LabPool, share_of
from ganapp.lab.worker import Experiments, LabRequest

SMALL = LabConfig(generator_units=8, discriminator_units=8, batch_size=16)


@pytest.fixture
def pool() -> Iterator[LabPool]:
    made = LabPool(1)
    yield made
    made.close()


def ask(act: str, lab: str = "a", config: LabConfig = SMALL, fresh: bool = False) -> LabRequest:
    return LabRequest(lab, config, act, frozenset(("fake",)), 0.01, fresh)


def test_an_experiment_goes_on_where_it_was() -> None:
    labs = Experiments()
    first = labs.answer(ask("look"))
    assert first["began"] and first["step"] == 0 and "still" in first
    assert labs.answer(ask("both"))["step"] == 1
    half = labs.answer(ask("discriminator"))
    assert half["halfway"] and half["step"] == 1
    assert labs.answer(ask("generator"))["step"] == 2
    played = labs.answer(ask("play"))
    assert played["step"] == 2 + played["rounds"] and played["rounds"] >= 1 and not played["began"]
    assert "still" not in played
    assert labs.answer(ask("reset"))["step"] == 0


def test_visitors_have_their_own() -> None:
    labs = Experiments()
    labs.answer(ask("both", "a"))
    assert labs.answer(ask("look", "b"))["step"] == 0
    assert labs.answer(ask("look", "a"))["step"] == 1


def test_a_page_that_has_nothing_yet_gets_what_stays_the_same() -> None:
    labs = Experiments()
    labs.answer(ask("look"))
    assert "still" in labs.answer(ask("look", fresh=True))


def test_settings_change_on_the_way_or_begin_anew() -> None:
    labs = Experiments()
    labs.answer(ask("both"))
    faster = LabConfig.from_dict(SMALL.to_dict() | {"generator_lr": 0.01})
    other = labs.answer(ask("look", config=faster))
    assert other["step"] == 1 and not other["began"]
    larger = LabConfig.from_dict(SMALL.to_dict() | {"generator_units": 9})
    anew = labs.answer(ask("look", config=larger))
    assert anew["step"] == 0 and anew["began"] and "still" in anew


def test_the_one_not_asked_for_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_LABS", 2)
    labs = Experiments()
    for name in ("a", "b", "a", "c"):
        labs.answer(ask("both", name))
    assert labs.answer(ask("look", "a"))["step"] == 2
    assert labs.answer(ask("look", "b"))["began"]


def test_what_diverges_says_so_and_what_to_do() -> None:
    labs = Experiments()
    wild = LabConfig.from_dict(
        SMALL.to_dict()
        | {
            "optimizer": "sgd",
            "loss": "least-squares",
            "generator_lr": 10.0,
            "discriminator_lr": 10.0,
        }
    )
    answers = [labs.answer(ask("play", config=wild)) for _ in range(40)]
    assert any(
        "diverged" in answer.get("problem", "") and "Lower the learning rates" in answer["problem"]
        for answer in answers
    )


def test_a_broken_game_harms_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    labs = Experiments()
    labs.answer(ask("both", "b"))
    wild = LabConfig.from_dict(
        SMALL.to_dict()
        | {
            "optimizer": "sgd",
            "loss": "least-squares",
            "generator_lr": 10.0,
            "discriminator_lr": 10.0,
        }
    )
    while "problem" not in labs.answer(ask("play", "a", config=wild)):
        pass
    tamer = LabConfig.from_dict(wild.to_dict() | {"generator_lr": 0.1, "discriminator_lr": 0.1})
    assert "diverged" in labs.answer(ask("look", "a", config=tamer))["problem"]
    assert "problem" not in labs.answer(ask("reset", "a", config=tamer))
    monkeypatch.setattr(worker.FrameRenderer, "frame", lambda *args, **named: 1 / 0)  # type: ignore[attr-defined] # the test looks inside
    assert "unexpected error" in labs.answer(ask("look", "a", config=tamer))["problem"]
    monkeypatch.undo()
    assert labs.answer(ask("both", "b"))["step"] == 2


def test_many_share_what_one_has_alone() -> None:
    assert share_of(1) == SECONDS_OF_PLAY
    assert share_of(30) == LEAST_SECONDS
    assert SECONDS_OF_PLAY > share_of(8) > LEAST_SECONDS


def test_many_ask_at_once_and_all_are_answered(pool: LabPool) -> None:
    answers: list[dict[str, object]] = []

    def visit(name: str) -> None:
        answers.extend(
            pool.ask(name, SMALL, act, frozenset(("fake",)), False)
            for act in ("look", "play", "both")
        )

    visitors = [threading.Thread(target=visit, args=(f"visitor-{number}",)) for number in range(12)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(120)
    assert len(answers) == 36
    assert not [answer for answer in answers if "problem" in answer]


def test_a_process_that_ends_is_replaced(pool: LabPool) -> None:
    pool.ask("a", SMALL, "both", frozenset(), False)
    process = pool._workers[0]._process
    process.kill()
    process.join()
    answer = pool.ask("a", SMALL, "look", frozenset(), False)
    if "problem" in answer:  # it may be noticed only when the pipe breaks
        answer = pool.ask("a", SMALL, "look", frozenset(), False)
    assert answer["step"] == 0 and answer["began"]
