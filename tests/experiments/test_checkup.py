"""Quick looks at a model: each figure on cases where it is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.experiments.checkup import Checkup, alternating
from tests.tiny import tiny_config


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return checkpoints.open_model("mlp-digits-quick")


@pytest.fixture(scope="module")
def checkup(model: TrainedModel) -> Checkup:
    return Checkup(model)


def drawing(model: TrainedModel, images: np.ndarray, patch: pytest.MonkeyPatch) -> TrainedModel:
    """The model, whose pictures are these."""
    patch.setattr(model, "draw", lambda noise, labels: images)
    return model


def test_a_good_model_lies_among_the_real_digits_and_moves_only_when_it_changes(
    checkup: Checkup, model: TrainedModel
) -> None:
    look, again = checkup.look(model), checkup.look(model)
    assert (
        look.precision > 0.7
        and look.coverage > 0.7
        and 0.8 < look.spread < 1.2
        and look.copying > 0.8
        and look.accuracy == -1
    )
    assert look.flat == 0 and look.slope > 0.01
    assert look.moved == -1 and again.moved == 0
    assert 0.9 < checkup.floor["coverage"] <= 1


def test_other_real_digits_score_like_real_ones(
    checkup: Checkup, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = checkup.look(drawing(model, checkup.learned[1000:1500], monkeypatch))
    assert look.copying == 0  # they are among those that were learned from
    assert look.coverage > 0.9 and look.precision > 0.9 and look.spread == pytest.approx(1, abs=0.1)
    assert look.alternating == pytest.approx(1, rel=0.3)


def test_one_picture_over_and_over_is_a_collapse(
    checkup: Checkup, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = checkup.look(drawing(model, np.repeat(checkup.real[:1], 500, 0), monkeypatch))
    assert look.spread == 0 and look.coverage < 0.05 and look.precision == 1


def test_stripes_of_single_pixels_are_seen_in_every_direction() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (50, 32, 32, 1), np.uint8)
    rows, columns = np.indices((32, 32))
    for pattern in (rows % 2, columns % 2, (rows + columns) % 2):
        striped = (noise // 2 + 100 * pattern[None, :, :, None]).astype(np.uint8)
        assert alternating(striped) > 50 * alternating(noise)


def test_a_discriminator_that_answers_the_same_has_no_slope(
    checkup: Checkup, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = checkpoints.open_model("mlp-digits-quick")
    for weight in model.discriminator.parameters():
        weight.zero_()
    look = checkup.look(model)
    assert look.flat == 1 and look.slope == 0


def test_data_that_are_gone_are_told() -> None:
    model = TrainedModel(tiny_config(dataset="own").to_dict(), ["a"], 1)
    with pytest.raises(BadInput, match="did not come with it"):
        Checkup(model)


def test_a_look_changes_nothing_of_the_model(checkup: Checkup) -> None:
    model = checkpoints.open_model("mlp-digits-quick")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    checkup.look(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
