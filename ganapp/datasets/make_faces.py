"""Makes the sheets of procedural faces.

In a folder of its own:

npm install @dicebear/core@9.2.4 @dicebear/micah@9.2.4 @resvg/resvg-js@2.6.2
cp .../ganapp/datasets/make_faces.mjs . && node make_faces.mjs
python -m ganapp.datasets.make_faces
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ganapp.datasets import sheets
from ganapp.datasets.faces import ATTRIBUTES, FACES, HELD_OUT, KINDS, SIDE

COUNT, ROWS = 12_000, 40


def main() -> None:
    """Packs faces that all look different, the last `HELD_OUT` as the part that nothing learns
    from.
    """
    drawn = np.fromfile("faces.rgb", np.uint8).reshape(-1, SIDE, SIDE, 3)
    known = json.loads(Path("faces.json").read_text(encoding="utf-8"))
    chosen = list({face.tobytes(): place for place, face in enumerate(drawn)}.values())[:COUNT]
    images, people = drawn[chosen], [known[place] for place in chosen]
    for part, places in (("train", slice(-HELD_OUT)), ("test", slice(-HELD_OUT, None))):
        for file in sheets.write(images[places], FACES, part, ROWS):
            print(f"Wrote {file.name}: {file.stat().st_size / 1e6:.2f} MB.")
    numbers: dict[str, Any] = {
        name: np.array([kinds.index(person[name]) for person in people], np.uint8)
        for name, kinds in KINDS.items()
    }
    np.savez_compressed(FACES / ATTRIBUTES, **numbers)


if __name__ == "__main__":
    if not Path("faces.rgb").is_file():
        raise SystemExit("First draw the faces: see the first lines of make_faces.py.")
    main()
