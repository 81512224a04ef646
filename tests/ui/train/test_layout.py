"""What the drawer shows of the settings."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import torch

from ganapp.checkpoints import TrainingState
from ganapp.config.capabilities import CAPABILITIES, ModelName
from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput
from ganapp.training import Pace, train
from ganapp.ui.parts.settings import parsed
from ganapp.ui.train.controller import suggestions
from tests.tiny import tiny_config, tiny_pictures


def test_settings_that_are_left_out_are_settings() -> None:
    for can in CAPABILITIES.values():
        assert set(can.unused) < set(knobs())


@pytest.mark.parametrize("model", get_args(ModelName))
def test_settings_that_a_model_does_not_use_change_nothing(model: ModelName) -> None:
    """What the page leaves out of the drawer is refused, or without effect."""
    own_by_model: dict[str, dict[str, Any]] = {
        "infogan": {"conditional": False},
        "cyclegan": {"conditional": False, "dataset": "digits-outline"},
    }
    base = tiny_config(model, precision="float32", **own_by_model.get(model, {}))

    def ended(config: TrainConfig) -> TrainingState:
        pictures = tiny_pictures(24, 2, model=model)
        return list(train(config, steps=2, pictures=pictures, pace=Pace(0, 0)))[-1].capture()

    known, unused = ended(base), base.capabilities.unused
    assert unused
    for name in unused:
        knob, now = knobs()[name], getattr(base, name)
        for text in suggestions(knob, now)[:2]:
            try:
                changed = TrainConfig.from_dict({name: parsed(name, knob, text)}, base)
            except BadInput:
                continue
            state = ended(changed)
            assert all(
                torch.equal(value, state.tensors[key]) for key, value in known.tensors.items()
            ), (name, text)
