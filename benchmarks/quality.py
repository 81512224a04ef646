"""How good are generated digits? A classifier that no generator has seen, beside what real digits
score.

    python -m benchmarks.quality digits [--json FILE] [--card]
        5,000 pictures of a checkpoint, by name or folder
    python -m benchmarks.quality samples.npz [--json FILE]
        pictures that `python -m ganapp sample` drew

`samples.npz` holds `images` (N, H, W, C) uint8 and `labels` (N,) int64, the digit that was asked
for (leave `labels` out, or give -1, where the generator was not asked). 5,000 pictures are the
number to compare with: every figure here depends on it. `--card` writes the figures into the
checkpoint's card. Of InfoGAN each code counts as the digit that it means: the one-to-one assignment
of codes to digits under which most pictures are read right, which is what the label accuracy then
is of (Chen et al. 2016 report 95 %).

What is measured, and how, is said in `ganapp/evaluation/`; `python -m ganapp evaluate` measures
models of other data too.
"""

from __future__ import annotations

import argparse
import functools
import json
from pathlib import Path

import numpy as np

from ganapp import checkpoints
from ganapp.datasets.bundled import load_mnist
from ganapp.datasets.pictures import Part, Pictures
from ganapp.evaluation import report, tables
from ganapp.evaluation.report import Evaluation
from ganapp.experiments.scoring import arrays, drawn

SIDE = 32


@functools.cache
def real_digits(part: Part) -> Pictures:
    """The 60,000 training digits of MNIST, or the 10,000 of its test, at 32 x 32 pixels."""
    return load_mnist(lambda share, what: None, part).resized(SIDE)


def evaluate(
    images: np.ndarray, labels: np.ndarray | None = None, coded: bool = False
) -> Evaluation:
    """The quality of `images` (N, H, W, C) uint8, of which `labels` (N,) were asked for, against
    the 10,000 test digits; `coded` labels are codes, of which it is not known what they mean.
    """
    asked = labels if labels is not None and bool((labels >= 0).all()) else None
    return report.study(images, _reference(len(images)), labels=asked, coded=coded).evaluation


@functools.lru_cache(2)
def _reference(count: int) -> report.Reference:
    """What so many generated digits are held against."""
    real = real_digits("test")
    return report.reference(
        arrays(real),
        labels=real.labels.numpy(),
        training=arrays(real_digits("train")),
        held_out=True,
        count=count,
    )


def main() -> None:
    """Measures pictures or a checkpoint, prints the scores, and writes them where it is told to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality", description="Measures generated digits."
    )
    parser.add_argument(
        "what", help="a checkpoint, or an npz with images (N, H, W, C) uint8 and labels (N,) int64"
    )
    parser.add_argument("--json", type=Path, help="also write the scores to this file")
    parser.add_argument(
        "--card", action="store_true", help="also write the scores into the checkpoint's card"
    )
    options = parser.parse_args()
    if options.what.endswith(".npz"):
        with np.load(options.what, allow_pickle=False) as file:
            found = evaluate(file["images"], file.get("labels"))
    else:
        model = checkpoints.open_model(options.what)
        found = evaluate(*drawn(model), coded=model.config.model == "infogan")
        if options.card:
            model.facts["figures"] = tables.card_figures(found)
            checkpoints.save(model, checkpoints.find(options.what))
    print(tables.text(found))
    if options.json:
        options.json.write_text(json.dumps(found.to_dict(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
