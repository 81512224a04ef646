"""Does the training doctor say what is the matter? Recorded runs of presets that go wrong and of
healthy ones, and its verdicts on them.

    python -m benchmarks.doctor record [PRESET ...]     plays the runs and adds them to
                                                        tests/data/doctor.json.gz (most of an hour)
    python -m benchmarks.doctor cadence                 plays three runs, checked every 20 rounds,
                                                        for tests/data/cadence.json.gz (a minute)
    python -m benchmarks.doctor                         the confusion table of what is recorded,
                                                        and how far mean pictures move

The doctor's thresholds were chosen on the runs of seed 0; the other table is of seeds that they
have not seen.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ganapp.checkpoints import TrainedModel
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.experiments.doctor import VERDICTS, Verdict, examine
from ganapp.experiments.quality import Movement, QualityChecker
from ganapp.games import score_names
from ganapp.runs.curves import Curves
from ganapp.training import Pace, train

RECORD = Path(__file__).resolve().parent.parent / "tests" / "data" / "doctor.json.gz"
CADENCE = RECORD.with_name("cadence.json.gz")
TUNED, HELD_OUT = (0,), (1, 2)
MOST_STEPS = 1200
LOOKS = 12
EXPECTED = {
    "failure-collapse": "collapse",
    "failure-vanishing": "vanishing",
    "failure-memorising": "memorising",
    "failure-oscillation": "oscillation",
    "failure-dying": "dying",
    "failure-checkerboard": "checkerboard",
    "digits": "healthy",
    "mlp-digits-quick": "healthy",
    "dcgan-digits": "healthy",
    "wgan-gp-digits": "healthy",
    "stable-digits": "healthy",
    "biggan-digits": "healthy",
}
"""What is the matter with each preset."""
STEPS = {"biggan-digits": 500, "wgan-gp-digits": 600, "stable-digits": 900}
"""Of presets whose rounds are slow."""


def played(preset: str, seed: int) -> dict[str, Any]:
    """A run's curves and looks, as a page would have them at its end."""
    config = TrainConfig.from_dict({"seed": seed}, PRESETS[preset].config)
    curves, quality = Curves(score_names(config)), None
    checks: list[list[float]] = []
    last = None
    steps = min(STEPS.get(preset, MOST_STEPS), _steps_of(config))
    for snapshot in train(config, steps=steps, pace=Pace(0, 60)):
        curves.add(_rows(snapshot))
        if snapshot.step >= len(checks) * steps / LOOKS:
            model = TrainedModel.from_state(snapshot.capture())
            quality = quality or QualityChecker(model)
            figures = quality.check(model, snapshot.step)
            checks.append([snapshot.step, *(float(f"{value:.4g}") for value in figures)])
        last = snapshot
    assert last is not None and quality is not None
    return {
        "preset": preset,
        "seed": seed,
        "per_epoch": last.steps_per_epoch,
        "curves": curves.points(),
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


def verdict_of(run: dict[str, Any]) -> Verdict:
    """What the doctor says of a recorded run."""
    return examine(PRESETS[run["preset"]].config, run["curves"], run["looks"], run["per_epoch"])


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


def confusion(runs: list[dict[str, Any]]) -> str:
    """A Markdown table: what was the matter, and how often the doctor said what."""
    said = Counter((EXPECTED[run["preset"]], verdict_of(run).name) for run in runs)
    names = [name for name in VERDICTS if any(name in pair for pair in said)]
    rows = ["| run | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    matters = dict.fromkeys(EXPECTED.values())
    return "\n".join(
        [
            *rows,
            *(
                f"| {matter} | "
                + " | ".join(str(said[matter, name] or "") for name in names)
                + " |"
                for matter in matters
            ),
        ]
    )


def _steps_of(config: TrainConfig) -> int:
    pictures = config.most_pictures or 5000
    return config.epochs * pictures // (config.batch_size * config.discriminator_steps)


def _rows(snapshot: Any) -> Any:
    return np.stack([np.asarray(values, np.float32) for values in snapshot.scores], 1)


def main() -> None:
    """Records, or prints the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.doctor",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("what", nargs="*", help="record, and which presets; or cadence")
    what = parser.parse_args().what
    if what == ["cadence"]:
        runs_of = {"failure-oscillation": 1200, "mlp-digits-quick": 1200, "digits": 600}
        with gzip.open(CADENCE, "wt", encoding="utf-8") as file:
            found = [frequent(preset, steps) for preset, steps in tqdm(runs_of.items())]
            json.dump(found, file, separators=(",", ":"))
        return
    if what[:1] == ["record"]:
        runs = {
            (run["preset"], run["seed"]): run for run in (recorded() if RECORD.exists() else [])
        }
        asked = [
            (name, seed)
            for seed in (*TUNED, *HELD_OUT)
            for name in what[1:] or EXPECTED
            if what[1:] or (name, seed) not in runs
        ]
        for name, seed in tqdm(asked, desc="runs"):
            runs[name, seed] = played(name, seed)
            RECORD.parent.mkdir(exist_ok=True)
            with gzip.open(RECORD, "wt", encoding="utf-8") as file:
                json.dump(list(runs.values()), file, separators=(",", ":"))
    for title, seeds in (
        ("The seed that the thresholds were chosen on", TUNED),
        ("Other seeds", HELD_OUT),
    ):
        print(f"{title}:\n\n{confusion([run for run in recorded() if run['seed'] in seeds])}\n")
    print(f"Mean change of the mean picture:\n\n{movements()}")


if __name__ == "__main__":
    main()
