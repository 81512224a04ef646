"""Data sets that are fetched with torchvision when they are first asked for, and kept in a cache
folder.

torchvision is imported only here and only then: it takes a second and 140 MB, and the bundled data
need none of it.
"""

from __future__ import annotations

import gzip
import io
import os
import pickle
import re
import shutil
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from PIL import Image

from ganapp.datasets.pictures import Pictures, Progress
from ganapp.errors import BadInput
from ganapp.files import save_atomically

SECONDS_WITHOUT_AN_ANSWER = 20.0
UNREADABLE = (
    RuntimeError,
    ValueError,
    TypeError,
    AssertionError,
    EOFError,
    KeyError,
    IndexError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    OSError,
)
"""What is raised for files that are not there or not whole."""

CELEBA_MIRRORS = (
    "https://huggingface.co/datasets/Yuehao/celeba/resolve/main/",
    "https://graal.ift.ulaval.ca/public/celeba/",
)
"""Where CelebA's files lie as its authors packed them. Whatever comes from there must have the
checksum that torchvision knows.
"""
MOST_FACES = 50_000
FACE_SIDE = 64

Get = Callable[[Path, bool], Any]
"""(cache folder, whether to download) -> the data; raises one of `UNREADABLE` if they are not there
or not whole.
"""


def cache_folder() -> Path:
    """Where downloads are kept: `$GANAPP_DATA`, else `~/.cache/ganapp/data`."""
    return Path(os.environ.get("GANAPP_DATA") or Path.home() / ".cache" / "ganapp" / "data")


def load_kmnist(progress: Progress) -> Pictures:
    """60,000 hiragana of ten kinds in old Japanese handwriting, (60000, 1, 28, 28) (Clanuwat et al.
    2018, arXiv:1812.01718).
    """
    from torchvision.datasets import KMNIST

    data = _fetch(partial(_unpacked, KMNIST), "kmnist", "21 MB", progress)
    return Pictures(data.data[:, None], data.targets.long(), tuple(data.classes))


def load_emnist_letters(progress: Progress) -> Pictures:
    """124,800 handwritten letters, a capital and its small letter in one class, (124800, 1, 28, 28)
    (Cohen et al. 2017, arXiv:1702.05373).
    """
    data = _fetch(_letters, "emnist-letters", "560 MB", progress)
    upright = data.data.transpose(
        1, 2
    ).contiguous()  # the files hold every picture column by column
    # Number 0 is no letter.
    return Pictures(upright[:, None], data.targets.long() - 1, tuple(data.classes[1:]))


def load_svhn(progress: Progress) -> Pictures:
    """73,257 digits cut out of photographs of house numbers, (73257, 3, 32, 32) (Netzer et al.
    2011).
    """
    from torchvision.datasets import SVHN

    data = _fetch(
        lambda folder, download: SVHN(folder / "svhn", split="train", download=download),
        "svhn",
        "180 MB",
        progress,
    )
    return Pictures(
        torch.from_numpy(np.ascontiguousarray(data.data)),
        torch.from_numpy(data.labels),
        tuple("0123456789"),
    )


def load_cifar10(progress: Progress) -> Pictures:
    """50,000 colour pictures of ten kinds of things, (50000, 3, 32, 32) (Krizhevsky 2009)."""
    from torchvision.datasets import CIFAR10

    data = _fetch(
        lambda folder, download: CIFAR10(folder, train=True, download=download),
        "cifar10",
        "170 MB",
        progress,
    )
    images = torch.from_numpy(np.ascontiguousarray(data.data.transpose(0, 3, 1, 2)))
    return Pictures(images, torch.tensor(data.targets, dtype=torch.int64), tuple(data.classes))


def load_celeba(progress: Progress) -> Pictures:
    """The first 50,000 of CelebA's 202,599 photographs of famous faces, by whether they smile,
    (50000, 3, 64, 64) (Liu et al. 2015, arXiv:1411.7766). Their authors allow non-commercial
    research only.

    Cropped and shrunk as in PyTorch's DCGAN tutorial. All of them would take 2.5 GB of memory;
    these take 0.6 GB.
    """
    images, labels = _fetch(
        partial(_faces, progress),
        "celeba",
        f"1.4 GB; the first {MOST_FACES:,} pictures are kept",
        progress,
    )
    return Pictures(torch.from_numpy(images), torch.from_numpy(labels), ("not smiling", "smiling"))


def _fetch(get: Get, name: str, size: str, progress: Progress) -> Any:
    """What `get` gives, from the cache or the internet; `BadInput` says why it cannot be had."""
    folder = cache_folder()
    progress(0.0, f"Looking for {name}")
    data = _cached(get, folder)
    if data is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f".{name}.lock").touch()
        except OSError as error:
            raise BadInput(
                f"The data set {name} could not be kept in {str(folder)!r} ({error.strerror}):"
                " point the environment variable GANAPP_DATA to a folder that can be written, or"
                " choose digits, which ships with the app."
            ) from error
        try:
            with FileLock(folder / f".{name}.lock"):  # two runs may ask for it at once
                data = _cached(get, folder)
                if data is None:
                    with _reported(progress, f"Downloading {name} ({size})"):
                        data = get(folder, True)
        except (*UNREADABLE, HTTPException) as error:
            raise BadInput(
                f"The data set {name} could not be downloaded ({_brief(error)}): check the"
                " connection and start again, or choose digits, which ships with the app and needs"
                " no network."
            ) from error
    progress(1.0, f"Loaded {name}")
    return data


def _cached(get: Get, folder: Path) -> Any:
    """The data from the cache; None if they are not there, or not whole."""
    try:
        return get(folder, False)
    except UNREADABLE:
        return None


def _unpacked(kind: Any, folder: Path, download: bool) -> Any:
    """A data set of torchvision's that comes as MNIST does."""
    if download:
        # What was unpacked only in part is not looked at again by torchvision, which checks the
        # packed files alone.
        for file, _ in kind.resources:
            (folder / kind.__name__ / "raw" / file.removesuffix(".gz")).unlink(missing_ok=True)
    return kind(folder, train=True, download=download)


def _letters(folder: Path, download: bool) -> Any:
    """EMNIST's letters for training."""
    from torchvision.datasets import EMNIST
    from torchvision.datasets.utils import download_url

    if download:
        # torchvision would unpack all of EMNIST, 1.8 GB, of which the letters are 98 MB.
        raw = folder / "EMNIST" / "raw"
        download_url(EMNIST.url, raw, md5=EMNIST.md5)
        with zipfile.ZipFile(raw / EMNIST.url.rsplit("/", 1)[-1]) as archive:
            for name in (
                "emnist-letters-train-images-idx3-ubyte",
                "emnist-letters-train-labels-idx1-ubyte",
            ):
                with (
                    archive.open(f"gzip/{name}.gz") as packed,
                    gzip.open(packed) as content,
                    (raw / name).open("wb") as target,
                ):
                    shutil.copyfileobj(content, target)
    return EMNIST(folder, split="letters", train=True, download=False)


def _faces(progress: Progress, folder: Path, download: bool) -> tuple[np.ndarray, np.ndarray]:
    """CelebA's pictures, uint8 (N, 3, 64, 64), and for each 1 where the face smiles, else 0.

    torchvision's own loader is not used: it fetches from Google Drive, which often refuses, needs
    one more package for it, and unpacks 200,000 files. Its folder and checksums are, so files that
    it once fetched, or somebody put there, are taken as they are.
    """
    home = folder / "celeba"
    small = home / f"first-{MOST_FACES}-at-{FACE_SIDE}.npz"
    if download:
        from torchvision.datasets import CelebA

        checksums = {name: md5 for _, md5, name in CelebA.file_list}
        attributes, packed = (
            _from_mirrors(name, home, checksums[name])
            for name in ("list_attr_celeba.txt", "img_align_celeba.zip")
        )
        _shrink_faces(packed, attributes, small, progress)
    with np.load(small, allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


def _from_mirrors(name: str, home: Path, md5: str) -> Path:
    """The file `name` in the folder `home`, from the first mirror that gives it whole; else what
    the last one raised.
    """
    from torchvision.datasets.utils import download_url

    for mirror in CELEBA_MIRRORS:
        try:
            download_url(mirror + name, home, md5=md5)
            break
        except (*UNREADABLE, HTTPException):
            if mirror == CELEBA_MIRRORS[-1]:
                raise
    return home / name


def _shrink_faces(packed: Path, attributes: Path, small: Path, progress: Progress) -> None:
    """Writes `small`, so that the minute or two that JPEGs take are spent once: the first pictures'
    middle squares and smiles.

    The attributes are a count, a line of names, and for each picture a line of its file's name and
    1 or -1 for each attribute. The first 162,770 pictures are all for training.
    """
    with attributes.open(encoding="ascii") as lines:
        next(lines)
        column = 1 + next(lines).split().index("Smiling")
        rows = [line.split() for line in islice(lines, MOST_FACES)]
    images = np.empty((len(rows), 3, FACE_SIDE, FACE_SIDE), np.uint8)
    with zipfile.ZipFile(packed) as archive:
        for number, row in enumerate(rows):
            with Image.open(
                io.BytesIO(archive.read(f"img_align_celeba/{row[0]}")), formats=["JPEG"]
            ) as picture:
                width, top = picture.width, (picture.height - picture.width) / 2
                face = picture.convert("RGB").resize(
                    (FACE_SIDE, FACE_SIDE), Image.Resampling.BILINEAR, (0, top, width, top + width)
                )
            images[number] = np.asarray(face).transpose(2, 0, 1)
            progress((number + 1) / len(rows), f"Shrinking {len(rows):,} faces, this once")
    labels = np.array([row[column] == "1" for row in rows], np.int64)

    def write(path: Path) -> None:
        with path.open("wb") as target:
            np.savez(target, images=images, labels=labels)

    save_atomically(small, write)


def _brief(error: Exception) -> str:
    line = (str(error).strip() or type(error).__name__).splitlines()[-1]
    return re.sub(r"^(<urlopen error )?(\[Errno -?\d+\] )?(.*?)>?$", r"\3", line).strip(" .")[:120]


@contextmanager
def _reported(progress: Progress, what: str) -> Iterator[None]:
    """While it lasts, torchvision's own progress bar reports to `progress`, and a silent server is
    given up on.
    """
    from torchvision.datasets import utils as torchvision_utils

    class Bar(torchvision_utils.tqdm):  # type: ignore[misc] # torchvision has no annotations
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "desc": what, "disable": None})

        def update(self, n: float = 1) -> bool | None:
            self.arrived = getattr(self, "arrived", 0) + n
            progress(min(self.arrived / self.total, 1.0) if self.total else 0.0, what)
            result: bool | None = super().update(n)
            return result

    before, timeout = torchvision_utils.tqdm, socket.getdefaulttimeout()
    torchvision_utils.tqdm = Bar
    socket.setdefaulttimeout(SECONDS_WITHOUT_AN_ANSWER)
    try:
        yield
    finally:
        torchvision_utils.tqdm = before
        socket.setdefaulttimeout(timeout)
