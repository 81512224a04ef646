"""Training speed beside the plain loop of `benchmarks.plain`: the same networks, batch and data,
taking turns.

Our side is `for snapshot in train(config)` with everything a run does: pictures, scores, the
running average.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.side_by_side import Program, Ratio, answer, compare


class Case(NamedTuple):
    """What is trained on both sides, how many steps a turn, and what we aim at on a processor and
    on a GPU.
    """

    title: str
    preset: str
    changes: dict[str, Any]
    steps: tuple[int, int]
    aims: dict[str, float]


CASES = {
    "dcgan-64": Case(
        "DCGAN, 64 px, width 64, batch 64",
        "dcgan-digits",
        {"image_size": 64, "width": 64, "batch_size": 64},
        (6, 12),
        {"bfloat16": 2.5, "float32": 1.15},
    ),
    "dcgan-32": Case(
        "DCGAN, 32 px, width 64, batch 128",
        "dcgan-digits",
        {"image_size": 32, "width": 64, "batch_size": 128},
        (10, 20),
        {"cuda": 5},
    ),
    "mlp": Case(
        "MLP GAN of the course, batch 128", "mlp-digits", {}, (40, 80), {"bfloat16": 4, "cuda": 15}
    ),
}


def ratio(name: str, precision: str, turns: int, show: Callable[[int], None]) -> Ratio:
    """How much faster ours is, in `precision`."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Program(["benchmarks.training", "plain", name, folder])
        ours = Program(["benchmarks.training", "ours", name, precision])
        return compare(plain, ours, CASES[name].steps, turns, show)


def play(rounds: Iterator[Any]) -> Callable[[int], float]:
    """Steps of the plain loop, timed; `.item()` has waited for the GPU."""

    def timed(steps: int) -> float:
        start = time.perf_counter()
        for _ in range(steps):
            next(rounds)
        return time.perf_counter() - start

    return timed


def plain(name: str, folder: Path) -> None:
    """The plain side's process."""
    import torch

    from benchmarks.plain import Plain, write_mnist  # imports torch before ganapp
    from ganapp.config.presets import PRESETS
    from ganapp.config.training import TrainConfig

    case = CASES[name]
    write_mnist(folder)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    config = TrainConfig.from_dict(case.changes, PRESETS[case.preset].config)
    answer(play(Plain(config, folder, device).rounds()))


def ours(name: str, precision: str) -> None:
    """Our side's process: every snapshot is taken as a run would take it."""
    from ganapp.config.presets import PRESETS
    from ganapp.config.training import TrainConfig
    from ganapp.training import train

    case = CASES[name]
    config = TrainConfig.from_dict(
        {**case.changes, "precision": precision, "epochs": 100_000}, PRESETS[case.preset].config
    )
    snapshots = train(config)
    at = next(snapshots).step

    def timed(steps: int) -> float:
        """Until the first snapshot at or after so many steps, whose scores the host has then read;
        scaled to `steps`.
        """
        nonlocal at
        start, first = time.perf_counter(), at
        while at < first + steps:
            at = next(snapshots).step
        return (time.perf_counter() - start) * steps / (at - first)

    answer(timed)


if __name__ == "__main__":
    {
        "plain": lambda: plain(sys.argv[2], Path(sys.argv[3])),
        "ours": lambda: ours(sys.argv[2], sys.argv[3]),
    }[sys.argv[1]]()
