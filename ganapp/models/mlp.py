"""The first GAN: both networks are multilayer perceptrons (Goodfellow et al. 2014,
arXiv:1406.2661), with the layers of the course.

    generator       4 x [linear, BatchNorm, ReLU], linear, sigmoid
    discriminator   3 x [linear, LeakyReLU], linear

For a conditional GAN, the one-hot vector of the class is appended to the input of both (Mirza and
Osindero 2014, arXiv:1411.1784).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig
from ganapp.models.layers import Players, class_weights, init_uniform


class Generator(nn.Module):
    """noise (B, latent_size) -> images (B, C, S, S) in [-1, 1]; the hidden layers have 1, 2, 4 and
    8 times `width` units.
    """

    def __init__(
        self, latent_size: int, width: int, side: int, channels: int, classes: int
    ) -> None:
        super().__init__()
        self.shape, self.classes, self.latent_size = (channels, side, side), classes, latent_size
        sizes = [latent_size + classes, width, 2 * width, 4 * width, 8 * width]
        blocks: list[nn.Module] = []
        for inputs, outputs in zip(sizes, sizes[1:], strict=False):
            blocks += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU()]
        self.layers = nn.Sequential(
            *blocks, nn.Linear(sizes[-1], channels * side * side), nn.Sigmoid()
        )

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        if self.classes:
            noise = torch.cat([noise, class_weights(labels, self.classes)], 1)
        pixels = self.layers(noise).float()
        # The sigmoid's [0, 1] in the app's range.
        result: Tensor = pixels.unflatten(1, self.shape) * 2 - 1
        return result

    def first_hidden_weights(self) -> Tensor:
        """W of the first hidden layer h = W z + b, (units, latent_size): with BatchNorm as in eval
        mode, without the class.
        """
        first, norm = self.layers[0], self.layers[1]
        assert (
            isinstance(first, nn.Linear)
            and isinstance(norm, nn.BatchNorm1d)
            and norm.running_var is not None
        )
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        return first.weight[:, : self.latent_size] * scale[:, None]


class Discriminator(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> logits (B,); the hidden layers have 4, 2 and 1 times
    `width` units.
    """

    def __init__(
        self, width: int, leaky_slope: float, side: int, channels: int, classes: int
    ) -> None:
        super().__init__()
        self.classes = classes
        sizes = [channels * side * side + classes, 4 * width, 2 * width, width]
        blocks: list[nn.Module] = []
        for inputs, outputs in zip(sizes, sizes[1:], strict=False):
            blocks += [nn.Linear(inputs, outputs), nn.LeakyReLU(leaky_slope)]
        self.layers = nn.Sequential(*blocks, nn.Linear(width, 1))

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        pixels = (images.flatten(1) + 1) / 2
        if self.classes:
            pixels = torch.cat([pixels, class_weights(labels, self.classes)], 1)
        result: Tensor = self.layers(pixels).squeeze(1).float()
        return result


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks, initialised."""
    players = Players(
        Generator(config.latent_size, config.width, config.image_size, channels, classes),
        Discriminator(config.width, config.leaky_slope, config.image_size, channels, classes),
    )
    for player in players:
        init_uniform(player, rng)
    return players
