"""Two claims of the courses, put to the test over seeds: that a DCGAN which is told the class draws
better pictures than one which is not, and that the slope of LeakyReLU is worth tuning.

    python -m benchmarks.choices [classes] [slope] [--seeds N] [--json FILE]
        both, or one; about an hour on one core

Each is one setting of the preset `dcgan-digits` that changes, all else and the seeds being equal:
12 epochs of 5,000 digits at half the preset's width. Measured against the 10,000 test digits.
"""

from __future__ import annotations

import argparse
import collections
import functools
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import quality, side_by_side
from ganapp.checkpoints import TrainedModel
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.experiments.scoring import drawn
from ganapp.training import Pace, train

DRAWN = 2000
BASE = replace(PRESETS["dcgan-digits"].config, width=16, epochs=12)
FIGURES = ("frechet", "precision", "recall", "coverage")


class Choice(NamedTuple):
    """A `setting` with the values to try; the others are held against the `usual` one."""

    setting: str
    values: tuple[Any, ...]
    usual: Any


CHOICES = {
    "classes": Choice("conditional", (False, True), False),
    "slope": Choice("leaky_slope", (0.0, 0.1, 0.2, 0.3, 0.5), 0.2),
}


def figures(config: TrainConfig) -> dict[str, float]:
    """The quality at the end of a run."""
    snapshots = train(config, pace=Pace(math.inf, math.inf, epochs=math.inf))
    model = TrainedModel.from_state(collections.deque(snapshots, maxlen=1)[0].capture())
    scores = quality.evaluate(*drawn(model, DRAWN)).generated
    return {name: getattr(scores, name).value for name in FIGURES}


def gain(values: Sequence[float], usual: Sequence[float]) -> tuple[float, float]:
    """The mean of what each seed gains over the usual setting, and half the width of its 95 %
    interval by Student's t.
    """
    from scipy.stats import t

    gains = np.subtract(values, usual)
    error = float(np.std(gains, ddof=1)) / math.sqrt(len(gains))
    return float(gains.mean()), float(t.ppf(0.975, len(gains) - 1)) * error


def study(
    choice: Choice, seeds: int, keep: Callable[[dict[str, Any]], None]
) -> dict[str, list[dict[str, float]]]:
    """The figures of each value, by seed; `keep` gets them after each run."""
    found: dict[str, list[dict[str, float]]] = {str(value): [] for value in choice.values}
    for seed in range(seeds):
        for value in choice.values:
            config = TrainConfig.from_dict({choice.setting: value, "seed": seed}, BASE)
            found[str(value)].append(figures(config))
            told = ", ".join(f"{k} {v:.3f}" for k, v in found[str(value)][-1].items())
            print(f"{choice.setting} {value}, seed {seed}: {told}", flush=True)
            keep(found)
    return found


def table(choice: Choice, found: dict[str, list[dict[str, float]]]) -> str:
    """A line a value: the mean of each figure, and in brackets the gain over the usual setting."""
    lines = [f"| {choice.setting} | " + " | ".join(FIGURES) + " |", "|---" * 5 + "|"]
    usual = found[str(choice.usual)]
    for value, runs in found.items():
        cells = [value]
        for name in FIGURES:
            values, before = ([run[name] for run in each] for each in (runs, usual))
            cell = f"{np.mean(values):.3f}"
            if runs is not usual:
                mean, half = gain(values, before)
                cell += f" ({mean:+.3f} ± {half:.3f})"
            cells.append(cell)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Trains, measures, prints the tables, and adds the figures to a record."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.choices", description="Two settings, over seeds."
    )
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(CHOICES))
    parser.add_argument("--seeds", type=int, default=5, help="runs of each value (default 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the figures to this record")
    options = parser.parse_args()
    if unknown := set(options.what) - set(CHOICES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(CHOICES)}")
    if options.seeds < 2:
        parser.error("an interval needs two seeds or more")
    file: Path | None = options.json
    record = json.loads(file.read_text("utf-8")) if file and file.exists() else {}
    record.setdefault("machine", side_by_side.machine())

    def keep(name: str, found: dict[str, Any]) -> None:
        record.setdefault("choices", {})[name] = found
        if file:
            file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    for name in options.what or CHOICES:
        choice = CHOICES[name]
        print(table(choice, study(choice, options.seeds, functools.partial(keep, name))))


if __name__ == "__main__":
    main()
