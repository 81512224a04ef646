"""Quick looks at a model: each figure on cases where it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.experiments import quality as quality_module
from ganapp.experiments.quality import (
    STEPS_TO_MOVE,
    Movement,
    QualityChecker,
    QualityChecks,
    alternating,
)
from ganapp.training import Pace, train
from tests.tiny import tiny_config, tiny_pictures


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return checkpoints.open_model("mlp-digits-quick")


@pytest.fixture(scope="module")
def quality(model: TrainedModel) -> QualityChecker:
    return QualityChecker(model)


def drawing(model: TrainedModel, images: np.ndarray, patch: pytest.MonkeyPatch) -> TrainedModel:
    """The model, whose pictures are these."""
    patch.setattr(model, "draw", lambda noise, labels: images)
    return model


def test_a_good_model_lies_among_the_real_digits_and_moves_only_when_it_changes(
    quality: QualityChecker, model: TrainedModel
) -> None:
    check, again = quality.check(model, 100), quality.check(model, 200)
    assert (
        check.faithful > 0.7
        and check.coverage > 0.7
        and 0.8 < check.spread < 1.2
        and check.copying > 0.8
        and check.accuracy == -1
    )
    assert check.flat == 0 and check.slope > 0.01
    assert check.moved == -1 and again.moved == 0
    assert 0.9 < quality.floor["coverage"] <= 1


def test_a_movement_is_measured_over_rounds_enough_to_move() -> None:
    movement = Movement()
    dark, grey = np.zeros((4, 4, 1)), np.full((4, 4, 1), 0.25)
    assert movement.measure(10, dark) == -1
    assert movement.measure(10 + STEPS_TO_MOVE - 1, grey) == -1
    assert movement.measure(10 + STEPS_TO_MOVE, grey) == 0.25
    assert movement.measure(10 + 3 * STEPS_TO_MOVE, grey) == 0


def test_other_real_digits_score_like_real_ones(
    quality: QualityChecker, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = quality.check(drawing(model, quality.learned[1000:1500], monkeypatch), 300)
    assert check.copying == 0  # they are among those that were learned from
    assert (
        check.coverage > 0.9 and check.faithful > 0.9 and check.spread == pytest.approx(1, abs=0.1)
    )
    assert check.alternating == pytest.approx(1, rel=0.3)


def test_one_picture_over_and_over_is_a_collapse(
    quality: QualityChecker, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = quality.check(drawing(model, np.repeat(quality.real[:1], 500, 0), monkeypatch), 400)
    assert check.spread == 0 and check.coverage < 0.05 and check.faithful == 1


def test_stripes_of_single_pixels_are_seen_in_every_direction() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (50, 32, 32, 1), np.uint8)
    rows, columns = np.indices((32, 32))
    for pattern in (rows % 2, columns % 2, (rows + columns) % 2):
        striped = (noise // 2 + 100 * pattern[None, :, :, None]).astype(np.uint8)
        assert alternating(striped) > 50 * alternating(noise)


def test_a_discriminator_that_answers_the_same_has_no_slope(
    quality: QualityChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = checkpoints.open_model("mlp-digits-quick")
    for weight in model.discriminator.parameters():
        weight.zero_()
    check = quality.check(model, 500)
    assert check.flat == 1 and check.slope == 0


def test_without_a_discriminator_its_slope_is_unknown() -> None:
    config = tiny_config("vae", conditional=False, dataset="digits")
    model = TrainedModel(config.to_dict(), ["a"], 1)
    check = QualityChecker(model).check(model, 500)
    assert check.flat == check.slope == -1 and 0 <= check.coverage <= 1


def test_data_that_are_gone_are_told() -> None:
    model = TrainedModel(tiny_config(dataset="own").to_dict(), ["a"], 1)
    with pytest.raises(BadInput, match="did not come with it"):
        QualityChecker(model)


def test_a_look_changes_nothing_of_the_model(quality: QualityChecker) -> None:
    model = checkpoints.open_model("mlp-digits-quick")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    quality.check(model, 500)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_pictures_that_cannot_be_measured_are_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    class Refusing(QualityChecker):
        def __init__(self, *arguments: object) -> None:
            tried.append(arguments)
            raise BadInput("Too few to measure.")

    monkeypatch.setattr(quality_module, "QualityChecker", Refusing)
    checks = QualityChecks(None)
    pace = Pace(0.0, 0.0)
    for snapshot in train(tiny_config(), steps=8, pictures=tiny_pictures(), pace=pace):
        checks.take(snapshot)
    assert len(tried) == 1 and checks.problem == "Too few to measure." and checks.rows == []


def test_a_run_of_one_picture_tries_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    make = QualityChecker.__init__

    def note(self: QualityChecker, *arguments: Any) -> None:
        tried.append(arguments)
        make(self, *arguments)

    monkeypatch.setattr(QualityChecker, "__init__", note)
    checks = QualityChecks(None)
    config = tiny_config(dataset="digits", most_pictures=1)
    for snapshot in train(config, steps=6, pace=Pace(0.0, 0.0)):
        checks.take(snapshot)
    assert len(tried) == 1 and "needed" in checks.problem
