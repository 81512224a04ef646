"""The Theory tab without Gradio: what is drawn, and what is said of bad input."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from ganapp.errors import BadInput
from ganapp.lab.theory.dirac import DiracGAN
from ganapp.losses import LOSSES
from ganapp.ui.parts import charts
from ganapp.ui.theory import handlers, tab

LOG4 = math.log(4)


def titles(shown: dict[str, Any]) -> list[str]:
    return [chart["title"] for chart in shown["charts"]]


def line_of(shown: dict[str, Any], title: str, name: str) -> dict[str, Any]:
    (chart,) = (chart for chart in shown["charts"] if chart["title"] == title)
    (line,) = (line for line in chart["lines"] if line["name"] == name)
    return line


def test_the_first_picture_shows_the_densities_and_the_optimal_discriminator() -> None:
    shown = handlers.optimum("small", 0, 1, 2, 1)
    best = line_of(shown, "The discriminator", "D* = p / (p + q)")
    middle = np.interp(1.0, best["x"], best["y"])
    assert middle == pytest.approx(0.5, abs=1e-3) and best["y"][0] > 0.99 and best["y"][-1] < 0.01
    assert [line["colour"] for line in shown["charts"][0]["lines"]] == ["real", "generator"]
    assert len(shown["charts"]) == 2 and "log 4 - 2 JS" in shown["note"]


def test_a_discriminator_learns_in_sight_and_leaves_a_film() -> None:
    shown = list(handlers.optimise("small", -1, 1, 1, 0.5))
    *before, last = shown
    assert all(each["frames"] == 1 and len(each["said"]) == 1 for each in before)
    assert last["frames"] == len(last["said"]) == len(shown) > 30
    answers = line_of(last, "The discriminator", "D, learned")
    best = line_of(last, "The discriminator", "D* = p / (p + q)")
    errors = [
        np.abs(np.array(frame) - best["y"])[60:160].max()
        for frame in (answers["y"][0], answers["y"][-1])
    ]
    assert len(answers["y"]) == last["frames"] and errors[1] < 0.15 < errors[0]
    assert "After 0 steps" in last["said"][0] and "After 600 steps" in last["said"][-1]


def test_the_marker_is_on_the_curve_of_c_of_g() -> None:
    for mean, deviation in ((0, 1), (2, 1), (-1.5, 0.4)):
        shown = handlers.along(mean, deviation)
        (dot,) = shown["charts"][1]["marks"]
        curve = line_of(shown, "C(G) along the way", "C(G)")
        assert dot["x"] == mean and np.interp(mean, curve["x"], curve["y"]) == pytest.approx(
            dot["y"], abs=5e-3
        )
    assert "p = q" in handlers.along(0, 1)["note"]
    assert "stays above -log 4" in handlers.along(0, 2)["note"]
    assert handlers.along(0, 1)["charts"][1]["marks"][0]["y"] == pytest.approx(-LOG4, abs=1e-4)


def test_dirac_gan_says_what_the_ways_do() -> None:
    shown = handlers.dirac_gan("minimax", "none", 0.3, 0.1)
    assert "simultaneous steps the game spirals outwards (last distance 3.1)" in shown["note"]
    assert (
        "alternating ones it circles for ever (last distance 1.41)" in shown["note"]
        and "± 0.5 i" in shown["note"]
    )
    way = line_of(shown, "Alternating", "the way")
    assert (way["x"][0], way["y"][0]) == (1, -1) and len(way["x"]) == 2001
    damped = handlers.dirac_gan("non-saturating", "r1", 1, 0.1)
    assert "critical damping" in damped["note"] and "2.9 x 10^-36" in damped["note"]
    assert (
        "penalty is |ψ| = 0.3"
        in handlers.dirac_gan("wasserstein", "gradient-penalty", 0.5, 0.1)["note"]
    )


def test_every_loss_and_penalty_can_be_drawn_even_where_it_flies_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handlers, "ROUNDS", 300)
    for loss in LOSSES:
        for penalty in ("none", "gradient-penalty", "clip"):
            shown = handlers._dirac_gan.__wrapped__(DiracGAN(loss, penalty, 2.0), 0.5)
            json.dumps(shown, allow_nan=False)
            assert titles(shown) == ["Simultaneous", "Alternating", "Distance from the equilibrium"]


def test_f_is_x_y_with_the_factor_of_its_step() -> None:
    shown = handlers.saddle(0.5)
    assert "= 1.1180" in shown["note"]
    across = line_of(shown, "Simultaneous", "the way")
    # Y has seen x, x has seen y = 0.
    assert (across["x"][:2], across["y"][:2]) == (
        [1, 1],
        [0, 0.5],
    )
    json.dumps(handlers.saddle(1), allow_nan=False)


def test_the_distances_are_told_with_their_slopes() -> None:
    rows = handlers.distances(-1, 0)["rows"]
    assert rows[1:] == [["W", "1", "-1"], ["JS", "0.693", "0"], ["KL", "infinite", "none"]]
    assert handlers.distances(0, 0)["rows"][1] == ["W", "0", "none"]
    js = line_of(handlers.distances(1, 0), "Distances", "JS")
    assert [y for x, y in zip(js["x"], js["y"], strict=True) if x == 0] == [None]
    smooth = handlers.distances(0.5, 0.5)
    assert smooth["rows"][3] == ["KL", "0.5", "2"] and "slope again" in smooth["note"]
    json.dumps(smooth, allow_nan=False)


def test_a_convolution_is_told_step_by_step() -> None:
    shown = handlers.deconvolve([[1, 2], [3, 4]], [[1, 1, 1]] * 3, 2, 0, 0)
    assert shown["output"][2] == [4, 4, 10, 6, 6] and shown["overlaps"][2] == [2, 2, 4, 2, 2]
    assert "not divisible" in shown["note"] and "2 x 2 becomes 5 x 5" in shown["note"]
    assert "equally often" in handlers.deconvolve([[1, 2], [3, 4]], [[1] * 4] * 4, 2, 1, 0)["note"]


@pytest.mark.parametrize(
    ("function", "arguments", "sentence"),
    [
        (handlers.optimum, ("huge", 0, 1, 0, 1), "The discriminator is 'huge'"),
        (handlers.optimum, ("small", None, 1, 0, 1), "The real mean is empty"),
        (handlers.optimum, ("small", 0, 0, 0, 1), "The real standard deviation is '0'"),
        (handlers.along, (9, 1), "The generated mean is '9'"),
        (handlers.along, (0, float("nan")), "The generated standard deviation"),
        (handlers.dirac_gan, ("mse", "none", 0, 0.1), "The loss is 'mse'"),
        (handlers.dirac_gan, ("minimax", ["r1"], 0, 0.1), "The penalty is"),
        (handlers.dirac_gan, ("minimax", "r1", 3, 0.1), "The weight is '3'"),
        (handlers.dirac_gan, ("minimax", "clip", 0, 0.1), "bound of the clipping is 0"),
        (handlers.dirac_gan, ("minimax", "none", 0, 0), "The step size is '0'"),
        (handlers.saddle, ("fast",), "The step size is 'fast'"),
        (handlers.distances, (3, 0), "The distance is '3'"),
        (handlers.distances, (1, 0.01), "The noise is 0.01"),
        (handlers.deconvolve, (None, [[1]], 1, 0, 0), "The input must be a square"),
        (handlers.deconvolve, ([[1, 2], [3]], [[1]], 1, 0, 0), "The input must be a square"),
        (
            handlers.deconvolve,
            ([[1, 2], [3, None]], [[1]], 1, 0, 0),
            "A number of the input is empty",
        ),
        (handlers.deconvolve, ([[1, 2], [3, 1e9]], [[1]], 1, 0, 0), "A number of the input"),
        (
            handlers.deconvolve,
            ([[1, 2], [3, 4]], [[1] * 6] * 6, 1, 0, 0),
            "The kernel must be a square",
        ),
        (handlers.deconvolve, ([[1, 2], [3, 4]], [[1]], 0, 0, 0), "The stride is '0'"),
        (handlers.deconvolve, ([[1, 2], [3, 4]], [[1]], 2, 0, 2), "The output padding is 2"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(
    function: Any, arguments: tuple[Any, ...], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        function(*arguments)


def test_refusals_reach_the_page_in_their_place() -> None:
    first = next(tab.optimise("small", 0, 1, 0, 1.5))
    assert first["moves"] == [0, 1, 0, 1.5] and first["frames"] == 1
    (refused,) = tab.optimise("small", 0, 1, 0, 99)
    assert "generated standard deviation" in refused["problem"]
    forged: Any
    for forged in (
        None,
        [],
        {},
        {"numbers": "x"},
        {"numbers": [[1, 2], [3, 4]], "kernel": [[1]], "stride": "1"},
    ):
        assert tab.deconvolve(forged)["problem"].endswith(".")


def test_numbers_that_no_screen_has_become_none() -> None:
    assert charts.rounded(np.array([[1.23456, np.nan], [np.inf, 2]])) == [
        [1.2346, None],
        [None, 2.0],
    ]
    low, high = charts.around([1.0, np.nan, 3.0], least=0)
    assert low < 1 < 3 < high
    assert charts.around([2.0], least=1) == (1.5, 2.5)
