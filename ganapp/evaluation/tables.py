"""Evaluations in words: rows for a table on a page or in a terminal."""

from __future__ import annotations

from typing import NamedTuple

from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.report import Evaluation, Scores


class Row(NamedTuple):
    """A figure's name, what the generated pictures score with its interval, and what real pictures score."""

    name: str
    generated: str
    floor: str


def rows(evaluation: Evaluation) -> list[Row]:
    """Every figure that applies, in the order in which they should be read."""
    ours, floor = evaluation.generated, evaluation.floor
    found = [_row(name.format(evaluation.distance), field, digits, ours, floor) for name, field, digits in FIGURES]
    found.insert(1, Row("the same with as many as in the last column", shown(evaluation.frechet_matched, 2), found[0].floor))
    if ours.label_accuracy is not None:
        name = "label accuracy" if evaluation.meanings is None else "agreement of codes with digits"
        found.insert(0, Row(name, shown(ours.label_accuracy, 3), f"{evaluation.classifier_accuracy:.3f}"))
    return [row for row in found if row.generated]


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
"""Names, fields of `Scores` and digits after the point."""


def shown(estimate: Estimate, digits: int) -> str:
    """A figure with its interval: "0.41 [0.35, 0.47]"."""
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def text(evaluation: Evaluation) -> str:
    """The whole evaluation as lines for a terminal."""
    table = [Row("", "generated", "real"), *rows(evaluation)]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    lines = [f"{row.name:{widths[0]}}  {row.generated:>{widths[1]}}  {row.floor:>{widths[2]}}" for row in table]
    ours, floor = evaluation.generated, evaluation.floor
    if ours.histogram is not None:
        lines.append("classes read: " + " ".join(f"{share:.1%}" for share in ours.histogram))
    if evaluation.meanings is not None:
        lines.append("classes that the codes mean: " + " ".join(map(str, evaluation.meanings)))
    lines.append(
        f"{ours.pictures:,} generated pictures against {ours.against:,} real ones, by {evaluation.features}; in the last column "
        f"{floor.pictures:,} real ones against {floor.against:,} others. 95 % intervals."
    )
    return "\n".join(lines)


def _row(name: str, field: str, digits: int, ours: Scores, floor: Scores) -> Row:
    value, real = getattr(ours, field), getattr(floor, field)
    if field == "kid":
        value, real = (Estimate(*(1000 * number for number in estimate)) for estimate in (value, real))
    return Row(name, "" if value is None else shown(value, digits), "" if real is None else shown(real, digits))
