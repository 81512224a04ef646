"""The plane: distributions whose density and masses are known, two tiny players, and measures on
cases whose answers are known.
"""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from ganapp.config.lab import ActivationName, LabConfig
from ganapp.datasets.plane import DRAWING_SIDE, PLANES, Mixture, drawn, mixture_of, points_of
from ganapp.errors import BadInput
from ganapp.evaluation import plane as measures
from ganapp.losses import LOSSES
from ganapp.models import plane as models
from ganapp.randomness import rng_for

EDGES = np.linspace(-1, 1, 21)
CELLS = DRAWING_SIDE**2


def gaussian(x: float = 0.0, y: float = 0.0, deviation: float = 0.2) -> Mixture:
    return Mixture(np.array([[x, y]]), np.array([deviation]), np.ones(1), True)


def array(points: torch.Tensor) -> np.ndarray:
    return points.double().numpy()


# --- distributions --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANES)
def test_each_distribution_has_mass_1_inside_the_plane(name: str) -> None:
    mixture = mixture_of(name)  # type: ignore[arg-type]
    assert mixture.weights.sum() == pytest.approx(1)
    assert mixture.masses(np.array([-9.0, 9.0])).item() == pytest.approx(1)
    assert mixture.masses(EDGES).sum() > 0.99


@pytest.mark.parametrize("name", PLANES)
def test_a_density_integrates_to_the_mass_of_a_cell(name: str) -> None:
    mixture = mixture_of(name)  # type: ignore[arg-type]
    lines = np.linspace(-1, 1, 81)
    masses = mixture.masses(lines)
    nodes, weights = np.polynomial.legendre.leggauss(10)
    for row, column in {
        divmod(int(place), 80)
        for place in (masses.argmax(), masses.argsort(axis=None)[-20], 0, 3240)
    }:
        up, across = np.meshgrid(
            *((lines[at] + lines[at + 1] + nodes * 0.025) / 2 for at in (row, column)),
            indexing="ij",
        )
        density = mixture.density(np.stack([across, up], 2).reshape(-1, 2)).reshape(10, 10)
        assert weights @ density @ weights * 0.0125**2 == pytest.approx(
            masses[row, column], abs=1e-9
        )


@pytest.mark.parametrize("name", PLANES)
def test_samples_agree_with_the_masses(name: str) -> None:
    mixture = mixture_of(name)  # type: ignore[arg-type]
    points = array(mixture.sample(40_000, rng_for(3, "test")))
    counts = np.histogram2d(points[:, 1], points[:, 0], bins=(EDGES, EDGES))[0].ravel()
    expected = mixture.masses(EDGES).ravel() * len(points)
    often = expected >= 5
    observed = np.append(counts[often], len(points) - counts[often].sum())
    wanted = np.append(expected[often], len(points) - expected[often].sum())
    enough = wanted >= 5  # what is left over may be next to nothing
    statistic = ((observed[enough] - wanted[enough]) ** 2 / wanted[enough]).sum()
    assert statistic < stats.chi2.ppf(1 - 1e-6, enough.sum() - 1)


@pytest.mark.parametrize(
    ("name", "modes", "ratio"), [("eight-gaussians", 8, 100), ("grid", 25, 40)]
)
def test_modes_have_the_papers_proportions(name: str, modes: int, ratio: float) -> None:
    mixture = mixture_of(name)  # type: ignore[arg-type]
    assert mixture.modes and len(mixture.means) == modes and np.allclose(mixture.weights, 1 / modes)
    scale = (
        np.linalg.norm(mixture.means[0])
        if modes == 8
        else np.diff(np.unique(mixture.means[:, 0].round(9)))[0]
    )
    assert scale / mixture.deviations == pytest.approx(ratio)


def test_points_are_drawn_by_the_seed_alone() -> None:
    mixture = mixture_of("grid")
    first, again, other = (points_of(mixture, 50, 2, seed).images for seed in (0, 0, 1))
    assert first.shape == (50, 4) and torch.equal(first, again) and not torch.equal(first, other)


# --- drawings -------------------------------------------------------------------------------------


def test_a_drawing_has_its_ink_where_it_was_drawn() -> None:
    # The upper left cell, three times as dark as the lower right one.
    one = drawn(f"fz{CELLS - 2}.5")
    half = 1 / DRAWING_SIDE
    assert np.allclose(one.means, [(-1 + half, 1 - half), (1 - half, -1 + half)])
    assert np.allclose(one.weights, [0.75, 0.25]) and not one.modes
    assert np.array_equal(drawn("0" * (CELLS - 1) + "1").means, drawn(f"z{CELLS - 1}.1").means)


@pytest.mark.parametrize(
    "drawing",
    [
        "f",
        "g" * CELLS,
        f"z{CELLS - 1}1",
        f"z{CELLS + 1}.",
        f"z{CELLS}.1",
        "z.",
        "z-1.",
        "z99999.",
        "z²." + "1" * CELLS,
        "1" * (CELLS + 1),
    ],
    ids=lambda text: text[:8],
)
def test_a_broken_drawing_is_refused_in_a_sentence(drawing: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        drawn(drawing)


def test_an_empty_drawing_is_refused() -> None:
    with pytest.raises(BadInput, match="empty"):
        mixture_of("drawn", f"z{CELLS}.")
    with pytest.raises(BadInput, match="drawing is empty"):
        LabConfig(plane="drawn")


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conditional": True}, "conditional is true"),
        ({"plane": "square"}, "plane is 'square'"),
        ({"noise_size": 0}, "noise_size is '0'"),
        ({"pack": 5}, "pack is '5'"),
        ({"generator_layers": -1}, "generator_layers is '-1'"),
        ({"activation": "step"}, "activation is 'step'"),
        ({"model": "dcgan"}, "model is 'dcgan'"),
        ({"drawing": "0" * 5000}, "drawing is "),
        ({"loss": "wasserstein"}, "nothing bounds the critic's slope"),
        ({"lr_half_life": -1}, "lr_half_life is '-1'"),
    ],
)
def test_settings_that_make_no_experiment_are_refused(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        LabConfig.from_dict(changes)


# --- players --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [1, 2, 4])
def test_a_pack_is_its_points_side_by_side(pack: int) -> None:
    config = LabConfig(pack=pack, noise_size=3)
    generator, discriminator = models.build(config, 2, 0, rng_for(0, "weights"))
    noise = torch.randn(5, config.latent_size)
    packs = generator(noise)
    assert packs.shape == (5, 2 * pack) and discriminator(packs).shape == (5,)
    alone = generator.points(generator.source(noise.view(-1, 3)))
    assert torch.equal(packs, alone.view(5, -1))
    repeated = alone[:1].repeat(1, pack)
    assert torch.equal(discriminator.alone(alone[:1]), discriminator(repeated))


def test_uniform_noise_is_uniform() -> None:
    generator = models.Generator(LabConfig(noise="uniform"))
    source = array(generator.source(torch.randn(4000, 2, generator=rng_for(0, "test")))).ravel()
    assert abs(source).max() <= 1 and stats.kstest(source, stats.uniform(-1, 2).cdf).pvalue > 1e-6


@pytest.mark.parametrize(("size", "coins"), [(1, 1), (2, 1), (12, 10)])
def test_binary_noise_is_coins_and_a_normal_rest(size: int, coins: int) -> None:
    generator = models.Generator(LabConfig(noise="binary", noise_size=size))
    noise = torch.randn(4000, size, generator=rng_for(0, "test"))
    source = generator.source(noise)
    assert source.shape == noise.shape and torch.equal(source[:, coins:], noise[:, coins:])
    assert set(source[:, :coins].unique().tolist()) == {-1.0, 1.0}
    assert bool((source[:, :coins].mean(0).abs() < 5 / math.sqrt(4000)).all())
    assert generator.source(torch.zeros(1, size))[0, 0] == 1  # never on its edge


def test_fourier_features_are_sines_and_cosines_of_octaves() -> None:
    discriminator = models.Discriminator(LabConfig(fourier_features=2))
    read = discriminator._with_features(torch.tensor([[0.5, 0.25]]))
    half = math.sqrt(0.5)
    # Sin(pi u), sin(2 pi u) of each, then the cosines.
    expected = [
        0.5,
        0.25,
        1.0,
        0.0,
        half,
        1.0,
        0.0,
        -1.0,
        half,
        0.0,
    ]
    assert torch.allclose(read[0], torch.tensor(expected), atol=1e-6)
    assert discriminator.layers[0].in_features == 10


def test_without_hidden_layers_players_are_linear() -> None:
    generator, discriminator = models.build(
        LabConfig(generator_layers=0, discriminator_layers=0), 2, 0, rng_for(0, "weights")
    )
    a, b = torch.randn(2, 7, 2)
    for player in (generator, discriminator):
        assert torch.allclose(player((a + b) / 2), (player(a) + player(b)) / 2, atol=1e-6)


@pytest.mark.parametrize("activation", get_args(ActivationName))
@pytest.mark.parametrize("loss", LOSSES)
def test_every_weight_gets_a_finite_gradient(loss: str, activation: str) -> None:
    bound = {"gradient_penalty": 0.1} if loss == "wasserstein" else {}
    config = LabConfig.from_dict({"loss": loss, "activation": activation, "pack": 2, **bound})
    generator, discriminator = models.build(config, 2, 0, rng_for(0, "weights"))
    fakes = generator(torch.randn(64, config.latent_size, generator=rng_for(0, "test")))
    reals = points_of(mixture_of("two-gaussians"), 64, 2, 0).images
    for player, play in (
        (generator, LOSSES[config.loss].generator),
        (discriminator, LOSSES[config.loss].discriminator),
    ):
        gradients = torch.autograd.grad(
            play(discriminator(reals), discriminator(fakes)),
            list(player.parameters()),
            retain_graph=True,
            allow_unused=True,
        )
        names = [name for name, _ in player.named_parameters()]
        for name, gradient in zip(names, gradients, strict=True):
            # A critic whose loss is a difference of means has no use for its last bias.
            if player is discriminator and name == f"layers.{len(discriminator.layers) - 1}.bias":  # type: ignore[arg-type] # the test passes what it means
                assert gradient is None or bool(gradient.isfinite().all())
                continue
            assert (
                gradient is not None and bool(gradient.isfinite().all()) and bool(gradient.any())
            ), name


# --- measures -------------------------------------------------------------------------------------


def masses_of(mixture: Mixture) -> np.ndarray:
    return measures.smoothed(mixture.masses(measures.edges(measures.FINE)))


@pytest.mark.parametrize("name", PLANES)
def test_smoothed_masses_sum_to_1_and_equal_ones_score_0(name: str) -> None:
    p = masses_of(mixture_of(name))  # type: ignore[arg-type]
    assert p.sum() == pytest.approx(1) and p.min() >= 0 and len(p) == measures.SIDE**2 + 1
    assert measures.kl(p, p) == 0 and measures.jensen_shannon(p, p) == 0
    assert measures.value_from_optimal(p, p) == pytest.approx(-math.log(4))


def test_counted_points_keep_their_mass_even_beyond_the_plane() -> None:
    points = np.array([[0.5, 0.5], [-0.5, 0.1], [3.0, 0.0], [0.0, -3.0]])
    counts = measures.counted(points)
    assert counts.sum() == 0.5
    assert measures.smoothed(counts)[-1] == pytest.approx(0.5, abs=1e-6) and measures.smoothed(
        counts
    ).sum() == pytest.approx(1)


def test_rows_go_from_low_y_to_high_for_masses_as_for_counts() -> None:
    mixture = gaussian(0.6, -0.4, 0.01)
    by_mass = mixture.masses(measures.edges(measures.FINE))
    by_count = measures.counted(array(mixture.sample(500, rng_for(0, "test"))))
    row, column = np.unravel_index(by_mass.argmax(), by_mass.shape)
    assert row < by_mass.shape[0] / 2 < column
    assert measures.jensen_shannon(measures.smoothed(by_mass), measures.smoothed(by_count)) < 0.01


def test_distributions_that_share_nothing_are_log_2_apart() -> None:
    p, q = masses_of(gaussian(-0.6, -0.6, 0.02)), masses_of(gaussian(0.6, 0.6, 0.02))
    assert measures.jensen_shannon(p, q) == pytest.approx(math.log(2), abs=1e-6)
    assert measures.value_from_optimal(p, q) == pytest.approx(0, abs=1e-5)
    beside = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert measures.kl(*beside) == math.inf


def test_divergences_of_two_gaussians_agree_with_integrals() -> None:
    """The measures see both after smoothing, which adds its variance to theirs."""
    a, b = gaussian(-0.1, 0, 0.2), gaussian(0.15, 0, 0.2)
    seen = math.hypot(0.2, measures.SMOOTHING)
    p, q = masses_of(a), masses_of(b)
    closed = 0.25**2 / (2 * seen**2)  # KL of two Gaussians of one deviation: distance^2 / (2 s^2)
    assert measures.kl(p, q) == pytest.approx(closed, rel=0.02)

    def both(x: float) -> float:  # the y axis is alike in both, so one integral is enough
        u, v = (stats.norm.pdf(x, mean, seen) for mean in (-0.1, 0.15))
        return 0.5 * (u * math.log(2 * u / (u + v)) + v * math.log(2 * v / (u + v)))

    exact = integrate.quad(both, -1.5, 1.5)[0]
    assert measures.jensen_shannon(p, q) == pytest.approx(exact, rel=0.02)
    assert measures.jensen_shannon(p, q) == pytest.approx(measures.jensen_shannon(q, p))


def test_the_best_discriminator_by_hand() -> None:
    p, q = np.array([0.5, 0.25, 0.25, 0.0]), np.array([0.5, 0.0, 0.5, 0.0])
    best = measures.optimal_discriminator(p, q)
    assert np.allclose(best[:3], [0.5, 1.0, 1 / 3]) and math.isnan(best[3])
    held = p + q > 0
    value = (p[p > 0] * np.log(best[p > 0])).sum() + (
        q[held & (q > 0)] * np.log(1 - best[held & (q > 0)])
    ).sum()
    assert measures.value_from_optimal(p, q) == pytest.approx(value)


def test_wasserstein_of_a_translation_is_its_length() -> None:
    points = array(mixture_of("spiral").sample(200, rng_for(0, "test")))
    assert measures.wasserstein(points, points + np.array([0.3, -0.4])) == pytest.approx(0.5)
    assert measures.wasserstein(points, points) == 0


def test_wasserstein_on_a_line_agrees_with_scipy() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 90)) * [[1], [2]]
    flat = [np.stack([values, np.zeros(90)], 1) for values in (a, b)]
    assert measures.wasserstein(*flat) == pytest.approx(stats.wasserstein_distance(a, b))


@pytest.mark.parametrize(("name", "floor"), [("eight-gaussians", 0.0015), ("grid", 0.0048)])
def test_real_points_cover_what_they_are_drawn_from_up_to_the_floors(
    name: str, floor: float
) -> None:
    mixture = mixture_of(name)  # type: ignore[arg-type]
    found = [
        measures.covered(
            array(mixture.sample(2500, rng_for(seed, "test"))), mixture.means, mixture.deviations
        )
        for seed in range(40)
    ]
    assert all(each.modes == len(mixture.means) for each in found)
    ceiling = 1 - math.exp(-4.5)
    standard_error = math.sqrt(ceiling * (1 - ceiling) / (40 * 2500))
    assert np.mean([each.high_quality for each in found]) == pytest.approx(
        ceiling, abs=5 * standard_error
    )
    # (K - 1) / 2N, the mean of a chi-square over 2N
    assert floor == pytest.approx((len(mixture.means) - 1) / 5000, rel=0.1)
    assert np.mean([each.reverse_kl for each in found]) == pytest.approx(floor, rel=0.35)


def test_a_generator_that_is_stuck_on_one_mode() -> None:
    mixture = mixture_of("eight-gaussians")
    stuck = measures.covered(
        np.repeat(mixture.means[2:3], 100, 0), mixture.means, mixture.deviations
    )
    assert (
        stuck.modes == 1
        and stuck.high_quality == 1
        and stuck.found.tolist() == [number == 2 for number in range(8)]
    )
    assert stuck.reverse_kl == pytest.approx(math.log(8))
    nowhere = measures.covered(np.zeros((10, 2)), mixture.means, mixture.deviations)
    assert nowhere.modes == 0 and nowhere.high_quality == 0 and nowhere.reverse_kl == math.inf


def test_three_standard_deviations_are_the_border_of_high_quality() -> None:
    one = gaussian(deviation=0.1)
    points = np.array([[0.2999, 0.0], [0.3001, 0.0], [0.0, -0.2999], [0.22, 0.22]])
    assert measures.covered(points, one.means, one.deviations).high_quality == 0.5


@pytest.mark.parametrize(
    "points",
    [np.zeros((0, 2)), np.zeros((3, 3)), np.zeros(4)],
    ids=lambda points: str(points.shape),
)
def test_what_is_no_set_of_points_is_refused(points: np.ndarray) -> None:
    one = gaussian()
    for measure in (
        lambda: measures.counted(points),
        lambda: measures.covered(points, one.means, one.deviations),
        lambda: measures.wasserstein(points, points),
    ):
        with pytest.raises(BadInput, match="Points of the plane are wanted"):
            measure()
