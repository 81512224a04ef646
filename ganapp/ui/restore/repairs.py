"""Beside the search in z: what networks make of a damaged picture that learned its repair from
pairs. Knows no Gradio.
"""

from __future__ import annotations

import functools
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


def _repairers(values: Iterable[str]) -> list[tuple[str, TrainConfig]]:
    """These models with their settings; first those without a GAN."""
    known = [(value, catalog.settings_of(value)) for value in values]
    return sorted(known, key=lambda each: each[1].adversarial_weight > 0)


@functools.cache
def _bundled() -> list[tuple[str, TrainConfig]]:
    """The bundled models that repair, as the catalog calls them, and their settings."""
    return _repairers(value for _, value in catalog.choices(use="repair"))


def _own(run_ids: Iterable[str]) -> list[tuple[str, TrainConfig]]:
    """Those of these runs that repair, and have saved a model."""
    values = (value for _, value in catalog.choices(run_ids, use="repair"))
    return _repairers(value for value in values if value.startswith("run:"))


def repairs(
    model: TrainedModel, damage: str, observed: Tensor, run_ids: Iterable[str] = ()
) -> list[tuple[str, np.ndarray]]:
    """What networks make of it that learned to repair this damage on such pictures: the bundled
    ones, and the newest of these runs.
    """
    wanted = (damage, model.config.image_size, kind_of(model.config))

    def learned_it(config: TrainConfig) -> bool:
        return (config.damage, config.image_size, kind_of(config)) == wanted

    own = [each for each in _own(run_ids) if learned_it(each[1])][:MOST_OWN]
    asked = [each for each in _bundled() if learned_it(each[1])] + own
    return [
        (_name(value, config), catalog.load(value).translate(observed.numpy(), 1))
        for value, config in asked
    ]


def _name(value: str, config: TrainConfig) -> str:
    how = "pix2pix: L1 and GAN" if config.adversarial_weight else "U-Net: L1 alone"
    return f"{how} (your run {value[4:]})" if value.startswith("run:") else how


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
