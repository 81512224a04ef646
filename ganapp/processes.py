"""How processes that train are started, and what room they have."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ganapp import zero_gpu

USUAL_MEMORY = 8e9
PRELOADED = ["ganapp.runs.worker"]


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
    with _environment(_of_workers()):
        forkserver.ensure_running()
    return context


def _of_workers() -> dict[str, str]:
    """What is different in the environment of workers."""
    # The server is a bare interpreter: it finds this package only if it is told where.
    places = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    changes = {"PYTHONPATH": os.pathsep.join(filter(None, places))}
    if zero_gpu.ACTIVE:  # GPUs are lent to calls of this process alone
        changes |= {zero_gpu.VARIABLE: "", "CUDA_VISIBLE_DEVICES": ""}
    return changes


@contextlib.contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    """Changes variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
