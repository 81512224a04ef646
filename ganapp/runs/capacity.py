"""How much a machine can do at once: from what it has, or as its host says by variables of the
environment. `BadInput` for a variable that cannot be.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import torch

from ganapp import zero_gpu
from ganapp.errors import BadInput
from ganapp.processes import memory
from ganapp.runs.disk import used

SHARE_OF_WHAT_IS_FREE, LEAST_BYTES = 0.1, 500e6
UNITS = {"": 1.0, "MB": 1e6, "GB": 1e9, "TB": 1e12}
SECONDS_A_CALL = 45.0
MOST_PLACES, PLACES_A_GPU = 40, 4
CALLS_AT_ONCE = 4
"""On ZeroGPU, where each visitor is lent a GPU: the machine only waits for them."""
BYTES_A_PLACE, BYTES_OF_THE_APP = 300e6, 2e9
"""What a worker between two turns needs, with some to spare (190 MB were measured for the preset
`digits`), and what the rest of the app does.
"""


def slots() -> int:
    """Runs that play at once: one a GPU, counted without touching them, or one on a processor."""
    if zero_gpu.ACTIVE:
        return CALLS_AT_ONCE
    return torch.cuda.device_count() or 1


def places(slots: int) -> int:
    """Runs that are played in turns: $GANAPP_PLACES, or as many as the memory holds."""
    if asked := variable("GANAPP_PLACES", "[1-9][0-9]{0,3}", "a whole number from 1"):
        return int(asked[0])
    if torch.cuda.device_count():
        return PLACES_A_GPU * slots
    return int(min(max((memory() - BYTES_OF_THE_APP) // BYTES_A_PLACE, 1), MOST_PLACES))


def unwatched_seconds() -> float:
    """After how long without anybody who looks a run is paused: $GANAPP_UNWATCHED_SECONDS."""
    asked = variable("GANAPP_UNWATCHED_SECONDS", r"[0-9]{1,6}(\.[0-9]+)?", "a number of seconds")
    return float(asked[0]) if asked else 120.0


def gpu_seconds() -> float:
    """How long a call on ZeroGPU may take: $GANAPP_GPU_SECONDS, from 20 to 60."""
    asked = variable("GANAPP_GPU_SECONDS", "[2-5][0-9]|60", "a whole number from 20 to 60")
    return float(asked[0]) if asked else SECONDS_A_CALL


def disk(home: Path) -> float:
    """Bytes that all runs together may take: $GANAPP_DISK, such as 20GB, or a tenth of what is free
    beside them.
    """
    size = r"(?i)\s*([0-9]+(?:\.[0-9]+)?)\s*(MB|GB|TB|)\s*"
    if asked := variable("GANAPP_DISK", size, "a size, such as 20GB"):
        return float(asked[1]) * UNITS[asked[2].upper()]
    home.mkdir(parents=True, exist_ok=True)
    return max(LEAST_BYTES, SHARE_OF_WHAT_IS_FREE * (shutil.disk_usage(home).free + used(home)))


def variable(name: str, pattern: str, wanted: str) -> re.Match[str] | None:
    """A variable of the environment, if it is set; `BadInput` unless it is what is `wanted`."""
    text = os.environ.get(name, "")
    found = re.fullmatch(pattern, text)
    if text and found is None:
        raise BadInput(f"{name} is {text[:40]!r}, but must be {wanted}.")
    return found if text else None
