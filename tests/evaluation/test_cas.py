"""Classification accuracy score: real digits teach what they should, wrong labels teach nonsense,
one class teaches nothing.
"""

from __future__ import annotations

import numpy as np
import pytest

from ganapp.datasets.bundled import load_digits
from ganapp.errors import BadInput
from ganapp.evaluation.cas import Score, score
from ganapp.evaluation.classifier import shipped

DIGITS = load_digits(lambda share, what: None)
ORDER = np.random.default_rng(0).permutation(5000)
IMAGES, LABELS = DIGITS.images.permute(0, 2, 3, 1).numpy()[ORDER], DIGITS.labels.numpy()[ORDER]


def learned(labels: np.ndarray) -> Score:
    return score(IMAGES[:1000], labels, IMAGES[4000:], LABELS[4000:], steps=40)


def test_real_digits_teach_to_read() -> None:
    found = learned(LABELS[:1000])
    assert (
        found.accuracy.value > 0.85
        and found.accuracy.low < found.accuracy.value < found.accuracy.high
    )
    assert (found.trained_on, found.tested_on) == (1000, 1000) and found.of_real == shipped()[
        1
    ].accuracy
    shares = np.bincount(LABELS[4000:], minlength=10) / 1000
    assert np.dot(shares, found.by_class) == pytest.approx(found.accuracy.value)


def test_wrong_labels_teach_wrongly() -> None:
    assert learned((LABELS[:1000] + 1) % 10).accuracy.value < 0.05


def test_a_class_that_is_not_tested_has_no_accuracy() -> None:
    some = LABELS[4000:] != 3
    found = score(IMAGES[:200], LABELS[:200], IMAGES[4000:][some], LABELS[4000:][some], steps=10)
    assert np.isnan(found.by_class[3]) and not np.isnan(found.by_class[2])


def test_what_teaches_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="of one class"):
        learned(np.full(1000, 7))
    with pytest.raises(BadInput, match="one whole number for each"):
        learned(LABELS[:10])
