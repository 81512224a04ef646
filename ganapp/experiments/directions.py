"""Directions in the latent space with names: which way must z move for a digit to lean more, or a
face to get glasses?

Many pictures are drawn and read (`evaluation/readings.py`), and a straight line in z is fitted to
each reading: a linear probe. Its slope is the direction (Shen et al. 2020, arXiv:1907.10786). How
well the line predicts pictures that it was not fitted to, and what else changes along the way, is
measured and told.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.evaluation.readings import Reader, Reading, readings_of

PICTURES, TRIED = 1500, 64
"""Pictures that are read to find the directions, and how many are moved along each of them."""
SEED = 1
REACH = 2.0
"""What changes is measured from this far back to as far forward, in standard deviations of z."""
LEAST, MOST = 0.25, 8
"""A direction is kept if its line correlates this well with pictures that it has not seen; the best
are."""
LEAST_SPREAD = 0.05
"""What nearly no picture has, or nearly every one, gives no direction."""
RIDGE = 0.01
AT_A_TIME = 250


class Direction(NamedTuple):
    """The way in z to more of the reading at `place`: `vector` (size,) of length 1; the
    `correlation` of the fitted line with pictures that it was not fitted to; and by how much each
    reading changes, on average, from `REACH` back to `REACH` forward, `changes` (readings,).
    """

    place: int
    vector: np.ndarray
    correlation: float
    changes: np.ndarray


class Found(NamedTuple):
    """All that can be read in a model's pictures, the mean and the standard deviation of each
    reading, (readings,), and the directions that were found, the surest first.
    """

    readings: tuple[Reading, ...]
    read: Reader
    mean: np.ndarray
    spread: np.ndarray
    directions: tuple[Direction, ...]


def found(model: TrainedModel, label: int, alone: bool = False) -> Found:
    """The directions of a model for pictures of class `label`. With `alone`, each is turned as
    little as is needed for it to stand upright on all others, so that it changes less else.
    """
    readings, read = readings_of(model.config)
    noise = latents.noise(SEED, model.config.latent_size, PICTURES + TRIED)
    known, tried = noise[:PICTURES], noise[PICTURES:]

    def values_at(places: np.ndarray) -> np.ndarray:
        parts = [places[start : start + AT_A_TIME] for start in range(0, len(places), AT_A_TIME)]
        return np.concatenate([read(model.draw(part, np.full(len(part), label))) for part in parts])

    values = values_at(known)
    slopes, correlations = fitted(known, values)
    mean, spread = values.mean(0), values.std(0)
    rare = np.array([reading.chance for reading in readings]) & (spread < LEAST_SPREAD)
    correlations[rare] = 0.0
    kept = [place for place in np.argsort(-correlations) if correlations[place] >= LEAST][:MOST]
    vectors = _upright(slopes[kept]) if alone else slopes[kept]
    directions = []
    for place, vector in zip(kept, vectors, strict=True):
        before, after = (values_at(tried + way * vector).mean(0) for way in (-REACH, REACH))
        directions.append(Direction(int(place), vector, float(correlations[place]), after - before))
    return Found(readings, read, mean, spread, tuple(directions))


def fitted(noise: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The slopes of length 1 of the lines from `noise` (N, size) to each column of `values` (N, K),
    (K, size), fitted by ridge regression to two thirds of the rows; and their correlations with the
    rest, (K,), 0 where a reading never changes.
    """
    part = 2 * len(noise) // 3
    known, rest = noise[:part].astype(np.float64), noise[part:].astype(np.float64)
    centred, wanted = known - known.mean(0), values[:part] - values[:part].mean(0)
    square = centred.T @ centred + RIDGE * part * np.eye(noise.shape[1])
    slopes = np.linalg.solve(square, centred.T @ wanted).T
    lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
    slopes = slopes / lengths.clip(1e-12)
    said = rest @ slopes.T
    return slopes.astype(np.float32), _correlations(said, values[part:])


def _correlations(said: np.ndarray, values: np.ndarray) -> np.ndarray:
    a, b = said - said.mean(0), values - values.mean(0)
    scale = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    result: np.ndarray = np.where(scale > 1e-9, (a * b).sum(0) / scale.clip(1e-9), 0.0)
    return result


def _upright(vectors: np.ndarray) -> np.ndarray:
    """Each row less its part within the span of all others, of length 1 again. A row that lies in
    that span is left as it is.
    """
    rows = []
    for place, vector in enumerate(vectors):
        others = np.delete(vectors, place, 0)
        if len(others):
            base = np.linalg.qr(others.T)[0]
            rest = vector - base @ (base.T @ vector)
            length = np.linalg.norm(rest)
            vector = rest / length if length > 0.05 else vector
        rows.append(vector)
    return np.stack(rows) if rows else vectors
