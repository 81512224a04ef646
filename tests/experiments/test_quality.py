"""Quick looks at a model: each figure on cases where it is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.experiments.quality import QualityChecker, alternating
from tests.tiny import tiny_config


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
    check, again = quality.check(model), quality.check(model)
    assert (
        check.precision > 0.7
        and check.coverage > 0.7
        and 0.8 < check.spread < 1.2
        and check.copying > 0.8
        and check.accuracy == -1
    )
    assert check.flat == 0 and check.slope > 0.01
    assert check.moved == -1 and again.moved == 0
    assert 0.9 < quality.floor["coverage"] <= 1


def test_other_real_digits_score_like_real_ones(
    quality: QualityChecker, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = quality.check(drawing(model, quality.learned[1000:1500], monkeypatch))
    assert check.copying == 0  # they are among those that were learned from
    assert (
        check.coverage > 0.9 and check.precision > 0.9 and check.spread == pytest.approx(1, abs=0.1)
    )
    assert check.alternating == pytest.approx(1, rel=0.3)


def test_one_picture_over_and_over_is_a_collapse(
    quality: QualityChecker, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = quality.check(drawing(model, np.repeat(quality.real[:1], 500, 0), monkeypatch))
    assert check.spread == 0 and check.coverage < 0.05 and check.precision == 1


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
    check = quality.check(model)
    assert check.flat == 1 and check.slope == 0


def test_data_that_are_gone_are_told() -> None:
    model = TrainedModel(tiny_config(dataset="own").to_dict(), ["a"], 1)
    with pytest.raises(BadInput, match="did not come with it"):
        QualityChecker(model)


def test_a_look_changes_nothing_of_the_model(quality: QualityChecker) -> None:
    model = checkpoints.open_model("mlp-digits-quick")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    quality.check(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
