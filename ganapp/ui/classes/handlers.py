"""What the *Class-conditional* tab shows, from a model, numbers and strings. Knows no Gradio."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ganapp import latents, pictures
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.losses import LOSSES
from ganapp.ui.parts.catalog import model_title
from ganapp.ui.parts.inputs import class_of, classes_of, number, seed_of, whole
from ganapp.ui.parts.rendering import (
    NO_TRUNCATION,
    Props,
    class_name,
    diversity,
    noise_of,
    remembered,
    score,
    src,
)

MOST_ROWS = 12
SCORED_ROWS = 8
"""The least number of rows that the discriminator sees: if it compares the pictures of a class,
fewer would look like mode collapse.
"""
MIX_ROWS, MIX_FRAMES = 3, 9


class ScoredGrid(NamedTuple):
    """A table of pictures (rows, columns, H, W, C) with one class in each column and one z in each
    row; the discriminator's score (rows, columns) of each, None without a discriminator, and the
    same scaled to [0, 1]; the names of the columns, and the `diversity` of the pictures.
    """

    images: np.ndarray
    scores: np.ndarray | None
    shares: np.ndarray
    names: list[str]
    diversity: float


def scored_grid(
    model: TrainedModel,
    chosen: object,
    seed: object,
    count: object,
    truncation: object = NO_TRUNCATION,
) -> ScoredGrid:
    """The first `count` z of the seed, limited to `truncation`, in each of the chosen classes."""
    labels, shown = classes_of(model, chosen), whole(count, 1, MOST_ROWS, "The number of rows")
    rows, columns = max(shown, SCORED_ROWS), len(labels)
    noise = np.repeat(noise_of(model, seed, rows, truncation), columns, 0)
    images = model.images(noise, np.tile(labels, rows))
    drawn = pictures.to_uint8(images)
    table = drawn.reshape(rows, columns, *drawn.shape[1:])[:shown]
    names = [class_name(model, k) for k in labels]
    varied = diversity(images.reshape(rows, columns, *images.shape[1:]))
    if model.encodes:
        return ScoredGrid(table, None, np.zeros((shown, columns)), names, varied)
    scores = model.scores(images, np.tile(labels, rows)).reshape(rows, columns)[:shown]
    shares = scores
    if LOSSES[model.config.loss].critic:  # its scores have no fixed scale
        shares = (scores - scores.min()) / max(float(np.ptp(scores)), 1e-9)
    return ScoredGrid(table, scores, shares, names, varied)


@remembered
def matrix(
    model: TrainedModel,
    chosen: tuple[object, ...],
    seed: object,
    count: object,
    truncation: object = NO_TRUNCATION,
) -> Props:
    """The matrix of classes and z for the page."""
    drawn, title = scored_grid(model, chosen, seed, count, truncation), model_title(model)
    captions = _captions(drawn)
    return {
        "names": drawn.names,
        "side": model.config.image_size,
        "title": (
            f"{title}: {len(drawn.names)} classes, {len(drawn.images)} z of seed {seed_of(seed)}."
            f" Diversity within a class: {drawn.diversity:.3f} (root mean square pixel distance"
            " between two pictures)."
        ),
        "rows": [
            [
                {
                    "src": src(pixels),
                    "score": caption,
                    "share": round(share, 3),
                    "alt": f"{title}: class {name}, z {row} of seed {seed_of(seed)}"
                    + _judged(model, share, caption),
                }
                for pixels, caption, share, name in zip(
                    line, captions[row - 1], shares, drawn.names, strict=True
                )
            ]
            for row, (line, shares) in enumerate(
                zip(drawn.images, drawn.shares.tolist(), strict=True), 1
            )
        ],
    }


def _captions(drawn: ScoredGrid) -> list[list[str]]:
    """The score below each picture; empty where nobody judges."""
    if drawn.scores is None:
        return [[""] * len(drawn.names) for _ in drawn.images]
    return [[score(float(p)) for p in line] for line in drawn.scores]


def _judged(model: TrainedModel, share: float, caption: str) -> str:
    """What the score says, for readers of the page."""
    if not caption:
        return ""
    if LOSSES[model.config.loss].critic:
        return f"; the critic scores it {caption}"
    return f"; the discriminator gives it {100 * share:.0f} %"


def matrix_png(
    model: TrainedModel,
    chosen: object,
    seed: object,
    count: object,
    truncation: object = NO_TRUNCATION,
) -> bytes:
    """The matrix with its names and scores as one picture for a document."""
    drawn = scored_grid(model, chosen, seed, count, truncation)
    return pictures.encode(
        pictures.captioned_grid(
            drawn.images, _captions(drawn), drawn.names, max(2, 64 // model.config.image_size)
        )
    )


def mixture(
    model: TrainedModel, class_a: object, class_b: object, shares: np.ndarray
) -> np.ndarray:
    """Labels between two classes, (N, classes) float32, for `shares` (N,) of the second."""
    if not model.classes:
        raise BadInput(
            "This model was trained without classes, so there are none to mix: choose a conditional"
            " model."
        )
    one = np.eye(model.classes, dtype=np.float32)
    return latents.lerp(
        one[class_of(model, class_a, "The first class")],
        one[class_of(model, class_b, "The second class")],
        shares,
    )


def mix_picture(
    model: TrainedModel, class_a: object, class_b: object, seed: object, percent: object
) -> Props:
    """The first z of the seed with `percent` of the second class."""
    percent = number(percent, 0, 100, "The mix")
    labels = mixture(model, class_a, class_b, np.asarray([percent / 100], np.float32))
    names = [class_name(model, class_of(model, label)) for label in (class_a, class_b)]
    return {
        "src": src(model.draw(latents.noise(seed_of(seed), model.config.latent_size), labels)[0]),
        "side": model.config.image_size,
        "alt": (
            f"{model_title(model)}: {100 - percent:.0f} % {names[0]} and {percent:.0f} %"
            f" {names[1]}, z 1 of seed {seed}"
        ),
        "note": f"{100 - percent:.0f} % {names[0]} + {percent:.0f} % {names[1]}",
        "at": f"{class_a}/{class_b}/{seed}/{percent:g}",
        "marks": {"classes-mix": percent / 100},
    }


@remembered
def mix_path(model: TrainedModel, class_a: object, class_b: object, seed: object) -> Props:
    """The pictures from one class to the other for the first few z of the seed, one in each row."""
    labels = mixture(model, class_a, class_b, np.linspace(0, 1, MIX_FRAMES, dtype=np.float32))
    noise = latents.noise(seed_of(seed), model.config.latent_size, MIX_ROWS)
    drawn = model.draw(np.repeat(noise, MIX_FRAMES, 0), np.tile(labels, (MIX_ROWS, 1)))
    names = [class_name(model, class_of(model, label)) for label in (class_a, class_b)]
    at = [100 * i / (MIX_FRAMES - 1) for i in range(MIX_FRAMES)]
    words = [
        f"{model_title(model)}: {100 - percent:.0f} % {names[0]} and {percent:.0f} % {names[1]}"
        for percent in at
    ]
    return {
        "rows": [
            {
                "name": f"z {row}",
                "frames": [
                    {
                        "src": src(pixels),
                        "percent": percent,
                        "alt": f"{said}, z {row} of seed {seed_of(seed)}",
                    }
                    for percent, said, pixels in zip(at, words, line, strict=True)
                ],
            }
            for row, line in enumerate(drawn.reshape(MIX_ROWS, MIX_FRAMES, *drawn.shape[1:]), 1)
        ]
    }
