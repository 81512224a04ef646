"""What the *Restore* tab shows, from a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganapp import latents, restoration
from ganapp.checkpoints import TrainedModel
from ganapp.config.settings import BUNDLED_DATA, DatasetName
from ganapp.datasets import DATASETS, HELD_OUT
from ganapp.errors import BadInput
from ganapp.evaluation.readings import FACES, readings_of
from ganapp.pictures import to_uint8
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES, Match, SearchName
from ganapp.ui.parts.inputs import class_of, decode_picture, number, seed_of
from ganapp.ui.parts.rendering import Props, class_name, colours, remembered, src
from ganapp.ui.restore.beside import Code, encoded, rival_of, samples
from ganapp.ui.restore.repairs import details_of, own_repairs, repairs

FINISHED = Path(__file__).with_name("finished.json")
EXAMPLES = 10
STARTS = 60


@remembered
def examples_of(model: TrainedModel) -> Props:
    """What a visitor can start with: real pictures of the model's data if they ship with the app,
    otherwise generated ones.
    """
    config = model.config
    if config.dataset in HELD_OUT:
        images, name = _examples(config.dataset, config.image_size), "data it never learned from"
    elif config.dataset in BUNDLED_DATA:
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
    """Ten pictures of a data set from its classes in turn, uint8 (10, H, W, C): of those that
    nothing learns from, if there are some.
    """
    pictures = HELD_OUT.get(dataset, DATASETS[dataset])(lambda share, what: None)
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


class Search(NamedTuple):
    """A search that has been asked for: the picture as it was sent and as it is when spoiled,
    (1, C, S, S) each, and the matches that it finds.
    """

    damage: SearchName
    picture: Tensor
    observed: Tensor
    matches: Iterator[Match]
    searched: TrainedModel
    """The model in whose z is searched: the chosen one, or the GAN beside a VAE."""
    repaired: Sequence[tuple[str, np.ndarray]] = ()
    """What networks that learned from pairs make of it, by their names, (1, C, S, S) each."""
    own: Sequence[tuple[str, np.ndarray]] = ()
    """The same of the visitor's own runs."""


def begun(
    model: TrainedModel, damage: object, sent: object, seed: object, run_ids: Iterable[str] = ()
) -> Search:
    """A search for the z of a sent picture, given only what the damage leaves of it; beside it what
    networks make of it that learned this repair, those of these runs among them.
    """
    if not isinstance(damage, str) or damage not in DAMAGES:
        raise BadInput(
            f"The damage is {str(damage)[:40]!r}, but must be one of {', '.join(DAMAGES)}."
        )
    how, start = DAMAGES[damage], seed_of(seed)
    picture = torch.from_numpy(decode_picture(model, sent))
    rng = rng_for(start, "restore")
    observed = how.spoiled(picture, rng)
    searched = rival_of(model) or model
    device, classes = next(searched.parameters()).device, searched.classes
    labels = torch.arange(max(STARTS, classes), device=device) % max(1, classes)
    matches = restoration.search(
        searched.average, how, observed.to(device), searched.config.latent_size, labels, rng
    )
    repaired = repairs(model, damage, observed)
    own = own_repairs(model, damage, observed, run_ids)
    return Search(damage, picture, observed, matches, searched, repaired, own)


def find(
    model: TrainedModel, damage: object, sent: object, seed: object, run_ids: Iterable[str] = ()
) -> Iterator[Props]:
    """Yields the best match so far of the search that was asked for."""
    search, drawn = begun(model, damage, sent, seed, run_ids), beside(model)
    for found in search.matches:
        yield _result(model, search, found) | drawn


def _result(model: TrainedModel, search: Search, found: Match) -> Props:
    whole, picture, searched = search.damage == "none", search.picture.numpy(), search.searched
    z = found.z.cpu().numpy()
    restored = searched.images(z[None], np.full(1, found.label))
    code = encoded(model, search.observed.numpy()) if model.encodes else None
    columns = [
        ("given", search.observed.numpy()),
        *([("VAE: its encoder, one pass", code.picture)] if code else []),
        *search.repaired,
        (_found_as(model, search, found), restored),
        *search.own,
        ("the whole picture", picture),
    ]
    details = [""] * len(columns)
    if found.step == found.steps and (code or not whole):
        details = details_of(model, [image for _, image in columns])
        if whole:
            details[0] = ""  # it is the whole picture
    place = {"z": _rounded(z), "label": found.label}
    if code:
        place["code"] = {"z": _rounded(code.z), "label": code.label}
    return {
        "pictures": [
            {"src": src(to_uint8(image)[0]), "caption": name, "alt": name, "detail": detail}
            for (name, image), detail in zip(
                columns[:-1] if whole else columns, details, strict=False
            )
        ],
        "damage": search.damage,
        "percent": round(100 * found.step / found.steps),
        "note": _note(model, search, found, restored, code),
        "place": place,
    }


def _found_as(model: TrainedModel, search: Search, found: Match) -> str:
    """What to call the picture that was found."""
    subject = f"as class {class_name(model, found.label)}" if search.searched.classes else "found"
    if model.encodes:
        return "VAE: search in z" if search.searched is model else "GAN: search in z"
    return f"search in z: {subject}" if search.repaired or search.own else subject


def _note(
    model: TrainedModel, search: Search, found: Match, restored: np.ndarray, code: Code | None
) -> str:
    """How near the search is, in words."""
    picture = search.picture.numpy()
    words = (
        f"Step {found.step} of {found.steps}. Root mean square difference from the whole picture:"
        f" {100 * _off(restored, picture):.1f} % of the range"
    )
    if code:
        words += f" by the search, {100 * _off(code.picture, picture):.1f} % by the encoder"
    if search.damage != "none":
        words += f", from its visible part: {100 * found.error:.1f} %"
    words += _attributes(model, to_uint8(picture), to_uint8(restored))
    return f"{words}. |z| = {float(found.z.norm()):.1f}."


def _off(made: np.ndarray, picture: np.ndarray) -> float:
    return float(np.sqrt(np.square(made - picture).mean())) / 2


def _rounded(z: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in z]


def _attributes(model: TrainedModel, whole: np.ndarray, restored: np.ndarray) -> str:
    """How many attributes the restored picture (1, H, W, C) has as the whole one has them, if the
    model's data have some that can be read.
    """
    if model.config.dataset not in FACES:
        return ""
    names, read = readings_of(model.config)
    had, has = read(whole)[0] > 0.5, read(restored)[0] > 0.5
    others = [one.name for one, same in zip(names, had == has, strict=True) if not same]
    kept = f". Of {len(names)} attributes read in it, {len(names) - len(others)} are kept"
    return f"{kept}; not {', '.join(others)}" if others else kept


@functools.cache
def _finished() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FINISHED.read_text(encoding="utf-8"))
    return found


def finished(value: object, model: TrainedModel) -> Props | None:
    """What an earlier search found for the first example of a bundled model, drawn again from its
    z; None where nobody has searched.
    """
    known = _finished().get(value) if isinstance(value, str) else None
    if known is None:
        return None
    how = DAMAGES[known["damage"]]
    examples = _examples(model.config.dataset, model.config.image_size)[:1]
    picture = torch.from_numpy(examples).permute(0, 3, 1, 2).float() / 127.5 - 1
    observed = how.spoiled(picture, rng_for(known["seed"], "restore"))
    steps, z = known["steps"], torch.tensor(known["z"])
    match = Match(steps, steps, z, known["label"], known["error"])
    search = Search(
        known["damage"],
        picture,
        observed,
        iter(()),
        rival_of(model) or model,
        repairs(model, known["damage"], observed),
    )
    shown = _result(model, search, match)
    return (
        shown
        | beside(model)
        | {
            "model": value,
            "note": f"An example, found earlier ({how.title}). {shown['note']}",
        }
    )


def beside(model: TrainedModel) -> Props:
    """What a VAE and the GAN beside it draw from the same noise; nothing for other models."""
    rival = rival_of(model)
    return {"samples": samples(model, rival, _finished().get("figures", {})) if rival else []}


def walk(model: TrainedModel, a: object, b: object, percent: object) -> Props:
    """The picture on the arc from one kept place to another; the class changes evenly with it. Of a
    VAE, that between the codes of both pictures, and beside it that of the model that was searched.
    """
    share = number(percent, 0, 100, "The way") / 100
    words = f"{100 * share:.0f} % of the way from A to B"
    searched = rival_of(model) or model
    ways = [(searched, "GAN" if searched is not model else "", a, b)]
    if model.encodes:
        start, end = (place.get("code") if isinstance(place, dict) else None for place in (a, b))
        ways.insert(0, (model, "VAE", start, end))
    return {
        "pictures": [
            {
                "src": src(_between(each, start, end, share)),
                "alt": f"{name} {words}".strip(),
                "caption": f"{name}: {words}" if name else words,
            }
            for each, name, start, end in ways
        ]
    }


def _between(model: TrainedModel, a: object, b: object, share: float) -> np.ndarray:
    """The picture of a model at a `share` of the way between two places, uint8 (H, W, C)."""
    (start, first), (end, last) = _place(model, a), _place(model, b)
    weights = np.zeros((1, max(1, model.classes)), np.float32)
    weights[0, first] += 1 - share
    weights[0, last] += share
    drawn: np.ndarray = model.draw(
        latents.slerp(start, end, share)[None], weights if model.classes else np.zeros(1, np.int64)
    )[0]
    return drawn


def _place(model: TrainedModel, sent: object) -> tuple[np.ndarray, int]:
    """A place {"z", "label"} that the page kept, after checks."""
    values = sent.get("z") if isinstance(sent, dict) else None
    if not isinstance(values, list) or len(values) != model.config.latent_size:
        raise BadInput("The kept places belong to another model: find and keep them again.")
    z = np.array([number(value, -100, 100, "A number of z") for value in values], np.float32)
    assert isinstance(sent, dict)
    return z, class_of(model, sent.get("label"))
