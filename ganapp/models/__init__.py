"""The networks: one paper a file, both players in it."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ganapp.config.capabilities import ModelName
from ganapp.config.training import TrainConfig
from ganapp.models import acgan, biggan, cyclegan, dcgan, gan_cls, infogan, mlp, pix2pix, vae
from ganapp.models.layers import Players

MODELS: dict[ModelName, Callable[[TrainConfig, int, int, torch.Generator], Players]] = {
    "mlp": mlp.build,
    "dcgan": dcgan.build,
    "biggan": biggan.build,
    "infogan": infogan.build,
    "cyclegan": cyclegan.build,
    "pix2pix": pix2pix.build,
    "vae": vae.build,
    "gan-cls": gan_cls.build,
    "acgan": acgan.build,
}
"""(config, channels of a picture, number of classes or 0, rng for the first weights) -> both
players.
"""

__all__ = ["MODELS", "Players"]
