"""`train` in several processes, as `torchrun` starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.commands.calls import PRESET, ROOT, SMALL, rows, train


def launched(
    processes: int, *arguments: str, program: Sequence[str] = ("-m", "ganapp")
) -> subprocess.CompletedProcess[str]:
    """`torchrun --nproc-per-node=N -m ganapp train ...`, or another `program` instead of that."""
    launcher = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        f"--nproc-per-node={processes}",
        *program,
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


FAILING = """
import sys
import torch
from ganapp.__main__ import main
from ganapp.training import Trainer

advance = Trainer.advance

def fails(trainer):
    if trainer.group.rank == {rank} and trainer.step == 3:
        raise {error}
    return advance(trainer)

Trainer.advance = fails
sys.exit(main())
"""


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(
    ("error", "said", "traceback"),
    [
        ("torch.OutOfMemoryError('no memory')", "ran out of memory: choose a smaller", False),
        ("RuntimeError('something else')", "RuntimeError: something else", True),
    ],
    ids=["memory", "other"],
)
def test_an_error_of_one_process_is_told_by_it_and_ends_the_others(
    rank: int, error: str, said: str, traceback: bool
) -> None:
    Path("fails.py").write_text(FAILING.format(rank=rank, error=error))
    ended = launched(2, "--steps", "50", program=["fails.py"])
    assert ended.returncode != 0 and said in ended.stderr
    own = ended.stderr.partition("torch/distributed/elastic")[0]  # what the launcher adds
    assert own.count("Traceback (most recent call last)") == traceback, ended.stderr
    if rank == 1:
        assert "Another process of this run has ended" in ended.stderr


def test_several_processes_refuse_what_they_cannot_share() -> None:
    odd = launched(2, "--set", "batch_size=99")
    assert odd.returncode != 0 and "99, which 2 processes cannot share evenly" in odd.stderr
    timed = launched(2, "--seconds", "5")
    assert timed.returncode != 0 and "--seconds cannot be kept by several processes" in timed.stderr
