"""What a model that repairs pictures is worth, on pictures that it did not learn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS, HELD_OUT, Progress
from ganapp.errors import BadInput
from ganapp.evaluation import bootstrap, classifier, features
from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.readings import FACES, readings_of
from ganapp.evaluation.repairs import nearness
from ganapp.pictures import to_uint8
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES

AT_A_TIME = 250


class Figures(NamedTuple):
    """Means over the pictures: nearness to the whole ones, and `read`: the share in which the
    classifier of digits reads what was written, of faces the share of the attributes that are read
    as in the whole face; None where nothing can be read.
    """

    psnr: Estimate
    ssim: Estimate
    read: Estimate | None


class Repairs(NamedTuple):
    """The damaged pictures, the repaired ones and the whole ones, so many `pictures` of each;
    `held_out` says that the model learned from none of them. `whole_read` is what is read of whole
    digits; a whole face is what the others are held against.
    """

    pictures: int
    held_out: bool
    damaged: Figures
    repaired: Figures
    whole_read: Estimate | None


def measure(
    model: TrainedModel,
    count: int,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
) -> Repairs:
    """Damages `count` pictures with the seed as the model's were, and repairs them."""
    if not model.repairs:
        raise BadInput("This model repairs no pictures: choose one that the pix2pix model made.")
    config = model.config
    held_out = config.dataset in HELD_OUT
    if not held_out and config.dataset not in DATASETS:
        raise BadInput(
            "This model learned from pictures of its owner's own, which are not here: there is"
            " nothing to measure it with."
        )
    known = HELD_OUT.get(config.dataset) or DATASETS[config.dataset]
    pictures = known(progress).resized(config.image_size)
    rng = rng_for(seed, "repairs")
    chosen = torch.randperm(len(pictures.labels), generator=rng)[:count]
    whole = pictures.images[chosen].float() / 127.5 - 1
    given = DAMAGES[config.damage].spoiled(whole, rng)
    made = []
    for start in range(0, len(chosen), AT_A_TIME):
        made.append(model.translate(given[start : start + AT_A_TIME].numpy(), 1))
        progress(start / len(chosen), "Repairing.")
    right = _reader(config, whole.numpy(), pictures.labels[chosen].numpy())

    def figures(images: np.ndarray) -> Figures:
        near = nearness(images, whole.numpy())
        read = bootstrap.of_mean(right(images)) if right else None
        return Figures(bootstrap.of_mean(near.psnr), bootstrap.of_mean(near.ssim), read)

    written = right is not None and config.dataset not in FACES
    return Repairs(
        len(chosen),
        held_out,
        figures(given.numpy()),
        figures(np.concatenate(made)),
        bootstrap.of_mean(right(whole.numpy())) if right and written else None,
    )


def _reader(
    config: TrainConfig, whole: np.ndarray, labels: np.ndarray
) -> Callable[[np.ndarray], np.ndarray] | None:
    """What tells of each picture (N, C, S, S) how much of it is read rightly, (N,); None where
    nothing can be read.
    """
    if config.dataset in FACES:
        _, readings = readings_of(config)
        had = readings(to_uint8(whole)) > 0.5
        return lambda images: ((readings(to_uint8(images)) > 0.5) == had).mean(1)
    if features.suited(config.dataset) != "digits":
        return None
    network, _ = classifier.shipped()
    return lambda images: (
        classifier.read(network, classifier.features(network, to_uint8(images))) == labels
    )
