"""Emoji in two styles, 64 px, on white: 1,906 of each, without skin-tone variants.

Twemoji: copyright X Corp. and other contributors, https://github.com/jdecked/twemoji, Creative
Commons Attribution 4.0. Noto Emoji: copyright Google, https://github.com/googlefonts/noto-emoji,
Apache License 2.0. Both as the emoji-datasource packages distribute them. `python -m
ganapp.datasets.make_emoji` makes the files again.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganapp.datasets.pictures import Pictures, Progress

SIDE = 64
COLUMNS = 44
_HERE = Path(__file__).parent
SHEETS = {"Twemoji": _HERE / "emoji-twemoji.webp", "Noto": _HERE / "emoji-noto.webp"}
NAMES_FILE = _HERE / "emoji.json"


def load_emoji(progress: Progress) -> Pictures:
    """All emoji in both styles, (3812, 3, 64, 64), by category."""
    categories = [category for _, category in json.loads(NAMES_FILE.read_text(encoding="utf-8"))]
    names = tuple(dict.fromkeys(categories))
    labels = torch.tensor([names.index(category) for category in categories])
    images = torch.cat([_sheet(font, len(categories)) for font in SHEETS])
    progress(1.0, "Loaded the bundled emoji")
    return Pictures(images, labels.repeat(len(SHEETS)), names)


def load_emoji_styles(progress: Progress) -> Pictures:
    """The same pictures as two domains, Twemoji and Noto: (3812, 3, 64, 64)."""
    pictures = load_emoji(progress)
    return Pictures(
        pictures.images, torch.arange(2).repeat_interleave(len(pictures.images) // 2), tuple(SHEETS)
    )


def _sheet(font: str, count: int) -> Tensor:
    with Image.open(SHEETS[font]) as file:
        sheet = np.asarray(file.convert("RGB"))
    tiles = (
        sheet.reshape(-1, SIDE, COLUMNS, SIDE, 3)
        .transpose(0, 2, 4, 1, 3)
        .reshape(-1, 3, SIDE, SIDE)
    )
    return torch.from_numpy(tiles[:count].copy())
