"""One run in one worker process: started, given turns and orders, and settled however it ends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from ganapp.runs.folder import PLAYED_ELSEWHERE, UNWRITABLE, RunFolder
from ganapp.runs.states import GOING

SECONDS_TO_SAVE = 30.0
Order = Literal["pause", "stop"]
Directive = Literal["close", "pause", "park", ""]
"""What a registry wants of a run that plays: to save itself as the app closes, to end, to let
another have a turn, or nothing.
"""
SECONDS_TO_HEAR: dict[Order, float] = {"stop": 0.7, "pause": 5.0}
"""How long a step may keep a worker from hearing an order before it is ended at its last saved
state.
"""


class Worker:
    """A process that waits for a run."""

    def __init__(self, context: Any) -> None:
        from ganapp.runs.worker import main

        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=main, args=(theirs,), name="ganapp-worker", daemon=True
        )
        self.process.start()
        theirs.close()

    def end(self) -> None:
        """Closes its pipe, which ends it."""
        self.pipe.close()
        self.process.join(timeout=5)


class Player:
    """One play of a run: in one worker, in one turn or many, from its start until the worker has
    ended. It is settled under the lock of its registry, unless the run was queued for its next play
    meanwhile.
    """

    def __init__(self, run: RunFolder, worker: Worker, slot: int) -> None:
        self.run, self.worker, self.slot = run, worker, slot
        self.ordered: Order | None = None
        self.ordered_at = 0.0
        self.why = ""
        self.superseded = False
        """Whether the run was queued again before the worker, which had said how it ends, did."""
        self.shown = False
        """Whether there are pictures to see."""
        self._parking: Literal["", "asked", "parked"] = ""
        self.exitcode: int | None = None
        self.failure = ""
        """What went wrong in the app itself."""
        self.begin()

    def begin(self) -> None:
        """Lets the worker begin."""
        from ganapp.runs.worker import PlayRequest

        with contextlib.suppress(OSError):
            self.worker.pipe.send(PlayRequest(self.run.path, self.slot))

    def order(self, order: Order) -> None:
        """Passes an order on, once; a stop that comes after a pause counts when the worker has
        ended.
        """
        if self.ordered is None:
            self.ordered_at = time.monotonic()
            self._send(order)
        self.ordered = "stop" if self.ordered == "stop" else order

    def going(self) -> bool:
        """Whether the run still plays, as far as its folder tells."""
        if self.superseded:
            return False
        try:
            return self.run.status()["state"] in GOING
        except (OSError, ValueError, KeyError):
            return True

    def play(self, should_end: Callable[[Player], Directive]) -> bool:
        """Returns when the worker has ended, however it did, or when a turn is over: False."""
        process, pipe = self.worker.process, self.worker.pipe
        heard = closing = False
        if self._parking == "parked" and not self.ordered:
            self._send("go")
        self._parking = ""
        while process.is_alive():
            if not closing:
                ready = wait([process.sentinel, pipe], timeout=0.1)
                if pipe in ready:
                    try:
                        said = pipe.recv()
                    except (EOFError, OSError):
                        process.join(timeout=5)
                        break
                    if said == "parked":
                        self._parking = "parked"
                        return False
                    self.shown |= said == "shown"
                    heard |= said == "heard"
            else:
                process.join(timeout=0.1)
            waited = time.monotonic() - self.ordered_at if self.ordered or closing else 0.0
            patience = (
                SECONDS_TO_SAVE if heard or closing else SECONDS_TO_HEAR[self.ordered or "pause"]
            )
            if waited > patience:
                # a step that takes longer than people wait for; the last saved state stays
                process.kill()
                process.join()
            end = should_end(self)
            if end == "close" and not closing:
                closing, self.ordered_at = True, time.monotonic()
                pipe.close()
            elif end == "pause":
                self.pause_unwatched()
            elif end == "park" and not self._parking and not self.ordered:
                self._parking = "asked"
                self._send("park")
        process.join()
        self.exitcode = process.exitcode
        return True

    def pause_unwatched(self) -> None:
        """Ends a run that nobody looks at."""
        self.why = "Nobody was watching while others waited. Press Resume to go on."
        self.order("pause")

    def _send(self, message: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.worker.pipe.send(message)

    def rescue(self) -> None:
        """Makes a checkpoint of the last saved state if the worker could not. Takes a while."""
        if self._cut_off():
            self.run.keep_last_model()

    def settle(self) -> None:
        """Says how the run ended if the worker could not, or if an order came too late for it."""
        if self._cut_off():
            if self.failure:
                self.run.enter("failed", self.failure)
            elif self.exitcode == UNWRITABLE:
                self.run.enter(
                    "paused",
                    "For a while nothing could be written where this run is kept. Press Resume to"
                    " go on from its last saved state.",
                )
            elif self.ordered:
                why = self.why or "It ended at its last saved state."
                self.run.enter("paused" if self.ordered == "pause" else "stopped", why)
            else:
                interrupt(self.run, f"The process that played this run was ended {self._how()}.")
        elif self.exitcode == PLAYED_ELSEWHERE:
            if self.run.status()["state"] == "queued":
                interrupt(self.run, "Another app on this machine was still playing this run.")
        elif not self.superseded:
            if self.ordered == "stop":
                self.run.enter("stopped")
            elif self.why and self.run.status()["state"] == "paused":
                self.run.update_status(message=self.why)

    def fail(self, message: str) -> None:
        """Ends the worker after an error of the app's own, which `settle` tells."""
        self.worker.process.kill()
        self.worker.process.join()
        self.failure = message

    def _cut_off(self) -> bool:
        return self.exitcode != PLAYED_ELSEWHERE and self.going()

    def _how(self) -> str:
        if self.exitcode and self.exitcode < 0:
            return f"by signal {-self.exitcode}"
        return f"with exit code {self.exitcode}"


def interrupt(run: RunFolder, why: str) -> None:
    """Sets the state of a run that was cut off, says `why` and how to go on."""
    advice = (
        "Press Resume to go on from its last saved state."
        if run.has_state()
        else "It had not begun yet: press Resume to start it."
    )
    run.enter("interrupted", f"{why} {advice}")
