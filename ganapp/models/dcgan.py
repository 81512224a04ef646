"""DCGAN (Radford, Metz and Chintala 2015, arXiv:1511.06434) follows five rules.

1. strided convolutions in the discriminator, fractionally strided (transposed) ones in the
   generator, no pooling;
2. BatchNorm in both, but not at the generator's output nor the discriminator's input;
3. no fully connected hidden layers;
4. ReLU in the generator, tanh at its output;
5. LeakyReLU in the discriminator.

For a conditional GAN, a learned vector of the class is appended to the noise, and the discriminator
adds a learned bias of the class after its first convolution. Appending constant planes to the
picture would do the same away from its border, but would make that convolution many times slower.

Kernels of 4 have a stride of 2, so that every pixel is the sum of the same number of weights.
Odena, Dumoulin and Olah 2016 ("Deconvolution and Checkerboard Artifacts",
doi:10.23915/distill.00003) show what a kernel of 3 does, and how resizing and a plain convolution
avoid it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganapp.config.settings import UpsamplingName
from ganapp.config.training import TrainConfig
from ganapp.models.layers import LabelEmbedding, MinibatchStd, Players

LABEL_SIZE = 16


class Generator(nn.Module):
    """noise (B, latent_size) -> images (B, C, S, S) in [-1, 1]: it starts with 4 x 4 pixels and
    doubles the side up to S.
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
        # `width` in the last hidden layer, doubled each time the side is halved.
        outputs = width * side // 8
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
        result: Tensor = self.layers(self._inputs(noise, labels)).float()
        return result

    def logits(self, noise: Tensor, labels: Tensor) -> Tensor:
        """The images (B, C, S, S) as logits of (image + 1) / 2: twice what tanh is applied to,
        since (tanh(a) + 1) / 2 = sigmoid(2 a).
        """
        result: Tensor = self.layers[:-1](self._inputs(noise, labels)).float()
        return 2 * result

    def _inputs(self, noise: Tensor, labels: Tensor) -> Tensor:
        if self.embedding is not None:
            noise = torch.cat([noise, self.embedding(labels)], 1)
        return noise[:, :, None, None]

    def first_hidden_weights(self) -> Tensor:
        """W of the first hidden layer h = W z + b, (channels * 16, latent_size): with BatchNorm as
        in eval mode, without the class.
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
    """images (B, C, S, S) in [-1, 1] -> logits (B,): it halves the side down to 4 x 4 pixels and
    ends with one convolution, which has `outputs` channels.
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
        outputs: int = 1,
    ) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 4, 2, 1)
        self.class_bias = LabelEmbedding(classes, width) if classes else None
        blocks: list[nn.Module] = [nn.LeakyReLU(leaky_slope)]
        features = width
        while features < width * side // 8:
            inputs, features = features, features * 2
            blocks.append(nn.Conv2d(inputs, features, 4, 2, 1, bias=norm == "none"))
            if norm == "batch":
                blocks.append(nn.BatchNorm2d(features))
            blocks.append(nn.LeakyReLU(leaky_slope))
        self.layers = nn.Sequential(*blocks)
        self.minibatch_std = MinibatchStd(classes) if minibatch_std else None
        self.last = nn.Conv2d(features + (1 if minibatch_std else 0), outputs, 4, 1, 0)

    def features(self, images: Tensor, labels: Tensor) -> Tensor:
        """The last 4 x 4 map, (B, channels, 4, 4)."""
        features = self.first(images)
        if self.class_bias is not None:
            features = features + self.class_bias(labels)[:, :, None, None].to(features.dtype)
        result: Tensor = self.layers(features)
        return result

    def judge(self, features: Tensor, labels: Tensor) -> Tensor:
        """The logits (B,) of that map."""
        if self.minibatch_std is not None:
            features = self.minibatch_std(features, labels)
        result: Tensor = self.last(features).flatten().float()
        return result

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        return self.judge(self.features(images, labels), labels)


def build(config: TrainConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
    """Both networks, initialised."""
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
    """Draws the initial weights from a normal distribution with standard deviation 0.02, as in the
    paper.

    Without BatchNorm, such weights would make the signal vanish: the convolutions are then drawn
    with variance 2 / inputs (He et al. 2015, arXiv:1502.01852), which keeps the size of the signal.
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
    """How many inputs each output of the layer is the sum of. In a fractionally strided
    convolution, all but 1 of stride^2 places hold zeros.
    """
    places = layer.kernel_size[0] * layer.kernel_size[1]
    if isinstance(layer, nn.ConvTranspose2d):
        # Applied to a single pixel, every output gets one weight of each channel.
        places = 1 if layer.stride[0] == 1 else places // layer.stride[0] ** 2
    return layer.in_channels * places
