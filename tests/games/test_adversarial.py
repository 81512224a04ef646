"""One round of the game: who moves, how often, by how much, and what the running average is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganapp.config.capabilities import CAPABILITIES
from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Batch
from ganapp.devices import plan
from ganapp.engine import judge_both, minibatch_std_layers
from ganapp.games import AdversarialGame, Scores, game_of
from ganapp.models import MODELS
from ganapp.randomness import WHOLE, Share, rng_for
from tests.tiny import tiny_config, tiny_pictures

FROM_NOISE = [
    model for model in MODELS if not (CAPABILITIES[model].translates or CAPABILITIES[model].encodes)
]


def a_game(config: TrainConfig) -> AdversarialGame:
    players = MODELS[config.model](config, 1, 3 if config.conditional else 0, rng_for(0, "weights"))
    game = game_of(config)(
        config,
        players,
        plan(config.precision, "cpu"),
        tiny_pictures(24, model=config.model).resized(config.image_size),
    )
    assert isinstance(game, AdversarialGame)
    return game


def batches(config: TrainConfig, step: int = 0) -> list[Batch]:
    data = tiny_pictures(24, model=config.model).resized(config.image_size)
    k, size = config.discriminator_steps, config.batch_size
    return [data.batch(torch.arange(size) + (step * k + i) * size % 16) for i in range(k)]


def play(game: AdversarialGame, step: int = 0) -> Scores[Tensor]:
    return game.play(game.prepare(step), batches(game.config, step), rng_for(0, "round", step))


def weights(network: nn.Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in network.parameters()]


def equal(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def watched(optimizer: torch.optim.Optimizer, other: nn.Module, seen: list[str], name: str) -> None:
    """Notes each step of the optimizer, and that it leaves the other player's weights alone."""
    step = optimizer.step

    def noted(*args: Any, **kwargs: Any) -> Any:
        before = weights(other)
        result = step(*args, **kwargs)
        assert equal(before, weights(other))
        seen.append(name)
        return result

    optimizer.step = noted  # type: ignore[method-assign] # watches the step


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("model", FROM_NOISE)
def test_a_round_is_k_steps_of_the_discriminator_and_then_one_of_the_generator(
    model: str, k: int
) -> None:
    game = a_game(tiny_config(model, discriminator_steps=k))
    seen: list[str] = []
    watched(game.discriminator_optimizer, game.generator, seen, "discriminator")
    watched(game.generator_optimizer, game.discriminator, seen, "generator")
    before = weights(game.generator), weights(game.discriminator)
    play(game)
    assert seen == ["discriminator"] * k + ["generator"]
    assert not equal(before[0], weights(game.generator)) and not equal(
        before[1], weights(game.discriminator)
    )


@pytest.mark.parametrize(
    "changes",
    [{}, {"loss": "minimax"}, {"r1_weight": 1.0}, {"augment": "translation-cutout"}],
    ids=str,
)
@pytest.mark.parametrize("model", FROM_NOISE)
def test_the_generators_step_leaves_no_gradients_on_the_discriminator(
    model: str, changes: dict[str, Any]
) -> None:
    game = a_game(tiny_config(model, **changes))
    kept: list[Tensor] = []
    step = game.discriminator_optimizer.step

    def noted() -> Any:
        kept.extend(
            weight.grad.clone()
            for weight in game.discriminator.parameters()
            if weight.grad is not None
        )
        assert all(weight.grad is None for weight in game.generator.parameters())
        return step()

    game.discriminator_optimizer.step = noted  # type: ignore[assignment] # watches the step
    play(game)
    assert len(kept) == len(list(game.discriminator.parameters()))
    assert equal(
        kept, [weight.grad for weight in game.discriminator.parameters() if weight.grad is not None]
    )


def test_plain_sgd_moves_each_weight_by_its_slope_times_the_learning_rate() -> None:
    game = a_game(tiny_config(optimizer="sgd", beta1=0.0, discriminator_lr=0.5, generator_lr=0.25))
    before = {"discriminator": weights(game.discriminator), "generator": weights(game.generator)}
    play(game)
    for name, network, lr in (
        ("discriminator", game.discriminator, 0.5),
        ("generator", game.generator, 0.25),
    ):
        for old, weight in zip(before[name], network.parameters(), strict=True):
            assert weight.grad is not None and torch.allclose(
                weight, old - lr * weight.grad, atol=1e-7
            )


def test_adams_first_step_has_the_size_of_the_learning_rate() -> None:
    game = a_game(tiny_config(optimizer="adam", discriminator_lr=0.01))
    before = weights(game.discriminator)
    play(game)
    for old, weight in zip(before, game.discriminator.parameters(), strict=True):
        assert weight.grad is not None
        clear = weight.grad.abs() > 1e-5
        assert torch.allclose((weight - old)[clear], -0.01 * weight.grad.sign()[clear], rtol=0.01)


@pytest.mark.parametrize("loss", ["minimax", "non-saturating"])
def test_the_scores_are_those_of_the_networks_before_they_learned(loss: str) -> None:
    game = a_game(tiny_config(loss=loss))
    judge, painter = copy.deepcopy(game.discriminator), copy.deepcopy(game.generator)
    (batch,) = batches(game.config)
    scores = play(game)
    noise = torch.randn(8, game.config.latent_size, generator=rng_for(0, "round", 0))
    with torch.no_grad():
        real, fake = (
            judge(batch.images, batch.labels),
            judge(painter(noise, batch.labels), batch.labels),
        )
    assert scores.real_score.item() == pytest.approx(real.sigmoid().mean().item(), abs=1e-6)
    assert scores.fake_score.item() == pytest.approx(fake.sigmoid().mean().item(), abs=1e-6)
    wanted = -(real.sigmoid().log().mean() + (1 - fake.sigmoid()).log().mean())
    assert scores.discriminator_loss.item() == pytest.approx(wanted.item(), abs=1e-5)


def test_the_penalty_moves_the_discriminator_but_is_not_in_its_score() -> None:
    free, held = a_game(tiny_config()), a_game(tiny_config(r1_weight=10.0))
    assert play(free).discriminator_loss == play(held).discriminator_loss
    assert not equal(weights(free.discriminator), weights(held.discriminator))


def test_real_and_fake_pictures_are_augmented_for_both_players() -> None:
    game = a_game(tiny_config(augment="translation"))
    seen: list[Tensor] = []
    augment = game.augment

    def noted(images: Tensor, rng: torch.Generator, share: Share = WHOLE) -> Tensor:
        seen.append(images)
        return augment(images, rng, share)

    game.augment = noted
    judged: list[Tensor] = []
    size = game.config.batch_size
    game.discriminator.register_forward_pre_hook(
        lambda module, inputs: judged.extend(inputs[0].detach().clone().split(size))
    )
    (batch,) = batches(game.config)
    play(game)
    # Real, fake; and fake again for the generator, with gradients.
    assert len(seen) == len(judged) == 3
    assert (
        torch.equal(seen[0], batch.images) and not seen[1].requires_grad and seen[2].requires_grad
    )
    assert torch.equal(seen[1], seen[2].detach())
    assert not any(
        torch.equal(before.detach(), after) for before, after in zip(seen, judged, strict=True)
    )


@pytest.mark.parametrize(
    "changes", [{"model": "mlp"}, {"model": "dcgan", "minibatch_std": True}], ids=str
)
def test_one_pass_over_both_judges_like_two(changes: dict[str, Any]) -> None:
    game = a_game(tiny_config(**changes))
    (batch,) = batches(game.config)
    fakes = torch.rand(batch.images.shape, generator=rng_for(0, "fakes")) * 2 - 1
    together = judge_both(
        game.discriminator,
        batch.images,
        fakes,
        batch.labels,
        minibatch_std_layers(game.discriminator),
    )
    assert not game.separate_passes
    for images, logits in zip((batch.images, fakes), together, strict=True):
        assert torch.allclose(game.discriminator(images, batch.labels), logits, atol=1e-5)
    assert not torch.allclose(*together)


def test_batch_norm_never_sees_real_and_fake_in_one_batch() -> None:
    game = a_game(tiny_config("dcgan", discriminator_norm="batch"))
    seen: list[int] = []
    game.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(len(inputs[0])))
    play(game)
    assert game.separate_passes and seen == [game.config.batch_size] * 3


# --- the running average --------------------------------------------------------------------------


def test_an_average_with_a_half_life_halves_its_distance_in_that_many_steps() -> None:
    game = a_game(tiny_config(ema_half_life=7.0))
    for weight in game.generator.parameters():
        weight.data.fill_(1.0)
    for weight in game.average.parameters():
        weight.data.fill_(0.0)
    for step in range(10**6, 10**6 + 7):  # an old average
        game.prepare(step)
        game._average.update()
    assert all(
        torch.allclose(weight, torch.tensor(0.5), atol=1e-4) for weight in game.average.parameters()
    )


def test_a_young_average_follows_quickly() -> None:
    game = a_game(tiny_config(ema_half_life=100_000.0, generator_lr=0.1))
    first = weights(game.average)
    for step in range(10):
        play(game, step)
    for start, average, now in zip(
        first, weights(game.average), weights(game.generator), strict=True
    ):
        moved = (now - start).abs() > 0.01
        assert (
            (average - start).abs()[moved] > 0.2 * (now - start).abs()[moved]
        ).float().mean() > 0.9 or not moved.any()


def test_without_a_half_life_the_average_is_the_generator() -> None:
    game = a_game(tiny_config("dcgan", ema_half_life=0.0))
    for step in range(3):
        play(game, step)
        for name, value in game.generator.state_dict().items():
            if value.is_floating_point():
                assert torch.equal(game.average.state_dict()[name], value), name


def test_the_average_of_spectral_normalisation_keeps_its_vectors_units() -> None:
    game = a_game(tiny_config("biggan", loss="hinge", ema_half_life=50.0, generator_lr=0.01))
    for step in range(20):
        play(game, step)
    vectors = [
        value for name, value in game.average.state_dict().items() if name.endswith(("._u", "._v"))
    ]
    assert vectors and all(vector.norm().item() == pytest.approx(1, abs=1e-5) for vector in vectors)


def test_the_average_is_drawn_from_in_eval_mode_and_never_trained() -> None:
    game = a_game(tiny_config())
    play(game)
    assert not game.average.training and not any(
        weight.requires_grad for weight in game.average.parameters()
    )
    optimised = {
        id(weight) for group in game.generator_optimizer.param_groups for weight in group["params"]
    }
    assert optimised == {id(weight) for weight in game.generator.parameters()}
