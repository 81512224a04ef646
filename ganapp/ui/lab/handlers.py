"""What the page of the 2-D lab may ask for, and the answers. Knows no Gradio."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ganapp.config.lab import SHOWN, LabConfig
from ganapp.config.lab_presets import DEFAULT_LAB_PRESET, LAB_PRESETS
from ganapp.config.training import knobs
from ganapp.datasets.plane import mixture_of
from ganapp.errors import BadInput
from ganapp.lab.frame import LAYERS
from ganapp.lab.pool import LabPool
from ganapp.losses import LOSSES
from ganapp.ui.parts.limits import Holdings
from ganapp.ui.parts.rendering import Props, stamp
from ganapp.ui.parts.settings import in_labels, parsed

ACTS = ("look", "play", "reset", "discriminator", "generator", "both")
NAME = re.compile(r"[0-9a-f-]{16,40}")
SPECS = {name: knobs(LabConfig)[name] for name in SHOWN}
PARTS = {
    "preset": "Presets",
    "steps": "Single steps",
    "slow": "Slow motion",
    "layers": "Layers",
    "measures": "Measures",
    "link": "Link",
}
"""What a link can hide besides the settings."""
FIRST_LAYERS = ("real", "fake", "discriminator", "modes")
INK = "f" * 1024
"""A drawing where any will do."""


class Link(NamedTuple):
    """What a link says: the settings, the layers that are switched on, and the names of what it
    hides.
    """

    config: LabConfig
    preset: str
    layers: tuple[str, ...]
    hidden: tuple[str, ...]


def ask(pool: LabPool, asked: Any, held: Holdings | None = None, address: str = "") -> Props:
    """The frame that a page asks for: {"lab", "settings", "act", "layers", "fresh"}; or the reason
    why not, such as that its `address` has `held` too many experiments open.
    """
    try:
        if (
            not isinstance(asked, dict)
            or not _named(asked.get("lab"))
            or asked.get("act") not in ACTS
        ):
            raise BadInput(
                "The page asked its lab in a way that this app does not know: load the page again."
            )
        layers = asked.get("layers")
        names = (
            frozenset(name for name in layers if name in LAYERS)
            if isinstance(layers, list)
            else frozenset()
        )
        if held is not None:
            held.use(address, asked["lab"])
        return pool.ask(
            asked["lab"],
            config_of(asked.get("settings")),
            asked["act"],
            names,
            bool(asked.get("fresh")),
        )
    except BadInput as error:
        return {"problem": in_labels(str(error), SPECS)}


def _named(lab: Any) -> bool:
    return isinstance(lab, str) and NAME.fullmatch(lab) is not None


def config_of(settings: Any) -> LabConfig:
    """The settings that a page sends."""
    if not isinstance(settings, Mapping) or not set(settings) <= {*SHOWN, "drawing"}:
        raise BadInput("The page sent settings that this lab does not have: load the page again.")
    return _read(json.dumps(dict(settings)))


@functools.lru_cache(256)
def _read(settings: str) -> LabConfig:
    """An experiment that plays sends the same settings ten times a second."""
    return _checked(LabConfig.from_dict(json.loads(settings)))


def settings_from(names: list[str], values: tuple[Any, ...]) -> Props:
    """The settings of the controls for the experiment, or what is wrong with them. A drawing is
    kept by the page itself.
    """
    try:
        chosen = {
            name: parsed(name, SPECS[name], value)
            for name, value in zip(names, values, strict=True)
        }
        config = LabConfig.from_dict(
            chosen | ({"drawing": INK} if chosen.get("plane") == "drawn" else {})
        )
        answer = {name: getattr(config, name) for name in SHOWN}
        return {"settings": answer, "number": stamp()}
    except BadInput as error:
        return {"problem": in_labels(str(error), SPECS), "number": stamp()}


def link_of(query: Mapping[str, str]) -> Link:
    """What a link's query says, over the preset that it names."""
    preset = query.get("lab", "")
    if preset and preset not in LAB_PRESETS:
        raise BadInput(f"lab is {preset[:40]!r}, but the experiments are {', '.join(LAB_PRESETS)}.")
    preset = preset or DEFAULT_LAB_PRESET
    said = {name: parsed(name, SPECS[name], query[name]) for name in SHOWN if name in query}
    if "drawing" in query:
        said["drawing"] = query["drawing"]
    config = _checked(LabConfig.from_dict(said, LAB_PRESETS[preset].config))
    listed = {name: tuple(query.get(name, "").split(",")) for name in ("show", "hide")}
    layers = (
        tuple(name for name in LAYERS if name in listed["show"])
        if "show" in query
        else FIRST_LAYERS
    )
    return Link(
        config, preset, layers, tuple(name for name in (*SHOWN, *PARTS) if name in listed["hide"])
    )


def _checked(config: LabConfig) -> LabConfig:
    mixture_of(config.plane, config.drawing)  # a drawing may be damaged
    return config


def props_of(link: Link) -> Props:
    """The first props of the experiment."""
    return {
        "settings": {name: getattr(link.config, name) for name in SHOWN},
        "drawing": link.config.drawing,
        "layers": list(link.layers),
        "hidden": list(link.hidden),
        "preset": link.preset,
        "number": stamp(),
    }


def static() -> Props:
    """What the page's script must know of the lab: the names of settings, for links, and their
    values in each preset.
    """
    return {
        "labels": {name: knob.label for name, knob in SPECS.items()} | PARTS,
        "sections": (
            {name: knob.section for name, knob in SPECS.items()}
            | dict.fromkeys(PARTS, "Parts of the page")
        ),
        "presets": {
            preset: {name: getattr(entry.config, name) for name in SHOWN}
            for preset, entry in LAB_PRESETS.items()
        },
        "preset": DEFAULT_LAB_PRESET,
        "losses": {
            name: {"probabilities": not loss.critic, "indifferent": loss.indifferent}
            for name, loss in LOSSES.items()
        },
    }
