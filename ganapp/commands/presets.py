"""`presets`: what one can train."""

from __future__ import annotations

import argparse

from ganapp.config.presets import PRESETS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: it lists them all."""


def run(arguments: argparse.Namespace) -> int:
    """Prints each preset's name, title and note."""
    width = max(map(len, PRESETS))
    for name, preset in PRESETS.items():
        print(f"{name:{width}}  {preset.title}")
        if preset.note:
            print(f"{'':{width}}  {preset.note}")
    return 0
