"""What the *Translate* tab shows, as functions of a model and of what a browser sends. Knows no Gradio."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from ganapp import pictures
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.losses import LOSSES
from ganapp.pictures import from_uint8, to_uint8
from ganapp.ui.given import whole
from ganapp.ui.shown import Shown, class_name, data_uri, remembered, score, src

MOST_CHARACTERS = 100_000
PNG = "data:image/png;base64,"


def names(model: TrainedModel) -> tuple[str, str]:
    """What the two domains are called."""
    return class_name(model, 0), class_name(model, 1)


def received(model: TrainedModel, sent: object) -> np.ndarray:
    """A picture that a browser sent as the data URI of a PNG of the model's size: float32 (1, C, S, S) in [-1, 1]."""
    side = model.config.image_size
    if not isinstance(sent, str) or not sent.startswith(PNG) or len(sent) > MOST_CHARACTERS:
        raise BadInput("The page sent no picture that this app can read: load the page again.")
    try:
        with Image.open(io.BytesIO(base64.b64decode(sent.removeprefix(PNG), validate=True)), formats=["PNG"]) as file:
            width, height = file.size
            if (width, height) == (side, side):
                pixels = np.asarray(file.convert("L" if model.channels == 1 else "RGB"))
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadInput("The page sent a picture that cannot be opened: load the page again.") from None
    if (width, height) != (side, side):
        raise BadInput(f"The page sent {width} x {height} pixels, but this model reads {side} x {side}: load the page again.")
    return from_uint8(pixels.reshape(1, side, side, -1))


def round_trip(model: TrainedModel, domain: object, sent: object) -> Shown:
    """A picture of `domain` (0 or 1), translated and translated back, with what that says of the model."""
    start = whole(domain, 0, 1, "The direction")
    own, other = names(model)[start], names(model)[1 - start]
    picture = received(model, sent)
    there = model.translate(picture, 1 - start)
    back, same = model.translate(there, start), model.translate(picture, start)
    cycle, identity = (50 * float(np.abs(made - picture).mean()) for made in (back, same))
    judged = [float(model.scores(image, np.full(1, place))[0]) for image, place in ((picture, start), (there, 1 - start))]
    scale = "scores, near 1 for real ones" if model.config.loss == "least-squares" else "scores" if LOSSES[model.config.loss].critic else ""
    told = "answers" + (f" ({scale})" if scale else "")
    words = [own, f"as {other}", f"back to {own}"]
    return {
        "pictures": [
            {"src": src(to_uint8(image)[0]), "caption": word, "alt": f"The picture {'itself' if number == 0 else word}"}
            for number, (image, word) in enumerate(zip((picture, there, back), words, strict=True))
        ],
        "note": f"Cycle error: it comes back {cycle:.1f} % changed. Identity error: translated to {own}, which it is already, it would "
        f"change by {identity:.1f} %. The discriminators' {told}: {score(judged[0])} for this picture as {own}, {score(judged[1])} for its "
        f"translation as {other}.",
    }


@remembered
def stage(model: TrainedModel) -> Shown:
    """What a visitor can begin with: examples of both domains, the usual colours to draw with, and walls of round trips."""
    domains = []
    for domain, examples in enumerate(model.examples):
        images = from_uint8(examples)
        there = model.translate(images, 1 - domain)
        rows = np.concatenate([examples, to_uint8(there), to_uint8(model.translate(there, domain))])
        paper, ink = colours(examples)
        domains.append(
            {
                "name": names(model)[domain],
                "examples": [src(example) for example in examples],
                "paper": paper,
                "ink": ink,
                "wall": data_uri(pictures.encode(pictures.grid(pictures.table(rows, len(examples)), gap=1))),
                "alt": f"{len(examples)} pictures of {names(model)[domain]}; below, as {names(model)[1 - domain]}; below, back again",
            }
        )
    return {"side": model.config.image_size, "domains": domains}


def colours(images: np.ndarray) -> tuple[str, str]:
    """The usual colours of the paper and of what is drawn on it in pictures (N, H, W, C), as #rrggbb."""
    channels = images.shape[-1]
    pixels = images.reshape(-1, channels).astype(float)
    paper = np.median(images[:, [0, -1]].reshape(-1, channels), 0)
    drawn = pixels[np.abs(pixels - paper).mean(1) > 75]
    return _colour(paper), _colour(np.median(drawn, 0) if len(drawn) else 255 - paper)


def _colour(values: np.ndarray) -> str:
    levels: Any = np.resize(np.rint(values).astype(int), 3)
    return "#" + "".join(f"{level:02x}" for level in levels)
