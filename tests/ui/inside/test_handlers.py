"""What the Inside tab shows, from a model and what a browser sends."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ganapp import inspection
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.pictures import laid_out
from ganapp.ui.inside import handlers
from tests.tiny import tiny_config
from tests.ui.models import make, pixels

ASK: dict[str, Any] = {"seed": 1, "label": 0, "network": "generator", "changes": []}


def test_a_layer_is_shown_with_its_maps_and_the_chosen_one(model: TrainedModel) -> None:
    shown = handlers.look(model, ASK)
    names = [layer["name"] for layer in shown["layers"]]
    assert shown["layer"] == names[0] and shown["channel"] == 0 and json.dumps(shown)
    assert shown["changed"] == "" and shown["moved"] == 0
    for network in inspection.NETWORKS:
        ask = ASK | {"network": network}
        for layer in handlers.look(model, ask)["layers"]:
            assert handlers.look(model, ask | {"layer": layer["name"]})["layer"] == layer["name"]


def test_a_changed_channel_changes_the_picture_and_is_named(model: TrainedModel) -> None:
    name = handlers.look(model, ASK)["layer"]
    given = inspection.inputs(model, 1, 1, 0)
    maps = inspection.look(model, "generator", name, given, {})[1][0]
    channel = int(np.abs(maps).sum((1, 2)).argmax())
    shown = handlers.look(model, ASK | {"channel": channel, "changes": [[name, channel, 0]]})
    assert shown["moved"] > 0 and shown["changed"].startswith("data:image/png")
    assert shown["channel"] == channel and shown["value"] == 0
    assert shown["picture"] == handlers.look(model, ASK)["picture"]


def test_where_a_channel_fires_is_shown_by_picture_and_class(model: TrainedModel) -> None:
    name = handlers.look(model, ASK)["layer"]
    shown = handlers.channel(model, ASK | {"layer": name, "channel": 1})
    peaks = [float(one["caption"]) for one in shown["strongest"]]
    assert len(peaks) == 8 and peaks == sorted(peaks, reverse=True) and json.dumps(shown)
    assert len(shown["classes"]) in (0, model.classes) and len(shown["used"]) <= 6


def test_without_classes_none_are_shown(unconditional: TrainedModel) -> None:
    assert handlers.first(unconditional)["classes"] == []
    shown = handlers.channel(unconditional, ASK)
    assert shown["classes"] == [] and shown["used"] == []


def test_a_model_that_translates_is_looked_into_by_domain() -> None:
    config = tiny_config("cyclegan", dataset="digits-outline")
    model = TrainedModel(config.to_dict(), ["chalk", "outline"], 1)
    first = handlers.first(model)
    assert first["classes"] == list(model.class_names) and first["word"] == "To"
    first, second = (handlers.look(model, ASK | {"label": label}) for label in (0, 1))
    assert {one["name"] for one in first["layers"]}.isdisjoint(
        one["name"] for one in second["layers"]
    )
    assert handlers.channel(model, ASK | {"label": 1})["classes"] == []


def test_a_vae_has_an_encoder_and_nothing_that_moves_it() -> None:
    model = make(model="vae", minibatch_std=False)
    first = handlers.first(model)
    assert first["networks"] == ["decoder", "encoder"] and not first["judges"]
    for network in ("generator", "discriminator"):
        shown = handlers.look(model, ASK | {"network": network})
        assert len(shown["layers"]) >= 3
    assert (pixels(shown["pull"]) == pixels(shown["pull"])[0, 0]).all()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"network": "both"}, "The network is"),
        ({"seed": -1}, "The seed is"),
        ({"label": 99}, "The class is"),
        ({"channel": "first"}, "The channel is"),
        ({"changes": "all"}, "At most 64 channels"),
        ({"changes": [[1, 2, 3]]}, "do not match any more"),
        ({"changes": [["layers.2", 0, 5]]}, "The factor is"),
        ({"changes": [["layers.2", 0, float("nan")]]}, "The factor is"),
    ],
)
def test_what_cannot_be_meant_is_refused(sent: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        handlers.look(make(), ASK | sent)


def test_unknown_layers_and_channels_beyond_the_last_become_known_ones() -> None:
    shown = handlers.look(make(), ASK | {"layer": "gone", "channel": 100_000})
    assert shown["layer"] == shown["layers"][0]["name"]
    assert shown["channel"] == shown["channels"] - 1


def test_maps_lie_in_rows_with_a_gap() -> None:
    maps = np.arange(5 * 4, dtype=np.float32).reshape(5, 2, 2) + 1
    sheet, columns = laid_out(maps)
    assert columns == 3 and sheet.shape == (6, 9)
    np.testing.assert_array_equal(sheet[3:5, :2], maps[3])
    assert not sheet[2].any() and not sheet[:, 2].any() and not sheet[3:, 6:].any()
