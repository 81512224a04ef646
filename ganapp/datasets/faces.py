"""Procedural faces with known attributes, so that it can be measured what a direction in the latent
space changes.

`faces/` holds 12,000 of 64 x 64 pixels, of which 2,000 are never trained on: drawn from the style
"Avatar Illustration System" by Micah Lanier (https://www.figma.com/community/file/829741575478342595,
CC BY 4.0) with DiceBear's programs; every attribute is chosen independently of the others.
`make_faces.py` makes the files again.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ganapp.datasets import sheets
from ganapp.datasets.pictures import Part, Pictures, Progress

FACES = Path(__file__).with_name("faces")
ATTRIBUTES = "attributes.npz"
SIDE, HELD_OUT = 64, 2000

KINDS: dict[str, tuple[str, ...]] = {
    "hair": ("bald", "quiff", "mohawk", "fringe", "long", "turban", "bob"),
    "hair colour": ("black", "brown", "red", "blond", "grey"),
    "skin": ("light", "tan", "brown", "dark"),
    "glasses": ("none", "round", "square"),
    "beard": ("none", "stubble", "full"),
    "mouth": ("smile", "laugh", "sad", "frown", "open"),
    "earrings": ("none", "hoop", "stud"),
}
"""What a face has, and the values of each in the order of their numbers."""


BALD = KINDS["hair"].index("bald")


class Attribute(NamedTuple):
    """Something that a face has or has not: one of these values of a kind."""

    kind: str
    values: tuple[str, ...]


YES_OR_NO: dict[str, Attribute] = {
    "glasses": Attribute("glasses", ("round", "square")),
    "smile": Attribute("mouth", ("smile", "laugh")),
    "beard": Attribute("beard", ("full",)),
    "long hair": Attribute("hair", ("long",)),
    "bald": Attribute("hair", ("bald",)),
    "blond": Attribute("hair colour", ("blond",)),
    "earrings": Attribute("earrings", ("hoop", "stud")),
    "dark skin": Attribute("skin", ("brown", "dark")),
}


@functools.cache
def kinds(part: Part = "train") -> dict[str, np.ndarray]:
    """The number of each face's value, (N,) uint8, by kind."""
    with np.load(FACES / ATTRIBUTES, allow_pickle=False) as file:
        chosen = slice(-HELD_OUT) if part == "train" else slice(-HELD_OUT, None)
        return {name: file[name][chosen] for name in KINDS}


def has(attribute: str, part: Part = "train") -> np.ndarray:
    """Whether each face shows an attribute of `YES_OR_NO`, (N,) bool; the bald no hair colour."""
    kind, values = YES_OR_NO[attribute]
    known, numbers = kinds(part), [KINDS[kind].index(value) for value in values]
    shown = known["hair"] != BALD if kind == "hair colour" else True
    return np.isin(known[kind], numbers) & shown


def load_faces(progress: Progress, part: Part = "train") -> Pictures:
    """10,000 faces, (10000, 3, 64, 64), by their hair, with the numbers of all kinds' values as
    attributes; or the 2,000 that are held out.
    """
    known = kinds(part)
    hair = known["hair"]
    images = sheets.read(FACES, part, len(hair), SIDE)
    progress(1.0, "Loaded the bundled faces")
    numbers = torch.from_numpy(np.stack(list(known.values()), 1)).float()
    return Pictures(images, torch.from_numpy(hair).long(), KINDS["hair"], numbers)


def load_faces_glasses(progress: Progress, part: Part = "train") -> Pictures:
    """The faces in two domains, without glasses and with them."""
    return by_attribute("glasses", progress, part)


def by_attribute(attribute: str, progress: Progress, part: Part = "train") -> Pictures:
    """Faces in two classes, those without an attribute and then as many with it."""
    images, held = load_faces(progress, part).images, torch.from_numpy(has(attribute, part))
    without, having = ((held == value).nonzero().flatten() for value in (False, True))
    each = min(len(without), len(having))
    return Pictures(
        images[torch.cat([without[:each], having[:each]])],
        torch.arange(2).repeat_interleave(each),
        (f"no {attribute}", attribute),
    )
