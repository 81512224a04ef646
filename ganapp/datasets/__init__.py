"""Real pictures: every data set ends as one `Pictures`, all of it in memory, so no loader processes
are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ganapp.config.settings import DatasetName
from ganapp.datasets.bundled import load_digits, load_fashion_mnist, load_mnist
from ganapp.datasets.downloads import (
    load_celeba,
    load_cifar10,
    load_emnist_letters,
    load_kmnist,
    load_svhn,
)
from ganapp.datasets.emoji import load_emoji, load_emoji_styles
from ganapp.datasets.faces import load_faces, load_faces_glasses
from ganapp.datasets.letters import load_letters
from ganapp.datasets.pictures import Pictures, Progress
from ganapp.datasets.stacked import load_stacked
from ganapp.datasets.styles import load_inked, load_outlines
from ganapp.datasets.uploads import load_own

DATASETS: dict[DatasetName, Callable[[Progress], Pictures]] = {
    "digits": load_digits,
    "digits-outline": load_outlines,
    "digits-colour": load_inked,
    "digits-stacked": load_stacked,
    "emoji": load_emoji,
    "emoji-styles": load_emoji_styles,
    "letters": load_letters,
    "faces": load_faces,
    "faces-glasses": load_faces_glasses,
    "mnist": load_mnist,
    "fashion-mnist": load_fashion_mnist,
    "kmnist": load_kmnist,
    "emnist-letters": load_emnist_letters,
    "svhn": load_svhn,
    "cifar10": load_cifar10,
    "celeba": load_celeba,
    "own": load_own,
}
"""Each loader takes a `Progress` to report a download to, and raises `BadInput` when the data
cannot be had.
"""

HELD_OUT: dict[DatasetName, Callable[[Progress], Pictures]] = {
    "digits": partial(load_mnist, part="test"),
    "mnist": partial(load_mnist, part="test"),
    "fashion-mnist": partial(load_fashion_mnist, part="test"),
    "letters": partial(load_letters, part="test"),
    "faces": partial(load_faces, part="test"),
    "faces-glasses": partial(load_faces_glasses, part="test"),
}
"""Pictures of the same kind that nothing here learns from: what models are measured against."""

__all__ = ["DATASETS", "HELD_OUT", "Pictures", "Progress"]
