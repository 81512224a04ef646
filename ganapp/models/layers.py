"""Blocks that more than one paper uses.

Labels are (B,) int64, or (B, classes) float weights that mix classes. Unconditional networks ignore
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot


class Players(NamedTuple):
    """The two networks of one game.

    `generator(noise (B, latent_size), labels) -> images (B, C, H, W) in [-1, 1]`;
    `discriminator(images, labels) -> logits (B,)`, above 0 if it thinks that a picture is real.
    """

    generator: nn.Module
    discriminator: nn.Module


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """Labels as (B, classes) float weights: one-hot for class numbers, mixtures as they are."""
    if labels.is_floating_point():
        return labels
    return one_hot(labels, classes).float()


class LabelEmbedding(nn.Module):
    """A learned vector for each class; a mixture of classes gets the mixture of their vectors. (B,)
    or (B, classes) -> (B, size).
    """

    def __init__(self, classes: int, size: int) -> None:
        super().__init__()
        self.classes = classes
        self.table = nn.Linear(classes, size, bias=False)

    def forward(self, labels: Tensor) -> Tensor:
        result: Tensor = self.table(class_weights(labels, self.classes))
        return result


class MinibatchStd(nn.Module):
    """Appends a channel that says how much the pictures of the batch differ (Karras et al. 2018,
    arXiv:1710.10196, section 3).

    With classes, each picture is compared with those of its own class in the batch: this catches a
    generator that draws a single picture for each class, although the batch as a whole varies. (B,
    C, H, W) -> (B, C + 1, H, W).
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.batches = 1
        """How many batches of equal size the input consists of; pictures are compared only within
        their batch.
        """
        self.summed: Callable[[Tensor], Tensor] = lambda values: values
        """The sum over the processes that hold rows of one batch."""

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            flat = features.float().reshape(self.batches, -1, features[0].numel())
            groups = (
                class_weights(labels, self.classes)
                if self.classes
                else flat.new_ones(len(features), 1)
            )
            groups = groups.view(self.batches, -1, groups.shape[1])
            counts = self.summed(groups.sum(1)).clamp(min=1)[:, :, None]
            mean = self.summed(groups.mT @ flat) / counts
            variance = self.summed(groups.mT @ (flat - groups @ mean).square()) / counts
            spread = (variance + 1e-8).sqrt().mean(2, keepdim=True)
            plane = (groups @ spread).view(-1, 1, 1, 1).expand(-1, 1, *features.shape[2:])
        return torch.cat([features, plane.to(features.dtype)], 1)


def init_uniform(module: nn.Module, rng: torch.Generator) -> None:
    """Initialises as PyTorch does, uniformly in +-1/sqrt(inputs), but draws from `rng` instead of
    global randomness.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            layer.weight.data.uniform_(-bound, bound, generator=rng)
            if layer.bias is not None:
                layer.bias.data.uniform_(-bound, bound, generator=rng)
