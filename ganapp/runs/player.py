"""One run in one worker process: started, given orders, and settled however it ends."""

from __future__ import annotations

import contextlib
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from ganapp.runs.folder import PLAYED_ELSEWHERE, PLAYING, RunFolder

SECONDS_TO_SAVE = 30.0
Order = Literal["pause", "stop"]
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
    """One run in one worker."""

    def __init__(self, run: RunFolder, worker: Worker, slot: int) -> None:
        self.run, self.worker, self.slot = run, worker, slot
        self.ordered: Order | None = None
        self.ordered_at = 0.0
        self.why = ""
        from ganapp.runs.worker import PlayRequest

        with contextlib.suppress(OSError):
            worker.pipe.send(PlayRequest(run.path, slot))

    def order(self, order: Order) -> None:
        """Passes an order on, once."""
        if self.ordered is None:
            self.ordered, self.ordered_at = order, time.monotonic()
            with contextlib.suppress(OSError, ValueError):
                self.worker.pipe.send(order)

    def going(self) -> bool:
        """Whether the run still plays, as far as its folder tells."""
        try:
            return self.run.status()["state"] in (*PLAYING, "queued")
        except (OSError, ValueError, KeyError):
            return True

    def play(self, should_end: Any) -> None:
        """Returns when the worker has ended, however it did."""
        process, pipe = self.worker.process, self.worker.pipe
        heard = closing = False
        while process.is_alive():
            if not closing:
                ready = wait([process.sentinel, pipe], timeout=0.1)
                if pipe in ready:
                    try:
                        heard = pipe.recv() == "heard"
                    except (EOFError, OSError):
                        process.join(timeout=5)
                        break
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
            end = should_end(self.run.run_id)
            if end == "close" and not closing:
                closing, self.ordered_at = True, time.monotonic()
                pipe.close()
            elif end == "pause":
                self.why = "Nobody was watching while others waited. Press Resume to go on."
                self.order("pause")
        process.join()
        self._settle(process.exitcode)

    def _settle(self, exitcode: int | None) -> None:
        """Sets the state of a run whose worker could not do so itself."""
        if exitcode == PLAYED_ELSEWHERE:
            return
        state = self.run.status()["state"]
        if state not in (*PLAYING, "queued"):
            if self.why and state == "paused":
                self.run.update_status(message=self.why)
            return
        if self.ordered:
            ending = "paused" if self.ordered == "pause" else "stopped"
            self.run.update_status(
                state=ending, message=self.why or "It ended at its last saved state."
            )
            self.run.keep_last_model()
        else:
            how = (
                f"by signal {-exitcode}"
                if exitcode and exitcode < 0
                else f"with exit code {exitcode}"
            )
            mark_interrupted(self.run, f"The process that played this run was ended {how}.")


def mark_interrupted(run: RunFolder, why: str) -> None:
    """Sets the state of a run that was cut off, says `why` and how to go on, and keeps its last
    model.
    """
    advice = (
        "Press Resume to go on from its last saved state."
        if run.has_state()
        else "It had not begun yet: press Resume to start it."
    )
    run.update_status(state="interrupted", message=f"{why} {advice}")
    run.keep_last_model()
