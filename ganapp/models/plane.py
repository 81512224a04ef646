"""Two tiny multilayer perceptrons that play on points of the plane, for the 2-D lab.

    generator       z -> n x [linear, activation] -> linear -> a point
    discriminator   a point, or a pack of them side by side (PacGAN, Lin et al. 2018,
                    arXiv:1712.04086) -> ... -> logit

The discriminator may be shown Fourier features of each coordinate u beside it, sin(2^n pi u) and
cos(2^n pi u) (Tancik et al. 2020, arXiv:2006.10739): a perceptron of plain coordinates learns
coarse shapes long before it can tell a narrow mode from a wider one.

A pack is generated as one: the generator reads a row of noise for each of its points, and answers
with them side by side. So the game needs not know of packs.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ganapp.config.lab import ActivationName, LabConfig
from ganapp.models.layers import Players, init_uniform

ACTIVATIONS: dict[ActivationName, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "softplus": nn.Softplus,
}


def perceptron(
    inputs: int, layers: int, units: int, outputs: int, config: LabConfig, norm: bool = False
) -> nn.Sequential:
    """`layers` hidden layers of `units` between linear maps."""
    sizes, blocks = [inputs, *[units] * layers], list[nn.Module]()
    for before, after in zip(sizes, sizes[1:], strict=False):
        activation = (
            nn.LeakyReLU(config.leaky_slope)
            if config.activation == "leaky-relu"
            else ACTIVATIONS[config.activation]()
        )
        blocks += [nn.Linear(before, after), *([nn.BatchNorm1d(after)] if norm else []), activation]
    return nn.Sequential(*blocks, nn.Linear(sizes[-1], outputs))


class Generator(nn.Module):
    """noise (B, pack x noise_size) -> packs of points (B, pack x 2)."""

    def __init__(self, config: LabConfig) -> None:
        super().__init__()
        self.noise_size, self.pack, self.noise = config.noise_size, config.pack, config.noise
        layers, units = config.generator_layers, config.generator_units
        self.layers = perceptron(
            config.noise_size, layers, units, 2, config, config.generator_norm == "batch"
        )

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        points = self.points(self.source(noise.view(-1, self.noise_size)))
        return points.view(-1, self.pack * 2)

    def source(self, noise: Tensor) -> Tensor:
        """What normal noise (N, noise_size) becomes before the first layer: itself; uniform in [-1,
        1]; or its first five sixths, at least one, become coins of -1 and 1.
        """
        if self.noise == "uniform":
            return torch.erf(noise / math.sqrt(2))
        if self.noise == "binary":
            coins = max(1, self.noise_size * 5 // 6)
            return torch.cat([torch.ones(()).copysign(noise[:, :coins]), noise[:, coins:]], 1)
        return noise

    def points(self, source: Tensor) -> Tensor:
        """(N, noise_size) -> (N, 2)."""
        result: Tensor = self.layers(source)
        return result


class Discriminator(nn.Module):
    """packs of points (B, pack x 2) -> logits (B,)."""

    frequencies: Tensor

    def __init__(self, config: LabConfig) -> None:
        super().__init__()
        self.pack = config.pack
        self.register_buffer(
            "frequencies", math.pi * 2.0 ** torch.arange(config.fourier_features), persistent=False
        )
        inputs = 2 * config.pack * (1 + 2 * config.fourier_features)
        self.layers = perceptron(
            inputs, config.discriminator_layers, config.discriminator_units, 1, config
        )

    def forward(self, points: Tensor, labels: Tensor | None = None) -> Tensor:
        result: Tensor = self.layers(self._with_features(points)).squeeze(1)
        return result

    def _with_features(self, points: Tensor) -> Tensor:
        if not len(self.frequencies):
            return points
        angles = (points[:, :, None] * self.frequencies).flatten(1)
        return torch.cat([points, angles.sin(), angles.cos()], 1)

    def alone(self, points: Tensor) -> Tensor:
        """The logit of each point (N, 2) -> (N,): of a pack that holds nothing else."""
        result: Tensor = self(points.repeat(1, self.pack))
        return result


def build(config: LabConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both players with their first weights."""
    players = Players(Generator(config), Discriminator(config))
    for player in players:
        init_uniform(player, rng)
    return players
