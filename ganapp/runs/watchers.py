"""Which pages look at which runs. Its registry guards it."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST_WATCHERS = 1000
SECONDS_OF_SILENCE = 600.0
"""After which a page is gone, though it never said so."""
SECONDS_OF_ATTENTION = 45.0
"""For which a run counts as watched after a page or a program asked about it. A page out of sight
asks every 20 seconds.
"""


class Watchers:
    """The pages that look at runs, and when each run was last seen by anyone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pages: dict[str, tuple[str, float]] = {}
        self._last_seen: dict[str, float] = {}

    def watch(self, page: str, run_id: str) -> None:
        """The page looks at the run."""
        self._pages.pop(page, None)
        self._pages[page] = (run_id, self._clock())
        while len(self._pages) > MOST_WATCHERS:  # the one longest unheard of
            del self._pages[next(iter(self._pages))]
        self.touch(run_id)

    def unwatch(self, page: str) -> None:
        """The page is gone."""
        run_id, _ = self._pages.pop(page, ("", 0.0))
        if run_id:
            self.touch(run_id)

    def touch(self, run_id: str) -> None:
        """Somebody asked about the run."""
        self._last_seen[run_id] = self._clock()

    def forget(self, run_id: str) -> None:
        """The run has ended: nobody needs to know when it was seen."""
        self._last_seen.pop(run_id, None)

    def count(self, run_id: str) -> int:
        """How many pages look at the run."""
        return sum(watched == run_id for watched, _ in self._pages.values())

    @property
    def pages(self) -> int:
        """How many pages look at runs."""
        return len(self._pages)

    def is_watched(self, run_id: str) -> bool:
        """Whether somebody looked at the run just now."""
        return self._age(run_id) < SECONDS_OF_ATTENTION

    def is_alone(self, run_id: str, seconds: float) -> bool:
        """Whether no page is known that looks at the run, and nobody did for so many seconds."""
        dead = self._clock() - SECONDS_OF_SILENCE
        self._pages = {page: seen for page, seen in self._pages.items() if seen[1] > dead}
        return self._age(run_id) > seconds and not self.count(run_id)

    def _age(self, run_id: str) -> float:
        return self._clock() - self._last_seen.get(run_id, -float("inf"))
