"""Directions with names: a line that is there is found, and what it changes is told."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp import checkpoints
from ganapp.experiments import directions
from ganapp.experiments.directions import fitted
from tests.ui.models import make


def test_the_slope_of_a_line_is_found_and_noise_has_none() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(1500, 20)).astype(np.float32)
    true = rng.normal(size=20)
    true /= np.linalg.norm(true)
    values = np.stack(
        [3 * noise @ true + rng.normal(size=1500), rng.normal(size=1500), np.ones(1500)], 1
    )
    slopes, correlations = fitted(noise, values)
    assert slopes[0] @ true > 0.99 and np.linalg.norm(slopes[0]) == pytest.approx(1, rel=1e-5)
    # 3 of signal and 1 of noise: the best line correlates by 3 / sqrt(10).
    assert correlations[0] == pytest.approx(3 / 10**0.5, abs=0.02)
    assert abs(correlations[1]) < 0.12 and correlations[2] == 0


def test_a_direction_of_digits_changes_what_it_is_named_after() -> None:
    found = directions.found(checkpoints.open_model("digits"), 3)
    by_name = {found.readings[one.place].name: one for one in found.directions}
    lean = by_name["leaning right"]
    assert lean.correlation > 0.9 and lean.changes[lean.place] > 30
    assert by_name["thick"].changes[by_name["thick"].place] > 1


def test_turned_away_from_the_others_each_changes_less_else() -> None:
    model = checkpoints.open_model("digits")

    def elsewhere(alone: bool) -> float:
        found = directions.found(model, 3, alone)
        share = np.stack([one.changes / found.spread for one in found.directions])
        for row, one in zip(share, found.directions, strict=True):
            row[one.place] = 0
        return float(np.abs(share).max())

    assert elsewhere(True) < 0.5 < elsewhere(False)
    rows = np.stack([one.vector for one in directions.found(model, 3, True).directions])
    plain = np.stack([one.vector for one in directions.found(model, 3, False).directions])
    products = rows @ plain.T
    np.testing.assert_allclose(products - np.diag(np.diag(products)), 0, atol=1e-5)


def test_what_hardly_any_picture_has_gets_no_direction() -> None:
    found = directions.found(checkpoints.open_model("infogan-digits"), 3)
    assert {found.readings[one.place].name for one in found.directions} <= {
        "leaning right",
        "thick",
        "wide",
        "tall",
    }


def test_a_model_without_a_line_has_no_directions() -> None:
    model = make()
    for value in model.average.parameters():
        value.data.zero_()
    assert directions.found(model, 0).directions == ()
