"""What the *Spot the fake* tab asks: quizzes of real and generated pictures, judged by a visitor
and by the model's discriminator, and the tally of all who played. Knows no Gradio.

Truth stays here: a page is sent one picture at a time under a number that nobody can guess, and
learns what it was once it has answered.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
import weakref
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.config.settings import LARGEST_SEED
from ganapp.datasets import Pictures
from ganapp.errors import BadInput
from ganapp.experiments.scoring import arrays, learned_pictures
from ganapp.losses import LOSSES
from ganapp.pictures import from_uint8
from ganapp.randomness import rng_for
from ganapp.ui.parts.inputs import Expired, one_of, whole
from ganapp.ui.parts.rendering import Props, class_name, score, src

COUNT = 20
TIMES = {0: "No clock", 10: "10 s", 5: "5 s", 2: "2 s"}
USUAL_TIME = 5
GRACE = 1.0
"""Seconds that an answer may be on its way."""
MOST_QUIZZES, MOST_TALLIES = 300, 50
MOST_STOCK, MOST_OTHERS = 2000, 160
SECONDS_FOR_A_STOCK = 10.0
FORGOTTEN = (
    "This quiz is no longer known, because the app was restarted or"
    f" {MOST_QUIZZES} others have begun since: press Start for a new one."
)
ANSWERS = ("real", "fake", "")
"""What a visitor may say of a picture; "" where the clock ran out."""


class Material(NamedTuple):
    """What quizzes of a model are made from: `real` pictures it learned from, at its size, and
    `others`, uint8 (N, H, W, C), half of them real and half generated, with their `labels`, that no
    quiz shows. The discriminator says "real" above `threshold`, and does so rightly for `accuracy`
    of the others.
    """

    real: Pictures
    others: np.ndarray
    labels: np.ndarray
    threshold: float
    accuracy: float


class Question(NamedTuple):
    """A picture of a quiz: as the page gets it, the `name` of its class if the model knows any,
    whether it is `real`, and the discriminator's verdict: its number and whether that takes it for
    real.
    """

    src: str
    name: str
    real: bool
    score: float
    judged_real: bool


class Answer(NamedTuple):
    """What a visitor `said` of a picture, whether that was `right`, and after how many
    `seconds`.
    """

    said: str
    right: bool
    seconds: float


@dataclass
class Quiz:
    """A visitor's quiz: `seconds` for a picture, 0 for any; the `room` that the visitor is in, or
    ""; `shown_at` is when each picture was first sent.
    """

    model: str
    side: int
    seconds: int
    pictures: list[Question]
    room: str = ""
    answers: list[Answer] = field(default_factory=list)
    shown_at: list[float] = field(default_factory=list)

    @property
    def right(self) -> int:
        """How many answers were right."""
        return sum(answer.right for answer in self.answers)

    @property
    def right_by_discriminator(self) -> int:
        """How many pictures the discriminator judged rightly."""
        return sum(picture.judged_real == picture.real for picture in self.pictures)


@dataclass
class Tally:
    """All finished quizzes on a model, or those of one room: how many had each score, people's and
    the discriminator's.
    """

    people: Counter[int] = field(default_factory=Counter)
    discriminator: Counter[int] = field(default_factory=Counter)

    def shown(self) -> Props:
        """The tally for a page."""
        return {
            "quizzes": self.people.total(),
            "people": [self.people[right] for right in range(COUNT + 1)],
            "means": [_mean(self.people), _mean(self.discriminator)],
        }


class Scoreboard:
    """The quizzes and tallies of one app, for all threads. `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._quizzes: OrderedDict[str, Quiz] = OrderedDict()
        self._tallies: OrderedDict[tuple[str, str], Tally] = OrderedDict()

    def start(self, name: str, model: TrainedModel, seconds: object, room: object = "") -> Props:
        """A new quiz on the model called `name`, for somebody in a `room` or in none."""
        limit = _limit(seconds)
        pictures = drawn(model, stock_of(model), np.random.default_rng(secrets.randbits(128)))
        key = secrets.token_urlsafe(18)
        with self._lock:
            self._quizzes[key] = Quiz(name, model.config.image_size, limit, pictures, _room(room))
            while len(self._quizzes) > MOST_QUIZZES:
                self._quizzes.popitem(last=False)
        return {
            "quiz": key,
            "count": COUNT,
            "seconds": limit,
            "side": model.config.image_size,
            "rule": rule(model),
        }

    def look(self, key: object, number: object) -> Props:
        """The picture whose turn it is. Its time begins now, but only once."""
        with self._lock:
            quiz = self._quiz(key)
            turn = whole(number, 0, COUNT - 1, "The number of the picture")
            if turn != len(quiz.answers):
                raise BadInput("Pictures come one after another: answer this one first.")
            if len(quiz.shown_at) == turn:
                quiz.shown_at.append(self._clock())
            picture = quiz.pictures[turn]
        return {"src": picture.src, "name": picture.name, "number": turn}

    def answer(self, key: object, number: object, said: object) -> Props:
        """Takes the answer to a picture that was looked at, and tells the truth. Only the first
        answer counts: whoever asks again, since the first reply was lost, is told the same. The
        last one brings the result.
        """
        with self._lock:
            quiz = self._quiz(key)
            turn = whole(number, 0, COUNT - 1, "The number of the picture")
            words = one_of(said, ANSWERS, "The answer")
            if turn >= len(quiz.shown_at):
                raise BadInput(
                    "This picture has not been shown yet: answer the one before it first."
                )
            if turn == len(quiz.answers):
                quiz.answers.append(self._judged(quiz, turn, words))
                if len(quiz.answers) == COUNT:
                    self._count(quiz)
            given, truth = quiz.answers[turn], quiz.pictures[turn].real
            answer: Props = {
                "right": given.right,
                "real": truth,
                "said": given.said,
                "score": sum(a.right for a in quiz.answers[: turn + 1]),
            }
            if turn == COUNT - 1:
                answer |= {
                    "result": _result(quiz),
                    "tally": self._tallies.get((quiz.model, quiz.room), Tally()).shown(),
                }
        return answer

    def tally(self, name: object, room: object = "") -> Props:
        """The tally of a model: of a room alone, or of everybody."""
        with self._lock:
            return self._tallies.get((str(name), _room(room)), Tally()).shown()

    def _quiz(self, key: object) -> Quiz:
        quiz = self._quizzes.get(key) if isinstance(key, str) else None
        if quiz is None:
            raise Expired(FORGOTTEN)
        return quiz

    def _judged(self, quiz: Quiz, turn: int, said: str) -> Answer:
        seconds = self._clock() - quiz.shown_at[turn]
        if quiz.seconds and seconds > quiz.seconds + GRACE:
            said = ""
        if quiz.seconds:
            seconds = min(seconds, quiz.seconds)
        return Answer(said, said == ("real" if quiz.pictures[turn].real else "fake"), seconds)

    def _count(self, quiz: Quiz) -> None:
        for room in {"", quiz.room}:  # a room's quizzes count for everybody, too
            tally = self._tallies.setdefault((quiz.model, room), Tally())
            self._tallies.move_to_end((quiz.model, room))
            tally.people[quiz.right] += 1
            tally.discriminator[quiz.right_by_discriminator] += 1
        while len(self._tallies) > MOST_TALLIES:
            self._tallies.popitem(last=False)


def _room(code: object) -> str:
    """The code of a room; "" for what can be none."""
    return code if isinstance(code, str) and len(code) == 5 else ""


_stocks: weakref.WeakKeyDictionary[TrainedModel, Material] = weakref.WeakKeyDictionary()
_filling: weakref.WeakKeyDictionary[TrainedModel, threading.Lock] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def stock_of(model: TrainedModel) -> Material:
    """The model's stock, made once for everybody."""
    with _lock:
        filling = _filling.setdefault(model, threading.Lock())
    if model not in _stocks:
        # A download, perhaps: nobody else's request should wait for it.
        if not filling.acquire(timeout=SECONDS_FOR_A_STOCK):
            raise BadInput(
                "The pictures that this model learned from are being downloaded: press Start again"
                " in a minute."
            )
        try:
            if model not in _stocks:
                stock = _stock(model)
                with _lock:
                    _stocks[model] = stock
        finally:
            filling.release()
    return _stocks[model]


def _stock(model: TrainedModel) -> Material:
    known = learned_pictures(model)
    if known.images.shape[1] != model.channels or (
        model.config.conditional and int(known.labels.max()) >= model.classes
    ):
        raise BadInput(
            "The pictures or classes of this model differ from the data that it names, so there is"
            " no quiz: choose another model."
        )
    total = len(known.labels)
    if total < 2 * COUNT:
        raise BadInput(
            f"This model learned from {total} pictures, but a quiz needs {2 * COUNT}: choose a"
            " model with more."
        )
    order = torch.randperm(total, generator=rng_for(0, "spot the fake"))[:MOST_STOCK]
    known = known.at(order)
    half = min(MOST_OTHERS // 2, len(order) // 2)
    kept, rest = (
        Pictures(known.images[part], known.labels[part], known.class_names)
        for part in (slice(half), slice(half, None))
    )
    labels = kept.labels.numpy()
    others = np.concatenate(
        [
            arrays(kept),
            model.draw(
                latents.noise(0, model.config.latent_size, half),
                _wanted(model, labels, np.random.default_rng(0)),
            ),
        ]
    )
    both = np.concatenate([labels, labels])
    scores = _scores(model, others, both)
    threshold = 0.5
    if LOSSES[model.config.loss].critic:  # whose scores have no scale of their own
        threshold = float(scores[:half].mean() + scores[half:].mean()) / 2
    right = np.concatenate([scores[:half] > threshold, scores[half:] <= threshold])
    return Material(rest, others, both, threshold, float(right.mean()))


def drawn(model: TrainedModel, stock: Material, rng: np.random.Generator) -> list[Question]:
    """`COUNT` pictures in random order, half of them real. The classes of both halves are drawn
    from the data, each for itself, so that no class is a hint.
    """
    half = COUNT // 2
    chosen = rng.choice(len(stock.real.labels), half, replace=False)
    real = stock.real._replace(images=stock.real.images[chosen])
    labels = np.concatenate(
        [stock.real.labels.numpy()[chosen], rng.choice(stock.real.labels.numpy(), half)]
    )
    noise = latents.noise(int(rng.integers(LARGEST_SEED)), model.config.latent_size, half)
    images = np.concatenate([arrays(real), model.draw(noise, _wanted(model, labels[half:], rng))])
    scores = verdicts(model, stock, images, labels)
    names = [class_name(model, label) if model.config.conditional else "" for label in labels]
    asked = [
        Question(src(pixels), name, i < half, float(number), bool(number > stock.threshold))
        for i, (pixels, name, number) in enumerate(zip(images, names, scores, strict=True))
    ]
    return [asked[i] for i in rng.permutation(COUNT)]


def verdicts(
    model: TrainedModel, stock: Material, images: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """The discriminator's scores of pictures uint8 (N, H, W, C), (N,). One that compares the
    pictures of a batch sees them among the stock's others, so that a batch of one kind tells it
    nothing.
    """
    if not model.config.minibatch_std:
        return _scores(model, images, labels)
    return _scores(
        model, np.concatenate([images, stock.others]), np.concatenate([labels, stock.labels])
    )[: len(images)]


def rule(model: TrainedModel) -> str:
    """When the discriminator says "real", in words."""
    stock = stock_of(model)
    others = f"{len(stock.others)} pictures that no quiz shows"
    if LOSSES[model.config.loss].critic:
        said = (
            "This discriminator is a critic: it gives scores, not probabilities. It says “real”"
            f" above {stock.threshold:.2f}, half way between its mean scores for real and for"
            f" generated ones among {others}."
        )
    else:
        said = (
            f"The discriminator says “real” where D(x) > 1/2; on {others} it is right in"
            f" {100 * stock.accuracy:.0f} %."
        )
    among = (
        " It sees each picture together with those, because it compares the pictures of a batch."
        if model.config.minibatch_std
        else ""
    )
    return f"{said}{among} It saw the real pictures during its training."


def by_chance(right: int) -> float:
    """The probability that somebody who tosses a coin for every picture gets at least so many
    right.
    """
    result: float = sum(math.comb(COUNT, k) for k in range(right, COUNT + 1)) / 2**COUNT
    return result


def _scores(model: TrainedModel, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return model.scores(from_uint8(images), labels if model.config.conditional else None)


def _wanted(model: TrainedModel, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What to ask the generator for: the classes themselves, or any of InfoGAN's codes."""
    return (
        labels
        if model.config.conditional
        else rng.integers(max(1, model.classes), size=len(labels))
    )


def _limit(seconds: object) -> int:
    known = whole(seconds, 0, max(TIMES), "The time for a picture")
    if known not in TIMES:
        raise BadInput(
            f"The time for a picture is {known} s, but must be one of {', '.join(map(str, TIMES))}"
            " (0: no clock)."
        )
    return known


def _mean(scores: Counter[int]) -> float | None:
    return (
        round(sum(right * times for right, times in scores.items()) / scores.total(), 2)
        if scores
        else None
    )


def _result(quiz: Quiz) -> Props:
    pairs = list(zip(quiz.pictures, quiz.answers, strict=True))
    return {
        "right": quiz.right,
        "discriminator": quiz.right_by_discriminator,
        "seconds": round(sum(answer.seconds for answer in quiz.answers) / COUNT, 1),
        "chance": by_chance(quiz.right),
        "taken_for_real": sum(
            not picture.real and answer.said == "real" for picture, answer in pairs
        ),
        "taken_for_fake": sum(picture.real and answer.said == "fake" for picture, answer in pairs),
        "late": sum(answer.said == "" for answer in quiz.answers),
        "pictures": [
            {
                "src": picture.src,
                "name": picture.name,
                "real": picture.real,
                "said": answer.said,
                "right": answer.right,
                "score": score(picture.score, 3),  # enough to hold against the rule
                "judged_real": picture.judged_real,
            }
            for picture, answer in pairs
        ],
    }
