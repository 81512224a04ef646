"""GPUs in tests: hidden from all tests but those that carry the mark `gpu`.

Those run their CUDA part in a process of its own, in the environment that `with_gpus` gives.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

VARIABLE = "CUDA_VISIBLE_DEVICES"
KEPT = "GANAPP_TESTS_VISIBLE_DEVICES"
"""Keeps what the variable was, for the processes that pytest starts side by side."""
ALL = "all"


def hide_gpus() -> None:
    """Hides all GPUs from this process and those that it starts. Must come before CUDA is used."""
    os.environ.setdefault(KEPT, os.environ.get(VARIABLE, ALL))
    os.environ[VARIABLE] = ""


def with_gpus() -> dict[str, str]:
    """The environment in which GPUs are visible as they were before."""
    env = dict(os.environ)
    kept = env.pop(KEPT, ALL)
    del env[VARIABLE]
    return env if kept == ALL else env | {VARIABLE: kept}


def why_no_gpu() -> str:
    """Why there is no GPU for tests, or ""."""
    if os.environ.get(KEPT) == "":
        return "CUDA_VISIBLE_DEVICES hides all GPUs"
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        return ""
    return "this machine has no NVIDIA GPU"
