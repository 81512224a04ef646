"""`evaluate-letters`: how well a checkpoint obeys the numbers of a font, and whether its letters
can be read.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ganapp.commands.evaluate import add_checkpoint, add_common, answer, check_json

if TYPE_CHECKING:
    from ganapp.evaluation.bootstrap import Estimate
    from ganapp.experiments.letters import LetterFigures, Obedience


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint."""
    add_checkpoint(parser, "made by the acgan model")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws alphabets and measures them."""
    check_json(arguments)

    from ganapp.experiments.letters import measure

    return answer(
        arguments,
        lambda model, hear: measure(model, arguments.seed, hear),
        lambda found: found._asdict(),
        _table,
    )


def _table(found: LetterFigures) -> str:
    lines = [
        *_part("Real letters of held-out fonts, measured in their pictures:", found.real),
        *_part("Generated letters, asked for the numbers of these fonts:", found.fonts),
        *_part("Generated letters, asked for numbers from all over their ranges:", found.anywhere),
        f"Letters read by a classifier: real {_share(found.real_read)}, generated"
        f" {_share(found.fonts_read)}, from all over {_share(found.anywhere_read)}.",
    ]
    return "\n".join(lines)


def _part(title: str, rows: tuple[Obedience, ...]) -> list[str]:
    from ganapp.evaluation.tables import shown

    head = f"  {'':<8}{'correlation':>12}{'mean absolute error':>28}"
    return [
        title,
        head,
        *(
            f"  {row.name:<8}{row.correlation:>12.3f}{shown(row.error, 3):>28} {row.unit}"
            f" ({row.alphabets} alphabets)"
            for row in rows
        ),
    ]


def _share(value: Estimate) -> str:
    return f"{value.value:.1%}"
