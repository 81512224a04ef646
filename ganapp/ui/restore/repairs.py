"""Beside the search in z: what networks make of a damaged picture that learned its repair from
pairs. Knows no Gradio.
"""

from __future__ import annotations

from collections.abc import Iterable

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

MOST_OWN = 2
"""So many of a visitor's runs that learned the same repair are asked, the newest ones."""


def repairs(model: TrainedModel, damage: str, observed: Tensor) -> list[tuple[str, np.ndarray]]:
    """What the bundled models make of it that learned to repair this damage on such pictures; first
    those without a GAN.
    """
    known = [(value, catalog.settings_of(value)) for _, value in catalog.choices(use="repair")]
    known.sort(key=lambda each: each[1].adversarial_weight > 0)
    values = [value for value, config in known if _learned_it(config, model, damage)]
    return [(_how(value), _repaired(value, observed)) for value in values]


def own_repairs(
    model: TrainedModel, damage: str, observed: Tensor, run_ids: Iterable[str]
) -> list[tuple[str, np.ndarray]]:
    """What the newest of a visitor's runs make of it that learned the same; `run_ids` are in that
    order.
    """
    known = [value for _, value in catalog.choices(run_ids, use="repair")]
    values = [
        value
        for value in known
        if value.startswith("run:") and _learned_it(catalog.settings_of(value), model, damage)
    ]
    return [
        (f"{_how(value)} (your run {value[4:]})", _repaired(value, observed))
        for value in values[:MOST_OWN]
    ]


def _learned_it(config: TrainConfig, model: TrainedModel, damage: str) -> bool:
    asked = (damage, model.config.image_size, kind_of(model.config))
    return (config.damage, config.image_size, kind_of(config)) == asked


def _how(value: str) -> str:
    gan = catalog.settings_of(value).adversarial_weight
    return "pix2pix: L1 and GAN" if gan else "U-Net: L1 alone"


def _repaired(value: str, observed: Tensor) -> np.ndarray:
    made: np.ndarray = catalog.load(value).translate(observed.numpy(), 1)
    return made


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
