"""What the *Text* tab shows, from a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

import numpy as np

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.datasets.captions import NUMBERS
from ganapp.datasets.texts import Text, read, remark
from ganapp.ui.parts.inputs import seed_of, whole
from ganapp.ui.parts.rendering import Props, remembered, src

PICTURES, COMPARED = 8, 4
"""Pictures of a text, and those in which the effect of a word is measured."""
NOTHING_SAID = "No text: these faces are drawn at random. Write what they should have."


@remembered
def picture(model: TrainedModel, written: object, seed: object) -> Props:
    """Pictures of a text, and of each word how much it changes them."""
    text = read(written)
    noise = latents.noise(seed_of(seed), model.config.latent_size, PICTURES)
    images = model.draw(noise, np.tile(text.tokens, (PICTURES, 1)))
    effects = effects_of(model, text, noise[:COMPARED], images[:COMPARED])
    largest = max(effects.values(), default=0.0) or 1.0
    return {
        "text": written,
        "seed": seed,
        "pictures": _row(images, str(written)),
        "words": [
            {
                "word": word.written,
                "place": place,
                "known": word.number > 0 or word.written not in text.unknown,
                "mark": word.number == NUMBERS[","],
                "percent": effects.get(place),
                "share": effects.get(place, 0.0) / largest,
            }
            for place, word in enumerate(text.words)
        ],
        "note": " ".join(filter(None, (remark(text), _summary(text, effects)))),
    }


def without(model: TrainedModel, written: object, seed: object, place: object) -> Props:
    """The pictures of the same z without the word at a place of the text."""
    text = read(written)
    left_out = whole(place, 0, len(text.words) - 1, "The word")
    noise = latents.noise(seed_of(seed), model.config.latent_size, PICTURES)
    images = model.draw(noise, np.tile(text.without([left_out]), (PICTURES, 1)))
    word = text.words[left_out].written
    return {
        "pictures": _row(images, f"{written}, without “{word}”"),
        "note": f"The same z, without “{word}”:",
    }


def effects_of(
    model: TrainedModel, text: Text, noise: np.ndarray, images: np.ndarray
) -> dict[int, float]:
    """By the place of each known word, how much `images` (N, H, W, C) of `noise` change without it:
    the mean absolute difference of a pixel in percent of its range.
    """
    places = [
        place
        for place, word in enumerate(text.words)
        if word.number and word.number != NUMBERS[","]
    ]
    if not places:
        return {}
    texts = np.stack([text.without([place]) for place in places])
    drawn = model.draw(np.tile(noise, (len(places), 1)), np.repeat(texts, len(noise), 0))
    others = drawn.reshape(len(places), *images.shape).astype(np.float64)
    changes = np.abs(others - images).mean((1, 2, 3, 4)) / 2.55
    return {place: round(float(change), 1) for place, change in zip(places, changes, strict=True)}


def _summary(text: Text, effects: dict[int, float]) -> str:
    """A sentence on the word that changes most."""
    if not effects:
        return NOTHING_SAID
    place = max(effects, key=lambda each: effects[each])
    return (
        f"Without “{text.words[place].written}” a pixel would change by {effects[place]:.1f} % on"
        " average, more than without any other word."
        if len(effects) > 1
        else f"Without this word a pixel would change by {effects[place]:.1f} % on average."
    )


def _row(images: np.ndarray, words: str) -> list[Props]:
    return [
        {"src": src(image), "alt": f"{words}, z {number}", "caption": f"z {number}"}
        for number, image in enumerate(images, 1)
    ]
