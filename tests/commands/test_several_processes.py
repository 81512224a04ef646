"""`train` in several processes, as `torchrun` starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.browser.conftest import free_port
from tests.commands.calls import PRESET, ROOT, SMALL, rows, train

ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT),
    "CUDA_VISIBLE_DEVICES": "",
    "OMP_NUM_THREADS": "1",
}


def command(
    *arguments: str, launcher: Sequence[str], program: Sequence[str] = ("-m", "ganapp")
) -> list[str]:
    """`torchrun ... -m ganapp train ...`, or another `program` instead of that."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", *launcher]
    return [*torchrun, *program, "train", PRESET, *SMALL, "--out", "run", *arguments]


def launched(
    processes: int, *arguments: str, program: Sequence[str] = ("-m", "ganapp")
) -> subprocess.CompletedProcess[str]:
    """Several processes of one machine."""
    launcher = ["--standalone", f"--nproc-per-node={processes}"]
    return subprocess.run(
        command(*arguments, launcher=launcher, program=program),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=180,
    )


def on_two_machines(*arguments: str) -> list[str]:
    """What two launchers print that find each other at a port, as on two machines."""
    meeting = ["--nnodes=2", "--master-addr=127.0.0.1", f"--master-port={free_port()}"]
    launchers = [
        subprocess.Popen(
            command(*arguments, launcher=[*meeting, f"--node-rank={rank}"]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        for rank in (0, 1)
    ]
    ends = [launcher.communicate(timeout=180) for launcher in launchers]
    assert [launcher.returncode for launcher in launchers] == [0, 0], ends
    return [said for said, _ in ends]


def test_two_machines_train_one_run_and_one_process_goes_on_with_it() -> None:
    first, second = on_two_machines("--steps", "4")
    assert first.count("Trained mlp-digits-quick for 4 steps") == 1 and not second
    assert train("--steps", "4", out="alone") == 0
    ours, theirs = (np.array(rows(name)[1:], float) for name in ("run", "alone"))
    assert ours == pytest.approx(theirs, abs=2e-3)
    assert train("--steps", "6", "--resume") == 0
    again = launched(2, "--steps", "8", "--resume")
    assert again.returncode == 0, again.stderr
    assert [row[0] for row in rows()[1:]] == list("12345678")
    assert train("--steps", "8", "--resume", out="alone") == 0
    ours, theirs = (np.array(rows(name)[1:], float) for name in ("run", "alone"))
    assert ours == pytest.approx(theirs, abs=5e-3)


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
