"""Directions with names: what a page is told and shown, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ganapp import checkpoints, latents
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.ui.latent import probes
from tests.ui.models import pixels


@pytest.fixture(scope="module")
def digits() -> TrainedModel:
    return checkpoints.open_model("digits")


def ask(model: TrainedModel, **changed: Any) -> dict[str, Any]:
    count = len(probes.search(model, {"label": 3})["directions"])
    return {"label": 3, "seed": 5, "alone": False, "amounts": [0.0] * count} | changed


def test_each_direction_tells_what_it_changes(digits: TrainedModel) -> None:
    shown = probes.search(digits, {"label": 3})
    names = [one["name"] for one in shown["directions"]]
    assert names[0] == "leaning right" and set(names) <= set(shown["readings"])
    first = shown["directions"][0]
    assert first["less"] == "leaning left" and first["changes"][0].startswith("leaning right +")
    assert first["changes"][0].endswith("°") and json.dumps(shown)


def test_the_moved_picture_is_that_of_the_moved_z(digits: TrainedModel) -> None:
    known = probes.found(digits, 3, False)
    amounts = [2.0, -1.0, *[0.0] * (len(known.directions) - 2)]
    shown = probes.moved(digits, ask(digits, amounts=amounts))
    z = latents.noise(5, digits.config.latent_size)[0]
    moved = z + 2 * known.directions[0].vector - known.directions[1].vector
    drawn = digits.draw(np.stack([z, moved]), np.array([3, 3]))
    np.testing.assert_allclose(pixels(shown["pair"][1]), drawn[1, ..., 0], atol=1)
    lean = shown["read"][0]
    assert lean["name"] == "leaning right" and lean["after"] > lean["before"] + 0.1
    assert json.dumps(shown)


def test_at_zero_nothing_moves(digits: TrainedModel) -> None:
    shown = probes.moved(digits, ask(digits))
    assert shown["pair"][0] == shown["pair"][1]
    assert all(one["before"] == one["after"] for one in shown["read"])


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"amounts": [0.0]}, "other directions"),
        ({"amounts": "none"}, "other directions"),
        ({"seed": None}, "seed is empty"),
        ({"label": 77}, "The class is"),
    ],
)
def test_what_cannot_be_moved_is_refused(
    digits: TrainedModel, sent: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        probes.moved(digits, ask(digits) | sent)
    with pytest.raises(BadInput, match="A direction"):
        probes.moved(digits, ask(digits, amounts=[99.0] * len(ask(digits)["amounts"])))
