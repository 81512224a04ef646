"""`train-classifier`: the digit classifier that measures generated digits, made from MNIST's
training digits.
"""

from __future__ import annotations

import argparse

from ganapp.commands.evaluate import listening
from ganapp.commands.shared import SEED, check_writable, whole
from ganapp.files import expanded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, the seed and how long."""
    parser.add_argument(
        "--out", required=True, metavar="FOLDER", help="the folder for its weights, facts and card"
    )
    parser.add_argument(
        "--seed",
        type=SEED,
        default=0,
        metavar="S",
        help="where its first weights and its order of pictures come from (0)",
    )
    parser.add_argument(
        "--steps",
        type=whole(10, 1_000_000),
        default=9000,
        metavar="N",
        help="steps of 100 pictures (9000, fifteen epochs)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains on the 60,000 training digits, verifies on the 10,000 of the test, and writes the
    folder.
    """
    out = expanded(arguments.out)
    check_writable(out / "model.safetensors")

    from ganapp.datasets import DATASETS, HELD_OUT
    from ganapp.evaluation import classifier
    from ganapp.experiments.scoring import arrays

    seen, test = (part["mnist"](lambda share, what: None) for part in (DATASETS, HELD_OUT))
    with listening() as hear:
        learned = classifier.rounded(
            classifier.trained(
                arrays(seen), seen.labels.numpy(), arguments.seed, hear, arguments.steps
            )
        )
    facts = {
        "accuracy": classifier.accuracy(learned, arrays(test), test.labels.numpy()),
        "trained_on": len(seen.labels),
        "held_out": len(test.labels),
        "seed": arguments.seed,
        "steps": arguments.steps,
    }
    known = classifier.store(learned, facts, out)
    print(
        f"Wrote the classifier to {arguments.out}: {known.accuracy:.1%} of {known.held_out:,}"
        f" held-out digits, SHA-256 {known.sha256}."
    )
    return 0
