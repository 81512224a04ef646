"""`evaluate-repairs`: how near repaired pictures are to the whole ones, and whether they can be
read.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ganapp.commands.evaluate import add_checkpoint, add_common, add_count, answer, check_json

if TYPE_CHECKING:
    from ganapp.experiments.repairs import Figures, Repairs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint and how many pictures to repair."""
    add_checkpoint(parser, "made by the pix2pix model")
    add_count(parser, 20, 100_000, 2000, "pictures to damage and repair (2000)")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Damages, repairs and measures."""
    check_json(arguments)

    from ganapp.experiments.repairs import measure

    return answer(
        arguments,
        lambda model, hear: measure(model, arguments.count, arguments.seed, hear),
        lambda found: found._asdict(),
        _table,
    )


def _table(found: Repairs) -> str:
    rows = [_row("damaged", found.damaged), _row("repaired", found.repaired)]
    if found.whole_read is not None:
        rows.append(f"{'whole':<10}{'':>24}{'':>27}{found.whole_read.value:>12.3f}")
    seen = (
        "Pictures that the model did not learn from."
        if found.held_out
        else "Pictures that the model learned from: there are no others of this kind."
    )
    head = f"{'':<10}{'PSNR in dB':>24}{'SSIM':>27}{'read':>12}"
    return "\n".join([head, *rows, f"{found.pictures:,} pictures. {seen}"])


def _row(name: str, figures: Figures) -> str:
    from ganapp.evaluation.tables import shown

    read = f"{figures.read.value:.3f}" if figures.read is not None else "-"
    return f"{name:<10}{shown(figures.psnr, 2):>24}{shown(figures.ssim, 3):>27}{read:>12}"
