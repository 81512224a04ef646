"""How true is a translation? A CycleGAN's pictures beside the ones that it never saw together.

    python -m benchmarks.translation cyclegan-colour [--json FILE] [--card]
        a checkpoint, by name or folder

Differences are means over all pixels of all pictures (5,000 digits, 1,906 emoji), as a share of the
pixels' range:

- cycle error: between a picture and what comes back after it went to the other domain and home
  again;
- difference from the known partner: between a translation and the true picture of the other domain.
  Digits are drawn in their style by a function, so every one has a partner, which no domain held
  beside it; an emoji's partner is the other font's picture of the same thing. Beside it stands the
  difference before translating.

`--card` writes the figures into the checkpoint's card.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from ganapp import checkpoints
from ganapp.datasets import DATASETS, styles
from ganapp.datasets.bundled import load_digits
from ganapp.datasets.pictures import Pictures
from ganapp.errors import BadInput

BATCH = 500


class DirectionScores(NamedTuple):
    """Of one direction: cycle error, difference of translations from their partners, and of the
    pictures before, as shares of the range.
    """

    cycle: float
    partner: float
    before: float


def judged(model: checkpoints.TrainedModel) -> dict[str, DirectionScores]:
    """The figures by direction, as in "chalk to ink". Raises `BadInput` where no partners are
    known.
    """
    dataset, side = model.config.dataset, model.config.image_size
    if not model.translates or dataset not in PAIRS:
        raise BadInput(
            "There are no known partners to compare with: choose a cyclegan model of"
            f" {', '.join(PAIRS)}."
        )
    pairs = [_scaled(images, side) for images in PAIRS[dataset]()]
    found = {}
    for source, target in ((0, 1), (1, 0)):
        here, there = pairs[source], pairs[target]
        translated = _translated(model, here, target)
        back = _translated(model, translated, source)
        names = model.class_names[source], model.class_names[target]
        found[" to ".join(names)] = DirectionScores(
            _apart(back, here), _apart(translated, there), _apart(here, there)
        )
    return found


def digit_pairs(
    first: Callable[[Tensor], Tensor], second: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """Every digit in both styles, uint8."""
    digits = pad(load_digits(_silent).images, (2, 2, 2, 2))
    return first(digits), second(digits)


def emoji_pairs() -> tuple[Tensor, Tensor]:
    """Every emoji in both fonts, uint8."""
    first, second = DATASETS["emoji-styles"](_silent).images.chunk(2)
    return first, second


PAIRS: dict[str, Callable[[], tuple[Tensor, Tensor]]] = {
    "digits-colour": lambda: digit_pairs(styles.plain, styles.inked),
    "digits-outline": lambda: digit_pairs(lambda digits: digits, styles.outlined),
    "emoji-styles": emoji_pairs,
}
"""Pictures of the first domain, and each one's partner in the second."""


def _silent(share: float, what: str) -> None:
    """Nobody waits for bundled data."""


def _scaled(images: Tensor, side: int) -> np.ndarray:
    """(N, C, S, S) uint8 -> float32 in [-1, 1] at the model's size."""
    pictures = Pictures(images, torch.zeros(len(images), dtype=torch.int64), ()).resized(side)
    return (pictures.images.float() / 127.5 - 1).numpy()


def _translated(model: checkpoints.TrainedModel, images: np.ndarray, to: int) -> np.ndarray:
    return np.concatenate(
        [
            model.translate(images[start : start + BATCH], to)
            for start in range(0, len(images), BATCH)
        ]
    )


def _apart(first: np.ndarray, second: np.ndarray) -> float:
    """The mean absolute difference of two pixels as a share of their range, from -1 to 1."""
    return float(np.abs(first - second).mean() / 2)


def figures(found: dict[str, DirectionScores]) -> dict[str, str]:
    """`found` in the words of a model's card."""
    there = (
        f"{truth.partner:.1%} from {name} ({truth.before:.1%} before)"
        for name, truth in found.items()
    )
    cycles = (f"{truth.cycle:.1%} from {name.split(' to ')[0]}" for name, truth in found.items())
    return {
        "Cycle error": "; ".join(cycles),
        "Mean pixel difference from the known partner": "; ".join(there),
    }


def main() -> None:
    """Judges a checkpoint, prints the figures, and writes them where it is told to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.translation", description="Judges translated pictures."
    )
    parser.add_argument("what", help="a checkpoint of the cyclegan model, by name or folder")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--card", action="store_true", help="also write the figures into the checkpoint's card"
    )
    options = parser.parse_args()
    try:
        model = checkpoints.open_model(options.what)
        found = judged(model)
    except BadInput as error:
        parser.error(str(error))
    for name, truth in found.items():
        print(
            f"{name:16} cycle error {truth.cycle:.2%}, from the known partner {truth.partner:.2%}"
            f" ({truth.before:.2%} before)"
        )
    if options.card:
        model.facts["figures"] = figures(found)
        checkpoints.save(model, checkpoints.find(options.what))
    if options.json:
        options.json.write_text(
            json.dumps({name: truth._asdict() for name, truth in found.items()}, indent=2) + "\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
