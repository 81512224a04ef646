"""The one training loop: `for snapshot in train(config)`.

It yields snapshots, and its callers decide what to do with them. The worker process, the command
line, the tests and the benchmarks all use this generator; nothing else trains. Scores stay on the
device; the host reads them a few times per second, not after every step.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganapp import pictures as drawing
from ganapp.checkpoints import TrainingState
from ganapp.config.settings import PrecisionName
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS, Pictures, Progress
from ganapp.datasets.pictures import Batch
from ganapp.devices import Plan, keep_freed_memory, plan, threads_for
from ganapp.engine import SINGLE_PROCESS, ProcessGroup, Rounds, multiplications, recorder_for
from ganapp.errors import BadInput
from ganapp.games import AnyScores, game_of
from ganapp.models import MODELS, Players
from ganapp.randomness import rng_for, seed_for


class Diverged(Exception):
    """A score or a weight is no longer a finite number. The message says what to change."""


class Pace(NamedTuple):
    """When snapshots are due: the least number of seconds between two, and between two that carry a
    picture. An epoch's end is due sooner, as long as such pictures take at most the share `epochs`
    of the time: infinite for every epoch, 0 for none.
    """

    scores: float = 0.4
    pictures: float = 1.0
    epochs: float = 0.03


SECONDS_TO_WRITE = 0.003
"""About what a picture costs after it was made: to encode it and to write it down."""
SECONDS_AT_ONCE = 0.3
"""What pictures of epochs may take beyond their share, so that the first epochs are seen."""


@dataclass(frozen=True)
class Snapshot:
    """The state of training after round `step`, as copies on the CPU.

    `epoch` counts complete epochs, `progress` is the same with its fraction, and `ends_epoch` says
    that an epoch was complete just with this round, or that none has begun. `scores` holds the
    rounds since the last snapshot, each an array (n,). `preview`, if there is one, is uint8 (rows,
    columns, H, W, C): pictures of fixed noise, one class in each column if the model is
    conditional; or fixed pictures, translated and back. `capture()` copies the training state; it
    works until the loop goes on and then raises `RuntimeError`. `done` marks the last snapshot.
    """

    step: int
    steps: int
    steps_per_epoch: float
    epoch: int
    progress: float
    ends_epoch: bool
    scores: AnyScores[np.ndarray]
    preview: np.ndarray | None
    capture: Callable[[], TrainingState]
    done: bool


class Schedule(NamedTuple):
    """How rounds and epochs relate: an epoch is complete when every real picture has been shown
    once.
    """

    pictures: int
    batch_size: int
    discriminator_steps: int
    epochs: int

    @property
    def steps(self) -> int:
        """Rounds in the whole run."""
        return math.ceil(self.epochs * self.pictures / (self.batch_size * self.discriminator_steps))

    @property
    def steps_per_epoch(self) -> float:
        """Rounds in an epoch, with the fraction."""
        return self.pictures / (self.batch_size * self.discriminator_steps)

    def progress(self, step: int) -> float:
        """Epochs after `step` rounds, with the fraction."""
        return min(step * self.batch_size * self.discriminator_steps / self.pictures, self.epochs)

    def ends_epoch(self, step: int) -> bool:
        """Whether an epoch is complete with round `step`, or none has begun."""
        return step == 0 or int(self.progress(step)) > int(self.progress(step - 1))

    def lasting(self, steps: int) -> Schedule:
        """The schedule of a run that ends after `steps` rounds."""
        return self._replace(
            epochs=math.ceil(steps * self.batch_size * self.discriminator_steps / self.pictures)
        )


class ShuffledIndices:
    """Draws batches from the pictures numbered `index_set` (N,), in a new random order for each
    epoch. Every picture is shown once before any is shown again, and the batches at the end of an
    epoch are full too: they go on in the next one.
    """

    def __init__(self, index_set: Tensor, batch_size: int, seed: int, stream: str) -> None:
        self.index_set, self.batch_size = index_set, batch_size
        self.seed, self.stream = seed, stream
        self._orders: dict[int, Tensor] = {}

    def indices(self, batch_index: int) -> Tensor:
        """The numbers of the pictures in a batch, (batch_size,) int64 on the device."""
        place, pieces, missing = batch_index * self.batch_size, [], self.batch_size
        while missing:
            epoch, offset = divmod(place, len(self.index_set))
            pieces.append(self._order(epoch)[offset : offset + missing])
            place, missing = place + len(pieces[-1]), missing - len(pieces[-1])
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces)

    def _order(self, epoch: int) -> Tensor:
        if epoch not in self._orders:
            self._orders = {
                known: order for known, order in self._orders.items() if known == epoch - 1
            }
            count, device = len(self.index_set), self.index_set.device
            rng = rng_for(self.seed, self.stream, epoch, device)
            self._orders[epoch] = self.index_set[
                torch.randperm(count, generator=rng, device=device)
            ]
        return self._orders[epoch]


class Trainer:
    """A run in memory: data, game and number of steps. `train`, the 2-D lab, the benchmarks and
    tests drive it. `build` replaces the function that makes the networks of `config.model`.
    """

    def __init__(
        self,
        config: TrainConfig,
        pictures: Pictures,
        how: Plan,
        group: ProcessGroup = SINGLE_PROCESS,
        build: Callable[..., Players] | None = None,
    ) -> None:
        if config.batch_size % group.size:
            raise BadInput(
                f"batch_size is {config.batch_size}, which {group.size} processes cannot share"
                f" evenly: choose a multiple of {group.size}, or another number of processes."
            )
        self.config, self.plan, self.group = config, how, group
        self.pictures = subset(pictures, config).resized(config.image_size).to(how.device)
        shape = self.pictures.images.shape[1:]
        self.channels, rows = shape[0], config.batch_size // group.size
        classes = len(pictures.class_names) if config.conditional else 0
        players = (build or MODELS[config.model])(
            config, self.channels, classes, rng_for(config.seed, "weights")
        )
        game = game_of(config)
        self.work = rows * multiplications(
            players, game.example_input(config, shape), torch.zeros(1, *shape)
        )
        """Multiplications in one forward pass of both networks over this process's rows of a
        batch.
        """
        self.game = game(config, players, how, self.pictures, group)
        index_sets, batches = self.game.index_sets, config.discriminator_steps
        self.schedule = Schedule(
            max(map(len, index_sets)), config.batch_size, batches, config.epochs
        )
        self.samplers = [
            ShuffledIndices(index_set, config.batch_size, config.seed, f"order{number or ''}")
            for number, index_set in enumerate(index_sets)
        ]
        self.step = 0
        # A recorded round reads its data and randomness always from the same memory: this.
        self.indices = torch.empty(
            len(index_sets), batches, rows, dtype=torch.int64, device=how.device
        )
        self.rng = rng_for(config.seed, "round", device=how.device)
        self.rounds = Rounds(self._play, recorder_for(how, group, self.rng))

    def advance(self) -> Tensor:
        """Plays one round. Returns its scores, (n,) on the device."""
        self._begin_round()
        scores = self.rounds(self.game.prepare(self.step))
        self.step += 1
        return scores

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes that one can ask the generator for."""
        return self.game.class_names

    def _begin_round(self) -> None:
        for sampler, batches in zip(self.samplers, self.indices, strict=True):
            for batch_index, indices in enumerate(batches, self.step * len(batches)):
                indices.copy_(self.group.share.of(sampler.indices(batch_index)))
        self.rng.manual_seed(seed_for(self.config.seed, "round", self.step))

    def _batches(self) -> list[Batch]:
        return [self.pictures.batch(indices) for indices in self.indices.flatten(0, 1)]

    def _play(self, penalised: bool) -> Tensor:
        return torch.stack(self.game.play(penalised, self._batches(), self.rng))

    def preview(self) -> np.ndarray:
        """What the averaged generator makes from fixed noise or pictures, uint8 (rows, columns, H,
        W, C).
        """
        images = self.game.preview().float().cpu().numpy()
        return drawing.to_uint8(images.reshape(-1, *images.shape[2:])).reshape(
            *images.shape[:2], *images.shape[3:], images.shape[2]
        )

    def capture(self) -> TrainingState:
        """A copy of the training state on the CPU; `Diverged` if a weight is no longer finite."""
        tensors: dict[str, Tensor] = {}
        for name, part in self.game.parts().items():
            state = part.state_dict()
            flat = _flat_optimizer(state) if isinstance(part, torch.optim.Optimizer) else state
            tensors |= {
                f"{name}/{key}": value.detach().to("cpu", copy=True).contiguous()
                for key, value in flat.items()
            }
        if not all(bool(value.isfinite().all()) for value in tensors.values()):
            raise Diverged(_advice(self.config, self.step, "A weight"))
        precision: PrecisionName = "bfloat16" if self.plan.dtype == torch.bfloat16 else "float32"
        return TrainingState(
            self.config.altered(precision=precision),
            self.step,
            tensors,
            self.class_names,
            self.channels,
        )

    def restore(self, state: TrainingState) -> None:
        """Continues from `state`; its tensors must fit this run's networks, else `BadInput`."""
        for name, part in self.game.parts().items():
            own = {
                key.removeprefix(f"{name}/"): value
                for key, value in state.tensors.items()
                if key.startswith(f"{name}/")
            }
            try:
                if isinstance(part, torch.optim.Optimizer):
                    _load_optimizer(part, own, state.step)
                else:
                    part.load_state_dict(own)
            except (RuntimeError, ValueError, KeyError, IndexError) as error:
                raise BadInput(
                    f"The saved training state does not fit these settings at its part {name!r}:"
                    " resume with the settings it was saved with, or start a new run."
                ) from error
        self.step = state.step


def train(
    config: TrainConfig,
    *,
    resume: TrainingState | None = None,
    steps: int | None = None,
    pictures: Pictures | None = None,
    pace: Pace | None = None,
    progress: Progress = lambda share, what: None,
    group: ProcessGroup = SINGLE_PROCESS,
) -> Iterator[Snapshot]:
    """Trains, and yields a `Snapshot` before the first round, after the last, and in between at the
    rate of `pace`: with a picture at the ends of epochs, as far as that costs little.

    `resume` continues a state that was captured with the same settings (`epochs` and `precision`
    may differ). `steps` ends the run after that many rounds in all, instead of after
    `config.epochs`. `pictures` replaces the data set of the config. `progress` is called during a
    download. In a `group`, every process makes the same call and plays its rows of each batch; all
    see the same scores. Raises `Diverged` when a score is not finite, and `BadInput` when the data
    cannot be had or the state does not fit.
    """
    if resume is not None:
        _check_resume(config, resume)
    # A resume is bit-exact only with the precision that was chosen at the start.
    precision = (
        resume.config.precision
        if resume is not None and config.precision == "auto"
        else config.precision
    )
    trainer = Trainer(
        config,
        pictures or DATASETS[config.dataset](progress),
        group.broadcast(plan(precision)),
        group,
    )
    if resume is not None:
        trainer.restore(resume)
    if steps is not None:
        trainer.schedule = trainer.schedule.lasting(steps)
    last = trainer.schedule.steps if steps is None else steps
    if trainer.plan.device.type == "cpu":
        keep_freed_memory()
    threads = torch.get_num_threads()
    torch.set_num_threads(threads_for(trainer.work))
    try:
        yield from _rounds(trainer, last, pace or Pace())
    finally:
        torch.set_num_threads(threads)


def _rounds(trainer: Trainer, last: int, pace: Pace) -> Iterator[Snapshot]:
    """Plays until round `last` and decides when to yield."""
    waiting: list[Tensor] = []
    clock = _SnapshotClock(pace)
    while True:
        now = time.monotonic()
        done, ends_epoch = trainer.step >= last, trainer.schedule.ends_epoch(trainer.step)
        picture = done or clock.picture_due(now, ends_epoch)
        if picture or clock.scores_due(now):
            scores = _on_host(waiting, trainer.game.scores)
            # The clocks of several processes differ, so only one of them checks.
            if trainer.group.rank == 0:
                _check_finite(trainer.config, trainer.step, scores)
            # Only now is the device idle, so that what a picture costs can be told.
            begun = time.monotonic()
            snapshot = _snapshot(trainer, last, scores, picture, ends_epoch)
            clock.note(begun, picture)
            yield snapshot
            waiting.clear()
        if done:
            return
        waiting.append(trainer.advance())


class _SnapshotClock:
    """When the next snapshot is due."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._start = time.monotonic()
        self._scores = self._picture = -math.inf
        self._costs: deque[float] = deque(maxlen=5)
        self._pictures = 0

    def scores_due(self, now: float) -> bool:
        return now - self._scores >= self.pace.scores

    def picture_due(self, now: float, ends_epoch: bool) -> bool:
        """Whether a snapshot with a picture is due, in a round that may end an epoch."""
        if now - self._picture >= self.pace.pictures and self.scores_due(now):
            return True
        if not ends_epoch or self.pace.epochs == 0:
            return False
        each = statistics.median(self._costs) + SECONDS_TO_WRITE if self._costs else 0.0
        return self._pictures * each <= SECONDS_AT_ONCE + self.pace.epochs * (now - self._start)

    def note(self, start: float, picture: bool) -> None:
        """A snapshot has just been made, since `start`."""
        self._scores = start
        if picture:
            self._picture = start
            self._pictures += 1
            self._costs.append(time.monotonic() - start)


def _snapshot(
    trainer: Trainer, last: int, scores: AnyScores[np.ndarray], picture: bool, ends_epoch: bool
) -> Snapshot:
    schedule, step = trainer.schedule, trainer.step
    return Snapshot(
        step,
        last,
        schedule.steps_per_epoch,
        int(schedule.progress(step)),
        schedule.progress(step),
        ends_epoch,
        scores,
        trainer.preview() if picture else None,
        _while_current(trainer),
        done=step >= last,
    )


def _while_current(trainer: Trainer) -> Callable[[], TrainingState]:
    step = trainer.step

    def capture() -> TrainingState:
        if trainer.step != step:
            raise RuntimeError(
                f"The snapshot of step {step} can be captured only until the loop goes on."
            )
        return trainer.capture()

    return capture


def subset(pictures: Pictures, config: TrainConfig) -> Pictures:
    """`config.most_pictures` of the pictures, drawn with the seed, equally many of each class as
    far as possible; all of them if that is 0.
    """
    count = len(pictures.labels)
    if not 0 < config.most_pictures < count:
        return pictures
    order = torch.randperm(count, generator=rng_for(config.seed, "subset"))
    labels = pictures.labels[order]
    turns = torch.empty(count, dtype=torch.int64)  # how many of its class come before each
    for label in labels.unique():
        turns[labels == label] = torch.arange(int((labels == label).sum()))
    chosen = order[turns.argsort(stable=True)[: config.most_pictures]]
    return pictures.at(chosen)


def _on_host(waiting: list[Tensor], kind: type[AnyScores[Any]]) -> AnyScores[np.ndarray]:
    """The scores of the rounds as one array (n,) each, in a single transfer."""
    if not waiting:
        return kind(*(np.zeros(0, np.float32) for _ in kind._fields))
    return kind(*torch.stack(waiting).float().cpu().numpy().T)


def _check_finite(config: TrainConfig, step: int, scores: AnyScores[np.ndarray]) -> None:
    for name, values in scores._asdict().items():
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise Diverged(
                _advice(
                    config, step - len(values) + int(bad[0]) + 1, f"The {name.replace('_', ' ')}"
                )
            )


def _advice(config: TrainConfig, step: int, what: str) -> str:
    remedy = (
        f"lower the learning rates (now {config.discriminator_lr:g} and {config.generator_lr:g})"
    )
    if config.precision == "bfloat16":
        remedy += " or set precision=float32"
    return (
        f"{what} was no longer a finite number at step {step}, so training stopped at its last good"
        f" state: {remedy} and start again."
    )


def _check_resume(config: TrainConfig, state: TrainingState) -> None:
    same = state.config.from_saved(
        state.config.to_dict() | {"epochs": config.epochs, "precision": config.precision}
    )
    if same != config:
        changed = [
            name for name, value in config.to_dict().items() if value != same.to_dict()[name]
        ]
        raise BadInput(
            f"The saved run has other settings ({', '.join(changed)}): resume with its own, or"
            " start a new run."
        )


def _flat_optimizer(state: Mapping[str, object]) -> dict[str, Tensor]:
    slots: Mapping[int, Mapping[str, object]] = state["state"]  # type: ignore[assignment]
    return {
        f"{index}.{key}": value
        for index, slot in slots.items()
        for key, value in slot.items()
        if isinstance(value, Tensor)
    }


def _load_optimizer(
    optimizer: torch.optim.Optimizer, flat: Mapping[str, Tensor], step: int
) -> None:
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    remembers = not isinstance(optimizer, torch.optim.SGD) or optimizer.defaults["momentum"] != 0
    if bool(flat) != (step > 0 and remembers):
        raise ValueError("the optimizer's memory is missing")
    slots: dict[int, dict[str, Tensor]] = {}
    for name, value in flat.items():
        index, _, key = name.partition(".")
        weight = weights[int(index)]
        if value.ndim and value.shape != weight.shape:
            raise ValueError(f"{name} has another shape than its weight")
        # A copy, since the optimizer changes it in place; in the memory layout of the weight, since
        # a fused step pairs the two as they lie in memory.
        slots.setdefault(int(index), {})[key] = (
            torch.empty_like(weight, requires_grad=False).copy_(value)
            if value.ndim
            else value.clone()
        )
    optimizer.load_state_dict(
        {"state": slots, "param_groups": optimizer.state_dict()["param_groups"]}
    )
