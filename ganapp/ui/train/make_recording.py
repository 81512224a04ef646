"""Makes recordings of finished runs of the command line: `python -m ganapp train PRESET --out
FOLDER`, and then `python -m ganapp.ui.train.make_recording FOLDER ...`.

It takes everything but the weights: of the scores means over stretches of rounds, since no plot
shows more, and the pictures of the epochs as a WebP animation, a fifth of the size.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from ganapp import pictures
from ganapp.checkpoints import CONFIG
from ganapp.ui.train.recordings import COMMAND, FILM, FOLDER, SCORES, SMALL_FILM

MOST_ROWS = 2000
QUALITY = 85


def main(folder: Path) -> None:
    """Writes FOLDER/NAME, named as `folder` is."""
    out = FOLDER / folder.resolve().name
    out.mkdir(parents=True, exist_ok=True)
    for name in (CONFIG, COMMAND):
        shutil.copyfile(folder / name, out / name)
    with Image.open(folder / FILM) as film:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
    (out / SMALL_FILM).write_bytes(pictures.animation(frames, "WEBP", 0.15, 2.0, QUALITY))
    with (folder / SCORES).open(encoding="utf-8") as file:
        head = file.readline()
        rows = np.loadtxt(file, delimiter=",", ndmin=2)
    formats = ["%d", "%.5f", *["%.5g"] * (rows.shape[1] - 2)]
    np.savetxt(
        out / SCORES, thinned(rows), formats, delimiter=",", header=head.strip(), comments=""
    )
    print(f"Wrote {out.name}: {sum(path.stat().st_size for path in out.iterdir()) / 1e6:.2f} MB.")


def thinned(rows: np.ndarray) -> np.ndarray:
    """At most `MOST_ROWS` rows (step, epoch, scores): the last step and epoch of each stretch, and
    the means of its scores.
    """
    parts = np.array_split(rows, min(len(rows), MOST_ROWS))
    return np.array([[*part[-1, :2], *part[:, 2:].mean(0)] for part in parts])


if __name__ == "__main__":
    if len(sys.argv) < 2 or not all((Path(name) / COMMAND).is_file() for name in sys.argv[1:]):
        raise SystemExit(
            "Name folders of finished runs: python -m ganapp train PRESET --out FOLDER"
        )
    for name in sys.argv[1:]:
        main(Path(name))
