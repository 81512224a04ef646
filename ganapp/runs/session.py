"""One session of a run: reads `train()` and writes what it sees into the run's folder, in a worker
process or in a call on a GPU that is lent.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from ganapp import checkpoints
from ganapp.checkpoints import TrainingState
from ganapp.datasets import Progress as Report
from ganapp.devices import OUT_OF_MEMORY, has_bfloat16, out_of_memory
from ganapp.errors import BadInput
from ganapp.experiments.doctor import DIVERGED, written
from ganapp.experiments.quality import MEASURE, QualityChecks, checks_of
from ganapp.files import why_unwritable
from ganapp.runs.folder import UNWRITABLE, RunFolder
from ganapp.runs.recorder import Cadence, Progress, Recorder
from ganapp.runs.states import State
from ganapp.training import Diverged, Snapshot, train

CADENCE = Cadence(states=3.0, models=15.0)
ENDINGS: dict[str, tuple[State, str]] = {
    "pause": ("paused", ""),
    "stop": ("stopped", ""),
    "interrupt": (
        "interrupted",
        "The app closed while this run was playing. Press Resume to go on from where it was.",
    ),
}


KEPT = {"gpu"}
"""What the app wrote into the status of a run before it began."""


@contextlib.contextmanager
def reports_failures(run: RunFolder) -> Iterator[None]:
    """Writes down why a run failed, in words of its own. Ends the process with `UNWRITABLE` where
    not even that can be written; raises again what nobody foresaw.
    """
    try:
        yield
    except Diverged as error:
        _fail(run, str(error), doctor=DIVERGED._asdict())
    except BadInput as error:
        _fail(run, str(error))
    except Exception as error:
        if out_of_memory(error):
            return _fail(run, OUT_OF_MEMORY)
        if isinstance(error, OSError) and why_unwritable(error):
            try:
                return run.rest(error)
            except OSError:
                sys.exit(UNWRITABLE)
        _fail(
            run,
            f"Training stopped at an unexpected error ({type(error).__name__}); its last saved"
            " state is kept, and the app's log says more.",
        )
        raise


def _fail(run: RunFolder, message: str, **changes: Any) -> None:
    run.enter("failed", message, **changes)
    run.keep_last_model()


class Session:
    """Plays a run from its saved state, if there is one. `report` hears how a download goes."""

    def __init__(self, run: RunFolder, report: Report) -> None:
        self.run, self.config = run, run.config()
        run.reserve()
        for draft in run.path.glob(".*.draft"):  # of a process that was ended while it saved
            draft.unlink(missing_ok=True)
        self.resume = checkpoints.load_state(run.path) if run.has_state() else None
        self.sink = FolderSink(run, self.resume is not None)
        known = self.sink.status
        if "gpu" in known and self.config.precision == "auto" and not has_bfloat16():
            # A lent GPU may have chosen what this processor can only imitate, slowly.
            self.config = self.config.altered(precision="float32")
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
        self._report = report
        self.sink.write_status(
            state="preparing",
            message="Preparing the data and the networks.",
            epochs=self.config.epochs,
        )

    def snapshots(self) -> Iterator[Snapshot]:
        """Trains, and yields each snapshot when it is written down."""
        for snapshot in train(
            self.config,
            resume=self.resume,
            pictures=self.run.own_pictures(),
            progress=self._report,
        ):
            self.recorder.record(snapshot)
            yield snapshot

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


class FolderSink:
    """Writes a run into the folder that the app shows. `state` and `message` are what its status
    says while rounds are played.
    """

    def __init__(self, run: RunFolder, resumed: bool) -> None:
        self.run, self.config = run, run.config()
        known = run.status()
        self.status: dict[str, Any] = (
            known if resumed else {k: known[k] for k in KEPT & known.keys()}
        )
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
