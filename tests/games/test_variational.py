"""The round of a variational autoencoder: its two terms, and what learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.devices import plan
from ganapp.engine import ProcessGroup
from ganapp.errors import BadInput
from ganapp.games import VariationalGame, VariationalScores, game_of, score_names
from ganapp.models import MODELS
from ganapp.pictures import from_uint8
from ganapp.randomness import rng_for
from ganapp.training import train
from tests.tiny import tiny_config, tiny_pictures

PICTURES = tiny_pictures(side=32)


def game(**changes: object) -> VariationalGame:
    config = tiny_config("vae", **{"conditional": False, **changes})
    players = MODELS["vae"](config, 1, 3 if config.conditional else 0, rng_for(0, "weights"))
    return VariationalGame(config, players, plan("float32", "cpu"), PICTURES)


def weights(network: torch.nn.Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in network.parameters()]


def same(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(a, b, strict=True))


def round_of(made: VariationalGame, seed: int = 0) -> VariationalScores[Tensor]:
    made.prepare(0)
    return made.play(False, [PICTURES.batch(torch.arange(8))], rng_for(seed, "round"))


def test_the_settings_choose_the_game() -> None:
    config = tiny_config("vae")
    assert game_of(config) is VariationalGame
    assert score_names(config) == ("negative_bound", "reconstruction_error", "divergence")


@pytest.mark.parametrize("conditional", [False, True])
def test_the_scores_are_the_terms_of_the_bound_worked_out_by_hand(conditional: bool) -> None:
    made, batch = game(conditional=conditional), PICTURES.batch(torch.arange(8))
    with torch.no_grad():
        mean, log_variance = made.discriminator(batch.images, batch.labels)
        z = mean + log_variance.exp().sqrt() * torch.randn(8, 4, generator=rng_for(0, "round"))
        white = (made.generator(z, batch.labels).double() + 1) / 2
        x = (batch.images.double() + 1) / 2
        error = -(x * white.log() + (1 - x) * (1 - white).log()).sum((1, 2, 3)).mean()
        divergence = (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
    scores = round_of(made)
    assert scores.reconstruction_error.item() == pytest.approx(error.item(), rel=1e-4)
    assert scores.divergence.item() == pytest.approx(divergence.item(), rel=1e-4)
    total = scores.reconstruction_error + scores.divergence
    assert torch.isclose(scores.negative_bound, total)


def test_both_networks_learn_from_one_loss() -> None:
    made = game()
    before = weights(made.generator), weights(made.discriminator)
    round_of(made)
    assert not same(before[0], weights(made.generator))
    assert not same(before[1], weights(made.discriminator))


def test_each_network_has_its_own_learning_rate() -> None:
    results = []
    for discriminator_lr in (1e-3, 1e-2):
        made = game(discriminator_lr=discriminator_lr, optimizer="sgd", beta1=0.0)
        round_of(made)
        results.append((weights(made.generator), weights(made.discriminator)))
    assert same(results[0][0], results[1][0]) and not same(results[0][1], results[1][1])


def test_the_decoder_learns_nothing_from_the_divergence() -> None:
    results = []
    for kl_weight in (0.0, 5.0):
        made = game(kl_weight=kl_weight, optimizer="sgd", beta1=0.0)
        round_of(made)
        results.append((weights(made.generator), weights(made.discriminator)))
    assert same(results[0][0], results[1][0]) and not same(results[0][1], results[1][1])


def test_a_large_weight_makes_the_codes_say_nothing() -> None:
    divergences = []
    for kl_weight in (0.0, 100.0):
        config = tiny_config(
            "vae", kl_weight=kl_weight, epochs=30, discriminator_lr=3e-3, generator_lr=3e-3
        )
        scores = [s.scores.divergence for s in train(config, pictures=PICTURES) if s.step]
        divergences.append(float(np.concatenate(scores)[-5:].mean()))
    assert divergences[1] < 0.1 * divergences[0]


def test_the_bound_rises() -> None:
    config = tiny_config("vae", epochs=40, discriminator_lr=3e-3, generator_lr=3e-3)
    scores = [s.scores.negative_bound for s in train(config, pictures=PICTURES) if s.step]
    bound = np.concatenate(scores)
    assert bound[-10:].mean() < 0.7 * bound[:3].mean()


def test_a_resume_is_bit_exact() -> None:
    config = tiny_config("vae", epochs=4, ema_half_life=5.0, lr_half_life=7.0)
    *_, half = train(config, pictures=PICTURES, steps=4)
    middle = half.capture()
    *_, resumed = train(config, pictures=PICTURES, resume=middle)
    *_, whole = train(config, pictures=PICTURES)
    ours, theirs = resumed.capture().tensors, whole.capture().tensors
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


@pytest.mark.parametrize("conditional", [False, True])
def test_a_model_that_is_saved_draws_and_encodes_as_before(
    conditional: bool, tmp_path: Path
) -> None:
    config = tiny_config("vae", conditional=conditional)
    *_, last = train(config, pictures=PICTURES)
    assert last.preview is not None and last.preview.shape[0] == 8
    model = TrainedModel.from_state(last.capture())
    checkpoints.save(model, tmp_path)
    opened = checkpoints.load(tmp_path)
    assert opened.encodes and opened.classes == (3 if conditional else 0)
    images, labels = from_uint8(PICTURES.images[:3].permute(0, 2, 3, 1).numpy()), np.arange(3)
    for ours, theirs in zip(
        opened.encode(images, labels), model.encode(images, labels), strict=True
    ):
        assert ours.shape == (3, 4) and torch.equal(ours, theirs)
    card = (tmp_path / "README.md").read_text()
    assert "variational autoencoder" in card and "adversarial network" not in card
    with pytest.raises(BadInput, match="no network of it judges"):
        opened.scores(images)


def test_a_gan_has_no_encoder() -> None:
    config = tiny_config("dcgan")
    model = TrainedModel(config.to_dict(), ["a", "b", "c"], 1)
    with pytest.raises(BadInput, match="has no encoder"):
        model.encode(np.zeros((1, 1, 32, 32), np.float32))


@pytest.mark.parametrize(
    "setting", [{"r1_weight": 1.0}, {"augment": "translation"}, {"minibatch_std": True}], ids=str
)
def test_what_is_about_a_discriminator_is_refused(setting: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="has no such part"):
        TrainConfig.from_dict(setting, tiny_config("vae"))


def test_several_processes_are_refused() -> None:
    config = tiny_config("vae")
    players = MODELS["vae"](config, 1, 3, rng_for(0, "weights"))
    with pytest.raises(BadInput, match="in one process"):
        VariationalGame(config, players, plan("float32", "cpu"), PICTURES, ProcessGroup(0, 2))
