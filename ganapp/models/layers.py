"""Blocks that more than one paper uses.

Labels are (B,) int64, or (B, classes) float weights that mix classes. Unconditional networks take and ignore them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot


class Players(NamedTuple):
    """The two networks of one game.

    `generator(noise (B, latent_size), labels) -> images (B, C, H, W) in [-1, 1]`;
    `discriminator(images, labels) -> logits (B,)`, above 0 where it takes a picture for real.
    """

    generator: nn.Module
    discriminator: nn.Module


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """Labels as (B, classes) float weights: one-hot for class numbers, mixtures as they are."""
    if labels.is_floating_point():
        return labels
    return one_hot(labels, classes).float()


class LabelEmbedding(nn.Module):
    """A learned vector a class; a mixture of classes gets the mixture of their vectors. (B,) or (B, classes) -> (B, size)."""

    def __init__(self, classes: int, size: int) -> None:
        super().__init__()
        self.classes = classes
        self.table = nn.Linear(classes, size, bias=False)

    def forward(self, labels: Tensor) -> Tensor:
        return self.table(class_weights(labels, self.classes))


class MinibatchStd(nn.Module):
    """Appends one channel that tells how much the batch varies at all (Karras et al. 2018, arXiv:1710.10196, section 3).

    With classes, each picture is compared with those of its own class in the batch: a generator that draws one picture a
    class is caught although the batch as a whole varies. (B, C, H, W) -> (B, C + 1, H, W).
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        batch = len(features)
        with torch.autocast(features.device.type, enabled=False):
            flat = features.float().flatten(1)
            groups = class_weights(labels, self.classes) if self.classes else flat.new_ones(batch, 1)
            share = groups / groups.sum(0).clamp(min=1)
            mean = share.T @ flat
            variance = share.T @ (flat - groups @ mean).square()
            spread = (variance + 1e-8).sqrt().mean(1, keepdim=True)
            plane = (groups @ spread)[:, :, None, None].expand(batch, 1, *features.shape[2:])
        return torch.cat([features, plane.to(features.dtype)], 1)


def init_uniform(module: nn.Module, rng: torch.Generator) -> None:
    """PyTorch's own first weights, uniform in +-1/sqrt(inputs), drawn from `rng` instead of ambient randomness."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            layer.weight.data.uniform_(-bound, bound, generator=rng)
            if layer.bias is not None:
                layer.bias.data.uniform_(-bound, bound, generator=rng)
