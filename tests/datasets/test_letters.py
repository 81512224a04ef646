"""The letters of open fonts that ship."""

from __future__ import annotations

import json

import numpy as np
import torch

from ganapp.datasets import DATASETS, HELD_OUT, letters
from ganapp.letterforms import ATTRIBUTES, LETTERS


def silent(share: float, what: str) -> None:
    """Nobody listens."""


def test_every_font_has_all_letters_with_its_own_attributes() -> None:
    for part, load in (("train", DATASETS["letters"]), ("test", HELD_OUT["letters"])):
        images, labels, names, attributes = load(silent)
        fonts = letters.fonts(part)
        assert images.shape == (26 * len(fonts), 1, 64, 64) and images.dtype == torch.uint8
        assert names == tuple(LETTERS) and attributes is not None
        assert torch.equal(labels.view(-1, 26), torch.arange(26).expand(len(fonts), -1))
        by_font = attributes.view(len(fonts), 26, len(ATTRIBUTES))
        assert bool((by_font == by_font[:, :1]).all()) and bool(attributes.isfinite().all())
        np.testing.assert_array_equal(by_font[:, 0].numpy(), letters.attributes(part))  # type: ignore[arg-type] # of two
        assert bool((images.flatten(1).amax(1) > 60).all()), "a letter is missing"


def test_no_design_is_both_learned_from_and_held_out() -> None:
    designs = [
        {font.family.split()[0] for font in letters.fonts(part)} for part in ("train", "test")
    ]
    assert len(designs[0]) > 80 and len(designs[1]) >= 10
    assert not designs[0] & designs[1]


def test_every_family_names_its_authors_and_its_open_licence() -> None:
    known = json.loads(letters.FONTS.read_text(encoding="utf-8"))
    assert len(known) > 100
    for family in known:
        assert family["licence"] == "OFL-1.1" and len(family["authors"]) > 5, family
