"""`evaluate-text`: whether a checkpoint draws what a text says."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ganapp.commands.evaluate import add_checkpoint, add_common, add_count, answer, check_json

if TYPE_CHECKING:
    from ganapp.experiments.texts import Texts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint and how many texts to draw."""
    add_checkpoint(parser, "made by the gan-cls model")
    add_count(parser, 20, 2000, 2000, "texts to draw, each about another held-out face (2000)")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes texts, draws and reads."""
    check_json(arguments)

    from ganapp.experiments.texts import measure

    return answer(
        arguments,
        lambda model, hear: measure(model, arguments.count, arguments.seed, hear),
        lambda found: found._asdict(),
        _table,
    )


def _table(found: Texts) -> str:
    from ganapp.evaluation.tables import shown

    columns = (found.generated, found.real, found.chance)
    lines = [f"{'as the text says':<18}{'generated':>27}{'real face':>27}{'other text':>27}"]
    rows = [
        *((kind, [each.kinds[kind] for each in columns]) for kind in found.generated.kinds),
        ("all that is said", [each.said for each in columns]),
        ("whole text", [each.everything for each in columns]),
    ]
    for name, values in rows:
        lines.append(f"{name:<18}" + "".join(f"{shown(value, 3):>27}" for value in values))
    return "\n".join([*lines, f"{found.pictures:,} texts about faces that nothing learned from."])
