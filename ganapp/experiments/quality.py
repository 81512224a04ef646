"""Quick checks of a model's pictures during training: in half a second, what losses do not say.

A check uses few pictures, so its figures are coarse and differ from those of `evaluate`. Compare
them with one another, and with what equally many real pictures score.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import HELD_OUT, Pictures
from ganapp.errors import BadInput
from ganapp.evaluation import features
from ganapp.evaluation.features import Encoder
from ganapp.evaluation.manifold import manifold, overlap
from ganapp.evaluation.neighbours import nearest
from ganapp.evaluation.realism import Realism
from ganapp.experiments.scoring import (
    arrays,
    known_pictures,
    learned_pictures,
    real_pictures,
    requested_classes,
    shares_of,
)
from ganapp.losses import LOSSES
from ganapp.randomness import rng_for
from ganapp.training import Snapshot

COUNT = 500
FEWEST = 30
STEPS_TO_MOVE = 50
"""Rounds in which the mean picture of a run that oscillates has moved as far as it will. Measured,
it moves 0.11 of the range in 20 rounds, 0.18 in 40, and 0.21 to 0.24 in 60 to 400; that of a
healthy run at most 0.05 (`python -m benchmarks.doctor`).
"""
NEIGHBOURS = 10
"""Balls of real pictures reach so far that nearly every real picture lies in one."""
MEASURE = 2
"""The way in which `faithful` is measured; records of way 1 have precision in its place, which may
be high for noise.
"""
SLOPES = 100
"""The number of generated pictures at which gradients are computed."""


class QualityCheck(NamedTuple):
    """The figures of one check, of the running average if there is one.

    faithful       share of generated pictures that look real to a classifier (`realism.py`) and lie
                   among real ones, within the distance of the k-th neighbour (Kynkäänniemi et al.
                   2019); -1 in records from before this figure was measured so
    coverage       share of real pictures with a generated one nearby (Naeem et al. 2020)
    accuracy       share of generated digits or faces that are read as the requested class; -1 if
                   unknown
    spread         standard deviation over generated pictures, averaged over pixels, as a share of
                   that of real ones
    copying        median distance of generated pictures to the nearest training picture, as a share
                   of that between training pictures
    moved          root mean square change of the mean picture since a check at least
                   `STEPS_TO_MOVE` rounds ago, pixels in [0, 1]; -1 where there is none
    alternating    strength of patterns that alternate from pixel to pixel, real pictures = 1
    flat           share of generated pictures at which the discriminator's gradient is exactly 0;
                   -1 without a discriminator
    slope          median norm of the gradient that the generator's loss sends to a picture; -1
                   without a discriminator
    """

    faithful: float
    coverage: float
    accuracy: float
    spread: float
    copying: float
    moved: float
    alternating: float
    flat: float
    slope: float


def checks_of(rows: Iterable[Sequence[float]], measure: int) -> list[list[float]]:
    """Saved rows of checks as of today: what was measured otherwise is unknown."""
    place = 1 + QualityCheck._fields.index("faithful")
    known = [list(row) for row in rows]
    for row in known:
        if measure != MEASURE and len(row) > place:
            row[place] = -1.0
    return known


class Movement:
    """How far the mean picture moves from one check to another, at least `STEPS_TO_MOVE` rounds
    later: in fewer it had no time to, and the figure would say how fast the machine is.
    """

    def __init__(self) -> None:
        self._step = 0.0
        self.mean: np.ndarray | None = None
        """The picture that the next one is compared with."""

    def measure(self, step: float, mean: np.ndarray) -> float:
        """The root mean square change to this `mean` picture, or -1."""
        before = self.mean
        if before is not None and step - self._step < STEPS_TO_MOVE:
            return -1.0
        self._step, self.mean = step, mean
        return -1.0 if before is None else float(np.sqrt(np.square(mean - before).mean()))


class QualityChecker:
    """Checks the model of one run, always with the same z and the same real pictures. `BadInput` if
    its data cannot be loaded.
    """

    def __init__(self, model: TrainedModel, folder: Path | None = None) -> None:
        everything = real_pictures(model, folder)
        self.learned = shuffled(learned_pictures(model, folder))[: 4 * COUNT]
        shown = shuffled(everything)
        self.real, others = shown[:COUNT], shown[COUNT : 2 * COUNT]
        suited = features.suited(model.config.dataset)
        self.encoder: Encoder = features.opened("random" if suited == "inception" else suited)
        self.real_features = features.encoded(self.encoder, self.real)
        self.realism = Realism.learned(self._to_learn_from(model, folder, shown))
        self.between_learned = float(
            np.median(nearest(self.learned, self.learned, leave_one_out=True).distances)
        )
        self.movement = Movement()
        self.shares = shares_of(everything.labels, model.classes)
        self.floor: dict[str, float] = {}
        if len(others) > FEWEST:
            found = features.encoded(self.encoder, others)
            self.floor = {
                "faithful": self.faithful(others, found),
                "coverage": manifold(self.real_features, found).coverage,
            }

    @staticmethod
    def _to_learn_from(model: TrainedModel, folder: Path | None, shown: np.ndarray) -> np.ndarray:
        """Real pictures that are neither compared with nor the floor, where there are enough."""
        if model.config.dataset in HELD_OUT:
            return shuffled(known_pictures(model, folder))
        return shown[2 * COUNT :] if len(shown) > 3 * COUNT else shown

    def faithful(self, images: np.ndarray, found: np.ndarray) -> float:
        """The share of pictures (N, H, W, C) with features `found` that are as real ones."""
        return float(self.as_real(images, found).mean())

    def as_real(self, images: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Which of the pictures are, (N,) bool."""
        neighbours = min(NEIGHBOURS, len(self.real) - 1)
        among = overlap(self.real_features, found, neighbours).precision > 0
        result: np.ndarray = among & self.realism.passes(images)
        return result

    def check(self, model: TrainedModel, step: float) -> QualityCheck:
        """Checks the model in its present state, after round `step`."""
        count = len(self.real)
        noise, labels = (
            latents.noise(1, model.config.latent_size, count),
            requested_classes(model, count, 1, self.shares),
        )
        images = model.draw(noise, labels)
        found = features.encoded(self.encoder, images)
        flat, slope = _slopes(model, noise[:SLOPES], labels[:SLOPES], self.real[:SLOPES])
        return QualityCheck(
            faithful=self.faithful(images, found),
            coverage=manifold(self.real_features, found).coverage,
            accuracy=self._accuracy(model, found, labels),
            spread=float(images.std(0).mean() / max(self.real.std(0).mean(), 1e-6)),
            copying=float(np.median(nearest(images, self.learned).distances))
            / max(self.between_learned, 1e-6),
            moved=self.movement.measure(step, images.mean(0) / 255),
            alternating=alternating(images) / max(alternating(self.real), 1e-9),
            flat=flat,
            slope=slope,
        )

    def _accuracy(self, model: TrainedModel, found: np.ndarray, labels: np.ndarray) -> float:
        if self.encoder.reader is None or not model.config.conditional:
            return -1.0
        return float((self.encoder.reader.read(found) == labels).mean())


class QualityChecks:
    """All checks of one run: `rows` with a step and the figures of its `QualityCheck`, and what
    real pictures score, the `floor`; `problem` says why there are none, if the pictures cannot be
    measured.
    """

    SHARE, EARLY_SHARE, EARLY = 0.06, 0.2, 5
    """The largest share of the run's time that checks take, and that the first ones take, so that
    the doctor has something to say soon.
    """
    MOST = 120

    def __init__(
        self,
        folder: Path | None,
        rows: Iterable[Sequence[float]] = (),
        translates: bool = False,
    ) -> None:
        """`folder` holds the run's own pictures, if it learns from some; `rows` are the checks of a
        run that is resumed. A model that `translates` is never checked.
        """
        self.problem = ""
        self.translates = translates
        self.folder = folder
        self.rows = [list(row) for row in rows]
        self.floor: dict[str, float] = {}
        self.quality: QualityChecker | None = None
        self.cost = 0.0
        self.ended = -math.inf
        self.in_turns = False

    def forget_after(self, step: int) -> None:
        """Drops the checks of rounds after `step`, which are about to be played again."""
        self.rows = [row for row in self.rows if row[0] <= step]

    @property
    def seconds_ago(self) -> float:
        """The age of the newest check in seconds; infinite before the first."""
        return time.monotonic() - self.ended

    def skip(self, seconds: float) -> None:
        """So long the run waited between two turns: the newest check got no older. From now on
        there is one in every turn, because turns lie minutes apart where many share a machine.
        """
        self.ended += seconds
        self.in_turns = True

    def take(self, snapshot: Snapshot) -> float:
        """Checks the model, unless it is too early, the model translates, or its pictures cannot be
        measured. Returns the seconds that this took.
        """
        start = time.monotonic()
        begun = snapshot.step > 0  # or the first pictures would be late
        often = self.in_turns or len(self.rows) < self.EARLY
        share = self.EARLY_SHARE if often else self.SHARE
        due = snapshot.done or start - self.ended > self.cost / share
        if (
            not (begun and due)
            or self.translates
            or self.problem
            or (self.rows and self.rows[-1][0] == snapshot.step)
        ):
            return 0.0
        try:
            model = TrainedModel.from_state(snapshot.capture())
            self.quality = self.quality or QualityChecker(model, self.folder)
            began = time.monotonic()
            figures = self.quality.check(model, snapshot.step)
        # Too few or too odd pictures cannot be measured now or later, but one can still train on
        # them.
        except BadInput as error:
            self.problem = str(error)
            return time.monotonic() - start
        self.rows.append([snapshot.step, *(float(f"{figure:.4g}") for figure in figures)])
        if len(self.rows) > self.MOST:
            self.rows = [*self.rows[:-1:2], self.rows[-1]]
        self.floor = self.quality.floor
        self.ended = time.monotonic()
        self.cost = self.ended - began
        return self.ended - start


def shuffled(pictures: Pictures) -> np.ndarray:
    """Pictures as uint8 (N, H, W, C), always in the same order by chance."""
    result: np.ndarray = arrays(pictures)[
        torch.randperm(
            len(pictures.labels), generator=rng_for(0, "real pictures of a look")
        ).numpy()
    ]
    return result


def alternating(images: np.ndarray) -> float:
    """The share of the spectral energy of pictures (N, S, S, C) uint8, without their means, that
    lies at the highest frequency across, down or both: the three waves of period two that uneven
    overlap at a stride of 2 leaves (Odena, Dumoulin and Olah 2016).
    """
    energy = (np.abs(np.fft.fft2(images.astype(np.float32).mean(3))) ** 2).sum(0)
    energy[0, 0] = 0
    half = energy.shape[0] // 2
    return float((energy[half, half] + energy[0, half] + energy[half, 0]) / max(energy.sum(), 1e-9))


def _slopes(
    model: TrainedModel, noise: np.ndarray, labels: np.ndarray, real: np.ndarray
) -> tuple[float, float]:
    """(`flat`, `slope`) of a `QualityCheck`, at the pictures of the generator itself, which is the
    one that learns from them.
    """
    if model.config.capabilities.encodes:
        return -1.0, -1.0
    asked = torch.from_numpy(labels)
    with torch.no_grad():
        made: Tensor = model.generator(torch.from_numpy(noise), asked)
    made = made.float().requires_grad_(True)
    shown = torch.from_numpy(real).permute(0, 3, 1, 2).float() / 127.5 - 1
    count = min(len(shown), len(made))
    with torch.enable_grad():
        fake_logits = model.discriminator(made, asked)[:count].float()
        real_logits = model.discriminator(shown[:count], asked[:count]).float()
        (at_logits,) = torch.autograd.grad(fake_logits.sum(), made, retain_graph=True)
        (at_loss,) = torch.autograd.grad(
            LOSSES[model.config.loss].generator(real_logits, fake_logits), made
        )
    norms = at_loss.flatten(1).norm(dim=1) * count  # the loss is a mean over the pictures
    return float((at_logits.flatten(1) == 0).all(1).float().mean()), float(norms.median())
