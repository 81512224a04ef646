"""`train` in several processes, as `torchrun` starts them."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.commands.calls import PRESET, ROOT, SMALL, rows, train


def launched(processes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`torchrun --nproc-per-node=N -m ganapp train ...`."""
    launcher = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        f"--nproc-per-node={processes}",
        "-m",
        "ganapp",
    ]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": "1",
    }
    command = [*launcher, "train", PRESET, *SMALL, "--out", "run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180)


def test_torchrun_trains_one_run_in_two_processes_and_one_process_goes_on_with_it() -> None:
    together = launched(2, "--steps", "4")
    assert together.returncode == 0, together.stderr
    assert together.stdout.count("Trained mlp-digits-quick for 4 steps") == 1
    assert train("--steps", "4", out="alone") == 0
    ours, theirs = (np.array(rows(name)[1:], float) for name in ("run", "alone"))
    assert ours == pytest.approx(theirs, abs=2e-3)
    assert train("--steps", "6", "--resume") == 0
    assert [row[0] for row in rows()[1:]] == list("123456")


def test_several_processes_refuse_what_they_cannot_share() -> None:
    odd = launched(2, "--set", "batch_size=99")
    assert odd.returncode != 0 and "99, which 2 processes cannot share evenly" in odd.stderr
    timed = launched(2, "--seconds", "5")
    assert timed.returncode != 0 and "--seconds cannot be kept by several processes" in timed.stderr
