"""Encoders: what they give, that nearer pictures get nearer features, and what is said where
Inception cannot be had.
"""

from __future__ import annotations

import sys
import urllib.error
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganapp.config.settings import DatasetName
from ganapp.datasets import DATASETS, Pictures
from ganapp.errors import BadInput
from ganapp.evaluation import features
from ganapp.evaluation.distances import frechet_distance
from ganapp.evaluation.features import SUITED, encoded, opened, suited
from ganapp.evaluation.sizes import at_side, with_channels


def as_arrays(pictures: Pictures) -> np.ndarray:
    return pictures.images.permute(0, 2, 3, 1).numpy()


def emoji(count: int = 300) -> np.ndarray:
    return as_arrays(DATASETS["emoji"](lambda share, what: None))[:count]


@pytest.mark.parametrize(("name", "size"), [("digits", 128), ("random", 128)])
def test_features_are_one_row_a_picture_of_any_size(name: str, size: int) -> None:
    for shape in ((3, 28, 28, 1), (205, 32, 32, 3), (2, 64, 64, 3), (2, 40, 20, 1)):
        shares: list[float] = []
        found = encoded(opened(name), np.zeros(shape, np.uint8), shares.append)
        assert found.shape == (shape[0], size) and found.dtype == np.float32 and shares[-1] == 1


def test_random_features_are_the_same_in_every_process_and_see_noise_grow() -> None:
    images = emoji()
    encoder, rng = opened("random"), np.random.default_rng(0)
    clean = encoded(encoder, images)
    assert np.array_equal(clean, encoded(opened("random"), images))
    noisy = [
        np.clip(images + rng.normal(0, sigma, images.shape), 0, 255).astype(np.uint8)
        for sigma in (8, 24, 72)
    ]
    distances = [frechet_distance(clean, encoded(encoder, images)) for images in noisy]
    assert 0 < distances[0] < distances[1] < distances[2]


def test_random_features_see_what_is_missing() -> None:
    images = emoji(600)
    first, second = images[::2], images[1::2]
    found = encoded(opened("random"), first)
    whole = frechet_distance(found, encoded(opened("random"), second))
    few = np.repeat(second[:10], 30, axis=0)
    assert frechet_distance(found, encoded(opened("random"), few)) > 3 * whole


def test_only_inceptions_distance_is_called_fid(fake_inception: None) -> None:
    names = {name: opened(name).distance for name in features.ENCODERS}
    assert names.pop("inception") == "FID" and not any("FID" in name for name in names.values())


def test_every_data_set_has_an_encoder() -> None:
    assert {suited(name) for name in DATASETS} == set(features.ENCODERS)
    assert suited("own") == suited("emoji") == "random" and set(SUITED) < set(DATASETS)


class SmallInception(nn.Module):
    """In place of torch-fidelity's extractor: the same call, without its 95 MB."""

    def __init__(
        self, name: str, features_list: list[str], feature_extractor_weights_path: str
    ) -> None:
        super().__init__()
        self.weights = torch.load(feature_extractor_weights_path, weights_only=True)["weight"]
        assert features_list == ["2048"]

    def forward(self, images: Tensor) -> tuple[Tensor]:
        assert images.dtype == torch.uint8 and images.shape[1] == 3
        return (images.float().mean((2, 3)) @ self.weights,)


@pytest.fixture
def fake_inception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file of weights under the real one's name, and a small network to read it."""
    from torch_fidelity import feature_extractor_inceptionv3 as theirs

    features._inception_network.cache_clear()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    torch.save(
        {"weight": torch.eye(3)},
        tmp_path / "checkpoints" / theirs.URL_INCEPTION_V3.rsplit("/", 1)[1],
    )
    monkeypatch.setattr(theirs, "FeatureExtractorInceptionV3", SmallInception)


def test_inception_reads_colour_pictures_as_bytes(fake_inception: None) -> None:
    grey = np.full((3, 32, 32, 1), 50, np.uint8)
    assert encoded(opened("inception"), grey).tolist() == [[50, 50, 50]] * 3


def test_the_real_network_takes_its_weights_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch_fidelity import feature_extractor_inceptionv3 as theirs

    features._inception_network.cache_clear()
    monkeypatch.setattr(theirs, "load_state_dict_from_url", lambda *args, **kwargs: {})
    monkeypatch.setattr(
        theirs.FeatureExtractorInceptionV3, "load_state_dict", lambda self, state: None
    )
    untrained = theirs.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"]).state_dict()
    monkeypatch.undo()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    def download(url: str, file: str, hash_prefix: str) -> None:
        assert hash_prefix == "6726825d" and url.startswith("https://github.com/")
        torch.save(untrained, file)

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    found = encoded(
        opened("inception"),
        np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8),
    )
    assert found.shape == (2, 2048) and np.isfinite(found).all()
    features._inception_network.cache_clear()


@pytest.mark.parametrize(
    "error",
    [urllib.error.URLError("no network"), RuntimeError("invalid hash value"), OSError("disk full")],
)
def test_weights_that_cannot_be_had_are_said(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features._inception_network.cache_clear()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(BadInput, match="could not be had from GitHub: check the connection"):
        opened("inception")


def test_a_pickle_in_place_of_weights_stays_closed(fake_inception: None, tmp_path: Path) -> None:
    file = next((tmp_path / "checkpoints").iterdir())
    torch.save({"weight": sys.exit}, file)
    with pytest.raises(BadInput, match="could not be had"):
        opened("inception")


def test_without_torch_fidelity_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    features._inception_network.cache_clear()
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", None)
    with pytest.raises(BadInput, match="needs the package torch-fidelity"):
        opened("inception")


def test_an_unknown_encoder_is_refused() -> None:
    with pytest.raises(
        BadInput,
        match="There is no encoder 'vgg'; the encoders are digits, faces, inception, random",
    ):
        opened("vgg")


@pytest.mark.parametrize("name", ["digits", "emoji"])
def test_sizes_are_made_as_those_of_the_data_sets(name: DatasetName) -> None:
    pictures = DATASETS[name](lambda share, what: None)
    some = pictures._replace(images=pictures.images[:5])
    assert (
        np.array_equal(at_side(as_arrays(some), 32), as_arrays(some.resized(32)))
        and as_arrays(some).shape[1] != 32
    )


def test_channels_become_grey_or_three() -> None:
    colour = np.zeros((1, 8, 8, 3), np.uint8)
    colour[..., 0] = 200
    assert (with_channels(colour, 1) == 67).all() and with_channels(colour, 3) is colour
    assert with_channels(with_channels(colour, 1), 3).shape == (1, 8, 8, 3)
