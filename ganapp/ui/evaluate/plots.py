"""The plots of a model that was measured, as plain data for the page. Knows no Gradio."""

from __future__ import annotations

import numpy as np
import torch

from ganapp import pictures
from ganapp.checkpoints import TrainedModel
from ganapp.evaluation import classes
from ganapp.evaluation.principal import principal_map
from ganapp.evaluation.report import PictureSet, Reference, Study
from ganapp.experiments.scoring import Samples
from ganapp.losses import LOSSES
from ganapp.randomness import rng_for
from ganapp.ui.parts.charts import rounded
from ganapp.ui.parts.rendering import Props, class_name, data_uri, score, src

JUDGED, SORTED = 500, 40
"""Pictures that the discriminator judges, and how many of them are shown."""
PAIRS = 8
ON_MAP, COLUMNS = 300, 25
"""Pictures of each kind on the map, and pictures in a row of its sheet."""


def plots(model: TrainedModel, drawn: Samples, study: Study, against: Reference) -> Props:
    """All plots of one model."""
    return {
        "histogram": histogram(study, against),
        "sorted": None if model.encodes else by_score(model, drawn),
        "neighbours": pairs(study, against),
        "map": on_map(model, study, against.real),
    }


def histogram(study: Study, against: Reference) -> Props | None:
    """The share of each class among real and generated pictures; None where no classifier reads
    them.
    """
    shares = against.shares
    if shares is None or study.generated.read is None:
        return None
    assert against.encoder.reader is not None
    names = against.encoder.reader.names
    read = classes.histogram(study.generated.read, len(names))
    rarest = int((read / np.maximum(shares, 1e-9)).argmin())
    return {
        "names": list(names),
        "real": rounded(shares),
        "generated": rounded(read),
        "note": (
            f"Rarest compared with the real ones: {names[rarest]}, {read[rarest]:.1%} of the"
            f" generated pictures against {shares[rarest]:.1%}."
        ),
    }


def order_by_score(model: TrainedModel, drawn: Samples) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the first `JUDGED` pictures from the lowest score to the highest, and those
    scores, (N,) each.

    They are judged in batches of the training's size, since some discriminators compare the
    pictures of a batch.
    """
    images, size = pictures.from_uint8(drawn.images[:JUDGED]), max(1, model.config.batch_size)
    labels = None if drawn.labels is None else drawn.labels[:JUDGED]
    parts = [
        model.scores(
            images[start : start + size], None if labels is None else labels[start : start + size]
        )
        for start in range(0, len(images), size)
    ]
    scores = np.concatenate(parts)
    order = scores.argsort(kind="stable")
    return order, scores[order]


def by_score(model: TrainedModel, drawn: Samples) -> Props:
    """`SORTED` pictures at even ranks of the discriminator's score, the lowest and the highest
    among them.
    """
    order, scores = order_by_score(model, drawn)
    critic = LOSSES[model.config.loss].critic
    tell = (lambda value: f"{value:.1f}") if critic else score
    shown = []
    for rank in _even(len(order), SORTED):
        caption = tell(float(scores[rank]))
        shown.append(
            {
                "src": src(drawn.images[order[rank]]),
                "caption": caption,
                "alt": f"Rank {rank + 1} of {len(order)}, score {caption}",
            }
        )
    kind = (
        "The critic's score" if critic else "The discriminator's probability that a picture is real"
    )
    low, middle, high = (
        tell(float(scores[round(share * (len(scores) - 1))])) for share in (0, 0.5, 1)
    )
    return {
        "pictures": shown,
        "note": (
            f"{kind}, over {len(order)} generated pictures: lowest {low}, median {middle}, highest"
            f" {high}."
        ),
    }


def pairs(study: Study, against: Reference) -> Props:
    """Generated pictures next to their nearest training picture: the nearest of all, and some at
    even ranks of the distance.
    """
    distances, numbers = study.near.distances[:, 0], study.near.indices[:, 0]
    order = distances.argsort(kind="stable")

    def shown(ranks: list[int]) -> list[Props]:
        return [
            {
                "generated": src(study.generated.images[order[rank]]),
                "real": src(against.training[numbers[order[rank]]]),
                "distance": f"{distances[order[rank]]:.3f}",
                "rank": rank + 1,
            }
            for rank in ranks
        ]

    ours, floor = study.evaluation.generated, against.floor
    return {
        "nearest": shown(list(range(min(PAIRS, len(order))))),
        "even": shown(_even(len(order), PAIRS)),
        "note": (
            f"Median distance {ours.nearest_median.value:.3f}, of other real pictures"
            f" {floor.nearest_median.value:.3f}; 5th percentile"
            f" {ours.nearest_fifth_percentile.value:.3f}, of other real pictures"
            f" {floor.nearest_fifth_percentile.value:.3f}."
        ),
    }


def on_map(model: TrainedModel, study: Study, real: PictureSet) -> Props:
    """`ON_MAP` real and as many generated pictures by their features' principal components, and one
    sheet of all their pictures, a real one after the other first.
    """
    count = min(ON_MAP, len(real.images), len(study.generated.images))
    some = real.part(
        torch.randperm(len(real.images), generator=rng_for(0, "pictures on the map"))[
            :count
        ].numpy()
    )
    drawn = study.generated.part(np.arange(count))
    places = principal_map(some.features, drawn.features)
    sheet = pictures.grid(
        pictures.table(np.concatenate([some.images, drawn.images]), COLUMNS), gap=0
    )
    return {
        "sheet": (
            data_uri(pictures.encode(sheet), "png")
            if sheet.mode == "L"
            else data_uri(pictures.encode(sheet, "WEBP"), "webp")
        ),
        "side": some.images.shape[1],
        "columns": COLUMNS,
        "real": rounded(places.real, 3),
        "generated": rounded(places.generated, 3),
        "texts": [
            *_texts(model, some, "Real", ""),
            *_texts(model, drawn, "Generated", "asked for "),
        ],
        "shares": rounded(places.shares),
        "note": (
            f"{count} real and {count} generated pictures. The two axes hold {places.shares[0]:.0%}"
            f" and {places.shares[1]:.0%} of what varies in the {study.evaluation.features}."
        ),
    }


def _texts(model: TrainedModel, measured: PictureSet, kind: str, how: str) -> list[str]:
    words = [kind] * len(measured.images)
    coded = model.config.capabilities.finds_classes and kind == "Generated"
    if (
        measured.labels is not None
        and not coded
        and int(measured.labels.max()) < len(model.class_names)
    ):
        words = [
            f"{word}, {how}{class_name(model, int(label))}"
            for word, label in zip(words, measured.labels, strict=True)
        ]
    if measured.read is not None:
        words = [
            f"{word}, read as {digit}" for word, digit in zip(words, measured.read, strict=True)
        ]
    return words


def _even(count: int, most: int) -> list[int]:
    """`most` ranks of `count`, evenly from the first to the last."""
    return sorted(set(np.linspace(0, count - 1, min(most, count)).round().astype(int).tolist()))
