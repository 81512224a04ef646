"""Whether a model draws what a text says: texts about faces that it never saw, and a reader of
faces that looks for each thing that was said.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import HELD_OUT, Progress
from ganapp.datasets.captions import CHANCES, STATEMENTS, Captions
from ganapp.datasets.faces import KINDS, SIDE
from ganapp.errors import BadInput
from ganapp.evaluation import attributes, bootstrap
from ganapp.evaluation.bootstrap import Estimate
from ganapp.pictures import to_uint8
from ganapp.randomness import rng_for

AT_A_TIME = 250


class Shares(NamedTuple):
    """In how many pictures it is as the text says: of each kind that a text speaks of, of all that
    is said, and the share of the pictures in which everything is right.
    """

    kinds: dict[str, Estimate]
    said: Estimate
    everything: Estimate


class Texts(NamedTuple):
    """So many `pictures`, one for each text: the generated ones; the real faces that the texts were
    written about, which tells how well the reader reads; and what chance would give, the generated
    ones with the text of another face.
    """

    pictures: int
    generated: Shares
    real: Shares
    chance: Shares


def measure(
    model: TrainedModel, count: int, seed: int = 1, progress: Progress = lambda share, what: None
) -> Texts:
    """Writes a text about each of `count` held-out faces and draws a picture of it."""
    if not model.reads_text:
        raise BadInput("This model reads no texts: choose one that the gan-cls model made.")
    faces = HELD_OUT["faces"](progress)
    rng = rng_for(seed, "texts")
    faces = faces.at(torch.randperm(len(faces.labels), generator=rng)[:count])
    assert faces.attributes is not None
    said, texts = written(faces.attributes, rng)
    noise = latents.noise(seed, model.config.latent_size, len(texts))
    made = []
    for start in range(0, len(texts), AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        made.append(model.draw(noise[part], texts[part].numpy()))
        progress(start / len(texts), "Drawing.")
    real_faces = faces.resized(model.config.image_size).images
    generated, real = values_in(np.concatenate(made)), values_in(_shown(real_faces))
    return Texts(
        len(texts),
        shares(said, generated),
        shares(said, real),
        shares(said.roll(1, 0), generated),
    )


def written(numbers: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """A text about each face with these attributes (N, 7): its statements (N, topics) and its word
    numbers (N, T). Every text says something.
    """
    captions = Captions()
    chances = torch.rand(len(numbers), *CHANCES, generator=rng)
    statements = captions.chosen(numbers, chances)
    while (silent := ~statements.any(1)).any():
        fresh = torch.rand(int(silent.sum()), *CHANCES, generator=rng)
        chances[silent] = fresh
        statements[silent] = captions.chosen(numbers[silent], fresh)
    return statements, captions.written(statements, chances)


def values_in(images: np.ndarray) -> np.ndarray:
    """The number of the value of each kind that the reader reads in pictures (N, H, W, C) uint8,
    (N, 7). Smaller ones than it learned from are enlarged by Lanczos's filter, with which it reads
    them best.
    """
    if images.shape[1] < SIDE:
        images = np.stack([_enlarged(image) for image in images])
    found = attributes.chances(attributes.shipped()[0], images)
    return np.stack([found[kind].argmax(1) for kind in KINDS], 1)


def shares(statements: Tensor, values: np.ndarray) -> Shares:
    """In how many pictures with these `values` (N, 7) the `statements` (N, topics) are true."""
    spoken, true = (table[statements] for table in _tables())
    read = torch.from_numpy(values)[:, None, :, None].expand(-1, statements.shape[1], -1, -1)
    # One topic speaks of each kind, hair of two.
    asked = spoken.any(1).numpy()
    right = (~spoken | true.gather(3, read)[..., 0]).all(1).numpy()
    wrong_anywhere = (asked & ~right).any(1)
    return Shares(
        {
            kind: bootstrap.of_mean(right[asked[:, place], place])
            for place, kind in enumerate(KINDS)
            if asked[:, place].any()
        },
        bootstrap.of_mean(right[asked]),
        bootstrap.of_mean(~wrong_anywhere),
    )


def _tables() -> tuple[Tensor, Tensor]:
    """Of which kinds each statement speaks, (statements, 7), and of which of their values it is
    true, (statements, 7, most values).
    """
    most = max(map(len, KINDS.values()))
    spoken = torch.zeros(len(STATEMENTS), len(KINDS), dtype=torch.bool)
    true = torch.zeros(len(STATEMENTS), len(KINDS), most, dtype=torch.bool)
    for number, statement in enumerate(STATEMENTS):
        for place, (kind, values) in enumerate(KINDS.items()):
            if kind in statement.meaning:
                spoken[number, place] = True
                for value in statement.meaning[kind]:
                    true[number, place, values.index(value)] = True
    return spoken, true


def _enlarged(image: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _shown(images: Tensor) -> np.ndarray:
    return to_uint8(images.float().numpy() / 127.5 - 1)
