"""Settings: every bad value is refused by name, and dictionaries, presets and tables agree."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import Any, get_args

import pytest

from ganapp.augment import AUGMENTATIONS
from ganapp.config import settings
from ganapp.config.capabilities import ModelName
from ganapp.config.knobs import Knob, parse_overrides
from ganapp.config.presets import DEFAULT_PRESET, PRESETS
from ganapp.config.training import TrainConfig, knobs
from ganapp.datasets import DATASETS
from ganapp.errors import BadInput
from ganapp.losses import LOSSES
from ganapp.models import MODELS

# A critic needs some bound.
BASE = TrainConfig(model="mlp", image_size=28, discriminator_norm="none", clip=0.01)
KINDS = {spec.name: str(spec.type) for spec in dataclasses.fields(TrainConfig)}


def bad_values(name: str, knob: Knob) -> list[Any]:
    """Values that no field of this kind may take."""
    if knob.choices is not None:
        return ["no-such-choice", "", None, True, -1, [], {}, float("nan")]
    if KINDS[name] == "bool":
        return ["true", "yes", 1, 0, None, []]
    assert knob.low is not None and knob.high is not None
    bad = [
        knob.low - 1,
        knob.high * 2 + 1,
        float("nan"),
        float("inf"),
        -float("inf"),
        10**400,
        "1",
        "",
        None,
        True,
        [1],
    ]
    return [*bad, knob.low + 0.5] if KINDS[name] == "int" else bad


BAD = [(name, value) for name, knob in knobs().items() for value in bad_values(name, knob)]


@pytest.mark.parametrize(
    ("name", "value"), BAD, ids=[f"{name}-{str(value)[:12]}" for name, value in BAD]
)
def test_a_bad_value_is_refused_by_the_fields_name_in_one_sentence(name: str, value: Any) -> None:
    with pytest.raises(BadInput) as refused:
        dataclasses.replace(BASE, **{name: value})
    message = str(refused.value)
    assert message.startswith(f"{name} is ") and "must be" in message
    assert message.endswith(".") and "\n" not in message and len(message) < 300


@pytest.mark.parametrize("name", knobs())
def test_the_ends_of_a_range_and_every_choice_are_allowed(name: str) -> None:
    knob = knobs()[name]
    if name in ("model", "image_size"):
        wanted = [
            {"model": "mlp", "image_size": side} for side in knobs()["image_size"].choices or ()
        ]
        wanted += [{"model": "dcgan", "image_size": 32}, {"model": "dcgan", "image_size": 64}]
    elif knob.choices is not None:
        wanted = [{name: choice} for choice in knob.choices]
    elif KINDS[name] == "bool":
        wanted = [{name: True}, {name: False}]
    else:
        wanted = [{name: knob.low}, {name: knob.high}]
    for values in wanted:
        made = dataclasses.replace(BASE, **values)
        assert {key: getattr(made, key) for key in values} == values


def test_numbers_are_stored_as_the_fields_type() -> None:
    made = TrainConfig.from_dict({"epochs": 3.0, "beta1": 0, "image_size": 64.0})
    assert (type(made.epochs), type(made.beta1), type(made.image_size)) == (int, float, int)


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(BadInput, match="choose 32 or 64"):
        TrainConfig(model="dcgan", image_size=28)
    for penalty in ("r1_weight", "r2_weight", "gradient_penalty"):
        with pytest.raises(BadInput, match=f"discriminator_norm=none or {penalty}=0"):
            TrainConfig.from_dict({"model": "dcgan", penalty: 1.0, "discriminator_norm": "batch"})
    with pytest.raises(BadInput, match="set discriminator_norm=none"):
        TrainConfig(loss="relativistic")
    with pytest.raises(BadInput, match="nothing bounds the critic"):
        TrainConfig(loss="wasserstein")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="no setting called 'lr'") as refused:
        TrainConfig.from_dict({"lr": 1})
    assert all(name in str(refused.value) for name in knobs())
    with pytest.raises(BadInput) as long:
        TrainConfig.from_dict({"x" * 10_000: 1})
    assert len(str(long.value)) < 800


@pytest.mark.parametrize("name", PRESETS)
def test_a_dictionary_and_json_give_a_preset_back(name: str) -> None:
    config = PRESETS[name].config
    assert TrainConfig.from_dict(config.to_dict()) == config
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert TrainConfig(**config.to_dict()) == config


def test_from_dict_changes_only_what_it_names() -> None:
    base = PRESETS[DEFAULT_PRESET].config
    changed = TrainConfig.from_dict({"seed": 7}, base=base)
    assert {name for name, value in changed.to_dict().items() if value != base.to_dict()[name]} == {
        "seed"
    }


def test_a_config_cannot_be_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        BASE.seed = 3  # type: ignore[misc]


def test_presets_are_named_like_words_of_a_command_and_have_titles() -> None:
    assert DEFAULT_PRESET in PRESETS
    for name, preset in PRESETS.items():
        assert name == name.lower() and " " not in name and preset.title.strip()
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (DATASETS, settings.DatasetName),
        (MODELS, ModelName),
        (LOSSES, settings.LossName),
        (AUGMENTATIONS, settings.AugmentName),
    ],
)
def test_a_table_has_the_names_that_the_config_allows(table: dict[str, object], names: Any) -> None:
    assert tuple(table) == get_args(names)


def test_every_field_has_words_for_a_form() -> None:
    for name, knob in knobs().items():
        assert knob.label and knob.section and knob.help.endswith("."), name
        assert (
            knob.choices
            or KINDS[name] == "bool"
            or (knob.low is not None and knob.high is not None)
        ), name


def test_overrides_are_json_where_they_can_be_and_words_elsewhere() -> None:
    parsed = parse_overrides(
        [
            "epochs=3",
            "loss=minimax",
            "beta1=1e-1",
            "conditional=false",
            "r1_weight = .5",
            "dataset=a=b",
            "seed=",
        ]
    )
    assert parsed == {
        "epochs": 3,
        "loss": "minimax",
        "beta1": 0.1,
        "conditional": False,
        "r1_weight": ".5",
        "dataset": "a=b",
        "seed": "",
    }
    assert parse_overrides(["epochs=3", "epochs=4"]) == {"epochs": 4}


@pytest.mark.parametrize("pair", ["epochs", "=3", ""])
def test_an_override_without_a_name_or_a_value_is_refused(pair: str) -> None:
    with pytest.raises(BadInput, match="FIELD=VALUE"):
        parse_overrides([pair])


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "9" * 5_000, "NaN", "1e999", "null", "{}", '"3"'],
    ids=lambda text: text[:5],
)
def test_no_override_breaks_the_reader(text: str) -> None:
    with pytest.raises(BadInput, match=r"^epochs is "):
        TrainConfig.from_dict(parse_overrides([f"epochs={text}"]))


def test_settings_are_read_without_torch() -> None:
    code = (
        "import sys, ganapp.config.training; sys.exit(any(name in sys.modules for name in ('torch',"
        " 'numpy', 'gradio')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_setting_under_its_earlier_name_is_understood() -> None:
    assert TrainConfig.from_dict({"r1_every": 4}, BASE) == TrainConfig.from_dict(
        {"penalty_every": 4}, BASE
    )
