"""The training doctor: what it says of recorded runs whose seeds it was not tuned on, and how it
reads single signs.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

import numpy as np
import pytest
import torch

from benchmarks import doctor as recorded
from ganapp.config.presets import PRESETS
from ganapp.config.training import LossName, ModelName, TrainConfig, UpsamplingName
from ganapp.experiments.doctor import VERDICTS, examine, history, written
from ganapp.experiments.quality import Movement, QualityCheck
from ganapp.models import MODELS
from tests.tiny import tiny_config

GOOD = QualityCheck(0.9, 0.8, 0.95, 1.0, 1.0, 0.01, 1.2, 0.0, 0.5)


def curves(real: float = 0.55, fake: float = 0.45, loss: float = 1.3) -> dict[str, list[float]]:
    steps = [float(step) for step in range(10, 1010, 10)]
    return {"step": steps} | {
        name: [value] * 100
        for name, value in (
            ("discriminator_loss", loss),
            ("generator_loss", loss),
            ("real_score", real),
            ("fake_score", fake),
        )
    }


def said(
    checks: list[QualityCheck],
    game: LossName = "non-saturating",
    upsampling: UpsamplingName = "transposed-4",
    **scores: float,
) -> str:
    rows = [[100.0 * number, *check] for number, check in enumerate(checks, 1)]
    return examine(
        TrainConfig(loss=game, upsampling=upsampling), curves(**scores), rows, 150.0
    ).name


def test_it_is_right_about_nearly_all_runs_of_seeds_that_it_has_not_seen() -> None:
    runs = [run for run in recorded.recorded() if run["seed"] in recorded.HELD_OUT]
    pairs = Counter(
        (recorded.EXPECTED[run["preset"]], recorded.verdict_of(run).name) for run in runs
    )
    assert len(runs) == len(recorded.HELD_OUT) * len(recorded.EXPECTED)
    assert sum(
        count for (matter, verdict), count in pairs.items() if matter == verdict
    ) >= 0.85 * len(runs), pairs
    assert not any(
        matter == "healthy" and verdict not in ("healthy", "not yet") for matter, verdict in pairs
    ), pairs
    assert not any(matter != "healthy" and verdict == "healthy" for matter, verdict in pairs), pairs


@pytest.mark.parametrize(
    ("sign", "verdict"),
    [
        ({}, "healthy"),
        ({"flat": 1.0, "slope": 0.0, "coverage": 0.01}, "dying"),
        ({"slope": 1e-7, "coverage": 0.02}, "vanishing"),
        ({"moved": 0.25, "coverage": 0.02}, "oscillation"),
        ({"alternating": 40.0, "coverage": 0.02}, "checkerboard"),
        ({"copying": 0.3}, "memorising"),
        ({"coverage": 0.03, "spread": 0.3}, "collapse"),
        ({"coverage": 0.25}, "not yet"),
    ],
)
def test_each_sign_has_its_verdict(sign: dict[str, float], verdict: str) -> None:
    assert verdict in VERDICTS
    assert said([GOOD._replace(**sign)] * 8) == verdict


@pytest.mark.parametrize("between", [20, 40, 60, 100, 200])
@pytest.mark.parametrize("run", recorded.frequently(), ids=lambda run: run["preset"])
def test_the_verdict_does_not_depend_on_how_often_a_machine_has_time_to_look(
    run: dict[str, Any], between: int
) -> None:
    """The app checks as often as the clock allows; here, every `between` rounds of recorded
    runs.
    """
    preset = run["preset"]
    config, movement = PRESETS[preset].config, Movement()
    place = 1 + QualityCheck._fields.index("moved")
    rows = []
    for row, mean in zip(run["checks"], run["means"], strict=True):
        if row[0] % between == 0:
            moved = movement.measure(row[0], np.array(mean) / 256)
            rows.append([*row[:place], moved, *row[place + 1 :]])
    said = examine(config, run["curves"], rows, 78.0).name
    if preset == "failure-oscillation":
        assert said == "oscillation"
    else:
        assert said in ("healthy", "not yet")


def test_the_history_is_what_was_said_after_each_check() -> None:
    bad = GOOD._replace(flat=1.0, slope=0.0, coverage=0.01)
    rows = [[100.0 * number, *(GOOD if number < 7 else bad)] for number in range(1, 11)]
    config = TrainConfig()
    changes = history(config, curves(), rows, 150.0)
    assert [(step, verdict.name) for step, verdict in changes] == [
        (100.0, "not yet"),
        (400.0, "healthy"),
        (700.0, "not yet"),
        (800.0, "dying"),
    ]
    for step, verdict in changes:
        count = int(step / 100)
        then = {name: values[: 10 * count] for name, values in curves().items()}
        assert verdict == examine(config, then, rows[:count], 150.0)
    assert history(config, curves(), [], 150.0) == []
    assert written(changes)[1]["step"] == 400.0 and written(changes)[1]["title"] == "Healthy"


def test_checks_in_quick_succession_are_judged_as_one() -> None:
    good = [[100.0 * number, *GOOD] for number in range(1, 9)]
    blurred = [[800.0 + number, *GOOD._replace(copying=0.3)] for number in (1, 2)]
    config = TrainConfig()
    assert examine(config, curves(), [*good, *blurred], 150.0).name == "healthy"
    later = [[800.0 + 50 * number, *GOOD._replace(copying=0.3)] for number in (1, 2)]
    assert examine(config, curves(), [*good, *later], 150.0).name == "memorising"


@pytest.mark.parametrize("model", get_args(ModelName))
def test_checkerboards_are_looked_for_only_where_there_are_transposed_convolutions(
    model: ModelName,
) -> None:
    """An MLP has no grid, and BigGAN resizes: `upsampling` means nothing to them."""
    other = {"conditional": False, "dataset": "digits-outline"} if model == "cyclegan" else {}
    own = {"conditional": False} if model == "infogan" else other
    config = tiny_config(model, **own)
    networks = MODELS[model](config, 1, 3, torch.Generator())
    transposed = any(
        isinstance(layer, torch.nn.ConvTranspose2d) for layer in networks.generator.modules()
    )
    checks = [[100.0 * number, *GOOD._replace(alternating=40.0)] for number in range(1, 9)]
    verdict = examine(config, curves(), checks, 150.0).name
    if config.capabilities.translates:
        return  # never checked
    assert config.transposed == transposed
    assert (verdict == "checkerboard") == transposed


def test_grain_of_a_generator_that_resizes_is_no_checkerboard() -> None:
    assert said([GOOD._replace(alternating=8.0)] * 8) == "checkerboard"
    assert said([GOOD._replace(alternating=8.0)] * 8, upsampling="resize") == "healthy"


def test_a_look_that_cannot_tell_how_far_it_moved_is_not_counted() -> None:
    wild = GOOD._replace(moved=0.25, coverage=0.02)
    # The first look after a resumption.
    assert said([wild] * 6 + [wild._replace(moved=-1.0)] + [wild]) == "oscillation"


def test_a_sure_discriminator_is_blamed_only_where_pictures_are_poor() -> None:
    poor = [GOOD._replace(coverage=0.1)] * 8
    assert said(poor, real=0.99, fake=0.01) == "too strong"
    assert said([GOOD] * 8, real=0.99, fake=0.01) == "healthy"
    assert said(poor, "hinge", real=0.99, fake=0.01) == "collapse"


def test_it_waits_for_looks_and_tells_numbers_that_are_none() -> None:
    assert said([GOOD] * 2) == "not yet"
    assert said([GOOD] * 8, loss=float("nan")) == "diverged"


def test_every_verdict_on_what_goes_wrong_names_its_evidence_and_a_knob() -> None:
    for run in recorded.recorded():
        verdict: Any = recorded.verdict_of(run)
        if verdict.name not in ("healthy", "not yet"):
            assert verdict.knob and verdict.chart and verdict.series and verdict.since > 0
