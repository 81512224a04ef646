"""What the 2-D lab's page may ask for, and what links say."""

from __future__ import annotations

from typing import Any

import pytest

from ganapp.config.lab import MOST_WORK, SHOWN, LabConfig
from ganapp.config.lab_presets import DEFAULT_LAB_PRESET, LAB_PRESETS
from ganapp.errors import BadInput
from ganapp.ui.lab import handlers
from ganapp.ui.lab.handlers import INK, PARTS, SPECS

ID = "0123456789abcdef01234567"


class Pool:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def ask(self, *asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"step": 3}


def test_a_good_question_reaches_the_pool() -> None:
    pool = Pool()
    asked = {
        "lab": ID,
        "settings": {"plane": "ring"},
        "act": "play",
        "layers": ["fake", "nothing", 3],
        "fresh": True,
    }
    assert handlers.ask(pool, asked) == {"step": 3}  # type: ignore[arg-type]
    assert pool.asked == [(ID, LabConfig(plane="ring"), "play", frozenset(("fake",)), True)]


@pytest.mark.parametrize(
    "asked",
    [
        None,
        [],
        {},
        {"lab": "../x", "act": "play", "settings": {}},
        {"lab": 1234567890123456, "act": "play", "settings": {}},
        {"lab": ID, "act": "train", "settings": {}},
        {"lab": ID, "act": ["play"], "settings": {}},
        {"lab": ID, "act": "play", "settings": None},
        {"lab": ID, "act": "play", "settings": {"dataset": "mnist"}},
        {"lab": ID, "act": "play", "settings": {"generator_units": 10**9}},
        {"lab": ID, "act": "play", "settings": {"generator_units": {}}},
        {"lab": ID, "act": "play", "settings": {"plane": "drawn", "drawing": "z1024"}},
        {"lab": ID, "act": "play", "settings": {"plane": ["ring"]}},
        {"lab": ID, "act": "play", "settings": {"loss": "wasserstein"}},
    ],
)
def test_a_bad_one_gets_a_sentence(asked: Any) -> None:
    pool = Pool()
    answer = handlers.ask(pool, asked)  # type: ignore[arg-type]
    assert answer["problem"].endswith(".") and not pool.asked


def test_controls_become_settings() -> None:
    names = ["plane", "generator_lr", "r1_weight"]
    answer = handlers.settings_from(names, ("ring", "0.002", 1))
    assert answer["settings"] == {
        name: getattr(LabConfig(plane="ring", generator_lr=0.002, r1_weight=1), name)
        for name in SHOWN
    }
    assert "must be a number" in handlers.settings_from(names, ("ring", "fast", 1))["problem"]
    assert "problem" not in handlers.settings_from(["plane"], ("drawn",))


def test_a_link_says_everything() -> None:
    query = {
        "lab": DEFAULT_LAB_PRESET,
        "plane": "drawn",
        "drawing": INK,
        "generator_units": "12",
        "discriminator_lr": "0.003",
        "loss": "hinge",
    }
    query |= {
        "seed": "7",
        "show": "fake,warp,nothing",
        "hide": "loss,measures,nothing",
        "run": "other",
    }
    link = handlers.link_of(query)
    assert (
        link.config.plane,
        link.config.drawing,
        link.config.generator_units,
        link.config.seed,
    ) == ("drawn", INK, 12, 7)
    assert (link.config.discriminator_lr, link.config.loss) == (0.003, "hinge")
    assert link.layers == ("fake", "warp") and link.hidden == ("loss", "measures")


def test_a_link_to_nothing_in_particular_is_the_first_preset() -> None:
    link = handlers.link_of({"lab": ""})
    assert (
        link.config == LAB_PRESETS[DEFAULT_LAB_PRESET].config
        and link.layers == handlers.FIRST_LAYERS
        and not link.hidden
    )


@pytest.mark.parametrize(
    "query",
    [
        {"lab": "unknown"},
        {"loss": "kind"},
        {"generator_lr": "fast"},
        {"plane": "drawn"},
        {"plane": "drawn", "drawing": "zz"},
    ],
)
def test_a_broken_link_says_what_is_wrong(query: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        handlers.link_of({"lab": DEFAULT_LAB_PRESET} | query)


@pytest.mark.parametrize("preset", LAB_PRESETS)
def test_every_preset_survives_a_link(preset: str) -> None:
    config = LAB_PRESETS[preset].config
    values = handlers.static()["presets"]
    assert values[preset] == {name: getattr(config, name) for name in SHOWN}
    link = handlers.link_of({"lab": preset})
    assert link.config == config and link.preset == preset == handlers.props_of(link)["preset"]
    base = values[DEFAULT_LAB_PRESET]
    query = {name: str(value) for name, value in values[preset].items() if value != base[name]}
    assert handlers.link_of({"lab": DEFAULT_LAB_PRESET} | query).config == config


def test_more_work_than_thirty_can_share_is_refused() -> None:
    most = {
        "generator_units": 256,
        "discriminator_units": 256,
        "generator_layers": 5,
        "discriminator_layers": 5,
        "batch_size": 512,
    }
    with pytest.raises(BadInput, match="times as much work as the lab"):
        LabConfig.from_dict(most)
    for entry in LAB_PRESETS.values():
        assert entry.config.work < MOST_WORK


def test_wasserstein_asks_for_a_bound_that_the_lab_has() -> None:
    with pytest.raises(BadInput, match=r"set gradient_penalty=0\.1 "):
        LabConfig(loss="wasserstein")


def test_every_setting_has_a_control_and_can_be_hidden() -> None:
    assert set(SPECS) == set(SHOWN)
    everything = ",".join((*SHOWN, *PARTS))
    assert set(handlers.link_of({"lab": "", "hide": everything}).hidden) == {*SHOWN, *PARTS}
    assert set(handlers.static()["labels"]) == {*SHOWN, *PARTS}
