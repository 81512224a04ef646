"""What the *Translate* tab shows, from a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

import numpy as np

from ganapp import pictures
from ganapp.checkpoints import TrainedModel
from ganapp.losses import LOSSES
from ganapp.pictures import from_uint8, to_uint8
from ganapp.ui.parts.inputs import decode_picture, whole
from ganapp.ui.parts.rendering import Props, class_name, colours, data_uri, remembered, score, src


def names(model: TrainedModel) -> tuple[str, str]:
    """The names of both domains."""
    return class_name(model, 0), class_name(model, 1)


def round_trip(model: TrainedModel, domain: object, sent: object) -> Props:
    """A picture of `domain` (0 or 1), translated and translated back, with the errors and
    scores.
    """
    start = whole(domain, 0, 1, "The direction")
    own, other = names(model)[start], names(model)[1 - start]
    picture = decode_picture(model, sent)
    there = model.translate(picture, 1 - start)
    back, same = model.translate(there, start), model.translate(picture, start)
    cycle, identity = (50 * float(np.abs(made - picture).mean()) for made in (back, same))
    answers_of = [
        float(model.scores(image, np.full(1, place))[0])
        for image, place in ((picture, start), (there, 1 - start))
    ]
    scale = (
        "scores, near 1 for real ones"
        if model.config.loss == "least-squares"
        else "scores"
        if LOSSES[model.config.loss].critic
        else ""
    )
    answers = "answers" + (f" ({scale})" if scale else "")
    words = [own, f"as {other}", f"back to {own}"]
    return {
        "pictures": [
            {
                "src": src(to_uint8(image)[0]),
                "caption": word,
                "alt": f"The picture {'itself' if number == 0 else word}",
            }
            for number, (image, word) in enumerate(zip((picture, there, back), words, strict=True))
        ],
        "note": (
            f"Cycle error: the picture comes back with a change of {cycle:.1f} %. Identity error:"
            f" translated to {own}, which it already is, it would change by {identity:.1f} %. The"
            f" discriminators' {answers}: {score(answers_of[0])} for this picture as {own},"
            f" {score(answers_of[1])} for its translation as {other}."
        ),
    }


@remembered
def examples_of(model: TrainedModel) -> Props:
    """What a visitor can start with: examples of both domains, their usual colours for drawing, and
    grids of round trips.
    """
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
                "grid": data_uri(
                    pictures.encode(pictures.grid(pictures.table(rows, len(examples)), gap=1))
                ),
                "alt": (
                    f"{len(examples)} pictures of {names(model)[domain]}; below, translated to"
                    f" {names(model)[1 - domain]}; at the bottom, translated back"
                ),
            }
        )
    return {"side": model.config.image_size, "domains": domains}
