"""Makes recordings of finished runs of the command line: `python -m ganapp train PRESET --out
FOLDER`, and then `python -m ganapp.ui.train.make_recording FOLDER ...`; with `--bundle` their
models come along and ship with the app.

Of the scores it takes means over stretches of rounds, since no plot shows more, and the pictures of
the epochs as a WebP animation, a fifth of the size.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np

from ganapp import pictures
from ganapp.checkpoints import CONFIG, WEIGHTS
from ganapp.runs.frames import FRAME_TIMES
from ganapp.ui.train.recordings import COMMAND, FILM, FOLDER, SCORES, SMALL_FILM

CHECKPOINTS = Path(__file__).resolve().parents[3] / "checkpoints"
OF_A_MODEL = ("README.md", WEIGHTS, "samples.png")
MOST_ROWS = 2000
QUALITY = 85


def main(folder: Path, bundle: bool = False) -> None:
    """Writes the recording, named as `folder` is: among those without weights, or with its model
    among the bundled ones.
    """
    out = (CHECKPOINTS if bundle else FOLDER) / folder.resolve().name
    out.mkdir(parents=True, exist_ok=True)
    for name in (CONFIG, COMMAND, *(OF_A_MODEL if bundle else ())):
        shutil.copyfile(folder / name, out / name)
    frames = pictures.frames_of(folder / FILM, *FRAME_TIMES)
    (out / SMALL_FILM).write_bytes(pictures.animation(frames, "WEBP", *FRAME_TIMES, QUALITY))
    (out / FILM).unlink(missing_ok=True)
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
    folders = [Path(name) for name in sys.argv[1:] if name != "--bundle"]
    if not folders or not all((folder / COMMAND).is_file() for folder in folders):
        raise SystemExit(
            "Name folders of finished runs: python -m ganapp train PRESET --out FOLDER"
        )
    for folder in folders:
        main(folder, "--bundle" in sys.argv)
