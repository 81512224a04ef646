"""What a model that repairs pictures is worth, on pictures that it did not learn from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from ganapp.checkpoints import TrainedModel
from ganapp.datasets import DATASETS, HELD_OUT, Progress
from ganapp.errors import BadInput
from ganapp.evaluation import bootstrap, classifier, features
from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.repairs import nearness
from ganapp.pictures import to_uint8
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES

AT_A_TIME = 250


class Figures(NamedTuple):
    """Means over the pictures: nearness to the whole ones, and the share in which the classifier of
    digits reads what was written; None where it cannot read.
    """

    psnr: Estimate
    ssim: Estimate
    read: Estimate | None


class Repairs(NamedTuple):
    """The damaged pictures, the repaired ones and the whole ones, so many `pictures` of each;
    `held_out` says that the model learned from none of them.
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
    labels = None
    if features.suited(config.dataset) == "digits":
        labels = pictures.labels[chosen].numpy()
    return Repairs(
        len(chosen),
        held_out,
        _figures(given.numpy(), whole.numpy(), labels),
        _figures(np.concatenate(made), whole.numpy(), labels),
        _read(whole.numpy(), labels),
    )


def _figures(made: np.ndarray, whole: np.ndarray, labels: np.ndarray | None) -> Figures:
    near = nearness(made, whole)
    return Figures(bootstrap.of_mean(near.psnr), bootstrap.of_mean(near.ssim), _read(made, labels))


def _read(images: np.ndarray, labels: np.ndarray | None) -> Estimate | None:
    if labels is None:
        return None
    network, _ = classifier.shipped()
    read = classifier.read(network, classifier.features(network, to_uint8(images)))
    return bootstrap.of_mean(read == labels)
