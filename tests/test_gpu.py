"""Rounds on a CUDA GPU, in a process of their own; skipped where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gpus import with_gpus
from tests.test_engine import KINDS

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import json, sys
import torch
from ganapp import training
from ganapp.engine import CudaRecorder
from ganapp.training import Pace, train
from tests.tiny import tiny_config, tiny_pictures

assert torch.cuda.is_available()
config = tiny_config(**json.loads(sys.argv[1]))

def play(recorder):
    training.recorder_for = lambda plan, group, rng: recorder and recorder(rng)
    never = Pace(float("inf"), float("inf"))
    for snapshot in train(config, steps=9, pictures=tiny_pictures(20), pace=never):
        pass
    return snapshot.capture().tensors

played, recorded = play(None), play(CudaRecorder)
print(json.dumps([name for name in played if not torch.equal(played[name], recorded[name])]))
"""


@pytest.mark.gpu
@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_recorded_rounds_are_the_played_ones(changes: dict[str, Any]) -> None:
    program = [sys.executable, "-c", PROGRAM, json.dumps(changes)]
    ended = subprocess.run(
        program, cwd=ROOT, env=with_gpus(), capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1]) == []
