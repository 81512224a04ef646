"""`interpolate`: the way from one seed's picture to another's, as a strip or as an animation."""

from __future__ import annotations

import argparse

from ganapp.commands.shared import CHECKPOINT, LABEL, SEED, drawn, opened, target, whole
from ganapp.files import save_atomically

MOST_FRAMES = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint, the two seeds and the path between them."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help=CHECKPOINT)
    parser.add_argument("seed_a", type=SEED, metavar="SEED_A", help="seed of the first picture")
    parser.add_argument("seed_b", type=SEED, metavar="SEED_B", help="seed of the last picture")
    parser.add_argument(
        "--frames",
        type=whole(2, MOST_FRAMES),
        default=16,
        metavar="N",
        help="pictures from the first to the last (16)",
    )
    parser.add_argument(
        "--mode",
        choices=("lerp", "slerp"),
        default="slerp",
        help="along the straight line or along the arc (slerp)",
    )
    parser.add_argument("--label", metavar="K", help=f"{LABEL}; without it the first one")
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="a .png with the strip of pictures, or a .gif that walks there and back",
    )


def run(arguments: argparse.Namespace) -> int:
    """Draws the pictures on the way and writes them."""
    out = target(arguments.out, (".png", ".gif"))

    import numpy as np

    from ganapp import latents, pictures

    model = opened(arguments.checkpoint)
    start, end = (
        latents.noise(seed, model.config.latent_size)[0]
        for seed in (arguments.seed_a, arguments.seed_b)
    )
    label = model.class_number(arguments.label) if arguments.label is not None else 0
    images = drawn(
        model,
        latents.path(start, end, arguments.frames, arguments.mode),
        np.full(arguments.frames, label, np.int64),
    )
    if out.suffix.lower() == ".png":
        written = pictures.encode(
            pictures.enlarged(pictures.grid(pictures.table(images, len(images))), 2), "PNG"
        )
    else:
        there = [pictures.enlarged(pictures.image(pixels), 4) for pixels in images]
        written = pictures.animation([*there, *there[-2:0:-1]], "GIF", 0.08)
    save_atomically(out, lambda path: path.write_bytes(written))
    print(
        f"Wrote {arguments.frames} pictures from seed {arguments.seed_a} to seed {arguments.seed_b}"
        f" to {arguments.out}."
    )
    return 0
