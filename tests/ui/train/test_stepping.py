"""Step by step on the Train tab: which runs can be played by hand, and what the page is shown."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.pictures import coloured
from ganapp.runs import Registry
from ganapp.ui.train import stepping
from ganapp.ui.train.stepping import Steps
from tests.tiny import tiny_config


@pytest.fixture
def steps(registry: Registry) -> Steps:
    return Steps(registry)


def started(steps: Steps, **changes: Any) -> str:
    config = TrainConfig.from_dict(
        {"dataset": "digits", "most_pictures": 40, "precision": "float32", **changes},
        tiny_config("mlp"),
    )
    return steps.registry.submit(config, "mlp-digits-quick", "owner")


def until(steps: Steps, run_id: str, state: str) -> None:
    end = time.monotonic() + 60
    while steps.registry.view(run_id).state != state:
        assert time.monotonic() < end, steps.registry.view(run_id)
        time.sleep(0.05)


def test_a_run_that_rests_is_played_by_hand(steps: Steps) -> None:
    run_id = started(steps, epochs=2)
    until(steps, run_id, "finished")
    ask = {"page": "a page", "run": run_id}
    first = steps.answer(ask | {"act": "look"})
    assert len(first["cards"]) == 12 and json.dumps(first)
    assert all(card["before"] == card["after"] for card in first["cards"])
    taught = steps.answer(ask | {"act": "discriminator"})
    assert taught["halfway"] and "the inner loop (k = 1)" in taught["caption"]
    assert [card["picture"] for card in taught["cards"]] == [c["picture"] for c in first["cards"]]
    moved = steps.answer(ask | {"act": "generator"})
    assert moved["step"] == first["step"] + 1 and "the last line" in moved["caption"]
    played = steps.answer(ask | {"act": "round"})
    assert played["step"] == first["step"] + 2 and "outer loop" in played["caption"]
    # Another page has a copy of its own, and this one may start over.
    assert steps.answer({"page": "another", "run": run_id, "act": "look"}) == first
    assert steps.answer(ask | {"act": "again"}) == first


def test_copies_are_few(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "MOST_COPIES", 2)
    run_id = started(steps, epochs=1)
    until(steps, run_id, "finished")
    for page in "abc":
        steps.answer({"page": page, "run": run_id, "act": "look"})
    assert list(steps._copies) == ["b", "c"]


def test_what_has_no_next_round_is_refused_in_a_sentence(steps: Steps) -> None:
    with pytest.raises(BadInput, match="This is a recording"):
        steps.answer({"page": "a", "run": "recording-digits", "act": "look"})
    with pytest.raises(BadInput, match="There is no run"):
        steps.answer({"page": "a", "run": "../x", "act": "look"})
    with pytest.raises(BadInput, match="do not match"):
        steps.answer("look")
    run_id = started(steps, epochs=100_000)
    with pytest.raises(BadInput, match="press Pause first"):
        steps.answer({"page": "a", "run": run_id, "act": "look"})
    steps.registry.stop(run_id, "owner")


def test_a_pull_is_white_purple_and_green() -> None:
    pull = np.array([[[0.0], [2.0], [-2.0]]], np.float32)
    white, brighter, darker = coloured(pull, 2.0)[0]
    assert white.tolist() == [255, 255, 255]
    assert brighter.tolist() == [163, 62, 189] and darker.tolist() == [0, 136, 55]
