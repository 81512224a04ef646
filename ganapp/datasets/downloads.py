"""Data sets that torchvision fetches when they are first asked for, and keeps in a cache folder.

torchvision is imported only here and only then: it takes a second and 140 MB, and the bundled data need none of it.
"""

from __future__ import annotations

import os
import pickle
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock

from ganapp.datasets.pictures import Pictures, Progress
from ganapp.errors import BadInput

SECONDS_WITHOUT_AN_ANSWER = 20.0
UNREADABLE = (RuntimeError, ValueError, TypeError, AssertionError, EOFError, KeyError, IndexError, pickle.UnpicklingError)
"""What torchvision raises for files that are not there or not whole."""


def cache_folder() -> Path:
    """Where downloads are kept: `$GANAPP_DATA`, else `~/.cache/ganapp/data`."""
    return Path(os.environ.get("GANAPP_DATA") or Path.home() / ".cache" / "ganapp" / "data")


def load_mnist(progress: Progress) -> Pictures:
    """60,000 handwritten digits, (60000, 1, 28, 28) (LeCun, Cortes and Burges)."""
    from torchvision.datasets import MNIST

    data = _fetch(MNIST, "mnist", "11 MB", progress)
    return Pictures(data.data[:, None], data.targets.long(), tuple("0123456789"))


def load_fashion_mnist(progress: Progress) -> Pictures:
    """60,000 pieces of clothing, (60000, 1, 28, 28) (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747)."""
    from torchvision.datasets import FashionMNIST

    data = _fetch(FashionMNIST, "fashion-mnist", "30 MB", progress)
    return Pictures(data.data[:, None], data.targets.long(), tuple(data.classes))


def load_cifar10(progress: Progress) -> Pictures:
    """50,000 colour pictures of ten kinds of things, (50000, 3, 32, 32) (Krizhevsky 2009)."""
    from torchvision.datasets import CIFAR10

    data = _fetch(CIFAR10, "cifar10", "170 MB", progress)
    images = torch.from_numpy(np.ascontiguousarray(data.data.transpose(0, 3, 1, 2)))
    return Pictures(images, torch.tensor(data.targets, dtype=torch.int64), tuple(data.classes))


def _fetch(kind: Any, name: str, size: str, progress: Progress) -> Any:
    """torchvision's data set `kind`, from the cache or the internet; `BadInput` says why it cannot be had."""
    folder = cache_folder()
    progress(0.0, f"Looking for {name}")
    data = _cached(kind, folder)
    if data is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f".{name}.lock").touch()
        except OSError as error:
            raise BadInput(
                f"The data set {name} could not be kept in {str(folder)!r} ({error.strerror}): point the environment variable "
                "GANAPP_DATA to a folder that can be written, or choose digits, which ships with the app."
            ) from error
        try:
            with FileLock(folder / f".{name}.lock"):  # two runs may ask for it at once
                data = _cached(kind, folder) or _downloaded(kind, folder, f"Downloading {name} ({size})", progress)
        except (*UNREADABLE, OSError, HTTPException) as error:
            raise BadInput(
                f"The data set {name} could not be downloaded ({_brief(error)}): check the connection and start again, or choose "
                "digits, which ships with the app and needs no network."
            ) from error
    progress(1.0, f"Loaded {name}")
    return data


def _cached(kind: Any, folder: Path) -> Any:
    """The data set from the cache; None if it is not there, or not whole."""
    try:
        return kind(folder, train=True, download=False)
    except UNREADABLE:
        return None


def _downloaded(kind: Any, folder: Path, what: str, progress: Progress) -> Any:
    # What was unpacked only in part is not looked at again by torchvision, which checks the packed files alone.
    for file, _ in getattr(kind, "resources", ()):
        (folder / kind.__name__ / "raw" / file.removesuffix(".gz")).unlink(missing_ok=True)
    with _reported(progress, what):
        return kind(folder, train=True, download=True)


def _brief(error: Exception) -> str:
    line = (str(error).strip() or type(error).__name__).splitlines()[-1]
    return re.sub(r"^(<urlopen error )?(\[Errno -?\d+\] )?(.*?)>?$", r"\3", line).strip(" .")[:120]


@contextmanager
def _reported(progress: Progress, what: str) -> Iterator[None]:
    """While it lasts, torchvision's own progress bar reports to `progress`, and a silent server is given up on."""
    from torchvision.datasets import utils as torchvision_utils

    class Bar(torchvision_utils.tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "desc": what, "disable": None})

        def update(self, n: float = 1) -> bool | None:
            self.arrived = getattr(self, "arrived", 0) + n
            progress(min(self.arrived / self.total, 1.0) if self.total else 0.0, what)
            return super().update(n)

    before, timeout = torchvision_utils.tqdm, socket.getdefaulttimeout()
    torchvision_utils.tqdm = Bar
    socket.setdefaulttimeout(SECONDS_WITHOUT_AN_ANSWER)
    try:
        yield
    finally:
        torchvision_utils.tqdm = before
        socket.setdefaulttimeout(timeout)
