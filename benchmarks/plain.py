"""The other side of every comparison: how GANs are usually trained in PyTorch, with nothing done
for speed.

In the manner of the official DCGAN example: a `DataLoader` with two workers over torchvision's
MNIST and its transforms, float32, eager, PyTorch's default settings, one binary cross-entropy and
one backward pass for real and fake each, gradients of every weight in both steps, and the losses
read with `.item()` and printed (here: kept) at every step. Networks, batch size, learning rates and
data are those of the `TrainConfig` it is given.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch  # before ganapp, which would change how OpenMP's threads wait
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "0")  # PyTorch's default, which ganapp changes

from ganapp.config.training import TrainConfig
from ganapp.datasets.bundled import load_digits
from ganapp.models import MODELS
from ganapp.randomness import rng_for

WORKERS = 2


def write_mnist(folder: Path) -> None:
    """The bundled digits as MNIST's own four files, for torchvision to read."""
    digits = load_digits(lambda share, what: None)
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    images, labels = digits.images[:, 0].numpy(), digits.labels.numpy().astype(np.uint8)
    for part in ("train", "t10k"):
        sizes = np.array(images.shape, ">i4").tobytes()
        (raw / f"{part}-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + sizes + images.tobytes())
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(
            b"\0\0\x08\x01" + sizes[:4] + labels.tobytes()
        )


class Plain:
    """A run of `config` in the usual way. `config` must ask for what the usual loop has: the
    non-saturating loss, no penalty.
    """

    def __init__(
        self, config: TrainConfig, folder: Path, device: torch.device | str = "cpu"
    ) -> None:
        self.config, self.device = config, torch.device(device)
        size = config.image_size
        resize = (
            [transforms.Resize(size), transforms.CenterCrop(size)] if config.model != "mlp" else []
        )
        change = transforms.Compose(
            [*resize, transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]
        )
        data = datasets.MNIST(str(folder), train=True, transform=change)
        self.loader = DataLoader(
            data, batch_size=config.batch_size, shuffle=True, num_workers=WORKERS
        )
        classes = 10 if config.conditional else 0
        players = MODELS[config.model](config, 1, classes, rng_for(config.seed, "weights"))
        self.generator, self.discriminator = (player.to(self.device) for player in players)
        self.bce = nn.BCEWithLogitsLoss()
        betas = (config.beta1, config.beta2)
        self.discriminator_optimizer = torch.optim.Adam(
            self.discriminator.parameters(), config.discriminator_lr, betas
        )
        self.generator_optimizer = torch.optim.Adam(
            self.generator.parameters(), config.generator_lr, betas
        )

    def rounds(self) -> Iterator[tuple[float, float]]:
        """Plays for ever; after each round, the two losses."""
        while True:
            for images, labels in self.loader:
                yield self._round(images.to(self.device), labels.to(self.device))

    def _round(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
        ones, zeros = (
            torch.ones(len(images), device=self.device),
            torch.zeros(len(images), device=self.device),
        )
        self.discriminator.zero_grad()
        real_loss = self.bce(self.discriminator(images, labels), ones)
        real_loss.backward()
        fakes = self.generator(
            torch.randn(len(images), self.config.latent_size, device=self.device), labels
        )
        fake_loss = self.bce(self.discriminator(fakes.detach(), labels), zeros)
        fake_loss.backward()
        self.discriminator_optimizer.step()
        self.generator.zero_grad()
        generator_loss = self.bce(self.discriminator(fakes, labels), ones)
        generator_loss.backward()
        self.generator_optimizer.step()
        return (real_loss + fake_loss).item(), generator_loss.item()
