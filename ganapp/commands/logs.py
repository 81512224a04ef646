"""`train --log`: scores, quality and pictures of a run where people look at their runs already.

tensorboard  event files in the run's folder, for `tensorboard --logdir`
trackio      the project "ganapp" of Trackio, for `trackio show`

Both are packages of their own, imported only here and only then.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput

if TYPE_CHECKING:
    import numpy as np

    from ganapp.checkpoints import TrainingState
    from ganapp.runs.recorder import Progress, Sink
    from ganapp.training import Snapshot

LOGS = ("tensorboard", "trackio")
PROJECT = "ganapp"
SECONDS_BETWEEN_POINTS = 1.0


class Log(Protocol):
    """A place that draws curves."""

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Adds a point to each named curve."""

    def picture(self, name: str, image: np.ndarray, step: int) -> None:
        """Adds a picture, uint8 (H, W, C)."""

    def close(self) -> None:
        """Writes what is left."""


class Place(NamedTuple):
    """Where a log goes: the run's `folder`, its settings, and the `step` that it goes on from."""

    folder: Path
    config: TrainConfig
    step: int


class TensorBoardLog:
    """Event files in the run's folder. Points after the step that a run goes on from are hidden."""

    def __init__(self, place: Place) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(
            str(place.folder / "tensorboard"), purge_step=place.step + 1 if place.step else None
        )
        if not place.step:
            rows = [f"| {name} | {value} |" for name, value in place.config.to_dict().items()]
            self._writer.add_text("settings", "\n".join(["| setting | value |", "|-|-|", *rows]))

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """A curve each."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def picture(self, name: str, image: np.ndarray, step: int) -> None:
        """A picture with a slider over the steps."""
        self._writer.add_image(name, image, step, dataformats="HWC")

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()


class TrackioLog:
    """A run of the project, named as its folder. One that goes on goes on there too."""

    def __init__(self, place: Place) -> None:
        import trackio

        self._trackio: Any = trackio
        with _printing_to_stderr():
            trackio.init(
                project=PROJECT,
                name=place.folder.resolve().name,
                config=place.config.to_dict(),
                resume="allow" if place.step else "never",
                embed=False,
            )

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """A curve each."""
        self._trackio.log(dict(values), step=step)

    def picture(self, name: str, image: np.ndarray, step: int) -> None:
        """A picture in the run's table."""
        self._trackio.log({name: self._trackio.Image(image)}, step=step)

    def close(self) -> None:
        """Waits until all is written."""
        with _printing_to_stderr():
            self._trackio.finish()


_KINDS: dict[str, Callable[[Place], Log]] = {
    "tensorboard": TensorBoardLog,
    "trackio": TrackioLog,
}


def check_installed(name: str) -> None:
    """`BadInput` unless the package of this log is there."""
    if importlib.util.find_spec(name) is None:
        raise BadInput(
            f"--log {name} needs the package {name}, which is not installed: pip install {name}."
        )


class LoggingSink:
    """Hands everything on to `sink`, and what can be drawn to the log called `name` too. A log that
    fails says so once, and the training goes on without it.
    """

    def __init__(self, sink: Sink, name: str, folder: Path, config: TrainConfig) -> None:
        self._sink, self._name, self._folder, self._config = sink, name, folder, config
        self._log: Log | None = None
        self._step, self._checked = 0, 0.0
        self._rows: list[np.ndarray] = []
        self._drawn = -math.inf

    @contextlib.contextmanager
    def _mended(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # a package of somebody else's: anything
            self._log = None
            print(
                f"The log {self._name} ended ({type(error).__name__}: {str(error)[:200]}); the"
                " training goes on without it.",
                file=sys.stderr,
            )

    def rewind(self, first: Snapshot) -> np.ndarray:
        """Opens the log."""
        kept = self._sink.rewind(first)
        self._step = first.step
        with self._mended():
            self._log = _KINDS[self._name](Place(self._folder, self._config, first.step))
        return kept

    def write_scores(self, rows: np.ndarray, snapshot: Snapshot) -> None:
        """Adds the means of the rounds since the last point, at most one a second."""
        self._sink.write_scores(rows, snapshot)
        self._step = snapshot.step
        if self._log is None or not len(rows):
            return
        self._rows.append(rows)
        if snapshot.done or time.monotonic() - self._drawn > SECONDS_BETWEEN_POINTS:
            import numpy as np

            names = snapshot.scores._fields
            means = np.concatenate(self._rows).mean(0, dtype=np.float64)
            self._rows, self._drawn = [], time.monotonic()
            self._draw({f"scores/{n}": float(v) for n, v in zip(names, means, strict=True)})

    def write_picture(self, preview: np.ndarray, epoch: int | None) -> None:
        """Adds the pictures of an epoch's end."""
        self._sink.write_picture(preview, epoch)
        if self._log is not None and epoch is not None:
            import numpy as np

            from ganapp import pictures

            with self._mended():
                image = np.asarray(pictures.grid(preview).convert("RGB"))
                self._log.picture("samples", image, self._step)

    def write_progress(self, progress: Progress) -> None:
        """Adds the figures of a check that is new."""
        self._sink.write_progress(progress)
        if self._log is None or not progress.checks or progress.checks[-1][0] <= self._checked:
            return
        from ganapp.experiments.quality import QualityCheck

        step, *figures = progress.checks[-1]
        self._checked = step
        known = zip(QualityCheck._fields, figures, strict=True)
        # What could not be measured is below 0.
        self._draw({f"quality/{name}": value for name, value in known if value >= 0})

    def write_state(self, state: TrainingState, progress: Progress) -> None:
        """Nothing for the log."""
        self._sink.write_state(state, progress)

    def write_model(self, state: TrainingState, progress: Progress) -> None:
        """Nothing for the log."""
        self._sink.write_model(state, progress)

    def close(self) -> None:
        """Ends the log."""
        if self._log is not None:
            with self._mended():
                self._log.close()

    def _draw(self, values: Mapping[str, float]) -> None:
        assert self._log is not None
        with self._mended():
            self._log.scalars(values, self._step)


def _printing_to_stderr() -> contextlib.redirect_stdout[Any]:
    """A command's answer alone goes to the standard output."""
    return contextlib.redirect_stdout(sys.stderr)
