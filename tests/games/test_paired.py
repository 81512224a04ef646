"""The game of pix2pix: what each player is shown, and what it learns from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.games import PairedGame, PairedScores, game_of
from ganapp.models import MODELS
from ganapp.models.pix2pix import EXAMPLES, WHOLE
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES
from ganapp.training import train
from tests.tiny import tiny_config, tiny_pictures

PICTURES = tiny_pictures(side=32)


def game(**changes: object) -> PairedGame:
    config = tiny_config("pix2pix", **changes)
    players = MODELS["pix2pix"](config, 1, 0, rng_for(0, "weights"))
    return PairedGame(config, players, plan("float32", "cpu"), PICTURES)


def weights(network: torch.nn.Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in network.parameters()]


def changed(before: list[Tensor], network: torch.nn.Module) -> bool:
    after = list(network.parameters())
    return not all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def round_of(made: PairedGame, seed: int = 0) -> PairedScores[Tensor]:
    made.prepare(0)
    return made.play(False, [PICTURES.batch(torch.arange(8))], rng_for(seed, "round"))


def test_the_settings_choose_the_game() -> None:
    assert game_of(tiny_config("pix2pix")) is PairedGame


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "none"])
def test_the_generator_is_given_the_damaged_picture_and_compared_with_the_whole(
    damage: str,
) -> None:
    made = game(damage=damage)
    given: list[Tensor] = []
    made.generator.register_forward_pre_hook(lambda layer, inputs: given.append(inputs[0]))
    with torch.no_grad():
        before = made.generator(
            DAMAGES[made.config.damage].spoiled(
                PICTURES.batch(torch.arange(8)).images, rng_for(0, "round")
            ),
            torch.zeros(8),
        )
    scores = round_of(made)
    assert torch.equal(given[0], given[1])
    whole = PICTURES.batch(torch.arange(8)).images
    assert torch.isclose(scores.pixel_error, (before - whole).abs().mean() / 2, atol=1e-6)


def test_the_discriminator_is_shown_both_pictures_of_a_pair() -> None:
    made = game()
    shown: list[Tensor] = []
    made.discriminator.of_patches.register_forward_pre_hook(
        lambda layer, inputs: shown.append(inputs[0])
    )
    round_of(made)
    whole = PICTURES.batch(torch.arange(8)).images
    damaged = DAMAGES["coarse"].spoiled(whole, rng_for(0, "round"))
    real, fake = shown[:2]
    assert torch.equal(real, torch.cat([damaged, whole], 1))
    assert torch.equal(fake[:, :1], damaged) and not torch.equal(fake[:, 1:], whole)


def test_without_an_adversarial_weight_the_discriminator_only_looks_on() -> None:
    results = []
    for discriminator_lr in (1e-3, 0.3):
        made = game(adversarial_weight=0.0, discriminator_lr=discriminator_lr)
        before = weights(made.discriminator)
        for seed in range(3):
            round_of(made, seed)
        assert changed(before, made.discriminator)
        results.append(weights(made.generator))
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_without_an_l1_weight_it_still_learns() -> None:
    made = game(l1_weight=0.0)
    before = weights(made.generator)
    round_of(made)
    assert changed(before, made.generator)


def test_l1_alone_brings_the_repair_nearer() -> None:
    config = tiny_config(
        "pix2pix", adversarial_weight=0.0, epochs=60, generator_lr=3e-3, damage="noise"
    )
    scores = [s.scores.pixel_error for s in train(config, pictures=PICTURES) if s.step]
    errors = [float(value) for piece in scores for value in piece]
    assert sum(errors[-10:]) < 0.5 * sum(errors[:10])


def test_a_resume_is_bit_exact() -> None:
    config = tiny_config("pix2pix", epochs=4, damage="rain", ema_half_life=5.0)
    *_, half = train(config, pictures=PICTURES, steps=4)
    middle = half.capture()
    *_, resumed = train(config, pictures=PICTURES, resume=middle)
    *_, whole = train(config, pictures=PICTURES)
    ours, theirs = resumed.capture().tensors, whole.capture().tensors
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_a_model_that_is_saved_repairs_as_before(tmp_path: Path) -> None:
    config = tiny_config("pix2pix", epochs=2, ema_half_life=5.0)
    *_, last = train(config, pictures=PICTURES)
    assert last.preview is not None and last.preview.shape == (3, EXAMPLES, 32, 32, 1)
    model = TrainedModel.from_state(last.capture())
    checkpoints.save(model, tmp_path)
    opened = checkpoints.load(tmp_path)
    assert opened.repairs and opened.class_names[1] == WHOLE
    damaged, whole = opened.examples
    given = damaged.transpose(0, 3, 1, 2).astype("float32") / 127.5 - 1
    made = opened.translate(given, 1)
    assert made.shape == given.shape and (made == model.translate(given, 1)).all()
    assert (last.preview[0] == damaged).all() and (last.preview[2] == whole).all()
    with pytest.raises(BadInput, match="draws none from noise"):
        opened.images(given)


def test_what_the_game_has_no_place_for_is_refused() -> None:
    base = tiny_config("pix2pix")
    for setting in ({"conditional": True}, {"r1_weight": 1.0}, {"loss": "wasserstein"}):
        with pytest.raises(BadInput, match=next(iter(setting))):
            TrainConfig.from_dict(setting, base)
