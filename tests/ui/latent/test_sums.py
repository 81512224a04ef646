"""Arithmetic with z: what is added, what is shown of it, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ganapp import checkpoints, latents
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.evaluation.readings import strokes
from ganapp.ui.latent import sums
from tests.ui.models import make, pixels

ASK: dict[str, Any] = {"label": 1, "seed": 4, "A": [0, 1, 2], "B": [3, 4, 5], "C": [6, 7, 8]}


def test_the_sum_is_that_of_the_chosen_samples(model: TrainedModel) -> None:
    found = sums.result(model, ASK)
    noise = latents.noise(4, model.config.latent_size, 48)
    place = noise[:3].mean(0) - noise[3:6].mean(0) + noise[6:9].mean(0)
    drawn = model.draw(place[None], np.array([1]))[0]
    np.testing.assert_array_equal(pixels(found["nine"][4]), drawn[..., 0])
    assert found["length"] == pytest.approx(np.linalg.norm(place), rel=1e-5)
    assert len(found["nine"]) == 9 and len(set(found["nine"])) == 9 and json.dumps(found)
    first = model.draw(noise[:3].mean(0)[None], np.array([1]))[0]
    np.testing.assert_array_equal(pixels(found["means"][0]), first[..., 0])


def test_adding_what_is_taken_away_gives_the_rest(model: TrainedModel) -> None:
    found = sums.result(model, ASK | {"B": [0, 1, 2]})
    assert found["nine"][4] == found["means"][2]
    mean = model.images(latents.noise(4, model.config.latent_size, 9)[6:], np.full(3, 1)).mean(0)
    of_pixels = pixels(found["pixels"]).astype(float) / 127.5 - 1
    np.testing.assert_allclose(of_pixels, mean[0], atol=0.005)


def test_a_sum_of_nine_is_spread_as_one_z_is() -> None:
    noise = latents.noise(0, 400, 90).reshape(10, 3, 3, 400)
    lengths = [np.linalg.norm(latents.sum_of(*terms)) for terms in noise]
    assert np.mean(lengths) == pytest.approx(20, rel=0.03)


def test_the_sheet_holds_the_samples_that_are_added() -> None:
    model = make(conditional=False)
    shown = sums.sheet(model, None, 4)
    drawn = model.draw(latents.noise(4, model.config.latent_size, 48))
    assert len(shown["samples"]) == 48 and shown["seed"] == 4
    np.testing.assert_array_equal(pixels(shown["samples"][7]["src"]), drawn[7, ..., 0])
    assert sums.result(model, ASK | {"label": None})["nine"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"A": [1, 2]}, "Choose 3 samples for A"),
        ({"B": "three"}, "Choose 3 samples for B"),
        ({"C": [1, 2, 48]}, "A sample of C is '48'"),
        ({"seed": None}, "The seed is empty"),
        ({"label": 77}, "The class is"),
    ],
)
def test_what_cannot_be_added_is_refused(sent: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        sums.result(make(), ASK | sent)


def test_the_samples_can_be_chosen_by_what_is_read_in_them() -> None:
    shown = sums.sheet(checkpoints.open_model("digits"), 3, 4)
    assert shown["names"][0] == {"more": "leaning right", "less": "leaning left"}
    scores = np.array(shown["readings"])
    assert scores.shape == (48, 4)
    np.testing.assert_allclose(scores.mean(0), 0, atol=0.02)
    np.testing.assert_allclose(scores.std(0), 1, atol=0.02)
    leaning = [
        strokes(pixels(shown["samples"][place]["src"])[None, ..., None])[0, 0]
        for place in (scores[:, 0].argmax(), scores[:, 0].argmin())
    ]
    assert leaning[0] > leaning[1] + 20
