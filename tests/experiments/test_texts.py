"""Whether pictures are as texts say: real faces are, others are not, and the one that ships."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import HELD_OUT
from ganapp.datasets.captions import STATEMENTS
from ganapp.datasets.faces import KINDS
from ganapp.errors import BadInput
from ganapp.experiments.texts import measure, shares, written
from ganapp.randomness import rng_for
from tests.tiny import tiny_config

FACES = HELD_OUT["faces"](lambda share, what: None).at(torch.arange(300))
assert FACES.attributes is not None
NUMBERS = FACES.attributes


def test_every_text_says_something_true() -> None:
    statements, texts = written(NUMBERS, rng_for(0, "texts"))
    assert statements.any(1).all() and texts.any(1).all()
    found = shares(statements, NUMBERS.long().numpy())
    assert found.said.value == found.everything.value == 1
    assert set(found.kinds) == set(KINDS)


def test_a_face_that_differs_in_one_kind_is_wrong_in_that_kind_alone() -> None:
    number = next(n for n, each in enumerate(STATEMENTS) if each.words == "long red hair")
    said = torch.tensor([[number, 0, 0, 0, 0, 0]]).expand(2, -1)
    red, black = KINDS["hair colour"].index("red"), KINDS["hair colour"].index("black")
    values = np.zeros((2, 7), np.int64)
    values[:, list(KINDS).index("hair")] = KINDS["hair"].index("long")
    values[:, list(KINDS).index("hair colour")] = (red, black)
    found = shares(said, values)
    assert set(found.kinds) == {"hair", "hair colour"}
    assert found.kinds["hair"].value == 1 and found.kinds["hair colour"].value == 0.5
    assert found.said.value == 0.75 and found.everything.value == 0.5


def test_real_faces_are_read_as_their_texts_say_and_noise_is_not() -> None:
    model = TrainedModel(tiny_config("gan-cls", image_size=64).to_dict(), ["one"], 3)
    found = measure(model, 100)
    assert found.pictures == 100
    assert found.real.said.value > 0.99 and found.real.everything.value > 0.98
    assert found.generated.everything.value < 0.5
    with pytest.raises(BadInput, match="reads no texts"):
        measure(TrainedModel(tiny_config("dcgan", conditional=False).to_dict(), ["one"], 3), 20)


@pytest.mark.parametrize("name", [n for n in checkpoints.bundled() if n.startswith("text-")])
def test_what_ships_draws_what_is_said(name: str) -> None:
    found = measure(checkpoints.open_model(name), 200)
    assert found.generated.said.low > 0.75 > 0.5 > found.chance.said.high
