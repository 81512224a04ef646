"""How well a model that obeys attributes does so: what was asked of it beside what is measured in
the alphabets that it draws, and whether its letters can be read.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from ganapp import latents, letterforms
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import letters
from ganapp.datasets.pictures import Pictures, Progress
from ganapp.errors import BadInput
from ganapp.evaluation import bootstrap, classifier
from ganapp.evaluation.bootstrap import Estimate
from ganapp.experiments.scoring import arrays
from ganapp.letterforms import ATTRIBUTES, LETTERS
from ganapp.pictures import to_uint8
from ganapp.randomness import rng_for

STEPS, WIDTH = 600, 12
"""Of the classifier of letters, which is trained anew for each measurement."""


class Obedience(NamedTuple):
    """Of one attribute: the correlation of what was asked with what is measured, and their mean
    absolute difference in the attribute's `unit`; over those `alphabets` where it can be measured.
    """

    name: str
    unit: str
    correlation: float
    error: Estimate
    alphabets: int


class LetterFigures(NamedTuple):
    """`real`: the letters of held-out fonts, what their outlines measure beside what their pictures
    do, which checks the measurement. `fonts`: alphabets drawn for the attributes of these fonts.
    `anywhere`: as many, each with four numbers drawn evenly from their whole ranges. `real_read`
    and the other two are shares of letters that a classifier reads, which learned from the real
    letters of the other fonts.
    """

    real: tuple[Obedience, ...]
    fonts: tuple[Obedience, ...]
    anywhere: tuple[Obedience, ...]
    real_read: Estimate
    fonts_read: Estimate
    anywhere_read: Estimate


def alphabets(model: TrainedModel, attributes: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """A to Z for each row of `attributes` (N, 4), as networks get them, and its z in `noise`
    (N, latent_size): float32 (N, 26, C, S, S) in [-1, 1].
    """
    count = len(LETTERS)
    drawn = [
        model.images(
            np.repeat(z[None], count, 0),
            np.concatenate([np.eye(count, dtype=np.float32), np.tile(row, (count, 1))], 1),
        )
        for row, z in zip(attributes.astype(np.float32), noise, strict=True)
    ]
    return np.stack(drawn)


def measure(
    model: TrainedModel, seed: int = 1, progress: Progress = lambda share, what: None
) -> LetterFigures:
    """Draws for the numbers of the held-out fonts and for others, and measures."""
    if not model.config.capabilities.obeys_attributes:
        raise BadInput("This model knows no attributes: choose one that the acgan model made.")
    side = model.config.image_size
    test = letters.load_letters(progress, "test").resized(side)
    known = letters.attributes("test")
    noise = latents.noise(seed, model.config.latent_size, 2 * len(known))
    anywhere = torch.rand(known.shape, generator=rng_for(seed, "attributes")).numpy() * 2 - 1
    real = test.images.numpy().reshape(len(known), len(LETTERS), 1, side, side) / 127.5 - 1
    drawn = alphabets(model, known, noise[: len(known)])
    others = alphabets(model, anywhere, noise[len(known) :])
    reader = _reader(letters.load_letters(progress).resized(side), seed, progress)
    return LetterFigures(
        _obedience(known, real),
        _obedience(known, drawn),
        _obedience(anywhere, others),
        _read(reader, real),
        _read(reader, drawn),
        _read(reader, others),
    )


def _obedience(asked: np.ndarray, drawn: np.ndarray) -> tuple[Obedience, ...]:
    wanted = letterforms.unscaled(asked)
    found = np.array([letterforms.measured((images[:, 0] + 1) / 2) for images in drawn])
    figures = []
    for place, attribute in enumerate(ATTRIBUTES):
        seen = np.isfinite(found[:, place])
        asked_for, shown = wanted[seen, place], found[seen, place]
        figures.append(
            Obedience(
                attribute.name,
                attribute.unit,
                float(np.corrcoef(asked_for, shown)[0, 1]),
                bootstrap.of_mean(np.abs(asked_for - shown)),
                int(seen.sum()),
            )
        )
    return tuple(figures)


def _reader(pictures: Pictures, seed: int, progress: Progress) -> classifier.Classifier:
    """A classifier of letters that learned from real ones."""
    rng = rng_for(seed, "reader of letters")
    network = classifier.fresh(rng, len(LETTERS), WIDTH)
    batches = classifier.dealt(arrays(pictures), pictures.labels.numpy(), rng)
    for step in classifier.fit(network, batches, STEPS):
        progress(step / STEPS, "Training the classifier of letters")
    return network


def _read(reader: classifier.Classifier, drawn: np.ndarray) -> Estimate:
    images = to_uint8(drawn.reshape(-1, *drawn.shape[2:]))
    read = classifier.read(reader, classifier.features(reader, images))
    return bootstrap.of_mean(read == np.arange(len(images)) % len(LETTERS))
