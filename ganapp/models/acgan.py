"""A generator that obeys numbers, and a discriminator that reads them: AC-GAN (Odena, Olah and
Shlens 2017, arXiv:1610.09585) with attributes in place of its classes.

The generator gets the class and the attributes of a real picture beside z, and the discriminator
gets the same condition: it adds to its logit how well the picture fits (projection; Miyato and
Koyama 2018, arXiv:1802.05637). A reader, which shares the discriminator's layers, learns from real
pictures to tell their attributes, and the generator is corrected by what it reads. Attribute2Font
(Wang, Gao and Lian 2020, arXiv:2005.07865) steers whole fonts so.

A condition is (B, classes + attributes) float32: one-hot class, then the attributes, mostly in [-1,
1]. Where a caller gives the class alone, the generator takes the attributes from the first numbers
of z, so that they are spread as in the data; and the discriminator takes what its reader says.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig
from ganapp.letterforms import ATTRIBUTES
from ganapp.models import dcgan
from ganapp.models.layers import Players, class_weights

NUMBERS = len(ATTRIBUTES)
QUANTILES = 65


def condition(labels: Tensor, attributes: Tensor, classes: int) -> Tensor:
    """Labels (B,) or (B, classes) and attributes (B, A) as one condition, (B, classes + A)."""
    return torch.cat([class_weights(labels, classes), attributes.float()], 1)


class Generator(nn.Module):
    """noise (B, latent_size) and conditions -> images (B, C, S, S) in [-1, 1]: DCGAN's generator,
    with the condition appended to z.
    """

    quantiles: Tensor

    def __init__(self, config: TrainConfig, channels: int, classes: int) -> None:
        super().__init__()
        self.latent_size, self.classes = config.latent_size, classes
        self.body = dcgan.Generator(
            config.latent_size + classes + NUMBERS,
            config.width,
            config.generator_norm,
            config.upsampling,
            config.image_size,
            channels,
            0,
        )
        evenly = torch.linspace(-1, 1, QUANTILES).repeat(NUMBERS, 1)
        self.register_buffer("quantiles", evenly)

    def learn_spread(self, attributes: Tensor) -> None:
        """Notes how the attributes (N, A) of the data are spread, each by itself."""
        shares = torch.linspace(0, 1, QUANTILES)
        self.quantiles.copy_(attributes.float().cpu().quantile(shares, 0).T)

    def drawn_attributes(self, noise: Tensor) -> Tensor:
        """Attributes (B, A), spread as in the data if `noise` (B, latent_size) is from N(0, I)."""
        place = torch.special.ndtr(noise[:, :NUMBERS].float()) * (QUANTILES - 1)
        lower = place.floor().clamp(max=QUANTILES - 2)
        rows = self.quantiles.T
        below, above = (rows.gather(0, at.long()) for at in (lower, lower + 1))
        return torch.lerp(below, above, place - lower)

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        if labels.ndim == 1 or labels.shape[1] == self.classes:
            labels = condition(labels, self.drawn_attributes(noise), self.classes)
        result: Tensor = self.body(torch.cat([noise, labels], 1), labels)
        return result

    def first_hidden_weights(self) -> Tensor:
        """W of the first hidden layer h = W z + b, (channels * 16, latent_size), without the
        condition.
        """
        return self.body.first_hidden_weights()[:, : self.latent_size]


class Discriminator(nn.Module):
    """images (B, C, S, S) in [-1, 1] and conditions -> logits (B,), and with `read` also the
    attributes (B, A) that it sees in the pictures.
    """

    def __init__(self, config: TrainConfig, channels: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        norm, side = config.discriminator_norm, config.image_size
        self.body = dcgan.Discriminator(
            config.width, config.leaky_slope, norm, config.minibatch_std, side, channels, 0
        )
        features = config.width * side // 8 * 16
        self.fit = nn.Linear(classes + NUMBERS, features, bias=False)
        self.reader = nn.Sequential(
            nn.Linear(features, 64), nn.LeakyReLU(config.leaky_slope), nn.Linear(64, NUMBERS)
        )

    def forward(
        self, images: Tensor, labels: Tensor, read: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        features = self.body.features(images, labels)
        flat = features.flatten(1)
        seen: Tensor | None = None
        if read or labels.ndim == 1 or labels.shape[1] == self.classes:
            seen = self.reader(flat).float()
        if labels.ndim == 1 or labels.shape[1] == self.classes:
            labels = condition(labels, cast(Tensor, seen).detach(), self.classes)
        logits = self.body.judge(features, labels) + (self.fit(labels) * flat).float().sum(1)
        return (logits, cast(Tensor, seen)) if read else logits


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks, initialised as DCGAN; the reader with variance 2 / inputs, and the vectors
    that conditions are compared with so that the sum is as large as the logit.
    """
    generator = Generator(config, channels, classes)
    discriminator = Discriminator(config, channels, classes)
    dcgan.init(Players(generator, discriminator), config, rng)
    for layer in discriminator.reader:
        if isinstance(layer, nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.in_features) ** 0.5, generator=rng)
            layer.bias.data.zero_()
    inputs = discriminator.fit.out_features
    discriminator.fit.weight.data.normal_(0, inputs**-0.5, generator=rng)
    return Players(generator, discriminator)
