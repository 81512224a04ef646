"""The augmentation experiment: fair by construction, its statistics those of scipy, and real
training at its smallest.
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from ganapp.datasets import Pictures
from ganapp.errors import BadInput
from ganapp.evaluation import classifier
from ganapp.experiments import augmentation
from ganapp.experiments.augmentation import (
    WAYS,
    Result,
    Setting,
    classic,
    compare,
    digits,
    few,
    over_seeds,
    table,
    text,
)
from ganapp.randomness import rng_for

POOL, TEST = digits()
TINY = (("width", 4), ("latent_size", 4), ("precision", "float32"))


def test_the_test_digits_are_those_that_nothing_learns_from() -> None:
    assert len(POOL.labels) == 60_000 and len(TEST.labels) == 10_000
    seen = {image.tobytes() for image in POOL.images.numpy()}
    assert sum(image.tobytes() in seen for image in TEST.images.numpy()) == 0


def test_few_are_as_many_of_each_class_and_of_the_seed() -> None:
    real = few(POOL, 7, seed=1)
    assert real.labels.bincount().tolist() == [7] * 10
    assert torch.equal(real.images, few(POOL, 7, seed=1).images) and not torch.equal(
        real.images, few(POOL, 7, seed=2).images
    )
    # More of them begin with the same ones, so that curves over their number are of one draw.
    assert all(
        torch.equal(few(POOL, 9, 1).images[9 * k : 9 * k + 7], real.images[7 * k : 7 * k + 7])
        for k in range(10)
    )


def test_classic_augmentation_moves_ink_and_keeps_it() -> None:
    images = POOL.resized(32).batch(torch.arange(64)).images
    changed = classic(images, rng_for(0, "test"))
    assert (
        changed.shape == images.shape and changed.min() >= -1 - 1e-5 and changed.max() <= 1 + 1e-5
    )
    ink, ink_changed = (images + 1).sum((1, 2, 3)), (changed + 1).sum((1, 2, 3))
    ratio = ink_changed / ink
    assert 0.6 < ratio.min() < 0.95 < 1.05 < ratio.max() < 1.5
    assert (changed - images).abs().mean() > 0.05
    blank = torch.full((4, 1, 32, 32), -1.0)
    assert torch.equal(classic(blank, rng_for(0, "test")), blank)


def test_every_way_takes_the_same_steps_batches_and_first_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played: list[tuple[int, list[int], float, float]] = []

    def fit(fitted: classifier.Classifier, batches, steps: int):  # type: ignore[no-untyped-def]
        sizes, drawn = [], []
        first = float(fitted.last.weight.detach().sum())
        for _ in range(steps):
            images, labels = next(batches)
            sizes.append(len(labels))
            # The invented ones below are grey.
            drawn.append(float((images.amax((1, 2, 3)) < 0.5).float().mean()))
        played.append((steps, sizes, first, float(np.mean(drawn))))
        yield steps

    grey = Pictures(
        torch.full((200, 1, 32, 32), 140, dtype=torch.uint8),
        torch.arange(200) % 10,
        POOL.class_names,
    )
    monkeypatch.setattr(classifier, "fit", fit)
    monkeypatch.setattr(augmentation, "drawn", lambda setting, real, seed: grey)
    list(compare([Setting(10, steps=4, share=0.3)], [0], POOL, TEST))
    steps, sizes, weights, shares = zip(*played, strict=True)
    assert set(steps) == {4} and all(size == [50] * 4 for size in sizes) and len(set(weights)) == 1
    assert shares[0] == 0 and shares[2] == shares[3] == pytest.approx(0.3) and shares[1] < 0.05


def test_a_trial_is_played_for_real() -> None:
    setting = Setting(10, steps=30, gan_steps=2, generated=60, gan=TINY)
    heard: list[float] = []
    results = list(compare([setting], [0, 1], POOL, TEST, lambda share, what: heard.append(share)))
    assert [(one.per_class, one.seed, one.way) for one in results] == [
        (10, seed, way) for seed in (0, 1) for way in WAYS
    ]
    assert all(0.1 <= one.accuracy <= 1 for one in results) and heard == [0, 0.5, 1]
    real_only = [one for one in results if one.way == "none"]
    assert min(one.accuracy for one in real_only) > 0.4
    assert results[0] == next(iter(compare([setting], [0], POOL, TEST, ways=["none"])))


def test_the_gan_learns_from_the_few_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Pictures] = []
    whole = augmentation.train  # type: ignore[attr-defined] # the test looks inside

    def watched(config, pictures, steps):  # type: ignore[no-untyped-def]
        given.append(pictures)
        assert config.conditional and config.augment == "translation" and config.seed == 5
        return whole(config, pictures=pictures, steps=steps)

    monkeypatch.setattr(augmentation, "train", watched)
    real = few(POOL, 3, 5)
    invented = augmentation.drawn(Setting(3, gan_steps=1, generated=30, gan=TINY), real, 5)
    assert (
        given == [real]
        and invented.labels.bincount().tolist() == [3] * 10
        and invented.images.shape == (30, 1, 32, 32)
    )


def test_means_and_differences_are_taken_seed_by_seed() -> None:
    results = [
        Result(10, seed, way, accuracy)
        for seed, (plain, both) in enumerate([(0.80, 0.83), (0.90, 0.92), (0.85, 0.86)])
        for way, accuracy in (("classic", plain), ("both", both))
    ]
    rows = {row.way: row for row in table(results)}
    assert rows["both"].over_classic.value == pytest.approx(0.02) and rows[
        "classic"
    ].over_classic == (0, 0, 0)
    interval = scipy.stats.ttest_rel([0.83, 0.92, 0.86], [0.80, 0.90, 0.85]).confidence_interval()
    assert rows["both"].over_classic[1:] == pytest.approx((interval.low, interval.high))
    assert rows["both"].accuracy.value == pytest.approx(0.87) and np.isnan(
        rows["both"].over_none.value
    )


def test_a_row_is_told_in_percent() -> None:
    results = [
        Result(10, seed, way, 0.8 + 0.01 * seed + 0.02 * (way == "gan"))
        for seed in (0, 1, 2)
        for way in ("none", "gan")
    ]
    lines = text(table(results)).splitlines()
    assert (
        len(lines) == 2
        and "gan       accuracy 83.00 [80.52, 85.48] %  over none 2.00 [2.00, 2.00]" in lines[1]
    )


def test_one_seed_has_no_interval() -> None:
    assert over_seeds([0.5]).value == 0.5 and np.isnan(over_seeds([0.5])[1:]).all()


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(
        BadInput, match="9000 real pictures of each class are asked for, but there are only"
    ):
        next(compare([Setting(9000)], [0], POOL, TEST))
    alone = POOL._replace(
        images=POOL.images[POOL.labels == 3], labels=POOL.labels[POOL.labels == 3]
    )
    with pytest.raises(BadInput, match="of one class"):
        next(compare([Setting(10)], [0], alone, TEST))
