"""pix2pix (Isola, Zhu, Zhou and Efros 2017, arXiv:1611.07004): a picture from a picture, learned
from pairs.

The generator is a U-Net: it halves the side until two pixels are left and doubles it again, and
each way up also sees what the way down saw at that size, so that what is intact can pass. The
discriminator is shown both pictures of a pair and judges patches. The networks are small versions
of the paper's for 32 and 64 pixels, without its dropout, by which its generator changed little.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig
from ganapp.models.cyclegan import PatchDiscriminator
from ganapp.models.layers import Players

SMALLEST_SIDE = 2
WIDEST = 4
"""No layer has more channels than so many times `width`."""
EXAMPLES = 10
WHOLE = "whole"
"""What every generator of this kind translates to: the name of domain 1."""


class UNet(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> images of the same shape."""

    def __init__(self, width: int, leaky_slope: float, side: int, channels: int) -> None:
        super().__init__()
        depth = (side // SMALLEST_SIDE).bit_length() - 1
        widths = [min(2**level, WIDEST) * width for level in range(depth)]
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level, outputs in enumerate(widths):
            inputs = widths[level - 1] if level else channels
            self.down.append(_halved(inputs, outputs, leaky_slope, level))
        for level in reversed(range(depth)):
            # The innermost layer has nothing beside it yet.
            inputs = widths[level] * (1 if level == depth - 1 else 2)
            outputs = widths[level - 1] if level else channels
            self.up.append(_doubled(inputs, outputs, level))

    def forward(self, images: Tensor) -> Tensor:
        features, seen = images, []
        for layer in self.down:
            features = layer(features)
            seen.append(features)
        features = self.up[0](seen.pop())
        for layer in self.up[1:]:
            features = layer(torch.cat([features, seen.pop()], 1))
        result: Tensor = features.float()
        return result


def _halved(inputs: int, outputs: int, leaky_slope: float, level: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 4, 2, 1, bias=level == 0)
    # As in the paper, the first layer has no BatchNorm.
    norm = [nn.BatchNorm2d(outputs)] if level else []
    return nn.Sequential(convolution, *norm, nn.LeakyReLU(leaky_slope))


def _doubled(inputs: int, outputs: int, level: int) -> nn.Sequential:
    convolution = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=level == 0)
    if level == 0:
        return nn.Sequential(convolution, nn.Tanh())
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Generator(nn.Module):
    """images (B, C, S, S) in [-1, 1], labels (B,) that it does not need -> repaired images of the
    same shape. `examples` are a few damaged pictures and then the same ones whole.
    """

    examples: Tensor

    def __init__(self, config: TrainConfig, channels: int) -> None:
        super().__init__()
        side = config.image_size
        self.network = UNet(config.width, config.leaky_slope, side, channels)
        shape = (2 * EXAMPLES, channels, side, side)
        self.register_buffer("examples", torch.zeros(shape, dtype=torch.uint8))

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        result: Tensor = self.network(images)
        return result


class Discriminator(nn.Module):
    """Judges pairs, by `patches`. Called as other discriminators are, with images (B, C, S, S) and
    labels (B,) that it does not need, it judges each picture as the repair of itself: logits (B,),
    the means over the patches.
    """

    def __init__(self, config: TrainConfig, channels: int) -> None:
        super().__init__()
        shape = (2 * config.width, config.leaky_slope, config.image_size, 2 * channels)
        self.of_patches = PatchDiscriminator(*shape)

    def patches(self, images: Tensor, given: Tensor) -> Tensor:
        """Images and what they were made from, `given`, (B, C, S, S) each -> a logit for each
        patch, (B, 8, 8).
        """
        result: Tensor = self.of_patches(torch.cat([given, images], 1))
        return result

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        return self.patches(images, images).mean((1, 2))


def repairs(generator: nn.Module) -> list[Tensor]:
    """The generator's examples damaged, repaired and whole, each (EXAMPLES, C, S, S) in [-1, 1]."""
    given, whole = cast(Generator, generator).examples.float().div(127.5).sub(1).chunk(2)
    labels = torch.ones(len(given), dtype=torch.int64, device=given.device)
    return [given, generator(given, labels), whole]


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks; the initial weights have a standard deviation of 0.02, as in the paper."""
    players = Players(Generator(config, channels), Discriminator(config, channels))
    for player in players:
        for layer in player.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.weight.data.normal_(0, 0.02, generator=rng)
                if layer.bias is not None:
                    layer.bias.data.zero_()
    return players
