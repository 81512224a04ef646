"""A small network that reads what a drawn face has: its hair, glasses, beard, mouth and so on.

`python -m ganapp train-classifier --of faces` trains it on the 10,000 bundled faces, whose
attributes are known, and verifies it on the 2,000 that nothing learns from. It says what a
direction in the latent space changes, and its 128 features carry the distances between generated
faces and real ones. The trained one lies beside this file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganapp.augment import translation
from ganapp.datasets.faces import BALD, KINDS, SIDE, YES_OR_NO
from ganapp.evaluation import shipping
from ganapp.evaluation.classifier import give_first_weights, scaled
from ganapp.evaluation.shipping import Facts
from ganapp.evaluation.sizes import at_side, check_pictures, with_channels
from ganapp.randomness import rng_for

SHIPPED = Path(__file__).with_name("face-reader")
COMMAND = "python -m ganapp train-classifier --of faces"
WIDTH, FEATURES, BATCH_SIZE, AT_A_TIME = 24, 128, 100, 500


class FaceReader(nn.Module):
    """faces (B, 3, 64, 64) in [-1, 1] -> logits (B, 30) of all values of all kinds, in the order of
    `KINDS`.
    """

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        widths = (3, WIDTH, 2 * WIDTH, 4 * WIDTH, 4 * WIDTH)
        for inputs, outputs in zip(widths, widths[1:], strict=False):
            blocks += [
                nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
        places = (SIDE // 2**4) ** 2
        self.features = nn.Sequential(
            *blocks, nn.Flatten(), nn.Linear(widths[-1] * places, FEATURES), nn.ReLU()
        )
        self.last = nn.Linear(FEATURES, sum(len(values) for values in KINDS.values()))

    def forward(self, faces: Tensor) -> Tensor:
        result: Tensor = self.last(self.features(faces))
        return result


def as_read(images: np.ndarray) -> np.ndarray:
    """Pictures (N, H, W, C) uint8 as the reader reads them: (N, 64, 64, 3) uint8."""
    check_pictures(images)
    return at_side(with_channels(images, 3), SIDE)


@torch.no_grad()
def chances(reader: FaceReader, images: np.ndarray) -> dict[str, np.ndarray]:
    """How likely the reader thinks each value of each kind in `images` (N, H, W, C) uint8, (N,
    values) by kind.
    """
    pixels = torch.from_numpy(as_read(images).transpose(0, 3, 1, 2).copy())
    logits = torch.cat([reader(scaled(part)) for part in pixels.split(AT_A_TIME)])
    return {kind: part.softmax(1).numpy() for kind, part in _by_kind(logits).items()}


@torch.no_grad()
def read(reader: FaceReader, features: np.ndarray, kind: str) -> np.ndarray:
    """The values of a kind that the reader reads from its features (N, 128), (N,) int64."""
    logits = reader.last(torch.from_numpy(features))
    result: np.ndarray = _by_kind(logits)[kind].argmax(1).numpy()
    return result


def chances_of(reader: FaceReader, images: np.ndarray) -> dict[str, np.ndarray]:
    """How likely each picture (N, H, W, C) uint8 has each attribute of `YES_OR_NO`, (N,)."""
    found = chances(reader, images)
    found["hair colour"] = found["hair colour"] * (1 - found["hair"][:, BALD, None])
    return {
        name: found[kind][:, [KINDS[kind].index(value) for value in values]].sum(1)
        for name, (kind, values) in YES_OR_NO.items()
    }


def accuracy(
    reader: FaceReader, images: np.ndarray, numbers: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """The share of `images` (N, H, W, C) uint8 in which each kind is read right; `numbers` holds
    the number of the value, (N,) by kind. The bald have no hair colour to read.
    """
    found = chances(reader, images)
    right = {kind: found[kind].argmax(1) == numbers[kind] for kind in KINDS}
    right["hair colour"] = right["hair colour"][numbers["hair"] != BALD]
    return {kind: float(each.mean()) for kind, each in right.items()}


def trained(
    images: np.ndarray,
    numbers: Mapping[str, np.ndarray],
    seed: int,
    progress: Callable[[float, str], None],
    steps: int,
) -> FaceReader:
    """A reader trained on `images` (N, 64, 64, 3) uint8 with the number of each kind's value, (N,)
    by kind. Each picture is moved by up to two pixels whenever it is seen.
    """
    rng = rng_for(seed, "face reader")
    reader = FaceReader()
    give_first_weights(reader, rng)
    pixels = torch.from_numpy(as_read(images).transpose(0, 3, 1, 2).copy())
    asked = torch.from_numpy(np.stack([numbers[kind] for kind in KINDS], 1).astype(np.int64))
    optimizer = torch.optim.AdamW(reader.parameters(), 2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    reader.train()
    for step in range(1, steps + 1):
        chosen = torch.randint(len(pixels), (BATCH_SIZE,), generator=rng)
        faces = translation(scaled(pixels[chosen]), rng, reach=2 / SIDE)
        optimizer.zero_grad()
        _loss(reader(faces), asked[chosen]).backward()
        optimizer.step()
        schedule.step()
        progress(step / steps, "Training the reader of faces")
    return reader.eval()


def store(reader: FaceReader, facts: Facts, folder: Path) -> Facts:
    """Writes the reader into `folder`; `facts` lack only the hash."""
    return shipping.store(reader, facts, folder, _card)


def rounded(reader: FaceReader) -> FaceReader:
    """The reader as it will be once stored."""
    result = FaceReader()
    shipping.fill(result, shipping.packed(reader))
    return result


@functools.cache
def shipped() -> tuple[FaceReader, Facts]:
    """The reader that comes with the app, and what is known of it."""
    reader = FaceReader()
    return reader, shipping.opened(reader, SHIPPED, "reader of faces", COMMAND)


def _by_kind(logits: Tensor) -> dict[str, Tensor]:
    sizes = [len(values) for values in KINDS.values()]
    return dict(zip(KINDS, logits.split(sizes, 1), strict=True))


def _loss(logits: Tensor, asked: Tensor) -> Tensor:
    """The mean cross-entropy of all kinds; the hair colour of the bald counts for nothing."""
    total = logits.new_zeros(())
    for place, (kind, part) in enumerate(_by_kind(logits).items()):
        each = cross_entropy(part, asked[:, place], reduction="none", label_smoothing=0.02)
        seen = asked[:, list(KINDS).index("hair")] != BALD
        total = total + (each[seen] if kind == "hair colour" else each).mean()
    return total / len(KINDS)


def _card(facts: Facts) -> str:
    rows = "\n".join(f"| {kind} | {share:.1%} |" for kind, share in facts["accuracy"].items())
    return f"""# Reader of drawn faces

Reads seven kinds of attributes in the bundled faces of 64 x 64 pixels: four convolutions with \
BatchNorm, 128 features, a softmax for each kind. ganapp says with it what a generated face has; \
see `ganapp/evaluation/attributes.py`.

| read | right of the {facts["held_out"]:,} held-out faces |
|---|---|
{rows}

Trained on {facts["trained_on"]:,} faces, each moved by up to two pixels, {facts["steps"]:,} steps \
of {BATCH_SIZE}. Weights: float16, SHA-256 `{facts["sha256"]}`. Made by

```
{COMMAND} --seed {facts["seed"]} --steps {facts["steps"]} --out ganapp/evaluation/face-reader
```

The faces are drawn in the style "Avatar Illustration System" by Micah Lanier (Creative Commons \
Attribution 4.0); the weights are under this repository's MIT licence.
"""
