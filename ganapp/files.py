"""Paths as people type them, and files that a reader never meets half of."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ganapp.errors import BadInput


def expanded(text: str) -> Path:
    """The path that was typed, its ~ written out; `BadInput` if that is nobody's."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise BadInput(
            f"{text[:60]!r} starts with the name of a user that this machine does not have: write"
            " the folder out."
        ) from None


def save_atomically(target: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a path beside `target` and then puts that file in its place."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        write(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
