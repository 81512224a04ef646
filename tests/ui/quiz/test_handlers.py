"""Spot the fake: fair quizzes, truth that stays on the server, answers that count once, and a tally
that threads cannot spoil.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from ganapp import checkpoints
from ganapp.datasets import DATASETS
from ganapp.errors import BadInput
from ganapp.experiments.scoring import arrays
from ganapp.pictures import from_uint8
from ganapp.ui.parts import catalog
from ganapp.ui.quiz import handlers, tab
from ganapp.ui.quiz.handlers import (
    COUNT,
    FORGOTTEN,
    GRACE,
    Scoreboard,
    by_chance,
    drawn,
    rule,
    stock_of,
    verdicts,
)
from tests.ui.models import make, pixels


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ten_classes(**settings: Any) -> Any:
    """A small model of the bundled digits, at their size and with their classes."""
    made = make(**settings)
    return type(made)(made.config.to_dict(), [str(i) for i in range(10)], 1, {"preset": "digits"})


@pytest.fixture(scope="module")
def model() -> Any:
    return ten_classes(minibatch_std=False)


def started(room: Scoreboard, model: Any, seconds: int = 0, name: str = "bundled:digits") -> str:
    return room.start(name, model, seconds)["quiz"]


def truths(room: Scoreboard, quiz: str) -> list[str]:
    return ["real" if picture.real else "fake" for picture in room._quizzes[quiz].pictures]


def played(room: Scoreboard, quiz: str, right: int) -> dict[str, Any]:
    """Plays a whole quiz with the first `right` answers right; what the last answer told."""
    other = {"real": "fake", "fake": "real"}
    for number, truth in enumerate(truths(room, quiz)):
        room.look(quiz, number)
        answer = room.answer(quiz, number, truth if number < right else other[truth])
    return answer


def test_half_are_real_in_an_order_of_chance(model: Any) -> None:
    stock = stock_of(model)
    quizzes = [drawn(model, stock, np.random.default_rng(seed)) for seed in range(6)]
    orders = {tuple(picture.real for picture in quiz) for quiz in quizzes}
    assert len(orders) == 6 and {sum(order) for order in orders} == {COUNT // 2}
    again = drawn(model, stock, np.random.default_rng(0))
    assert again == quizzes[0]
    assert all(len({picture.src for picture in quiz}) == COUNT for quiz in quizzes)


def test_real_pictures_have_the_models_size_and_none_is_both_shown_and_used_for_the_rule(
    model: Any,
) -> None:
    stock = stock_of(model)
    known = {
        image.tobytes()
        for image in arrays(
            DATASETS["digits"](lambda share, what: None).resized(model.config.image_size)
        )
    }
    for picture in drawn(model, stock, np.random.default_rng(1)):
        assert (pixels(picture.src).tobytes() in known) == picture.real
    half = len(stock.others) // 2
    assert {image.tobytes() in known for image in stock.others[:half]} == {True}
    assert not {image.tobytes() for image in stock.others} & {
        image.tobytes() for image in arrays(stock.real)
    }


@pytest.mark.parametrize(
    "settings", [{}, {"conditional": False}, {"loss": "hinge"}, {"model": "mlp"}]
)
def test_verdicts_are_the_discriminators_on_the_very_pixels_shown(settings: dict[str, Any]) -> None:
    model = ten_classes(**{"minibatch_std": False} | settings)
    stock = stock_of(model)
    quiz = drawn(model, stock, np.random.default_rng(2))
    seen = from_uint8(np.stack([pixels(picture.src) for picture in quiz])[..., None])
    labels = np.array([int(picture.name) for picture in quiz]) if model.config.conditional else None
    scores = model.scores(seen, labels)
    assert np.ptp(scores) > 1e-3
    assert [picture.score for picture in quiz] == pytest.approx(scores.tolist(), abs=1e-5)
    assert [picture.judged_real for picture in quiz] == [
        picture.score > stock.threshold for picture in quiz
    ]
    assert stock.threshold == 0.5 or settings.get("loss") == "hinge"


def test_a_discriminator_that_compares_pictures_sees_them_among_the_others() -> None:
    model = ten_classes(minibatch_std=True)
    stock = stock_of(model)
    labels = stock.real.labels.numpy()[:4]
    images = arrays(stock.real)[:4]
    together = model.scores(
        from_uint8(np.concatenate([images, stock.others])), np.concatenate([labels, stock.labels])
    )[:4]
    assert verdicts(model, stock, images, labels).tolist() == together.tolist()
    assert (
        np.abs(
            verdicts(model, stock, images, labels) - model.scores(from_uint8(images), labels)
        ).max()
        > 1e-6
    )
    assert "together with those" in rule(model)


def test_a_critics_threshold_is_midway_between_its_means_on_other_pictures() -> None:
    model = ten_classes(loss="hinge", minibatch_std=False)
    stock = stock_of(model)
    scores, half = model.scores(from_uint8(stock.others), stock.labels), len(stock.others) // 2
    assert stock.threshold == pytest.approx(
        (scores[:half].mean() + scores[half:].mean()) / 2, abs=1e-4
    )
    assert f"above {stock.threshold:.2f}" in rule(model) and "critic" in rule(model)


def test_what_is_sent_before_an_answer_does_not_hold_the_truth(model: Any) -> None:
    room = Scoreboard(Clock())
    made = room.start("bundled:digits", model, 5)
    answer = json.dumps(made)
    assert set(made) == {"quiz", "count", "seconds", "side", "rule"} and len(made["quiz"]) >= 20
    for number, truth in enumerate(truths(room, made["quiz"])):
        shown = room.look(made["quiz"], number)
        assert set(shown) == {"src", "name", "number"} and shown["src"] not in answer
        head = shown["src"].partition(",")[0]
        assert head == "data:image/png;base64"
        answered = room.answer(made["quiz"], number, "real")
        assert answered["real"] == (truth == "real") == answered["right"]


def test_nobody_looks_ahead(model: Any) -> None:
    room = Scoreboard(Clock())
    quiz = started(room, model)
    for act in (
        lambda: room.look(quiz, 1),
        lambda: room.answer(quiz, 0, "real"),
        lambda: room.answer(quiz, 1, "real"),
    ):
        with pytest.raises(BadInput, match="answer"):
            act()  # type: ignore[no-untyped-call] # not annotated there
    assert not room._quizzes[quiz].answers


def test_an_answer_counts_once(model: Any) -> None:
    room = Scoreboard(Clock())
    quiz = started(room, model)
    truth = truths(room, quiz)[0]
    room.look(quiz, 0)
    first = room.answer(quiz, 0, "real")
    assert room.answer(quiz, 0, "fake") == first == room.answer(quiz, 0, "real")
    assert first["right"] == (truth == "real") and len(room._quizzes[quiz].answers) == 1
    with pytest.raises(BadInput):
        room.look(quiz, 0)


def test_the_last_answer_asked_twice_is_tallied_once(model: Any) -> None:
    room = Scoreboard(Clock())
    quiz = started(room, model)
    answer = played(room, quiz, 13)
    assert room.answer(quiz, COUNT - 1, "real") == answer
    assert answer["tally"]["quizzes"] == 1 == room.tally("bundled:digits")["quizzes"]


def test_a_rooms_quizzes_have_a_tally_of_their_own_and_count_for_everybody(model: Any) -> None:
    room = Scoreboard(Clock())
    quiz = room.start("bundled:digits", model, 0, "ABCDE")["quiz"]
    assert played(room, quiz, 13)["tally"]["quizzes"] == 1
    played(room, started(room, model), 7)
    codes = ("", "ABCDE", "ZZZZZ")
    assert [room.tally("bundled:digits", code)["quizzes"] for code in codes] == [2, 1, 0]
    assert room.tally("bundled:digits", ["no", "code"])["quizzes"] == 2


@pytest.mark.parametrize(
    ("after", "right"), [(1.9, True), (2 + GRACE, True), (2 + GRACE + 0.01, False)]
)
def test_late_answers_are_wrong(model: Any, after: float, right: bool) -> None:
    clock = Clock()
    room = Scoreboard(clock)
    quiz = started(room, model, seconds=2)
    room.look(quiz, 0)
    clock.now += after / 2
    room.look(quiz, 0)  # looking again gives no more time
    clock.now += after / 2
    answer = room.answer(quiz, 0, truths(room, quiz)[0])
    assert answer["right"] == right and bool(answer["said"]) == right
    assert room._quizzes[quiz].answers[0].seconds == pytest.approx(min(after, 2))


def test_no_clock_waits_for_ever_and_running_out_is_wrong(model: Any) -> None:
    clock = Clock()
    room = Scoreboard(clock)
    quiz = started(room, model, seconds=0)
    room.look(quiz, 0)
    clock.now += 1e6
    assert room.answer(quiz, 0, truths(room, quiz)[0])["right"]
    room.look(quiz, 1)
    assert not room.answer(quiz, 1, "")["right"]


def test_the_result_tells_all(model: Any) -> None:
    clock = Clock()
    room = Scoreboard(clock)
    quiz = started(room, model, seconds=5)
    truth = truths(room, quiz)
    for number in range(COUNT):
        room.look(quiz, number)
        clock.now += 1.5
        answer = room.answer(quiz, number, "" if number == 0 else "real")
    result = answer["result"]
    assert (
        result["right"] == sum(t == "real" for t in truth[1:]) == answer["score"]
        and result["late"] == 1
    )
    assert (
        result["taken_for_real"] == sum(t == "fake" for t in truth[1:])
        and result["taken_for_fake"] == 0
    )
    assert result["seconds"] == 1.5 and result["chance"] == by_chance(result["right"])
    assert [picture["real"] for picture in result["pictures"]] == [t == "real" for t in truth]
    judged = [picture["judged_real"] == picture["real"] for picture in result["pictures"]]
    assert result["discriminator"] == sum(judged)


def test_chance_is_the_binomial_distributions() -> None:
    scores = range(COUNT + 1)
    assert [by_chance(right) for right in scores] == pytest.approx(
        [binom.sf(right - 1, COUNT, 0.5) for right in scores]
    )


def test_the_tally_is_right_under_threads(model: Any) -> None:
    room = Scoreboard()
    scores = [3, 8, 8, 15, 20, 11, 0, 8]
    quizzes = [started(room, model) for _ in scores]
    threads = [
        threading.Thread(target=played, args=(room, quiz, score))
        for quiz, score in zip(quizzes, scores, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally = room.tally("bundled:digits")
    assert tally["quizzes"] == len(scores) and tally["people"] == [
        scores.count(right) for right in range(COUNT + 1)
    ]
    judged = [room._quizzes[quiz].right_by_discriminator for quiz in quizzes]
    assert tally["means"] == [round(np.mean(scores), 2), pytest.approx(np.mean(judged), abs=0.0051)]
    assert room.tally("bundled:another")["quizzes"] == 0


def test_many_threads_with_one_answer_count_it_once(model: Any) -> None:
    room = Scoreboard()
    quiz = started(room, model)
    room.look(quiz, 0)
    answer: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda said=said: answer.append(room.answer(quiz, 0, said)))
        for said in ("real", "fake") * 8
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        len(answer) == 16
        and all(each == answer[0] for each in answer)
        and len(room._quizzes[quiz].answers) == 1
    )


def test_the_oldest_quiz_is_forgotten_with_a_sentence(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "MOST_QUIZZES", 2)
    room = Scoreboard()
    quizzes = [started(room, model) for _ in range(3)]
    asks = tab.handlers(room)
    assert asks["look"]({"quiz": quizzes[0], "number": 0}) == {"problem": FORGOTTEN, "over": True}
    assert asks["answer"]({"quiz": quizzes[0], "number": 0, "said": "real"})["problem"] == FORGOTTEN
    assert "src" in asks["look"]({"quiz": quizzes[1], "number": 0}) and len(room._quizzes) == 2


def test_tallies_are_bounded(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MOST_TALLIES", 2)
    room = Scoreboard()
    for name in ("a", "b", "c"):
        played(room, started(room, model, name=name), 5)
    assert [room.tally(name)["quizzes"] for name in ("a", "b", "c")] == [0, 1, 1]


def test_a_model_with_few_pictures_is_refused(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = DATASETS["digits"](lambda share, what: None)
    few = digits._replace(images=digits.images[:39], labels=digits.labels[:39])
    monkeypatch.setattr(handlers, "learned_pictures", lambda model: few)
    with pytest.raises(BadInput, match="39 pictures"):
        Scoreboard().start("x", ten_classes(minibatch_std=False), 0)


def test_a_model_of_other_classes_than_its_data_is_refused() -> None:
    with pytest.raises(BadInput, match="pictures or classes of this model differ"):
        Scoreboard().start("x", make(), 0)


def test_own_pictures_are_shown_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    run = tmp_path / "1122-0741-own"
    digits = DATASETS["digits"](lambda share, what: None)
    checkpoints.save(ten_classes(minibatch_std=False, dataset="own"), run)
    (run / "run.json").write_text("{}")
    np.savez(
        run / "pictures.npz",
        images=digits.images[:50].numpy(),
        labels=digits.labels[:50].numpy(),
        names=np.array(digits.class_names),
    )
    answer = tab.handlers(Scoreboard())["start"]({"model": "run:1122-0741-own", "seconds": 0})
    assert "somebody's own pictures" in answer["problem"] and "quiz" not in answer
    catalog.forget()


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("start", None),
        ("start", {}),
        ("start", {"model": "run:../secret", "seconds": 5}),
        ("start", {"model": ["bundled:digits"], "seconds": 5}),
        ("start", {"model": "bundled:digits", "seconds": 3}),
        ("start", {"model": "bundled:digits", "seconds": float("nan")}),
        ("start", {"model": "bundled:cyclegan-colour", "seconds": 5}),
        ("look", {}),
        ("look", {"quiz": ["x"], "number": 0}),
        ("answer", {"quiz": "guessed", "number": 0, "said": "real"}),
        ("tally", "x"),
    ],
)
def test_forged_questions_get_a_sentence(name: str, asked: Any) -> None:
    answer = tab.handlers(Scoreboard())[name](asked)
    assert set(answer) == {"problem", "over"} and answer["problem"].endswith(".")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "real"),
        (-1, "real"),
        (COUNT, "real"),
        (0.5, "real"),
        (0, "maybe"),
        (0, ["real"]),
        (0, None),
    ],
)
def test_forged_answers_count_nothing(model: Any, number: Any, said: Any) -> None:
    room = Scoreboard()
    quiz = started(room, model)
    room.look(quiz, 0)
    assert (
        "must be"
        in tab.handlers(room)["answer"]({"quiz": quiz, "number": number, "said": said})["problem"]
    )
    assert not room._quizzes[quiz].answers
