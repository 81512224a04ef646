"""InfoGAN (Chen et al. 2016, arXiv:1606.03657): codes that are learned without labels.

Besides z, the generator gets a code c with ten values and two continuous codes. A network Q, which
shares most layers with the discriminator, predicts the codes from the picture, and both players are
rewarded for its success: a lower bound of the mutual information I(c; G(z, c)). Training draws the
code at random and never uses the labels of the data. Here the code takes the place of the label,
and the continuous codes are the first two numbers of z, drawn from N(0, 1) like the rest.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganapp.config.training import TrainConfig
from ganapp.models import dcgan
from ganapp.models.layers import Players, class_weights

CODES = 10
CONTINUOUS = 2
NAMES = tuple(f"code {code}" for code in range(CODES))


class CodePrediction(NamedTuple):
    """What Q predicts from pictures: logits (B, CODES) of the code, and means (B, CONTINUOUS) of
    the continuous codes.
    """

    code: Tensor
    continuous: Tensor


class Generator(nn.Module):
    """noise (B, latent_size) and codes (B,) -> images (B, C, S, S) in [-1, 1]: DCGAN's generator,
    with the one-hot code appended to z.
    """

    def __init__(self, config: TrainConfig, channels: int) -> None:
        super().__init__()
        size = config.latent_size + CODES
        self.latent_size = config.latent_size
        self.body = dcgan.Generator(
            size,
            config.width,
            config.generator_norm,
            config.upsampling,
            config.image_size,
            channels,
            0,
        )

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        result: Tensor = self.body(torch.cat([noise, class_weights(labels, CODES)], 1), labels)
        return result

    def first_hidden_weights(self) -> Tensor:
        """W of the first hidden layer h = W z + b, (channels * 16, latent_size), without the
        code.
        """
        return self.body.first_hidden_weights()[:, : self.latent_size]


class Discriminator(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> logits (B,), and with `read` also the prediction of Q.
    Labels are ignored.
    """

    def __init__(self, config: TrainConfig, channels: int) -> None:
        super().__init__()
        norm, side = config.discriminator_norm, config.image_size
        self.body = dcgan.Discriminator(
            config.width, config.leaky_slope, norm, config.minibatch_std, side, channels, 0
        )
        features = config.width * side // 8 * 16
        self.reader = nn.Sequential(
            nn.Linear(features, 128),
            nn.LeakyReLU(config.leaky_slope),
            nn.Linear(128, CODES + CONTINUOUS),
        )

    def forward(
        self, images: Tensor, labels: Tensor, read: bool = False
    ) -> Tensor | tuple[Tensor, CodePrediction]:
        features = self.body.features(images, labels)
        logits = self.body.judge(features, labels)
        if not read:
            return logits
        codes = self.reader(features.flatten(1)).float()
        return logits, CodePrediction(codes[:, :CODES], codes[:, CODES:])


def information_loss(read: CodePrediction, codes: Tensor, continuous: Tensor) -> Tensor:
    """-log Q(c | x) up to a constant: cross-entropy of the code (B,), and of the continuous codes
    (B, CONTINUOUS) under Gaussians of variance 1 around the prediction. The paper's Q predicts the
    variance too.
    """
    return (
        cross_entropy(read.code, codes)
        + 0.5 * (read.continuous - continuous).square().sum(1).mean()
    )


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks, initialised as DCGAN; the linear layers of Q with variance 2 / inputs."""
    generator, discriminator = Generator(config, channels), Discriminator(config, channels)
    dcgan.init(Players(generator, discriminator), config, rng)
    for layer in discriminator.reader:
        if isinstance(layer, nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.in_features) ** 0.5, generator=rng)
            layer.bias.data.zero_()
    return Players(generator, discriminator)
