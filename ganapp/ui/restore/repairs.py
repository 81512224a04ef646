"""Beside the search in z: what networks make of a damaged picture that learned its repair from
pairs. Knows no Gradio.
"""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor

from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.evaluation import classifier
from ganapp.evaluation.repairs import nearness
from ganapp.pictures import to_uint8
from ganapp.ui.parts import catalog
from ganapp.ui.parts.catalog import kind_of


@functools.cache
def _repairers() -> list[tuple[str, TrainConfig]]:
    """The bundled models that repair, as the catalog calls them, and their settings; first those
    without a GAN.
    """
    values = [value for _, value in catalog.choices(use="repair")]
    found = [(value, catalog.load(value).config) for value in values]
    return sorted(found, key=lambda known: known[1].adversarial_weight > 0)


def repairs(model: TrainedModel, damage: str, observed: Tensor) -> list[tuple[str, np.ndarray]]:
    """What the bundled models make of it that learned to repair this damage on such pictures."""
    wanted = (damage, model.config.image_size, kind_of(model.config))
    return [
        (
            "pix2pix: L1 and GAN" if config.adversarial_weight else "U-Net: L1 alone",
            catalog.load(value).translate(observed.numpy(), 1),
        )
        for value, config in _repairers()
        if (config.damage, config.image_size, kind_of(config)) == wanted
    ]


def details_of(model: TrainedModel, images: list[np.ndarray]) -> list[str]:
    """How near each picture (1, C, S, S) is to the last one, the whole one; and what the classifier
    of digits reads in it, where that can read.
    """
    stacked = np.concatenate(images)
    near = nearness(stacked[:-1], np.repeat(stacked[-1:], len(stacked) - 1, 0))
    said = [f"PSNR {psnr:.1f} dB, SSIM {ssim:.2f}" for psnr, ssim in zip(*near, strict=True)] + [""]
    if kind_of(model.config) != "digits":
        return said
    network, _ = classifier.shipped()
    logits = torch.from_numpy(classifier.features(network, to_uint8(stacked)))
    with torch.no_grad():
        chances = network.last(logits).softmax(1)
    read = [f"reads {int(row.argmax())} ({float(row.max()):.0%})" for row in chances]
    return [", ".join(filter(None, both)) for both in zip(said, read, strict=True)]
