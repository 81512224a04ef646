"""`evaluate-2d`: a GAN in the plane by PacGAN's protocol, beside the figures of its paper (Lin et
al. 2018, arXiv:1712.04086).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ganapp.commands.shared import check_writable, progress_bar, whole
from ganapp.config.lab import LabConfig, PlaneName, compact
from ganapp.config.lab_presets import LAB_PRESETS
from ganapp.config.settings import LossName
from ganapp.errors import BadInput
from ganapp.files import expanded, save_atomically

if TYPE_CHECKING:
    from ganapp.evaluation.plane import Coverage
    from ganapp.lab.protocol import Row

MOST_STEPS, MOST_TRIALS = 10_000_000, 1000
RECORD = "evaluate-2d"
"""The name of these figures in a record."""
PAPER = (
    "PacGAN's paper (400,000 steps; generator 4 x 400 with BatchNorm, discriminator 3 x 200"
    " maxout-5, batch 100)"
)


class Task(NamedTuple):
    """One of the protocol's two distributions: its name in the lab, how many modes it has, the
    preset made for it, and the paper's means of modes, high quality in percent and reverse KL.
    """

    plane: PlaneName
    modes: int
    best: str
    paper: dict[str, tuple[float, float, float]]


TASKS = {
    "ring": Task(
        "eight-gaussians",
        8,
        "best-ring",
        {
            "GAN": (6.3, 98.2, 0.45),
            "ALI": (6.6, 97.6, 0.36),
            "PacGAN2": (7.9, 95.6, 0.07),
            "PacGAN4": (7.8, 95.9, 0.07),
        },
    ),
    "grid": Task(
        "grid",
        25,
        "best-grid",
        {
            "GAN": (17.3, 94.8, 0.70),
            "ALI": (24.1, 95.7, 0.14),
            "PacGAN2": (23.8, 91.3, 0.13),
            "PacGAN4": (24.8, 93.6, 0.04),
        },
    ),
}
COMPARED = ("gan", "wgan-gp", "pacgan2")
"""What `--all` lays beside the best."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The distribution, what is trained on it, how long and how often."""
    parser.add_argument("task", choices=tuple(TASKS), help="eight modes on a ring, or 25 on a grid")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--preset",
        metavar="NAME",
        help=(
            "a preset of the 2-D lab, on this distribution (that of the task: best-ring or"
            " best-grid)"
        ),
    )
    what.add_argument("--loss", choices=get_args(LossName), help="the preset gan with another loss")
    what.add_argument(
        "--all", action="store_true", help=f"a table of {', '.join(COMPARED)} and the best"
    )
    parser.add_argument(
        "--steps",
        type=whole(1, MOST_STEPS),
        metavar="N",
        help="rounds of each training (5,000; fewer show little)",
    )
    parser.add_argument(
        "--trials",
        type=whole(1, MOST_TRIALS),
        default=10,
        metavar="N",
        help="trainings, each with a seed of its own (10)",
    )
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="add every trial's figures to this record; what it holds of others stays",
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains, and prints the table."""
    task = TASKS[arguments.task]
    chosen = _chosen(arguments, task)
    steps = arguments.steps or LAB_PRESETS[task.best].rounds
    record = _opened(arguments.json)

    from ganapp.lab import protocol

    rows = []
    for name, config in chosen.items():
        before = time.perf_counter()
        results = _trained(name, config, arguments.trials, steps)
        rows.append(protocol.row(name, results))
        if arguments.json:
            _keep(record, arguments, name, config, steps, results, time.perf_counter() - before)
    print(table(arguments.task, rows))
    print(
        f"\n{protocol.GENERATED:,} points of each of {arguments.trials} trainings of {steps:,}"
        f" steps with the lab's own small networks; the upper rows are from {PAPER}. A point is of"
        " high quality within 3 standard deviations of a mode; real points reach 98.9 %."
    )
    return 0


def table(task: str, rows: list[Row]) -> str:
    """The paper's rows and ours, as Markdown."""
    lines = [
        f"| {task} | modes of {TASKS[task].modes} | high quality, % | reverse KL |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} (paper) | {modes:.1f} | {good:.1f} | {kl:.2f} |"
        for name, (modes, good, kl) in TASKS[task].paper.items()
    ]
    for row in rows:
        cells = [
            _with_error(*cell, digits) for cell, digits in zip(row[1:], (1, 1, 3), strict=True)
        ]
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _with_error(mean: float, error: float, digits: int) -> str:
    # One trial has no error.
    return f"{mean:.{digits}f}" + (f" ± {error:.{digits}f}" if error == error else "")


def _chosen(arguments: argparse.Namespace, task: Task) -> dict[str, LabConfig]:
    """What to train, by name."""
    if arguments.all:
        names = [*COMPARED, task.best]
    elif arguments.loss:
        bound = (
            {"gradient_penalty": LAB_PRESETS["wgan-gp"].config.gradient_penalty}
            if arguments.loss == "wasserstein"
            else {}
        )
        config = LabConfig.from_dict({"loss": arguments.loss, **bound}, LAB_PRESETS["gan"].config)
        return {arguments.loss: replace(config, plane=task.plane)}
    else:
        names = [arguments.preset or task.best]
    for name in names:
        if name not in LAB_PRESETS:
            raise BadInput(
                f"The lab has no preset {name[:60]!r}; its presets are {', '.join(LAB_PRESETS)}."
            )
    return {name: replace(LAB_PRESETS[name].config, plane=task.plane) for name in names}


def _trained(name: str, config: LabConfig, count: int, steps: int) -> list[Coverage]:
    import torch

    from ganapp.lab.protocol import trials

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # networks this small are slower in more
    results = []
    try:
        with progress_bar(total=count * steps, desc=name, unit=" steps") as bar:
            for result in trials(
                config, count, steps, lambda trial, step: bar.update(trial * steps + step - bar.n)
            ):
                results.append(result)
                bar.set_postfix_str(
                    f"trial {len(results)}: {result.modes} modes,"
                    f" {100 * result.high_quality:.1f} %",
                    False,
                )
    finally:
        torch.set_num_threads(threads)
    return results


def _opened(text: str | None) -> dict[str, Any]:
    """What the record holds already, once it is sure that it can be written."""
    if text is None:
        return {}
    file = expanded(text)
    if file.is_dir():
        raise BadInput(f"--json is {text[:60]!r}, but that is a folder: name a file.")
    check_writable(file)
    try:
        record = json.loads(file.read_text(encoding="utf-8") or "{}") if file.exists() else {}
    except ValueError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get(RECORD, {}), dict):
        raise BadInput(
            f"--json is {text[:60]!r}, but that file holds no record that figures could be added"
            " to: name another one."
        )
    return record


def _keep(
    record: dict[str, Any],
    arguments: argparse.Namespace,
    name: str,
    config: LabConfig,
    steps: int,
    results: list[Coverage],
    seconds: float,
) -> None:
    """Adds one row to the record and writes it, so that what takes long is not lost."""
    rows = record.setdefault(RECORD, {}).setdefault(arguments.task, {})
    rows[name] = {
        "settings": compact(config),
        "steps": steps,
        "modes": [each.modes for each in results],
        "high_quality": [round(each.high_quality, 4) for each in results],
        # JSON knows no infinity: null is a trial without any point of high quality
        "reverse_kl": [round(each.reverse_kl, 5) if each.found.any() else None for each in results],
        "seconds": round(seconds, 1),
    }
    text = json.dumps(record, indent=1) + "\n"
    save_atomically(
        expanded(arguments.json), lambda path: Path(path).write_text(text, encoding="utf-8")
    )
    print(f"{name}: {seconds:.0f} s", file=sys.stderr)
