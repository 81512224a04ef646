"""Randomness is passed, never ambient: one `torch.Generator` for each (seed, stream, step).

Because a step's numbers depend on its number alone, a run that stops and resumes draws what it would
have drawn, and two runs in one process never disturb each other.
"""

from __future__ import annotations

import hashlib

import torch


def rng_for(seed: int, stream: str, step: int = 0, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator on `device` for step `step` of the random stream named `stream` ("weights", "noise", ...)."""
    digest = hashlib.blake2b(f"{seed}/{stream}/{step}".encode(), digest_size=8).digest()
    # 63 bits: torch takes seeds as signed integers.
    return torch.Generator(device=device).manual_seed(int.from_bytes(digest) >> 1)
