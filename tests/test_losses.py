"""Losses against hand-computed values and the theory of the optimal discriminator; penalties on
discriminators of known slope.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ganapp.losses import (
    LOSSES,
    bce_discriminator,
    gradient_penalty,
    minimax_generator,
    mixed,
    non_saturating_generator,
    slope_penalties,
    slope_penalty,
)

Penalty = Callable[[Tensor, Tensor], Tensor]
LOG3 = math.log(3)
REAL = torch.tensor([0.0, LOG3])  # D(x) = 1/2, 3/4
FAKE = torch.tensor([0.0, -LOG3])  # D(G(z)) = 1/2, 1/4


def test_values_worked_out_by_hand() -> None:
    # -mean(log 1/2, log 3/4) - mean(log 1/2, log 3/4) = log 8/3
    assert bce_discriminator(REAL, FAKE).item() == pytest.approx(math.log(8 / 3), abs=1e-6)
    # mean(log 1/2, log 3/4)
    assert minimax_generator(REAL, FAKE).item() == pytest.approx(math.log(3 / 8) / 2, abs=1e-6)
    # -mean(log 1/2, log 1/4)
    assert non_saturating_generator(REAL, FAKE).item() == pytest.approx(1.5 * math.log(2), abs=1e-6)


BY_HAND = {
    # real scores 2 and 0, fake scores -1 and 1
    "least-squares": ((1 + 1) / 4 + (1 + 1) / 4, (4 + 0) / 4),
    "hinge": ((0 + 1) / 2 + (0 + 2) / 2, 0.0),
    "wasserstein": (0 - 1, 0.0),
    "relativistic": (
        (math.log(1 + math.exp(-3)) + math.log(1 + math.exp(1))) / 2,
        (math.log(1 + math.exp(3)) + math.log(1 + math.exp(-1))) / 2,
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_critics_values_worked_out_by_hand(name: str) -> None:
    real, fake = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 1.0])
    loss = LOSSES[name]
    assert (
        loss.discriminator(real, fake).item(),
        loss.generator(real, fake).item(),
    ) == pytest.approx(BY_HAND[name], abs=1e-6)
    assert loss.critic and torch.equal(loss.verdict(real), real)


@pytest.mark.parametrize(
    ("name", "indifferent"),
    [("least-squares", 0.5), *((name, 0.0) for name in LOSSES if name != "least-squares")],
)
def test_a_discriminator_that_cannot_tell_pays_what_the_table_says(
    name: str, indifferent: float
) -> None:
    logits = torch.full((4,), indifferent)
    assert LOSSES[name].discriminator(logits, logits).item() == pytest.approx(
        LOSSES[name].indifferent, abs=1e-6
    )


@pytest.mark.parametrize("name", LOSSES)
def test_only_relative_losses_read_the_real_logits(name: str) -> None:
    loss = LOSSES[name]
    fake = torch.tensor([0.3, -0.2])
    assert loss.relative == bool(
        loss.generator(torch.zeros(2), fake) != loss.generator(torch.ones(2), fake)
    )


def test_probabilities_are_shown_of_discriminators_that_have_them() -> None:
    assert LOSSES["non-saturating"].verdict(REAL).tolist() == pytest.approx([0.5, 0.75])


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_finite_scalars_however_sure_the_discriminator_is(name: str) -> None:
    loss = LOSSES[name]
    for size in (0.0, 50.0, 1e4, -1e4):
        logits = torch.full((4,), size, requires_grad=True)
        for value in (loss.discriminator(logits, -logits), loss.generator(logits, -logits)):
            (slope,) = torch.autograd.grad(value, logits, allow_unused=False, retain_graph=True)
            assert value.shape == () and value.isfinite() and slope.isfinite().all()


@pytest.mark.parametrize("name", LOSSES)
def test_each_player_wants_what_it_should(name: str) -> None:
    loss = LOSSES[name]
    real, fake = (
        torch.full((4,), 0.5, requires_grad=True),
        torch.full((4,), 0.5, requires_grad=True),
    )
    on_real, on_fake = torch.autograd.grad(loss.discriminator(real, fake), (real, fake))
    assert (on_real < 0).all() and (
        on_fake > 0
    ).all()  # descending raises real logits and lowers fake ones
    (wanted,) = torch.autograd.grad(loss.generator(real, fake), fake)
    assert (wanted < 0).all()  # and the generator raises fake ones


def test_minimax_saturates_where_non_saturating_does_not() -> None:
    # The discriminator is sure that the picture is fake.
    lost = torch.tensor([-10.0], requires_grad=True)
    (weak,) = torch.autograd.grad(minimax_generator(lost, lost), lost)
    (strong,) = torch.autograd.grad(non_saturating_generator(lost, lost), lost)
    share = 1 / (1 + math.exp(10))
    assert weak.item() == pytest.approx(-share, rel=1e-4)
    assert strong.item() == pytest.approx(share - 1, rel=1e-4)


def fitted(logits_of: Tensor, real: Tensor, fake: Tensor) -> float:
    """Minimises the discriminator's loss over `logits_of`, whose products with the rows of `real`
    and `fake` are the logits.
    """
    search = torch.optim.LBFGS(
        [logits_of],
        max_iter=200,
        tolerance_grad=1e-10,
        tolerance_change=1e-14,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        search.zero_grad()
        value = bce_discriminator(real @ logits_of, fake @ logits_of)
        value.backward()
        return value

    search.step(closure)
    return closure().item()


def jensen_shannon(p: Tensor, q: Tensor) -> float:
    """The Jensen-Shannon divergence of two probability vectors, in nats."""
    middle = (p + q) / 2
    return 0.5 * sum(torch.where(d > 0, d * (d / middle).log(), 0.0).sum().item() for d in (p, q))


def test_the_optimal_discriminator_of_two_discrete_distributions() -> None:
    p, q = torch.tensor([4, 2, 1, 1]) / 8, torch.tensor([1, 1, 2, 4]) / 8
    places = torch.eye(4, dtype=torch.float64)
    real, fake = (places.repeat_interleave((8 * d).long(), 0) for d in (p, q))
    logits = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    value = fitted(logits, real, fake)
    assert torch.allclose(logits.detach().sigmoid(), (p / (p + q)).double(), atol=1e-5)
    assert value == pytest.approx(
        math.log(4) - 2 * jensen_shannon(p.double(), q.double()), abs=1e-8
    )


def test_the_optimal_discriminator_of_two_gaussians() -> None:
    # N(1, 1) against N(-1, 1): log p/q = 2x, a straight line; the samples are quantiles, so nothing
    # is left to chance.
    shares = (torch.arange(50_000, dtype=torch.float64) + 0.5) / 50_000
    normal = math.sqrt(2) * torch.erfinv(2 * shares - 1)
    real, fake = (torch.stack([normal + mean, torch.ones_like(normal)], 1) for mean in (1, -1))
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    value = fitted(line, real, fake)
    x = torch.linspace(-12, 12, 200_001, dtype=torch.float64)
    densities = [torch.exp(-0.5 * (x - mean) ** 2) for mean in (1, -1)]
    p, q = (d / d.sum() for d in densities)
    assert line.tolist() == pytest.approx([2, 0], abs=5e-3)
    assert value == pytest.approx(math.log(4) - 2 * jensen_shannon(p, q), abs=1e-4)


def test_equal_distributions_cost_the_best_discriminator_log_4() -> None:
    samples = torch.randn(100, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    logits = torch.ones(3, dtype=torch.float64, requires_grad=True)
    assert fitted(logits, samples, samples) == pytest.approx(math.log(4), abs=1e-9)


@pytest.mark.parametrize(
    ("penalty", "wanted"), [(slope_penalty, 25 / 2), (gradient_penalty, (5 - 1) ** 2)]
)
@pytest.mark.parametrize("batch", [1, 7])
def test_penalties_of_a_linear_discriminator_follow_from_its_slope(
    penalty: Penalty, wanted: float, batch: int
) -> None:
    images = torch.randn(batch, 2, generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    assert penalty(images, images @ torch.tensor([3.0, 4.0])).item() == pytest.approx(
        wanted, rel=1e-6
    )


@pytest.mark.parametrize(
    ("penalty", "wanted"),
    [(slope_penalty, (5 + 9) / 4), (gradient_penalty, ((5**0.5 - 1) ** 2 + 4) / 2)],
)
def test_penalties_take_each_pictures_own_slope_and_then_the_mean(
    penalty: Penalty, wanted: float
) -> None:
    # D(x) = |x|^2 / 2 has the slope x.
    images = torch.tensor([[[[1.0, 2.0]]], [[[3.0, 0.0]]]], requires_grad=True)
    assert penalty(images, images.square().sum((1, 2, 3)) / 2).item() == pytest.approx(wanted)


def test_r1_can_be_differentiated_for_the_weights() -> None:
    images, weight = (
        torch.ones(4, 2, requires_grad=True),
        torch.tensor([3.0, 4.0], requires_grad=True),
    )
    (slope,) = torch.autograd.grad(slope_penalty(images, images @ weight), weight)
    assert slope.tolist() == pytest.approx([3, 4])  # of |w|^2 / 2


def test_pictures_are_mixed_one_by_one() -> None:
    real, fake = torch.ones(3, 1, 2, 2), torch.zeros(3, 1, 2, 2)
    between = mixed(real, fake, torch.tensor([0.0, 0.25, 1.0]))
    assert [picture.unique().tolist() for picture in between] == [[0.0], [0.25], [1.0]]


def test_the_gradient_penalty_of_a_flat_critic_can_be_differentiated() -> None:
    images, weight = torch.ones(4, 2, requires_grad=True), torch.zeros(2, requires_grad=True)
    (slope,) = torch.autograd.grad(gradient_penalty(images, images @ weight), weight)
    assert slope.isfinite().all()


def test_a_flat_discriminator_pays_no_penalty() -> None:
    images = torch.randn(3, 1, 4, 4, requires_grad=True)
    assert slope_penalty(images, (images * 0).sum((1, 2, 3))).item() == 0


def test_slopes_of_two_batches_in_one_pass_are_those_of_each() -> None:
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    a, b = (torch.randn(size, 2, requires_grad=True) for size in (3, 5))

    def logits(images: Tensor) -> Tensor:
        return (images @ weight).square()

    judged = logits(torch.cat([a, b]))
    together = slope_penalties((a, b), (judged[:3], judged[3:]))
    for found, images in zip(together, (a, b), strict=True):
        alone = slope_penalty(images, logits(images))
        assert torch.allclose(found, alone)
        ours, theirs = (
            torch.autograd.grad(each, weight, retain_graph=True)[0] for each in (found, alone)
        )
        assert torch.allclose(ours, theirs)
