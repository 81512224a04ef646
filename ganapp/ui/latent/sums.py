"""Arithmetic with z, as functions of a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.evaluation.readings import readings_of
from ganapp.pictures import to_uint8
from ganapp.ui.parts.inputs import class_of, seed_of, whole
from ganapp.ui.parts.rendering import Props, draw, remembered, src, subject

SAMPLES, EXEMPLARS = 48, 3
TERMS = ("A", "B", "C")
LEAST_SPREAD = 1e-3
REACH = 0.25
"""Neighbours are moved by uniform noise of this scale, as in the paper."""


@remembered
def sheet(model: TrainedModel, label: object, start: object) -> Props:
    """Samples to choose exemplars from, and what is read in each, so that they can be chosen by it:
    the `readings` in standard deviations from the mean of the samples.
    """
    chosen = class_of(model, label)
    noise = latents.noise(seed_of(start), model.config.latent_size, SAMPLES)
    images = draw(model, noise, chosen)
    names, read = readings_of(model.config)
    values = read(images)
    scores = (values - values.mean(0)) / values.std(0).clip(LEAST_SPREAD)
    return {
        "names": [{"more": one.name, "less": one.less} for one in names],
        "readings": np.round(scores, 2).tolist(),
        "samples": [
            {"src": src(image), "alt": f"Sample {place + 1} of {subject(model, chosen)}"}
            for place, image in enumerate(images)
        ],
        "seed": seed_of(start),
        "label": label,
    }


def result(model: TrainedModel, asked: dict[str, Any]) -> Props:
    """The mean picture of each term, the picture of mean(A) - mean(B) + mean(C) with eight
    neighbours around it, and the same sum of pixels.
    """
    label = class_of(model, asked.get("label"))
    noise = latents.noise(seed_of(asked.get("seed")), model.config.latent_size, SAMPLES)
    terms = [noise[_places(asked.get(name), name)] for name in TERMS]
    means = [term.mean(0) for term in terms]
    place = latents.sum_of(*terms)
    around = np.random.default_rng(0).uniform(-REACH, REACH, (8, len(place))).astype(np.float32)
    nine = np.concatenate([place + around[:4], place[None], place + around[4:]])
    labels = np.full(EXEMPLARS, label)
    # In pixels the exemplars themselves are averaged: what one would do without a generator.
    pixels = [model.images(term, labels).mean(0) for term in terms]
    of_pixels = np.clip(pixels[0] - pixels[1] + pixels[2], -1, 1)
    return {
        "means": [src(draw(model, mean, label)) for mean in means],
        "nine": [src(image) for image in draw(model, nine, label)],
        "pixels": src(to_uint8(of_pixels[None])[0]),
        "length": float(np.linalg.norm(place)),
    }


def _places(sent: Any, name: str) -> list[int]:
    """The three samples of a term."""
    if not isinstance(sent, list) or len(sent) != EXEMPLARS:
        raise BadInput(f"Choose {EXEMPLARS} samples for {name}.")
    return [whole(place, 0, SAMPLES - 1, f"A sample of {name}") for place in sent]
