"""Stacked digits: the classifier reads what was stacked, and modes are counted as the protocol
says.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ganapp.datasets.bundled import load_digits
from ganapp.datasets.stacked import stacked
from ganapp.errors import BadInput
from ganapp.evaluation.stacked import FEWEST, counted, numbers
from ganapp.experiments.scoring import arrays

DIGITS = load_digits(lambda share, what: None)


def test_a_stack_holds_three_digits_and_their_number() -> None:
    pictures, known = stacked(DIGITS, 40, seed=3)
    assert (
        pictures.images.shape == (40, 3, 28, 28)
        and pictures.class_names == ("stacked digits",)
        and not pictures.labels.any()
    )
    for image, number in zip(pictures.images, known.tolist(), strict=True):
        for channel, digit in zip(image, map(int, f"{number:03}"), strict=True):
            same = (DIGITS.images[:, 0] == channel).flatten(1).all(1)
            assert digit in DIGITS.labels[same]
    assert torch.equal(pictures.images, stacked(DIGITS, 40, seed=3)[0].images)
    assert not torch.equal(pictures.images, stacked(DIGITS, 40, seed=4)[0].images)


def test_every_number_comes_equally_often() -> None:
    known = stacked(DIGITS, FEWEST)[1].numpy()
    found = counted(known)
    assert found.modes == 1000 and found.kl.value == pytest.approx(999 / (2 * FEWEST), rel=0.15)


def test_the_classifier_reads_the_numbers() -> None:
    pictures, known = stacked(DIGITS, 300)
    shares: list[float] = []
    read = numbers(arrays(pictures), shares.append)
    assert (read == known.numpy()).mean() > 0.95 and shares[-1] == 1


def test_a_model_of_one_hundred_modes_is_found_out() -> None:
    found = counted(np.arange(FEWEST) % 100)
    assert (
        found.modes == 100
        and found.kl.value == pytest.approx(np.log(10))
        and found.pictures == FEWEST
    )


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(BadInput, match="25,999 stacked pictures, but modes are counted in 26,000"):
        counted(np.zeros(FEWEST - 1, np.int64))
    with pytest.raises(BadInput, match="these pictures are grey"):
        numbers(np.zeros((3, 28, 28, 1), np.uint8))
