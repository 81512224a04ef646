"""Room for runs on the disk. They may take so much of it together; when they take more, the oldest
that nobody keeps go first.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Collection
from pathlib import Path

from ganapp.files import save_atomically

KEPT, REMOVED = "kept", "removed.json"
"""The mark of a run that its owner keeps, and the list of those that had to go."""
MOST_REMEMBERED = 1000


def used(home: Path) -> int:
    """Bytes that all runs take."""
    return sum(size(path.parent) for path in home.glob("*/run.json"))


def size(folder: Path) -> int:
    """Bytes of the files in a folder that others may be writing to."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def keep(run: Path, wanted: bool) -> None:
    """Marks a run as one to keep, or not."""
    if wanted:
        (run / KEPT).touch()
    else:
        (run / KEPT).unlink(missing_ok=True)


def is_kept(run: Path) -> bool:
    """Whether the owner keeps the run."""
    return (run / KEPT).exists()


def make_room(home: Path, most: float, going: Collection[str]) -> list[str]:
    """Removes the oldest runs that nobody keeps, and that are not `going` on, until all together
    take at most so many bytes; the ids of those that went.
    """
    runs = []
    for path in home.glob("*/run.json"):
        with contextlib.suppress(OSError):
            runs.append((_touched(path.parent), path.parent, size(path.parent)))
    total, gone = sum(size for *_, size in runs), []
    for _, folder, taken in sorted(runs):
        if total <= most:
            break
        if folder.name not in going and not is_kept(folder):
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder.name)
            total -= taken
    if gone:
        _remember(home, gone)
    return gone


def was_removed(home: Path, run_id: str) -> bool:
    """Whether the run had to make room."""
    return run_id in _removed(home)


def _touched(run: Path) -> float:
    status = run / "status.json"
    return (status if status.exists() else run / "run.json").stat().st_mtime


def _removed(home: Path) -> list[str]:
    try:
        known = json.loads((home / REMOVED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return known if isinstance(known, list) else []


def _remember(home: Path, gone: list[str]) -> None:
    known = [*_removed(home), *gone][-MOST_REMEMBERED:]
    with contextlib.suppress(OSError):  # the sentence is less exact then
        save_atomically(
            home / REMOVED, lambda path: path.write_text(json.dumps(known), encoding="utf-8")
        )
