"""One measurement at a time for all visitors, in the order in which they were asked for: thirty of
them then take no more of the machine than one. Whoever asks for what another visitor waits for
already joins it. Knows no Gradio.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

from ganapp.errors import BadInput
from ganapp.ui.parts.limits import MOST_JOBS, check

Work = Callable[[Callable[[float, str], None]], Any]
"""Takes a function that it tells (share done in [0, 1], what is being done) again and again, and
returns what was wanted.
"""


class Stopped(Exception):
    """Nobody waits for this any more."""


class Job:
    """Work that somebody waits for: how far it is, and in the end its result or what went wrong."""

    def __init__(self, key: Hashable, work: Work) -> None:
        self.key, self.share, self.what, self.watchers = key, 0.0, "", 0
        self.address = ""
        """Whence it was asked for first."""
        self.ended = threading.Event()
        self._work = work
        self._result: Any = None
        self._error: Exception | None = None

    def result(self) -> Any:
        """What the work returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result

    def tell(self, share: float, what: str) -> None:
        """How far the work is. Raises `Stopped` where nobody waits for it."""
        if not self.watchers:
            raise Stopped
        self.share, self.what = share, what

    def play(self) -> None:
        """Does the work."""
        try:
            self.tell(0.0, "")
            self._result = self._work(self.tell)
        except Exception as error:
            self._error = error if isinstance(error, BadInput | Stopped) else _unforeseen(error)
        self.ended.set()


class JobQueue:
    """Jobs that wait for the one thread which plays them."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def join(self, key: Hashable, work: Work, address: str = "") -> Job:
        """The job `key`, begun with `work` unless somebody waits for it already. Whoever joins has
        to `leave`. `BadInput` where too many jobs come from the `address`.
        """
        with self._changed:
            job = next((job for job in self._jobs if job.key == key and job.watchers), None)
            if job is None:
                waiting = [job for job in self._jobs if job.watchers and address]
                check(sum(job.address == address for job in waiting), MOST_JOBS, "measurements")
                job = Job(key, work)
                job.address = address
                self._jobs.append(job)
            job.watchers += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._play, name="measuring", daemon=True)
                self._thread.start()
            self._changed.notify()
        return job

    def leave(self, job: Job) -> None:
        """One visitor fewer waits for the job; without any it stops, or never begins."""
        with self._changed:
            job.watchers -= 1

    def ahead(self, job: Job) -> int:
        """How many jobs are played before this one."""
        with self._changed:
            return (
                sum(1 for other in self._jobs[: self._jobs.index(job)] if other.watchers)
                if job in self._jobs
                else 0
            )

    def _play(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs)
                job = self._jobs[0]
            job.play()
            with self._changed:
                self._jobs.remove(job)


def _unforeseen(error: Exception) -> BadInput:
    said = BadInput(
        f"The measurement broke down ({type(error).__name__}): try fewer pictures, or another"
        " model."
    )
    said.__cause__ = error
    return said
