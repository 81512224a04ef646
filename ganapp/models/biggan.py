"""A small BigGAN (Brock, Donahue and Simonyan 2019, arXiv:1809.11096).

From the paper: residual blocks; class-conditional BatchNorm in the generator, whose gain and bias
come from the class and from a separate chunk of z for each block (split z); a projection
discriminator (Miyato and Koyama 2018, arXiv:1802.05637); spectral normalisation in both (Miyato et
al. 2018, arXiv:1802.05957); self-attention at 16 x 16 pixels (Zhang et al. 2019, arXiv:1805.08318);
orthogonal initialisation. What is small: the width, and only one block for each doubling of the
side. Small batches hold few pictures of a class, so the discriminator can also see how much those
differ (`minibatch_std`, which is not in the paper).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, max_pool2d, relu
from torch.nn.utils.parametrizations import spectral_norm

from ganapp.config.training import TrainConfig
from ganapp.models.layers import LabelEmbedding, MinibatchStd, Players

ATTENTION_SIDE = 16
CLASS_SIZE = 32
MOST_CHANNELS = 4
"""Channels of the deepest layers as a multiple of the width."""


class ConditionalBatchNorm(nn.Module):
    """BatchNorm whose gain and bias are linear functions of a condition: (B, C, H, W), (B,
    condition) -> (B, C, H, W).
    """

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain, self.offset = (
            spectral_norm(nn.Linear(condition, channels, bias=False)) for _ in range(2)
        )

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        result: Tensor = (
            self.norm(features) * (1 + self.gain(condition))[:, :, None, None]
            + self.offset(condition)[:, :, None, None]
        )
        return result


class Attention(nn.Module):
    """Self-attention over a coarser map: features + scale * softmax(query . key) value, with a
    learned scale that starts at 0.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.query, self.key = (
            spectral_norm(nn.Conv2d(channels, channels // 8, 1, bias=False)) for _ in range(2)
        )
        self.value = spectral_norm(nn.Conv2d(channels, channels // 2, 1, bias=False))
        self.last = spectral_norm(nn.Conv2d(channels // 2, channels, 1, bias=False))
        self.scale = nn.Parameter(torch.zeros(()))

    def forward(self, features: Tensor) -> Tensor:
        query = self.query(features).flatten(2)  # (B, C/8, N)
        key = max_pool2d(self.key(features), 2).flatten(2)  # (B, C/8, N/4)
        value = max_pool2d(self.value(features), 2).flatten(2)  # (B, C/2, N/4)
        weights = (query.mT @ key).softmax(2)  # (B, N, N/4)
        seen = (value @ weights.mT).unflatten(2, features.shape[2:])
        result: Tensor = features + self.scale * self.last(seen)
        return result


def _conv(inputs: int, outputs: int, kernel: int) -> nn.Module:
    return spectral_norm(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2))


class UpBlock(nn.Module):
    """(B, inputs, S, S), (B, condition) -> (B, outputs, 2 S, 2 S)."""

    def __init__(self, inputs: int, outputs: int, condition: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = (
            ConditionalBatchNorm(inputs, condition),
            ConditionalBatchNorm(outputs, condition),
        )
        self.first, self.second, self.skip = (
            _conv(inputs, outputs, 3),
            _conv(outputs, outputs, 3),
            _conv(inputs, outputs, 1),
        )

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        hidden = self.first(_doubled(relu(self.first_norm(features, condition))))
        hidden = self.second(relu(self.second_norm(hidden, condition)))
        result: Tensor = hidden + _doubled(self.skip(features))
        return result


class DownBlock(nn.Module):
    """(B, inputs, S, S) -> (B, outputs, S / 2, S / 2), or S if it does not halve; the first block
    applies no ReLU to its input.
    """

    def __init__(self, inputs: int, outputs: int, halve: bool, first: bool) -> None:
        super().__init__()
        self.before: Callable[[Tensor], Tensor] = _same if first else relu
        self.after: Callable[[Tensor], Tensor] = _halved if halve else _same
        self.first, self.second = _conv(inputs, outputs, 3), _conv(outputs, outputs, 3)
        self.skip = _conv(inputs, outputs, 1) if halve or inputs != outputs else None

    def forward(self, features: Tensor) -> Tensor:
        hidden = self.second(relu(self.first(self.before(features))))
        # Averaging and a 1 x 1 convolution commute, and this order is faster.
        skipped = self.after(features)
        return self.after(hidden) + (skipped if self.skip is None else self.skip(skipped))


class Generator(nn.Module):
    """noise (B, latent_size) -> images (B, C, S, S) in [-1, 1]. z is split: one chunk makes the 4 x
    4 map, and each block gets one more.
    """

    def __init__(
        self, latent_size: int, width: int, side: int, channels: int, classes: int
    ) -> None:
        super().__init__()
        doublings = int(math.log2(side // 4))
        sizes = [width * min(MOST_CHANNELS, 2**k) for k in range(doublings, -1, -1)]
        self.latent_size, self.chunk = latent_size, latent_size // (doublings + 1)
        self.embedding = LabelEmbedding(classes, CLASS_SIZE) if classes else None
        condition = self.chunk + (CLASS_SIZE if classes else 0)
        self.start = spectral_norm(nn.Linear(latent_size - doublings * self.chunk, sizes[0] * 16))
        self.blocks = nn.ModuleList(
            UpBlock(*pair, condition) for pair in zip(sizes, sizes[1:], strict=False)
        )
        self.attention = Attention(sizes[int(math.log2(ATTENTION_SIDE // 4))])
        self.norm = nn.BatchNorm2d(width)
        self.last = _conv(width, channels, 3)

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        first, *chunks = noise.split(
            [noise.shape[1] - len(self.blocks) * self.chunk] + [self.chunk] * len(self.blocks), 1
        )
        features = self.start(first).unflatten(1, (-1, 4, 4))
        for block, chunk in zip(self.blocks, chunks, strict=True):
            condition = (
                chunk if self.embedding is None else torch.cat([chunk, self.embedding(labels)], 1)
            )
            features = block(features, condition)
            if features.shape[2] == ATTENTION_SIDE:
                features = self.attention(features)
        result: Tensor = self.last(relu(self.norm(features))).float().tanh()
        return result

    def first_hidden_weights(self) -> Tensor:
        """W of the 4 x 4 map's features, (channels * 16, latent_size), zero for the chunks of z
        that the later blocks read.
        """
        weight = cast(Tensor, self.start.weight)
        return torch.cat(
            [weight, weight.new_zeros(len(weight), self.latent_size - weight.shape[1])], 1
        )


class Discriminator(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> logits (B,): w . h + embedding(label) . h for features h
    that are summed over places.

    With `minibatch_std` the last block also sees how much the pictures of each class differ within
    the batch.
    """

    def __init__(
        self, width: int, minibatch_std: bool, side: int, channels: int, classes: int
    ) -> None:
        super().__init__()
        halvings = int(math.log2(side // 4))
        sizes = [channels] + [width * min(MOST_CHANNELS, 2**k) for k in range(halvings + 1)]
        self.minibatch_std = MinibatchStd(classes) if minibatch_std else None
        self.blocks = nn.ModuleList(
            DownBlock(
                inputs + (minibatch_std and number == halvings),
                outputs,
                halve=number < halvings,
                first=number == 0,
            )
            for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False))
        )
        self.attention = Attention(sizes[int(math.log2(side // ATTENTION_SIDE))])
        self.last = spectral_norm(nn.Linear(sizes[-1], 1))
        self.projection = LabelEmbedding(classes, sizes[-1]) if classes else None
        if self.projection is not None:
            spectral_norm(self.projection.table)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        features = images
        for block in self.blocks:
            if self.minibatch_std is not None and block is self.blocks[-1]:
                features = self.minibatch_std(features, labels)
            features = block(features)
            if features.shape[2] == ATTENTION_SIDE:
                features = self.attention(features)
        features = relu(features).sum((2, 3))
        logits = self.last(features).squeeze(1)
        if self.projection is not None:
            logits = logits + (self.projection(labels) * features).sum(1)
        result: Tensor = logits.float()
        return result


def _same(features: Tensor) -> Tensor:
    return features


def _doubled(features: Tensor) -> Tensor:
    return interpolate(features, scale_factor=2)


def _halved(features: Tensor) -> Tensor:
    return avg_pool2d(features, 2)


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks with orthogonal initial weights."""
    players = Players(
        Generator(config.latent_size, config.width, config.image_size, channels, classes),
        Discriminator(config.width, config.minibatch_std, config.image_size, channels, classes),
    )
    for player in players:
        for layer in player.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                if layer.bias is not None:
                    layer.bias.data.zero_()
                if nn.utils.parametrize.is_parametrized(layer):
                    normalised = cast(Any, layer.parametrizations).weight
                    nn.init.orthogonal_(normalised.original, generator=rng)
                    _start_power_iteration(normalised[0], normalised.original, rng)
                else:
                    nn.init.orthogonal_(layer.weight, generator=rng)
    return players


def _start_power_iteration(norm: Any, weight: Tensor, rng: torch.Generator) -> None:
    """Draws the first estimates of the weight's singular vectors from `rng`; torch would use global
    randomness.
    """
    for vector in (norm._u, norm._v):
        vector.normal_(generator=rng)
    norm._power_method(weight.detach().flatten(1), 15)
