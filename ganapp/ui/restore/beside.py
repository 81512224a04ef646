"""Beside the search in z of a GAN: what a VAE's encoder does in one pass, and what both draw from
the same noise. Knows no Gradio.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ganapp import checkpoints, latents, pictures
from ganapp.checkpoints import TrainedModel
from ganapp.config.training import TrainConfig
from ganapp.ui.parts import catalog
from ganapp.ui.parts.catalog import kind_of
from ganapp.ui.parts.rendering import Props, data_uri, remembered

RIVAL = "gan-digits"
"""The bundled GAN that a VAE of the same kind of pictures stands beside."""
ROWS, COLUMNS = 5, 8


class Code(NamedTuple):
    """A picture in a VAE: the mean of its q(z | x), (size,), the class that fits it best, and the
    picture (1, C, S, S) that the decoder draws there.
    """

    z: np.ndarray
    label: int
    picture: np.ndarray


def rival_of(model: TrainedModel) -> TrainedModel | None:
    """The GAN beside a VAE, if the app has one for such pictures."""
    if not model.encodes or RIVAL not in checkpoints.bundled():
        return None
    rival = catalog.load(f"bundled:{RIVAL}")
    return rival if _shape(rival.config) == _shape(model.config) else None


def _shape(config: TrainConfig) -> tuple[str, int]:
    return kind_of(config), config.image_size


def encoded(model: TrainedModel, picture: np.ndarray) -> Code:
    """A picture (1, C, S, S) in [-1, 1], encoded and drawn again. The encoder of a conditional VAE
    needs the class, so all of them are tried.
    """
    labels = np.arange(max(1, model.classes))
    codes = model.encode(np.repeat(picture, len(labels), 0), labels).mean.cpu().numpy()
    drawn = model.images(codes, labels)
    best = int(np.square(drawn - picture).mean((1, 2, 3)).argmin())
    return Code(codes[best], best, drawn[best : best + 1])


def samples(model: TrainedModel, rival: TrainedModel, known: dict[str, Any]) -> list[Props]:
    """What both draw from the same z, as sheets; `known` are figures that were measured before."""
    return [
        {
            "src": sheet(each),
            "caption": f"{word}, from noise",
            "alt": f"{ROWS * COLUMNS} pictures that the {word} draws from z of N(0, 1)",
            "detail": _measured(known.get(str(each.facts.get("name")))),
        }
        for word, each in (("VAE", model), ("GAN", rival))
    ]


@remembered
def sheet(model: TrainedModel) -> str:
    """Pictures of the first z of seed 0, the classes in turn."""
    count = ROWS * COLUMNS
    noise = latents.noise(0, model.config.latent_size, count)
    drawn = model.draw(noise, np.arange(count) % max(1, model.classes))
    return data_uri(pictures.encode(pictures.grid(pictures.table(drawn, COLUMNS), gap=1)))


def _measured(figures: dict[str, float] | None) -> str:
    if figures is None:
        return ""
    return (
        f"{figures['sharpness']:.0%} as sharp as real digits; {figures['faithful']:.0%} look real;"
        f" {figures['coverage']:.0%} of real digits have one nearby"
    )
