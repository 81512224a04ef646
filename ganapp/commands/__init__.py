"""The commands of `python -m ganapp`, one a file: its arguments and what it does.

What needs torch is imported inside the functions, so that --help and `presets` answer at once, and mistakes in the arguments too.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

from ganapp.commands import interpolate, presets, sample, train, translate


class Command(NamedTuple):
    """A sentence about a command, the function that adds its arguments, and the one that runs it and returns the exit code."""

    about: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS = {
    "presets": Command("List the presets that `train` can start from.", presets.add_arguments, presets.run),
    "train": Command("Train a preset into a folder that every other command and the app can open.", train.add_arguments, train.run),
    "sample": Command("Draw pictures from a checkpoint.", sample.add_arguments, sample.run),
    "interpolate": Command("Walk from one picture of a checkpoint to another.", interpolate.add_arguments, interpolate.run),
    "translate": Command("Translate a picture to a model's other domain, and back.", translate.add_arguments, translate.run),
}
