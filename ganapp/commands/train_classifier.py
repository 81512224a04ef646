"""`train-classifier`: the digit classifier that measures generated digits, made from the bundled
digits.
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
        default=1600,
        metavar="N",
        help="steps of 100 pictures (1600, forty epochs)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains on 4,000 digits, verifies on the other 1,000, and writes the folder."""
    out = expanded(arguments.out)
    check_writable(out / "model.safetensors")

    from ganapp.datasets import DATASETS
    from ganapp.evaluation import classifier
    from ganapp.experiments.scoring import arrays

    pictures = DATASETS["digits"](lambda share, what: None)
    images, labels = arrays(pictures), pictures.labels.numpy()
    seen, held_out = classifier.split(len(labels))
    with listening() as hear:
        learned = classifier.rounded(
            classifier.trained(images[seen], labels[seen], arguments.seed, hear, arguments.steps)
        )
    facts = {
        "accuracy": classifier.accuracy(learned, images[held_out], labels[held_out]),
        "trained_on": len(seen),
        "held_out": len(held_out),
        "seed": arguments.seed,
        "steps": arguments.steps,
    }
    known = classifier.store(learned, facts, out)
    print(
        f"Wrote the classifier to {arguments.out}: {known.accuracy:.1%} of {known.held_out:,}"
        f" held-out digits, SHA-256 {known.sha256}."
    )
    return 0
