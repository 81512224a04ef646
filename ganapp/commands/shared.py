"""What several commands share: arguments, files, opening and drawing, and what a terminal is
told.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganapp.config.settings import LARGEST_SEED
from ganapp.errors import BadInput
from ganapp.files import expanded

if TYPE_CHECKING:
    import numpy as np

    from ganapp.checkpoints import TrainedModel

CHUNK = 250
CHECKPOINT = (
    "a checkpoint's folder, the name of a bundled one, or a repository of the Hugging Face Hub"
    " (owner/name)"
)
LABEL = "the class to draw, by its name or number"
"""What --help says of the arguments that several commands take."""


def whole(low: int, high: int) -> Callable[[str], int]:
    """An argument's type: a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(
                f"{text[:60]!r} is not a whole number from {low} to {high}"
            )
        return int(text)

    return read


SEED = whole(0, LARGEST_SEED)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """A preset, and the settings to change in it, as FIELD=VALUE in `pairs`."""
    parser.add_argument(
        "preset", metavar="PRESET", help="a name that `presets` lists, such as digits"
    )
    parser.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        nargs="+",
        action="extend",
        default=[],
        dest="pairs",
        help="settings to change, as in --set epochs=10 loss=minimax",
    )


def say(sentence: str, code: int) -> int:
    """Tells the terminal a sentence; the exit code that goes with it."""
    sys.stderr.write(f"{sentence}\n")  # at once, for several processes may speak
    return code


def progress_bar(**settings: Any) -> Any:
    """A progress bar on stderr where that is a terminal, else nothing."""
    from tqdm import tqdm

    return tqdm(file=sys.stderr, disable=not sys.stderr.isatty(), dynamic_ncols=True, **settings)


def target(text: str, endings: Sequence[str], option: str = "--out") -> Path:
    """The file to write, once it is sure that it can be written."""
    out = expanded(text)
    if out.suffix.lower() not in endings or not out.stem:
        raise BadInput(
            f"{option} is {text[:60]!r}, but its name must end in {' or '.join(endings)}, which"
            " says what kind of file to write."
        )
    if out.is_dir():
        raise BadInput(f"{option} is {text[:60]!r}, but that is a folder: name a file.")
    check_writable(out, option)
    return out


def check_writable(file: Path, option: str = "--out") -> None:
    """Makes the file's folder if need be; `BadInput` unless a file can be made there."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent):
            pass
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadInput(
            f"Nothing can be written to {str(file.parent)[:200]!r} ({reason}): choose another"
            f" folder with {option}."
        ) from error


def opened(name: str) -> TrainedModel:
    """The checkpoint of that name, on the best device."""
    from ganapp import checkpoints
    from ganapp.devices import best_device

    return checkpoints.open_model(name, best_device())


def drawn(model: TrainedModel, noise: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The pictures, uint8 (N, H, W, C), drawn in chunks with a progress bar."""
    import numpy as np

    chunks = []
    with progress_bar(total=len(noise), unit=" pictures") as bar:
        for start in range(0, len(noise), CHUNK):
            chunks.append(model.draw(noise[start : start + CHUNK], labels[start : start + CHUNK]))
            bar.update(len(chunks[-1]))
    return np.concatenate(chunks)
