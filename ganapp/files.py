"""Paths as people type them, and files that a reader never meets half of."""

from __future__ import annotations

import contextlib
import errno
import os
import re
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
    """Calls `write` with a path beside `target` and then puts that file in its place. `OSError` if
    that fails, whatever a library makes of it; then `target` stays as it was.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        write(draft)
        draft.replace(target)
    except Exception as error:
        # safetensors hides the system's error in the text of its own.
        found = re.search(r"os error (\d+)", str(error))
        if found is None or isinstance(error, OSError):
            raise
        number = int(found[1])
        raise OSError(number, os.strerror(number), str(target)) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def why_unwritable(error: OSError) -> str:
    """The beginning of a sentence on why nothing can be written where a run is kept; "" where the
    error is another one.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "The folder of the run can no longer be written to"
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
        return "The folder of the run is gone"
    return "The disk fails" if error.errno == errno.EIO else ""
