"""Walks in the latent space: seeds, lines and arcs between them, pads, loops and principal
directions.

Latent vectors are float32 arrays (..., size), drawn from N(0, I).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch

from ganapp.randomness import rng_for

Mode = Literal["lerp", "slerp"]
MODES: tuple[Mode, ...] = ("lerp", "slerp")


def noise(seed: int, size: int, count: int = 1) -> np.ndarray:
    """The first `count` latent vectors of a seed, (count, size). More of them never change the
    first ones.
    """
    # torch draws in blocks of 16 and draws a last, shorter block differently: whole blocks keep the
    # first vectors the same.
    blocks = -(-count * size // 16) * 16
    return (
        torch.randn(blocks, generator=rng_for(seed, "latent"))[: count * size]
        .reshape(count, size)
        .numpy()
    )


def truncated(vectors: np.ndarray, limit: float) -> np.ndarray:
    """Each number of `vectors` (..., size) moved to where it stands in N(0, 1) cut off at +-limit:
    the truncation trick of BigGAN (Brock et al. 2019, arXiv:1809.11096, section 3.1), which trades
    variety for fidelity. 0 gives the mean; order and signs are kept.
    """
    cut = torch.tensor(float(limit), dtype=torch.float64)
    low = torch.special.ndtr(-cut)
    place = low + torch.special.ndtr(torch.from_numpy(np.asarray(vectors, np.float64))) * (
        1 - 2 * low
    )
    result: np.ndarray = torch.special.ndtri(place).clamp(-cut, cut).float().numpy()
    return result


def lerp(start: np.ndarray, end: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """The straight line: (1 - t) start + t end. In the middle it is too near to the origin for a
    Gaussian.
    """
    t = np.asarray(share, np.float32)[..., None]
    result: np.ndarray = (1 - t) * start + t * end
    return result


def slerp(start: np.ndarray, end: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """The arc: the direction turns evenly from start to end while the length goes evenly from one
    to the other (Shoemake 1985; White 2016, arXiv:1609.04468). Exact at both ends; a straight line
    where the two (anti)align.
    """
    t = np.asarray(share, np.float32)[..., None]
    length_a, length_b = (np.linalg.norm(v, axis=-1, keepdims=True) for v in (start, end))
    if not (np.all(length_a > 0) and np.all(length_b > 0)):
        return lerp(start, end, share)
    cosine = np.clip(
        np.sum(start / length_a * (end / length_b), -1, keepdims=True, dtype=np.float64), -1, 1
    )
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    safe = np.where(sine > 1e-4, sine, 1)
    direction = (
        np.sin((1 - t) * angle) * (start / length_a) + np.sin(t * angle) * (end / length_b)
    ) / safe
    arc = direction * ((1 - t) * length_a + t * length_b)
    exact = np.where(t == 0, start, np.where(t == 1, end, arc))
    return np.where(sine > 1e-4, exact, lerp(start, end, share)).astype(np.float32)


def between(
    start: np.ndarray, end: np.ndarray, share: np.ndarray | float, mode: Mode
) -> np.ndarray:
    """`lerp` or `slerp`."""
    return slerp(start, end, share) if mode == "slerp" else lerp(start, end, share)


def path(start: np.ndarray, end: np.ndarray, frames: int, mode: Mode) -> np.ndarray:
    """`frames` latent vectors evenly from start to end, both included, (frames, size)."""
    return between(start, end, np.linspace(0, 1, frames, dtype=np.float32), mode)


def corners(four: np.ndarray, x: float, y: float, mode: Mode) -> np.ndarray:
    """The place (x, y) of [0, 1]^2 on a pad whose corners are `four` (4, size): top left, top
    right, bottom left, bottom right.
    """
    top, bottom = between(four[0], four[1], x, mode), between(four[2], four[3], x, mode)
    return between(top, bottom, y, mode)


def sum_of(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """mean(a) - mean(b) + mean(c) of exemplars (n, size) each, (size,): arithmetic on concepts
    (Radford et al. 2015, arXiv:1511.06434, section 6.3.2). With three exemplars each the sum is
    again spread as N(0, I) is.
    """
    result: np.ndarray = a.mean(0) - b.mean(0) + c.mean(0)
    return result


def loop(seed: int, size: int, stops: int, frames_a_stop: int) -> np.ndarray:
    """A closed walk along arcs through `stops` random places, (stops * frames_a_stop, size)."""
    places = noise(seed, size, stops)
    legs = [
        path(places[i], places[(i + 1) % stops], frames_a_stop + 1, "slerp")[:-1]
        for i in range(stops)
    ]
    return np.concatenate(legs)


def principal_directions(weight: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The directions of z that change a first hidden layer h = W z + b the most, and their shares
    of its variance.

    For z from N(0, I) the principal components of h are those of W W^T, and moving h along one is
    moving z along a right singular vector of W (Harkonen et al. 2020, arXiv:2004.02546; Shen and
    Zhou 2021, arXiv:2007.06600). `weight` is (units, size); returns (count, size) orthonormal rows,
    strongest first, and (count,). Each row's sign is fixed by making its largest entry positive.
    """
    _, strength, rows = np.linalg.svd(weight.astype(np.float64), full_matrices=False)
    rows = rows[:count]
    rows = rows * np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(1)])[:, None]
    return rows.astype(np.float32), (strength**2 / (strength**2).sum())[:count]
