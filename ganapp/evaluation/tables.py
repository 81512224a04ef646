"""Evaluations in words: rows for a table on a page or in a terminal."""

from __future__ import annotations

from typing import NamedTuple

from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.report import Evaluation, PictureScores


class Row(NamedTuple):
    """A figure's name, what the generated pictures score with its interval, and what real pictures
    score.
    """

    name: str
    generated: str
    floor: str


class Figure(NamedTuple):
    """A figure: its name for readers, its key (a field of `PictureScores` or `Evaluation`), how
    many digits of it are worth showing, and what generated and real pictures score, None where real
    ones have no such figure.
    """

    name: str
    key: str
    digits: int
    generated: Estimate
    floor: Estimate | None


def figures(evaluation: Evaluation) -> list[Figure]:
    """Every figure that applies, in the order in which they should be read."""
    ours, floor = evaluation.generated, evaluation.floor
    found = [
        # The distance falls with the number of pictures: what real ones score stands beside the one
        # of as many.
        Figure(
            name.format(evaluation.distance),
            field,
            digits,
            scaled,
            None if field == "frechet" else _scaled(field, floor),
        )
        for name, field, digits in FIGURES
        if (scaled := _scaled(field, ours)) is not None
    ]
    found.insert(
        1,
        Figure(
            "the same, held against the last column",
            "frechet_matched",
            2,
            evaluation.frechet_matched,
            floor.frechet,
        ),
    )
    if ours.label_accuracy is not None:
        name = "label accuracy" if evaluation.meanings is None else "agreement of codes with digits"
        accuracy = evaluation.classifier_accuracy
        known = None if accuracy is None else Estimate(accuracy, accuracy, accuracy)
        found.insert(0, Figure(name, "label_accuracy", 3, ours.label_accuracy, known))
    return found


def rows(evaluation: Evaluation) -> list[Row]:
    """The figures in words."""
    return [
        Row(figure.name, shown(figure.generated, figure.digits), shown_floor(figure))
        for figure in figures(evaluation)
    ]


def card_figures(evaluation: Evaluation) -> dict[str, str]:
    """The evaluation in the words of a model's card, each score beside what real pictures score."""
    ours, floor = evaluation.generated, evaluation.floor
    kind = {"digits": "digit", "faces": "face"}.get(evaluation.encoder, "picture")
    named = {}
    if ours.label_accuracy is not None:
        name = (
            "Label accuracy"
            if evaluation.meanings is None
            else "Pictures of the digit that their code means, by the best assignment"
        )
        named[name] = (
            f"{ours.label_accuracy.value:.1%} (the classifier on held-out {kind}s:"
            f" {evaluation.classifier_accuracy:.1%})"
        )
    if evaluation.meanings is not None:
        named["Digits that the codes 0 to 9 mean"] = ", ".join(map(str, evaluation.meanings))
    return named | {
        evaluation.distance: (
            f"{ours.frechet.value:.2f} ({floor.pictures:,} real ones against {floor.against:,}"
            f" others: {floor.frechet.value:.2f})"
        ),
        "Coverage": f"{ours.coverage.value:.3f} (real against real: {floor.coverage.value:.3f})",
        f"Pixel distance to the nearest training {kind}": (
            f"median {ours.nearest_median.value:.3f} (of other real {kind}s:"
            f" {floor.nearest_median.value:.3f})"
        ),
    }


FIGURES = (
    ("{}", "frechet", 2),
    ("KID x 1000", "kid", 2),
    ("precision", "precision", 3),
    ("recall", "recall", 3),
    ("density", "density", 3),
    ("coverage", "coverage", 3),
    ("KL of the classes read", "histogram_kl", 4),
    ("diversity within a class", "diversity", 2),
    ("pixel distance to nearest, median", "nearest_median", 4),
    ("pixel distance to nearest, 5th percentile", "nearest_fifth_percentile", 4),
    ("authenticity", "authenticity", 3),
)
"""Names, fields of `PictureScores` and digits after the point."""


def shown(estimate: Estimate, digits: int) -> str:
    """A figure with its interval: "0.41 [0.35, 0.47]"."""
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def shown_floor(figure: Figure) -> str:
    """What real pictures score: with its interval, but for the classifier's accuracy, which is
    known without one.
    """
    if figure.floor is None:
        return ""
    return (
        f"{figure.floor.value:.{figure.digits}f}"
        if figure.key == "label_accuracy"
        else shown(figure.floor, figure.digits)
    )


def text(evaluation: Evaluation) -> str:
    """The whole evaluation as lines for a terminal."""
    table = [Row("", "generated", "real"), *rows(evaluation)]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    lines = [
        f"{row.name:{widths[0]}}  {row.generated:>{widths[1]}}  {row.floor:>{widths[2]}}"
        for row in table
    ]
    ours, floor = evaluation.generated, evaluation.floor
    if ours.histogram is not None:
        lines.append("classes read: " + " ".join(f"{share:.1%}" for share in ours.histogram))
    if evaluation.meanings is not None:
        lines.append("classes that the codes mean: " + " ".join(map(str, evaluation.meanings)))
    lines.append(
        f"{ours.pictures:,} generated pictures against {ours.against:,} real ones, by"
        f" {evaluation.features}; in the last column {floor.pictures:,} real ones against"
        f" {floor.against:,} others. 95 % intervals."
    )
    return "\n".join(lines)


def _scaled(field: str, scores: PictureScores) -> Estimate | None:
    value: Estimate | None = getattr(scores, field)
    return (
        Estimate(*(1000 * number for number in value))
        if field == "kid" and value is not None
        else value
    )
