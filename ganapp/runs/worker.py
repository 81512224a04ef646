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
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import torch
from filelock import FileLock, Timeout

from ganapp import checkpoints
from ganapp.devices import machine
from ganapp.errors import BadInput
from ganapp.experiments.doctor import DIVERGED, examine
from ganapp.experiments.quality import QualityChecks
from ganapp.games import score_names
from ganapp.runs.curves import Curves
from ganapp.runs.folder import PLAYED_ELSEWHERE, RunFolder
from ganapp.training import Diverged, Snapshot, train

SECONDS_BETWEEN_STATES = 3.0
SECONDS_BETWEEN_MODELS = 15.0
SECONDS_BETWEEN_LOOKS = 10.0
SHARE_FOR_SAVING = 0.05


class PlayRequest(NamedTuple):
    """The first message to a worker: which folder to play, on which GPU if there are any."""

    folder: Path
    slot: int


ENDINGS = {
    "pause": ("paused", ""),
    "stop": ("stopped", ""),
    "interrupt": (
        "interrupted",
        "The app closed while this run was playing. Press Resume to go on from where it was.",
    ),
}


class _Ordered(Exception):
    """An order ended the run: its argument is "pause", "stop" or "interrupt"."""


def main(inbox: Connection) -> None:
    """Waits for a `PlayRequest`, plays it, ends. Later messages are "pause" or "stop", answered
    with "heard".
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
        run.update_status(state="failed", message=message, **changes)
        run.keep_last_model()

    try:
        if torch.cuda.is_available():
            torch.cuda.set_device(slot % torch.cuda.device_count())
        recorder = _Recorder(run, inbox)
        try:
            for snapshot in recorder.snapshots():
                recorder.record(snapshot)
                recorder.obey()
            recorder.finish("finished", "")
        except _Ordered as order:
            recorder.finish(*ENDINGS[str(order)])
    except Diverged as error:
        fail(str(error), doctor=DIVERGED._asdict())
    except BadInput as error:
        fail(str(error))
    except torch.OutOfMemoryError:
        fail(
            "The device ran out of memory: choose a smaller batch_size, width or image_size and"
            " start again."
        )
    except Exception as error:
        fail(
            f"Training stopped at an unexpected error ({type(error).__name__}); its last saved"
            " state is kept, and the app's log says more."
        )
        raise


class _Recorder:
    """Turns snapshots into files."""

    def __init__(self, run: RunFolder, inbox: Connection) -> None:
        self.run, self.inbox = run, inbox
        self.config = run.config()
        self.preset = run.asked()["preset"]
        self.resume = checkpoints.load_state(run.path) if run.has_state() else None
        self.status: dict[str, Any] = run.status() if self.resume else {}
        self.seconds = float(self.status.get("seconds", 0.0))
        self.speed = 0.0
        self.saving_costs = 0.0
        self.curves = Curves(score_names(self.config))
        self.snapshot: Snapshot | None = None
        self.checks = QualityChecks(run.path)
        self.state_saved = self.model_saved = self.clock = time.monotonic()
        self.write_status(
            state="preparing",
            message="Preparing the data and the networks.",
            epochs=self.config.epochs,
        )

    def snapshots(self) -> Iterator[Snapshot]:
        """`train()`, from the saved state if there is one."""
        if self.resume is not None:
            # In whole numbers, as a rounded share of an epoch could miss the epoch's end.
            shown = self.resume.step * self.config.batch_size * self.config.discriminator_steps
            pictures = round(
                self.status.get("steps_per_epoch", 0)
                * self.config.batch_size
                * self.config.discriminator_steps
            )
            self.curves.add(
                self.run.forget_after(self.resume.step, shown // pictures if pictures else 0)
            )
            self.checks.rows = [
                check for check in self.status.get("looks", []) if check[0] <= self.resume.step
            ]
        yield from train(
            self.config, resume=self.resume, pictures=self.run.own_pictures(), progress=self.report
        )

    def report(self, share: float, what: str) -> None:
        """Hears how a download goes."""
        now = time.monotonic()
        if share >= 1 or now - self.clock > 0.3:
            self.clock = now
            self.write_status(message=what, share=share)
            self.obey()

    def obey(self) -> None:
        """Raises `_Ordered` if an order has come, or if the app is gone."""
        try:
            if not self.inbox.poll():
                return
            order = self.inbox.recv()
            self.inbox.send("heard")
        except (EOFError, OSError):
            order = "interrupt"
        raise _Ordered(order)

    def record(self, snapshot: Snapshot) -> None:
        """Writes scores, picture and status; the training state now and then."""
        now = time.monotonic()
        previous, self.snapshot = self.snapshot, snapshot
        elapsed, self.clock = now - self.clock, now
        self.curves.add(self.run.append_scores(snapshot.scores))
        if previous is not None:
            self.seconds += elapsed
            speed = (
                (snapshot.step - previous.step)
                * self.config.batch_size
                * self.config.discriminator_steps
                / elapsed
            )
            self.speed = 0.8 * self.speed + 0.2 * speed if self.speed else speed
        if snapshot.preview is not None:
            ended = (
                snapshot.step == 0
                or snapshot.done
                or (previous is not None and snapshot.epoch > previous.epoch)
            )
            self.run.write_picture(snapshot.preview, snapshot.epoch if ended else None)
        if previous is None and self.config.capabilities.translates:
            self.status["domains"] = list(snapshot.capture().class_names)
        self.write_progress("running", "")
        if previous is None or now - self.state_saved > max(
            SECONDS_BETWEEN_STATES, self.saving_costs / SHARE_FOR_SAVING
        ):
            self.save(with_model=now - self.model_saved > SECONDS_BETWEEN_MODELS)
        if (
            snapshot.done
            or (previous is not None and snapshot.epoch > previous.epoch)
            or self.checks.seconds_ago > SECONDS_BETWEEN_LOOKS
        ):
            self.check(snapshot)

    def check(self, snapshot: Snapshot) -> None:
        """A quick look at the pictures, now and then."""
        took = self.checks.take(snapshot)
        self.clock += took  # looking is not training
        if took:
            self.write_status(looks=self.checks.rows, floor=self.checks.floor)

    def write_status(self, **changes: Any) -> None:
        """status.json with some entries changed."""
        self.status |= changes
        self.run.write_status(self.status)

    def write_progress(self, state: str, message: str) -> None:
        """status.json as of the newest snapshot."""
        snapshot = self.snapshot
        assert snapshot is not None
        left = (
            (snapshot.steps - snapshot.step)
            * self.config.batch_size
            * self.config.discriminator_steps
        )
        last = {
            name: float(values[-1])
            for name, values in snapshot.scores._asdict().items()
            if len(values)
        }
        self.write_status(
            state=state,
            message=message,
            loss=self.config.loss,
            step=snapshot.step,
            steps=snapshot.steps,
            epoch=snapshot.epoch,
            progress=snapshot.progress,
            steps_per_epoch=snapshot.steps_per_epoch,
            images_per_second=self.speed,
            seconds=self.seconds,
            share=None,
            seconds_left=left / self.speed if self.speed else None,
            scores=last or self.status.get("scores", {}),
            curves=(curves := self.curves.points()),
            doctor=(
                examine(self.config, curves, self.checks.rows, snapshot.steps_per_epoch)._asdict()
                if self.checks.rows
                else None
            ),
        )

    def save(self, with_model: bool) -> None:
        """The training state, and the checkpoint that other tabs open."""
        assert self.snapshot is not None
        start = time.monotonic()
        state = self.snapshot.capture()
        checkpoints.save_state(state, self.run.path)
        self.state_saved = start
        if with_model:
            facts = {
                "preset": self.preset,
                "data": self.config.dataset,
                "epochs": self.snapshot.progress,
                "seconds": self.seconds,
                "machine": machine(),
            }
            checkpoints.save(checkpoints.TrainedModel.from_state(state, facts), self.run.path)
            self.model_saved = start
        self.saving_costs = time.monotonic() - start

    def finish(self, state: str, message: str) -> None:
        """Saves all and says how it ended."""
        if self.snapshot is None:  # ordered to end before the first round
            self.write_status(state=state, message=message)
            return
        self.save(with_model=True)
        self.write_progress(state, message)
        if state == "finished":
            self.run.forget_pictures()
