"""A look inside: the maps are those that the networks compute, switching off is a cause, and
looking changes nothing.
"""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.inspection import NETWORKS, Network, Survey, inputs, layers, look, pull, survey
from tests.tiny import tiny_config

MODELS = ["mlp", "dcgan", "biggan", "infogan", "cyclegan"]


def made(name: str) -> TrainedModel:
    changes = {"dataset": "digits-outline"} if name == "cyclegan" else {}
    config = tiny_config(name, **changes)
    names = ["a", "b"] if name == "cyclegan" else [str(digit) for digit in range(10)]
    return TrainedModel(config.to_dict(), names, 1)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", MODELS)
def test_every_layer_of_every_model_can_be_looked_at(name: str, network: Network) -> None:
    model = made(name)
    found = layers(model, network, 1)
    assert len(found) >= 2 and len({layer.name for layer in found}) == len(found)
    given = inputs(model, 5, 2, 1)
    expected = model.average(given.given, given.labels)
    for layer in found:
        images, maps = look(model, network, layer.name, given, {})
        assert maps.shape == (2, layer.channels, layer.side, layer.side)
        np.testing.assert_allclose(images, expected.numpy(), atol=1e-6)
    assert not model.training and not any(len(part._forward_hooks) for part in model.modules())


def test_the_last_layer_of_a_generator_is_its_picture() -> None:
    model, given = made("dcgan"), inputs(made("dcgan"), 3, 2, 4)
    images, maps = look(model, "generator", layers(model, "generator")[-1].name, given, {})
    np.testing.assert_array_equal(images, maps)


@pytest.mark.parametrize("name", MODELS)
def test_switching_a_channel_off_empties_its_map_and_changes_the_picture(name: str) -> None:
    model = made(name)
    given, layer = inputs(model, 1, 1, 0), layers(model, "generator")[0]
    before, maps = look(model, "generator", layer.name, given, {})
    channel = int(np.abs(maps[0]).sum((1, 2)).argmax())
    after, emptied = look(model, "generator", layer.name, given, {(layer.name, channel): 0.0})
    assert not emptied[0, channel].any() and np.abs(maps[0, channel]).any()
    others = np.delete(emptied, channel, 1), np.delete(maps, channel, 1)
    np.testing.assert_array_equal(*others)
    assert np.abs(after - before).max() > 0
    doubled = look(model, "generator", layer.name, given, {(layer.name, channel): 2.0})[1]
    np.testing.assert_allclose(doubled[0, channel], 2 * maps[0, channel])
    # What the generator is forced to do is what the discriminator sees.
    seen = layers(model, "discriminator")[0]
    judged = [
        look(model, "discriminator", seen.name, given, changes)[1]
        for changes in ({}, {(layer.name, channel): 0.0})
    ]
    assert np.abs(judged[0] - judged[1]).max() > 0


def test_a_survey_finds_where_a_channel_fires_and_which_class_uses_it() -> None:
    labels = np.arange(200) % 10
    means = np.zeros((200, 3))
    means[labels == 7, 1] = 1.0
    peaks = means.copy()
    peaks[42, 2] = 9.0
    found = Survey(np.zeros((200, 4, 4, 1), np.uint8), labels, peaks, means)
    assert found.strongest(2, 1).tolist() == [42]
    assert found.by_class(1, 10).tolist() == [0.0] * 7 + [1.0, 0.0, 0.0]
    assert found.of_class(7, 1).tolist() == [1]
    real = survey(made("dcgan"), "generator", layers(made("dcgan"), "generator")[1].name)
    assert real.images.shape[0] == 200 and (real.peaks >= real.means).all()


@pytest.mark.parametrize("name", MODELS)
def test_every_discriminator_pulls_at_every_picture(name: str) -> None:
    model = made(name)
    images, slope = pull(model, inputs(model, 2, 2, 0))
    assert images.shape == slope.shape and np.abs(slope).max((1, 2, 3)).min() > 0


def test_the_pull_is_the_slope_of_the_discriminator() -> None:
    model = made("dcgan")
    weights = torch.randn(1, 32, 32, generator=torch.Generator().manual_seed(0))

    class Linear(torch.nn.Module):
        def forward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return (images * weights).sum((1, 2, 3))

    model.discriminator = Linear()
    for slope in pull(model, inputs(model, 2, 3, 0))[1]:
        np.testing.assert_allclose(slope, weights.numpy())


def test_layers_and_channels_that_are_not_there_are_refused() -> None:
    model = made("dcgan")
    given = inputs(model, 1, 1, 0)
    with pytest.raises(BadInput, match="has no layer 'none'"):
        look(model, "generator", "none", given, {})
    name = layers(model, "generator")[0].name
    with pytest.raises(BadInput, match="so none has the number 999"):
        look(model, "generator", name, given, {(name, 999): 0.0})
    assert not any(len(part._forward_hooks) for part in model.modules())


def test_threads_that_share_a_model_do_not_see_one_another() -> None:
    model = made("dcgan")
    name = layers(model, "generator")[0].name
    one, many = inputs(model, 1, 1, 0), inputs(model, 1, 30, 0)
    expected = model.average(one.given, one.labels).numpy()
    wrong: list[object] = []

    def look_on() -> None:
        for _ in range(40):
            maps = look(model, "generator", name, many, {(name, 0): 0.0})[1]
            if maps.shape[0] != 30 or maps[:, 0].any():
                wrong.append(maps.shape)

    thread = threading.Thread(target=look_on)
    thread.start()
    while thread.is_alive():
        plain = model.images(one.given.numpy(), one.labels.numpy())
        maps = look(model, "generator", name, one, {})[1]
        if maps.shape[0] != 1 or not np.allclose(plain, expected, atol=1e-5):
            wrong.append(maps.shape)
    thread.join()
    assert wrong == []
