"""`sample`: pictures of a checkpoint, as one sheet or as arrays."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from ganapp.commands.shared import CHECKPOINT, LABEL, SEED, drawn, opened, target, whole
from ganapp.files import save_atomically

MOST_PICTURES = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint, and how many pictures of it, of which class and seed."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help=CHECKPOINT)
    parser.add_argument(
        "--count",
        type=whole(1, MOST_PICTURES),
        required=True,
        metavar="N",
        help="how many pictures",
    )
    parser.add_argument("--label", metavar="K", help=f"{LABEL}; without it the classes take turns")
    parser.add_argument(
        "--seed",
        type=SEED,
        default=0,
        metavar="S",
        help="where the noise comes from; the same seed draws the same pictures (0)",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="a .png of all the pictures, or an .npz with images (N, H, W, C) and labels (N,)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Draws the pictures and writes them."""
    out = target(arguments.out, (".png", ".npz"))

    import numpy as np

    from ganapp import latents, pictures

    model = opened(arguments.checkpoint)
    count = arguments.count
    if arguments.label is not None:
        labels = np.full(count, model.class_number(arguments.label), np.int64)
    else:
        labels = np.arange(count, dtype=np.int64) % max(1, model.classes)
    images = drawn(model, latents.noise(arguments.seed, model.config.latent_size, count), labels)
    if out.suffix.lower() == ".npz":
        shown_labels = labels if model.classes else np.full(count, -1, np.int64)

        def write(path: Path) -> None:
            with path.open("wb") as file:
                np.savez_compressed(file, images=images, labels=shown_labels)

        save_atomically(out, write)
    else:
        columns = math.isqrt(count - 1) + 1
        # Whole rounds of the classes, so that each keeps to its columns.
        if model.classes and arguments.label is None:
            columns = max(1, round(columns / model.classes)) * model.classes
        sheet = pictures.grid(pictures.table(images, min(columns, count)))
        save_atomically(out, lambda path: path.write_bytes(pictures.encode(sheet, "PNG")))
    print(f"Wrote {count} pictures to {arguments.out}.")
    return 0
