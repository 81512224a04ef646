"""What people feel: seconds of training until a generator writes digits that can be read and that
vary.

The default preset beside a plain conditional DCGAN (the course's rules, width 32, batch 64, Adam
2e-4, played by the plain loop of `benchmarks.plain`), over several seeds. The goal is 90 % label
accuracy *and* coverage .5; accuracy alone is reached by a generator that has collapsed to one
picture a class. The clock stands still while the digit classifier looks at 5,000 pictures.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.side_by_side import ENVIRONMENT, ROOT

LEAST_ACCURACY, LEAST_COVERAGE = 0.9, 0.5
SEEDS = range(5)
LOOKS = {"plain": (30, 60, 90, 120, 150, 180), "ours": (5, 10, 15, 20, 25, 30, 40, 60)}


class QualityCheck(NamedTuple):
    """What the digit classifier saw after so many seconds of training."""

    seconds: float
    steps: int
    accuracy: float
    frechet: float
    coverage: float


def good(check: QualityCheck) -> bool:
    """Whether the goal is reached."""
    return check.accuracy >= LEAST_ACCURACY and check.coverage >= LEAST_COVERAGE


def reached(checks: list[QualityCheck]) -> float | None:
    """Seconds until the goal, or None if no look saw it."""
    return next((check.seconds for check in checks if good(check)), None)


def watch(side: str, seed: int) -> Iterator[QualityCheck]:
    """Trains one side in this process and looks at the appointed times, the plain side only until
    it reaches the goal.
    """
    rounds, model = {"plain": _plain, "ours": _ours}[side](seed)
    from benchmarks.quality import real_digits
    from ganapp.evaluation import classifier
    from ganapp.evaluation.distances import frechet_distance
    from ganapp.evaluation.manifold import manifold
    from ganapp.experiments.scoring import arrays, drawn

    checks, seconds, steps = list(LOOKS[side]), 0.0, 0
    while checks:
        start = time.perf_counter()
        steps += next(rounds)
        seconds += time.perf_counter() - start
        if seconds >= checks[0]:
            checks.pop(0)
            images, labels = drawn(model())
            assert labels is not None
            judge = classifier.shipped()[0]
            real_features, features = (
                classifier.features(judge, arrays(real_digits())),
                classifier.features(judge, images),
            )
            accuracy = float((classifier.read(judge, features) == labels).mean())
            coverage = manifold(real_features, features).coverage
            check = QualityCheck(
                seconds, steps, accuracy, frechet_distance(real_features, features), coverage
            )
            yield check
            if side == "plain" and good(check):
                return


def _ours(seed: int) -> tuple[Iterator[int], Callable[[], Any]]:
    from ganapp.checkpoints import TrainedModel
    from ganapp.config.presets import DEFAULT_PRESET, PRESETS
    from ganapp.config.training import TrainConfig
    from ganapp.training import train

    newest: list[Any] = []

    def rounds() -> Iterator[int]:
        before = 0
        for snapshot in train(
            TrainConfig.from_dict({"seed": seed, "epochs": 1000}, PRESETS[DEFAULT_PRESET].config)
        ):
            newest[:] = [snapshot]
            yield snapshot.step - before
            before = snapshot.step

    return rounds(), lambda: TrainedModel.from_state(newest[0].capture(), {})


def _plain(seed: int) -> tuple[Iterator[int], Callable[[], Any]]:
    import torch

    from benchmarks.plain import Plain, write_mnist  # imports torch before ganapp
    from ganapp.checkpoints import TrainedModel
    from ganapp.config.training import TrainConfig

    torch.manual_seed(seed)
    folder = Path(tempfile.gettempdir()) / "ganapp-plain"
    write_mnist(folder)
    config = TrainConfig(latent_size=100, width=32, batch_size=64, seed=seed)
    run = Plain(config, folder)

    def model() -> Any:
        trained = TrainedModel(config.to_dict() | {"ema_half_life": 0.0}, list("0123456789"), 1)
        trained.generator.load_state_dict(run.generator.state_dict())
        return trained

    return (1 for _ in run.rounds()), model


def measure(show: Callable[[str], None] = print) -> dict[str, Any]:
    """Every seed of both sides, each in a process of its own, taking turns."""
    curves: dict[str, list[list[QualityCheck]]] = {side: [] for side in LOOKS}
    for seed in SEEDS:
        for side in LOOKS:
            checks = []
            arguments = [sys.executable, "-m", "benchmarks.time_to_quality", side, str(seed)]
            with subprocess.Popen(
                arguments, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    if not line.startswith("["):  # prdc talks
                        continue
                    checks.append(QualityCheck(*json.loads(line)))
                    show(
                        f"{side}, seed {seed}: {checks[-1].seconds:.0f} s, accuracy"
                        f" {checks[-1].accuracy:.3f}, coverage {checks[-1].coverage:.3f}, Fréchet"
                        f" {checks[-1].frechet:.2f}"
                    )
            curves[side].append(checks)
    return {"curves": curves, **summary(curves)}


def summary(curves: dict[str, list[list[QualityCheck]]]) -> dict[str, Any]:
    """Seconds to the goal by seed (None where no look saw it), and how many times sooner ours is,
    at least: the plain side counts with its last look before the goal, ours with its first one at
    it, or with infinity.
    """
    times = {side: [reached(checks) for checks in runs] for side, runs in curves.items()}
    before = [
        max((check.seconds for check in checks if not good(check)), default=0.0)
        for checks in curves["plain"]
    ]
    after = [seconds if seconds is not None else math.inf for seconds in times["ours"]]
    return {"seconds": times, "times sooner": statistics.median(before) / statistics.median(after)}


if __name__ == "__main__":
    for check in watch(sys.argv[1], int(sys.argv[2])):
        print(json.dumps(check), flush=True)
