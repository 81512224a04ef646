"""The augmentation experiment in the app: one at a time, the others in a line, stopped at once, and
the real one at its smallest.
"""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from PIL import Image

from ganapp.errors import BadInput
from ganapp.experiments import augmentation_worker
from ganapp.experiments.augmentation import WAYS, Examples, Result, Setting
from ganapp.ui.augmentation import handlers, tab
from ganapp.ui.augmentation.handlers import KNOBS, RECORDED, TITLES, UNWATCHED_SECONDS, Experiments

USUAL = {name: knob.value for name, knob in KNOBS.items()}
TINY = Setting(
    5,
    steps=4,
    gan_steps=1,
    generated=20,
    gan=(("width", 4), ("latent_size", 4), ("precision", "float32")),
)
RESULTS = Path(__file__).resolve().parents[3] / "docs" / "results.md"


class Bench:
    """Stands for the process: yields a result whenever a test lets it, and remembers what was
    played and how many played at once.
    """

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.asked: list[tuple[Setting, list[int]]] = []
        self.playing, self.most = 0, 0
        self.problem: Exception | None = None

    def __call__(
        self, setting: Setting, seeds: Sequence[int], wanted: Callable[[], bool]
    ) -> Iterator[Result]:
        self.asked.append((setting, list(seeds)))
        self.playing += 1
        self.most = max(self.most, self.playing)
        try:
            for seed in seeds:
                for number, way in enumerate(WAYS):
                    while not self.go.acquire(timeout=0.01):
                        if not wanted():
                            return
                    if self.problem:
                        raise self.problem
                    yield Result(
                        setting.per_class,
                        seed,
                        way,
                        0.8 + 0.01 * number + 0.001 * seed * seed * (number == 3),
                    )
        finally:
            self.playing -= 1


def until(
    trials: Experiments, key: str, reached: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Looks until it is as wanted."""
    for _ in range(6000):
        shown = trials.look(key)
        if reached(shown):
            return shown
        time.sleep(0.01)
    raise AssertionError(shown)


def over(shown: dict[str, Any]) -> bool:
    return shown["state"] not in ("waiting", "running")


def allow(bench: Bench, results: int) -> None:
    for _ in range(results):
        bench.go.release()


def test_results_come_one_by_one() -> None:
    bench = Bench()
    trials = Experiments(bench)
    key = trials.start(USUAL)["trial"]
    shown = until(trials, key, lambda shown: shown["state"] == "running")
    assert shown["now"].startswith("Draw 1 of 1, None") and shown["all"] == 4
    allow(bench, 2)
    shown = until(trials, key, lambda shown: shown["done"] == 2)
    assert [way["draws"] for way in shown["ways"]] == [
        [80.0],
        [81.0],
        [],
        [],
    ] and "GAN learns from 100 digits" in shown["now"]
    assert shown["note"] == ""
    allow(bench, 2)
    shown = until(trials, key, over)
    assert shown["state"] == "done" and [way["mean"] for way in shown["ways"]] == [
        80.0,
        81.0,
        82.0,
        83.0,
    ]
    gains = "GAN over none: +2.0 points. Both over classic: +2.0 points. A single draw"
    assert gains in shown["note"]
    assert bench.asked == [(Setting(10, 200, 2000, generated=handlers.GENERATED), [0])]


def test_what_the_gan_drew_is_shown_and_the_results_are_a_file() -> None:
    rng = np.random.default_rng(0)
    sheets = Examples(
        1, *(rng.integers(256, size=(4, 10, 8, 8, 1), dtype=np.uint8) for _ in range(2))
    )

    def play(
        setting: Setting, seeds: Sequence[int], wanted: Callable[[], bool]
    ) -> Iterator[Result | Examples]:
        yield Result(setting.per_class, 0, "none", 0.8125)
        yield sheets
        yield Result(setting.per_class, 0, "gan", 0.75)

    trials = Experiments(play)
    key = trials.start(USUAL)["trial"]
    shown = until(trials, key, over)
    assert shown["done"] == 2 and shown["drawn"]["draw"] == 2
    assert (
        trials.look(key, 2)["drawn"] == {"draw": 2}
        and trials.look(key, 1)["drawn"] == shown["drawn"]
    )
    for kind in ("real", "generated"):
        sheet = Image.open(io.BytesIO(base64.b64decode(shown["drawn"][kind].partition(",")[2])))
        assert sheet.size == (2 + 10 * (8 + 2), 2 + 4 * (8 + 2))
    lines = (
        base64.b64decode(tab.handlers(trials)["table"]({"trial": key})["data"])
        .decode()
        .splitlines()
    )
    assert lines[0].startswith("digits_a_class,") and lines[1:] == [
        "10,200,2000,0.25,1,none,0.8125",
        "10,200,2000,0.25,1,gan,0.75",
    ]


def test_several_draws_have_students_intervals() -> None:
    bench = Bench()
    trials = Experiments(bench)
    key = trials.start(USUAL | {"seeds": 3})["trial"]
    allow(bench, 12)
    shown = until(trials, key, over)
    both = [0.83, 0.831, 0.834]
    interval = scipy.stats.ttest_1samp(both, 0).confidence_interval()
    assert shown["ways"][3]["interval"] == [round(100 * end, 1) for end in interval]
    over_classic = scipy.stats.ttest_1samp(np.array(both) - 0.81, 0).confidence_interval()
    assert (
        f"[{100 * over_classic.low:+.1f}, {100 * over_classic.high:+.1f}]" in shown["note"]
        and "A single draw" not in shown["note"]
    )


def test_one_at_a_time_and_the_others_are_told_their_place() -> None:
    bench = Bench()
    trials = Experiments(bench)
    keys = [trials.start(USUAL | {"per_class": 5 * (i + 1)})["trial"] for i in range(3)]
    until(trials, keys[0], lambda shown: shown["state"] == "running")
    assert [trials.look(key)["place"] for key in keys] == [0, 1, 2]
    assert [trials.look(key)["state"] for key in keys] == ["running", "waiting", "waiting"]
    trials.stop(keys[1])
    assert trials.look(keys[2])["place"] == 1
    allow(bench, 8)
    until(trials, keys[2], over)
    assert [setting.per_class for setting, _ in bench.asked] == [5, 15] and bench.most == 1


def test_a_stopped_one_keeps_what_it_found_and_makes_room() -> None:
    bench = Bench()
    trials = Experiments(bench)
    first, second = (trials.start(USUAL)["trial"] for _ in range(2))
    allow(bench, 1)
    until(trials, first, lambda shown: shown["done"] == 1)
    stopped = trials.stop(first)
    assert (
        stopped["state"] == "stopped"
        and stopped["done"] == 1
        and trials.stop(first)["state"] == "stopped"
    )
    until(trials, second, lambda shown: shown["state"] == "running")
    assert bench.most == 1
    trials.stop(second)


def test_what_nobody_looks_at_is_given_up() -> None:
    bench, now = Bench(), [0.0]
    trials = Experiments(bench, lambda: now[0])
    first, second = (trials.start(USUAL)["trial"] for _ in range(2))
    until(trials, first, lambda shown: shown["state"] == "running")
    now[0] = UNWATCHED_SECONDS
    trials.look(second)
    now[0] = UNWATCHED_SECONDS + 1
    until(trials, second, lambda shown: shown["state"] == "running")
    given_up = trials.look(first)
    assert given_up["state"] == "stopped" and "Nobody watched" in given_up["problem"]
    trials.stop(second)


@pytest.mark.parametrize(
    ("problem", "words"),
    [(BadInput("No digits."), "No digits."), (RuntimeError("secret path"), "log says why")],
)
def test_one_that_breaks_is_told_and_the_next_goes_on(problem: Exception, words: str) -> None:
    bench = Bench()
    trials = Experiments(bench)
    bench.problem = problem
    key = trials.start(USUAL)["trial"]
    allow(bench, 1)
    shown = until(trials, key, over)
    assert (
        shown["state"] == "failed"
        and words in shown["problem"]
        and "secret" not in shown["problem"]
    )
    bench.problem = None
    allow(bench, 4)
    assert until(trials, trials.start(USUAL)["trial"], over)["state"] == "done"


def test_the_line_and_what_is_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MOST_WAITING", 2)
    monkeypatch.setattr(handlers, "MOST_KEPT", 3)
    trials = Experiments(Bench())
    first = trials.start(USUAL)["trial"]
    until(trials, first, lambda shown: shown["state"] == "running")
    second, third = (trials.start(USUAL)["trial"] for _ in range(2))
    with pytest.raises(BadInput, match="2 experiments are waiting"):
        trials.start(USUAL)
    trials.stop(second)
    trials.stop(third)
    trials.start(USUAL)
    with pytest.raises(BadInput, match="no longer known"):
        trials.look(second)
    assert trials.look(first)["state"] == "running"
    trials.stop(first)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("start", None),
        ("start", {}),
        ("start", USUAL | {"per_class": 10_000}),
        ("start", USUAL | {"seeds": "1"}),
        ("start", USUAL | {"gan_steps": float("inf")}),
        ("look", {"trial": "guessed"}),
        ("look", {"trial": ["x"]}),
        ("stop", "x"),
    ],
)
def test_forged_questions_get_a_sentence(name: str, asked: Any) -> None:
    bench = Bench()
    answer = tab.handlers(Experiments(bench))[name](asked)
    assert (
        set(answer) == {"problem", "over"} and answer["problem"].endswith(".") and not bench.asked
    )


def test_the_process_plays_the_experiment_for_real() -> None:
    news = list(augmentation_worker.played(TINY, [0], lambda: True))
    results = [one for one in news if isinstance(one, Result)]
    assert [result.way for result in results] == list(WAYS) and all(
        0 <= result.accuracy <= 1 for result in results
    )
    (drawn,) = (one for one in news if isinstance(one, Examples))
    assert news.index(drawn) == 2  # the other two ways do not wait for the GAN
    assert drawn.real.shape[:2] == (4, 10) and drawn.generated.shape[:2] == (2, 10)


def test_a_process_that_is_not_wanted_ends_and_one_with_a_bad_setting_says_why() -> None:
    assert (
        list(augmentation_worker.played(TINY._replace(gan_steps=10**6), [0], lambda: False)) == []
    )
    with pytest.raises(BadInput, match="ask for fewer"):
        list(augmentation_worker.played(TINY._replace(per_class=9000), [0], lambda: True))


def test_the_recorded_results_are_those_of_the_page() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    assert all(f"| {' | '.join(row)} |" in text for row in RECORDED)
    assert all(len(row) == 1 + len(TITLES) + 2 for row in RECORDED) and tuple(TITLES) == WAYS
