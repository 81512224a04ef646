"""Quick looks at a model while it trains: what its losses do not say, in half a second.

A look takes few pictures, so its figures are coarse and not those of `evaluate`; they are made to
be compared with one another and with what as many real pictures score.
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
from ganapp.datasets import Pictures
from ganapp.errors import BadInput
from ganapp.evaluation import classifier, features
from ganapp.evaluation.features import Encoder
from ganapp.evaluation.manifold import manifold
from ganapp.evaluation.neighbours import nearest
from ganapp.experiments.scoring import arrays, asked_classes, real_pictures, shares_of
from ganapp.losses import LOSSES
from ganapp.randomness import rng_for
from ganapp.training import Snapshot, subset

COUNT = 500
FEWEST = 30
SLOPES = 100
"""Of how many generated pictures the slopes are taken."""


class QualityCheck(NamedTuple):
    """What one look saw, of the running average where one is kept.

    precision      share of generated pictures that lie among real ones (Kynkäänniemi et al. 2019)
    coverage       share of real pictures that have a generated one near (Naeem et al. 2020)
    accuracy       share of generated digits that are read as the class that was asked for; -1 where
                   that is not known
    spread         standard deviation over generated pictures, mean over pixels, as a share of that
                   of real ones
    copying        median distance of generated pictures to the nearest one learned from, as a share
                   of that between those
    moved          root mean square of the change of the mean picture since the look before, pixels
                   in [0, 1]; -1 at the first
    alternating    strength of patterns that alternate from pixel to pixel, real pictures = 1
    flat           share of generated pictures at which the discriminator's slope is exactly 0
    slope          median norm of the gradient that the generator's loss sends to a picture
    """

    precision: float
    coverage: float
    accuracy: float
    spread: float
    copying: float
    moved: float
    alternating: float
    flat: float
    slope: float


class QualityChecker:
    """Looks at the model of one run, always with the same z and the same real pictures. `BadInput`
    if its data cannot be had.
    """

    def __init__(self, model: TrainedModel, folder: Path | None = None) -> None:
        everything = real_pictures(model, folder)
        self.learned = _shuffled(subset(everything, model.config))[: 4 * COUNT]
        shown = _shuffled(everything)
        self.real, others = shown[:COUNT], shown[COUNT : 2 * COUNT]
        self.encoder: Encoder = features.opened(
            "digits" if features.suited(model.config.dataset) == "digits" else "random"
        )
        self.real_features = features.encoded(self.encoder, self.real)
        self.between_learned = float(
            np.median(nearest(self.learned, self.learned, leave_one_out=True).distances)
        )
        self.mean: np.ndarray | None = None
        self.shares = shares_of(everything.labels, model.classes)
        enough = len(others) > FEWEST
        compared = (
            manifold(self.real_features, features.encoded(self.encoder, others)) if enough else None
        )
        self.floor = (
            {"precision": compared.precision, "coverage": compared.coverage} if compared else {}
        )

    def check(self, model: TrainedModel) -> QualityCheck:
        """The model as it is now."""
        count = len(self.real)
        noise, labels = (
            latents.noise(1, model.config.latent_size, count),
            asked_classes(model, count, 1, self.shares),
        )
        images = model.draw(noise, labels)
        found = features.encoded(self.encoder, images)
        overlap = manifold(self.real_features, found)
        mean, before = images.mean(0) / 255, self.mean
        self.mean = mean
        flat, slope = _slopes(model, noise[:SLOPES], labels[:SLOPES], self.real[:SLOPES])
        return QualityCheck(
            precision=overlap.precision,
            coverage=overlap.coverage,
            accuracy=self._accuracy(model, found, labels),
            spread=float(images.std(0).mean() / max(self.real.std(0).mean(), 1e-6)),
            copying=float(np.median(nearest(images, self.learned).distances))
            / max(self.between_learned, 1e-6),
            moved=-1.0 if before is None else float(np.sqrt(np.square(mean - before).mean())),
            alternating=alternating(images) / max(alternating(self.real), 1e-9),
            flat=flat,
            slope=slope,
        )

    def _accuracy(self, model: TrainedModel, found: np.ndarray, labels: np.ndarray) -> float:
        if self.encoder.name != "digits" or not model.config.conditional:
            return -1.0
        return float((classifier.read(classifier.shipped()[0], found) == labels).mean())


class QualityChecks:
    """All looks at one run: `rows` of a step and the figures of its `QualityCheck`, and the `floor`
    that real pictures score.
    """

    SHARE = 0.06
    """Of the run's time, at most."""
    MOST = 120

    def __init__(self, folder: Path | None, rows: Iterable[Sequence[float]] = ()) -> None:
        """`folder` holds the run's own pictures, if it learns from such; `rows` are those of the
        run that is resumed.
        """
        self.folder = folder
        self.rows = [list(row) for row in rows]
        self.floor: dict[str, float] = {}
        self.quality: QualityChecker | None = None
        self.cost = 0.0
        self.ended = -math.inf

    def forget_after(self, step: int) -> None:
        """Drops the checks of rounds after `step`, which are about to be played again."""
        self.rows = [row for row in self.rows if row[0] <= step]

    @property
    def seconds_ago(self) -> float:
        """How long ago the newest look was; infinite before the first."""
        return time.monotonic() - self.ended

    def take(self, snapshot: Snapshot) -> float:
        """Looks, unless it is too soon, the model draws nothing from noise, or its pictures cannot
        be measured; the seconds it took.
        """
        start = time.monotonic()
        begun = snapshot.step > 0  # or the first pictures would be late
        due = snapshot.done or start - self.ended > self.cost / self.SHARE
        if (
            not (begun and due)
            or "cycle_error" in snapshot.scores._fields
            or (self.rows and self.rows[-1][0] == snapshot.step)
        ):
            return 0.0
        model = TrainedModel.from_state(snapshot.capture())
        try:
            self.quality = self.quality or QualityChecker(model, self.folder)
            began = time.monotonic()
            figures = self.quality.check(model)
        # of too few or too odd pictures nothing can be measured, which is no reason not to learn
        # from them
        except BadInput:
            return time.monotonic() - start
        self.rows.append([snapshot.step, *(float(f"{figure:.4g}") for figure in figures)])
        if len(self.rows) > self.MOST:
            self.rows = [*self.rows[:-1:2], self.rows[-1]]
        self.floor = self.quality.floor
        self.ended = time.monotonic()
        self.cost = self.ended - began
        return self.ended - start


def _shuffled(pictures: Pictures) -> np.ndarray:
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
