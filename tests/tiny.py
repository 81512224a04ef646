"""Tiny data and settings that drive the real trainer in milliseconds."""

from __future__ import annotations

import torch

from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Pictures
from ganapp.randomness import rng_for

FAST = {
    "epochs": 2,
    "width": 4,
    "latent_size": 4,
    "batch_size": 8,
    "precision": "float32",
    "discriminator_norm": "none",
    "r1_weight": 0.0,
}


def tiny_config(model: str = "mlp", **changes: object) -> TrainConfig:
    """A quick run of `model`, with `changes` to its settings."""
    own = {
        "mlp": {"image_size": 28},
        "biggan": {"width": 8, "latent_size": 8},
        "infogan": {"conditional": False},
        "cyclegan": {"conditional": False, "dataset": "digits-outline"},
        "pix2pix": {"conditional": False},
        "gan-cls": {"conditional": False, "dataset": "faces"},
        "acgan": {"dataset": "letters"},
    }.get(model, {})
    return TrainConfig.from_dict({**FAST, "model": model, "image_size": 32, **own, **changes})  # type: ignore[dict-item] # settings of any type


ATTRIBUTES = {"acgan": 4, "gan-cls": 7}
"""How many numbers some models have to know of each picture."""


def tiny_pictures(
    count: int = 20, classes: int = 3, channels: int = 1, side: int = 28, model: str = ""
) -> Pictures:
    """`count` pictures, each a bright bar whose place is its class, with a little noise; the labels
    take turns. What `model` has to know besides is random.
    """
    labels = torch.arange(count) % classes
    images = torch.randint(
        0, 40, (count, channels, side, side), generator=rng_for(0, "tiny"), dtype=torch.uint8
    )
    for number, label in enumerate(labels.tolist()):
        images[number, :, :, label * side // classes : label * side // classes + 3] += 200
    attributes = None
    if numbers := ATTRIBUTES.get(model):
        rng = rng_for(0, "attributes")
        attributes = torch.randint(0, 2, (count, numbers), generator=rng).float()
    names = tuple(f"bar {label}" for label in range(classes))
    return Pictures(images, labels, names, attributes)
