"""How much a machine can do at once: from what it has, or as its host says by variables of the
environment. `BadInput` for a variable that cannot be.
"""

from __future__ import annotations

import os
import re

from ganapp.errors import BadInput
from ganapp.processes import memory

MOST_PLACES, PLACES_A_GPU = 40, 4
BYTES_A_PLACE, BYTES_OF_THE_APP = 300e6, 2e9
"""What a worker between two turns needs, with some to spare (190 MB were measured for the preset
`digits`), and what the rest of the app does.
"""


def slots() -> int:
    """Runs that play at once: one a GPU, counted without touching them, or one on a processor."""
    return _gpus() or 1


def places(slots: int) -> int:
    """Runs that are played in turns: $GANAPP_PLACES, or as many as the memory holds."""
    asked = os.environ.get("GANAPP_PLACES", "")
    if asked:
        if not re.fullmatch("[1-9][0-9]{0,3}", asked):
            raise BadInput(f"GANAPP_PLACES is {asked[:40]!r}, but must be a whole number from 1.")
        return int(asked)
    if _gpus():
        return PLACES_A_GPU * slots
    return int(min(max((memory() - BYTES_OF_THE_APP) // BYTES_A_PLACE, 1), MOST_PLACES))


def unwatched_seconds() -> float:
    """After how long without anybody who looks a run is paused: $GANAPP_UNWATCHED_SECONDS."""
    asked = os.environ.get("GANAPP_UNWATCHED_SECONDS", "120")
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", asked):
        raise BadInput(
            f"GANAPP_UNWATCHED_SECONDS is {asked[:40]!r}, but must be a number of seconds."
        )
    return float(asked)


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()
