"""The Restore tab without Gradio."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganapp import checkpoints, latents
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.datasets import HELD_OUT
from ganapp.errors import BadInput
from ganapp.pictures import to_uint8
from ganapp.ui.restore import handlers
from tests.ui.models import make, pixels
from tests.ui.translate.test_handlers import sent


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return make(latent_size=8)


def a_picture(model: TrainedModel) -> np.ndarray:
    return model.draw(latents.noise(5, 8), np.array([2]))[0, ..., 0]


def test_a_search_ends_near_the_picture_and_keeps_its_place(model: TrainedModel) -> None:
    shown = list(handlers.find(model, "none", sent(a_picture(model)), 1))
    assert [one["percent"] for one in shown] == list(range(5, 101, 5))
    last = shown[-1]
    assert (
        len(last["pictures"]) == 2
        and len(last["place"]["z"]) == 8
        and 0 <= last["place"]["label"] < 5
    )
    np.testing.assert_array_equal(pixels(last["pictures"][0]["src"]), a_picture(model))
    found = model.draw(
        np.array([last["place"]["z"]], np.float32), np.array([last["place"]["label"]])
    )[0, ..., 0]
    assert np.abs(pixels(last["pictures"][1]["src"]).astype(int) - found.astype(int)).max() <= 1
    first = pixels(shown[0]["pictures"][1]["src"]).astype(float)
    errors = [
        np.square(picture - a_picture(model)).mean() for picture in (first, found.astype(float))
    ]
    assert errors[1] < errors[0]


def test_a_spoiled_picture_is_shown_beside_the_whole_one(model: TrainedModel) -> None:
    *_, last = handlers.find(model, "half", sent(a_picture(model)), 1)
    observed, _, whole = (pixels(picture["src"]) for picture in last["pictures"])
    np.testing.assert_array_equal(whole, a_picture(model))
    np.testing.assert_array_equal(observed[:16], whole[:16])
    assert (observed[16:] == 128).all() and "visible part" in last["note"]


def test_the_way_between_two_found_places_has_them_at_its_ends(model: TrainedModel) -> None:
    z = latents.noise(3, 8, 2)
    a, b = ({"z": place.tolist(), "label": label} for place, label in zip(z, (1, 4), strict=True))
    for percent, place, label in ((0, z[0], 1), (100, z[1], 4)):
        drawn = pixels(handlers.walk(model, a, b, percent)["pictures"][0]["src"])
        np.testing.assert_array_equal(drawn, model.draw(place[None], np.array([label]))[0, ..., 0])


@pytest.mark.parametrize(
    ("a", "sentence"),
    [
        (None, "kept places belong to another model"),
        ({"z": [0.0] * 7, "label": 0}, "kept places belong to another model"),
        ({"z": [0.0] * 7 + ["x"], "label": 0}, "A number of z"),
        ({"z": [0.0] * 7 + [float("nan")], "label": 0}, "A number of z"),
        ({"z": [0.0] * 8, "label": 5}, "The class"),
    ],
)
def test_forged_places_are_refused(model: TrainedModel, a: Any, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        handlers.walk(model, a, {"z": [0.0] * 8, "label": 0}, 50)


@pytest.mark.parametrize(
    ("damage", "picture", "sentence"),
    [
        ("fire", "", "The damage is 'fire'"),
        (["none"], "", "The damage is"),
        ("none", None, "no picture"),
    ],
)
def test_forged_questions_are_refused(
    model: TrainedModel, damage: Any, picture: Any, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        list(handlers.find(model, damage, picture, 1))


def test_one_begins_with_real_pictures_where_they_ship_with_the_app(model: TrainedModel) -> None:
    shown = handlers.examples_of(model)
    known = {
        image.numpy().tobytes()
        for image in HELD_OUT["digits"](lambda share, what: None).resized(32).images[:, 0]
    }
    assert shown["name"] == "data it never learned from" and len(shown["examples"]) == 10
    assert all(
        np.ascontiguousarray(pixels(source)).tobytes() in known for source in shown["examples"]
    )
    assert shown["paper"] == "#000000" and int(shown["ink"][1:3], 16) > 200
    drawn = handlers.examples_of(make(dataset="kmnist"))
    assert drawn["name"] == "what the model draws" and len(drawn["examples"]) == 10


def test_pictures_of_the_model_are_exactly_those_that_it_draws() -> None:
    model = make(dataset="kmnist", latent_size=8)
    wanted = to_uint8(model.images(latents.noise(0, 8, 10), np.arange(10) % 5))
    for source, image in zip(handlers.examples_of(model)["examples"], wanted, strict=True):
        np.testing.assert_array_equal(pixels(source), image[..., 0])


def test_finished_examples_belong_to_the_models_that_ship() -> None:
    """Made again by `python -m ganapp.ui.restore.make_finished` whenever such a model changes."""
    known = json.loads(handlers.FINISHED.read_text())
    assert "bundled:digits" in known and "bundled:dcgan-faces" in known
    damaged = {
        value: found
        for value, found in known.items()
        if value.startswith("bundled:") and found["damage"] != "none"
    }
    for value, found in damaged.items():
        model = checkpoints.open_model(value.removeprefix("bundled:"))
        shown = handlers.finished(value, model)
        assert shown is not None and shown["model"] == value and len(shown["pictures"]) >= 3
        given, *_, restored, whole = (  # between them, what learned the repair from pairs
            pixels(picture["src"]).astype(float) for picture in shown["pictures"]
        )
        seen = given == whole
        off = np.sqrt(np.square(restored - whole)[seen].mean()) / 255
        assert 0.3 < seen.mean() < 0.9 and off == pytest.approx(found["error"], abs=0.01)
        assert shown["note"].startswith("An example, found earlier")
    assert handlers.finished("bundled:emoji", make()) is None
    assert handlers.finished(["bundled:digits"], make()) is None


def test_a_restored_face_keeps_most_of_what_is_read_in_it() -> None:
    model = checkpoints.open_model("dcgan-faces")
    shown = handlers.finished("bundled:dcgan-faces", model)
    assert shown is not None and re.search(
        r"Of 8 attributes read in it, [5-8] are kept", shown["note"]
    )


def a_test_digit() -> str:
    """A digit that nothing here learned from, as the page sends it."""
    pictures = HELD_OUT["mnist"](lambda share, what: None).resized(32)
    return sent(pictures.images[7, 0].numpy())


@pytest.mark.parametrize("damage", ["middle", "coarse", "rain"])
def test_networks_that_learned_the_repair_stand_beside_the_search(damage: str) -> None:
    model = checkpoints.open_model("dcgan-digits")
    first, *_, last = handlers.find(model, damage, a_test_digit(), 1)
    for shown in (first, last):
        names = [picture["caption"] for picture in shown["pictures"]]
        assert names[:3] == ["given", "U-Net: L1 alone", "pix2pix: L1 and GAN"]
        assert names[3].startswith("search in z") and names[4] == "the whole picture"
    given, plain, gan, _, whole = (
        pixels(picture["src"]).astype(float) for picture in last["pictures"]
    )
    assert np.abs(plain - whole).mean() < 0.75 * np.abs(given - whole).mean()
    assert np.abs(gan - whole).mean() < 0.75 * np.abs(given - whole).mean()
    details = [picture["detail"] for picture in last["pictures"]]
    psnr = 10 * np.log10(255**2 / np.square(plain - whole).mean())
    told = re.match(r"PSNR ([\d.]+) dB, SSIM 0\.\d\d, reads \d \(\d+%\)$", details[1])
    assert told and abs(float(told[1]) - psnr) < 0.2
    assert re.fullmatch(r"reads \d \(\d+%\)", details[4])


def test_so_do_the_visitors_own_runs_for_that_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    learned = TrainConfig(model="pix2pix", conditional=False, discriminator_norm="none", width=4)
    runs: tuple[tuple[str, dict[str, Any]], ...] = (
        ("half", {"damage": "half"}),
        ("older", {"damage": "half"}),
        ("alone", {"damage": "half", "adversarial_weight": 0.0}),
        ("coarse", {"damage": "coarse"}),
        ("small", {"damage": "half", "image_size": 16}),
        ("emoji", {"damage": "half", "dataset": "emoji"}),
    )
    for name, others in runs:
        config = learned.to_dict() | others
        trained = TrainedModel(config, ["damaged", "whole"], 1)
        for value in trained.parameters():
            value.data.mul_(1 + len(others))  # each draws otherwise
        checkpoints.save(trained, tmp_path / name)
    checkpoints.save(make(), tmp_path / "draws")
    (tmp_path / "torn").mkdir()
    for folder in tmp_path.iterdir():
        (folder / "run.json").write_text("{}")
    (tmp_path / "torn" / "config.json").write_text("{")
    (tmp_path / "torn" / "model.safetensors").write_bytes(b"")
    ids = ["half", "coarse", "alone", "older", "small", "emoji", "draws", "torn", "never-was"]
    model = checkpoints.open_model("dcgan-digits")
    first, *_ = handlers.find(model, "half", a_test_digit(), 1, ids)
    captions = [picture["caption"] for picture in first["pictures"]]
    assert captions[1:4] == [
        "search in z: found",
        "pix2pix: L1 and GAN (your run half)",
        "U-Net: L1 alone (your run alone)",
    ]
    drawn = [pixels(picture["src"]) for picture in first["pictures"]]
    assert len(captions) == 5 and not np.array_equal(drawn[2], drawn[3])
    assert "your run" not in str(next(handlers.find(model, "half", a_test_digit(), 1)))


def test_other_damage_has_no_such_networks() -> None:
    digits = checkpoints.open_model("dcgan-digits")
    for damage in ("half", "noise", "outline", "none"):
        first = next(iter(handlers.find(digits, damage, sent(np.zeros((32, 32), np.uint8)), 1)))
        assert len(first["pictures"]) <= 3
