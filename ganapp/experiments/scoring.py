"""A trained model measured: draws its pictures, finds the real ones that it learned from, and
chooses the encoder that suits them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import DATASETS, HELD_OUT, Pictures, Progress, uploads
from ganapp.datasets.stacked import stacked as stacks
from ganapp.errors import BadInput
from ganapp.evaluation import cas, features, report, stacked
from ganapp.evaluation.report import Evaluation, Reference, Study
from ganapp.evaluation.sizes import at_side
from ganapp.randomness import rng_for
from ganapp.training import subset

COUNT = 5000
MOST_REAL = 10_000
"""Of larger data sets this many real pictures are compared with, the same ones always."""
MOST_LEARNED = 150_000_000
"""The numbers in the training pictures that are searched for copies: 60,000 digits, or 12,000
pictures of 64 x 64 in colour.
"""
AT_A_TIME = 250


class Samples(NamedTuple):
    """Pictures uint8 (N, H, W, C) of a model and the classes, or InfoGAN's codes, that were asked
    for, (N,), if it can be asked.
    """

    images: np.ndarray
    labels: np.ndarray | None


def drawn(
    model: TrainedModel,
    count: int = COUNT,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
    shares: np.ndarray | None = None,
) -> Samples:
    """`count` pictures of the model, their classes drawn at random by the real pictures' `shares`
    (all alike if there are none). Taking turns they would be more even than any sample of real
    pictures, and every estimator that counts on independent draws, as KID does, would be off.
    """
    if model.translates:
        raise BadInput(
            "This model translates pictures and draws none from noise, so there is nothing to"
            " measure here: choose another model."
        )
    noise = latents.noise(seed, model.config.latent_size, count)
    labels = requested_classes(model, count, seed, shares)
    images = []
    for start in range(0, count, AT_A_TIME):
        images.append(
            model.draw(noise[start : start + AT_A_TIME], labels[start : start + AT_A_TIME])
        )
        progress(min(1.0, (start + AT_A_TIME) / count), f"Drawing {count:,} pictures")
    return Samples(np.concatenate(images), labels if model.config.by_class else None)


def requested_classes(
    model: TrainedModel, count: int, seed: int, shares: np.ndarray | None
) -> np.ndarray:
    """Classes (count,) drawn at random; InfoGAN's codes are drawn all alike, as in training."""
    classes = max(1, model.classes)
    known = shares is not None and model.config.conditional and len(shares) == classes
    weights = (
        torch.from_numpy(np.asarray(shares, np.float64))
        if known
        else torch.ones(classes, dtype=torch.float64)
    )
    return torch.multinomial(
        weights, count, replacement=True, generator=rng_for(seed, "classes to draw")
    ).numpy()


def shares_of(labels: np.ndarray | Tensor | None, classes: int) -> np.ndarray | None:
    """The share of each class among real pictures' labels, if they are the model's classes."""
    found = (
        None
        if labels is None or not len(labels)
        else np.bincount(np.asarray(labels), minlength=classes) / len(labels)
    )
    return found if found is not None and len(found) == classes else None


def real_pictures(
    model: TrainedModel, folder: Path | None = None, progress: Progress = lambda share, what: None
) -> Pictures:
    """The real pictures that a model is compared with, at its size: those of its kind that nothing
    learns from, where there are some, otherwise its data set; the same `MOST_REAL` of more always.
    Own pictures are those that lie in its `folder`.
    """
    held_out = HELD_OUT.get(model.config.dataset)
    found = held_out(progress) if held_out else _data_set(model, folder, progress)
    return _some(found, MOST_REAL).resized(model.config.image_size)


def learned_pictures(
    model: TrainedModel, folder: Path | None = None, progress: Progress = lambda share, what: None
) -> Pictures:
    """The pictures that a model learned from, at its size; of very many some."""
    everything = subset(_data_set(model, folder, progress), model.config)
    side = model.config.image_size
    most = MOST_LEARNED // (everything.images.shape[1] * side * side)
    return _some(everything, most).resized(side)


def known_pictures(model: TrainedModel, folder: Path | None = None) -> Pictures:
    """Real pictures that measures may learn from, at the model's size: its data set, the same
    `MOST_REAL` of a larger one always.
    """
    found = _some(_data_set(model, folder, lambda share, what: None), MOST_REAL)
    return found.resized(model.config.image_size)


def _data_set(model: TrainedModel, folder: Path | None, progress: Progress) -> Pictures:
    """All pictures of the model's data set."""
    if model.config.dataset == "own":
        if folder is None or not (folder / uploads.PICTURES).is_file():
            raise BadInput(
                "This model learned from somebody's own pictures, which did not come with it: there"
                " is nothing to compare with."
            )
        return uploads.load(folder / uploads.PICTURES)
    return DATASETS[model.config.dataset](progress)


def _some(pictures: Pictures, most: int) -> Pictures:
    if len(pictures.labels) <= most:
        return pictures
    chosen = torch.randperm(
        len(pictures.labels), generator=rng_for(0, "real pictures to compare with")
    )[:most]
    return pictures.at(chosen)


def evaluated(
    model: TrainedModel,
    *,
    count: int = COUNT,
    seed: int = 1,
    encoder: str = "",
    folder: Path | None = None,
    progress: Progress = lambda share, what: None,
) -> Evaluation:
    """The model's evaluation over `count` pictures. Without an `encoder`'s name the one that suits
    its data is taken, and random features where Inception would but cannot be had; the evaluation
    says which it was.
    """
    _, against = reference(
        model,
        count=count,
        encoder=encoder,
        folder=folder,
        progress=lambda share, what: progress(0.4 * share, what),
    )
    return examine_model(
        model,
        against,
        count=count,
        seed=seed,
        progress=lambda share, what: progress(0.4 + 0.6 * share, what),
    )[1].evaluation


def reference(
    model: TrainedModel,
    *,
    count: int = COUNT,
    encoder: str = "",
    folder: Path | None = None,
    progress: Progress = lambda share, what: None,
    known: Callable[[str], Reference | None] = lambda digest: None,
) -> tuple[str, Reference]:
    """What `count` pictures of the model are measured against, the real pictures read by the
    encoder that `evaluated` would take, after its digest. `known` may answer with the reference of
    a digest that has been made before.
    """
    chosen = _encoder(encoder, model, progress)
    real = real_pictures(model, folder, progress)
    images, labels = arrays(real), real.labels.numpy()
    training, held_out = None, model.config.dataset in HELD_OUT
    if model.config.most_pictures or held_out:
        training = arrays(learned_pictures(model, folder, progress))
    # Models that learned at different sizes may be compared at one.
    compared = images if chosen.name == "inception" else at_side(images)
    part = report.part_of(count, len(images))
    digest = hashlib.blake2b(
        f"{chosen.name} {part} ".encode() + compared.tobytes() + labels.tobytes(), digest_size=12
    )
    if training is not None:
        digest.update(at_side(training).tobytes())
    name = digest.hexdigest()
    return name, known(name) or report.reference(
        images,
        labels=labels,
        training=training,
        held_out=held_out,
        count=count,
        encoder=chosen,
        progress=progress,
    )


def examine_model(
    model: TrainedModel,
    against: Reference,
    *,
    count: int = COUNT,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
) -> tuple[Samples, Study]:
    """`count` pictures of the model and their evaluation, with all that it was computed from."""
    shares = shares_of(against.real.labels, model.classes)
    found = drawn(model, count, seed, lambda share, what: progress(0.4 * share, what), shares)
    coded = model.config.capabilities.finds_classes
    return found, report.study(
        found.images,
        against,
        labels=found.labels,
        coded=coded,
        progress=lambda share, what: progress(0.4 + 0.6 * share, what),
    )


def cas_of(
    model: TrainedModel,
    *,
    count: int = COUNT,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
) -> cas.Score:
    """The classification accuracy score of a conditional model of digits, tested on the 10,000
    digits that nothing learns from.
    """
    if features.suited(model.config.dataset) != "digits":
        raise BadInput(
            f"This model draws {model.config.dataset}, but the score is measured on digits: choose"
            " a model of digits or mnist."
        )
    if not model.config.conditional:
        raise BadInput(
            "This model cannot be asked for a digit, so its pictures have no labels to learn from:"
            " choose a conditional one."
        )
    images, labels = drawn(model, count, seed, lambda share, what: progress(0.1 * share, what))
    assert labels is not None
    test = HELD_OUT["digits"](progress)
    return cas.score(
        images,
        labels,
        arrays(test),
        test.labels.numpy(),
        progress=lambda share, what: progress(0.1 + 0.9 * share, what),
    )


def modes_of(
    model: TrainedModel,
    *,
    count: int = stacked.FEWEST,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
) -> tuple[stacked.Modes, stacked.Modes]:
    """The modes of a model of stacked digits, and those of as many real stacks."""
    if model.config.dataset != "digits-stacked":
        raise BadInput(
            f"This model draws {model.config.dataset}, but modes are counted in stacked digits:"
            " choose one of the data digits-stacked."
        )
    images, _ = drawn(model, count, seed, lambda share, what: progress(0.4 * share, what))
    found = stacked.counted(
        stacked.numbers(images, lambda share: progress(0.4 + 0.3 * share, "Reading the digits"))
    )
    real = arrays(stacks(HELD_OUT["digits"](lambda share, what: None), count, seed)[0])
    return found, stacked.counted(
        stacked.numbers(real, lambda share: progress(0.7 + 0.3 * share, "Reading real stacks"))
    )


def arrays(pictures: Pictures) -> np.ndarray:
    """The images as uint8 (N, H, W, C)."""
    return pictures.images.cpu().permute(0, 2, 3, 1).contiguous().numpy()


def _encoder(name: str, model: TrainedModel, progress: Progress) -> features.Encoder:
    if name:
        return features.opened(name)
    try:
        return features.opened(features.suited(model.config.dataset))
    except BadInput as error:
        progress(0.0, f"{error} Until then random features are taken.")
        return features.opened("random")
