"""The training doctor: what it says of recorded runs whose seeds it was not tuned on, and how it
reads single signs.
"""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
import torch

from benchmarks import doctor as recorded
from ganapp.config.capabilities import ModelName
from ganapp.config.presets import PRESETS
from ganapp.config.settings import LossName, UpsamplingName
from ganapp.config.training import TrainConfig
from ganapp.experiments.doctor import (
    MOST_WRITTEN,
    VERDICTS,
    Verdict,
    examine,
    history,
    standing,
    written,
)
from ganapp.experiments.quality import Movement, QualityCheck, checks_of
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
    scores: dict[str, float] | None = None,
    **settings: Any,
) -> Verdict:
    rows = [[100.0 * number, *check] for number, check in enumerate(checks, 1)]
    config = TrainConfig(loss=game, upsampling=upsampling, **{"generator_lr": 1e-3, **settings})
    return examine(config, curves(**(scores or {})), rows)


def test_it_is_right_at_every_check_of_seeds_that_it_has_not_seen() -> None:
    runs = [run for run in recorded.recorded() if run["seed"] in recorded.HELD_OUT]
    assert {run["preset"] for run in runs} == set(recorded.PLAYED)
    done = recorded.tally(runs)
    assert done.right >= 0.95 and done.false_alarms <= 0.02 and done.latest <= 1 / 3, done


def test_the_courses_own_gan_is_never_blamed() -> None:
    runs = [run for run in recorded.recorded() if run["preset"] == "mlp-digits"]
    assert runs and all(run["looks"][-1][0] > 9700 for run in runs)
    for run in runs:
        assert {name for _, name in recorded.at_every_check(run)} <= set(recorded.WATCHING)


def test_a_verdict_does_not_flicker() -> None:
    """In the whole run the doctor changes its mind a few times, in the direction of what is
    right.
    """
    for run in recorded.recorded():
        names = [verdict.name for _, verdict in recorded.verdicts_of(run)]
        assert len(names) <= 6, (run["preset"], run["seed"], names)
        assert len([name for name in set(names) if name not in recorded.WATCHING]) <= 1


@pytest.mark.parametrize(
    ("sign", "verdict"),
    [
        ({}, "healthy"),
        ({"flat": 1.0, "slope": 0.0, "coverage": 0.01}, "dying"),
        ({"slope": 1e-7, "coverage": 0.02}, "vanishing"),
        ({"moved": 0.25, "coverage": 0.02}, "oscillation"),
        ({"copying": 0.3}, "memorising"),
        ({"coverage": 0.03, "spread": 0.3}, "collapse"),
        ({"coverage": 0.25}, "not yet"),
    ],
)
def test_each_sign_has_its_verdict(sign: dict[str, float], verdict: str) -> None:
    assert verdict in VERDICTS
    assert said([GOOD._replace(**sign)] * 8).name == verdict


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
    said = examine(config, run["curves"], checks_of(rows, 1)).name
    if preset == "failure-oscillation":
        assert said == "oscillation"
    else:
        assert said in ("healthy", "not yet")


def test_a_verdict_changes_only_when_several_checks_agree() -> None:
    dead = GOOD._replace(flat=1.0, slope=0.0, coverage=0.01)

    def changes(*checks: QualityCheck) -> list[tuple[float, str]]:
        rows = [[100.0 * number, *check] for number, check in enumerate(checks, 1)]
        return [(step, told.name) for step, told in history(TrainConfig(), curves(), rows)]

    assert changes(*[GOOD] * 10) == [(100.0, "not yet"), (500.0, "healthy")]
    # Both checks of an impression, and two impressions of a verdict.
    assert changes(*[GOOD] * 6, *[dead] * 3)[-1] == (900.0, "dying")
    assert changes(*[GOOD] * 6, *[dead, GOOD] * 2)[-1] == (500.0, "healthy")
    assert history(TrainConfig(), curves(), []) == []


def test_the_newest_words_stand_where_the_verdict_stays() -> None:
    rows = [[100.0 * n, *GOOD._replace(coverage=0.5 + 0.04 * n)] for n in range(1, 11)]
    changes = history(TrainConfig(), curves(), rows)
    assert changes[-1][0] == 500.0 and changes[-1][1].text.startswith("90% of real pictures")


def test_an_earlier_epoch_has_the_words_of_then() -> None:
    rows = [[100.0 * n, *GOOD._replace(coverage=0.5 + 0.001 * n)] for n in range(1, 301)]
    known = written(standing(TrainConfig(), curves(), rows))
    assert len(known) <= MOST_WRITTEN + 2
    assert known[0]["title"] == "Too early to say" and known[-1]["step"] == 30000.0
    middle = next(verdict for verdict in known if verdict["step"] >= 15000)
    assert middle["title"] == "Healthy"
    assert middle["text"].startswith(f"{50 + middle['step'] / 1000:.0f}% of real pictures")
    assert len(written(standing(TrainConfig(), curves(), []))) == 0


def test_checks_in_quick_succession_are_judged_as_one() -> None:
    good = [[100.0 * number, *GOOD] for number in range(1, 9)]
    copies = [[800.0 + number, *GOOD._replace(copying=0.3)] for number in (1, 2, 3, 4)]
    config = TrainConfig()
    assert examine(config, curves(), [*good, *copies]).name == "healthy"
    later = [[800.0 + 50 * number, *GOOD._replace(copying=0.3)] for number in (1, 2, 3, 4)]
    assert examine(config, curves(), [*good, *later]).name == "memorising"


@pytest.mark.parametrize("upsampling", get_args(UpsamplingName))
@pytest.mark.parametrize("model", get_args(ModelName))
def test_checkerboards_are_looked_for_only_where_kernels_overlap_unevenly(
    model: ModelName, upsampling: UpsamplingName
) -> None:
    """An MLP has no grid, and BigGAN resizes: `upsampling` means nothing to them."""
    other = {"conditional": False, "dataset": "digits-outline"} if model == "cyclegan" else {}
    own = {"conditional": False} if model == "infogan" else other
    config = tiny_config(model, **own, upsampling=upsampling)
    networks = MODELS[model](config, 1, 3, torch.Generator())
    uneven = any(
        isinstance(layer, torch.nn.ConvTranspose2d)
        and layer.stride[0] > 1
        and layer.kernel_size[0] % layer.stride[0]
        for layer in networks.generator.modules()
    )
    checks = [[100.0 * number, *GOOD._replace(alternating=40.0)] for number in range(1, 9)]
    verdict = examine(config, curves(), checks).name
    if config.capabilities.translates:
        return  # never checked
    assert config.uneven == uneven
    assert (verdict == "checkerboard") == uneven


def test_a_check_that_cannot_tell_how_far_it_moved_is_not_counted() -> None:
    wild = GOOD._replace(moved=0.25, coverage=0.02)
    # The first check after a resumption.
    checks = [wild] * 6 + [wild._replace(moved=-1.0)] + [wild]
    assert said(checks).name == "oscillation"


def test_a_sure_discriminator_is_blamed_only_where_pictures_stay_poor() -> None:
    poor, sure = [GOOD._replace(coverage=0.1, spread=0.5)] * 9, {"real": 0.99, "fake": 0.01}
    assert said(poor, scores=sure).name == "too strong"
    assert said([GOOD] * 9, scores=sure).name == "healthy"
    assert said(poor, "hinge", scores=sure).name == "collapse"
    rising = [GOOD._replace(coverage=0.02 * number, spread=0.5) for number in range(9)]
    assert said(rising, scores=sure).name == "not yet"


def test_slow_learning_and_collapse_are_not_told_apart_too_early() -> None:
    alike = [GOOD._replace(coverage=0.03, spread=0.3)] * 9
    assert said(alike).name == "collapse"
    slow = said(alike, generator_lr=1e-5)
    assert slow.name == "not yet" and "cannot be told apart" in slow.text


SIGNS: list[tuple[dict[str, Any], dict[str, float]]] = [
    ({"flat": 1.0, "slope": 0.0, "coverage": 0.01}, {}),
    ({"slope": 1e-7, "coverage": 0.02}, {}),
    ({"moved": 0.25, "coverage": 0.02}, {}),
    ({"copying": 0.3}, {}),
    ({"coverage": 0.03, "spread": 0.3}, {}),
    ({"coverage": 0.03, "spread": 0.3}, {"real": 0.99, "fake": 0.01}),
]
FOLLOWED: list[tuple[str, dict[str, Any]]] = [
    ("same learning rate", {"generator_lr": 1e-3, "discriminator_lr": 1e-3}),
    ("R1 penalty", {"discriminator_norm": "none", "r1_weight": 0.1}),
    ("minibatch standard deviation", {"minibatch_std": True}),
    ("non-saturating", {"loss": "non-saturating"}),
    ("one step in each round", {"discriminator_steps": 1}),
    ("beta 1", {"beta1": 0.0}),
    ("leaky", {"leaky_slope": 0.2}),
    ("switch on augmentation", {"augment": "translation"}),
    ("lower the discriminator's", {"discriminator_lr": 1e-5}),
]


@pytest.mark.parametrize(("words", "settings"), FOLLOWED)
def test_it_never_advises_what_is_in_force_already(words: str, settings: dict[str, Any]) -> None:
    """And each piece of advice is given to somebody who has not followed it."""
    careless: dict[str, Any] = {
        "generator_lr": 1e-2,
        "discriminator_lr": 5e-3,
        "discriminator_steps": 5,
        "leaky_slope": 0.0,
        "loss": "minimax",
    }
    others = {"discriminator_lr": 2e-2}
    advised = 0
    for sign, scores in SIGNS:
        rows = [[100.0 * n, *GOOD._replace(**sign)] for n in range(1, 10)]
        for start in (careless, careless | others):
            before, after = TrainConfig(**start), TrainConfig(**start | settings)
            advised += words in examine(before, curves(**scores), rows).knob
            assert words not in examine(after, curves(**scores), rows).knob, (sign, settings)
    assert advised


def test_it_waits_for_checks_and_tells_numbers_that_are_none() -> None:
    assert said([GOOD] * 2).name == "not yet"
    assert said([GOOD] * 8, scores={"loss": float("nan")}).name == "diverged"


def test_every_verdict_on_what_goes_wrong_names_its_evidence_and_a_knob() -> None:
    for run in recorded.recorded():
        for _, verdict in recorded.verdicts_of(run):
            if verdict.name not in recorded.WATCHING:
                assert verdict.knob and verdict.chart and verdict.series and verdict.since > 0


@pytest.mark.parametrize(
    "check",
    [
        GOOD._replace(flat=-1.0, slope=-1.0),
        GOOD._replace(coverage=0.02, spread=0.3, moved=0.3, flat=-1.0, slope=-1.0),
        GOOD._replace(copying=0.1, alternating=40.0, flat=-1.0, slope=-1.0),
    ],
)
def test_a_vae_gets_no_advice_for_games(check: QualityCheck) -> None:
    rows = [[100.0 * number, *check] for number in range(1, 12)]
    known = {"step": [float(step) for step in range(10, 1110, 10)]}
    known |= dict.fromkeys(("negative_bound", "reconstruction_error", "divergence"), [90.0] * 110)
    found = examine(tiny_config("vae"), known, rows)
    assert found.title == "No opponent" and not found.knob
    assert f"{check.coverage:.0%} of real pictures" in found.text
