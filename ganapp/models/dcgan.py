"""DCGAN (Radford, Metz and Chintala 2015, arXiv:1511.06434), by its five rules:

1. strided convolutions in the discriminator, fractionally strided (transposed) ones in the
   generator, no pooling;
2. BatchNorm in both, but not at the generator's output nor the discriminator's input;
3. no fully connected hidden layers;
4. ReLU in the generator, tanh at its output;
5. LeakyReLU in the discriminator.

Conditional on a class (CDCGAN), a learned vector of the class joins the noise; in the discriminator
a learned bias of the class joins the first convolution's. Constant planes beside the picture do the
same away from its border, but make that convolution many times as costly.

Kernels are 4 at a stride of 2, so that every pixel is the sum of as many weights. Odena, Dumoulin
and Olah 2016 ("Deconvolution and Checkerboard Artifacts", doi:10.23915/distill.00003) show what a
kernel of 3 does, and what a resize and a plain convolution do instead.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig, UpsamplingName
from ganapp.models.layers import LabelEmbedding, MinibatchStd, Players

LABEL_SIZE = 16


class Generator(nn.Module):
    """noise (B, latent_size) -> images (B, C, S, S) in [-1, 1]: 4 x 4 pixels first, doubled up to
    S.
    """

    def __init__(
        self,
        latent_size: int,
        width: int,
        norm: str,
        upsampling: UpsamplingName,
        side: int,
        channels: int,
        classes: int,
    ) -> None:
        super().__init__()
        self.embedding = LabelEmbedding(classes, LABEL_SIZE) if classes else None
        self.latent_size = latent_size
        bare = norm == "none"
        inputs = latent_size + (LABEL_SIZE if classes else 0)
        outputs = (
            width * side // 8
        )  # width at the last hidden layer, doubled for each halving of the side
        blocks: list[nn.Module] = [
            nn.ConvTranspose2d(inputs, outputs, 4, 1, 0, bias=bare),
            _norm(bare, outputs),
            nn.ReLU(),
        ]
        while outputs > width:
            inputs, outputs = outputs, outputs // 2
            blocks += [
                *_doubling(upsampling, inputs, outputs, bare),
                _norm(bare, outputs),
                nn.ReLU(),
            ]
        self.layers = nn.Sequential(
            *blocks, *_doubling(upsampling, width, channels, False), nn.Tanh()
        )

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        if self.embedding is not None:
            noise = torch.cat([noise, self.embedding(labels)], 1)
        result: Tensor = self.layers(noise[:, :, None, None]).float()
        return result

    def first_hidden_weights(self) -> Tensor:
        """W of the first hidden layer h = W z + b, (channels * 16, latent_size): BatchNorm as in
        eval mode, without the class.
        """
        first, norm = self.layers[0], self.layers[1]
        assert isinstance(first, nn.ConvTranspose2d)
        weight = first.weight[: self.latent_size]
        if isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None:
            weight = weight * (norm.weight / (norm.running_var + norm.eps).sqrt())[:, None, None]
        return weight.flatten(1).T


def _doubling(upsampling: UpsamplingName, inputs: int, outputs: int, bias: bool) -> list[nn.Module]:
    """Layers that double the side of a map: (B, inputs, S, S) -> (B, outputs, 2 S, 2 S)."""
    if upsampling == "resize":
        return [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, 1, 1, bias=bias)]
    if upsampling == "transposed-3":
        return [nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1, bias=bias)]
    return [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=bias)]


def _norm(bare: bool, channels: int) -> nn.Module:
    return nn.Identity() if bare else nn.BatchNorm2d(channels)


class Discriminator(nn.Module):
    """images (B, C, S, S) in [-1, 1] -> logits (B,): the side is halved down to 4 x 4 pixels, then
    one convolution.
    """

    def __init__(
        self,
        width: int,
        leaky_slope: float,
        norm: str,
        minibatch_std: bool,
        side: int,
        channels: int,
        classes: int,
    ) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 4, 2, 1)
        self.class_bias = LabelEmbedding(classes, width) if classes else None
        blocks: list[nn.Module] = [nn.LeakyReLU(leaky_slope)]
        outputs = width
        while outputs < width * side // 8:
            inputs, outputs = outputs, outputs * 2
            blocks.append(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=norm == "none"))
            if norm == "batch":
                blocks.append(nn.BatchNorm2d(outputs))
            blocks.append(nn.LeakyReLU(leaky_slope))
        self.layers = nn.Sequential(*blocks)
        self.variety = MinibatchStd(classes) if minibatch_std else None
        self.last = nn.Conv2d(outputs + (1 if minibatch_std else 0), 1, 4, 1, 0)

    def features(self, images: Tensor, labels: Tensor) -> Tensor:
        """The last 4 x 4 map, (B, channels, 4, 4)."""
        features = self.first(images)
        if self.class_bias is not None:
            features = features + self.class_bias(labels)[:, :, None, None].to(features.dtype)
        result: Tensor = self.layers(features)
        return result

    def judge(self, features: Tensor, labels: Tensor) -> Tensor:
        """The logits (B,) of that map."""
        if self.variety is not None:
            features = self.variety(features, labels)
        result: Tensor = self.last(features).flatten().float()
        return result

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        return self.judge(self.features(images, labels), labels)


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both players with their first weights."""
    players = Players(
        Generator(
            config.latent_size,
            config.width,
            config.generator_norm,
            config.upsampling,
            config.image_size,
            channels,
            classes,
        ),
        Discriminator(
            config.width,
            config.leaky_slope,
            config.discriminator_norm,
            config.minibatch_std,
            config.image_size,
            channels,
            classes,
        ),
    )
    init(players, config, rng)
    return players


def init(players: Players, config: TrainConfig, rng: torch.Generator) -> None:
    """Draws the first weights from N(0, .02) as in the paper.

    A player without BatchNorm would all but silence its input with that: its convolutions are drawn
    from N(0, 2 / inputs) (He et al. 2015, arXiv:1502.01852), so that signals keep their size.
    """
    for player, norm in zip(
        players, (config.generator_norm, config.discriminator_norm), strict=True
    ):
        for layer in player.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                std = (2 / _inputs(layer)) ** 0.5 if norm == "none" else 0.02
                layer.weight.data.normal_(0, std, generator=rng)
                if layer.bias is not None:
                    layer.bias.data.zero_()
            elif isinstance(layer, nn.BatchNorm2d):
                layer.weight.data.normal_(1, 0.02, generator=rng)
            elif isinstance(layer, nn.Linear):
                layer.weight.data.normal_(0, 1, generator=rng)


def _inputs(layer: nn.Conv2d | nn.ConvTranspose2d) -> float:
    """Inputs that one output of the layer is the sum of; a fractionally strided kernel meets zeros
    at all but 1 of stride^2 places.
    """
    places = layer.kernel_size[0] * layer.kernel_size[1]
    if isinstance(layer, nn.ConvTranspose2d):
        # Over a single pixel, every output place meets one weight of each channel.
        places = 1 if layer.stride[0] == 1 else places // layer.stride[0] ** 2
    return layer.in_channels * places
