"""Theory in numbers: what converges to what, in closed form or as published."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest
import torch
from torch.nn.functional import conv_transpose2d

from ganapp.errors import BadInput
from ganapp.evaluation import plane
from ganapp.lab.theory import dirac, optimal, segments
from ganapp.lab.theory.dirac import DiracGAN
from ganapp.lab.theory.gaussians import (
    Gaussian,
    divergence,
    expected_loss,
    grid,
    optimal_discriminator,
    optimal_logit,
    residual,
    slope_of_divergence,
    value,
)
from ganapp.lab.theory.transposed import even, transposed
from ganapp.losses import LOSSES

LOG2, LOG4 = math.log(2), math.log(4)
PAIRS = [
    (Gaussian(0, 1), Gaussian(1.5, 0.6)),
    (Gaussian(-2, 1), Gaussian(2, 1)),
    (Gaussian(-4, 0.2), Gaussian(4, 3)),
]


# --- two Gaussians --------------------------------------------------------------------------------


def test_a_density_has_the_mass_1_and_its_own_moments() -> None:
    p = Gaussian(1.5, 0.7)
    places = grid(p, Gaussian(-3, 3))
    mass = p.density(places) * (places[1] - places[0])
    assert mass.sum() == pytest.approx(1, abs=1e-12)
    assert mass @ places == pytest.approx(1.5) and mass @ (places - 1.5) ** 2 == pytest.approx(0.49)


def test_the_game_is_worth_minus_log_4_where_q_is_p_and_0_where_they_share_nothing() -> None:
    assert value(Gaussian(1, 0.5), Gaussian(1, 0.5)) == pytest.approx(-LOG4, abs=1e-12)
    assert divergence(Gaussian(1, 0.5), Gaussian(1, 0.5)) == pytest.approx(0, abs=1e-12)
    assert divergence(Gaussian(-4, 0.2), Gaussian(4, 0.2)) == pytest.approx(LOG2, abs=1e-12)
    assert value(Gaussian(-4, 0.2), Gaussian(4, 0.2)) == pytest.approx(0, abs=1e-12)


def test_the_divergence_is_symmetric_and_that_of_an_independent_sample() -> None:
    p, q = PAIRS[0]
    assert divergence(p, q) == pytest.approx(divergence(q, p), abs=1e-12)
    rng = np.random.default_rng(0)
    real, fake = rng.normal(*p, 400_000), rng.normal(*q, 400_000)
    sampled = 0.5 * (
        LOG4
        + np.log(optimal_discriminator(p, q, real)).mean()
        + np.log1p(-optimal_discriminator(p, q, fake)).mean()
    )
    assert divergence(p, q) == pytest.approx(sampled, abs=3e-3)


def test_the_value_along_a_path_is_least_where_the_means_are_one() -> None:
    values = [value(Gaussian(0, 1), Gaussian(float(mean), 1)) for mean in np.linspace(-4, 4, 41)]
    assert np.argmin(values) == 20 and values[20] == pytest.approx(-LOG4)
    assert (np.diff(values[20:]) > 0).all() and np.allclose(values, values[::-1])
    wider = [value(Gaussian(0, 1), Gaussian(float(mean), 2)) for mean in np.linspace(-4, 4, 41)]
    assert min(wider) > -LOG4 + 0.05


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_no_discriminator_has_less_than_log_4_minus_2_js(p: Gaussian, q: Gaussian) -> None:
    places = grid(p, q)
    best = optimal_logit(p, q, places)
    least = LOG4 - 2 * divergence(p, q)
    assert expected_loss(p, q, places, best) == pytest.approx(least, abs=1e-9)
    assert residual(p, q, places, optimal_discriminator(p, q, places)) == 0
    for other in (best * 0.9, best + 0.1, best * 0, np.sin(places)):
        assert expected_loss(p, q, places, other) > least + 1e-6
    assert expected_loss(p, q, places, best * 0) == pytest.approx(LOG4)


def test_the_residual_counts_errors_as_points_fall() -> None:
    p, q = Gaussian(0, 1), Gaussian(0, 1)
    places = grid(p, q)
    answers = np.full(len(places), 0.5)
    middle = len(places) // 2
    answers[middle] = 0.7
    assert residual(p, q, places, answers) == pytest.approx(0.2)
    answers[middle], answers[0] = 0.5, 1.0  # ten deviations out
    assert residual(p, q, places, answers) < 1e-20


@pytest.mark.parametrize(("mean", "deviation"), [(0.5, 0.3), (1, 1), (-1.5, 0.4)])
def test_the_slope_of_the_divergence_is_its_difference_quotient(
    mean: float, deviation: float
) -> None:
    p, step = Gaussian(0, deviation), 1e-4
    sides = [divergence(p, Gaussian(mean + side * step, deviation)) for side in (1, -1)]
    assert slope_of_divergence(p, Gaussian(mean, deviation)) == pytest.approx(
        (sides[0] - sides[1]) / (2 * step), rel=1e-5
    )


# --- a discriminator that learns ------------------------------------------------------------------


def test_a_discriminator_learns_the_optimal_one_and_its_generator_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    p, q = Gaussian(-1, 1), Gaussian(1, 0.5)
    trainers = []
    make = optimal._trainer
    monkeypatch.setattr(
        optimal,
        "_trainer",
        lambda *which: trainers.append(make(*which)) or trainers[0],  # type: ignore[func-returns-value] # the list's answer is not used
    )
    *_, seen = optimal.learning(p, q, "small")
    least = LOG4 - 2 * divergence(p, q)
    assert (
        seen.steps.tolist() == optimal.FRAMES
        and seen.steps[-1] == 600
        and len(seen.answers) == len(seen.losses) == len(seen.steps)
    )
    assert (seen.losses >= least - 1e-9).all() and seen.losses[0] > least + 0.3
    assert seen.losses[-5:].max() < least + 0.02
    assert seen.residuals[0] > 0.2 and seen.residuals[-5:].max() < 0.06
    (trainer,) = trainers
    assert (trainer.game.generator.mean.item(), trainer.game.generator.deviation.item()) == (
        1.0,
        0.5,
    )


def test_a_discriminator_that_cannot_bend_stops_short() -> None:
    p, q = Gaussian(0, 2.5), Gaussian(0, 0.3)
    ends = {}
    for size in ("line", "small"):
        *_, seen = optimal.learning(p, q, size)
        ends[size] = seen.residuals[-1]
    assert ends["line"] > 0.3 and ends["small"] < 0.06


# --- Dirac-GAN ------------------------------------------------------------------------------------


@functools.cache
def ends(game: DiracGAN) -> dirac.Trajectories:
    """2,000 steps of .1."""
    return game.play(0.1, 2000)


PUBLISHED = [
    (DiracGAN("minimax"), 3.10, 1.414),
    (DiracGAN("non-saturating"), 0.451, 0.197),
    (DiracGAN("wasserstein", "clip", 0.3), 0.329, 0.295),
    (DiracGAN("wasserstein", "gradient-penalty", 0.5), 0.425, 0.396),
    (DiracGAN("non-saturating", "r1", 0.3), 7.8e-13, 5.0e-14),
]


@pytest.mark.parametrize(("game", "simultaneous", "alternating"), PUBLISHED)
def test_the_ways_end_where_they_are_known_to_end(
    game: DiracGAN, simultaneous: float, alternating: float
) -> None:
    assert ends(game).radii[:, -1] == pytest.approx([simultaneous, alternating], rel=0.01)


def test_critical_damping_is_the_fastest_way_in() -> None:
    fastest = ends(DiracGAN("non-saturating", "r1", 1)).radii[:, -1]
    assert 2e-45 < fastest[0] < 4e-45 and 2e-36 < fastest[1] < 4e-36
    for weight in (0.7, 1.4):
        assert (ends(DiracGAN("non-saturating", "r1", weight)).radii[:, -1] > 1000 * fastest).all()


@pytest.mark.parametrize(
    "loss", ["minimax", "non-saturating", "relativistic", "hinge", "wasserstein"]
)
@pytest.mark.parametrize("penalty", ["none", "r1", "r2"])
@pytest.mark.parametrize("weight", [0.3, 1.0, 1.6, 3.0])
def test_eigenvalues_are_those_of_the_paper(loss: str, penalty: str, weight: float) -> None:
    slope = 1.0 if loss in ("hinge", "wasserstein") else 0.5
    damping = 0.0 if penalty == "none" else weight
    root = complex(damping**2 / 4 - slope**2) ** 0.5
    wanted = sorted(
        [-damping / 2 - root, -damping / 2 + root],
        key=lambda each: (round(each.real, 6), each.imag),
    )
    found = DiracGAN(loss, penalty, weight).eigenvalues()  # type: ignore[arg-type]
    assert found is not None
    # A double eigenvalue is known to the square root of rounding only, and a penalty's slope in
    # float32.
    for one, other in zip(
        sorted(found, key=lambda each: (round(each.real, 3), each.imag)), wanted, strict=True
    ):
        assert abs(one - other) < 1e-3


def test_least_squares_does_not_turn_and_the_gradient_penalty_has_no_eigenvalues() -> None:
    assert DiracGAN("least-squares").eigenvalues() == (0, 0)
    assert DiracGAN("wasserstein", "gradient-penalty", 1).eigenvalues() is None


def test_the_field_is_where_a_small_step_goes() -> None:
    for loss in LOSSES:
        for penalty, weight in (("none", 0.0), ("r1", 0.4), ("r2", 0.4), ("gradient-penalty", 0.4)):
            game = DiracGAN(loss, penalty, weight)  # type: ignore[arg-type]
            starts = np.array([[0.7, -0.4], [-1.2, 0.9], [0.2, 1.1]])
            by_psi, by_theta = game.field(*starts.T.copy())
            for start, one, other in zip(starts, by_psi, by_theta, strict=True):
                played = game.play(1e-3, 1, tuple(start))
                for row in (0, 1):
                    assert played.psi[row, 1] - start[0] == pytest.approx(1e-3 * one, abs=1e-12)
                    assert played.theta[row, 1] - start[1] == pytest.approx(1e-3 * other, abs=1e-5)


def test_games_played_together_are_each_their_own() -> None:
    game = DiracGAN("hinge", "r2", 0.3)
    psi, theta = np.linspace(-2, 2, 7), np.linspace(1.5, -1, 7)
    together = game.field(psi, theta)
    alone = np.array([game.field(psi[i : i + 1], theta[i : i + 1]) for i in range(7)])[..., 0]
    np.testing.assert_allclose(np.stack(together, 1), alone, rtol=1e-6, atol=1e-12)


def test_clipping_holds_psi_from_the_first_step() -> None:
    played = DiracGAN("wasserstein", "clip", 0.3).play(0.1, 300)
    assert np.abs(played.psi[:, 1:]).max() == 0.3


VERDICTS = [
    ("minimax", "none", 0.0, "spirals outwards", "circles for ever"),
    ("wasserstein", "none", 0, "spirals outwards", "circles for ever"),
    ("non-saturating", "none", 0.0, "spirals inwards, slowly", "spirals inwards, slowly"),
    ("least-squares", "none", 0, "stops beside the equilibrium", "stops beside the equilibrium"),
    ("wasserstein", "clip", 0.3, "circles for ever", "circles for ever"),
    ("minimax", "r1", 0.3, "converges to the equilibrium", "converges to the equilibrium"),
    ("hinge", "r2", 1, "converges to the equilibrium", "converges to the equilibrium"),
]


@pytest.mark.parametrize(("loss", "penalty", "weight", "simultaneous", "alternating"), VERDICTS)
def test_verdicts_are_read_from_the_way(
    loss: str, penalty: str, weight: float, simultaneous: str, alternating: str
) -> None:
    radii = ends(DiracGAN(loss, penalty, weight)).radii  # type: ignore[arg-type]
    assert [dirac.verdict(way) for way in radii] == [simultaneous, alternating]


def test_verdicts_of_a_circle_and_of_what_overflows() -> None:
    assert dirac.verdict(np.ones(101)) == "circles"
    assert dirac.verdict(np.array([1.0, 1e200, math.inf, math.nan])) == "flies apart"


@pytest.mark.parametrize("step", [0.02, 0.1, 0.5, 1.0])
def test_steps_on_x_y_grow_by_exactly_one_factor_or_stay_on_an_ellipse(step: float) -> None:
    played = DiracGAN("wasserstein").play(step, 100, (1.0, 0.0))
    radii = played.radii
    np.testing.assert_allclose(radii[0, 1:] / radii[0, :-1], math.sqrt(1 + step**2), rtol=1e-12)
    assert dirac.growth(step) == pytest.approx(math.sqrt(1 + step**2))
    x, y = played.psi[1], played.theta[1]
    np.testing.assert_allclose(x**2 + y**2 - step * x * y, 1, rtol=1e-9)


# --- segments -------------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", [-1.5, -0.05, 0.3, 2.0])
def test_disjoint_segments_tell_w_a_direction_and_js_none(theta: float) -> None:
    assert segments.wasserstein(theta) == (abs(theta), math.copysign(1, theta))
    assert segments.jensen_shannon(theta) == (LOG2, 0)
    distance, slope = segments.kl(theta)
    assert distance == math.inf and math.isnan(slope)


def test_segments_that_are_one_have_no_distance() -> None:
    for distance in (
        segments.wasserstein(0),
        segments.jensen_shannon(0),
        segments.kl(0),
        segments.jensen_shannon(0, 0.2),
    ):
        assert distance.value == pytest.approx(0, abs=1e-12)
    assert (
        segments.jensen_shannon(0, 0.2).slope == pytest.approx(0, abs=1e-9)
        and segments.kl(0, 0.2).slope == 0
    )


def test_the_closed_forms_are_those_of_samples() -> None:
    heights = np.linspace(0, 1, 60)
    here, there = (np.stack([np.full(60, at), heights], 1) for at in (0.0, 0.7))
    assert plane.wasserstein(here, there) == pytest.approx(segments.wasserstein(0.7).value)
    masses = [np.eye(2)[row] for row in (0, 1)]  # two cells, each of one segment
    assert plane.jensen_shannon(*masses) == pytest.approx(segments.jensen_shannon(0.7).value)
    assert plane.kl(*masses) == segments.kl(0.7).value


def test_noise_gives_js_a_slope_near_by_and_little_far_away() -> None:
    near, far = segments.jensen_shannon(0.3, 0.2), segments.jensen_shannon(2, 0.2)
    assert near.slope > 0.5 and 0 <= far.slope < 1e-3 and far.value == pytest.approx(LOG2, abs=1e-5)
    assert segments.jensen_shannon(-0.3, 0.2).slope == pytest.approx(-near.slope)
    assert segments.jensen_shannon(1, 0.05).value == pytest.approx(LOG2, abs=1e-9)
    assert segments.kl(1, 0.5) == (2, 4)


# --- fractionally strided convolution -------------------------------------------------------------


SIDES = itertools.product((2, 3, 4), (1, 2, 3, 4, 5), (1, 2, 3))
FITTING = [
    (size, kernel, stride, padding, output_padding)
    for size, kernel, stride in SIDES
    for padding in range(kernel)
    for output_padding in range(stride)
    if (size - 1) * stride - 2 * padding + kernel + output_padding > 0
]


def test_every_setting_gives_what_torch_gives() -> None:
    assert len(FITTING) > 200
    rng = np.random.default_rng(0)
    for size, side, stride, padding, output_padding in FITTING:
        numbers, kernel = rng.normal(size=(size, size)), rng.normal(size=(side, side))
        steps = transposed(numbers, kernel, stride, padding, output_padding)
        how = {"stride": stride, "padding": padding, "output_padding": output_padding}
        wanted = conv_transpose2d(
            torch.from_numpy(numbers)[None, None],
            torch.from_numpy(kernel)[None, None],
            **how,  # type: ignore[arg-type] # the test passes what it means
        )[0, 0]
        np.testing.assert_allclose(steps.output, wanted.numpy(), atol=1e-12)
        ones = torch.ones(1, 1, size, size), torch.ones(1, 1, side, side)
        np.testing.assert_array_equal(steps.overlaps, conv_transpose2d(*ones, **how)[0, 0].numpy())  # type: ignore[arg-type] # the test passes what it means
        np.testing.assert_array_equal(steps.spread[steps.given], numbers.ravel())
        assert not steps.spread[~steps.given].any()


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_overlaps_are_even_away_from_the_border_where_the_kernel_is_divisible(
    kernel: int, stride: int
) -> None:
    inside = slice(kernel, -kernel)
    overlaps = transposed(np.ones((12, 12)), np.ones((kernel, kernel)), stride).overlaps[
        inside, inside
    ]
    assert len(overlaps) > stride
    assert (len(np.unique(overlaps)) == 1) == even(kernel, stride)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "output_padding", "sentence"),
    [
        (2, 3, 2, 3, 0, "The padding is 3"),
        (2, 3, 2, 0, 2, "The output padding is 2"),
        (2, 5, 1, 3, 0, "The output would have 0 cells"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    size: int, kernel: int, stride: int, padding: int, output_padding: int, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        transposed(
            np.ones((size, size)), np.ones((kernel, kernel)), stride, padding, output_padding
        )
