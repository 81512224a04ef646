"""The one recorder of training: turns the snapshots of `train()` into files, wherever they lie.

It decides what is written and when: scores always, pictures of the ends of epochs, the
training state and the checkpoint at a cadence, a quick check of quality now and then. A `Sink`
knows how these are kept: the app's run folder (`worker.py`) or the folder of the command line
(`commands/record.py`).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from ganapp.checkpoints import TrainingState
from ganapp.config.training import TrainConfig
from ganapp.devices import machine
from ganapp.experiments.doctor import Verdict, standing
from ganapp.experiments.quality import QualityChecks
from ganapp.games import score_names
from ganapp.runs.curves import Curves
from ganapp.training import Snapshot

SHARE_FOR_SAVING = 0.05
"""Of the time, at most, unless the cadence asks for less."""


class Cadence(NamedTuple):
    """The least number of seconds between two saved states, two checkpoints and two checks of
    quality outside the ends of epochs, and the first step at which quality is checked.
    """

    states: float
    models: float = math.inf
    checks: float = 10.0
    first_check: int = 0


@dataclass(frozen=True)
class Progress:
    """Where a run stands. `seconds` counts training alone, over all sessions of the run; `curves`
    are the points of `Curves`; `floor` is what real pictures score in the rows of `checks`.
    """

    snapshot: Snapshot
    seconds: float
    images_per_second: float
    curves: dict[str, list[float]]
    checks: list[list[float]]
    floor: dict[str, float]
    verdict: Verdict | None
    verdicts: list[tuple[float, Verdict]]
    """The steps at which the verdict became another one, and which."""
    problem: str
    """Why the pictures cannot be measured, or nothing."""

    @property
    def facts(self) -> dict[str, Any]:
        """What a model card says of the training."""
        return {
            "epochs": round(self.snapshot.progress, 4),
            "seconds": round(self.seconds, 1),
            "machine": machine(),
        }


class Sink(Protocol):
    """A place that keeps a run."""

    def rewind(self, first: Snapshot) -> np.ndarray:
        """Drops what was written of rounds and epochs after the `first` snapshot of a session: they
        are about to be played. The scores that stay, (steps, names).
        """

    def write_scores(self, rows: np.ndarray, snapshot: Snapshot) -> None:
        """Appends the scores (n, names) of the last n rounds."""

    def write_picture(self, preview: np.ndarray, epoch: int | None) -> None:
        """Keeps a picture as the newest one, and as that of an `epoch` that has just ended."""

    def write_progress(self, progress: Progress) -> None:
        """Keeps where the run stands."""

    def write_state(self, state: TrainingState, progress: Progress) -> None:
        """Keeps what a resume needs."""

    def write_model(self, state: TrainingState, progress: Progress) -> None:
        """Keeps the checkpoint that everything else opens."""


class Recorder:
    """Records one session of a run. `seconds` and `checks` go on where the last session ended."""

    def __init__(
        self,
        config: TrainConfig,
        sink: Sink,
        checks: QualityChecks,
        cadence: Cadence,
        seconds: float = 0.0,
    ) -> None:
        self.config, self.sink, self.checks, self.cadence = config, sink, checks, cadence
        self.seconds = seconds
        self.snapshot: Snapshot | None = None
        self._curves = Curves(score_names(config))
        self._verdicts: list[tuple[float, Verdict]] = []
        self._judged = -1.0
        self._speed = 0.0
        self._saving_costs = 0.0
        self._clock = self._state_saved = self._model_saved = time.monotonic()

    def record(self, snapshot: Snapshot) -> Progress:
        """Writes what is new, and saves or checks what is due."""
        now = time.monotonic()
        previous, self.snapshot = self.snapshot, snapshot
        elapsed, self._clock = now - self._clock, now
        if previous is None:
            self._curves.add(self.sink.rewind(snapshot))
            self.checks.forget_after(snapshot.step)
        else:
            self.seconds += elapsed
            self._measure_speed(snapshot.step - previous.step, elapsed)
        rows = np.stack([np.asarray(values, np.float32) for values in snapshot.scores], 1)
        self._curves.add(rows)
        self.sink.write_scores(rows, snapshot)
        if snapshot.preview is not None:
            epoch = snapshot.epoch if snapshot.ends_epoch else None
            self.sink.write_picture(snapshot.preview, epoch)
        progress = self.progress()
        self.sink.write_progress(progress)
        if previous is None or now - self._state_saved > max(
            self.cadence.states, self._saving_costs / SHARE_FOR_SAVING
        ):
            self._save(progress, with_model=now - self._model_saved > self.cadence.models)
        if snapshot.ends_epoch or snapshot.done or self.checks.seconds_ago > self.cadence.checks:
            progress = self._check(progress)
        return progress

    def skip(self, seconds: float) -> None:
        """So long the run waited: that was no training, and nothing became due meanwhile."""
        self._clock += seconds
        self._state_saved += seconds
        self._model_saved += seconds
        self.checks.skip(seconds)

    def finish(self, check: bool = False) -> Progress | None:
        """Saves all, and may check the pictures a last time. `None` if no round was ever seen."""
        if self.snapshot is None:
            return None
        progress = self._check(self.progress()) if check else self.progress()
        self._save(progress, with_model=True)
        return progress

    def progress(self) -> Progress:
        """Where the run stands after the newest snapshot."""
        assert self.snapshot is not None
        rows, curves = self.checks.rows, self._curves.points()
        if rows and rows[-1][0] != self._judged:
            self._verdicts = standing(self.config, curves, rows)
            self._judged = rows[-1][0]
        return Progress(
            self.snapshot,
            self.seconds,
            self._speed,
            curves,
            rows,
            self.checks.floor,
            self._verdicts[-1][1] if self._verdicts else None,
            self._verdicts,
            self.checks.problem,
        )

    def _measure_speed(self, steps: int, seconds: float) -> None:
        images = steps * self.config.batch_size * self.config.discriminator_steps
        speed = images / seconds
        self._speed = 0.8 * self._speed + 0.2 * speed if self._speed else speed

    def _check(self, progress: Progress) -> Progress:
        if progress.snapshot.step < self.cadence.first_check:
            return progress
        seconds = self.checks.take(progress.snapshot)
        if not seconds:
            return progress
        self._clock += seconds  # a check is not training
        progress = self.progress()
        self.sink.write_progress(progress)
        return progress

    def _save(self, progress: Progress, with_model: bool) -> None:
        start = time.monotonic()
        state = progress.snapshot.capture()
        self.sink.write_state(state, progress)
        self._state_saved = start
        if with_model:
            self.sink.write_model(state, progress)
            self._model_saved = start
        self._saving_costs = time.monotonic() - start
