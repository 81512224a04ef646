"""The presets that go wrong on purpose, and what shows that they do."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from benchmarks import failures, quality, report
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.training import Snapshot, subset, train
from tests.tiny import tiny_config

CURED = [name for name, preset in PRESETS.items() if preset.cure]


def finished(config: TrainConfig) -> Snapshot:
    """The end of a run of two rounds."""
    return list(train(config, steps=2))[-1]


def test_every_preset_with_a_cure_has_a_sign_that_tells_failed_from_well() -> None:
    assert sorted(failures.SIGNS) == sorted(CURED)
    places = [0.0, 0.05, 0.3, 0.7, 1.0, 10.0]
    for name, sign in failures.SIGNS.items():
        runs = [(a, b)[: len(sign.figures)] for a in places for b in places]
        assert not any(sign.failed(*run) and sign.well(*run) for run in runs), name
        assert any(sign.failed(*run) for run in runs) and any(sign.well(*run) for run in runs), name


@pytest.mark.parametrize("name", CURED)
def test_a_cure_changes_only_settings_that_its_failure_has_otherwise(name: str) -> None:
    cure, config = PRESETS[name].cure, PRESETS[name].config.to_dict()
    assert cure and all(config[setting] != value for setting, value in cure.settings.items())


def test_only_patterns_of_period_two_alternate() -> None:
    places = torch.arange(32)
    down, across = torch.meshgrid(places, places, indexing="ij")
    patterns = [
        down % 2 * 255,
        across % 2 * 255,
        (down + across) % 2 * 255,
        (down % 2) * (across % 2) * 255,
    ]
    smooth = [across * 8, (down // 2 % 2) * 255]  # a ramp, and stripes of period four
    for pattern in patterns:
        assert failures.alternating(pattern.to(torch.uint8).view(1, 1, 32, 32)) == pytest.approx(1)
    for pattern in smooth:
        assert failures.alternating(pattern.to(torch.uint8).view(1, 1, 32, 32)) < 0.01
    assert failures.alternating(quality.real_digits("test").images) < 0.001


def test_a_discriminator_whose_relus_are_silent_teaches_nothing() -> None:
    config = tiny_config("mlp", conditional=False, leaky_slope=0.0)
    snapshot = finished(config)
    state = snapshot.capture()
    state.tensors["discriminator/layers.2.bias"].fill_(-1e6)  # of the second hidden layer
    assert failures.dying(config, iter([dataclasses.replace(snapshot, capture=lambda: state)])) == (
        1,
        1,
    )
    leaky = tiny_config("mlp", conditional=False, leaky_slope=0.2)
    flat, silent = failures.dying(leaky, iter([finished(leaky)]))
    assert flat == 0 and silent < 1


def test_distances_are_to_the_pictures_that_were_learned_from() -> None:
    config = tiny_config("mlp", conditional=False, most_pictures=50)
    ours, theirs = failures.memorising(config, iter([finished(config)]))
    real = quality.real_digits("test")
    own = subset(real, config).images
    # Grey pictures of a generator that has learned nothing.
    assert len(own) == 50 and ours == pytest.approx(0.45, abs=0.15)
    expected = torch.cdist(real.images.flatten(1).float(), own.flatten(1).float()).amin(1)
    assert theirs == pytest.approx(float(expected[expected > 1].median()) / 255 / 32, rel=1e-3)


def test_the_table_shows_medians_ranges_and_how_many_seeds_held() -> None:
    found = {
        "failure-x": {
            "figures": ["coverage"],
            "failed": {"runs": [[0.1], [0.3], [0.2]], "right": 2},
            "well": {"runs": [[0.9]], "right": 1},
        }
    }
    last = report.failures_table(found).splitlines()[-1]
    assert (
        last == "| `failure-x` | coverage | 0.2 (0.1 to 0.3) | 0.9 (0.9 to 0.9) | 2 of 3, 1 of 1 |"
    )
