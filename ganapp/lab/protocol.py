"""PacGAN's protocol for the ring and the grid (Lin et al. 2018, arXiv:1712.04086): modes found,
share of points of high quality and reverse KL of 2,500 generated points, means over trials with
their standard errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ganapp.config.lab import LabConfig
from ganapp.errors import BadInput
from ganapp.evaluation.plane import Coverage, covered
from ganapp.lab.session import Lab, numbers

GENERATED = 2500


class Row(NamedTuple):
    """Means over trials and their standard errors: modes, high quality in percent, reverse KL."""

    name: str
    modes: tuple[float, float]
    high_quality: tuple[float, float]
    reverse_kl: tuple[float, float]


def trials(
    config: LabConfig,
    count: int,
    steps: int,
    progress: Callable[[int, int], None] = lambda trial, step: None,
) -> Iterator[Coverage]:
    """Trains with seeds 0, 1, ... for `steps` rounds each, and yields what was covered in the end:
    nothing by a game that diverged.
    """
    for trial in range(count):
        lab = Lab(replace(config, seed=trial))
        try:
            while lab.step < steps:
                for _ in range(min(500, steps - lab.step)):
                    lab.turn("both")
                progress(trial, lab.step)
        except BadInput:  # it diverged, and found nothing
            yield Coverage(0, 0.0, math.inf, np.zeros(len(lab.mixture.means), dtype=bool))
            continue
        points = numbers(lab.generated(GENERATED, seed=trial))
        yield covered(points, lab.mixture.means, lab.mixture.deviations)


def row(name: str, results: list[Coverage]) -> Row:
    """One line of the table. A trial without any point of high quality counts as the worst reverse
    KL there is, log K.
    """
    worst = math.log(len(results[0].found))
    kls = [each.reverse_kl if math.isfinite(each.reverse_kl) else worst for each in results]
    columns = [each.modes for each in results], [100 * each.high_quality for each in results], kls
    return Row(name, *(mean_with_error(column) for column in columns))


def mean_with_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean of some trials and its standard error, NaN for one trial."""
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return float(np.mean(values)), error
