"""The whole measurement: real digits against themselves, digits that lack what digits have, and
what cannot be measured.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from ganapp.datasets import DATASETS
from ganapp.datasets.bundled import load_digits
from ganapp.errors import BadInput
from ganapp.evaluation import features
from ganapp.evaluation.report import Evaluation, PictureScores, evaluate, part_of

PICTURES = load_digits(lambda share, what: None)
ORDER = np.random.default_rng(0).permutation(5000)
IMAGES, LABELS = PICTURES.images.permute(0, 2, 3, 1).numpy()[ORDER], PICTURES.labels.numpy()[ORDER]
REAL, REAL_LABELS = IMAGES[:1000], LABELS[:1000]


def against_real(images: np.ndarray, labels: np.ndarray | None = None) -> Evaluation:
    return evaluate(images, REAL, labels=labels, real_labels=REAL_LABELS)


@pytest.fixture(scope="module")
def fresh() -> Evaluation:
    """Digits that are no less real than those that they are compared with."""
    return against_real(IMAGES[1000:2000], LABELS[1000:2000])


def intervals(scores: PictureScores) -> dict[str, tuple[float, float, float]]:
    return {
        name: value
        for name, value in vars(scores).items()
        if isinstance(value, tuple) and hasattr(value, "low")
    }


def test_real_digits_score_what_real_digits_score(fresh: Evaluation) -> None:
    ours, floor = fresh.generated, fresh.floor
    assert (ours.pictures, ours.against, floor.pictures, floor.against) == (1000, 1000, 500, 500)
    assert (
        ours.label_accuracy is not None
        and ours.label_accuracy.value > 0.985
        and floor.label_accuracy is None
    )
    assert (
        ours.frechet.value
        < fresh.frechet_matched.value
        == pytest.approx(floor.frechet.value, rel=0.6)
        and abs(ours.kid.value) < 0.01
    )
    for name in ("precision", "recall", "coverage", "density"):
        assert getattr(ours, name).value == pytest.approx(getattr(floor, name).value, abs=0.08)
    assert ours.diversity.value == pytest.approx(floor.diversity.value, rel=0.1)
    assert (
        ours.histogram_kl is not None
        and ours.histogram_kl.value < 0.01
        and 0.35 < ours.authenticity.value < 0.65
    )
    assert fresh.classifier_accuracy is not None and fresh.classifier_accuracy > 0.98


def test_real_digits_score_what_as_many_real_ones_score_however_many_they_are() -> None:
    found = against_real(IMAGES[1000:1200], LABELS[1000:1200])
    ours, floor = found.generated, found.floor
    assert (ours.pictures, ours.against, floor.pictures, floor.against) == (200, 1000, 200, 800)
    # Of few, few are near.
    assert (
        ours.coverage.value == pytest.approx(floor.coverage.value, abs=0.07)
        and floor.coverage.value < 0.75
    )
    # As other 200 score; 500 score about 1.7.
    assert all(1.8 < value < 5 for value in (found.frechet_matched.value, floor.frechet.value))
    assert [part_of(count, 5000) for count in (None, 10, 500, 2500, 5000)] == [
        2500,
        25,
        500,
        2500,
        2500,
    ]


def test_every_figure_lies_in_its_interval(fresh: Evaluation) -> None:
    for scores in (fresh.generated, fresh.floor):
        assert len(intervals(scores)) >= 11
        for name, (value, low, high) in intervals(scores).items():
            assert low <= value <= high and low < high, name


def test_the_training_pictures_themselves_are_found_out() -> None:
    scores = against_real(REAL, REAL_LABELS).generated
    assert (
        scores.frechet.value == pytest.approx(0, abs=1e-5)
        and scores.coverage.value > 0.9
        and scores.precision.value > 0.9
    )
    assert scores.nearest_median.value == 0 and scores.authenticity.value == 0


def test_a_collapsed_generator_has_labels_right_and_little_else(fresh: Evaluation) -> None:
    one_each = np.stack([IMAGES[1000:][LABELS[1000:] == digit][0] for digit in range(10)])
    scores = against_real(np.repeat(one_each, 20, axis=0), np.repeat(np.arange(10), 20)).generated
    assert scores.label_accuracy is not None and scores.label_accuracy.value == 1
    assert scores.histogram_kl is not None and scores.histogram_kl.value < 0.01
    assert scores.diversity.value == 0 and scores.diversity_by_class == dict.fromkeys(
        range(10), 0.0
    )
    assert scores.coverage.value < 0.2 and scores.frechet.value > 5 * fresh.generated.frechet.value


def test_a_missing_class_shows_in_the_histogram() -> None:
    lacking = LABELS[1000:3000] != 7
    scores = against_real(IMAGES[1000:3000][lacking]).generated
    assert scores.label_accuracy is None and scores.histogram is not None
    assert scores.histogram[7] < 0.02 and sum(scores.histogram) == pytest.approx(1)
    assert scores.histogram_kl is not None and scores.histogram_kl.value == pytest.approx(
        np.log(10 / 9), abs=0.03
    )


def test_noise_is_far_from_everything() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 28, 28, 1), dtype=np.uint8)
    scores = against_real(noise).generated
    assert (
        scores.precision.value < 0.05
        and scores.coverage.value < 0.05
        and scores.nearest_median.value > 0.3
    )


def test_other_data_have_the_figures_that_need_no_classifier() -> None:
    pictures = DATASETS["emoji"](lambda share, what: None)
    images, labels = (
        pictures.images.permute(0, 2, 3, 1).numpy()[:400],
        pictures.labels.numpy()[:400],
    )
    found = evaluate(
        images[::2],
        images[1::2],
        labels=labels[::2],
        real_labels=labels[1::2],
        encoder=features.random(),
    )
    assert (
        found.distance == "Fréchet distance (random features)" and found.classifier_accuracy is None
    )
    assert (
        found.generated.label_accuracy
        is found.generated.histogram
        is found.generated.histogram_kl
        is None
    )
    assert found.generated.diversity.value > 0 and found.generated.coverage.value > 0.7


def test_it_is_repeatable_and_becomes_json(fresh: Evaluation) -> None:
    assert against_real(IMAGES[1000:2000], LABELS[1000:2000]) == fresh
    plain = json.loads(json.dumps(fresh.to_dict()))
    assert (
        plain["generated"]["frechet"] == fresh.generated.frechet._asdict()
        and plain["encoder"] == "digits"
    )
    assert plain["floor"]["label_accuracy"] is None and len(plain["generated"]["histogram"]) == 10


def test_progress_only_rises() -> None:
    heard: list[float] = []
    evaluate(IMAGES[:60], IMAGES[100:200], progress=lambda share, what: heard.append(share))
    assert heard == sorted(heard) and heard[0] > 0 and heard[-1] < 1


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        (IMAGES[:49], None, "only 49 generated pictures, but figures of fewer than 50 say nothing"),
        (IMAGES[:60, :4, :4], None, "The generated pictures are uint8 of shape .*8 x 8"),
        (IMAGES[:60] / 255, None, "must be uint8"),
        (IMAGES[:60], LABELS[:59], "one whole number for each of the 60"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    images: np.ndarray, labels: np.ndarray | None, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        against_real(images, labels)
