"""Randomness is passed, never ambient: one `torch.Generator` for each (seed, stream, step).

Because a step's numbers depend on its number alone, a run that stops and resumes draws what it
would have drawn, and two runs in one process never disturb each other.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import torch
from torch import Tensor


def seed_for(seed: int, stream: str, step: int = 0) -> int:
    """The number that starts the generator for step `step` of the random stream named `stream`
    ("weights", "noise", ...).
    """
    digest = hashlib.blake2b(f"{seed}/{stream}/{step}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1  # 63 bits: torch takes seeds as signed integers


def rng_for(
    seed: int, stream: str, step: int = 0, device: torch.device | str = "cpu"
) -> torch.Generator:
    """A generator on `device` for step `step` of the random stream named `stream`."""
    return torch.Generator(device=device).manual_seed(seed_for(seed, stream, step))


class Share(NamedTuple):
    """The rows of every batch that this process plays when `processes` of them play one run
    together.
    """

    rank: int = 0
    processes: int = 1

    def of(self, whole: Tensor) -> Tensor:
        """This process's rows of `whole` (B, ...), which every process holds alike."""
        rows = len(whole) // self.processes
        return whole[self.rank * rows : (self.rank + 1) * rows]


WHOLE = Share()
