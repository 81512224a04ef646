"""Features -> statistics -> score: one call that measures generated pictures against real ones.

Every figure has an interval, and beside it stands the same figure of real pictures against other
real pictures, as many of them as of generated ones where there are enough: the mark that no
generator should be expected to pass. What each figure means is said in the file that computes it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ganapp.errors import BadInput
from ganapp.evaluation import classes, distances, features, manifold, neighbours
from ganapp.evaluation.bootstrap import Estimate, of_mean, of_percentile
from ganapp.evaluation.features import Encoder, Progress
from ganapp.evaluation.sizes import at_side, check_labels, check_pictures, with_channels
from ganapp.randomness import rng_for

FEWEST = 50
"""Pictures of each set, below which no figure here says anything."""


@dataclass(frozen=True)
class PictureScores:
    """What one set of pictures scores against a set of real ones. `None` where a figure does not
    apply: label accuracy needs labels that were asked for and a classifier, the histogram and its
    KL divergence a classifier. Precision, recall, density and coverage, which depend on both
    numbers, are of as many generated pictures as the floor has, against the same real ones.
    """

    pictures: int
    against: int
    frechet: Estimate
    kid: Estimate
    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate
    label_accuracy: Estimate | None
    histogram: tuple[float, ...] | None
    histogram_kl: Estimate | None
    diversity: Estimate
    diversity_by_class: dict[int, float]
    nearest_median: Estimate
    nearest_fifth_percentile: Estimate
    authenticity: Estimate


@dataclass(frozen=True)
class Evaluation:
    """The scores of generated pictures, and the floor: those of some real pictures against all
    others (see `part_of`).

    `encoder` is the encoder's name, `features` and `distance` are its words for reports;
    `classifier_accuracy` is that of the digit classifier on digits that it has not seen.
    """

    encoder: str
    features: str
    distance: str
    generated: PictureScores
    floor: PictureScores
    classifier_accuracy: float | None
    frechet_matched: Estimate
    """Of as many generated pictures as the floor has, against the same real ones: to be held
    against the floor's distance, since the distance falls with the number of pictures.
    """
    meanings: tuple[int, ...] | None = None
    """The class that each code means, where codes were asked for; the label accuracy is then of
    those.
    """

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON; an interval is {value, low, high}."""
        result: dict[str, Any] = plain(self)
        return result


@dataclass(frozen=True)
class PictureSet:
    """One set of pictures on its way to scores: as they are compared, uint8 (N, S, S, C), their
    features (N, F), the labels that were asked for, (N,), if any, and, where a classifier reads
    them, the classes that it reads, (N,), of so many `kinds`.
    """

    images: np.ndarray
    features: np.ndarray
    labels: np.ndarray | None
    read: np.ndarray | None
    kinds: int = 0

    def part(self, rows: np.ndarray) -> PictureSet:
        """The pictures with these numbers."""
        return PictureSet(
            self.images[rows],
            self.features[rows],
            None if self.labels is None else self.labels[rows],
            None if self.read is None else self.read[rows],
            self.kinds,
        )


@dataclass(frozen=True)
class Reference:
    """Real pictures, read once for any number of generators: `rest` are those that the floor's
    pictures were measured against; `training` (M, H, W, C) uint8 those that the generator learned
    from.
    """

    encoder: Encoder
    real: PictureSet
    training: np.ndarray
    rest: PictureSet
    floor: PictureScores

    @property
    def shares(self) -> np.ndarray | None:
        """The share of each class among the real pictures, by their labels where they have some;
        None without a classifier.
        """
        return None if self.real.read is None else _shares(self.real)


@dataclass(frozen=True)
class Study:
    """An evaluation with what it was computed from: the generated pictures, and the nearest
    training picture of each.
    """

    evaluation: Evaluation
    generated: PictureSet
    near: neighbours.Nearest


def evaluate(
    generated: np.ndarray,
    real: np.ndarray,
    *,
    labels: np.ndarray | None = None,
    real_labels: np.ndarray | None = None,
    coded: bool = False,
    encoder: Encoder | None = None,
    seed: int = 0,
    progress: Progress = lambda share, what: None,
) -> Evaluation:
    """Measures `generated` (N, H, W, C) uint8 against `real` (M, H, W, C) uint8, at least `FEWEST`
    of each.

    `labels` (N,) are the classes that were asked for, `real_labels` (M,) those of the real
    pictures; the classifier's readings stand in for them where digits have none. `coded` labels are
    codes, of which it is not known what they mean (InfoGAN). The encoder is the digit classifier
    unless told. `BadInput` for what cannot be measured.
    """
    _check(generated, labels, "generated")
    against = reference(
        real,
        labels=real_labels,
        count=len(generated),
        encoder=encoder,
        seed=seed,
        progress=lambda share, what: progress(0.5 * share, what),
    )
    return study(
        generated,
        against,
        labels=labels,
        coded=coded,
        seed=seed,
        progress=lambda share, what: progress(0.5 + 0.5 * share, what),
    ).evaluation


def reference(
    real: np.ndarray,
    *,
    labels: np.ndarray | None = None,
    training: np.ndarray | None = None,
    held_out: bool = False,
    count: int | None = None,
    encoder: Encoder | None = None,
    seed: int = 0,
    progress: Progress = lambda share, what: None,
) -> Reference:
    """Reads the real pictures of `evaluate`, and measures some of them against the others: as many
    as there will be generated ones, `count`, but half of them at most, and half if it is not known.
    `training` (M, H, W, C) uint8 are the pictures that the generator learned from, if they are not
    all of the real ones; the real ones are `held_out` where none of them is among those. Then the
    floor says how near real pictures come to the training pictures.
    """
    _check(real, labels, "real")
    encoder = encoder or features.digits()
    measured = _measured(
        real, labels, encoder, lambda share: progress(0.5 * share, "Reading the real pictures")
    )
    progress(0.5, "Measuring real pictures against real ones")
    learned = measured.images if training is None else _shown(training, encoder)
    progress(0.7, "Measuring real pictures against real ones")
    rest, part = _split(measured, part_of(count, len(real)))
    return Reference(
        encoder,
        measured,
        learned,
        rest,
        _floor(
            rest,
            part,
            learned if held_out else None,
            seed,
            lambda share, what: progress(0.7 + 0.3 * share, f"Real pictures: {what}"),
        ),
    )


def part_of(count: int | None, real: int) -> int:
    """How many of `real` pictures are measured against the others, where `count` generated ones are
    measured: figures like coverage and the Fréchet distance can only be compared at equal numbers.
    """
    half = real - real // 2
    return half if count is None else min(max(count, FEWEST // 2), half)


def study(
    generated: np.ndarray,
    against: Reference,
    *,
    labels: np.ndarray | None = None,
    coded: bool = False,
    seed: int = 0,
    progress: Progress = lambda share, what: None,
) -> Study:
    """What `evaluate` does, against real pictures that have been read already."""
    _check(generated, labels, "generated")
    encoder, rest = against.encoder, against.rest
    measured = _measured(
        generated,
        labels,
        encoder,
        lambda share: progress(0.3 * share, "Reading the generated pictures"),
    )
    meanings = None
    if coded:
        measured, meanings = _decoded(measured)
    near = neighbours.nearest(
        measured.images,
        against.training,
        progress=lambda share: progress(0.3 + 0.2 * share, "Nearest training pictures"),
    )
    alike = rest.features, measured.features[: against.floor.pictures]
    found = Evaluation(
        encoder=encoder.name,
        features=encoder.features,
        distance=encoder.distance,
        generated=_scores(
            measured,
            against.real,
            alike,
            near,
            against.training,
            seed,
            lambda share, what: progress(0.5 + 0.45 * share, what),
        ),
        floor=against.floor,
        classifier_accuracy=encoder.reader.accuracy if encoder.reader else None,
        frechet_matched=distances.frechet(*alike, seed),
        meanings=meanings,
    )
    return Study(found, measured, near)


def _check(images: np.ndarray, labels: np.ndarray | None, what: str) -> None:
    check_pictures(images, f"The {what} pictures")
    if len(images) < FEWEST:
        raise BadInput(
            f"There are only {len(images)} {what} pictures, but figures of fewer than {FEWEST} say"
            " nothing: give more."
        )
    if labels is not None:
        check_labels(labels, len(images))


def _measured(
    images: np.ndarray,
    labels: np.ndarray | None,
    encoder: Encoder,
    progress: Callable[[float], None],
) -> PictureSet:
    found = features.encoded(encoder, images, progress)
    shown, reader = _shown(images, encoder), encoder.reader
    if reader is None:
        return PictureSet(shown, found, labels, None)
    return PictureSet(shown, found, labels, reader.read(found), len(reader.names))


def _shown(images: np.ndarray, encoder: Encoder) -> np.ndarray:
    """The pictures as their pixels are compared."""
    return with_channels(at_side(images), 1 if encoder.name == "digits" else 3)


def _decoded(measured: PictureSet) -> tuple[PictureSet, tuple[int, ...] | None]:
    """The pictures with what their codes mean for labels, and those meanings; without labels where
    nothing can be read.
    """
    if measured.labels is None or measured.read is None:
        return dataclasses.replace(measured, labels=None), None
    found = classes.meanings(measured.labels, measured.read, measured.kinds)
    return dataclasses.replace(measured, labels=found[measured.labels]), tuple(found.tolist())


def _scores(
    measured: PictureSet,
    real: PictureSet,
    alike: tuple[np.ndarray, np.ndarray],
    near: neighbours.Nearest,
    training: np.ndarray,
    seed: int,
    progress: Progress = lambda share, what: None,
) -> PictureScores:
    near_distances = near.distances[:, 0]
    groups = measured.labels if measured.labels is not None else measured.read
    progress(0.0, "Comparing pictures of a class")
    diversity, by_class = classes.diversity(
        measured.features,
        np.zeros(len(near_distances), np.int64) if groups is None else groups,
        seed,
    )
    progress(0.1, "Fréchet distance, with its interval")
    frechet = distances.frechet(real.features, measured.features, seed)
    progress(0.4, "KID, with its interval")
    kid = distances.kernel(real.features, measured.features, seed)
    progress(0.7, "Precision, recall, density and coverage")
    overlap = manifold.manifold_estimates(*alike, seed=seed)
    progress(1.0, "The rest")
    return PictureScores(
        pictures=len(measured.images),
        against=len(real.images),
        frechet=frechet,
        kid=kid,
        **overlap,
        **_read(measured, real, seed),
        diversity=diversity,
        diversity_by_class=by_class,
        nearest_median=of_percentile(near_distances, 50, seed),
        nearest_fifth_percentile=of_percentile(near_distances, 5, seed),
        authenticity=of_mean(neighbours.authentic(near, training), seed),
    )


def _read(measured: PictureSet, real: PictureSet, seed: int) -> dict[str, Any]:
    """The figures that need a classifier."""
    if measured.read is None or real.read is None:
        return {"label_accuracy": None, "histogram": None, "histogram_kl": None}
    return {
        "label_accuracy": (
            None if measured.labels is None else of_mean(measured.read == measured.labels, seed)
        ),
        "histogram": tuple(classes.histogram(measured.read, measured.kinds).tolist()),
        "histogram_kl": classes.divergence_estimate(measured.read, _shares(real), seed),
    }


def _shares(real: PictureSet) -> np.ndarray:
    read = real.read if real.labels is None else real.labels
    assert read is not None
    return classes.histogram(read, real.kinds)


def _split(real: PictureSet, count: int) -> tuple[PictureSet, PictureSet]:
    """All others, and `count` at random."""
    order = torch.randperm(len(real.images), generator=rng_for(0, "halves")).numpy()
    return real.part(order[: len(order) - count]), real.part(order[len(order) - count :])


def _floor(
    rest: PictureSet,
    part: PictureSet,
    training: np.ndarray | None,
    seed: int,
    progress: Progress,
) -> PictureScores:
    """Some real pictures against all others; how near each is to its nearest one of `training`, or
    of all real ones but itself where those are what was learned from. Without a label accuracy, for
    the classifier may have learned from some of these.
    """
    known = rest.images if training is None else training
    near = neighbours.nearest(part.images, known)
    scores = _scores(part, rest, (rest.features, part.features), near, known, seed, progress)
    scores = dataclasses.replace(scores, label_accuracy=None)
    if training is not None:
        return scores
    everything = np.concatenate([rest.images, part.images])
    apart = neighbours.nearest(part.images, everything, count=2).distances[:, 1]
    return dataclasses.replace(
        scores,
        nearest_median=of_percentile(apart, 50, seed),
        nearest_fifth_percentile=of_percentile(apart, 5, seed),
    )


def plain(value: Any) -> Any:
    """`value` as JSON knows it: a tuple or class with named fields is an object of these names, as
    an interval is {value, low, high}, and what is no finite number is null.
    """
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain({each.name: getattr(value, each.name) for each in dataclasses.fields(value)})
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
