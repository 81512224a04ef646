"""Small models that draw a different picture for every z and class, and what the exploring tabs'
tests read of their pictures.
"""

import base64
import io
from typing import Any

import numpy as np
import torch
from PIL import Image

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig


def make(**settings: Any) -> Any:
    """A small model with weights that make every picture another one."""
    small: dict[str, Any] = {"width": 8, "latent_size": 8, "minibatch_std": True}
    config = TrainConfig(**(small | {"discriminator_norm": "none"} | settings))
    if config.model == "mlp":
        config = TrainConfig(**(config.to_dict() | {"minibatch_std": False, "image_size": 28}))
    model = TrainedModel(
        config.to_dict(), [f"class {i}" for i in range(5)], 1, {"preset": "digits"}
    )
    rng = torch.Generator().manual_seed(1)
    for value in model.parameters():
        if value.dim() > 1:
            value.data.normal_(
                0, 0.4 if value.dim() == 4 else 2 / value.shape[1] ** 0.5, generator=rng
            )
    return model


def pixels(source: Any) -> Any:
    """The pixels of a data URI, (H, W) or (H, W, 3)."""
    head, _, body = source.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body))))


def decoded(shown: Any) -> Any:
    """The pixels of what a browser is shown."""
    return pixels(shown["src"])


def alike(a: Any, b: Any) -> Any:
    """Whether two pictures are the same but for the rounding of sums that another batch size
    brings.
    """
    return a.shape == b.shape and np.abs(a.astype(int) - b.astype(int)).max() <= 1


def drawn(model: TrainedModel, z: Any, label: Any) -> Any:
    return model.draw(z[None], np.asarray([label]))[0, ..., 0]


def of_seed(model: TrainedModel, seed: Any, label: Any) -> Any:
    return drawn(model, latents.noise(seed, model.config.latent_size)[0], label)
