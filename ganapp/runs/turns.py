"""Whose turn it is where more runs than slots are played: turns of a few seconds go round.

A new run has its first turn at once, so that everybody soon sees pictures of their own. A run that
nobody watches waits while another one wants to go on. Knows no processes; its registry guards it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

SECONDS_A_TURN = 5.0
SECONDS_AFTER_THE_FIRST_PICTURE = 1.0
"""How long a turn lasts at least while a new run waits: the first picture is of a generator that
has learned nothing, and the next ones show that it learns.
"""
LONGEST_WITHOUT_A_PICTURE = 20.0
"""Seconds after which a first turn ends though no picture came: its data may be a download."""


@dataclass
class Turn:
    """A turn that goes on: when it began, and whether the run has pictures to show yet."""

    since: float
    shown: bool


class Turns:
    """The runs that are played in turns. `watched` says of a run whether anybody looks at it, and
    `held` whether it has to wait whatever happens.
    """

    def __init__(
        self,
        seconds: float,
        watched: Callable[[str], bool],
        held: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds, self._watched, self._held, self._clock = seconds, watched, held, clock
        self._active: dict[str, Turn] = {}
        self._waiting: dict[str, bool] = {}
        """Those between two turns, longest first, and whether they have pictures to show."""

    def __len__(self) -> int:
        """How many runs take turns here."""
        return len(self._active) + len(self._waiting)

    @property
    def waiting(self) -> list[str]:
        """The runs between two turns, the one that has waited longest first."""
        return list(self._waiting)

    def begin(self, run_id: str) -> None:
        """A turn begins: the first one of a new run, or the next one."""
        self._active[run_id] = Turn(self._clock(), self._waiting.pop(run_id, False))

    def show(self, run_id: str) -> None:
        """The run has pictures: its first turn is counted from now on."""
        turn = self._active.get(run_id)
        if turn and not turn.shown:
            self._active[run_id] = Turn(self._clock(), True)

    def park(self, run_id: str) -> None:
        """A turn has ended, and the run waits for its next one."""
        self._waiting[run_id] = self._active.pop(run_id).shown

    def leave(self, run_id: str) -> None:
        """The run has ended."""
        self._active.pop(run_id, None)
        self._waiting.pop(run_id, None)

    def next(self) -> str | None:
        """The waiting run whose turn comes next: watched ones first."""
        free = [run_id for run_id in self._waiting if not self._held(run_id)]
        return next((run_id for run_id in free if self._watched(run_id)), free[0] if free else None)

    def is_over(self, run_id: str, newcomer: bool) -> bool:
        """Whether the run's turn has to end; `newcomer` says that a new run waits for a slot."""
        turn = self._active.get(run_id)
        if turn is None:
            return False
        if self._held(run_id):
            return True
        following, seconds = self.next(), self._clock() - turn.since
        if not turn.shown:
            return (newcomer or following is not None) and seconds > LONGEST_WITHOUT_A_PICTURE
        if newcomer:
            return seconds >= SECONDS_AFTER_THE_FIRST_PICTURE
        if following is None:
            return False
        mine, theirs = self._watched(run_id), self._watched(following)
        if mine != theirs:
            return theirs and seconds >= SECONDS_AFTER_THE_FIRST_PICTURE
        return seconds >= self.seconds
