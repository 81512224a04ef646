"""What a host wants to know of the app: `/status` as JSON, `/metrics` for Prometheus. Nothing of it
is about a person.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import ganapp
from ganapp.processes import family
from ganapp.runs import Registry, disk
from ganapp.runs.folder import home
from ganapp.ui.parts.questions import NEVER_KEEP

SECONDS_KEPT = 5.0
"""For which a reading is told again: sizes of many folders take a while."""


class Status:
    """Readings of one app."""

    def __init__(self, registry: Registry) -> None:
        self._registry, self._lock = registry, threading.Lock()
        self._began, self._read = time.time(), -SECONDS_KEPT
        self._known: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        """All figures: counts, bytes, seconds."""
        with self._lock:
            if time.monotonic() - self._read > SECONDS_KEPT:
                self._known = self._measure()
                self._read = time.monotonic()
            return self._known

    def _measure(self) -> dict[str, Any]:
        folder = home()
        return {
            "version": ganapp.__version__,
            "uptime_seconds": round(time.time() - self._began, 1),
            **self._registry.overview(),
            "runs_kept_on_disk": sum(1 for _ in folder.glob("*/run.json")),
            "disk_used_bytes": disk.used(folder),
            "disk_budget_bytes": round(self._registry.disk),
            "disk_free_bytes": shutil.disk_usage(folder).free,
            "memory_bytes": memory(os.getpid()),
        }


def memory(root: int) -> int:
    """Bytes of a process and all its descendants, shared pages counted once; 0 where the system
    does not tell.
    """
    return 1024 * sum(map(_kilobytes, family(root)))


def _kilobytes(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def as_metrics(figures: dict[str, Any]) -> str:
    """The figures in Prometheus's text format."""
    lines = [f'ganapp_info{{version="{figures["version"]}"}} 1']
    lines += [
        f"ganapp_{name} {value}" for name, value in figures.items() if not isinstance(value, str)
    ]
    return "\n".join(lines) + "\n"


def routes(registry: Registry) -> list[Route]:
    """`status` and `metrics`."""
    known = Status(registry)

    async def status(request: Request) -> Response:
        """All figures as JSON."""
        return JSONResponse(await run_in_threadpool(known.read), headers=NEVER_KEEP)

    async def metrics(request: Request) -> Response:
        """The same for Prometheus."""
        figures = await run_in_threadpool(known.read)
        text = as_metrics(figures)
        return PlainTextResponse(text, headers=NEVER_KEEP, media_type="text/plain; version=0.0.4")

    return [Route("/status", status), Route("/metrics", metrics)]
