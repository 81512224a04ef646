"""Are generated pictures worth as much as real ones to somebody who learns from them?

Classification accuracy score (Ravuri and Vinyals 2019, arXiv:1905.10887): a classifier that has
seen generated pictures only is tested on real ones. What the generator never draws, the classifier
cannot know; what it draws wrongly, misleads it. Beside it stands the shipped classifier: the same
network after as many steps on real pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ganapp.evaluation import classifier
from ganapp.evaluation.bootstrap import Estimate, of_mean
from ganapp.evaluation.sizes import check_labels

STEPS = 1600


class Score(NamedTuple):
    """`accuracy` on `tested_on` real pictures after learning from `trained_on` generated ones, with
    the interval over the pictures tested; `by_class` that of each class (NaN for one that is not
    tested), `of_real` that of the classifier that learned from real pictures.
    """

    trained_on: int
    tested_on: int
    accuracy: Estimate
    by_class: tuple[float, ...]
    of_real: float


def score(
    generated: np.ndarray,
    labels: np.ndarray,
    real: np.ndarray,
    real_labels: np.ndarray,
    *,
    steps: int = STEPS,
    seed: int = 0,
    progress: Callable[[float, str], None] = lambda share, what: None,
) -> Score:
    """Trains on `generated` (N, H, W, C) uint8 with the `labels` (N,) that were asked for, and
    tests on `real` with `real_labels`.

    Raises `BadInput` where all pictures are of one class, or are no pictures.
    """
    check_labels(real_labels, len(real))
    learned = classifier.trained(generated, labels, seed, progress, steps)
    right = classifier.read(learned, classifier.features(learned, real)) == real_labels
    by_class = [
        float(right[real_labels == label].mean()) if (real_labels == label).any() else float("nan")
        for label in range(classifier.DIGITS)
    ]
    return Score(
        len(generated),
        len(real),
        of_mean(right, seed),
        tuple(by_class),
        classifier.shipped()[1].accuracy,
    )
