"""A small classifier of digits: `python -m ganapp train-classifier` trains it on the 60,000 digits
of MNIST and verifies it on the 10,000 of its test.

Its answers measure whether generated digits are what was asked for, and its 128 hidden features
carry the distances: Inception, which learned from photographs, sees little in strokes. The trained
one lies beside this file with its SHA-256 and its accuracy; weights that do not have that hash are
refused. The same network, trained on other pictures, measures what those are worth as training
data.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganapp.augment import translation
from ganapp.errors import BadInput
from ganapp.evaluation import shipping
from ganapp.evaluation.sizes import SIDE, at_side, check_labels, check_pictures, with_channels
from ganapp.randomness import rng_for

SHIPPED = Path(__file__).with_name("digit-classifier")
EPOCHS = 40
"""Of a few thousand pictures."""
BATCH_SIZE = 100
DIGITS = 10
WIDTH = 24
AT_A_TIME = 500

Change = Callable[[Tensor, torch.Generator], Tensor]
"""A random change of pictures (B, C, H, W) in [-1, 1]."""


class Facts(NamedTuple):
    """What the card of a trained classifier says."""

    sha256: str
    accuracy: float
    trained_on: int
    held_out: int
    seed: int
    steps: int


class Classifier(nn.Module):
    """images (B, 1, 32, 32) in [-1, 1] -> logits (B, classes), through 128 features; `width` is the
    channels of the first layer.
    """

    def __init__(self, classes: int = DIGITS, width: int = WIDTH) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for inputs, outputs in ((1, width), (width, 2 * width), (2 * width, 4 * width)):
            blocks += [
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
        self.features = nn.Sequential(
            *blocks, nn.Flatten(), nn.Linear(4 * width * 4 * 4, 128), nn.ReLU()
        )
        self.last = nn.Linear(128, classes)

    def forward(self, images: Tensor) -> Tensor:
        result: Tensor = self.last(self.features(images))
        return result


def as_read(images: np.ndarray) -> np.ndarray:
    """Pictures (N, H, W, C) uint8 as the classifier reads them: grey, 32 x 32, (N, 32, 32, 1)
    uint8.
    """
    check_pictures(images)
    return at_side(with_channels(images, 1), SIDE)


@torch.no_grad()
def features(classifier: Classifier, images: np.ndarray) -> np.ndarray:
    """The 128 features of `images` (N, H, W, C) uint8, float32 (N, 128)."""
    pixels = _pixels(as_read(images))
    return torch.cat(
        [classifier.features(scaled(part)) for part in pixels.split(AT_A_TIME)]
    ).numpy()


@torch.no_grad()
def read(classifier: Classifier, features: np.ndarray) -> np.ndarray:
    """The classes that the classifier reads from its features, (N,) int64."""
    result: np.ndarray = classifier.last(torch.from_numpy(features)).argmax(1).numpy()
    return result


def accuracy(classifier: Classifier, images: np.ndarray, labels: np.ndarray) -> float:
    """The share of `images` (N, H, W, C) uint8 in which the classifier reads `labels` (N,)."""
    return float((read(classifier, features(classifier, images)) == labels).mean())


def fresh(rng: torch.Generator, classes: int = DIGITS, width: int = WIDTH) -> Classifier:
    """A classifier whose first weights come from `rng`."""
    classifier = Classifier(classes, width)
    give_first_weights(classifier, rng)
    return classifier


def give_first_weights(network: nn.Module, rng: torch.Generator) -> None:
    """First weights from `rng` for every layer, for ReLUs to come after it (He et al. 2015,
    arXiv:1502.01852).
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.weight[0].numel()) ** 0.5, generator=rng)
            if layer.bias is not None:
                layer.bias.data.zero_()


def shifted(images: Tensor, rng: torch.Generator) -> Tensor:
    """Each picture moved by up to two of its 32 pixels."""
    return translation(images, rng, reach=2 / SIDE)


def dealt(
    images: np.ndarray,
    labels: np.ndarray,
    rng: torch.Generator,
    change: Change = shifted,
    batch_size: int = BATCH_SIZE,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end of pictures (N, H, W, C) uint8, each changed at random; every picture
    once before any comes again.
    """
    check_labels(labels, len(images))
    if len(np.unique(labels)) < 2:
        raise BadInput(
            "All pictures to learn from are of one class, so there is nothing to tell apart: give"
            " pictures of two or more."
        )
    pixels, classes = _pixels(as_read(images)), torch.from_numpy(np.asarray(labels, np.int64))
    while True:
        for chosen in torch.randperm(len(pixels), generator=rng).split(batch_size):
            if len(chosen) > 1:  # BatchNorm needs two
                yield change(scaled(pixels[chosen]), rng), classes[chosen]


def fit(
    classifier: Classifier, batches: Iterator[tuple[Tensor, Tensor]], steps: int
) -> Iterator[int]:
    """Trains by cross-entropy for `steps` batches, with a learning rate that rises and falls to
    zero; yields the steps done.
    """
    optimizer = torch.optim.AdamW(classifier.parameters(), 2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    classifier.train()
    for step in range(1, steps + 1):
        images, labels = next(batches)
        optimizer.zero_grad()
        cross_entropy(classifier(images), labels, label_smoothing=0.05).backward()
        optimizer.step()
        schedule.step()
        yield step
    classifier.eval()


def trained(
    images: np.ndarray,
    labels: np.ndarray,
    seed: int,
    progress: Callable[[float, str], None] = lambda share, what: None,
    steps: int | None = None,
) -> Classifier:
    """A classifier of digits trained on `images` (N, H, W, C) uint8 with `labels` (N,), for 40
    epochs of them unless told.
    """
    rng = rng_for(seed, "judge")
    classifier, steps = fresh(rng), steps or EPOCHS * len(images) // BATCH_SIZE
    for step in fit(classifier, dealt(images, labels, rng), steps):
        progress(step / steps, "Training the classifier")
    return classifier


def store(classifier: Classifier, facts: dict[str, Any], folder: Path) -> Facts:
    """Writes the classifier with 16 bits a weight, its facts and its card into `folder`; `facts`
    lack only the hash.
    """
    known = shipping.store(classifier, facts, folder, lambda known: _card(Facts(**known)))
    return Facts(**known)


def rounded(classifier: Classifier) -> Classifier:
    """The classifier as it will be once stored."""
    result = Classifier()
    shipping.fill(result, shipping.packed(classifier))
    return result


def opened(folder: Path) -> tuple[Classifier, Facts]:
    """The classifier in `folder` with its facts; `BadInput` if its weights do not have the hash
    that its card says.
    """
    network, command = Classifier(), "python -m ganapp train-classifier"
    return network, Facts(**shipping.opened(network, folder, "digit classifier", command))


@functools.cache
def shipped() -> tuple[Classifier, Facts]:
    """The classifier that comes with the app."""
    return opened(SHIPPED)


def _pixels(images: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).contiguous()


def scaled(pixels: Tensor) -> Tensor:
    """Pixels uint8 as the networks here read them, in [-1, 1]."""
    return pixels.float().div_(127.5).sub_(1)


def _card(facts: Facts) -> str:
    return f"""# Digit classifier

Reads handwritten digits of 32 x 32 pixels: three convolutions with BatchNorm, 128 features, ten \
classes. ganapp measures generated digits
with it; see `ganapp/evaluation/classifier.py`.

| | |
|---|---|
| Trained on | {facts.trained_on:,} digits of MNIST, each shifted by up to two pixels, \
{facts.steps:,} steps of {BATCH_SIZE} |
| Accuracy on the {facts.held_out:,} test digits | {facts.accuracy:.1%} |
| Weights | float16, SHA-256 `{facts.sha256}` |

Made by

```
python -m ganapp train-classifier --seed {facts.seed} --steps {facts.steps} \
--out ganapp/evaluation/digit-classifier
```

The digits are of MNIST (Y. LeCun, C. Cortes and C. J. C. Burges; Creative Commons Attribution-\
ShareAlike 3.0); the weights are under this
repository's MIT licence.
"""
