"""One run on ZeroGPU: played in calls on the time that its visitor has for the day, and in a worker
of this machine once that is used up.

A run's folder is all that a call needs and all that it leaves, as after a pause: the next one goes
on from the saved state, bit for bit as if nothing had happened.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ganapp.runs.folder import RunFolder
from ganapp.runs.player import SECONDS_TO_SAVE, Directive, Player, Worker
from ganapp.runs.session import ENDINGS, Session, reports_failures
from ganapp.runs.states import GOING
from ganapp.runs.visitors import Visitor
from ganapp.zero_gpu import Refusal, gpu_call, refusal_of

SECONDS_TO_BEGIN_AND_SAVE = 10.0
"""Of a call: to reach the GPU and to load the run, and to save it."""
LEAST_SECONDS = 15.0
"""Shorter calls would do nothing else."""
MOST_REFUSALS = 3
"""In a row, before the run goes on without a GPU."""
log = logging.getLogger(__name__)

PLAYING = "Training on a GPU that Hugging Face lends you."
WAITING = "Waiting for a GPU that Hugging Face lends you."
USED_UP = "Your GPU time for today is used up: the run goes on more slowly, on a processor."
NO_GPU = "No GPU is to be had just now: the run goes on more slowly, on a processor."


Steps = Generator[int, None, None]


@gpu_call
def play_call(seconds: float, folder: str, call: str) -> Steps:
    """Plays the run in a folder for at most so many seconds, to save included; yields the step of
    each snapshot when it is written down. Closing it saves the run too. Does nothing unless the run
    still waits for this very `call`.
    """
    run, end = RunFolder(Path(folder)), time.monotonic() + seconds - SECONDS_TO_BEGIN_AND_SAVE
    try:
        with FileLock(run.path / "lock", timeout=5), reports_failures(run):
            status = run.status()
            if status["state"] in GOING and status["gpu"]["call"] == call:
                yield from _played(run, end)
    except Timeout:
        return


def _played(run: RunFolder, end: float) -> Steps:
    session, first, done = Session(run, lambda share, what: None), -1, False
    session.sink.message = PLAYING
    session.sink.status["gpu"]["since"] = time.time()
    try:
        for snapshot in session.snapshots():
            done = snapshot.done
            first = snapshot.step if first < 0 else first
            yield snapshot.step
            if snapshot.step > first and time.monotonic() > end:
                break
    except GeneratorExit:
        session.finish("running", WAITING)
        raise
    # Not where training failed: what is told then is why, and the last good state stays.
    if done:
        session.finish("finished", "")
    else:
        session.finish("running", WAITING)


class _Call:
    """A call that goes on in a thread of its own, since it may wait a minute for a GPU."""

    def __init__(self, begin: Callable[[], Steps], context: contextvars.Context) -> None:
        self._items: queue.Queue[int | Exception | None] = queue.Queue()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=context.copy().run, args=(self._run, begin), name="ganapp-call", daemon=True
        )
        self._thread.start()

    def _run(self, begin: Callable[[], Steps]) -> None:
        try:
            with contextlib.closing(begin()) as steps:
                for step in steps:
                    self._items.put(step)
                    if self._closing.is_set():
                        break
        except Exception as error:
            self._items.put(error)
        self._items.put(None)

    def steps(self) -> Iterator[int | None]:
        """The steps that are written down, or None where there was none for a while. Raises what
        the call raises.
        """
        while True:
            try:
                item = self._items.get(timeout=0.1)
            except queue.Empty:
                yield None
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def close(self) -> None:
        """Ends the call at its next snapshot: it then saves."""
        self._closing.set()


class GpuPlayer(Player):
    """One play of a run in calls of so many seconds, each of them a turn."""

    def __init__(
        self, run: RunFolder, worker: Worker, slot: int, visitor: Visitor, seconds: float
    ) -> None:
        super().__init__(run, worker, slot)
        self.visitor = visitor
        self._seconds = seconds
        self._refusals = 0
        self._begun = 0.0
        """When the GPU was there, or 0."""
        self._on_processor = False
        self._begun_here = False
        self._instead = ""
        """Why it is played here, if it is."""
        self._over = False
        """Whether the app closes."""

    def begin(self) -> None:
        """Lets the worker wait until it is needed."""

    def play(self, should_end: Callable[[Player], Directive]) -> bool:
        """One call, or one turn in the worker."""
        if self._on_processor:
            self._begin_here()
            return super().play(should_end)
        self._over = should_end(self) == "close"
        if self.ordered or self._over:
            return self._end()
        self._begun = 0.0
        try:
            self._call(should_end)
        except Exception as error:
            self._refused(refusal_of(error), error)
        if self._begun:
            self.visitor.spend(time.monotonic() - self._begun)
        if self._over or self.ordered or not self.going():
            return self._end()
        return False

    def _call(self, should_end: Callable[[Player], Directive]) -> None:
        token = secrets.token_hex(8)
        self._tell(WAITING, token)
        folder, closed_at = str(self.run.path), 0.0
        call = _Call(lambda: play_call(self._seconds, folder, token), self.visitor.context)
        for step in call.steps():
            if step is not None:
                self.shown, self._refusals = True, 0
                self._begun = self._begun or time.monotonic()
            directive = should_end(self)
            if directive == "pause":
                self.pause_unwatched()
            self._over |= directive == "close"
            if (self._over or self.ordered) and not closed_at:
                call.close()
                closed_at = time.monotonic()
            # One that still waits for a GPU finds that the run has ended when it gets it.
            if closed_at and time.monotonic() - closed_at > self._patience():
                return

    def _patience(self) -> float:
        return SECONDS_TO_SAVE if self.shown else 0.5

    def _refused(self, refusal: Refusal, error: Exception) -> None:
        self._refusals += 1
        left = refusal.left or 0.0
        if refusal.kind == "quota":
            self.visitor.left, self.visitor.again = left, refusal.again
        if refusal.kind == "quota" and LEAST_SECONDS <= left < self._seconds:
            self._seconds = left
            return
        if refusal.kind == "quota":
            self._go_on_here(USED_UP)
        elif refusal.kind == "error" or self._refusals >= MOST_REFUSALS:
            log.warning("A run goes on without a GPU: %s", error)
            self._go_on_here(NO_GPU)

    def _go_on_here(self, why: str) -> None:
        """From now on the run is played by the worker."""
        self._on_processor, self._instead = True, why
        self._tell("")

    def _send(self, message: str) -> None:
        if self._begun_here:
            super()._send(message)

    def _begin_here(self) -> None:
        if not self._begun_here:
            self._begun_here = True
            super().begin()

    def _tell(self, message: str, call: str = "") -> None:
        """What the page says, and which call may play the run."""
        status = self.run.status()
        if status["state"] in GOING:
            known = {"call": call, "since": time.time(), "instead": self._instead}
            account = self.visitor.account() | known
            self.run.write_status(status | {"message": message, "gpu": account})

    def _end(self) -> bool:
        """Writes down how the run ended unless it has said so itself."""
        if self.ordered or self._over:
            state, message = ENDINGS[self.ordered or "interrupt"]
            self.run.enter(state, self.why or message)
        self.worker.end()
        self.exitcode = 0
        return True
