"""What accidents cost: kills at random moments, and what is left after each.

    python -m benchmarks.faults [--kills 200]

A run is played by an app without a page. At a random moment, also during a save, the worker or the
whole app is killed (-9). Then another app finds the run, it is resumed, and its end is compared bit
for bit with that of a run which nothing happened to. Told are how often that held, the training
time that was lost, and what processes stayed behind.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from ganapp import checkpoints
from ganapp.config.training import TrainConfig
from ganapp.processes import family
from ganapp.runs import Registry, RunFolder, run_folder
from tests.tiny import tiny_config

CONFIG = tiny_config(batch_size=100, epochs=30)
PATIENCE = 120.0
STATES = ("paused", "stopped", "finished", "failed", "interrupted")
APP = "import time; from ganapp.runs import Registry; Registry(slots=1); time.sleep(1e6)"
"""An app without a page: it plays what is queued."""


@contextlib.contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """Runs are kept in the folder."""
    before = os.environ.get("GANAPP_HOME")
    os.environ["GANAPP_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["GANAPP_HOME"]
        else:
            os.environ["GANAPP_HOME"] = before


def wait(run: RunFolder, until: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The run's status once `until` holds of it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        status = run.status()
        if until(status):
            return status
        time.sleep(0.02)
    raise TimeoutError(f"The run stayed {status['state']} at step {status.get('step')}.")


def queued(config: TrainConfig) -> str:
    """A run that waits for an app."""
    with contextlib.closing(Registry(slots=0)) as registry:
        return registry.submit(config, "digits", "owner")


def weights(run_id: str) -> dict[str, torch.Tensor]:
    """The generator of a run that has ended."""
    found: dict[str, torch.Tensor] = checkpoints.load(run_folder(run_id)).generator.state_dict()
    return found


def worker_of(app: int) -> int | None:
    """The process that plays the run: the busiest of those that the server of forks has forked."""
    used = {}
    for process in family(app) - {app}:
        with contextlib.suppress(OSError, ValueError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            if "forkserver" in Path(f"/proc/{int(fields[1])}/cmdline").read_text():
                used[process] = int(fields[11])
    return max(used, key=used.__getitem__, default=None)


def kill(app: subprocess.Popen[bytes], whom: str) -> set[int]:
    """Kills the worker or the whole app; all processes that were there."""
    everyone = family(app.pid)
    target = worker_of(app.pid) if whom == "worker" else app.pid
    if target is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(target, signal.SIGKILL)
    return everyone


def trial(
    config: TrainConfig, whom: str, moment: float, expected: dict[str, torch.Tensor]
) -> dict[str, Any]:
    """One accident `moment` seconds after the first saved state."""
    run_id = queued(config)
    run = RunFolder(run_folder(run_id))
    app = subprocess.Popen([sys.executable, "-c", APP])
    try:
        wait(run, lambda status: status.get("step", 0) > 0 and run.has_state())
        time.sleep(moment)
        before = run.status()
        everyone = kill(app, whom)
        if whom == "worker":
            wait(run, lambda status: status["state"] in STATES)
    finally:
        app.kill()
        app.wait()
    end = time.monotonic() + 20
    while left := {process for process in everyone if _is_ours(process)}:
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    saved = checkpoints.load_state(run.path).step
    with contextlib.closing(Registry(slots=1)) as registry:
        found = registry.view(run_id).status
        if found["state"] in ("interrupted", "paused", "stopped", "failed"):
            registry.resume(run_id, "owner")
        wait(run, lambda status: status["state"] == "finished")
    same = all(torch.equal(value, expected[name]) for name, value in weights(run_id).items())
    rows = len(run.scores())
    # Rounds that are played again, in seconds of that run.
    lost = max(0, before["step"] - saved) * before["seconds"] / before["step"]
    return {
        "whom": whom,
        "state": found["state"],
        "same": same,
        "rows": rows,
        "lost": lost,
        "left": len(left),
    }


def _is_ours(process: int) -> bool:
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    return False


def measure(
    tell: Callable[[str], None],
    kills: int = 200,
    config: TrainConfig = CONFIG,
    latest: float = 2.5,
) -> dict[str, Any]:
    """Does it so often, at the `latest` so many seconds after the first saved state; `tell` gets
    the figures in words.
    """
    chance = random.Random(0)
    found = []
    with tempfile.TemporaryDirectory() as folder, at_home(Path(folder)):
        with contextlib.closing(Registry(slots=1)) as registry:
            run_id = registry.submit(config, "digits", "owner")
            wait(RunFolder(run_folder(run_id)), lambda status: status["state"] == "finished")
        expected = weights(run_id)
        for number in range(kills):
            whom = ("worker", "app")[number % 2]
            found.append(trial(config, whom, chance.uniform(0, latest), expected))
            if number % 20 == 19:
                tell(f"{number + 1} kills: {_figures(found)}")
    return _figures(found)


def _figures(found: list[dict[str, Any]]) -> dict[str, Any]:
    lost = [one["lost"] for one in found]
    return {
        "kills": len(found),
        "ended as without": sum(one["same"] for one in found),
        "whole records": sum(one["rows"] == found[0]["rows"] for one in found),
        "seconds lost, median and most": [
            round(statistics.median(lost), 2),
            round(max(lost), 2),
        ],
        "processes left behind": sum(one["left"] for one in found),
        "found as": {state: sum(one["state"] == state for one in found) for state in STATES},
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    figures = measure(lambda words: print(words, flush=True), parser.parse_args().kills)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
