"""The Translate tab without Gradio: what a browser sends is checked, what it gets is the model's
own.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.pictures import to_uint8
from ganapp.ui.parts import catalog, inputs
from ganapp.ui.translate import handlers, tab
from tests.tiny import tiny_config
from tests.ui.models import pixels


def make(channels: int = 1) -> TrainedModel:
    model = TrainedModel(
        tiny_config("cyclegan").to_dict(), ["chalk", "ink"], channels, {"preset": "cyclegan-colour"}
    )
    rng = torch.Generator().manual_seed(1)
    for value in model.parameters():
        if value.dim() > 1:
            value.data.normal_(0, 0.2, generator=rng)
    model.average.examples[:10] = 30
    model.average.examples[10:] = 220
    model.average.examples[:, :, 8:20, 8:20] = 128
    return model


def sent(pixels: np.ndarray, mode: str = "RGBA") -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, "PNG")
    return inputs.PNG + base64.b64encode(buffer.getvalue()).decode()


PICTURE = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", ["RGBA", "L", "P"])
def test_a_sent_picture_is_read_as_its_pixels(channels: int, mode: str) -> None:
    found = inputs.decode_picture(make(channels), sent(PICTURE, mode))
    assert found.shape == (1, channels, 32, 32) and found.dtype == np.float32
    np.testing.assert_array_equal(to_uint8(found)[0, ..., 0], PICTURE)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "",
        "http://example.org/x.png",
        inputs.PNG + "%%%",
        inputs.PNG + base64.b64encode(b"GIF89a").decode(),
        inputs.PNG + "A" * 200_000,
    ],
    ids=str,
)
def test_what_is_no_picture_is_refused(bad: Any) -> None:
    with pytest.raises(BadInput, match="load the page again"):
        inputs.decode_picture(make(), bad)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(BadInput, match="31 x 32 pixels, but this model needs 32 x 32"):
        inputs.decode_picture(make(), sent(PICTURE[:, :31]))


@pytest.mark.parametrize("domain", [0, 1])
def test_a_round_trip_shows_the_picture_its_translation_and_the_way_back(domain: int) -> None:
    model = make()
    shown = handlers.round_trip(model, domain, sent(PICTURE))
    picture = PICTURE[None, None] / np.float32(127.5) - 1
    there = model.translate(picture, 1 - domain)
    back = model.translate(there, domain)
    for found, wanted in zip(shown["pictures"], (picture, there, back), strict=True):
        np.testing.assert_array_equal(pixels(found["src"]), to_uint8(wanted)[0, ..., 0])
    other = ("ink", "chalk")[domain]
    assert [found["caption"] for found in shown["pictures"]] == [
        ("chalk", "ink")[domain],
        f"as {other}",
        f"back to {('chalk', 'ink')[domain]}",
    ]
    assert f"a change of {50 * np.abs(back - picture).mean():.1f} %" in shown["note"]


def test_the_stage_has_both_domains_with_their_colours() -> None:
    shown = handlers.examples_of(make())
    first, second = shown["domains"]
    assert shown["side"] == 32 and [first["name"], second["name"]] == ["chalk", "ink"]
    assert (first["paper"], second["paper"]) == ("#1e1e1e", "#dcdcdc") and first["ink"] == second[
        "ink"
    ] == "#808080"
    assert len(first["examples"]) == 10 and pixels(second["examples"][0])[0, 0] == 220
    assert pixels(first["grid"]).shape == (3 * 33 + 1, 10 * 33 + 1)


def test_only_models_that_translate_are_listed_and_opened_here(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganapp.checkpoints.folder.BUNDLED", tmp_path)
    checkpoints.save(make(), tmp_path / "cycle")
    checkpoints.save(
        TrainedModel(tiny_config("dcgan").to_dict(), ["a", "b"], 1), tmp_path / "drawing"
    )
    catalog.forget()
    assert [value for _, value in catalog.choices(use="translate")] == ["bundled:cycle"]
    assert [value for _, value in catalog.choices()] == ["bundled:drawing"]
    answer = tab.trip({"model": "bundled:cycle", "domain": 0, "picture": sent(PICTURE)})
    assert len(answer["pictures"]) == 3
    for asked, sentence in (
        ({"model": "bundled:drawing", "domain": 0, "picture": sent(PICTURE)}, "cannot translate"),
        ({"model": "bundled:none"}, "There is no model called"),
        ({"model": "bundled:cycle", "domain": 2, "picture": sent(PICTURE)}, "The direction is"),
        (None, "train a preset"),
    ):
        assert sentence in tab.trip(asked)["problem"]
    catalog.forget()


def test_uses() -> None:
    assert catalog.uses(tiny_config("cyclegan")) == {"translate", "look inside"}
    assert catalog.uses(tiny_config("infogan")) == {
        "draw",
        "judge",
        "look inside",
        "draw a class",
    }
    assert catalog.uses(tiny_config("dcgan", conditional=False)) == {"draw", "judge", "look inside"}
    assert catalog.uses(tiny_config("vae", conditional=False)) == {"draw", "look inside"}
