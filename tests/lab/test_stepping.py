"""A run played by hand: the rounds are the run's own, and looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest
import torch

from ganapp.checkpoints import TrainingState
from ganapp.config.capabilities import CAPABILITIES, ModelName
from ganapp.config.settings import LossName
from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Pictures
from ganapp.errors import BadInput
from ganapp.lab.stepping import COUNT, SteppedRun
from ganapp.training import Pace, train
from tests.tiny import tiny_config, tiny_pictures

PICTURES = tiny_pictures(24, 2)


def pictures_of(model: str) -> Pictures:
    """Pictures that this model can learn from."""
    return tiny_pictures(24, 2, model=model)


NOISE_MODELS = [
    name
    for name in get_args(ModelName)
    if not (CAPABILITIES[name].translates or CAPABILITIES[name].encodes)
]


def states(config: TrainConfig, steps: int) -> Iterator[TrainingState]:
    for snapshot in train(
        config, steps=steps, pictures=pictures_of(config.model), pace=Pace(0, 60, 0)
    ):
        yield snapshot.capture()


def same(one: TrainingState, other: TrainingState) -> bool:
    return one.step == other.step and all(
        torch.equal(value, other.tensors[name]) for name, value in one.tensors.items()
    )


def config_of(model: ModelName, **changes: Any) -> TrainConfig:
    own = {"conditional": False} if model == "infogan" else {}
    return tiny_config(model, precision="float32", discriminator_steps=2, **own, **changes)


@pytest.mark.parametrize("model", NOISE_MODELS)
def test_the_rounds_by_hand_are_those_that_the_run_plays(model: ModelName) -> None:
    known = list(states(config_of(model), 3))
    run = SteppedRun(known[1], pictures_of(model))
    step = run.act("discriminator")
    assert step.halfway and step.step == 1
    step = run.act("generator")
    assert not step.halfway and step.step == 2
    assert same(run.trainer.capture(), known[2])
    run.act("round")
    assert same(run.trainer.capture(), known[3])


def test_a_vae_has_no_turns() -> None:
    state = list(states(tiny_config("vae"), 1))[-1]
    with pytest.raises(BadInput, match="learn together in one step"):
        SteppedRun(state, PICTURES)


@pytest.mark.parametrize("model", NOISE_MODELS)
def test_looking_changes_nothing(model: ModelName) -> None:
    state = list(states(config_of(model), 1))[-1]
    run = SteppedRun(state, pictures_of(model))
    first, second = run.look(), run.act("look").after
    assert same(run.trainer.capture(), state)
    assert first.images.shape[0] == COUNT and np.array_equal(first.images, second.images)
    assert np.array_equal(first.answers, second.answers)


def test_each_step_changes_what_it_should() -> None:
    run = SteppedRun(list(states(config_of("dcgan"), 2))[-1], PICTURES)
    step = run.act("discriminator")
    assert np.array_equal(step.before.images, step.after.images)
    assert not np.array_equal(step.before.answers, step.after.answers)
    before, step = step, run.act("generator")
    assert np.array_equal(before.after.answers, step.before.answers)
    assert not np.array_equal(step.before.images, step.after.images)


@pytest.mark.parametrize("loss", get_args(LossName))
def test_the_pull_is_minus_the_gradient_of_the_generators_loss(loss: LossName) -> None:
    clip = {"clip": 0.05} if loss == "wasserstein" else {}
    config = config_of("mlp", loss=loss, **clip)
    run = SteppedRun(list(states(config, 2))[-1], PICTURES)
    game = run.trainer.game
    noise, labels = game.preview_noise[:COUNT], game.preview_labels[:COUNT]
    with torch.no_grad():
        made, real = game.generator(noise, labels), torch.zeros(COUNT)
        if game.loss.relative:
            real = game.discriminator(
                run.trainer.pictures.batch(torch.arange(COUNT)).images, labels
            ).reshape(-1)

        def loss_with(change: float) -> float:
            moved = made.clone()
            moved[3, 0, 5, 7] += change
            logits = game.discriminator(moved, labels).reshape(-1)
            return float(game.loss.generator(real, logits))

        slope = (loss_with(0.05) - loss_with(-0.05)) / 0.1
    pull = run.look().pull[3, 5, 7, 0]
    assert pull == pytest.approx(-COUNT * slope, rel=0.05, abs=2e-5)


def test_models_that_translate_and_unknown_steps_are_refused() -> None:
    config = tiny_config("cyclegan", conditional=False, dataset="digits-outline")
    state = TrainingState(config, 1, {}, ("a", "b"), 1)
    with pytest.raises(BadInput, match="makes pictures from pictures"):
        SteppedRun(state, PICTURES)
    run = SteppedRun(list(states(config_of("mlp"), 1))[-1], PICTURES)
    with pytest.raises(BadInput, match="The steps are"):
        run.act("jump")  # type: ignore[arg-type]
