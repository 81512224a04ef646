"""The 2-D lab as its visitors feel it: rounds and frames a second, for one page and for many at
once. Each page asks for its next frame as soon as it has been answered, with the layers that are
switched on at first.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from ganapp.config.lab_presets import DEFAULT_LAB_PRESET, LAB_PRESETS
from ganapp.lab.pool import LabPool
from ganapp.ui.lab.handlers import FIRST_LAYERS

VISITORS = (1, 5, 30)
SECONDS = 10.0
LAYERS = frozenset(FIRST_LAYERS)


def measure(tell: Callable[[str], None]) -> dict[str, Any]:
    """For each number of visitors: frames and rounds a second of the median visitor, the longest
    wait, and how many errors.
    """
    pool = LabPool()
    config = LAB_PRESETS[DEFAULT_LAB_PRESET].config
    pool.ask("first", config, "look", LAYERS, True)  # the process starts
    found: dict[str, Any] = {}
    for count in VISITORS:
        frames, rounds, waits, errors = [0] * count, [0] * count, [0.0] * count, [0] * count
        end = time.perf_counter() + SECONDS

        def visit(
            number: int,
            frames: Any = frames,
            rounds: Any = rounds,
            waits: Any = waits,
            errors: Any = errors,
            end: Any = end,
            count: Any = count,
        ) -> None:
            while time.perf_counter() < end:
                asked = time.perf_counter()
                answer = pool.ask(f"{count}-{number}", config, "play", LAYERS, False)
                waits[number] = max(waits[number], time.perf_counter() - asked)
                frames[number] += 1
                rounds[number] += answer.get("rounds", 0)
                errors[number] += "problem" in answer

        visitors = [threading.Thread(target=visit, args=(number,)) for number in range(count)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        found[str(count)] = {
            "frames a second": statistics.median(frames) / SECONDS,
            "rounds a second": statistics.median(rounds) / SECONDS,
            "longest wait in seconds": max(waits),
            "errors": sum(errors),
        }
        tell(f"2-D lab, {count} at once: {found[str(count)]}")
    pool.close()
    return found
