"""A VAE on the Restore tab: its encoder, the GAN beside it, and the ways between."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.ui.restore import beside, handlers
from tests.ui.models import make, pixels


@pytest.fixture(scope="module")
def shipped() -> TrainedModel:
    return checkpoints.open_model("vae-digits")


def test_a_vae_stands_beside_a_gan_with_the_same_decoder(shipped: TrainedModel) -> None:
    rival = beside.rival_of(shipped)
    assert rival is not None and not rival.encodes
    ours, theirs = (model.generator.state_dict() for model in (shipped, rival))
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items()}
    same = ("dataset", "latent_size", "width", "image_size", "lr_half_life", "conditional")
    assert all(getattr(shipped.config, n) == getattr(rival.config, n) for n in same)
    assert shipped.facts["step"] == rival.facts["step"]
    assert beside.rival_of(rival) is None
    assert beside.rival_of(make(model="vae", minibatch_std=False, dataset="emoji")) is None


def test_a_finished_example_has_the_encoders_picture_the_found_one_and_both_samples(
    shipped: TrainedModel,
) -> None:
    shown = handlers.finished("bundled:vae-digits", shipped)
    assert shown is not None and shown["percent"] == 100
    names = [one["caption"] for one in shown["pictures"]]
    assert names == ["given", "VAE: its encoder, one pass", "GAN: search in z"]
    given, encoded, found = (pixels(one["src"]).astype(float) for one in shown["pictures"])
    assert 0 < np.abs(encoded - given).mean() < 25 and np.abs(found - given).mean() < 40
    assert all("reads 0" in one["detail"] for one in shown["pictures"][1:])
    vae, gan = shown["samples"]
    assert vae["src"] != gan["src"]
    assert all("as sharp as real digits" in one["detail"] for one in (vae, gan))


def test_the_ways_of_both_lead_from_one_picture_to_the_other(shipped: TrainedModel) -> None:
    rng = np.random.default_rng(0)

    def place() -> dict[str, object]:
        z, code = rng.normal(size=(2, 32)).round(3).tolist()
        return {"z": z, "label": 0, "code": {"z": code, "label": 0}}

    a, b = place(), place()
    start, end = (handlers.walk(shipped, a, b, percent)["pictures"] for percent in (0, 100))
    assert [one["caption"].split(":")[0] for one in start] == ["VAE", "GAN"]
    rival = beside.rival_of(shipped)
    assert rival is not None
    for shown, at in ((start, a), (end, b)):
        for picture, model, z in zip(
            shown,
            (shipped, rival),
            (at["code"]["z"], at["z"]),
            strict=True,
        ):
            drawn = model.draw(np.array([z], np.float32))[0, ..., 0].astype(int)
            assert np.abs(pixels(picture["src"]) - drawn).max() <= 1
    del a["code"]
    with pytest.raises(BadInput, match="find and keep them again"):
        handlers.walk(shipped, a, b, 50)


def test_a_conditional_vae_takes_the_class_that_fits_best() -> None:
    model = make(model="vae", minibatch_std=False)
    picture = model.images(np.zeros((1, 8), np.float32), np.array([3]))
    found = beside.encoded(model, picture)
    off = [
        np.square(
            model.images(model.encode(picture, np.array([k])).mean.numpy(), np.array([k])) - picture
        ).mean()
        for k in range(5)
    ]
    assert found.label == int(np.argmin(off)) and found.z.shape == (8,)
