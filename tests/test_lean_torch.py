"""torch's compiler is imported only by those who compile, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GAMES = """
import sys
from ganapp.training import train
from tests.tiny import tiny_config
for settings in (
    {}, {"optimizer": "sgd"}, {"optimizer": "rmsprop"}, {"model": "biggan"}, {"model": "infogan"},
    {"model": "vae"}, {"r1_weight": 0.1}, {"loss": "wasserstein", "gradient_penalty": 1.0},
    {"precision": "bfloat16"},
):
    for snapshot in train(tiny_config(**settings), steps=2):
        snapshot.capture()
import ganapp.evaluation.realism, ganapp.lab.session, ganapp.ui.shell
assert "torch._dynamo.eval_frame" not in sys.modules, "the compiler was imported"
"""
COMPILER = """
import ganapp, inspect, torch
inspect.getmodule(torch.ones)  # asks every module for its file
import torch._dynamo.eval_frame
from torch._dynamo import config
function = torch.compile(lambda value: value * 2, backend="eager")
assert function(torch.ones(3)).tolist() == [2, 2, 2]
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], 0.1)
optimizer.step()
assert torch._dynamo.is_compiling() is False
"""


@pytest.mark.parametrize("story", [GAMES, COMPILER], ids=["games", "compiler"])
def test_the_compiler_comes_when_it_is_wanted_and_not_before(story: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", story], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
