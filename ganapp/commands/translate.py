"""`translate`: a picture of one domain as the other one, and back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ganapp.commands.shared import CHECKPOINT, opened, target
from ganapp.errors import BadInput
from ganapp.files import expanded, save_atomically

if TYPE_CHECKING:
    import numpy as np


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint, the picture and the domain to translate it to."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help=CHECKPOINT)
    parser.add_argument(
        "picture", metavar="PICTURE", help="the file of a picture; its middle is used"
    )
    parser.add_argument(
        "--to",
        required=True,
        metavar="DOMAIN",
        help="the domain to translate to, by its name or number",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="a .png with the picture, its translation, and that translated back",
    )


def run(arguments: argparse.Namespace) -> int:
    """Translates the picture there and back, and writes all three."""
    out, source = target(arguments.out, (".png",)), expanded(arguments.picture)

    import numpy as np

    from ganapp import pictures
    from ganapp.datasets import uploads

    model = opened(arguments.checkpoint)
    if not model.translates:
        raise BadInput(
            f"{arguments.checkpoint[:60]!r} draws from noise and translates nothing: choose a model"
            " made by the cyclegan or the pix2pix model."
        )
    domain = model.class_number(arguments.to)
    if not source.is_file():
        raise BadInput(f"There is no picture {str(source)[:200]!r}.")
    try:
        pixels = uploads.square(source, model.config.image_size)
    except uploads.UNREADABLE:
        raise BadInput(
            f"{source.name[:80]!r} is no picture that can be opened: give a"
            f" {', '.join(uploads.ENDINGS)}."
        ) from None
    grey = np.asarray(pictures.image(pixels).convert("L"))[..., None]
    shown = pictures.from_uint8((grey if model.channels == 1 else pixels)[None])
    there = model.translate(shown, domain)
    if model.repairs:
        return _repaired(arguments, out, shown, model.translate(shown, 1))
    back = model.translate(there, 1 - domain)
    row = pictures.to_uint8(np.concatenate([shown, there, back]))
    sheet = pictures.enlarged(pictures.grid(pictures.table(row, 3)), 4)
    save_atomically(out, lambda path: path.write_bytes(pictures.encode(sheet, "PNG")))
    changed = 50 * np.abs(back - shown).mean()
    print(
        f"Wrote the picture, as {model.class_names[domain]}, and back to {arguments.out}; it came"
        f" back {changed:.1f} % changed."
    )
    return 0


def _repaired(
    arguments: argparse.Namespace, out: Path, shown: np.ndarray, whole: np.ndarray
) -> int:
    """Writes a damaged picture and its repair."""
    import numpy as np

    from ganapp import pictures

    row = pictures.to_uint8(np.concatenate([shown, whole]))
    sheet = pictures.enlarged(pictures.grid(pictures.table(row, 2)), 4)
    save_atomically(out, lambda path: path.write_bytes(pictures.encode(sheet, "PNG")))
    print(f"Wrote the picture and its repair to {arguments.out}.")
    return 0
