"""The process that plays one run: reads `train()` and writes what it sees into the run's folder,
then ends.

It is started before it is needed and waits for its orders, so that a run begins at once; ending
with the run gives all memory back, and a crash costs nothing but the rounds since the last saved
state.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import torch
from filelock import FileLock, Timeout

from ganapp.runs.folder import PLAYED_ELSEWHERE, RunFolder
from ganapp.runs.session import ENDINGS, Session, reports_failures


class PlayRequest(NamedTuple):
    """The first message to a worker: which folder to play, on which GPU if there are any."""

    folder: Path
    slot: int


class _Order(Exception):
    """An order ends the run: its argument is "pause", "stop" or "interrupt"."""


def main(inbox: Connection) -> None:
    """Waits for a `PlayRequest`, plays it, ends. Says "shown" when there are pictures. Later
    messages are "pause" or "stop", answered with "heard", and "park", answered with "parked": the
    run then waits for "go", or for one of the others.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the app's, which then closes the pipe
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)  # the page comes first on a machine with few cores
    try:
        message = inbox.recv()
    except (EOFError, OSError):
        return
    run = RunFolder(message.folder)
    try:
        with FileLock(run.path / "lock", timeout=5):
            _play(run, inbox, message.slot)
    except Timeout:
        sys.exit(PLAYED_ELSEWHERE)


def _play(run: RunFolder, inbox: Connection, slot: int) -> None:
    with reports_failures(run):
        if torch.cuda.is_available():
            torch.cuda.set_device(slot % torch.cuda.device_count())
        orders = _Orders(inbox)
        session = Session(run, orders.report)
        orders.session = session
        try:
            for _ in session.snapshots():
                orders.say_shown()
                orders.obey()
            session.finish("finished", "")
        except _Order as order:
            session.finish(*ENDINGS[str(order)])


class _Orders:
    """What the app wants of the worker meanwhile."""

    session: Session

    def __init__(self, inbox: Connection) -> None:
        self.inbox = inbox
        self._reported = time.monotonic()
        self._shown = False

    def report(self, share: float, what: str) -> None:
        """Hears how a download goes."""
        now = time.monotonic()
        if share >= 1 or now - self._reported > 0.3:
            self._reported = now
            self.session.sink.write_status(message=what, share=share)
            self.obey()

    def obey(self) -> None:
        """Waits while it is another run's turn. Raises `_Order` if an order has come, or if the app
        is gone.
        """
        try:
            if not self.inbox.poll():
                return
            order = self.inbox.recv()
            if order == "park":
                order = self._wait()
            if order == "go":
                return
            self.inbox.send("heard")
        except (EOFError, OSError):
            order = "interrupt"
        raise _Order(order)

    def _wait(self) -> str:
        """Waits for the next turn, which changes nothing; the message that ended that."""
        self.inbox.send("parked")
        since = time.monotonic()
        message: str = self.inbox.recv()
        self.session.recorder.skip(time.monotonic() - since)
        return message

    def say_shown(self) -> None:
        """Says once that there are pictures."""
        if not self._shown:
            self._shown = True
            with contextlib.suppress(OSError):  # the app is gone, which the next order says
                self.inbox.send("shown")
