"""`augmentation`: whether a GAN's pictures help a classifier that has few real ones, beside turning
and moving those.
"""

from __future__ import annotations

import argparse
import re

from ganapp.commands.evaluate import add_json, check_json, listening, report
from ganapp.commands.shared import whole
from ganapp.errors import BadInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many real pictures a class, how many seeds, and how long both networks train."""
    parser.add_argument(
        "--real",
        default="10,30,100,300",
        metavar="N,N,...",
        help="real pictures of each class (10,30,100,300)",
    )
    parser.add_argument(
        "--seeds",
        type=whole(2, 100),
        default=5,
        metavar="K",
        help="repetitions, each with other real pictures; intervals need at least 2 (5)",
    )
    parser.add_argument(
        "--steps",
        type=whole(10, 1_000_000),
        default=400,
        metavar="N",
        help="steps of the classifier, 50 pictures each (400)",
    )
    parser.add_argument(
        "--gan-steps",
        type=whole(1, 1_000_000),
        default=3000,
        metavar="N",
        help="steps of the GAN, 32 pictures each (3000)",
    )
    parser.add_argument(
        "--share",
        type=_share,
        default=0.25,
        metavar="S",
        help="the part of every batch that is generated, from 0 to 1 (0.25)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Plays all trials and prints their means with intervals over the seeds."""
    counts = _counts(arguments.real)
    check_json(arguments)

    from ganapp.experiments import augmentation

    pool, test = augmentation.digits()
    settings = [
        augmentation.Setting(count, arguments.steps, arguments.gan_steps, arguments.share)
        for count in counts
    ]
    with listening() as hear:
        results = list(augmentation.compare(settings, range(arguments.seeds), pool, test, hear))
    rows = augmentation.table(results)
    figures = {"settings": settings, "results": results, "rows": rows}
    report(arguments, figures, lambda: augmentation.text(rows))
    return 0


def _counts(text: str) -> list[int]:
    if not re.fullmatch(r"[1-9][0-9]{0,5}(,[1-9][0-9]{0,5}){0,19}", text.replace(" ", "")):
        raise BadInput(
            f"--real is {text[:60]!r}, but must be whole numbers with commas between them, as in"
            " 10,30,100."
        )
    return [int(part) for part in text.split(",")]


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not a number from 0 to 1")
    return share
