"""Directions with names, as functions of a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.evaluation.readings import Reading
from ganapp.experiments import directions
from ganapp.experiments.directions import REACH, Direction, Found
from ganapp.ui.parts.inputs import class_of, number, seed_of
from ganapp.ui.parts.rendering import Props, draw, remembered, src, subject

FARTHEST = 3.0
NOTICED = 0.5
"""What moves by less than this share of its spread is not told."""
SPREADS = 3.0
"""The bars reach so many standard deviations to both sides of the mean."""


@remembered
def found(model: TrainedModel, label: int, alone: bool) -> Found:
    """The directions of a class."""
    return directions.found(model, label, alone)


def search(model: TrainedModel, asked: dict[str, Any]) -> Props:
    """The directions of the chosen class, and what each changes."""
    known = found(model, class_of(model, asked.get("label")), asked.get("alone") is True)
    return {
        "directions": [_described(known, one) for one in known.directions],
        "readings": [reading.name for reading in known.readings],
        "farthest": FARTHEST,
        "pictures": directions.PICTURES,
    }


def moved(model: TrainedModel, asked: dict[str, Any]) -> Props:
    """The picture of a seed moved along the directions, beside the one it began as, and what is
    read in both.
    """
    label, seed = class_of(model, asked.get("label")), seed_of(asked.get("seed"))
    known = found(model, label, asked.get("alone") is True)
    amounts = _amounts(asked.get("amounts"), len(known.directions))
    z = latents.noise(seed, model.config.latent_size)[0]
    way = sum(
        (amount * one.vector for amount, one in zip(amounts, known.directions, strict=True)),
        np.zeros_like(z),
    )
    pair = draw(model, np.stack([z, z + way]), label)
    before, after = known.read(pair)
    return {
        "pair": [src(image) for image in pair],
        "alt": f"{subject(model, label)}: seed {seed}",
        "read": [
            {
                "name": reading.name,
                "before": _place(known, place, before[place]),
                "after": _place(known, place, after[place]),
                "text": _value(reading, after[place]),
            }
            for place, reading in enumerate(known.readings)
        ],
    }


def _amounts(sent: Any, count: int) -> list[float]:
    if not isinstance(sent, list) or len(sent) != count:
        raise BadInput("The sliders belong to other directions: look for them again.")
    return [number(amount, -FARTHEST, FARTHEST, "A direction") for amount in sent]


def _described(known: Found, one: Direction) -> Props:
    """A direction with its names, how sure it is, and all that it noticeably changes: first what it
    is named after, then the most changed.
    """
    share = one.changes / known.spread.clip(1e-9)
    others = [
        place
        for place in np.argsort(-np.abs(share))
        if place != one.place and abs(share[place]) >= NOTICED
    ]
    return {
        "name": known.readings[one.place].name,
        "less": known.readings[one.place].less,
        "sure": round(one.correlation, 2),
        "changes": [_change(known.readings[k], one.changes[k]) for k in (one.place, *others)],
        "reach": REACH,
    }


def _change(reading: Reading, change: float) -> str:
    return f"{reading.name} {_value(reading, change, sign=True)}"


def _value(reading: Reading, value: float, sign: bool = False) -> str:
    """A reading in words: a chance in hundredths, anything else in its unit."""
    plus = "+" if sign else ""
    if reading.chance:
        return f"{100 * value:{plus}.0f} %"
    if reading.unit == "°":
        return f"{value:{plus}.0f}°"
    digits = 1 if reading.unit else 2
    return f"{value:{plus}.{digits}f} {reading.unit}".strip()


def _place(known: Found, place: int, value: float) -> float:
    """Where a reading stands on its bar, from 0 to 1."""
    if known.readings[place].chance:
        return round(float(np.clip(value, 0, 1)), 3)
    from_mean = (value - known.mean[place]) / known.spread[place].clip(1e-9)
    return round(float(np.clip(0.5 + from_mean / (2 * SPREADS), 0, 1)), 3)
