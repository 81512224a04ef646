"""The game of GAN-CLS: three kinds of pairs, and what each player learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS, Pictures
from ganapp.datasets.captions import LENGTH
from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.games import MatchingGame, game_of
from ganapp.games.players import descend
from ganapp.models import MODELS
from ganapp.randomness import rng_for
from ganapp.training import train
from tests.tiny import tiny_config, tiny_pictures

FACES = (
    DATASETS["faces"](lambda share, what: None)
    .at(torch.arange(24))
    .resized(32)
    ._replace(labels=torch.zeros(24, dtype=torch.int64))
)
BATCH = FACES.batch(torch.arange(8))


def game(pictures: Pictures = FACES, **changes: Any) -> MatchingGame:
    config = tiny_config("gan-cls", **changes)
    players = MODELS["gan-cls"](config, 3, 0, rng_for(0, "weights"))
    return MatchingGame(config, players, plan("float32", "cpu"), pictures)


def calls_of(made: MatchingGame) -> list[tuple[Tensor, ...]]:
    """What the discriminator is given in a round."""
    seen: list[tuple[Tensor, ...]] = []
    made.discriminator.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs))
    made.prepare(0)
    made.play(False, [BATCH], rng_for(0, "round"))
    return seen


def test_the_settings_choose_the_game() -> None:
    assert game_of(tiny_config("gan-cls")) is MatchingGame


def test_the_discriminator_sees_three_kinds_of_pairs() -> None:
    real, fake, again = calls_of(game())
    images, right, wrong = real
    assert torch.equal(images, BATCH.images)
    assert right.shape == wrong.shape == (8, LENGTH)
    assert not any(torch.equal(a, b) for a, b in zip(right, wrong, strict=True))
    # Generated pictures with the text that they were made from, for both players.
    assert len(fake) == len(again) == 2
    assert torch.equal(fake[1], right) and torch.equal(again[1], right)
    assert torch.equal(fake[0], again[0]) and not torch.equal(fake[0], images)


def test_the_generator_is_given_the_true_texts_of_the_batch() -> None:
    made, asked = game(), list[tuple[Tensor, ...]]()
    made.generator.register_forward_pre_hook(lambda layer, inputs: asked.append(inputs))
    made.prepare(0)
    fakes = made.make_fakes(BATCH, rng_for(0, "round"), learning=True)
    assert torch.equal(asked[0][1], fakes.batch.labels)
    assert fakes.batch.attributes is BATCH.attributes
    # The same numbers choose them again.
    rng = rng_for(0, "round")
    torch.randn(8, made.config.latent_size, generator=rng)
    assert torch.equal(fakes.batch.labels, made._texts(BATCH, rng))


def test_the_loss_of_real_pairs_is_that_of_telling_them_from_wrong_ones() -> None:
    made = game()
    fakes = made.make_fakes(BATCH, rng_for(0, "round"), learning=False)
    logits = torch.tensor([0.5, -1.0])
    right, loss = made.judge_reals(
        lambda images, labels, others: (logits, -2 * logits), BATCH.images, fakes, rng_for(1, "r")
    )
    assert torch.equal(right, logits)
    assert torch.isclose(loss, softplus(-logits).mean() + softplus(-2 * logits).mean())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"loss": "relativistic", "r1_weight": 1.0, "r2_weight": 1.0},
        {"r1_weight": 1.0, "penalty_every": 2, "minibatch_std": True},
        {"discriminator_norm": "batch"},
        {"augment": "translation", "discriminator_steps": 2},
        {"loss": "wasserstein", "gradient_penalty": 10.0},
    ],
    ids=str,
)
def test_a_resume_is_bit_exact(changes: dict[str, Any]) -> None:
    config = tiny_config("gan-cls", epochs=2, ema_half_life=5.0, **changes)
    steps = 6
    *_, half = train(config, pictures=FACES, steps=3)
    middle = half.capture()
    *_, resumed = train(config, pictures=FACES, steps=steps, resume=middle)
    *_, whole = train(config, pictures=FACES, steps=steps)
    ours, theirs = resumed.capture().tensors, whole.capture().tensors
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_the_generator_is_rewarded_for_pictures_of_one_text_that_differ() -> None:
    made = game(variety_weight=3.0)
    made.prepare(0)
    fakes = made.make_fakes(BATCH, rng_for(0, "round"), learning=True)
    _, reward = made.judge_fakes(made.discriminator, fakes.images, fakes, learns=True)
    noise, texts = fakes.noise, fakes.batch.labels
    again = made.generator(noise[4:], texts[:4])
    apart = (again - fakes.images[:4]).abs().mean((1, 2, 3)) / (noise[4:] - noise[:4]).abs().mean(1)
    assert reward is not None and torch.isclose(reward, -3 * apart.mean(), atol=1e-5)
    # The discriminator is not rewarded, and at 0 nobody is.
    assert made.judge_fakes(made.discriminator, fakes.images, fakes, learns=False)[1] is None
    assert (
        game(variety_weight=0.0).judge_fakes(made.discriminator, fakes.images, fakes, learns=True)[
            1
        ]
        is None
    )


def test_the_discriminator_learns_which_texts_fit() -> None:
    made = game(discriminator_lr=5e-3)
    fakes = made.make_fakes(BATCH, rng_for(0, "round"), learning=False)
    losses = []
    for _ in range(40):
        _, loss = made.judge_reals(made.discriminator, BATCH.images, fakes, rng_for(1, "texts"))
        descend(made.discriminator_optimizer, loss)
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_a_model_that_is_saved_draws_as_before_and_ignores_classes(tmp_path: Path) -> None:
    config = tiny_config("gan-cls", ema_half_life=5.0)
    *_, last = train(config, pictures=FACES)
    assert last.preview is not None and last.preview.shape == (8, 10, 32, 32, 3)
    model = TrainedModel.from_state(last.capture())
    checkpoints.save(model, tmp_path)
    opened = checkpoints.load(tmp_path)
    assert opened.reads_text and opened.classes == 0
    noise = torch.randn(3, 4, generator=rng_for(0, "noise")).numpy()
    silent = opened.images(noise)
    for labels in (torch.arange(3), torch.zeros(3, LENGTH, dtype=torch.int64)):
        assert (opened.images(noise, labels.numpy()) == silent).all()
        assert opened.scores(silent, labels.numpy()).shape == (3,)
    said = opened.images(noise, game()._texts(BATCH, rng_for(0, "t"))[:3].numpy())
    assert not (said == silent).all()


def test_what_has_no_texts_is_refused() -> None:
    base = tiny_config("gan-cls")
    for setting in ({"conditional": True}, {"dataset": "digits"}):
        with pytest.raises(BadInput, match=next(iter(setting))):
            TrainConfig.from_dict(setting, base)
    with pytest.raises(BadInput, match="nothing is known"):
        game(tiny_pictures(channels=3, side=32))
