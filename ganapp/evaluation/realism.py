"""Does a picture look like a real one at all? A small classifier of real pictures against pictures
with something wrong.

Precision (`manifold.py`) cannot say it alone. A feature network maps what it has never seen, such
as noise or a blank picture, to where it may: often into the balls of the real ones (Naeem et al.
2020, section 2.2, on outliers). So the classifier here learns the difference from real pictures and
from the same pictures spoiled: mixed, warped, blurred, shuffled, noisy, or painted with smooth
blobs as untrained generators paint them. It sees random features and statistics of edges and
contrast at three scales.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from ganapp.evaluation import features
from ganapp.randomness import rng_for

MOST = 600
"""Real pictures that it learns from."""
SHARE_OF_REAL = 0.98
"""Of real pictures that it has not learned from this share passes."""
UNITS, STEPS = 64, 150
FARTHEST = 8.0


class Realism:
    """Tells which pictures uint8 (N, H, W, C) look real."""

    def __init__(self, centre: Tensor, scale: Tensor, network: nn.Module) -> None:
        self.centre, self.scale, self.network, self.bar = centre, scale, network, 0.0

    @classmethod
    def learned(cls, real: np.ndarray) -> Self:
        """The classifier for pictures like these `real` ones."""
        half = min(MOST, len(real) // 2)
        shown, others = real[:half], real[half : 3 * half]
        rng, turns = rng_for(0, "spoiled pictures"), max(1, MOST // half)
        wrong = np.concatenate([spoiled(shown, rng) for _ in range(turns)])
        good, bad = _described(shown), _described(wrong)
        found = cls(good.mean(0), good.std(0) + 1e-6, _network(good.shape[1]))
        _fit(found.network, found.scaled(good), found.scaled(bad))
        found.bar = float(np.quantile(found.scores(others), 1 - SHARE_OF_REAL))
        return found

    def scaled(self, described: Tensor) -> Tensor:
        """Features (N, F) in standard deviations of real pictures, cut off where only noise is."""
        return ((described - self.centre) / self.scale).clamp(-FARTHEST, FARTHEST)

    def scores(self, images: np.ndarray) -> np.ndarray:
        """(N,) float64, larger for pictures that look more real."""
        with torch.no_grad():
            found: np.ndarray = self.network(self.scaled(_described(images)))[:, 0].numpy()
        return found

    def passes(self, images: np.ndarray) -> np.ndarray:
        """(N,) bool: whether each picture looks real."""
        return self.scores(images) >= self.bar


def statistics(images: np.ndarray) -> np.ndarray:
    """(N, S) float64: contrast, brightness, edges and flat places of pictures uint8 (N, H, W, C),
    at three scales.
    """
    pixels = torch.from_numpy(images).float().permute(0, 3, 1, 2) / 255
    found = [
        _log(pixels.std((2, 3)).mean(1)),
        _log(pixels.mean((1, 2, 3))),
        _log((4 * pixels * (1 - pixels)).mean((1, 2, 3))),
        (pixels.amax(1) - pixels.amin(1)).mean((1, 2)),
        (pixels.amax(1) - pixels.amin(1)).flatten(1).std(1),
    ]
    steps = _steps(pixels)
    found += [(steps < 0.02).float().mean(1), (steps < 0.1).float().mean(1)]
    found += [(steps > 0.4).float().mean(1), _log(_curvature(pixels))]
    for _ in range(3):
        steps = _steps(pixels)
        mean = steps.mean(1)
        found += [_log(mean), _log(steps.square().mean(1).sqrt()) - _log(mean)]
        pixels = functional.avg_pool2d(pixels, 2)
    return torch.stack(found, 1).double().numpy()


def spoiled(real: np.ndarray, rng: torch.Generator) -> np.ndarray:
    """Pictures (M, H, W, C) uint8 in which something is wrong, M about 2 N: the `real` ones (N, H,
    W, C) spoiled in a dozen ways, each picture in two of them.
    """
    pixels = torch.from_numpy(real).float().permute(0, 3, 1, 2) / 255
    ways, made = _ways(pixels, rng), []
    for number, way in enumerate(ways):
        firsts = (number, (number + 5) % len(ways))
        made += [way(pixels[first :: len(ways)]) for first in firsts]
    everything = (torch.cat(made).clamp(0, 1) * 255).round().byte()
    result: np.ndarray = everything.permute(0, 2, 3, 1).contiguous().numpy()
    return result


def _ways(pixels: Tensor, rng: torch.Generator) -> list[Callable[[Tensor], Tensor]]:
    """What can be wrong with pictures (B, C, H, W) in [0, 1]; `pixels` are those to mix with."""

    def others(x: Tensor) -> Tensor:
        return pixels[torch.randint(len(pixels), (len(x),), generator=rng)]

    def mixed(x: Tensor) -> Tensor:
        return (x + others(x)) / 2

    def mixed_by_three(x: Tensor) -> Tensor:
        return (x + others(x) + others(x)) / 3

    def patched(x: Tensor) -> Tensor:
        share = torch.sigmoid(6 * _smooth(x, 1, 4, rng))
        return share * x + (1 - share) * others(x)

    def painted(x: Tensor) -> Tensor:
        colours = torch.sigmoid(3 * _smooth(x, x.shape[1], 5, rng))
        inside = torch.sigmoid(8 * (_smooth(x, 1, 4, rng) + 0.3))
        return inside * colours + (1 - inside) * x[:, :, :1, :1]

    def blurred_and_hardened(x: Tensor) -> Tensor:
        soft = _blurred(_blurred(x, 5), 3)
        mean = soft.mean((2, 3), keepdim=True)
        return (soft - mean) * 1.8 + mean

    def blank(x: Tensor) -> Tensor:
        return x[:, :, :1, :1].expand_as(x)

    def noise(x: Tensor) -> Tensor:
        return torch.rand(x.shape, generator=rng)

    def noisy(x: Tensor, strength: float) -> Tensor:
        return x + strength * torch.randn(x.shape, generator=rng)

    return [
        mixed,
        mixed_by_three,
        lambda x: _warped(x, 5, rng),
        lambda x: _warped(x, 8, rng),
        lambda x: _blurred(_blurred(x, 3), 3),
        lambda x: _blurred(_blurred(x, 5), 5),
        blurred_and_hardened,
        lambda x: _shuffled(x, rng),
        patched,
        painted,
        blank,
        noise,
        lambda x: noisy(x, 0.15),
        lambda x: noisy(x, 0.07),
    ]


def _smooth(x: Tensor, channels: int, knots: int, rng: torch.Generator) -> Tensor:
    """Smooth random fields (B, channels, H, W) of variance about 1."""
    coarse = torch.randn(len(x), channels, knots, knots, generator=rng)
    return functional.interpolate(coarse, x.shape[2:], mode="bicubic", align_corners=False)


def _warped(x: Tensor, knots: int, rng: torch.Generator) -> Tensor:
    """Each place is taken from some other nearby, up to a quarter of the picture away."""
    side = torch.linspace(-1, 1, x.shape[2])
    places = torch.stack(torch.meshgrid(side, side, indexing="ij")[::-1], -1)
    moved = places + 0.22 * _smooth(x, 2, knots, rng).permute(0, 2, 3, 1)
    return functional.grid_sample(x, moved, padding_mode="border", align_corners=True)


def _blurred(x: Tensor, width: int) -> Tensor:
    around = functional.pad(x, (width // 2,) * 4, mode="replicate")
    return functional.avg_pool2d(around, width, 1)


def _shuffled(x: Tensor, rng: torch.Generator) -> Tensor:
    """The sixteen tiles in another order."""
    tile, side = x.shape[2] // 4, x.shape[2] // 4 * 4
    tiles = x[:, :, :side, :side].unfold(2, tile, tile).unfold(3, tile, tile).flatten(2, 3)
    tiles = tiles[:, :, torch.randperm(16, generator=rng)].unflatten(2, (4, 4))
    whole = tiles.transpose(3, 4).reshape(*x.shape[:2], side, side)
    return functional.interpolate(whole, x.shape[2:])


def _log(values: Tensor) -> Tensor:
    return torch.log(values + 1e-3)


def _steps(pixels: Tensor) -> Tensor:
    """How much neighbouring pixels differ, (N, ...)."""
    return torch.cat(
        [
            (pixels[..., 1:] - pixels[..., :-1]).abs().flatten(1),
            (pixels[..., 1:, :] - pixels[..., :-1, :]).abs().flatten(1),
        ],
        1,
    )


def _curvature(pixels: Tensor) -> Tensor:
    """The mean absolute Laplacian, (N,)."""
    middle = 4 * pixels[..., 1:-1, 1:-1]
    across = pixels[..., 1:-1, 2:] + pixels[..., 1:-1, :-2]
    down = pixels[..., 2:, 1:-1] + pixels[..., :-2, 1:-1]
    return (middle - across - down).abs().mean((1, 2, 3))


def _described(images: np.ndarray) -> Tensor:
    """What the classifier sees of pictures, (N, F) float64."""
    known = features.encoded(features.random(), images)
    return torch.from_numpy(np.concatenate([known, statistics(images)], 1)).double()


def _network(inputs: int) -> nn.Sequential:
    rng = rng_for(0, "realism")
    layers = [nn.Linear(inputs, UNITS), nn.Linear(UNITS, 1)]
    for layer in layers:
        bound = layer.in_features**-0.5
        nn.init.uniform_(layer.weight, -bound, bound, generator=rng)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(layers[0], nn.ReLU(), layers[1]).double()


def _fit(network: nn.Module, good: Tensor, bad: Tensor) -> None:
    """Real and spoiled pictures count the same, however many there are of each."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.05)
    with torch.enable_grad():
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = functional.softplus(-network(good)).mean()
            loss = loss + functional.softplus(network(bad)).mean()
            loss.backward()
            optimizer.step()
    network.requires_grad_(False)
