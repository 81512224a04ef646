"""A run that begins with another model's weights."""

from __future__ import annotations

import pytest
import torch

from ganapp.checkpoints import TrainedModel
from ganapp.checkpoints.transfer import start_from
from ganapp.errors import BadInput
from ganapp.models import MODELS
from ganapp.randomness import rng_for
from ganapp.training import train
from tests.tiny import tiny_config, tiny_pictures


def known(**changes: object) -> TrainedModel:
    config = tiny_config("dcgan", conditional=False, **changes)
    *_, last = train(config, pictures=tiny_pictures(channels=3))
    return TrainedModel.from_state(last.capture())


def test_layers_that_are_alike_are_taken_over_and_new_inputs_keep_their_own() -> None:
    model = known()
    config = tiny_config("gan-cls")
    fresh, started = (MODELS["gan-cls"](config, 3, 0, rng_for(0, "weights")) for _ in range(2))
    start_from(started, model)
    theirs, ours = model.average.state_dict(), started.generator.state_dict()
    first = "layers.0.weight"
    assert torch.equal(ours[f"body.{first}"][:4], theirs[first])
    assert torch.equal(ours[f"body.{first}"][4:], fresh.generator.state_dict()[f"body.{first}"][4:])
    for name, value in theirs.items():
        if name != first:
            assert torch.equal(ours[f"body.{name}"], value)
    for name, value in model.discriminator.state_dict().items():
        assert torch.equal(started.discriminator.state_dict()[f"body.{name}"], value)


def test_a_run_begins_with_the_pictures_of_the_other_model() -> None:
    model, pictures = known(), tiny_pictures(channels=3)
    config = tiny_config("dcgan", conditional=False, seed=7)
    first = next(train(config, pictures=pictures, start=model)).capture()
    again = TrainedModel.from_state(first)
    noise = torch.randn(5, 4, generator=rng_for(1, "noise")).numpy()
    assert (again.images(noise) == model.images(noise)).all()


@pytest.mark.parametrize("changes", [{"width": 8}, {"image_size": 64}, {"latent_size": 90}])
def test_what_does_not_fit_is_refused(changes: dict[str, int]) -> None:
    players = MODELS["gan-cls"](tiny_config("gan-cls"), 3, 0, rng_for(0, "weights"))
    with pytest.raises(BadInput, match="start from"):
        start_from(players, known(**changes))
