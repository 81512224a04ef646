"""Reads a visitor's own pictures from uploaded files or from the Hub. Knows no Gradio."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from ganapp import pictures as drawing
from ganapp.config.capabilities import CAPABILITIES, Capabilities
from ganapp.datasets import Pictures, Progress, hub, uploads
from ganapp.errors import BadInput
from ganapp.ui.parts.rendering import data_uri

MOST_PICTURES = 5_000
SHOWN_PICTURES, SHOWN_SKIPPED = 12, 8


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
    """Settings that own pictures need: classes if there are any, augmentation, since the pictures
    are few, and another model than one that needs attributes or texts, which they have not.
    """
    grey = pictures.images.shape[1] == 1
    can = next((can for name, can in CAPABILITIES.items() if name == model), Capabilities())
    labelled = not (can.finds_classes or can.translates)
    return {
        "dataset": "own",
        "conditional": len(pictures.class_names) > 1 and labelled,
        "augment": (
            "none"
            if can.translates or can.encodes
            else "translation-cutout"
            if grey
            else "colour-translation-cutout"
        ),
        **({"model": "dcgan"} if can.obeys_attributes or can.reads_text else {}),
    }


def _preview(found: uploads.LoadedPictures) -> str:
    """HTML: how many of what, twelve of them, what was left out and why, and what is odd."""
    images, labels, names, _ = found.pictures
    counts = torch.bincount(labels, minlength=len(names)).tolist()
    words = f"{len(images):,} pictures"
    if len(names) > 1:
        listed = ", ".join(
            f"{html.escape(name[:40])} ({count})" for name, count in zip(names, counts, strict=True)
        )
        words += f" in {len(names)} classes: {listed}"
    remarks = "".join(f'<p class="own-remark">{html.escape(said)}</p>' for said in found.remarks)
    return f"<p>{words}.</p>{remarks}{_thumbnails(found.pictures)}{_left_out(found.skipped)}"


def _thumbnails(pictures: Pictures) -> str:
    """Twelve pictures with their classes, of as many classes as there are."""
    images, labels, names, _ = pictures
    members = [torch.nonzero(labels == label)[:, 0].tolist() for label in range(len(names))]
    turns = max(map(len, members))
    in_turn = [row[turn] for turn in range(turns) for row in members if turn < len(row)]
    shown = []
    for number in in_turn[:SHOWN_PICTURES]:
        source = data_uri(drawing.encode(drawing.image(images[number].numpy().transpose(1, 2, 0))))
        name = html.escape(names[labels[number]][:40])
        caption = f"<figcaption>{name}</figcaption>" if len(names) > 1 else ""
        shown.append(f'<figure><img src="{source}" alt="One of your pictures">{caption}</figure>')
    return f'<div class="own-thumbnails">{"".join(shown)}</div>'


def _left_out(skipped: Sequence[uploads.Skipped]) -> str:
    """The files that were left out, by name, each with its reason."""
    if not skipped:
        return ""
    files = "1 file was" if len(skipped) == 1 else f"{len(skipped)} files were"
    listed = "".join(
        f"<li>{html.escape(file.name[:60])}: {html.escape(file.why)}</li>"
        for file in skipped[:SHOWN_SKIPPED]
    )
    rest = len(skipped) - SHOWN_SKIPPED
    more = f"<li>and {rest:,} more</li>" if rest > 0 else ""
    return f"<details open><summary>{files} left out</summary><ul>{listed}{more}</ul></details>"
