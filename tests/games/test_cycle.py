"""CycleGAN: its networks, the pool, and a round of its game."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganapp import checkpoints
from ganapp.config.training import TrainConfig
from ganapp.datasets import Pictures
from ganapp.datasets.pictures import Batch
from ganapp.devices import plan
from ganapp.engine import ProcessGroup
from ganapp.errors import BadInput
from ganapp.games import CycleGame, CycleScores
from ganapp.games.cycle import Pool
from ganapp.models import MODELS, Players, cyclegan
from ganapp.randomness import rng_for
from ganapp.training import Pace, train
from tests.tiny import tiny_config, tiny_pictures

TWO = tiny_pictures(24, classes=2, side=32)


def players(side: int = 32, channels: int = 1, **changes: Any) -> tuple[TrainConfig, Players]:
    config = tiny_config("cyclegan", image_size=side, **changes)
    return config, MODELS["cyclegan"](config, channels, 0, rng_for(0, "weights"))


def a_game(pictures: Pictures = TWO, **changes: Any) -> CycleGame:
    config, both = players(**changes)
    return CycleGame(config, both, plan("float32", "cpu"), pictures)


def batches(count: int = 8) -> list[Batch]:
    return [TWO.batch((TWO.labels == domain).nonzero().flatten()[:count]) for domain in (0, 1)]


def play(game: CycleGame, step: int = 0) -> CycleScores[Tensor]:
    return game.play(game.prepare(step), batches(), rng_for(0, "round", step))


# --- networks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [32, 64])
def test_shapes_ranges_and_gradients(side: int, channels: int) -> None:
    _, (generator, discriminator) = players(side, channels)
    images = torch.rand(5, channels, side, side, generator=rng_for(0, "images")) * 2 - 1
    labels = torch.tensor([0, 1, 0, 1, 1])
    translated = generator(images, labels)
    assert translated.shape == images.shape and translated.abs().max() <= 1
    assert discriminator.of_a(images).shape == (5, 8, 8)
    logits = discriminator(translated, labels)
    assert logits.shape == (5,) and logits.dtype == torch.float32
    logits.square().sum().backward()
    for player in (generator, discriminator):
        for name, weight in player.named_parameters():
            assert weight.grad is not None and weight.grad.isfinite().all(), name
            # A bias before InstanceNorm is taken off again with the mean.
            assert weight.grad.any() or name.endswith("bias"), name


def test_labels_say_which_network_a_picture_goes_through() -> None:
    _, (generator, discriminator) = players()
    images = batches(4)[0].images
    mixed = generator(images, torch.tensor([0, 1, 1, 0]))
    torch.testing.assert_close(mixed[[1, 2]], generator.to_b(images[[1, 2]]))
    torch.testing.assert_close(mixed[[0, 3]], generator.to_a(images[[0, 3]]))
    judged = discriminator(images, torch.tensor([1, 0, 0, 1]))
    torch.testing.assert_close(judged[[0, 3]], discriminator.of_b(images[[0, 3]]).mean((1, 2)))


def test_a_picture_is_translated_by_itself_whatever_else_is_in_the_batch() -> None:
    _, (generator, _) = players()
    images = batches(6)[0].images
    torch.testing.assert_close(generator.to_b(images)[2:3], generator.to_b(images[2:3]))


# --- the pool -------------------------------------------------------------------------------------


def numbered(*numbers: int) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float32).view(-1, 1, 1, 1)


def test_a_pool_fills_first_and_then_exchanges_about_half() -> None:
    pool, rng = Pool(6, (1, 1, 1)), torch.Generator().manual_seed(0)
    for start in (0, 3):
        new = numbered(start, start + 1, start + 2)
        assert torch.equal(pool.exchanged(new, rng), new)
    assert sorted(pool.pictures.flatten().tolist()) == [0, 1, 2, 3, 4, 5]
    known, old = set(range(6)), 0
    for start in range(6, 306, 3):
        new = {start, start + 1, start + 2}  # type: ignore[assignment] # a stand-in
        shown = {int(value) for value in pool.exchanged(numbered(*new), rng).flatten().tolist()}
        old += len(shown - new)
        assert len(shown) == 3 and shown <= known | new
        # What was shown of the old has left, what was held back of the new has come in; nothing is
        # lost or doubled.
        known = (known | new) - shown
        assert {int(value) for value in pool.pictures.flatten().tolist()} == known and len(
            known
        ) == 6
    assert 120 < old < 180


def test_no_pool_shows_only_new_pictures() -> None:
    new = numbered(1, 2)
    assert torch.equal(Pool(0, (1, 1, 1)).exchanged(new, torch.Generator()), new)


# --- a round --------------------------------------------------------------------------------------


class Same(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(()))

    def forward(self, images: Tensor) -> Tensor:
        return images + self.shift


def test_translators_that_change_nothing_have_no_cycle_and_no_identity_error() -> None:
    game = a_game(ema_half_life=0.0)
    game.generator.to_a, game.generator.to_b = Same(), Same()  # type: ignore[assignment] # a stand-in
    game.generator_optimizer = torch.optim.SGD(game.generator.parameters(), 0.0)
    scores = play(game)
    assert scores.cycle_error == 0 and scores.identity_error == 0
    game.generator.to_b.shift.data.fill_(0.5)
    scores = play(game)
    # There and back is off by one shift, of a range that is 2 wide; to its own domain only B's half
    # is.
    torch.testing.assert_close(scores.cycle_error, torch.tensor(0.25))
    torch.testing.assert_close(scores.identity_error, torch.tensor(0.125))


def test_a_round_moves_both_players_and_its_scores_are_finite() -> None:
    game = a_game()
    before = {
        name: {k: v.clone() for k, v in getattr(game, name).state_dict().items()}
        for name in ("generator", "discriminator")
    }
    scores = play(game)
    assert scores._fields == (
        "discriminator_loss",
        "generator_loss",
        "real_score",
        "fake_score",
        "cycle_error",
        "identity_error",
    )
    assert all(value.isfinite() and not value.requires_grad for value in scores)
    for name, old in before.items():
        new = getattr(game, name).state_dict()
        assert all(not torch.equal(new[key], old[key]) for key in old if key.endswith("weight")), (
            name
        )


def test_without_the_identity_loss_the_rounds_differ() -> None:
    with_it, without = a_game(), a_game(identity_weight=0.0)
    assert play(with_it).discriminator_loss == play(without).discriminator_loss
    assert not torch.equal(
        next(with_it.generator.parameters()), next(without.generator.parameters())
    )


@pytest.mark.parametrize("loss", ["least-squares", "non-saturating", "hinge", "relativistic"])
def test_every_loss_plays(loss: str) -> None:
    assert all(value.isfinite() for value in play(a_game(loss=loss)))


def test_the_examples_are_of_their_domains_and_the_preview_begins_with_them() -> None:
    game = a_game()
    a, b = game.generator.examples.chunk(2)
    domains = {
        image.numpy().tobytes(): int(label)
        for image, label in zip(TWO.images, TWO.labels, strict=True)
    }
    assert {domains[image.numpy().tobytes()] for image in a} == {0} and {
        domains[image.numpy().tobytes()] for image in b
    } == {1}
    shown = game.preview()
    assert shown.shape == (6, cyclegan.EXAMPLES, 1, 32, 32)
    torch.testing.assert_close((shown[0] + 1) * 127.5, a.float())
    torch.testing.assert_close((shown[3] + 1) * 127.5, b.float())
    torch.testing.assert_close(shown[2], game.average.to_a(shown[1]))


def test_data_of_three_classes_are_refused_and_so_is_a_team() -> None:
    with pytest.raises(BadInput, match="two domains, but the data have 3 classes"):
        a_game(tiny_pictures(24, classes=3, side=32))
    config, both = players()
    with pytest.raises(BadInput, match="one process"):
        CycleGame(config, both, plan("float32", "cpu"), TWO, ProcessGroup(0, 2))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dataset": "digits"}, "choose digits-outline"),
        ({"conditional": True}, "set conditional=false"),
        ({"discriminator_steps": 2}, "set discriminator_steps=1"),
        ({"r1_weight": 1.0}, "set r1_weight=0"),
        ({"pool_size": 4}, "choose at least 8, or 0"),
    ],
)
def test_what_the_game_has_no_place_for_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        tiny_config("cyclegan", **changes)


# --- whole runs -----------------------------------------------------------------------------------


def test_a_run_that_stops_and_resumes_ends_with_the_same_bits() -> None:
    config = tiny_config("cyclegan", pool_size=10, epochs=6)
    quiet = Pace(1e9, 1e9)
    *_, whole = train(config, pictures=TWO, pace=quiet)
    wanted = whole.capture().tensors
    for snapshot in train(config, pictures=TWO, pace=quiet):
        if snapshot.step >= 4:
            state = snapshot.capture()
            break
    *_, resumed = train(config, resume=state, pictures=TWO, pace=quiet)
    assert resumed.step == whole.step == 9
    found = resumed.capture().tensors
    assert found.keys() == wanted.keys() and all(
        torch.equal(found[name], wanted[name]) for name in wanted
    )
    assert whole.preview is not None and whole.preview.shape == (6, cyclegan.EXAMPLES, 32, 32, 1)


def test_a_saved_model_translates_as_before_and_draws_nothing(tmp_path: Any) -> None:
    *_, last = train(tiny_config("cyclegan", ema_half_life=5.0), pictures=TWO)
    model = checkpoints.TrainedModel.from_state(last.capture(), {})
    checkpoints.save(model, tmp_path / "cycle")
    opened = checkpoints.load(tmp_path / "cycle")
    images = batches(3)[0].images.numpy()
    np.testing.assert_array_equal(opened.translate(images, 1), model.translate(images, 1))
    np.testing.assert_array_equal(opened.examples, last.preview[[0, 3]])
    assert opened.scores(images, np.zeros(3, np.int64)).shape == (3,)
    assert "image-to-image" in (tmp_path / "cycle" / "README.md").read_text()
    with pytest.raises(BadInput, match="translates pictures and draws none"):
        opened.images(np.zeros((1, 4), np.float32))
