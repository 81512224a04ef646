"""Writes what `benchmarks/results` holds into docs/results.md (between its two marks) and draws
docs/time-to-quality.png: `python -m benchmarks.report`.
"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE, PICTURE = (
    ROOT / "benchmarks" / "results",
    ROOT / "docs" / "results.md",
    ROOT / "docs" / "time-to-quality.png",
)
MARKS = "<!-- benchmarks: written by python -m benchmarks.report -->", "<!-- end of benchmarks -->"
COLOURS = {"plain": "rgb(120,120,120)", "ours": "rgb(68,124,228)"}


def records() -> dict[str, dict[str, Any]]:
    """The recorded results by the machine's file name."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(RESULTS.glob("*.json"))
    }


def described(machine: dict[str, Any]) -> str:
    """A machine in one sentence."""
    parts = [
        f"{machine['cores']} cores of {machine['processor']}",
        *([" ".join(machine["flags"])] if machine["flags"] else []),
    ]
    return (
        f"{', '.join(parts)}; {'GPU: ' + machine['gpu'] if machine['gpu'] else 'no GPU'}; PyTorch"
        f" {machine['torch']}"
    )


def training_table(training: dict[str, Any]) -> str:
    """How many times as fast as the plain loop, with the spread and the aim."""
    rows = [
        (
            "| training | precision | times as fast | middle half of the turns | ms a step, plain"
            " and ours | aim |"
        ),
        "|---|---|---|---|---|---|",
    ]
    for entry in training.values():
        plain, ours = (f"{1000 * seconds:.0f}" for seconds in entry["seconds"])
        aim = f"{entry['aim']:g}" if entry["aim"] else ""
        rows.append(
            f"| {entry['title']} | {entry['precision']} | {entry['median']:.2f} |"
            f" {entry['low']:.2f} to {entry['high']:.2f} | {plain}, {ours} | {aim} |"
        )
    return "\n".join(rows)


def quality_table(found: dict[str, Any]) -> str:
    """Seconds to the goal, by seed."""
    rows = [
        "| seconds to 90 % label accuracy with coverage 0.5 | "
        + " | ".join(f"seed {k}" for k in range(5))
        + " |",
        "|---|---|---|---|---|---|",
    ]
    names = {"plain": "plain conditional DCGAN", "ours": "preset `digits`"}
    for side, runs in found["curves"].items():
        cells = []
        for seconds, looks in zip(found["seconds"][side], runs, strict=True):
            _, _, accuracy, _, coverage = looks[-1]
            cells.append(
                f"{seconds:.0f}"
                if seconds
                else f"not in {looks[-1][0]:.0f} ({accuracy:.2f}, {coverage:.2f})"
            )
        rows.append(f"| {names[side]} | {' | '.join(cells)} |")
    return "\n".join(rows)


def page_table(found: dict[str, Any]) -> str:
    """What a visitor feels."""
    updates = found["updates"]
    memory = found["memory_after_runs_mb"]
    size = "; ".join(
        f"step {int(step):,}: {entry['bytes']:,} bytes, {entry['server_ms']:.1f} ms"
        for step, entry in updates.items()
    )
    rows = {
        "`python app.py` to a usable page": f"{found['usable_s']:.1f} s",
        "Start to the first picture": f"{found['start_to_picture_s']:.2f} s",
        "slider to picture, median and 95th percentile, idle": "{:.0f} and {:.0f} ms".format(
            *found["slider_idle_ms"]
        ),
        "the same while a run trains": "{:.0f} and {:.0f} ms".format(*found["slider_training_ms"]),
        "a run's state as sent, and the server's time for a page that opens on it": size,
        "training speed with 30 clients watching twice a second": (
            f"{found['speed_watched']['kept']:.2f} of its speed alone"
        ),
        "memory of all processes, shared pages counted once": (
            f"{found['memory_idle_mb'] / 1000:.2f} GB"
        ),
        "the same after 2 and after 20 runs": (
            f"{memory[1] / 1000:.2f} and {memory[-1] / 1000:.2f} GB"
        ),
    }
    return "\n".join(
        ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]
    )


def failures_table(found: dict[str, Any]) -> str:
    """What shows each failure: the median over the seeds as it is and cured, the whole range in
    brackets.
    """
    rows = [
        "| preset | what shows it | as it is | cured | failed, and well once cured |",
        "|---|---|---|---|---|",
    ]
    for name, entry in found.items():
        failed, well = entry["failed"], entry["well"]
        for number, figure in enumerate(entry["figures"]):
            cells = [_spread([run[number] for run in kind["runs"]]) for kind in (failed, well)]
            kept = (
                f"{failed['right']} of {len(failed['runs'])}, {well['right']} of"
                f" {len(well['runs'])}"
            )
            rows.append(
                f"| {'' if number else f'`{name}`'} | {figure} | {' | '.join(cells)} |"
                f" {'' if number else kept} |"
            )
    return "\n".join(rows)


def plane_table(found: dict[str, Any]) -> str:
    """PacGAN's protocol: each distribution with its paper's rows and ours, means with standard
    errors over the trials.
    """
    from ganapp.commands.evaluate_2d import TASKS, table
    from ganapp.lab.protocol import Row, mean_with_error

    tables = []
    for task, entries in found.items():
        rows = []
        for name, entry in entries.items():
            worst = math.log(TASKS[task].modes)
            percents, kls = (
                [100 * share for share in entry["high_quality"]],
                [worst if kl is None else kl for kl in entry["reverse_kl"]],
            )
            rows.append(
                Row(
                    f"{name}, {entry['steps']:,} steps",
                    *map(mean_with_error, (entry["modes"], percents, kls)),
                )
            )
        tables.append(table(task, rows))
    return "\n\n".join(tables)


def lab_table(found: dict[str, Any]) -> str:
    """What visitors of the 2-D lab feel, by how many there are."""
    rows = [
        (
            "| pages of the 2-D lab that play at once | pictures a second | rounds a second |"
            " longest wait | errors |"
        ),
        "|---|---|---|---|---|",
    ]
    for count, entry in found.items():
        pace = (
            f"{entry['frames a second']:.1f} | {entry['rounds a second']:.0f} |"
            f" {entry['longest wait in seconds']:.2f} s"
        )
        rows.append(f"| {count} | {pace} | {entry['errors']} |")
    return "\n".join(rows)


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def text() -> str:
    """The part of docs/results.md between the marks."""
    parts = []
    for record in records().values():
        parts.append(f"Measured on {described(record['machine'])}.")
        if "training" in record:
            parts.append(training_table(record["training"]))
        if "time-to-quality" in record:
            parts.append(quality_table(record["time-to-quality"]))
        if "page" in record:
            parts.append(page_table(record["page"]))
        if "lab" in record:
            parts.append(lab_table(record["lab"]))
        if "failures" in record:
            parts.append(failures_table(record["failures"]))
        if "evaluate-2d" in record:
            parts.append(plane_table(record["evaluate-2d"]))
    return "\n\n".join(parts)


def draw(found: dict[str, Any]) -> None:
    """Accuracy, coverage and Fréchet distance against seconds of training, a line a seed."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for axis, (title, column) in zip(
        axes,
        (("label accuracy", 2), ("coverage", 4), ("Fréchet distance (digit features)", 3)),
        strict=True,
    ):
        for side, runs in found["curves"].items():
            red, green, blue = (int(part) / 255 for part in COLOURS[side][4:-1].split(","))
            for number, looks in enumerate(runs):
                style = {
                    "color": (red, green, blue),
                    "linestyle": "--" if side == "plain" else "-",
                    "marker": ".",
                    "linewidth": 1.2,
                }
                label = (
                    {"plain": "plain conditional DCGAN", "ours": "preset digits"}[side]
                    if number == 0
                    else None
                )
                axis.plot(
                    [look[0] for look in looks],
                    [look[column] for look in looks],
                    label=label,
                    **style,
                )
        axis.set(title=title, xlabel="seconds of training")
        axis.grid(alpha=0.25)
    for axis, goal in zip(axes, (0.9, 0.5), strict=False):
        axis.axhline(goal, color="black", linewidth=0.8, linestyle=":")
    axes[2].set_yscale("log")
    axes[0].legend(frameon=False)
    figure.savefig(PICTURE, dpi=110)


def main() -> None:
    """Writes docs/results.md and the picture."""
    before, rest = PAGE.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{text()}\n\n{MARKS[1]}{after}", encoding="utf-8")
    for record in records().values():
        if "time-to-quality" in record:
            draw(record["time-to-quality"])


if __name__ == "__main__":
    main()
