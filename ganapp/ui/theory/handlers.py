"""What the *Theory* tab shows, as functions of what a browser sends. Knows no Gradio."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.special import expit

from ganapp.errors import BadInput
from ganapp.lab.theory import dirac, segments
from ganapp.lab.theory.dirac import DiracGAN, Trajectories
from ganapp.lab.theory.gaussians import Gaussian, divergence, optimal_logit, value
from ganapp.lab.theory.optimal import FRAMES, LAYERS, SizeName, TrainedDiscriminator, learning
from ganapp.lab.theory.transposed import even, transposed
from ganapp.losses import LOSSES
from ganapp.ui.parts.charts import Chart, around, arrows, chart, level, line, mark
from ganapp.ui.parts.inputs import number, one_of, whole
from ganapp.ui.parts.rendering import Props

LOG4, LOG2 = math.log(4), math.log(2)
FARTHEST = 4.0
DEVIATIONS = (0.2, 3.0)
PLACES = 201
ROUNDS = 2000
TURNS = 4


def optimum(
    size: object, mean: object, deviation: object, its_mean: object, its_deviation: object
) -> Props:
    """Both densities and D*; `size` only matters once a discriminator learns."""
    p, q = _gaussian(mean, deviation, "real"), _gaussian(its_mean, its_deviation, "generated")
    one_of(size, LAYERS, "The discriminator")
    best = LOG4 - 2 * divergence(p, q)
    note = (
        f"JS = {divergence(p, q):.3f}, so no discriminator has a loss below log 4 - 2 JS ="
        f" {best:.3f}. Press Train to see one approach it."
    )
    return {"charts": [_densities(p, q), _answers(p, q, None)], "note": note}


def optimise(
    size: object, mean: object, deviation: object, its_mean: object, its_deviation: object
) -> Iterator[Props]:
    """A discriminator that learns, picture by picture, and in the end the whole film."""
    p, q = _gaussian(mean, deviation, "real"), _gaussian(its_mean, its_deviation, "generated")
    chosen: SizeName = one_of(size, LAYERS, "The discriminator")
    best = LOG4 - 2 * divergence(p, q)
    for seen in learning(p, q, chosen):
        done = len(seen.steps) == len(FRAMES)
        said = [
            f"After {step} steps: loss {loss:.3f}, with a lower bound of log 4 - 2 JS = {best:.3f};"
            f" largest weighted error {error:.3f}."
            for step, loss, error in zip(seen.steps, seen.losses, seen.residuals, strict=True)
        ]
        shown = seen if done else seen._replace(answers=seen.answers[-1:])
        yield {
            "charts": [_densities(p, q), _answers(p, q, shown), _progress(seen, best)],
            "frames": len(said) if done else 1,
            "said": said if done else said[-1:],
            "note": (
                "The error is |D - D*|, weighted by p + q: where no points fall, nothing is"
                " learned."
            ),
        }


def along(its_mean: object, its_deviation: object) -> Props:
    """C(G) where q's mean moves, and where it is now; p is N(0, 1)."""
    p, q = Gaussian(0, 1), _gaussian(its_mean, its_deviation, "generated")
    means, values = _values(q.deviation)
    now = value(p, q)
    curve = chart(
        "C(G) along the way",
        f"C(G) over q's mean, from {values.max():.2f} at the ends to {values.min():.2f} in the"
        f" middle; now {now:.2f} at {q.mean:g}",
        (-FARTHEST, FARTHEST),
        (-LOG4 - 0.12, 0.1),
        [line("C(G)", "generator", means, values)],
        names=("mean of q", "C(G)"),
        levels=[level(-LOG4, "-log 4: p = q"), level(0, "0: no overlap")],
        marks=[mark(q.mean, now, "gradient")],
    )
    note = f"C(G) = -log 4 + 2 JS = -1.386 + 2 x {divergence(p, q):.3f} = {now:.3f}."
    if abs(q.deviation - 1) > 1e-9:
        note += (
            " q is as wide as p only at deviation 1: until then the curve's lowest point stays"
            " above -log 4."
        )
    elif abs(q.mean) < 1e-9:
        note += " p = q: this is the minimum, and D* answers 1/2 everywhere."
    return {"charts": [_densities(p, q), curve], "note": note}


def dirac_gan(loss: object, penalty: object, weight: object, step: object) -> Props:
    """The ways of Dirac-GAN with a loss, a penalty of `weight` and steps of size `step`."""
    game = DiracGAN(
        one_of(loss, LOSSES, "The loss"),
        one_of(penalty, dirac.PENALTIES, "The penalty"),
        number(weight, 0, 2, "The weight"),
    )
    if game.penalty == "clip" and not game.weight:
        raise BadInput(
            "The bound of the clipping is 0, which keeps ψ at 0, so neither player learns: choose a"
            " larger one."
        )
    return _dirac_gan(game, number(step, 0.01, 0.5, "The step size"))


def saddle(step: object) -> Props:
    """F = x y with steps of size `step`."""
    size = number(step, 0.02, 1, "The step size")
    game = DiracGAN("wasserstein")
    steps = round(TURNS * 2 * math.pi / size)
    played = game.play(size, steps, (1.0, 0.0))
    factor = dirac.growth(size)
    charts = _planes(game, played, 3.0, ("x (minimises)", "y (maximises)"))
    radii = np.log10(played.radii)
    charts.append(_distances(radii, steps, around(radii, least=0.6)))
    note = (
        "A simultaneous step multiplies the distance from 0 by exactly sqrt(1 + h²) ="
        f" {factor:.4f}: after {steps} steps by {_short(factor**steps)}. Alternating steps stay on"
        " one ellipse, x² + y² - h x y = constant."
    )
    return {"charts": charts, "frames": _frames(steps), "note": note}


def distances(theta: object, noise: object) -> Props:
    """Two segments `theta` apart, and what three distances say about it."""
    at, deviation = number(theta, -2, 2, "The distance"), number(noise, 0, 1, "The noise")
    if 0 < deviation < 0.05:
        raise BadInput(
            f"The noise is {deviation:g}, too little for the integration on the grid: choose 0 or"
            " at least 0.05."
        )
    return _distances_of(at, deviation)


def deconvolve(
    numbers: object, kernel: object, stride: object, padding: object, output_padding: object
) -> Props:
    """A fractionally strided convolution of square `numbers` with a square `kernel`, lists of
    lists.
    """
    given, weights = _square(numbers, 2, 4, "The input"), _square(kernel, 1, 5, "The kernel")
    settings = (
        whole(stride, 1, 3, "The stride"),
        whole(padding, 0, 4, "The padding"),
        whole(output_padding, 0, 2, "The output padding"),
    )
    steps = transposed(given, weights, *settings)
    size, by = len(weights), settings[0]
    found = sorted({int(count) for count in np.unique(steps.overlaps)})
    if even(size, by):
        verdict = (
            f"The kernel's size {size} is divisible by the stride {by}: away from the border every"
            " cell is painted equally often."
        )
    else:
        verdict = (
            f"The kernel's size {size} is not divisible by the stride {by}: cells are painted"
            f" {_listed(found)} times in turns, which is the checkerboard in many generated"
            " pictures."
        )
    return {
        "numbers": _plain(given),
        "kernel": _plain(weights),
        "spread": _plain(steps.spread),
        "given": steps.given.astype(int).tolist(),
        "turned": _plain(steps.turned),
        "output": _plain(steps.output),
        "overlaps": steps.overlaps.tolist(),
        "note": (
            f"{len(given)} x {len(given)} becomes {len(steps.output)} x {len(steps.output)}."
            f" {verdict}"
        ),
    }


def _gaussian(mean: object, deviation: object, whose: str) -> Gaussian:
    return Gaussian(
        number(mean, -FARTHEST, FARTHEST, f"The {whose} mean"),
        number(deviation, *DEVIATIONS, f"The {whose} standard deviation"),
    )


def _window(p: Gaussian, q: Gaussian) -> tuple[float, float]:
    low, high = (
        fold(each.mean + side * 3.2 * each.deviation for each in (p, q))
        for fold, side in ((min, -1), (max, 1))
    )
    return float(low), float(high)


def _densities(p: Gaussian, q: Gaussian) -> Chart:
    window = _window(p, q)
    places = np.linspace(*window, PLACES)
    ours, theirs = p.density(places), q.density(places)
    return chart(
        "The two densities",
        f"p around {p.mean:g} with deviation {p.deviation:g}, q around {q.mean:g} with deviation"
        f" {q.deviation:g}",
        window,
        (0, 1.08 * float(max(ours.max(), theirs.max()))),
        [
            line("p, real", "real", places, ours, fill=True),
            line("q, generated", "generator", places, theirs, "dashed", fill=True),
        ],
        names=("x", "density"),
    )


def _answers(p: Gaussian, q: Gaussian, seen: TrainedDiscriminator | None) -> Chart:
    window = _window(p, q)
    places = np.linspace(*window, PLACES)
    lines = [line("D* = p / (p + q)", "ink", places, expit(optimal_logit(p, q, places)), "dashed")]
    if seen is not None:
        learned = np.stack([np.interp(places, seen.places, answers) for answers in seen.answers])
        lines.append(line("D, learned", "discriminator", places, learned))
    return chart(
        "The discriminator",
        "The optimal discriminator"
        + (
            f" and the learned one, at most {seen.residuals[-1]:.3f} away from it"
            if seen is not None
            else ""
        ),
        window,
        (0, 1),
        lines,
        names=("x", "D(x)"),
        levels=[level(0.5, "1/2: cannot tell")],
    )


def _progress(seen: TrainedDiscriminator, best: float) -> Chart:
    return chart(
        "Its loss and its error",
        f"The loss went from {seen.losses[0]:.2f} to {seen.losses[-1]:.3f}, the error from"
        f" {seen.residuals[0]:.2f} to {seen.residuals[-1]:.3f}",
        (0, max(1.0, float(seen.steps[-1]))),
        (0, max(1.5, 1.08 * float(seen.losses.max()))),
        [
            line("loss", "discriminator", seen.steps, seen.losses, grows=True),
            line("weighted error", "gradient", seen.steps, seen.residuals, "dotted", grows=True),
        ],
        names=("steps", ""),
        levels=[level(best, "log 4 - 2 JS")],
    )


@functools.lru_cache(maxsize=64)
def _values(deviation: float) -> tuple[np.ndarray, np.ndarray]:
    means = np.linspace(-FARTHEST, FARTHEST, 81)
    return means, np.array(
        [value(Gaussian(0, 1), Gaussian(float(mean), deviation)) for mean in means]
    )


ONE_AT_A_TIME = threading.Lock()


@functools.lru_cache(maxsize=128)
def _dirac_gan(game: DiracGAN, step: float) -> Props:
    with ONE_AT_A_TIME:  # a second of Python each, which all of the app's threads share
        return _dirac_gan_played(game, step)


def _dirac_gan_played(game: DiracGAN, step: float) -> Props:
    played = game.play(step, ROUNDS)
    reach = 2.0
    charts = _planes(game, played, reach, ("θ (generator)", "ψ (discriminator)"))
    radii = np.log10(np.maximum(played.radii, 1e-300))
    charts.append(_distances(radii, ROUNDS, around(radii, least=1)))
    first, second = (
        f"{dirac.verdict(way)} (last distance {_short(way[-1])})" for way in played.radii
    )
    note = (
        f"With simultaneous steps the game {first}; with alternating ones it {second}."
        f" {_eigenvalues(game)}"
    )
    if game.loss == "least-squares":
        note += (
            " This loss wants D to be 1 at real data, but a line through 0 is 0 there with any"
            " slope. So D learns only from generated data: its slope shrinks until it is flat, and"
            " θ stays where it is."
        )
    return {"charts": charts, "frames": _frames(ROUNDS), "note": note}


def _eigenvalues(game: DiracGAN) -> str:
    values = game.eigenvalues()
    if values is None:
        return (
            "The target of the gradient penalty is |ψ| = 0.3 here, as in the paper; its slope jumps"
            " at ψ = 0, so there are no eigenvalues."
        )
    first, second = values
    if abs(first.imag) > 1e-9:
        said = f"{_short(first.real)} ± {abs(first.imag):.3g} i"
    else:
        said = f"{_short(first.real)} and {_short(second.real)}"
    real = max(first.real, second.real)
    meaning = (
        "negative real parts, so it attracts"
        if real < -1e-9
        else "no negative real part, so it does not attract"
    )
    extra = ""
    if (
        game.penalty in ("r1", "r2")
        and game.weight
        and abs(first.imag) <= 1e-9
        and abs(first - second) < 1e-3
    ):
        extra = "; they are equal here: critical damping, the fastest convergence"
    return f"Eigenvalues at the equilibrium: {said} ({meaning}{extra})."


def _planes(
    game: DiracGAN, played: Trajectories, reach: float, names: tuple[str, str]
) -> list[Chart]:
    """The plane of both players twice, with the way of simultaneous and of alternating steps. f = x
    y has its x, psi, across.
    """
    turned = names[0].startswith("x")
    ticks = np.linspace(-0.9 * reach, 0.9 * reach, 13)
    theta, psi = (each.ravel() for each in np.meshgrid(ticks, ticks))
    by_psi, by_theta = game.field(psi, theta)
    field = (
        arrows(psi, theta, by_psi, by_theta, 0.16 * reach)
        if turned
        else arrows(theta, psi, by_theta, by_psi, 0.16 * reach)
    )
    made = []
    for row, kind in enumerate(("Simultaneous", "Alternating")):
        ways = (played.psi[row], played.theta[row])
        across, up = ways if turned else ways[::-1]
        drawn = np.clip(across, -99, 99), np.clip(up, -99, 99)
        made.append(
            chart(
                kind,
                f"The way from ({across[0]:.3g}, {up[0]:.3g}) {dirac.verdict(played.radii[row])}",
                (-reach, reach),
                (-reach, reach),
                [line("the way", "ink", *drawn, grows=True)],
                names=names,
                arrows=field,
                square=True,
                marks=[
                    mark(0, 0, "real", "equilibrium", below=True),
                    mark(across[0], up[0], "ink", "start"),
                ],
            )
        )
    return made


def _distances(radii: np.ndarray, steps: int, up: tuple[float, float]) -> Chart:
    every = np.unique(np.linspace(0, steps, min(steps, 400) + 1).astype(int))
    kinds: list[Any] = [
        ("simultaneous", "gradient", "dashed"),
        ("alternating", "discriminator", "solid"),
    ]
    return chart(
        "Distance from the equilibrium",
        f"After {steps} steps {_short(10 ** radii[0, -1])} with simultaneous and"
        f" {_short(10 ** radii[1, -1])} with alternating steps",
        (0, steps),
        up,
        [
            line(name, colour, every, radii[row, every], dash, grows=True)
            for row, (name, colour, dash) in enumerate(kinds)
        ],
        names=("steps", "on a logarithmic scale"),
        log=True,
    )


def _frames(steps: int) -> int:
    return min(steps, 240) + 1


@functools.lru_cache(maxsize=128)
def _distances_of(theta: float, noise: float) -> Props:
    ways = np.linspace(-2, 2, 161)
    js = np.array([segments.jensen_shannon(float(at), noise).value for at in ways])
    kl = np.array([segments.kl(float(at), noise).value for at in ways])
    w, j, k = (
        segments.wasserstein(theta),
        segments.jensen_shannon(theta, noise),
        segments.kl(theta, noise),
    )
    lines = [
        line("W", "ink", ways, np.abs(ways)),
        # Without noise JS jumps at 0, and there is no line across a jump.
        line(
            "JS", "discriminator", ways, js if noise else np.where(ways == 0, np.nan, js), "dashed"
        ),
    ]
    if noise:
        lines.append(line("KL", "gradient", ways, np.where(kl < 3, kl, np.nan), "dotted"))
    curves = chart(
        "Distances",
        f"At θ = {theta:g}: W {w.value:.3g}, JS {j.value:.3g}, KL {_said(k.value)}",
        (-2, 2),
        (0, 2.1),
        lines,
        names=("θ", "distance"),
        levels=[level(LOG2, "log 2")],
        marks=[mark(theta, w.value, "ink"), mark(theta, j.value, "discriminator")],
    )
    rows = [["", "distance", "slope by θ"]]
    rows += [
        [name, _said(each.value), _said(each.slope)]
        for name, each in (("W", w), ("JS", j), ("KL", k))
    ]
    return {
        "charts": [_segments(theta, noise), curves],
        "rows": rows,
        "note": _lesson(theta, noise),
    }


def _segments(theta: float, noise: float) -> Chart:
    both = (
        line("p, real", "real", [0, 0], [0, 1]),
        line("q, generated", "generator", [theta, theta], [0, 1], "dashed"),
    )
    lines = [segment | {"wide": True, "blur": round(2 * noise, 3)} for segment in both]
    return chart(
        "The two segments",
        f"One segment at 0, the other at {theta:g}",
        (-2.3, 2.3),
        (-0.15, 1.15),
        lines,
        names=("x", ""),
    )


def _lesson(theta: float, noise: float) -> str:
    if not theta:
        return "The segments coincide: all distances are 0."
    if noise:
        return (
            "With noise on both they overlap, and JS has a slope again; far away it is still almost"
            " flat, while W's stays 1."
        )
    return (
        "JS is log 2 wherever θ is not 0: its gradient of 0 gives the generator no direction. W"
        " grows with the distance, which is the idea of WGAN."
    )


def _square(values: object, low: int, high: int, what: str) -> np.ndarray:
    rows = values if isinstance(values, list) else []
    if not low <= len(rows) <= high or not all(
        isinstance(row, list) and len(row) == len(rows) for row in rows
    ):
        raise BadInput(
            f"{what} must be a square of {low} x {low} to {high} x {high} numbers: load the page"
            " again."
        )
    return np.array(
        [[number(each, -99, 99, f"A number of {what.lower()}") for each in row] for row in rows]
    )


def _plain(numbers: np.ndarray) -> list[list[float]]:
    result: list[list[float]] = np.round(numbers, 6).tolist()
    return result


def _listed(counts: list[int]) -> str:
    texts = [str(each) for each in counts]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _short(size: float) -> str:
    """A number of any size, in three digits."""
    size = float(size)
    if size == 0 or 1e-3 <= abs(size) < 1e5:
        return f"{size:.3g}" if abs(size) < 1000 else f"{size:.0f}"
    digits, power = f"{size:.1e}".split("e")
    return f"{digits} x 10^{int(power)}"


def _said(size: float) -> str:
    return (
        "infinite"
        if math.isinf(size)
        else "none"
        if math.isnan(size)
        else _short(round(size, 4) + 0.0)
    )
