"""The variational autoencoder (Kingma and Welling 2014, arXiv:1312.6114): an encoder says where in
the latent space a picture lies, and a decoder draws it from there.

The decoder is DCGAN's generator. The encoder has the layers of DCGAN's discriminator, but its last
convolution gives q(z | x) = N(mean, diag(variance)) instead of a logit. The decoder's pixel is read
as the probability that the picture is white there: (y + 1) / 2 of its output y in [-1, 1].
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ganapp.config.training import TrainConfig
from ganapp.models import dcgan
from ganapp.models.layers import Players


class Code(NamedTuple):
    """q(z | x) of some pictures: the means of z and the logarithms of its variances, (B,
    latent_size) each.
    """

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """A z of each: mean + deviation * noise, for noise (B, latent_size) of N(0, 1). This is the
        reparameterisation of the paper, through which gradients pass.
        """
        return self.mean + (0.5 * self.log_variance).exp() * noise

    def divergence(self) -> Tensor:
        """KL(q(z | x) || N(0, 1)) = 1/2 sum(mean^2 + variance - 1 - log variance), in nats, (B,)
        (appendix B of the paper).
        """
        variance = self.log_variance.exp()
        return 0.5 * (self.mean.square() + variance - 1 - self.log_variance).sum(1)


class Encoder(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> the `Code` of each."""

    def __init__(self, config: TrainConfig, channels: int, classes: int) -> None:
        super().__init__()
        self.body = dcgan.Discriminator(
            config.width,
            config.leaky_slope,
            config.discriminator_norm,
            False,
            config.image_size,
            channels,
            classes,
            outputs=2 * config.latent_size,
        )

    def forward(self, images: Tensor, labels: Tensor) -> Code:
        features = self.body.features(images, labels)
        mean, log_variance = self.body.last(features).flatten(1).float().chunk(2, 1)
        return Code(mean, log_variance)


class Autoencoder(nn.Module):
    """Both networks as one: what the paper calls the encoder, z with some noise, and the
    decoder.
    """

    decoder: dcgan.Generator

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, cast(dcgan.Generator, decoder)

    def forward(self, images: Tensor, labels: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """The two terms of the bound for each of the images (B, C, S, S) in [-1, 1], in nats, (B,)
        each: the reconstruction error of z, drawn with `noise` (B, latent_size), and the
        divergence.
        """
        code: Code = self.encoder(images, labels)
        logits = self.decoder.logits(code.sample(noise), labels)
        return reconstruction_error(logits, images), code.divergence()


def reconstruction_error(logits: Tensor, images: Tensor) -> Tensor:
    """-sum over the pixels of x log p + (1 - x) log(1 - p), in nats, (B,): p = sigmoid(logit) is
    the probability of white and x = (pixel + 1) / 2 the share of white in images (B, C, S, S).

    This is the mean of -log p(b | z) over black-and-white pictures b in which each pixel is white
    with probability x.
    """
    shares = (images + 1) / 2
    return binary_cross_entropy_with_logits(logits, shares, reduction="none").flatten(1).sum(1)


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """The decoder in the place of the generator and the encoder in that of the discriminator,
    initialised as DCGAN.
    """
    decoder = dcgan.Generator(
        config.latent_size,
        config.width,
        config.generator_norm,
        config.upsampling,
        config.image_size,
        channels,
        classes,
    )
    players = Players(decoder, Encoder(config, channels, classes))
    dcgan.init(players, config, rng)
    return players
