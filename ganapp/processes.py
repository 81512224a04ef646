"""How processes that train are started, and what room they have."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

USUAL_MEMORY = 8e9
PRELOADED = ["ganapp.runs.worker", "torch._dynamo"]
"""torch imports the second one at the first optimizer, for over a second: here it is done before
anything waits for it.
"""


def memory() -> float:
    """Bytes that the processes of this machine, or of this container, may use together."""
    known = USUAL_MEMORY
    if hasattr(os, "sysconf"):  # not on Windows
        known = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit: "max"
        known = min(known, float(Path("/sys/fs/cgroup/memory.max").read_text(encoding="utf-8")))
    return known


def family(root: int) -> set[int]:
    """A process and all its descendants, where the system tells."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it has just ended
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def worker_context() -> Any:
    """A multiprocessing context: forked from a small server that has torch imported but never used,
    in a tenth of a second; or spawned.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # The server is a bare interpreter: it finds this package only if it is told where.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).resolve().parents[1]), *([before] if before else [])]
    )
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context
