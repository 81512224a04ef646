"""What a classifier reads in generated pictures: are they what was asked for, do all classes come,
and do they differ within a class?

    label accuracy         share of pictures in which the classifier reads the class that was asked
                           for
    mode histogram         share q(c) of pictures that are read as class c, and its
    KL divergence          sum over c of q(c) log(q(c) / p(c)) from the real shares p: 0 when every
                           class comes as often as it should
    intra-class diversity  mean Euclidean distance between the features of two pictures of one
                           class, averaged over the classes

One perfect picture a class has label accuracy 1, KL 0 and diversity 0: none of them means anything
alone.
"""

from __future__ import annotations

import numpy as np
import torch

from ganapp.evaluation.bootstrap import RESAMPLES, Estimate, counts, recentred
from ganapp.randomness import seed_for

MOST_OF_A_CLASS = 1000


def histogram(read: np.ndarray, classes: int) -> np.ndarray:
    """The share of each class among the labels `read` (N,), float64 (classes,)."""
    return np.bincount(read, minlength=classes) / len(read)


def divergence(shares: np.ndarray, expected: np.ndarray) -> float:
    """KL(shares || expected) in nats of two histograms (classes,); infinite where something came
    that never should.
    """
    come = shares > 0
    if (expected[come] == 0).any():
        return float("inf")
    return float((shares[come] * np.log(shares[come] / expected[come])).sum())


def divergence_estimate(
    read: np.ndarray, expected: np.ndarray, seed: int = 0, times: int = RESAMPLES
) -> Estimate:
    """The KL divergence of the labels `read` (N,) from the shares `expected`, with its interval."""
    shares = histogram(read, len(expected))
    value = divergence(shares, expected)
    if not np.isfinite(value):
        return Estimate(value, value, value)
    draws = np.random.default_rng(seed_for(seed, "bootstrap classes")).multinomial(
        len(read), shares, times
    ) / len(read)
    return recentred(value, np.array([divergence(row, expected) for row in draws]), least=0.0)


def meanings(codes: np.ndarray, read: np.ndarray, classes: int) -> np.ndarray:
    """The class that each code means, (classes,): of all one-to-one assignments the one under which
    most of the pictures (N,) of `codes` are `read` as what their code means. How InfoGAN's codes
    are judged (Chen et al. 2016, arXiv:1606.03657).
    """
    from scipy.optimize import linear_sum_assignment  # nearly a second, and rarely needed

    counted = np.zeros((classes, classes), np.int64)
    np.add.at(counted, (codes, read), 1)
    result: np.ndarray = linear_sum_assignment(counted, maximize=True)[1]
    return result


def diversity(
    features: np.ndarray, labels: np.ndarray, seed: int = 0, times: int = 200
) -> tuple[Estimate, dict[int, float]]:
    """The intra-class diversity of features (N, F) with labels (N,), with its interval; and that of
    each class that has two pictures.

    At most `MOST_OF_A_CLASS` pictures of a class are compared.
    """
    values, replicas = {}, []
    for label in np.unique(labels):
        rows = torch.from_numpy(features[labels == label][:MOST_OF_A_CLASS]).double()
        if len(rows) < 2:
            continue
        weights = np.vstack(
            [np.ones(len(rows)), counts(len(rows), times, seed, f"bootstrap class {label}")]
        )
        apart = torch.cdist(rows, rows).fill_diagonal_(0).numpy()
        # A picture and its copy in a resample are one picture, not a pair.
        pairs = np.square(weights.sum(1)) - np.square(weights).sum(1)
        means = (weights @ apart * weights).sum(1) / pairs.clip(1)
        means[pairs == 0] = means[0]  # a resample of one picture alone says nothing of pairs
        values[int(label)] = float(means[0])
        replicas.append(means)
    if not replicas:
        return Estimate(0.0, 0.0, 0.0), {}
    averaged = np.mean(replicas, axis=0)
    return recentred(float(averaged[0]), averaged[1:], least=0.0), values
