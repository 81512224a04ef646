"""What the *Inside* tab shows, from a model and what a browser sends. Knows no Gradio."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ganapp import inspection
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.inspection import MOST_FACTOR, NETWORKS, Changes, Layer, Network, Survey
from ganapp.pictures import coloured, laid_out, to_uint8
from ganapp.ui.parts.inputs import number, one_of, seed_of, whole
from ganapp.ui.parts.rendering import Props, class_name, remembered, src

MOST_CHANGES = 64
STRONGEST, OF_CLASS = 8, 6
KINDS = {
    "ReLU": "ReLU",
    "LeakyReLU": "LeakyReLU",
    "Tanh": "tanh, the picture",
    "Sigmoid": "sigmoid, the picture",
    "UpBlock": "residual block, up",
    "DownBlock": "residual block, down",
    "Residual": "residual block",
    "Attention": "self-attention",
}


class Asked(NamedTuple):
    """What a page looks at: checked."""

    seed: int
    label: int
    network: Network
    layer: str
    channel: int
    changes: Changes


def first(model: TrainedModel) -> Props:
    """What the page needs to know of a model before it asks."""
    kinds = len(model.class_names) if model.classes or model.translates else 0
    return {
        "classes": [class_name(model, label) for label in range(kinds)],
        "word": "To" if model.translates else "Class",
        "networks": ["decoder", "encoder"] if model.encodes else list(NETWORKS),
        "judges": not model.encodes,
    }


def asked(model: TrainedModel, sent: dict[str, Any]) -> Asked:
    """What a page sent, or `BadInput`."""
    kinds = 2 if model.translates else max(1, model.classes)
    network = one_of(sent.get("network"), NETWORKS, "The network")
    label = whole(sent.get("label") or 0, 0, kinds - 1, "The class")
    known = layers(model, network, label)
    names = [layer.name for layer in known]
    layer = sent.get("layer") if sent.get("layer") in names else names[0]
    chosen = known[names.index(str(layer))]
    channel = whole(sent.get("channel") or 0, 0, 1_000_000, "The channel")
    return Asked(
        seed_of(sent.get("seed")),
        label,
        network,
        chosen.name,
        min(channel, chosen.channels - 1),
        _changes(sent.get("changes")),
    )


def _changes(sent: Any) -> Changes:
    """[[layer, channel, factor], ...] as a page sends it."""
    if not isinstance(sent, list) or len(sent) > MOST_CHANGES:
        raise BadInput(f"At most {MOST_CHANGES} channels can be changed: put some back.")
    found = {}
    for row in sent:
        if not (isinstance(row, list) and len(row) == 3 and isinstance(row[0], str)):
            raise BadInput("The page and the app do not match any more: load the page again.")
        channel = whole(row[1], 0, 1_000_000, "The channel")
        found[row[0][:200], channel] = number(row[2], 0, MOST_FACTOR, "The factor")
    return found


def look(model: TrainedModel, sent: dict[str, Any]) -> Props:
    """The picture as it is and as it becomes, the sheet of a layer's maps, and the chosen map."""
    wanted = asked(model, sent)
    given = inspection.inputs(model, wanted.seed, 1, wanted.label)
    known = layers(model, wanted.network, wanted.label)
    layer = next(one for one in known if one.name == wanted.layer)
    images, maps = inspection.look(model, wanted.network, layer.name, given, wanted.changes)
    plain = _plain(model, wanted.seed, wanted.label)
    sheet, columns = laid_out(maps[0])
    strongest = float(np.abs(maps[0]).max())
    return {
        "layers": [_described(number + 1, one) for number, one in enumerate(known)],
        "layer": layer.name,
        "channel": wanted.channel,
        "channels": layer.channels,
        "side": layer.side,
        "columns": columns,
        "picture": plain["picture"],
        "changed": src(to_uint8(images)[0]) if wanted.changes else "",
        "moved": float(np.abs(images[0] - plain["pixels"]).mean() / 2),
        "sheet": src(coloured(sheet[..., None], strongest)),
        "map": src(coloured(maps[0, wanted.channel][..., None], strongest)),
        "value": float(maps[0, wanted.channel].max()),
        "pull": plain["pull"],
    }


def channel(model: TrainedModel, sent: dict[str, Any]) -> Props:
    """Where the chosen channel fires over many pictures, which classes use it, and which channels
    the chosen class uses most.
    """
    wanted = asked(model, sent)
    domain = wanted.label if model.translates else 0
    found = survey(model, wanted.network, wanted.layer, domain)
    strongest = found.strongest(wanted.channel, STRONGEST)
    by_class = found.by_class(wanted.channel, model.classes) if model.classes else np.zeros(0)
    most = float(np.abs(by_class).max()) if len(by_class) else 0.0
    return {
        "strongest": [
            {
                "src": src(found.images[place]),
                "alt": f"Picture {place + 1} of {len(found.images)}",
                "caption": f"{found.peaks[place, wanted.channel]:.2f}",
            }
            for place in strongest
        ],
        "classes": [
            {"name": class_name(model, label), "value": float(value), "share": float(value) / most}
            for label, value in enumerate(by_class)
            if most
        ],
        "used": found.of_class(wanted.label, OF_CLASS).tolist() if model.classes else [],
    }


@remembered
def layers(model: TrainedModel, network: Network, label: int) -> list[Layer]:
    """The layers of a network."""
    return inspection.layers(model, network, label)


@remembered
def survey(model: TrainedModel, network: Network, layer: str, label: int) -> Survey:
    """A layer over many pictures, counted once."""
    return inspection.survey(model, network, layer, 0, label)


@remembered
def _plain(model: TrainedModel, seed: int, label: int) -> Props:
    """The picture as the generator draws it, and the pull on it."""
    images, slope = inspection.pull(model, inspection.inputs(model, seed, 1, label))
    strongest = float(np.abs(slope).max())
    return {
        "pixels": images[0],
        "picture": src(to_uint8(images)[0]),
        "pull": src(coloured(slope[0].transpose(1, 2, 0), strongest)),
    }


def _described(place: int, layer: Layer) -> Props:
    what = f"{layer.channels} maps of {layer.side} x {layer.side}"
    if layer.side == 1:
        what = f"{layer.channels} units"
    return {"name": layer.name, "title": f"{place}. {KINDS[layer.kind]}: {what}"}
