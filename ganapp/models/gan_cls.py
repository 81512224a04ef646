"""GAN-CLS (Reed et al. 2016, arXiv:1605.05396): a generator that draws what a text says, and a
discriminator that also sees whether a picture and a text match.

Both players read the text with a small network of their own, learned along with the rest:
convolutions over the words and the maximum over all places (Kim 2014, arXiv:1408.5882). Two of them
with kernels of 3 see five words at once, enough to tell "no glasses but a beard" from "glasses but
no beard". The paper's encoder (a convolution over letters and a recurrent network) was trained
before the GAN.

The generator is DCGAN's, with the code of the text appended to z. The discriminator is DCGAN's, and
adds <code, V f>, the inner product of the text's code with a linear map of its last 4 x 4 map f:
Miyato and Koyama 2018 (arXiv:1802.05637) project classes so. The paper appends the code to f and
convolves both.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from ganapp.config.training import TrainConfig
from ganapp.models import dcgan
from ganapp.models.layers import Players

VOCABULARY = 128
"""Word numbers that there is room for; 0 is no word."""
WORD_SIZE, HIDDEN, CODE = 32, 64, 64


class TextEncoder(nn.Module):
    """Word numbers (B, T) int64, 0 where there is no word -> codes (B, CODE).

    Codes have mean 0 and variance 1, as z has: without that, long texts get larger codes, which the
    generator cannot follow. Labels (B,) of classes are no text: they give the code of the empty
    one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WORD_SIZE, padding_idx=0)
        self.layers = nn.Sequential(
            nn.Conv1d(WORD_SIZE, HIDDEN, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv1d(HIDDEN, HIDDEN, 3, padding=1),
            nn.LeakyReLU(0.2),
        )
        self.last = nn.Linear(HIDDEN, CODE)

    def forward(self, text: Tensor) -> Tensor:
        if text.ndim == 1:
            text = text.new_zeros(len(text), 1)
        found = self.layers(self.words(text).mT)
        written = (text > 0)[:, None]
        most = found.masked_fill(~written, -torch.inf).amax(2)
        code = self.last(torch.where(written.any(2), most, 0.0)).float()
        return layer_norm(code, (CODE,))


class Generator(nn.Module):
    """noise (B, latent_size) and texts (B, T) -> images (B, C, S, S) in [-1, 1]."""

    def __init__(self, config: TrainConfig, channels: int) -> None:
        super().__init__()
        self.latent_size = config.latent_size
        self.reader = TextEncoder()
        self.body = dcgan.Generator(
            config.latent_size + CODE,
            config.width,
            config.generator_norm,
            config.upsampling,
            config.image_size,
            channels,
            0,
        )

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        code = self.reader(labels).to(noise.dtype)
        result: Tensor = self.body(torch.cat([noise, code], 1), labels)
        return result

    def first_hidden_weights(self) -> Tensor:
        """W of the first hidden layer h = W z + b, (channels * 16, latent_size), without the
        text.
        """
        return self.body.first_hidden_weights()[:, : self.latent_size]


class Discriminator(nn.Module):
    """images (B, C, S, S) in [-1, 1] and texts (B, T) -> logits (B,): how real a picture is and how
    well the text fits it.
    """

    def __init__(self, config: TrainConfig, channels: int) -> None:
        super().__init__()
        norm, side = config.discriminator_norm, config.image_size
        self.reader = TextEncoder()
        self.body = dcgan.Discriminator(
            config.width, config.leaky_slope, norm, config.minibatch_std, side, channels, 0
        )
        self.projection = nn.Linear(config.width * side // 8 * 16, CODE)

    def forward(
        self, images: Tensor, labels: Tensor, others: Tensor | None = None
    ) -> Tensor | tuple[Tensor, Tensor]:
        """With `others`, also the logits of the same pictures with those texts."""
        features = self.body.features(images, labels)
        realism = self.body.judge(features, labels)
        projected = self.projection(features.flatten(1)).float()

        def judged(text: Tensor) -> Tensor:
            result: Tensor = realism + (projected * self.reader(text).float()).sum(1) / CODE**0.5
            return result

        return judged(labels) if others is None else (judged(labels), judged(others))


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks, initialised as DCGAN; the readers with variance 2 / inputs, the projection
    nearly with 0.
    """
    generator, discriminator = Generator(config, channels), Discriminator(config, channels)
    dcgan.init(Players(generator, discriminator), config, rng)
    for player in (generator, discriminator):
        _init(player.reader, rng)
    # Texts count for little at first, so that the generator is not led astray by chance.
    discriminator.projection.weight.data.normal_(0, 1e-3, generator=rng)
    discriminator.projection.bias.data.zero_()
    return Players(generator, discriminator)


def _init(part: nn.Module, rng: torch.Generator) -> None:
    for layer in part.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            inputs = layer.weight[0].numel()
            layer.weight.data.normal_(0, (2 / inputs) ** 0.5, generator=rng)
            if layer.bias is not None:
                layer.bias.data.normal_(0, 0.1, generator=rng)
        elif isinstance(layer, nn.Embedding):
            layer.weight.data.normal_(0, 1, generator=rng)[0] = 0
