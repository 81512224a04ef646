"""`evaluate-vae`: what a VAE and a GAN have that the other lacks, in figures."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ganapp.commands.evaluate import (
    FEWEST,
    MOST,
    add_common,
    add_count,
    check_json,
    listening,
    report,
)
from ganapp.commands.shared import CHECKPOINT, opened, whole

if TYPE_CHECKING:
    from ganapp.evaluation.bootstrap import Estimate
    from ganapp.experiments.variational import Figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoints, how many pictures to draw and how many to find again."""
    parser.add_argument(
        "checkpoints",
        nargs="*",
        default=["vae-digits", "gan-digits"],
        metavar="CHECKPOINT",
        help=f"{CHECKPOINT} (vae-digits gan-digits)",
    )
    add_count(parser, FEWEST, MOST, 5000, "pictures to draw (5000)")
    parser.add_argument(
        "--searches",
        type=whole(2, 10_000),
        default=40,
        metavar="N",
        help="held-out pictures to find again, a few seconds each (40)",
    )
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measures each and prints them side by side."""
    check_json(arguments)

    from ganapp.experiments.variational import measure

    models = {name: opened(name) for name in arguments.checkpoints}
    found = {}
    for name, model in models.items():
        with listening() as hear:
            found[name] = measure(model, arguments.count, arguments.searches, arguments.seed, hear)
    report(
        arguments,
        {"seed": arguments.seed, **found},
        lambda: _table(found),
    )
    return 0


def _table(found: dict[str, Figures]) -> str:
    columns = [_column(figures) for figures in found.values()]
    lines = [f"{'':<34}" + "".join(f"{name[-26:]:>28}" for name in found)]
    lines += [
        f"{name:<34}" + "".join(f"{column[name]:>28}" for column in columns) for name in columns[0]
    ]
    return "\n".join(lines)


def _column(figures: Figures) -> dict[str, str]:
    """The figures of one model in words."""
    (scores, faithful, sharp), found, bound = figures
    return {
        "Fréchet distance": _said(scores.frechet, 2),
        "precision": _said(scores.precision, 3),
        "recall": _said(scores.recall, 3),
        "coverage": _said(scores.coverage, 3),
        "faithful": _said(faithful, 3),
        "sharpness, real = 1": _said(sharp, 3),
        "found again by the encoder": _said(found.encoded, 4),
        "found again by search": _said(found.searched, 4),
        "ELBO, nats": _said(bound and bound.bound, 1),
        "reconstruction error, nats": _said(bound and bound.reconstruction_error, 1),
        "  at least, by the grey values": f"{bound.floor:.1f}" if bound else "-",
        "KL, nats": _said(bound and bound.divergence, 1),
    }


def _said(estimate: Estimate | None, digits: int) -> str:
    from ganapp.evaluation.tables import shown

    return shown(estimate, digits) if estimate else "-"
