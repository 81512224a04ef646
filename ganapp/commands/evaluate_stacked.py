"""`evaluate-stacked`: how many of the 1,000 modes of stacked digits a checkpoint has found."""

from __future__ import annotations

import argparse

from ganapp.commands.evaluate import add_common, check_json, listening, report
from ganapp.commands.shared import CHECKPOINT, opened, whole

FEWEST, MOST = 26_000, 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint and how many pictures, never fewer than the protocol's."""
    parser.add_argument(
        "checkpoint",
        metavar="CHECKPOINT",
        help=f"{CHECKPOINT}; trained with --set dataset=digits-stacked conditional=false",
    )
    parser.add_argument(
        "--count",
        type=whole(FEWEST, MOST),
        default=FEWEST,
        metavar="N",
        help="pictures to draw (26000, the protocol's)",
    )
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws, counts, and prints both lines."""
    check_json(arguments)

    from ganapp.evaluation import tables
    from ganapp.experiments.scoring import modes_of

    model = opened(arguments.checkpoint)
    with listening() as hear:
        generated, real = modes_of(model, count=arguments.count, seed=arguments.seed, progress=hear)
    figures = {"generated": generated._asdict(), "real": real._asdict()}
    protocol = "VEEGAN's; the real stacks are of the 10,000 test digits"

    def table() -> str:
        lines = [
            f"{name:10} {found.modes:5} of 1,000 modes, KL from uniform {tables.shown(found.kl, 3)}"
            for name, found in (("generated", generated), ("real", real))
        ]
        return "\n".join(
            [*lines, f"{arguments.count:,} pictures each; the protocol is {protocol}."]
        )

    report(
        arguments,
        {
            "checkpoint": arguments.checkpoint,
            "seed": arguments.seed,
            "protocol": protocol,
            **figures,
        },
        table,
    )
    return 0
