"""What one sees of an experiment: layers and measures, against what they must be."""

from __future__ import annotations

import base64
import math

import numpy as np
import pytest
import torch

from ganapp.config.lab import LabConfig
from ganapp.lab.frame import (
    FAKE_POINTS,
    LAYERS,
    LINE,
    MEASURED,
    REAL_POINTS,
    SIDE,
    UNIT,
    WARP,
    FrameRenderer,
    places,
)
from ganapp.lab.session import Lab, numbers
from ganapp.losses import LOSSES

SMALL = {"generator_units": 8, "discriminator_units": 8, "batch_size": 16}


def scene(**settings: object) -> FrameRenderer:
    return FrameRenderer(Lab(LabConfig.from_dict(SMALL | settings)))


def points(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<i2").reshape(-1, 2) / UNIT


def heat(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(SIDE, SIDE)


def test_places_go_to_the_page_and_back() -> None:
    given = np.array([[0.5, -0.25], [-1.0, 1.0], [9.0, -9.0]])
    assert np.allclose(points(places(given)), np.clip(given, -2, 2), atol=1 / UNIT)


def test_every_layer_has_its_size() -> None:
    answer = scene().frame(LAYERS, transport=False)["layers"]
    assert len(points(answer["fake"])) == FAKE_POINTS
    assert len(points(answer["warp"])) == WARP**2
    assert (
        heat(answer["discriminator"]["map"]).shape
        == heat(answer["optimal"]).shape
        == heat(answer["fake_density"]).shape
        == (SIDE, SIDE)
    )
    assert set(answer) == set(LAYERS) - {"real", "real_density", "modes"}
    still = scene().still()
    assert len(points(still["real"])) == REAL_POINTS
    assert len(points(still["modes"])) == 8


def test_only_what_is_asked_for_is_told() -> None:
    assert set(scene().frame({"fake", "modes"}, transport=False)["layers"]) == {"fake"}


def test_one_number_of_z_is_a_line_and_many_a_slice() -> None:
    assert len(points(scene(noise_size=1).frame({"warp"}, False)["layers"]["warp"])) == LINE
    assert len(points(scene(noise_size=5).frame({"warp"}, False)["layers"]["warp"])) == WARP**2


def test_the_heat_map_is_what_the_discriminator_says_with_low_y_first() -> None:
    it = scene()
    with torch.no_grad():
        for weight in it.lab.discriminator.parameters():
            weight.zero_()
        # one layer after another passes y on: the logit is 10 y
        first, second, last = (
            layer for layer in it.lab.discriminator.layers if isinstance(layer, torch.nn.Linear)
        )
        first.weight[0, 1], first.bias[0], second.weight[0, 0], last.weight[0, 0], last.bias[0] = (
            10.0,
            20.0,
            1.0,
            1.0,
            -20.0,
        )
    map_ = heat(it.frame({"discriminator"}, False)["layers"]["discriminator"]["map"])
    centres = -1 + (np.arange(SIDE) + 0.5) * 2 / SIDE
    assert np.allclose(map_[:, 3], np.round(255 / (1 + np.exp(-10 * centres))), atol=1)
    assert (map_ == map_[:, :1]).all()


def test_a_critics_map_spans_its_scores() -> None:
    answer = scene(loss="wasserstein", clip=0.1).frame({"discriminator"}, False)["layers"][
        "discriminator"
    ]
    assert answer["low"] < answer["high"]
    assert heat(answer["map"]).min() == 0 and heat(answer["map"]).max() == 255


@pytest.mark.parametrize("loss", LOSSES)
def test_arrows_point_down_the_generators_loss(loss: str) -> None:
    it = scene(loss=loss, gradient_penalty=1.0)
    fakes = it.lab.generated(30)
    answer = points(it._arrows(fakes))
    start, push = (
        torch.from_numpy(answer[:30].copy()).float(),
        torch.from_numpy(answer[30:].copy()).float(),
    )
    real = it.lab.discriminator.alone(it.real[:30])

    def cost(at: torch.Tensor) -> float:
        return float(LOSSES[loss].generator(real, it.lab.discriminator.alone(at)).detach())

    assert cost(fakes + 0.01 * push) < cost(fakes)
    assert np.allclose(start, numbers(fakes), atol=2 / UNIT)
    assert np.linalg.norm(push, axis=1).max() == pytest.approx(1, abs=1e-3)


def test_measures_of_real_points_are_at_their_floors() -> None:
    it = scene()
    real = it.lab.real(2000, seed=7)
    it.lab.made = lambda noise: real[: len(noise)]  # type: ignore[method-assign]
    answer = it.frame((), transport=True)["measures"]
    assert answer["modes"] == 8
    assert answer["high_quality"] == pytest.approx(1 - math.exp(-4.5), abs=0.01)
    assert answer["reverse_kl"] < 0.01
    assert answer["divergence"] < 0.01
    assert answer["best_value"] == pytest.approx(-math.log(4), abs=0.01)
    assert answer["wasserstein"] < 0.25


def test_value_and_divergence_of_a_blind_discriminator() -> None:
    it = scene()
    with torch.no_grad():
        for weight in it.lab.discriminator.parameters():
            weight.zero_()
    answer = it.frame((), transport=False)["measures"]
    assert answer["value"] == pytest.approx(-math.log(4), abs=1e-4)
    assert answer["divergence_by_discriminator"] == pytest.approx(0, abs=1e-4)
    assert answer["real_score"] == answer["fake_score"] == pytest.approx(0.5)
    assert it._steepest(it.lab.generated(2000)) == 0


def test_a_critic_tells_no_probabilities_and_estimates_a_distance() -> None:
    answer = scene(loss="wasserstein", clip=0.1).frame((), transport=False)["measures"]
    assert answer["value"] is None and answer["divergence_by_discriminator"] is None
    assert answer["wasserstein_by_critic"] is not None


def test_a_critic_never_claims_more_than_the_wasserstein_distance() -> None:
    it = scene(
        loss="wasserstein", gradient_penalty=1.0, plane="two-gaussians", discriminator_steps=3
    )
    for _ in range(150):
        it.lab.turn("discriminator")
    answer = it.frame((), transport=True)["measures"]
    floor = it.floors["wasserstein"]
    assert 0 < answer["wasserstein_by_critic"] < answer["wasserstein"] + floor


@pytest.mark.parametrize("place", [1e30, math.inf, math.nan])
def test_points_that_fly_away_or_break_are_counted_outside(place: float) -> None:
    it = scene()
    it.lab.made = lambda noise: torch.full((len(noise), 2), place)  # type: ignore[method-assign]
    answer = it.frame(LAYERS, transport=False)
    assert answer["measures"]["divergence"] == pytest.approx(2 * math.log(2), abs=0.01)
    assert answer["measures"]["modes"] == 0 and 5 < answer["measures"]["wasserstein"] < 20


def test_packs_are_judged_as_the_discriminator_sees_them() -> None:
    it = scene(pack=2)
    for _ in range(3):
        it.lab.turn("both")
    shown = it.frame((), transport=False)["measures"]
    with torch.no_grad():
        packs = [points.view(-1, 4) for points in (it.real, it.lab.generated(MEASURED))]
        real, fake = (it.lab.discriminator(points) for points in packs)
    assert shown["loss"] == pytest.approx(
        float(LOSSES["non-saturating"].discriminator(real, fake)), abs=1e-4
    )
    assert shown["real_score"] == pytest.approx(float(real.sigmoid().mean()), abs=1e-4)


def test_every_visitors_distance_moves_however_many_take_turns() -> None:
    scenes = [scene(seed=seed) for seed in range(2)]
    answer: list[set[float]] = [set(), set()]
    for _ in range(24):
        for it, seen in zip(scenes, answer, strict=True):
            it.lab.turn("both")
            seen.add(it.frame((), transport=False)["measures"]["wasserstein"])
    assert all(len(seen) == 3 for seen in answer)


def test_coins_bend_no_sheet() -> None:
    assert (
        "warp" not in scene(noise="binary", noise_size=6).frame(LAYERS, transport=False)["layers"]
    )


def test_where_many_wait_one_frame_of_three_is_measured_and_all_show_the_same_points() -> None:
    hurried, usual = scene(), scene()
    frames = [hurried.frame({"fake", "discriminator"}, False, hurried=True) for _ in range(6)]
    assert ["measures" in frame for frame in frames] == [False, False, True] * 2
    whole = usual.frame({"fake", "discriminator"}, False)
    for frame in frames:
        assert frame["layers"]["discriminator"] == whole["layers"]["discriminator"]
        off = points(frame["layers"]["fake"]) - points(whole["layers"]["fake"])
        assert np.abs(off).max() < 1e-3  # sums of another batch size
    assert frames[2]["measures"] == whole["measures"]
    assert "measures" in scene().frame({"optimal"}, False, hurried=True)
