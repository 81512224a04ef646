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
from typing import Any, NamedTuple

import numpy as np
import torch
from filelock import FileLock, Timeout

from ganapp import checkpoints
from ganapp.checkpoints import TrainingState
from ganapp.devices import OUT_OF_MEMORY, out_of_memory
from ganapp.errors import BadInput
from ganapp.experiments.doctor import DIVERGED, written
from ganapp.experiments.quality import MEASURE, QualityChecks, checks_of
from ganapp.files import why_unwritable
from ganapp.runs.folder import PLAYED_ELSEWHERE, UNWRITABLE, RunFolder
from ganapp.runs.recorder import Cadence, Progress, Recorder
from ganapp.runs.states import State
from ganapp.training import Diverged, Snapshot, train

CADENCE = Cadence(states=3.0, models=15.0)


class PlayRequest(NamedTuple):
    """The first message to a worker: which folder to play, on which GPU if there are any."""

    folder: Path
    slot: int


ENDINGS: dict[str, tuple[State, str]] = {
    "pause": ("paused", ""),
    "stop": ("stopped", ""),
    "interrupt": (
        "interrupted",
        "The app closed while this run was playing. Press Resume to go on from where it was.",
    ),
}


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
            for draft in run.path.glob(".*.draft"):  # of a worker that was ended while it saved
                draft.unlink(missing_ok=True)
            _play(run, inbox, message.slot)
    except Timeout:
        sys.exit(PLAYED_ELSEWHERE)


def _play(run: RunFolder, inbox: Connection, slot: int) -> None:
    def fail(message: str, **changes: Any) -> None:
        run.enter("failed", message, **changes)
        run.keep_last_model()

    try:
        if torch.cuda.is_available():
            torch.cuda.set_device(slot % torch.cuda.device_count())
        session = _Session(run, inbox)
        try:
            session.play()
            session.finish("finished", "")
        except _Order as order:
            session.finish(*ENDINGS[str(order)])
    except Diverged as error:
        fail(str(error), doctor=DIVERGED._asdict())
    except BadInput as error:
        fail(str(error))
    except Exception as error:
        if out_of_memory(error):
            return fail(OUT_OF_MEMORY)
        if isinstance(error, OSError) and why_unwritable(error):
            try:
                return run.rest(error)
            except OSError:
                sys.exit(UNWRITABLE)
        fail(
            f"Training stopped at an unexpected error ({type(error).__name__}); its last saved"
            " state is kept, and the app's log says more."
        )
        raise


class _Session:
    """Plays a run until it is over or an order comes."""

    def __init__(self, run: RunFolder, inbox: Connection) -> None:
        self.run, self.inbox, self.config = run, inbox, run.config()
        run.reserve()
        self.resume = checkpoints.load_state(run.path) if run.has_state() else None
        self.sink = FolderSink(run, self.resume is not None)
        known = self.sink.status
        self.recorder = Recorder(
            self.config,
            self.sink,
            QualityChecks(
                run.path,
                checks_of(known.get("looks", []), known.get("measure", 1)),
                self.config.capabilities.translates,
            ),
            CADENCE,
            float(known.get("seconds", 0.0)),
        )
        self._reported = time.monotonic()
        self._shown = False
        self.sink.write_status(
            state="preparing",
            message="Preparing the data and the networks.",
            epochs=self.config.epochs,
        )

    def play(self) -> None:
        """Trains from the saved state if there is one. Raises `_Order` when an order has come."""
        snapshots = train(
            self.config,
            resume=self.resume,
            pictures=self.run.own_pictures(),
            progress=self._report,
        )
        for snapshot in snapshots:
            self.recorder.record(snapshot)
            if not self._shown:
                self._shown = True
                self._say("shown")
            self._obey()

    def finish(self, state: State, message: str) -> None:
        """Saves all and says how the run ended."""
        self.sink.state, self.sink.message = state, message
        progress = self.recorder.finish()
        if progress is None:  # ordered to end before the first round
            self.sink.write_status(state=state, message=message)
            return
        self.sink.write_progress(progress)
        if state == "finished":
            self.run.forget_pictures()

    def _report(self, share: float, what: str) -> None:
        """Hears how a download goes."""
        now = time.monotonic()
        if share >= 1 or now - self._reported > 0.3:
            self._reported = now
            self.sink.write_status(message=what, share=share)
            self._obey()

    def _obey(self) -> None:
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
        self.recorder.skip(time.monotonic() - since)
        return message

    def _say(self, word: str) -> None:
        with contextlib.suppress(OSError):  # the app is gone, which the next order says
            self.inbox.send(word)


class FolderSink:
    """Writes a run into the folder that the app shows. `state` and `message` are what its status
    says while rounds are played.
    """

    def __init__(self, run: RunFolder, resumed: bool) -> None:
        self.run, self.config = run, run.config()
        self.status: dict[str, Any] = run.status() if resumed else {}
        self.state: State = "running"
        self.message = ""

    def write_status(self, **changes: Any) -> None:
        """Changes some entries of status.json."""
        self.status |= changes
        self.run.write_status(self.status)

    def rewind(self, first: Snapshot) -> np.ndarray:
        """Forgets scores and pictures of later rounds."""
        return self.run.forget_after(first.step, first.epoch)

    def write_scores(self, rows: np.ndarray, snapshot: Snapshot) -> None:
        """Appends to the scores; knows the domains of a translating model from the first on."""
        self.run.append_scores(rows)
        if self.config.capabilities.translates and "domains" not in self.status:
            self.status["domains"] = list(snapshot.capture().class_names)

    def write_picture(self, preview: np.ndarray, epoch: int | None) -> None:
        """Replaces the live picture, and keeps that of an epoch."""
        self.run.write_picture(preview, epoch)

    def write_progress(self, progress: Progress) -> None:
        """Replaces what status.json says of the newest snapshot."""
        snapshot, speed = progress.snapshot, progress.images_per_second
        batch = self.config.batch_size * self.config.discriminator_steps
        left = (snapshot.steps - snapshot.step) * batch
        last = {
            name: float(values[-1])
            for name, values in snapshot.scores._asdict().items()
            if len(values)
        }
        self.write_status(
            state=self.state,
            message=self.message,
            loss=self.config.loss,
            dataset=self.config.dataset,
            step=snapshot.step,
            steps=snapshot.steps,
            epoch=snapshot.epoch,
            progress=snapshot.progress,
            steps_per_epoch=snapshot.steps_per_epoch,
            images_per_second=speed,
            seconds=progress.seconds,
            share=None,
            seconds_left=left / speed if speed else None,
            scores=last or self.status.get("scores", {}),
            curves=progress.curves,
            looks=progress.checks,
            measure=MEASURE,
            unmeasured=progress.problem,
            floor=progress.floor or self.status.get("floor", {}),
            doctor=progress.verdict._asdict() if progress.verdict else None,
            verdicts=written(progress.verdicts),
            frame_epochs=list(self.run.epoch_files()),
        )

    def write_state(self, state: TrainingState, progress: Progress) -> None:
        """Replaces the training state."""
        checkpoints.save_state(state, self.run.path)

    def write_model(self, state: TrainingState, progress: Progress) -> None:
        """Replaces the checkpoint that other tabs open."""
        facts = {
            "preset": self.run.asked()["preset"],
            "data": self.config.dataset,
            **progress.facts,
        }
        checkpoints.save(checkpoints.TrainedModel.from_state(state, facts), self.run.path)
