"""`evaluate-cas`: what a checkpoint's pictures are worth as training data."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ganapp.commands.evaluate import add_checkpoint, add_common, add_count, answer, check_json

if TYPE_CHECKING:
    from ganapp.evaluation.cas import Score

FEWEST, MOST = 200, 100_000
NOTE = (
    "The digits tested on are those of MNIST's test, from which neither the checkpoint nor the"
    " shipped classifier has learned."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint and how many pictures to learn from."""
    add_checkpoint(parser, "conditional, of digits")
    add_count(parser, FEWEST, MOST, 5000, "generated pictures to learn from (5000)")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws, trains a classifier on what was drawn, and tests it on real digits."""
    check_json(arguments)

    from ganapp.experiments.scoring import cas_of

    return answer(
        arguments,
        lambda model, hear: cas_of(
            model, count=arguments.count, seed=arguments.seed, progress=hear
        ),
        lambda found: {"note": NOTE, **found._asdict()},
        _table,
    )


def _table(found: Score) -> str:
    from ganapp.evaluation.tables import shown

    return "\n".join(
        [
            (
                f"learned from {found.trained_on:,} generated digits:"
                f" {shown(found.accuracy, 3)} of {found.tested_on:,} real ones"
            ),
            f"learned from real digits: {found.of_real:.3f}",
            "by class: " + " ".join(f"{share:.1%}" for share in found.by_class),
            NOTE,
        ]
    )
