"""What repairs are worth: a network that gives back what it gets, and one that ships."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.evaluation.repairs import nearness
from ganapp.experiments.repairs import measure
from tests.tiny import tiny_config


def test_nearness_is_as_defined() -> None:
    whole = np.random.default_rng(0).uniform(-1, 1, (4, 1, 32, 32)).astype(np.float32)
    off = np.clip(whole * 0.5, -1, 1)
    near = nearness(off, whole)
    error = np.square((off - whole) / 2).mean((1, 2, 3))
    np.testing.assert_allclose(near.psnr, 10 * np.log10(1 / error), rtol=1e-4)
    assert (near.ssim < 1).all() and near.ssim.shape == (4,)
    np.testing.assert_allclose(nearness(whole, whole).ssim, 1, atol=1e-5)


def test_a_model_that_changes_nothing_repairs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tiny_config("pix2pix", dataset="mnist", damage="middle").to_dict()
    model = TrainedModel(settings, ["middle", "whole"], 1)
    monkeypatch.setattr(model, "translate", lambda images, to: images)
    found = measure(model, 60)
    assert found.repaired == found.damaged and found.held_out and found.pictures == 60
    assert found.whole_read is not None and found.whole_read.value > 0.95


@pytest.mark.parametrize("name", [n for n in checkpoints.bundled() if n.startswith("repair-")])
def test_what_ships_repairs(name: str) -> None:
    found = measure(checkpoints.open_model(name), 300)
    assert found.repaired.psnr.low > found.damaged.psnr.high + 2
    assert found.repaired.read is not None and found.damaged.read is not None
    assert found.repaired.read.low > found.damaged.read.high


def test_l1_alone_is_nearer_by_pixels() -> None:
    plain, gan = (
        measure(checkpoints.open_model(name), 600).repaired
        for name in ("repair-coarse-l1", "repair-coarse")
    )
    assert plain.psnr.low > gan.psnr.high


def test_a_model_that_draws_repairs_nothing() -> None:
    with pytest.raises(BadInput, match="repairs no pictures"):
        measure(TrainedModel(tiny_config().to_dict(), ["a", "b"], 1), 20)
