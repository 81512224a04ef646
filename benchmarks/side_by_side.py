"""Two programs measured in one run: each in a process of its own, taking turns, so that whatever
else the machine does hits both.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = dict(os.environ)
"""As it was before ganapp was imported, which changes how OpenMP's threads wait: what every
measured process starts with.
"""


@dataclass(frozen=True)
class Ratio:
    """How many times as fast the second program is as the first: the median over the turns, and the
    middle half of them.
    """

    median: float
    low: float
    high: float
    seconds: tuple[float, float]
    """Median seconds a step of the first and of the second program."""

    def __str__(self) -> str:
        first, second = (f"{1000 * seconds:.1f}" for seconds in self.seconds)
        return (
            f"{self.median:.2f} times as fast (middle half of turns {self.low:.2f} to"
            f" {self.high:.2f}); {first} -> {second} ms a step"
        )


class Program:
    """A process that runs `python -m MODULE ARGUMENTS...`: told a number of steps, it answers with
    the seconds they took.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, steps: int) -> float:
        """Runs so many steps; the seconds of each."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(steps, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline()) / steps

    def end(self) -> None:
        """Lets the process end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def answer(play: Callable[[int], float]) -> None:
    """The other end of `Program`: `play(steps)` returns seconds."""
    for line in sys.stdin:
        print(play(int(line)), flush=True)


def compare(
    first: Program,
    second: Program,
    steps: tuple[int, int],
    turns: int,
    show: Callable[[int], None] = lambda turn: None,
) -> Ratio:
    """Both programs in turn, `steps` of the first and of the second each time, after one turn that
    does not count.
    """
    pairs: list[tuple[float, float]] = []
    for turn in range(turns + 1):
        pairs.append((first.seconds(steps[0]), second.seconds(steps[1])))
        show(turn)
    first.end()
    second.end()
    ratios = [a / b for a, b in pairs[1:]]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(
        median,
        low,
        high,
        (statistics.median(a for a, _ in pairs[1:]), statistics.median(b for _, b in pairs[1:])),
    )


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    import torch

    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    lines = dict(line.split(":", 1) for line in info.replace("\t", "").splitlines() if ":" in line)
    flags = [
        flag
        for flag in lines.get("flags", "").split()
        if flag.startswith(("avx2", "avx512_bf16", "avx512f", "amx"))
    ]
    return {
        "processor": lines.get("model name", platform.processor() or platform.machine()).strip(),
        "flags": flags,
        "cores": os.cpu_count(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
