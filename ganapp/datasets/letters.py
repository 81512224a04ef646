"""The capitals A to Z of open fonts, with four numbers for each font.

`letters/` holds them at 64 x 64 pixels, white on black, drawn from the fonts of the Fontsource
packages (https://fontsource.org), all under the SIL Open Font License 1.1. `letters/fonts.json`
lists every font with its authors, licence and numbers; whole families are held out, and nothing
learns from them. `python -m ganapp.datasets.make_letters` makes the files again.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ganapp.datasets import sheets
from ganapp.datasets.pictures import Part, Pictures, Progress
from ganapp.letterforms import LETTERS, SIDE, scaled

FOLDER = Path(__file__).with_name("letters")
FONTS = FOLDER / "fonts.json"


class Font(NamedTuple):
    """One font: its `family` and `style` ("700 italic"), and its attributes in their units."""

    family: str
    style: str
    measures: tuple[float, ...]

    @property
    def name(self) -> str:
        """What to call it: "Lora 700 italic"."""
        return f"{self.family} {self.style}"


@functools.cache
def fonts(part: Part = "train") -> tuple[Font, ...]:
    """The fonts of a part, in the order of their pictures."""
    known = json.loads(FONTS.read_text(encoding="utf-8"))
    return tuple(
        Font(family["name"], style, tuple(measures))
        for family in known
        if family["part"] == part
        for style, measures in family["fonts"].items()
    )


def attributes(part: Part = "train") -> np.ndarray:
    """The fonts' attributes as networks get them, (fonts, 4) float32."""
    return scaled(np.array([font.measures for font in fonts(part)]))


def load_letters(progress: Progress, part: Part = "train") -> Pictures:
    """26 capitals of each font, (fonts * 26, 1, 64, 64), font by font, A to Z."""
    known = torch.from_numpy(attributes(part))
    images = sheets.read(FOLDER, part, len(known) * len(LETTERS), SIDE)
    progress(1.0, "Loaded the bundled letters")
    return Pictures(
        images,
        torch.arange(len(LETTERS)).repeat(len(known)),
        tuple(LETTERS),
        known.repeat_interleave(len(LETTERS), 0),
    )
