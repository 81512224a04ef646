"""Reads a visitor's own pictures from uploaded files or from the Hub. Knows no Gradio."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ganapp import pictures as drawing
from ganapp.config.training import CAPABILITIES, Capabilities
from ganapp.datasets import Pictures, Progress, hub, uploads
from ganapp.errors import BadInput
from ganapp.ui.parts.rendering import data_uri

MOST_PICTURES = 5_000
SHOWN_CLASSES, SHOWN_PICTURES = 6, 8


class Upload(NamedTuple):
    """Own pictures, and HTML that shows some of them."""

    pictures: Pictures
    preview: str


def bring(files: Sequence[str] | None, progress: Progress) -> Upload:
    """The pictures of uploaded files. `BadInput` says what is wrong with them."""
    if not files:
        raise BadInput(
            "No files were chosen: choose pictures, or a zip with one folder for each class."
        )
    # Gradio removes the files itself after a while; two visitors with the same zip share one.
    found = uploads.read([Path(file) for file in files], progress, MOST_PICTURES)
    return Upload(found.pictures, _preview(found))


def fetch(name: str | None, progress: Progress) -> Upload:
    """Pictures of the data set `name` ("owner/name") of the Hugging Face Hub. `BadInput` says why
    they cannot be had.
    """
    if not (name or "").strip():
        raise BadInput(
            "No data set was named: type the name of one on the Hugging Face Hub, as owner/name."
        )
    found = hub.read(str(name), progress, MOST_PICTURES)
    return Upload(found.pictures, _preview(found))


def changes(pictures: Pictures, model: object) -> dict[str, object]:
    """Settings that own pictures need: classes if there are any, and augmentation, since the
    pictures are few.
    """
    grey = pictures.images.shape[1] == 1
    can = next((can for name, can in CAPABILITIES.items() if name == model), Capabilities())
    labelled = not (can.finds_classes or can.translates)
    return {
        "dataset": "own",
        "conditional": len(pictures.class_names) > 1 and labelled,
        "augment": (
            "none"
            if can.translates
            else "translation-cutout"
            if grey
            else "colour-translation-cutout"
        ),
    }


def _preview(found: uploads.LoadedPictures) -> str:
    """HTML: how many of what, and the first pictures of the first classes."""
    images, labels, names = found.pictures
    remarks = "".join(f'<p class="own-remark">{html.escape(said)}</p>' for said in found.remarks)
    counts = torch.bincount(labels, minlength=len(names)).tolist()
    words = f"{len(images):,} pictures"
    if len(names) > 1:
        listed = ", ".join(
            f"{html.escape(name[:40])} ({count})" for name, count in zip(names, counts, strict=True)
        )
        words += f" in {len(names)} classes: {listed}"
    if found.skipped:
        files = "1 file" if len(found.skipped) == 1 else f"{len(found.skipped)} files"
        words += f". {files} could not be read, such as {html.escape(found.skipped[0][:60])}"
    rows = []
    for label in range(min(SHOWN_CLASSES, len(names))):
        first = images[labels == label][:SHOWN_PICTURES].numpy().transpose(0, 2, 3, 1)
        blank = np.full((SHOWN_PICTURES - len(first), *first.shape[1:]), drawing.PAPER, np.uint8)
        rows.append(np.concatenate([first, blank]))
    source = data_uri(drawing.encode(drawing.grid(np.stack(rows))))
    return (
        f'<p>{words}.</p>{remarks}<img src="{source}" style="width:100%;max-width:540px"'
        ' alt="The first of your pictures, one class in each row">'
    )
