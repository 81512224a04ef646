"""The training doctor: what it says of recorded runs whose seeds it was not tuned on, and how it
reads single signs.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from benchmarks import doctor as recorded
from ganapp.config.training import LossName, TrainConfig, UpsamplingName
from ganapp.experiments.doctor import VERDICTS, examine
from ganapp.experiments.quality import QualityCheck

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
