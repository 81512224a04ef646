"""MNIST, Fashion-MNIST and the faces, as they ship: whole, in two parts that share nothing, small
files, and attributes that can be seen.
"""

from __future__ import annotations

import functools
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from ganapp.config.settings import DatasetName
from ganapp.datasets import DATASETS, HELD_OUT, Pictures, faces, sheets
from ganapp.datasets.faces import KINDS, YES_OR_NO
from ganapp.datasets.make_mnist import MD5

FOLDER = Path(sheets.__file__).parent


@functools.cache
def part(name: DatasetName, held_out: bool = False) -> Pictures:
    return (HELD_OUT if held_out else DATASETS)[name](lambda share, what: None)


def test_mnist_is_whole_and_in_its_official_order() -> None:
    """With their headers the pictures and labels are the four official files again."""
    for stem, held_out in (("train", False), ("t10k", True)):
        images, labels, *_ = part("mnist", held_out)
        count = len(labels)
        packed = struct.pack(">4i", 2051, count, 28, 28) + images.numpy().tobytes()
        assert hashlib.md5(packed).hexdigest() == MD5[f"{stem}-images-idx3-ubyte"]
        packed = struct.pack(">2i", 2049, count) + labels.byte().numpy().tobytes()
        assert hashlib.md5(packed).hexdigest() == MD5[f"{stem}-labels-idx1-ubyte"]


def test_fashion_has_as_many_of_each_class() -> None:
    assert torch.bincount(part("fashion-mnist").labels).tolist() == [6000] * 10
    assert torch.bincount(part("fashion-mnist", True).labels).tolist() == [1000] * 10
    means = part("fashion-mnist").images.reshape(10, 6000, -1).float().mean((1, 2))
    assert means[5] < means[0] < means[2]  # little of a sandal, much of a pullover


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "faces"])
def test_what_is_held_out_is_not_learned_from(name: DatasetName) -> None:
    learned, kept = (
        {image.tobytes() for image in part(name, held_out).images.numpy()}
        for held_out in (False, True)
    )
    shared = len(learned & kept)
    assert shared == (10 if name == "fashion-mnist" else 0)  # which has ten twins
    assert {image.tobytes() for image in part("digits").images.numpy()}.isdisjoint(
        {image.tobytes() for image in part("mnist", True).images.numpy()}
    )


def test_every_file_can_be_pushed_to_a_space() -> None:
    shipped = (FOLDER.parent, FOLDER.parents[1] / "checkpoints")
    files = [path for folder in shipped for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20 and max(path.stat().st_size for path in files) < 10_000_000


def test_attributes_of_faces_are_independent_and_can_be_seen() -> None:
    for which in ("train", "test"):
        held = {name: faces.has(name, which) for name in YES_OR_NO}
        table = np.corrcoef(np.stack(list(held.values())).astype(float))
        # The bald have no hair colour, so that one depends on the hair.
        kinds = [attribute.kind.replace("hair colour", "hair") for attribute in YES_OR_NO.values()]
        others = np.array([[a != b for a in kinds] for b in kinds])
        assert np.abs(table[others]).max() < 0.1
    images = part("faces").images.float()
    for attribute, (row, column) in {"beard": (50, 34), "long hair": (45, 8)}.items():
        having = torch.from_numpy(faces.has(attribute))
        here = images[:, :, row, column]
        assert (here[having].mean(0) - here[~having].mean(0)).abs().max() > 20, attribute


def test_kinds_are_numbered_as_they_are_named() -> None:
    found = part("faces")
    assert found.class_names == KINDS["hair"] and int(found.labels.max()) == 6
    glasses = part("faces-glasses")
    assert glasses.class_names == ("no glasses", "glasses")
    lens = glasses.images[:, 2].float() - glasses.images[:, 0].float()  # blue frames
    halves = lens[:, 22:40, 24:52].clamp(min=60).mean((1, 2)).chunk(2)
    assert halves[1].median() > halves[0].median()


@pytest.mark.parametrize("shape", [(7, 5, 5), (153, 5, 5, 3), (100, 4, 4)])
def test_sheets_give_back_every_pixel(shape: tuple[int, ...], tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    files = sheets.write(images, tmp_path, "part", 2)
    assert len(files) == -(-len(images) // 100)
    found = sheets.read(tmp_path, "part", len(images), shape[1])
    expected = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    assert np.array_equal(found.numpy(), expected)
