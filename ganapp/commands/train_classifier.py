"""`train-classifier`: the classifiers that measure generated pictures, of digits and of faces, made
from the data that ship.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ganapp.commands.evaluate import listening
from ganapp.commands.shared import SEED, check_writable, whole
from ganapp.files import expanded

STEPS = {"digits": 9000, "faces": 3000}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What it reads, the folder, the seed and how long."""
    parser.add_argument(
        "--of", choices=STEPS, default="digits", help="what it learns to read (digits)"
    )
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
        metavar="N",
        help="steps of 100 pictures (9000 of digits, fifteen epochs; 3000 of faces, thirty)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains on the training pictures, verifies on those that nothing learns from, and writes the
    folder.
    """
    out = expanded(arguments.out)
    check_writable(out / "model.safetensors")
    make = _digits if arguments.of == "digits" else _faces
    print(make(out, arguments.out, arguments.seed, arguments.steps or STEPS[arguments.of]))
    return 0


def _digits(out: Path, shown: str, seed: int, steps: int) -> str:
    from ganapp.datasets import DATASETS, HELD_OUT
    from ganapp.evaluation import classifier
    from ganapp.experiments.scoring import arrays

    seen, test = (part["mnist"](lambda share, what: None) for part in (DATASETS, HELD_OUT))
    with listening() as hear:
        learned = classifier.rounded(
            classifier.trained(arrays(seen), seen.labels.numpy(), seed, hear, steps)
        )
    facts = {
        "accuracy": classifier.accuracy(learned, arrays(test), test.labels.numpy()),
        "trained_on": len(seen.labels),
        "held_out": len(test.labels),
        "seed": seed,
        "steps": steps,
    }
    known = classifier.store(learned, facts, out)
    return (
        f"Wrote the classifier to {shown}: {known.accuracy:.1%} of {known.held_out:,} held-out"
        f" digits, SHA-256 {known.sha256}."
    )


def _faces(out: Path, shown: str, seed: int, steps: int) -> str:
    from ganapp.datasets import DATASETS, HELD_OUT, faces
    from ganapp.evaluation import attributes
    from ganapp.experiments.scoring import arrays

    seen, test = (part["faces"](lambda share, what: None) for part in (DATASETS, HELD_OUT))
    with listening() as hear:
        learned = attributes.rounded(
            attributes.trained(arrays(seen), faces.kinds(), seed, hear, steps)
        )
    right = attributes.accuracy(learned, arrays(test), faces.kinds("test"))
    facts = {
        "accuracy": {kind: round(share, 5) for kind, share in right.items()},
        "trained_on": len(seen.labels),
        "held_out": len(test.labels),
        "seed": seed,
        "steps": steps,
    }
    known = attributes.store(learned, facts, out)
    return (
        f"Wrote the reader of faces to {shown}: {min(right.values()):.1%} or more of"
        f" {len(test.labels):,} held-out faces for each kind, SHA-256 {known['sha256']}."
    )
