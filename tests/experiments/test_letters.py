"""How well a model obeys: real fonts obey themselves, and a shuffled order does not."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp import checkpoints, latents
from ganapp.datasets import letters
from ganapp.errors import BadInput
from ganapp.experiments import letters as measuring


def test_real_fonts_have_the_numbers_that_they_are_asked_for_and_others_do_not() -> None:
    known = letters.attributes("test")[::4]
    images = letters.load_letters(lambda share, what: None, "test").images
    real = images.view(-1, 26, 1, 64, 64)[::4].numpy() / 127.5 - 1
    for row in measuring._obedience(known, real):
        assert row.correlation > 0.98 and row.alphabets == len(known), row
    shuffled = measuring._obedience(known, np.roll(real, 7, axis=0))
    assert all(row.correlation < 0.7 for row in shuffled)


def test_the_bundled_model_obeys_held_out_fonts() -> None:
    model = checkpoints.open_model("letters")
    known = letters.attributes("test")[::5]
    noise = latents.noise(1, model.config.latent_size, len(known))
    found = {
        row.name: row.correlation
        for row in measuring._obedience(known, measuring.alphabets(model, known, noise))
    }
    assert found["weight"] > 0.95 and found["slant"] > 0.9 and found["width"] > 0.9
    assert found["serif"] > 0.6


def test_a_model_that_knows_no_attributes_is_refused() -> None:
    with pytest.raises(BadInput, match="knows no attributes"):
        measuring.measure(checkpoints.open_model("digits"))
