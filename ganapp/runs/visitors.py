"""Whose GPU time runs take on ZeroGPU: each visitor has some minutes a day, which Hugging Face
counts. What is known of it here is what this app used, and what a refusal said.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from typing import Any

from ganapp import zero_gpu

MOST_VISITORS = 1000
SECONDS_A_DAY = 86400.0


class Visitor:
    """A visitor who lends a run GPU time. `context` holds the event that proves who it is."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.context = contextvars.Context()
        self.left: float | None = None
        self.again = ""
        self._clock = clock
        self._day, self._used = self._today(), 0.0

    def spend(self, seconds: float) -> None:
        """A call took so long."""
        self._begin_day()
        self._used += seconds
        if self.left is not None:
            self.left = max(0.0, self.left - seconds)

    def account(self) -> dict[str, Any]:
        """What a page can say: seconds `used` today in this Space, those `left` as far as a refusal
        said, and after what time there are more `again`.
        """
        self._begin_day()
        return {"used": self._used, "left": self.left, "again": self.again}

    def _today(self) -> int:
        return int(self._clock() // SECONDS_A_DAY)

    def _begin_day(self) -> None:
        if self._day != self._today():
            self._day, self._used, self.left, self.again = self._today(), 0.0, None, ""


class Visitors:
    """The visitors of an app by their hashed keys, the newest of them."""

    def __init__(self) -> None:
        self._known: dict[str, Visitor] = {}

    def of(self, owner: str) -> Visitor:
        """The visitor with this key."""
        visitor = self._known.pop(owner, None) or Visitor()
        self._known[owner] = visitor
        while len(self._known) > MOST_VISITORS:
            del self._known[next(iter(self._known))]
        return visitor

    def lend(self, owner: str) -> None:
        """The visitor asks for something just now, and so proves who it is for a while. Nothing is
        kept of that where no GPU is lent.
        """
        if zero_gpu.ACTIVE:
            self.of(owner).context = contextvars.copy_context()
