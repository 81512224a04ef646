"""What does the Train tab call faithful? The share of pictures that pass, of real ones and of what
is none.

    python -m benchmarks faithful      about a minute on two cores
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.config.presets import PRESETS
from ganapp.evaluation import features
from ganapp.evaluation.manifold import overlap
from ganapp.experiments.quality import QualityChecker, shuffled
from ganapp.experiments.scoring import drawn, real_pictures
from ganapp.training import Pace, train

DATA = {
    "digits": ("mlp-digits", "digits", "biggan-digits"),
    "emoji": ("emoji", "biggan-emoji"),
}
"""Presets of each data set: what they draw after one epoch, and their bundled models."""
COUNT = 400


def wrong(real: np.ndarray) -> dict[str, np.ndarray]:
    """Pictures uint8 (N, H, W, C) with nothing real in them, like the `real` ones in shape."""
    rng, shape = np.random.default_rng(3), real.shape[1:]
    mean = real.mean(0, dtype=np.float64).round().astype(np.uint8)
    grey = [np.full((50, *shape), value, np.uint8) for value in (0, 128, 255)]
    return {
        "uniform noise": rng.integers(0, 256, (COUNT, *shape), np.uint8),
        "normal noise": rng.normal(127, 30, (COUNT, *shape)).clip(0, 255).astype(np.uint8),
        "one colour": np.concatenate(grey),
        "the mean picture": np.repeat(mean[None], 50, 0),
    }


def after_one_epoch(preset: str) -> TrainedModel:
    """The preset's model after its first epoch."""
    config = PRESETS[preset].config
    for snapshot in train(config, pace=Pace(0, 60)):
        if snapshot.step and snapshot.epoch >= 1:
            return TrainedModel.from_state(snapshot.capture())
    raise AssertionError("a run has an epoch")


def measure(show: Callable[[str], None]) -> dict[str, Any]:
    """Shows, and returns, (share that is faithful, precision of Kynkäänniemi et al. 2019 with the
    features and neighbours that are its first half) by data set and pictures.
    """
    found = dict[str, Any]()
    for data, presets in DATA.items():
        last = checkpoints.open_model(presets[-1])
        checker, real = QualityChecker(last), shuffled(real_pictures(last))
        shown = {"real, never seen": real[-COUNT:]} | wrong(real)
        for preset in presets:
            shown[f"{preset}, one epoch"] = drawn(after_one_epoch(preset), COUNT).images
            if preset in checkpoints.bundled():
                model = checkpoints.open_model(preset)
                shown[f"{preset}, bundled"] = drawn(model, COUNT).images
        for what, images in shown.items():
            at = features.encoded(checker.encoder, images)
            precise = float((overlap(checker.real_features, at).precision > 0).mean())
            figures = found[f"{data}: {what}"] = (checker.faithful(images, at), precise)
            show(f"{data}: {what}: faithful {figures[0]:.2f}, precision alone {figures[1]:.2f}")
    return found
