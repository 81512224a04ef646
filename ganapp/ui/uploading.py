"""A visitor's own pictures, read once from what the browser uploaded. Knows no Gradio."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ganapp import pictures as drawing
from ganapp.datasets import Pictures, Progress, uploads
from ganapp.errors import BadInput
from ganapp.ui.exploring import data_uri

MOST_PICTURES = 5_000
FEW_PICTURES = 5_000
SHOWN_CLASSES, SHOWN_PICTURES = 6, 8


class Brought(NamedTuple):
    """Own pictures, and a look at them."""

    pictures: Pictures
    preview: str


def bring(files: Sequence[str] | None, progress: Progress) -> Brought:
    """The pictures of uploaded files, which are then removed. `BadInput` says what is wrong with them."""
    if not files:
        raise BadInput("No files were chosen: choose pictures, or a zip of them in a folder a class.")
    paths = [Path(file) for file in files]
    try:
        found = uploads.read(paths, progress)
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
    count = len(found.pictures.images)
    if count > MOST_PICTURES:
        raise BadInput(f"There are {count:,} pictures; up to {MOST_PICTURES:,} can be trained on here, more with the command line.")
    return Brought(found.pictures, _preview(found))


def changes(pictures: Pictures) -> dict[str, object]:
    """Settings that such pictures ask for: classes where there are any, augmentation where there are few."""
    wanted: dict[str, object] = {"dataset": "own", "conditional": len(pictures.class_names) > 1}
    if len(pictures.images) < FEW_PICTURES:
        wanted["augment"] = "translation-cutout" if pictures.images.shape[1] == 1 else "colour-translation-cutout"
    return wanted


def _preview(found: uploads.Read) -> str:
    """HTML: how many of what, and the first pictures of the first classes."""
    images, labels, names = found.pictures
    counts = torch.bincount(labels, minlength=len(names)).tolist()
    words = f"{len(images):,} pictures"
    if len(names) > 1:
        listed = ", ".join(f"{html.escape(name[:40])} ({count})" for name, count in zip(names, counts, strict=True))
        words += f" in {len(names)} classes: {listed}"
    if found.skipped:
        words += f". {len(found.skipped)} files could not be read, such as {html.escape(found.skipped[0][:60])}"
    rows = []
    for label in range(min(SHOWN_CLASSES, len(names))):
        first = images[labels == label][:SHOWN_PICTURES].numpy().transpose(0, 2, 3, 1)
        blank = np.full((SHOWN_PICTURES - len(first), *first.shape[1:]), drawing.PAPER, np.uint8)
        rows.append(np.concatenate([first, blank]))
    source = data_uri(drawing.encode(drawing.grid(np.stack(rows))))
    return f'<p>{words}.</p><img src="{source}" alt="The first of your pictures, a class a row" style="width:100%;max-width:540px">'
