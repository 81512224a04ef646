"""Recorded rounds and rounds of several processes compute what plain ones do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ganapp import training
from ganapp.checkpoints import TrainingState, load_state, save_state
from ganapp.config.training import TrainConfig
from ganapp.engine import WARM_UPS, Rounds
from ganapp.errors import BadInput
from ganapp.training import Pace, Trainer, train
from tests.tape import TapeRecorder
from tests.tiny import tiny_config, tiny_pictures

ROOT = Path(__file__).resolve().parent.parent
PICTURES = tiny_pictures(20)

KINDS: list[dict[str, Any]] = [
    {"model": "mlp"},
    {"model": "mlp", "discriminator_steps": 2, "ema_half_life": 0.0},
    {"model": "mlp", "optimizer": "sgd", "beta1": 0.0},
    {"model": "dcgan", "discriminator_norm": "batch", "conditional": False},
    {"model": "dcgan", "discriminator_norm": "batch", "augment": "translation-cutout"},
    {"model": "dcgan", "r1_weight": 0.5, "penalty_every": 3, "minibatch_std": True},
    {"model": "dcgan", "loss": "wasserstein", "gradient_penalty": 10.0},
    {
        "model": "dcgan",
        "loss": "relativistic",
        "r1_weight": 0.5,
        "r2_weight": 0.5,
        "generator_norm": "none",
    },
    {"model": "mlp", "loss": "wasserstein", "clip": 0.01, "optimizer": "rmsprop"},
    {"model": "biggan", "loss": "hinge"},
    {"model": "infogan"},
]


def played(
    config: TrainConfig, steps: int, monkeypatch: pytest.MonkeyPatch, recorder: Any = None
) -> tuple[TrainingState, list[float]]:
    """The state after `steps` rounds and the discriminator's loss in each."""
    monkeypatch.setattr(
        training, "recorder_for", lambda plan, group, rng: recorder and recorder(rng)
    )
    losses: list[float] = []
    for snapshot in train(
        config, steps=steps, pictures=PICTURES, pace=Pace(float("inf"), float("inf"))
    ):
        losses += snapshot.scores.discriminator_loss.tolist()
    return snapshot.capture(), losses


# --- recorded rounds ------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_replayed_rounds_are_the_rounds(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorders: list[TapeRecorder] = []

    def recorder(rng: torch.Generator) -> TapeRecorder:
        recorders.append(TapeRecorder(rng))
        return recorders[-1]

    config = tiny_config(**changes)
    plain, plain_losses = played(config, 17, monkeypatch)
    recorded, recorded_losses = played(config, 17, monkeypatch, recorder)
    kinds = 2 if config.penalties and config.penalty_every > 1 else 1
    assert recorders[0].recorded == kinds and recorders[0].replayed == 17 - kinds * WARM_UPS
    assert recorded_losses == pytest.approx(plain_losses, abs=1e-4)
    for name, value in plain.tensors.items():
        assert torch.allclose(recorded.tensors[name], value, atol=1e-4), name


def test_the_tape_would_notice_a_number_that_python_chose() -> None:
    total, numbers = torch.zeros(1), iter(range(8))
    tape = TapeRecorder(torch.Generator())
    rounds: Rounds[Any] = Rounds(lambda kind: total.add_(next(numbers)).clone(), tape)
    for _ in range(8):
        rounds(0)
    assert total.item() == 0 + 1 + 2 + 5 * 3


def test_what_cannot_be_recorded_is_played_as_it_comes(caplog: pytest.LogCaptureFixture) -> None:
    class Refusing(TapeRecorder):
        def record(self, play: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
            raise RuntimeError("this operation cannot be captured")

    count = torch.zeros(1)
    rounds: Rounds[Any] = Rounds(lambda kind: count.add_(1).clone(), Refusing(torch.Generator()))
    assert [rounds(0).item() for _ in range(8)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [
        record.message.endswith("this operation cannot be captured") for record in caplog.records
    ] == [True]


def test_a_replay_does_not_change_the_scores_handed_out_before() -> None:
    count = torch.zeros(1)
    tape = TapeRecorder(torch.Generator())
    rounds: Rounds[Any] = Rounds(lambda kind: count.add_(1).clone(), tape)
    assert [scores.item() for scores in [rounds(0) for _ in range(8)]] == [1, 2, 3, 4, 5, 6, 7, 8]


# --- several processes ----------------------------------------------------------------------------

PROGRAM = """
import json, sys
from pathlib import Path
from ganapp.checkpoints import load_state, save_state
from ganapp.engine import process_group
from ganapp.training import Pace, train
from tests.tiny import tiny_config, tiny_pictures

def main():
    changes, folder, steps = json.loads(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    losses = []
    with process_group() as group:
        resume, never = load_state(folder / "half"), Pace(float("inf"), float("inf"))
        config, pictures = tiny_config(**changes), tiny_pictures(20)
        how = {"pace": never, "group": group}
        rounds = train(config, steps=steps, resume=resume, pictures=pictures, **how)
        for snapshot in rounds:
            losses += snapshot.scores.discriminator_loss.tolist()
        if group.rank == 0:
            save_state(snapshot.capture(), folder / "together")
    (folder / f"{group.rank}.json").write_text(json.dumps(losses))

if __name__ == "__main__":
    main()
"""


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def start_together(program: list[str], size: int) -> list[subprocess.Popen[str]]:
    """`program` in `size` processes that find one another, as torchrun would start them."""
    shared = os.environ | {
        "WORLD_SIZE": str(size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
    }
    return [
        subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env=shared | {"RANK": str(rank), "LOCAL_RANK": str(rank), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]


def run_together(program: list[str], size: int) -> list[subprocess.CompletedProcess[str]]:
    """The same, until all have ended."""
    ended = []
    for process in start_together(program, size):
        out, err = process.communicate(timeout=180)
        ended.append(subprocess.CompletedProcess(process.args, process.returncode, out, err))
    return ended


@pytest.mark.parametrize(
    "changes",
    [
        KINDS[3],
        KINDS[4],
        KINDS[5] | {"augment": "translation"},
        KINDS[1],
        KINDS[6],
        KINDS[9],
        KINDS[10],
    ],
    ids=str,
)
def test_two_processes_play_the_run_that_one_would(
    changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config(**changes)
    alone, losses = played(config, 9, monkeypatch)
    half, _ = played(config, 4, monkeypatch)
    (tmp_path / "half").mkdir()
    save_state(half, tmp_path / "half")  # by one process, for two to go on with
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    for process in run_together([str(program), json.dumps(changes), str(tmp_path), "9"], 2):
        assert process.returncode == 0, process.stderr
    ours, theirs = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1))
    assert ours == theirs == pytest.approx(losses[4:], abs=2e-3)
    together = load_state(tmp_path / "together")
    assert together.config == config and together.step == 9
    for name, value in alone.tensors.items():
        # A bias before BatchNorm learns from rounding alone.
        if "optimizer" not in name and value.ndim > 1:
            assert torch.allclose(together.tensors[name], value, atol=3e-4), name


def test_ctrl_c_saves_what_two_processes_have_played(tmp_path: Path) -> None:
    out = tmp_path / "run"
    settings = [
        "--set",
        "width=4",
        "latent_size=4",
        "batch_size=50",
        "epochs=100000",
        "precision=float32",
    ]
    both = start_together(
        ["-m", "ganapp", "train", "mlp-digits-quick", *settings, "--out", str(out)], 2
    )
    scores, end = out / "scores.csv", time.monotonic() + 120
    while not (scores.exists() and scores.read_text().count("\n") > 5) and time.monotonic() < end:
        time.sleep(0.1)
    for process in both:
        process.send_signal(signal.SIGINT)
    (_, said), _ = (process.communicate(timeout=60) for process in both)
    assert (
        [process.returncode for process in both] == [130, 130]
        and "Stopped at step" in said
        and "Traceback" not in said
    )
    assert load_state(out).step > 0


def test_a_batch_that_does_not_divide_is_refused() -> None:
    from ganapp.devices import plan
    from ganapp.engine import ProcessGroup

    with pytest.raises(BadInput, match="3 processes cannot share evenly"):
        Trainer(tiny_config(batch_size=8), PICTURES, plan("float32", "cpu"), ProcessGroup(0, 3))
