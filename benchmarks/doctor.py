"""Does the training doctor say what is the matter? Recorded runs of all presets, five seeds each,
and its verdicts at every check.

    python -m benchmarks.doctor record [PRESET ...]     plays the runs that are not recorded yet and
                                                        adds them to tests/data/doctor.json.gz (some
                                                        hours for all of them)
    python -m benchmarks.doctor play PRESET SEED ...    plays one preset with other seeds, and says
                                                        when which verdict stood
    python -m benchmarks.doctor cadence                 plays three runs, checked every 20 rounds,
                                                        for tests/data/cadence.json.gz (a minute)
    python -m benchmarks doctor                         the tables of what is recorded

The doctor's thresholds were chosen on the runs of seeds 0 and 1; the other tables are of seeds that
they have not seen. A CycleGAN is never checked, so it has no runs here.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from ganapp.checkpoints import TrainedModel
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.experiments.doctor import VERDICTS, Verdict, history
from ganapp.experiments.quality import Movement, QualityChecker
from ganapp.games import score_names
from ganapp.runs.curves import Curves
from ganapp.training import Pace, train

RECORD = Path(__file__).resolve().parent.parent / "tests" / "data" / "doctor.json.gz"
CADENCE = RECORD.with_name("cadence.json.gz")
TUNED, HELD_OUT = (0, 1), (2, 3, 4)
PLAYED = [
    name
    for name, preset in PRESETS.items()
    if not preset.config.capabilities.translates and preset.config.dataset in ("digits", "emoji")
]
"""The other data sets are larger, and their presets the same games."""
LOOKS = {"mlp-digits": 80}
"""How many checks a run has; 40 where nothing is said."""
LEAST_BETWEEN = 40
STEPS = {
    "digits": (3000, 2000),
    "dcgan-digits": (1500, 900),
    "wgan-digits": (900, 600),
    "wgan-gp-digits": (700, 500),
    "stable-digits": (1200, 800),
    "biggan-digits": (700, 500),
    "emoji": (1300, 800),
    "biggan-emoji": (500, 350),
    "infogan-digits": (2400, 1700),
}
"""The rounds of slow presets, of seed 0 and of the others; the rest are played to their ends."""
WATCHING = ("healthy", "not yet")
"""What is no alarm."""


def matter_with(preset: str) -> str:
    """What the doctor should say of a preset's runs."""
    _, found, failure = preset.partition("failure-")
    return failure if found else "healthy"


def played(preset: str, seed: int) -> dict[str, Any]:
    """A run's curves and checks."""
    config = TrainConfig.from_dict({"seed": seed}, PRESETS[preset].config)
    curves, quality = Curves(score_names(config)), None
    checks = list[list[float]]()
    most = STEPS[preset][min(seed, 1)] if preset in STEPS else None
    between, total = 0.0, 0
    for snapshot in train(config, steps=most, pace=Pace(0, 60)):
        total = snapshot.steps
        between = max(LEAST_BETWEEN, total / LOOKS.get(preset, 40))
        curves.add(_rows(snapshot))
        if snapshot.step and (snapshot.step >= (len(checks) + 1) * between or snapshot.done):
            model = TrainedModel.from_state(snapshot.capture())
            quality = quality or QualityChecker(model)
            figures = quality.check(model, snapshot.step)
            checks.append([snapshot.step, *(float(f"{value:.4g}") for value in figures)])
    points = curves.points().items()
    return {
        "preset": preset,
        "seed": seed,
        "curves": {name: [float(f"{value:.4g}") for value in row] for name, row in points},
        "looks": checks,
    }


def frequent(preset: str, steps: int, between: int = 20) -> dict[str, Any]:
    """A run with a check every `between` rounds: its curves, the checks, and the mean picture at
    each, in 256ths of the range.
    """
    config = TrainConfig.from_dict({"seed": 5}, PRESETS[preset].config)
    curves, quality = Curves(score_names(config)), None
    checks, means = list[list[float]](), list[Any]()
    for snapshot in train(config, steps=steps, pace=Pace(0, 60, 0)):
        curves.add(_rows(snapshot))
        if snapshot.step and snapshot.step % between == 0:
            model = TrainedModel.from_state(snapshot.capture())
            quality = quality or QualityChecker(model)
            quality.movement = Movement()
            figures = quality.check(model, snapshot.step)
            checks.append([snapshot.step, *(float(f"{figure:.4g}") for figure in figures)])
            mean = quality.movement.mean
            assert mean is not None
            means.append((mean * 256).round().astype(int).flatten().tolist())
    return {"preset": preset, "curves": curves.points(), "checks": checks, "means": means}


def verdicts_of(run: dict[str, Any]) -> list[tuple[float, Verdict]]:
    """What the doctor said in the course of a recorded run."""
    return history(PRESETS[run["preset"]].config, run["curves"], run["looks"])


def at_every_check(run: dict[str, Any]) -> Iterator[tuple[float, str]]:
    """The steps of a run's checks, and the verdict that stood after each."""
    changes = verdicts_of(run)
    for step, *_ in run["looks"]:
        yield step, [verdict.name for at, verdict in changes if at <= step][-1]


def recorded() -> list[dict[str, Any]]:
    """The runs."""
    with gzip.open(RECORD, "rt", encoding="utf-8") as file:
        runs: list[dict[str, Any]] = json.load(file)
        return runs


def frequently() -> list[dict[str, Any]]:
    """The runs that `frequent` played."""
    with gzip.open(CADENCE, "rt", encoding="utf-8") as file:
        runs: list[dict[str, Any]] = json.load(file)
        return runs


def movements() -> str:
    """A Markdown table: how far the mean picture moves in the later half of each frequent run, by
    the rounds between two checks.
    """
    lags = (20, 40, 60, 100, 200, 400)
    rows = ["| rounds | " + " | ".join(map(str, lags)) + " |", "|---|" + "---|" * len(lags)]
    for run in frequently():
        means = np.array(run["means"]) / 256
        cells = []
        for lag in (lag // 20 for lag in lags):
            moved = np.sqrt(np.square(means[lag:] - means[:-lag]).mean(1))
            cells.append(f"{moved[len(moved) // 2 :].mean():.3f}")
        rows.append(f"| {run['preset']} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


class Tally(NamedTuple):
    """How the doctor did on some runs: shares of runs or of checks, and per cents of a run."""

    right: float
    """The share of runs of which the last verdict is right; of a healthy one it is no alarm."""
    false_alarms: float
    """The share of the checks of healthy runs after which an alarm stood."""
    latest: float
    """The share of its run after which the failure was named that took longest; infinite if one
    never was.
    """


def tally(runs: list[dict[str, Any]]) -> Tally:
    """How the doctor did."""
    right, healthy, named = list[bool](), list[bool](), list[float]()
    for run in runs:
        matter, said = matter_with(run["preset"]), list(at_every_check(run))
        last = said[-1][1]
        right.append(last in WATCHING if matter == "healthy" else last == matter)
        if matter == "healthy":
            healthy += [name not in WATCHING for _, name in said]
        else:
            first = next((step for step, name in said if name == matter), float("inf"))
            named.append(first / said[-1][0])
    return Tally(float(np.mean(right)), float(np.mean(healthy)), max(named))


def confusion(runs: list[dict[str, Any]]) -> str:
    """A Markdown table: what was the matter, and after how many checks which verdict stood."""
    said = Counter(
        (matter_with(run["preset"]), name) for run in runs for _, name in at_every_check(run)
    )
    names = [name for name in VERDICTS if any(name in pair for pair in said)]
    rows = ["| run | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for matter in dict.fromkeys(map(matter_with, PLAYED)):
        cells = (str(said[matter, name] or "") for name in names)
        rows.append(f"| {matter} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def measure(show: Callable[[str], None]) -> dict[str, Any]:
    """Shows the tables of what is recorded; the figures of the runs that nothing was tuned on."""
    found: dict[str, Any] = {}
    for title, seeds in (
        ("The seeds that the thresholds were chosen on", TUNED),
        ("Other seeds", HELD_OUT),
    ):
        runs = [run for run in recorded() if run["seed"] in seeds]
        done = tally(runs)
        show(f"{title}, {len(runs)} runs, the verdict after every check:\n\n{confusion(runs)}\n")
        show(
            f"Right after the last check: {done.right:.1%} of runs. False alarms:"
            f" {done.false_alarms:.2%} of the checks of healthy runs. Latest failure named after"
            f" {done.latest:.0%} of its run.\n"
        )
        found = {"runs": len(runs), **done._asdict()}
    show(f"Mean change of the mean picture:\n\n{movements()}")
    return found


def _rows(snapshot: Any) -> Any:
    return np.stack([np.asarray(values, np.float32) for values in snapshot.scores], 1)


def main() -> None:
    """Records, or prints the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.doctor",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("what", nargs="*", help="record, play or cadence, as above")
    what = parser.parse_args().what
    if what == ["cadence"]:
        runs_of = {"failure-oscillation": 1200, "mlp-digits-quick": 1200, "digits": 600}
        with gzip.open(CADENCE, "wt", encoding="utf-8") as file:
            found = [frequent(preset, steps) for preset, steps in tqdm(runs_of.items())]
            json.dump(found, file, separators=(",", ":"))
        return
    if what[:1] == ["play"] and len(what) > 2:
        for seed in map(int, what[2:]):
            run = played(what[1], seed)
            last = run["looks"][-1][0]
            told = [f"{verdict.name} at {step / last:.0%}" for step, verdict in verdicts_of(run)]
            print(f"{what[1]}, seed {seed}: {', '.join(told)}", flush=True)
        return
    if what[:1] == ["record"]:
        _record(what[1:])
    measure(print)


def _record(presets: list[str]) -> None:
    """Plays what is not recorded yet; the named presets in any case."""
    runs = {(run["preset"], run["seed"]): run for run in (recorded() if RECORD.exists() else [])}
    asked = [(name, seed) for seed in (*TUNED, *HELD_OUT) for name in presets or PLAYED]
    for name, seed in tqdm([run for run in asked if presets or run not in runs], desc="runs"):
        runs[name, seed] = played(name, seed)
        write(list(runs.values()))


def write(runs: list[dict[str, Any]]) -> None:
    """Replaces the record."""
    text = json.dumps(runs, separators=(",", ":"))
    RECORD.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
