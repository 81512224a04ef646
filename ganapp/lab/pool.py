"""Every visitor's own experiment, in a few worker processes, each of which starts with the first
experiment that is its own.

Each worker answers in the order in which it was asked. The more pages wait, the shorter each plays
before it is shown: thirty visitors get fewer frames each, and none waits for long. Nobody's page
asks again before it has been answered, so nothing piles up.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any

from ganapp.config.lab import LabConfig
from ganapp.processes import worker_context

SECONDS_OF_PLAY = 0.07
"""How long an experiment plays between two frames while nobody else waits: with its frame, about
ten a second.
"""
SECONDS_A_PICTURE, SECONDS_A_FRAME = 0.2, 0.008
"""How long a page waits for its next picture once some play, and what computing one takes of it
where the machine is busy.
"""
LEAST_SECONDS = 0.004
ENOUGH_WORKERS = 4
"""For a class; each takes as much memory as torch does."""
PATIENCE = 60.0
log = logging.getLogger(__name__)


class LabPool:
    """The workers; `count` of them, by default as many as there are processors, or enough."""

    def __init__(self, count: int | None = None) -> None:
        usual = min(ENOUGH_WORKERS, os.cpu_count() or 1)
        self._workers = [_Worker() for _ in range(count or usual)]

    def ask(
        self, lab: str, config: LabConfig, act: str, layers: frozenset[str], fresh: bool
    ) -> dict[str, Any]:
        """The frame of the experiment called `lab` after `act`, as the worker's
        `Experiments.answer` has it.
        """
        return self._workers[zlib.crc32(lab.encode()) % len(self._workers)].ask(
            lab, config, act, layers, fresh
        )

    def close(self) -> None:
        """Ends the workers."""
        for worker in self._workers:
            worker.close()


def share_of(waiting: int) -> float:
    """Seconds that an experiment may play while `waiting` pages, its own among them, want to be
    answered.
    """
    own = SECONDS_A_PICTURE / max(1, waiting) - SECONDS_A_FRAME
    return min(SECONDS_OF_PLAY, max(LEAST_SECONDS, own))


class _Worker:
    def __init__(self) -> None:
        self._line = ThreadPoolExecutor(1, thread_name_prefix="ganapp-lab")
        self._process: Any = None
        self._pipe: Any = None
        self._waiting, self._count = 0, threading.Lock()

    def ask(self, *asked: Any) -> dict[str, Any]:
        with self._count:
            self._waiting += 1
        try:
            answer = self._line.submit(self._exchange, *asked)
            return answer.result(timeout=PATIENCE)
        except Late:
            answer.cancel()  # nobody waits for it any more
            return {
                "problem": (
                    "The lab is too busy to answer: try again in a minute, or play on fewer pages"
                    " at once."
                )
            }
        finally:
            with self._count:
                self._waiting -= 1

    def _exchange(
        self, lab: str, config: LabConfig, act: str, layers: frozenset[str], fresh: bool
    ) -> dict[str, Any]:
        from ganapp.lab.worker import LabRequest, main

        if self._process is None or not self._process.is_alive():
            context = worker_context()
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=main, args=(theirs,), name="ganapp-lab", daemon=True
            )
            self._process.start()
            theirs.close()
        try:
            self._pipe.send(LabRequest(lab, config, act, layers, share_of(self._waiting), fresh))
            result: dict[str, Any] = self._pipe.recv()
            return result
        except (EOFError, OSError):
            log.warning(
                "A process of the 2-D lab has ended; the next one begins its experiments anew."
            )
            self._process = None
            return {
                "problem": (
                    "The process of this experiment has ended. Press Reset to begin it again."
                )
            }

    def close(self) -> None:
        self._line.shutdown(wait=False, cancel_futures=True)
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            with contextlib.suppress(AssertionError):
                self._process.join(timeout=5)
