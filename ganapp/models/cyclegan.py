"""CycleGAN (Zhu, Park, Isola and Efros 2017, arXiv:1703.10593): translation between two domains
without pairs.

Two generators, G: A -> B and F: B -> A, and one discriminator for each domain. The discriminators
make each translation look like its domain; F(G(a)) = a and G(F(b)) = b keep it a translation of
*this* picture. The networks are small versions of the paper's for 32 and 64 pixels: two
convolutions that halve the side, residual blocks, two that double it, InstanceNorm, and
discriminators that judge patches.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig
from ganapp.models.layers import Players

A, B = 0, 1
"""The domains: classes 0 and 1 of the data."""
RESIDUAL_BLOCKS = 3
EXAMPLES = 10


class Residual(nn.Module):
    """x + conv(conv(x)), both with InstanceNorm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_convolution(width, width, 3, 1), nn.ReLU(), *_convolution(width, width, 3, 1)
        )

    def forward(self, features: Tensor) -> Tensor:
        result: Tensor = features + self.layers(features)
        return result


class Translator(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> images of the other domain: the paper's c7s1-w, d2w, d4w,
    residual blocks, u2w, uw, c7s1-C.
    """

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [*_convolution(channels, width, 7, 1), nn.ReLU()]
        for inputs in (width, 2 * width):
            layers += [*_convolution(inputs, 2 * inputs, 3, 2), nn.ReLU()]
        layers += [Residual(4 * width) for _ in range(RESIDUAL_BLOCKS)]
        for inputs in (4 * width, 2 * width):
            # A kernel of 4 is a multiple of the stride, unlike the paper's 3, so it leaves no
            # checkerboard.
            layers += [
                nn.ConvTranspose2d(inputs, inputs // 2, 4, 2, 1),
                nn.InstanceNorm2d(inputs // 2),
                nn.ReLU(),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(width, channels, 7, 1, 3), nn.Tanh())

    def forward(self, images: Tensor) -> Tensor:
        result: Tensor = self.layers(images).float()
        return result


class Generator(nn.Module):
    """Both translators, and a few pictures of A and as many of B to show what they do.

    images (B, C, S, S), labels (B,) of the domains to translate to -> images (B, C, S, S) in [-1,
    1].
    """

    examples: Tensor

    def __init__(self, width: int, side: int, channels: int) -> None:
        super().__init__()
        self.to_a, self.to_b = Translator(width, channels), Translator(width, channels)
        self.register_buffer(
            "examples", torch.zeros(2 * EXAMPLES, channels, side, side, dtype=torch.uint8)
        )

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        return _by_domain(self.to_a, self.to_b, images, labels)


class PatchDiscriminator(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> logits (B, 8, 8), each of a patch about half as wide as the
    picture.
    """

    def __init__(self, width: int, leaky_slope: float, side: int, channels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(leaky_slope)]
        while side > 16:
            side //= 2
            layers += [*_convolution(width, 2 * width, 4, 2), nn.LeakyReLU(leaky_slope)]
            width *= 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(width, 1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        result: Tensor = self.layers(images).float().squeeze(1)
        return result


class Discriminator(nn.Module):
    """Both discriminators. images (B, C, S, S), labels (B,) of the domains that they should be from
    -> logits (B,), the means over the patches.
    """

    def __init__(self, config: TrainConfig, channels: int) -> None:
        super().__init__()
        shape = (2 * config.width, config.leaky_slope, config.image_size, channels)
        self.of_a, self.of_b = PatchDiscriminator(*shape), PatchDiscriminator(*shape)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        return _by_domain(self.of_a, self.of_b, images, labels).mean((1, 2))


def round_trips(generator: Generator) -> list[Tensor]:
    """a, G(a), F(G(a)) and b, F(b), G(F(b)) of the generator's examples, each (EXAMPLES, C, S, S)
    in [-1, 1].
    """
    a, b = generator.examples.float().div(127.5).sub(1).chunk(2)
    fake_b, fake_a = generator.to_b(a), generator.to_a(b)
    return [a, fake_b, generator.to_a(fake_b), b, fake_a, generator.to_b(fake_a)]


def _by_domain(
    for_a: Callable[[Tensor], Tensor],
    for_b: Callable[[Tensor], Tensor],
    images: Tensor,
    labels: Tensor,
) -> Tensor:
    """Passes each picture through the network of its domain."""
    if bool((labels == labels[:1]).all()):
        return (for_b if bool(labels[0] == B) else for_a)(images)
    results = torch.stack([for_a(images), for_b(images)])
    return results[labels, torch.arange(len(images), device=images.device)]


def _convolution(
    inputs: int, outputs: int, kernel: int, stride: int
) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2), nn.InstanceNorm2d(outputs)


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks; the initial weights have a standard deviation of 0.02, as in the paper."""
    players = Players(
        Generator(config.width, config.image_size, channels), Discriminator(config, channels)
    )
    for player in players:
        for layer in player.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.weight.data.normal_(0, 0.02, generator=rng)
                assert layer.bias is not None
                layer.bias.data.zero_()
    return players
