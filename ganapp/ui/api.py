"""The named endpoints for programs, documented in the README. Everything else of the page is
private.

Gradio reads these functions' annotations as they are, so this file keeps them evaluated.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from ganapp import latents, pictures
from ganapp.config.presets import PRESETS, preset_config
from ganapp.errors import BadInput
from ganapp.runs import Registry
from ganapp.ui.inside.handlers import look
from ganapp.ui.parts import catalog
from ganapp.ui.parts.inputs import mode_of, number, seed_of, whole
from ganapp.ui.parts.limits import visitor_address

MOST_PICTURES = 100


def presets() -> dict[str, Any]:
    """The presets by name: title, note and settings."""
    return {
        name: {"title": preset.title, "note": preset.note, "settings": preset.config.to_dict()}
        for name, preset in PRESETS.items()
    }


def generate(model: str, label: str = "", count: float = 16, seed: float = 0) -> Image.Image:
    """A grid of `count` pictures of `model`: a bundled model's name, "run:ID", or "hub:owner/name".

    `label` is a class's name or number; without one the classes take turns. The same seed gives the
    same pictures.
    """
    opened = catalog.load(_model(model))
    count, seed = whole(count, 1, MOST_PICTURES, "count"), seed_of(seed, "seed")
    asked = str(label if label is not None else "").strip()
    labels = (
        np.full(count, opened.class_number(asked))
        if asked
        else np.arange(count) % max(opened.classes, 1)
    )
    drawn = opened.draw(latents.noise(seed, opened.config.latent_size, count), labels)
    return pictures.grid(pictures.table(drawn, min(count, 10)))


def interpolate(
    model: str, seed_a: float = 0, seed_b: float = 1, t: float = 0.5, mode: str = "slerp"
) -> Image.Image:
    """The picture at `t` in [0, 1] of the way from one seed of `model` to another; `mode` is lerp
    or slerp.
    """
    opened = catalog.load(_model(model))
    size = opened.config.latent_size
    start, end = (
        latents.noise(seed_of(seed, name), size)
        for name, seed in (("seed_a", seed_a), ("seed_b", seed_b))
    )
    path = mode_of(mode, "mode")
    place = latents.between(start, end, number(t, 0, 1, "t"), path)
    return pictures.image(opened.draw(place, np.zeros(1, np.int64))[0])


def inspect(
    model: str,
    network: str = "generator",
    layer: str = "",
    channel: float = 0,
    label: float = 0,
    seed: float = 0,
    changes_json: str = "[]",
) -> dict[str, Any]:
    """A look inside `model`: the layers of a network, the maps of one of them for the picture of a
    seed, what the picture becomes with channels of the generator changed, and which pixels move the
    discriminator. Pictures are PNGs as data URIs.

    `layer` is a name from the answer's `layers`; without one the first. `changes_json` is a list of
    [layer, channel, factor], where 0 switches a channel off.
    """
    sent = {
        "network": network,
        "layer": layer,
        "channel": channel,
        "label": label,
        "seed": seed,
        "changes": _changes(changes_json),
    }
    return look(catalog.load(_model(model)), sent)


def publish(registry: Registry) -> None:
    """Registers the endpoints in the Blocks that is being built."""

    def start_run(
        preset: str,
        overrides_json: str = "{}",
        owner_key: str = "",
        request: gr.Request | None = None,
    ) -> str:
        """Queues a run and returns its id. `overrides_json` is an object of settings to change.
        `owner_key` is a secret of yours, with which the run can be stopped; without one, only the
        client that started it can.
        """
        return registry.submit(
            *preset_config(preset, _overrides(overrides_json)),
            _owner(owner_key, request),
            address=visitor_address(),
        )

    def run_status(run_id: str) -> dict[str, Any]:
        """Where a run stands: state, message, place in the queue, step, epoch, epochs,
        images_per_second and the last scores.
        """
        view = registry.view(run_id)
        registry.touch(run_id)
        numbers = {
            name: view.status.get(name) or 0
            for name in ("step", "steps", "epoch", "epochs", "images_per_second")
        }
        return {
            "run_id": run_id,
            "state": view.state,
            "message": view.status.get("message", ""),
            "place": view.place,
            **numbers,
            "scores": view.status.get("scores", {}),
        }

    def stop_run(run_id: str, owner_key: str = "", request: gr.Request | None = None) -> str:
        """Stops a run of yours where it is, and returns its id."""
        registry.stop(run_id, _owner(owner_key, request))
        return run_id

    for function in (presets, start_run, run_status, stop_run, inspect):
        gr.api(  # type: ignore[attr-defined] # public, but not in gradio's __all__
            _answering(function), api_name=function.__name__, queue=False
        )
    _publish_pictures()


def _publish_pictures() -> None:
    """Registers the two endpoints that answer with a picture, and the hidden components that they
    need.
    """
    trigger, picture = (
        gr.Button(visible=False),
        gr.Image(visible=False, format="png", show_label=False),
    )
    model, words = (
        gr.Textbox("digits", visible=False, label="model"),
        gr.Textbox("", visible=False, label="text"),
    )
    count, seed = (
        gr.Number(16, visible=False, label="count"),
        gr.Number(0, visible=False, label="seed"),
    )
    ends = [gr.Number(value, visible=False, label="seed or place") for value in (0, 1, 0.5)]
    mode = gr.Textbox("slerp", visible=False, label="mode")
    trigger.click(_answering(generate), [model, words, count, seed], picture, api_name="generate")
    trigger.click(_answering(interpolate), [model, *ends, mode], picture, api_name="interpolate")


def _answering(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with `BadInput` turned into the error that clients are sent: its sentence and
    nothing else.
    """

    @functools.wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BadInput as error:
            raise gr.Error(str(error), print_exception=False) from None

    return answer


def _overrides(text: Any) -> dict[str, Any]:
    try:
        overrides = json.loads(text or "{}")
    except (ValueError, TypeError):
        overrides = None
    if not isinstance(overrides, dict):
        raise BadInput('overrides_json must be a JSON object of settings, such as {"epochs": 5}.')
    return overrides


def _changes(text: Any) -> list[Any]:
    try:
        changes = json.loads(text or "[]")
    except (ValueError, TypeError):
        changes = None
    if not isinstance(changes, list):
        raise BadInput(
            "changes_json must be a JSON list of [layer, channel, factor], such as"
            ' [["layers.2", 5, 0]].'
        )
    return changes


def _owner(owner_key: str, request: gr.Request | None) -> str:
    """The caller's key; for one without, a key that only its own connection has."""
    if isinstance(owner_key, str) and owner_key:
        return owner_key[:200]
    session = str(request.session_hash) if request is not None and request.session_hash else ""
    if not session:
        raise BadInput(
            "owner_key is empty, but this connection has no session to know you by: choose a secret"
            " of your own."
        )
    return hashlib.sha256(f"session {session}".encode()).hexdigest()


def _model(name: Any) -> str:
    text = str(name)
    return text if text.startswith(("run:", "hub:", "bundled:")) else f"bundled:{text}"
