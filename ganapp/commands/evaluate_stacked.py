"""`evaluate-stacked`: how many of the 1,000 modes of stacked digits a checkpoint has found."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ganapp.commands.evaluate import add_checkpoint, add_common, add_count, answer, check_json

if TYPE_CHECKING:
    from ganapp.evaluation.stacked import Modes

FEWEST, MOST = 26_000, 1_000_000
NAMES = ("generated", "real")
PROTOCOL = "VEEGAN's; the real stacks are of the 10,000 test digits"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint and how many pictures, never fewer than the protocol's."""
    add_checkpoint(parser, "trained with --set dataset=digits-stacked conditional=false")
    add_count(parser, FEWEST, MOST, FEWEST, "pictures to draw (26000, the protocol's)")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws, counts, and prints both lines."""
    check_json(arguments)

    from ganapp.evaluation.tables import shown
    from ganapp.experiments.scoring import modes_of

    def table(found: tuple[Modes, Modes]) -> str:
        lines = [
            f"{name:10} {each.modes:5} of 1,000 modes, KL from uniform {shown(each.kl, 3)}"
            for name, each in zip(NAMES, found, strict=True)
        ]
        return "\n".join(
            [*lines, f"{arguments.count:,} pictures each; the protocol is {PROTOCOL}."]
        )

    return answer(
        arguments,
        lambda model, hear: modes_of(
            model, count=arguments.count, seed=arguments.seed, progress=hear
        ),
        lambda found: {
            "protocol": PROTOCOL,
            **dict(zip(NAMES, found, strict=True)),
        },
        table,
    )
