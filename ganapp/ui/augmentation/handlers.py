"""What the *Augmentation* tab runs: one experiment at a time for the whole app, the others in a
line. Knows no Gradio.
"""

from __future__ import annotations

import csv
import io
import logging
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ganapp.errors import BadInput
from ganapp.evaluation.bootstrap import Estimate
from ganapp.experiments.augmentation import WAYS, Examples, Result, Setting, table
from ganapp.experiments.augmentation_worker import played
from ganapp.pictures import encode, grid
from ganapp.ui.parts.inputs import Expired, whole
from ganapp.ui.parts.limits import MOST_TRIALS, check
from ganapp.ui.parts.rendering import Props, data_uri

log = logging.getLogger(__name__)

TITLES = {"none": "None", "classic": "Classic", "gan": "GAN", "both": "Both"}
MOST_WAITING, MOST_KEPT = 20, 60
UNWATCHED_SECONDS = 90.0
"""An experiment that no page has looked at for so long is given up. A tab out of sight looks once a
minute.
"""
GENERATED = 1000


class NumberField(NamedTuple):
    """A number of the experiment that a visitor may choose."""

    label: str
    info: str
    low: int
    high: int
    step: int
    value: int


KNOBS = {
    "per_class": NumberField(
        "Digits in each class",
        "Real digits: all that the classifier and the GAN learn from.",
        5,
        100,
        5,
        10,
    ),
    "seeds": NumberField(
        "Draws",
        "Each draw takes other real digits. Intervals need two draws; three are better.",
        1,
        5,
        1,
        1,
    ),
    "steps": NumberField(
        "Classifier steps", "50 pictures in each step, the same in all four ways.", 50, 400, 50, 200
    ),
    "gan_steps": NumberField(
        "GAN steps",
        "32 pictures in each step, from those few digits only. After few steps, all pictures of a"
        " class look alike.",
        200,
        4000,
        200,
        2000,
    ),
}

RECORDED = (
    ("10", "81.2", "91.6", "84.4", "91.9", "+3.2 [1.8, 4.6]", "+0.2 [-0.4, 0.9]"),
    ("100", "96.2", "97.3", "96.1", "96.9", "-0.1 [-0.9, 0.7]", "-0.4 [-1.8, 0.9]"),
)
"""`python -m ganapp augmentation --real 10 --seeds 10`, and `--real 100 --seeds 3`: digits a class,
accuracy of each way, GAN over none, both over classic.
"""

State = Literal["waiting", "running", "done", "stopped", "failed"]


@dataclass
class Experiment:
    """An experiment that somebody started."""

    setting: Setting
    seeds: int
    looked: float
    address: str = ""
    state: State = "waiting"
    problem: str = ""
    began: float = 0.0
    seconds: float = 0.0
    results: list[Result] = field(default_factory=list)
    drawn: Props | None = None
    """What the GAN of the last draw learned from and drew."""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state not in ("waiting", "running")


class Experiments:
    """All experiments of one app. `play(setting, seeds, wanted)` yields the results of one and what
    its GANs drew; `clock` tells seconds.
    """

    def __init__(
        self,
        play: Callable[
            [Setting, Sequence[int], Callable[[], bool]], Iterator[Result | Examples]
        ] = played,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._play, self._clock = play, clock
        self._trials: OrderedDict[str, Experiment] = OrderedDict()
        self._changed = threading.Condition()
        self._server: threading.Thread | None = None

    def start(self, asked: Mapping[str, object], address: str = "") -> Props:
        """Puts an experiment at the end of the line: {name of a knob: number}. `address` is where
        it comes from.
        """
        numbers = {
            name: whole(asked.get(name), knob.low, knob.high, knob.label)
            for name, knob in KNOBS.items()
        }
        setting = Setting(
            numbers["per_class"], numbers["steps"], numbers["gan_steps"], generated=GENERATED
        )
        with self._changed:
            self._give_up()
            if sum(trial.state == "waiting" for trial in self._trials.values()) >= MOST_WAITING:
                raise BadInput(
                    f"{MOST_WAITING} experiments are waiting already: try again in a few minutes."
                )
            going = [trial for trial in self._trials.values() if not trial.over]
            check(
                sum(trial.address == address for trial in going if address),
                MOST_TRIALS,
                "experiments",
            )
            key = secrets.token_urlsafe(18)
            self._trials[key] = Experiment(setting, numbers["seeds"], self._clock(), address)
            for old in [key for key, trial in self._trials.items() if trial.over][
                : max(0, len(self._trials) - MOST_KEPT)
            ]:
                del self._trials[old]
            if self._server is None:
                self._server = threading.Thread(
                    target=self._serve, name="ganapp-augmentation", daemon=True
                )
                self._server.start()
            self._changed.notify_all()
            return self._answer(key)

    def look(self, key: object, seen: object = None) -> Props:
        """How the experiment stands; the pictures of the draw that was `seen` already are left
        out.
        """
        with self._changed:
            self._trial(key).looked = self._clock()
            self._give_up()
            answer = self._answer(str(key))
        if answer["drawn"] and answer["drawn"]["draw"] == seen:
            answer["drawn"] = {"draw": seen}
        return answer

    def stop(self, key: object) -> Props:
        """Ends the experiment; what it found stays."""
        with self._changed:
            trial = self._trial(key)
            if not trial.over:
                self._end(trial, "stopped")
            return self._answer(str(key))

    def as_csv(self, key: object) -> bytes:
        """The results so far as a file, a line for each classifier, with the settings that all of
        them share.
        """
        with self._changed:
            trial = self._trial(key)
            setting, results = trial.setting, list(trial.results)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(
            [
                "digits_a_class",
                "classifier_steps",
                "gan_steps",
                "generated_share",
                "draw",
                "way",
                "accuracy",
            ]
        )
        for result in results:
            said = [setting.per_class, setting.steps, setting.gan_steps, setting.share]
            writer.writerow([*said, result.seed + 1, result.way, result.accuracy])
        return text.getvalue().encode()

    def _trial(self, key: object) -> Experiment:
        trial = self._trials.get(key) if isinstance(key, str) else None
        if trial is None:
            raise Expired(
                "This experiment is no longer known, because the app was restarted or newer ones"
                " took its place."
            )
        return trial

    def _end(self, trial: Experiment, state: State, problem: str = "") -> None:
        trial.state, trial.problem = state, problem
        trial.seconds = self._clock() - trial.began if trial.began else 0.0

    def _give_up(self) -> None:
        for trial in self._trials.values():
            if not trial.over and self._clock() - trial.looked > UNWATCHED_SECONDS:
                self._end(
                    trial,
                    "stopped",
                    "Nobody watched this experiment for a while, so it was stopped: press Start"
                    " again.",
                )

    def _serve(self) -> None:
        """Plays one experiment after the other, for ever."""
        while True:
            with self._changed:
                while not (
                    waiting := [
                        trial for trial in self._trials.values() if trial.state == "waiting"
                    ]
                ):
                    self._changed.wait()
                trial = waiting[0]
                trial.state, trial.began = "running", self._clock()
            self._run(trial)

    def _run(self, trial: Experiment) -> None:
        def wanted() -> bool:
            with self._changed:
                self._give_up()
                return trial.state == "running"

        state: State = "done"
        problem = ""
        try:
            for news in self._play(trial.setting, range(trial.seeds), wanted):
                pictures = _pictures(news) if isinstance(news, Examples) else None
                with self._changed:
                    if trial.state == "running" and isinstance(news, Result):
                        trial.results.append(news)
                    elif trial.state == "running":
                        trial.drawn = pictures
        except BadInput as error:
            state, problem = "failed", str(error)
        except Exception:
            log.exception("An augmentation experiment broke off.")
            state, problem = (
                "failed",
                "The experiment failed (the app's log says why): press Start to try again.",
            )
        with self._changed:
            if trial.state == "running":
                self._end(trial, state, problem)

    def _answer(self, key: str) -> Props:
        trial = self._trials[key]
        line = [other for other in self._trials.values() if not other.over]
        seconds = self._clock() - trial.began if trial.state == "running" else trial.seconds
        return {
            "trial": key,
            "state": trial.state,
            "problem": trial.problem,
            "place": 0 if trial.over else next(i for i, other in enumerate(line) if other is trial),
            "seconds": round(seconds, 1),
            "done": len(trial.results),
            "all": trial.seeds * len(WAYS),
            "now": _now(trial),
            "ways": _ways(trial.results),
            "note": _note(trial.results),
            "drawn": trial.drawn,
        }


def _now(trial: Experiment) -> str:
    """What is being computed."""
    if trial.state != "running" or len(trial.results) == trial.seeds * len(WAYS):
        return ""
    draw, turn = divmod(len(trial.results), len(WAYS))
    way = WAYS[turn]
    gan = (
        f"the GAN learns from {10 * trial.setting.per_class} digits, then " if way == "gan" else ""
    )
    return f"Draw {draw + 1} of {trial.seeds}, {TITLES[way]}: {gan}the classifier learns"


def _pictures(drawn: Examples) -> Props:
    """Two sheets of a draw, a class a column."""
    sheets = {
        kind: data_uri(encode(grid(columns)))
        for kind, columns in (("real", drawn.real), ("generated", drawn.generated))
    }
    return {"draw": drawn.seed + 1, **sheets}


def _ways(results: Sequence[Result]) -> list[Props]:
    """Each way's accuracy in percent, of every draw and in the mean, with its interval where there
    is one.
    """
    rows = {row.way: row for row in table(results)}
    return [
        {
            "title": TITLES[way],
            "draws": [round(100 * result.accuracy, 1) for result in results if result.way == way],
            "mean": round(100 * rows[way].accuracy.value, 1) if way in rows else None,
            "interval": _ends(rows[way].accuracy) if way in rows else None,
        }
        for way in WAYS
    ]


def _note(results: Sequence[Result]) -> str:
    """The comparisons that count, in words, once they can be made."""
    rows = {row.way: row for row in table(results)}
    said = []
    if "gan" in rows and "none" in rows:
        said.append(f"GAN over none: {_points(rows['gan'].over_none)}.")
    if "both" in rows and "classic" in rows:
        said.append(f"Both over classic: {_points(rows['both'].over_classic)}.")
    if said and max(result.seed for result in results) == 0:
        said.append("A single draw shows at most a tendency. With more draws there are intervals.")
    return " ".join(said)


def _points(over: Estimate) -> str:
    ends = _ends(over)
    within = f" [{ends[0]:+.1f}, {ends[1]:+.1f}]" if ends else ""
    return f"{100 * over.value:+.1f}{within} points"


def _ends(estimate: Estimate) -> list[float] | None:
    return [round(100 * end, 1) for end in estimate[1:]] if math.isfinite(estimate.low) else None
