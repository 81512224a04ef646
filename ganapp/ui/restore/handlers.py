"""What the *Restore* tab shows, from a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ganapp import latents, restoration
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import BUNDLED_DATA, DatasetName
from ganapp.datasets import DATASETS
from ganapp.errors import BadInput
from ganapp.pictures import to_uint8
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES, Match
from ganapp.ui.parts.inputs import class_of, decode_picture, number, seed_of
from ganapp.ui.parts.rendering import Props, class_name, colours, remembered, src

EXAMPLES = 10
STARTS = 60


@remembered
def examples_of(model: TrainedModel) -> Props:
    """What a visitor can start with: real pictures of the model's data if they ship with the app,
    otherwise generated ones.
    """
    config = model.config
    if config.dataset in BUNDLED_DATA:
        images, name = _examples(config.dataset, config.image_size), "the data"
    else:
        drawn = latents.noise(0, config.latent_size, EXAMPLES)
        images, name = (
            model.draw(drawn, np.arange(EXAMPLES) % max(1, model.classes)),
            "what the model draws",
        )
    paper, ink = colours(images)
    return {
        "side": config.image_size,
        "name": name,
        "examples": [src(image) for image in images],
        "paper": paper,
        "ink": ink,
    }


@functools.cache
def _examples(dataset: DatasetName, side: int) -> np.ndarray:
    """Ten pictures of a data set from its classes in turn, uint8 (10, H, W, C)."""
    pictures = DATASETS[dataset](lambda share, what: None)
    classes = len(pictures.class_names)
    members = [(pictures.labels == label).nonzero().flatten() for label in range(classes)]
    chosen = torch.stack(
        [members[n % classes][(37 * n) % len(members[n % classes])] for n in range(EXAMPLES)]
    )
    return (
        pictures._replace(images=pictures.images[chosen])
        .resized(side)
        .images.numpy()
        .transpose(0, 2, 3, 1)
    )


def find(model: TrainedModel, damage: object, sent: object, seed: object) -> Iterator[Props]:
    """Searches the z of a sent picture, given only what the damage leaves of it; yields the best
    match so far.
    """
    if not isinstance(damage, str) or damage not in DAMAGES:
        raise BadInput(
            f"The damage is {str(damage)[:40]!r}, but must be one of {', '.join(DAMAGES)}."
        )
    how, start = DAMAGES[damage], seed_of(seed)
    picture = torch.from_numpy(decode_picture(model, sent))
    rng = rng_for(start, "restore")
    device = next(model.parameters()).device
    observed = how.spoiled(picture, rng).to(device)
    labels = torch.arange(max(STARTS, model.classes), device=device) % max(1, model.classes)
    for found in restoration.search(
        model.average, how, observed, model.config.latent_size, labels, rng
    ):
        yield _result(model, damage == "none", picture, observed.cpu(), found)


def _result(
    model: TrainedModel, whole: bool, picture: Tensor, observed: Tensor, found: Match
) -> Props:
    z = found.z.cpu().numpy()
    restored = model.images(z[None], np.full(1, found.label))
    off = float(np.sqrt(np.square(restored - picture.numpy()).mean())) / 2
    subject = f"as class {class_name(model, found.label)}" if model.classes else "found"
    columns = [
        ("given", observed.numpy()),
        (subject, restored),
        ("the whole picture", picture.numpy()),
    ]
    words = (
        f"Step {found.step} of {found.steps}. Root mean square difference from the whole picture:"
        f" {100 * off:.1f} % of the range"
    )
    if not whole:
        words += f", from its visible part: {100 * found.error:.1f} %"
    return {
        "pictures": [
            {"src": src(to_uint8(image)[0]), "caption": name, "alt": name}
            for name, image in (columns[:2] if whole else columns)
        ],
        "percent": round(100 * found.step / found.steps),
        "note": f"{words}. |z| = {np.linalg.norm(z):.1f}.",
        "place": {"z": [round(float(value), 4) for value in z], "label": found.label},
    }


def walk(model: TrainedModel, a: object, b: object, percent: object) -> Props:
    """The picture on the arc from one kept place to another; the class changes evenly with it."""
    share = number(percent, 0, 100, "The way") / 100
    (start, first), (end, last) = _place(model, a), _place(model, b)
    weights = np.zeros((1, max(1, model.classes)), np.float32)
    weights[0, first] += 1 - share
    weights[0, last] += share
    drawn = model.draw(
        latents.slerp(start, end, share)[None], weights if model.classes else np.zeros(1, np.int64)
    )
    return {
        "src": src(drawn[0]),
        "alt": f"{100 * share:.0f} % of the way from A to B",
        "note": f"{100 * share:.0f} % of the way from A to B",
    }


def _place(model: TrainedModel, sent: object) -> tuple[np.ndarray, int]:
    """A place {"z", "label"} that the page kept, after checks."""
    values = sent.get("z") if isinstance(sent, dict) else None
    if not isinstance(values, list) or len(values) != model.config.latent_size:
        raise BadInput("The kept places belong to another model: find and keep them again.")
    z = np.array([number(value, -100, 100, "A number of z") for value in values], np.float32)
    assert isinstance(sent, dict)
    return z, class_of(model, sent.get("label"))
