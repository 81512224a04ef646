"""`evaluate-cas`: what a checkpoint's pictures are worth as training data."""

from __future__ import annotations

import argparse

from ganapp.commands.evaluate import add_common, check_json, listening, report
from ganapp.commands.shared import CHECKPOINT, opened, whole

FEWEST, MOST = 200, 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint and how many pictures to learn from."""
    parser.add_argument(
        "checkpoint", metavar="CHECKPOINT", help=f"{CHECKPOINT}; conditional, of digits"
    )
    parser.add_argument(
        "--count",
        type=whole(FEWEST, MOST),
        default=5000,
        metavar="N",
        help="generated pictures to learn from (5000)",
    )
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws, trains a classifier on what was drawn, and tests it on real digits."""
    check_json(arguments)

    from ganapp.evaluation import tables
    from ganapp.experiments.scoring import cas_of

    model = opened(arguments.checkpoint)
    with listening() as hear:
        found = cas_of(model, count=arguments.count, seed=arguments.seed, progress=hear)
    note = (
        "The digits tested on are those of MNIST's test, from which neither the checkpoint nor the"
        " shipped classifier has learned."
    )

    def table() -> str:
        return "\n".join(
            [
                (
                    f"learned from {found.trained_on:,} generated digits:"
                    f" {tables.shown(found.accuracy, 3)} of {found.tested_on:,} real ones"
                ),
                f"learned from real digits: {found.of_real:.3f}",
                "by class: " + " ".join(f"{share:.1%}" for share in found.by_class),
                note,
            ]
        )

    report(
        arguments,
        {
            "checkpoint": arguments.checkpoint,
            "seed": arguments.seed,
            "note": note,
            **found._asdict(),
        },
        table,
    )
    return 0
