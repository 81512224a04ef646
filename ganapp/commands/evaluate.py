"""`evaluate`: how good a checkpoint's pictures are, beside what real ones score."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from ganapp.commands.shared import CHECKPOINT, SEED, opened, progress_bar, say, target, whole
from ganapp.files import save_atomically

if TYPE_CHECKING:
    from ganapp.checkpoints import TrainedModel

Found = TypeVar("Found")
FEWEST, MOST = 50, 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint, how many pictures, and in which features."""
    add_checkpoint(parser)
    add_count(parser, FEWEST, MOST, 5000, "pictures to draw (5000); every figure depends on it")
    parser.add_argument(
        "--encoder",
        choices=("digits", "faces", "inception", "random"),
        default="",
        help=(
            "the features to compare: of the digit classifier, of the reader of faces, of"
            " Inception-v3 (FID) or random ones; without it those that suit the data"
        ),
    )
    add_common(parser)


def add_checkpoint(parser: argparse.ArgumentParser, which: str = "") -> None:
    """The model to measure, and `which` models can be."""
    parser.add_argument(
        "checkpoint", metavar="CHECKPOINT", help="; ".join(filter(None, (CHECKPOINT, which)))
    )


def add_count(
    parser: argparse.ArgumentParser, low: int, high: int, default: int, words: str
) -> None:
    """How many pictures, from `low` to `high`."""
    parser.add_argument("--count", type=whole(low, high), default=default, metavar="N", help=words)


def add_common(parser: argparse.ArgumentParser) -> None:
    """The seed, and figures as JSON: what every measuring command takes."""
    parser.add_argument(
        "--seed", type=SEED, default=1, metavar="S", help="where the noise comes from (1)"
    )
    add_json(parser)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Where figures go."""
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="print JSON instead of a table, or write it to this .json file",
    )


def run(arguments: argparse.Namespace) -> int:
    """Draws, measures, and prints the table or the JSON."""
    check_json(arguments)

    from ganapp import checkpoints
    from ganapp.evaluation import features, tables
    from ganapp.experiments.scoring import evaluated

    model = opened(arguments.checkpoint)
    with listening() as hear:
        found = evaluated(
            model,
            count=arguments.count,
            seed=arguments.seed,
            encoder=arguments.encoder,
            folder=checkpoints.find(arguments.checkpoint),
            progress=hear,
        )
    if not arguments.encoder and found.encoder != features.suited(model.config.dataset):
        say(
            "The weights of Inception-v3 could not be had, so random features are compared instead,"
            " and there is no FID.",
            0,
        )
    report(
        arguments,
        {"checkpoint": arguments.checkpoint, "seed": arguments.seed, **found.to_dict()},
        lambda: tables.text(found),
    )
    return 0


def answer(
    arguments: argparse.Namespace,
    measure: Callable[[TrainedModel, Callable[[float, str], None]], Found],
    figures: Callable[[Found], dict[str, Any]],
    table: Callable[[Found], str],
) -> int:
    """Opens the checkpoint, measures it with a progress bar, and reports what was found as
    `figures` or in a `table`. The exit code.
    """
    model = opened(arguments.checkpoint)
    with listening() as hear:
        found = measure(model, hear)
    report(
        arguments,
        {"checkpoint": arguments.checkpoint, "seed": arguments.seed, **figures(found)},
        lambda: table(found),
    )
    return 0


@contextlib.contextmanager
def listening() -> Iterator[Callable[[float, str], None]]:
    """A progress bar that hears (share, what)."""
    with progress_bar(total=100, unit=" %") as bar:

        def hear(share: float, what: str) -> None:
            bar.set_description(what, refresh=False)
            bar.update(max(0, round(100 * share) - bar.n))

        yield hear


def check_json(arguments: argparse.Namespace) -> None:
    """`BadInput` now if the JSON could not be written later."""
    if arguments.json not in (None, "-"):
        target(arguments.json, (".json",), "--json")


def report(
    arguments: argparse.Namespace, figures: dict[str, Any], table: Callable[[], str]
) -> None:
    """The figures as the arguments ask: a table, JSON on the terminal, or JSON in a file beside the
    table.
    """
    from ganapp.evaluation.report import plain

    content = json.dumps(plain(figures), indent=1, allow_nan=False)
    if arguments.json == "-":
        print(content)
        return
    print(table())
    if arguments.json:
        save_atomically(
            target(arguments.json, (".json",), "--json"),
            lambda path: path.write_text(content + "\n", encoding="utf-8"),
        )
