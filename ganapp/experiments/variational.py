"""What a VAE and a GAN have that the other lacks, in figures: pictures drawn, pictures found again,
and the bound that a VAE has alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from ganapp.checkpoints import TrainedModel
from ganapp.datasets import HELD_OUT, Progress
from ganapp.errors import BadInput
from ganapp.evaluation import bootstrap, features
from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.report import PictureScores
from ganapp.evaluation.sharpness import sharpness
from ganapp.experiments import scoring
from ganapp.experiments.quality import QualityChecker
from ganapp.models.vae import reconstruction_error
from ganapp.pictures import from_uint8
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES, search

AT_A_TIME = 250
STARTS = 60
"""Starts of the search for a z, as on the Restore tab."""


class Bound(NamedTuple):
    """The evidence lower bound and its two terms, in nats, as means over the held-out `pictures`;
    `floor` is the least that the reconstruction error can be: the entropy of the grey values.
    """

    pictures: int
    bound: Estimate
    reconstruction_error: Estimate
    divergence: Estimate
    floor: float


class Drawn(NamedTuple):
    """Pictures from noise: their scores against held-out ones, the share of them that look real
    (see `QualityCheck`), and how sharp they are, real pictures = 1.
    """

    scores: PictureScores
    faithful: Estimate
    sharpness: Estimate


class Found(NamedTuple):
    """Held-out `pictures` drawn again: the root mean square difference of a pixel, as a share of
    its range, by the encoder in one pass, None without one, and by search in z.
    """

    pictures: int
    encoded: Estimate | None
    searched: Estimate | None


class Figures(NamedTuple):
    """All figures of one model; the `bound` is None for a GAN, which has none."""

    drawn: Drawn
    found: Found
    bound: Bound | None


def measure(
    model: TrainedModel,
    count: int,
    searches: int,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
) -> Figures:
    """Draws `count` pictures and finds `searches` held-out ones again. `BadInput` for a model that
    draws nothing from noise, or whose data have no held-out pictures.
    """
    real = held_out(model, progress)
    made = drawn(model, count, seed, lambda share, what: progress(0.4 * share, what))
    found = found_again(
        model, real, searches, seed, lambda share, what: progress(0.4 + 0.5 * share, what)
    )
    limit = bound(model, real, seed) if model.encodes else None
    return Figures(made, found, limit)


def held_out(model: TrainedModel, progress: Progress) -> scoring.Samples:
    """The pictures of the model's kind that nothing learns from, with their labels."""
    known = HELD_OUT.get(model.config.dataset)
    if known is None or model.translates:
        raise BadInput(
            f"This model is of {model.config.dataset}, which keeps no pictures aside, or draws"
            " nothing from noise: choose a VAE or a GAN of digits, mnist, fashion-mnist or faces."
        )
    pictures = known(progress).resized(model.config.image_size)
    return scoring.Samples(scoring.arrays(pictures), pictures.labels.numpy())


def drawn(
    model: TrainedModel,
    count: int,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
) -> Drawn:
    """`count` pictures from noise and what they score."""
    _, against = scoring.reference(
        model, count=count, progress=lambda share, what: progress(0.4 * share, what)
    )
    samples, study = scoring.examine_model(
        model,
        against,
        count=count,
        seed=seed,
        progress=lambda share, what: progress(0.4 + 0.6 * share, what),
    )
    return Drawn(
        study.evaluation.generated,
        faithful(model, samples.images),
        sharpness_of(samples.images, against.real.images),
    )


def faithful(model: TrainedModel, images: np.ndarray) -> Estimate:
    """The share of the pictures that look real, as the quality checks of a training count it."""
    checker = QualityChecker(model)
    return bootstrap.of_mean(checker.as_real(images, features.encoded(checker.encoder, images)))


def sharpness_of(images: np.ndarray, real: np.ndarray) -> Estimate:
    """The mean sharpness of pictures as a share of that of real ones."""
    return bootstrap.of_mean(sharpness(images) / sharpness(real).mean())


def bound(model: TrainedModel, real: scoring.Samples, seed: int = 1) -> Bound:
    """The bound of `model`, which encodes, on real pictures, with one z for each."""
    rng = rng_for(seed, "bound")
    errors, divergences, floors = [], [], []
    for start in range(0, len(real.images), AT_A_TIME):
        images = from_uint8(real.images[start : start + AT_A_TIME])
        labels = _labels(model, real, start, len(images))
        code = model.encode(images, labels)
        noise = torch.randn(code.mean.shape, generator=rng).to(code.mean)
        shown, known = torch.from_numpy(images).to(code.mean), torch.from_numpy(labels)
        with torch.inference_mode():
            logits = model.average.logits(code.sample(noise), known.to(shown.device))  # type: ignore[operator] # a Module's attribute
            errors.append(reconstruction_error(logits, shown).cpu())
            shares = (shown.double() + 1) / 2
            entropies = torch.special.entr(shares) + torch.special.entr(1 - shares)
            floors.append(entropies.flatten(1).sum(1).cpu())
        divergences.append(code.divergence().cpu())
    error, divergence, floor = (
        torch.cat(values).double().numpy() for values in (errors, divergences, floors)
    )
    return Bound(
        len(error),
        bootstrap.of_mean(-error - divergence),
        bootstrap.of_mean(error),
        bootstrap.of_mean(divergence),
        float(floor.mean()),
    )


def found_again(
    model: TrainedModel,
    real: scoring.Samples,
    searches: int,
    seed: int = 1,
    progress: Progress = lambda share, what: None,
) -> Found:
    """Finds some real pictures again: by the encoder, if there is one, and by search in z."""
    chosen = torch.randperm(len(real.images), generator=rng_for(seed, "found again"))[:searches]
    some = scoring.Samples(real.images[chosen], real.labels[chosen])  # type: ignore[index] # real ones have labels
    images, searched = from_uint8(some.images), []
    for number, picture in enumerate(images):
        progress(number / len(images), "Searching in z")
        searched.append(difference(searched_for(model, picture[None], seed), picture[None])[0])
    encoded = None
    if model.encodes:
        again = reconstructed(model, images, _labels(model, some, 0, len(images)))
        encoded = bootstrap.of_mean(difference(again, images))
    return Found(len(images), encoded, bootstrap.of_mean(np.array(searched)))


def reconstructed(model: TrainedModel, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Pictures (B, C, S, S) in [-1, 1] as the decoder draws them from the means of their codes."""
    return model.images(model.encode(images, labels).mean.cpu().numpy(), labels)


def searched_for(model: TrainedModel, picture: np.ndarray, seed: int) -> np.ndarray:
    """A picture (1, C, S, S) as it is drawn from the best z that the search finds."""
    device = next(model.parameters()).device
    labels = torch.arange(max(STARTS, model.classes), device=device) % max(1, model.classes)
    given, rng = torch.from_numpy(picture).to(device), rng_for(seed, "restore")
    size = model.config.latent_size
    *_, match = search(model.average, DAMAGES["none"], given, size, labels, rng)
    return model.images(match.z.cpu().numpy()[None], np.full(1, match.label))


def difference(made: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The root mean square difference of the pixels of pictures (B, C, S, S) in [-1, 1], as a
    share of their range, (B,).
    """
    squares = np.square(made - images).reshape(len(images), -1).mean(1)
    result: np.ndarray = np.sqrt(squares) / 2
    return result


def _labels(model: TrainedModel, real: scoring.Samples, start: int, count: int) -> np.ndarray:
    """The classes of some pictures, as far as the model knows any."""
    if real.labels is None or not model.classes:
        return np.zeros(count, np.int64)
    return real.labels[start : start + count].astype(np.int64)
