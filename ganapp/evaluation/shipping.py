"""Networks that measure pictures, as they ship: weights of 16 bits with their SHA-256, their facts
and their card. Weights that do not have that hash are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import load, save
from torch import nn

from ganapp.errors import BadInput
from ganapp.files import save_atomically

WEIGHTS, FACTS, CARD = "model.safetensors", "config.json", "README.md"

Facts = dict[str, Any]
"""What is known of a network, with the "sha256" of its weights."""


def store(network: nn.Module, facts: Facts, folder: Path, card: Callable[[Facts], str]) -> Facts:
    """Writes the network, its facts and the card of them into `folder`; `facts` lack only the
    hash.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = packed(network)
    known = {"sha256": hashlib.sha256(content).hexdigest(), **facts}
    save_atomically(folder / WEIGHTS, lambda path: path.write_bytes(content))
    _save_text(folder / FACTS, json.dumps(known, indent=1) + "\n")
    _save_text(folder / CARD, card(known))
    return known


def opened(network: nn.Module, folder: Path, what: str, command: str) -> Facts:
    """Fills `network` from `folder` and returns its facts; `BadInput` if the weights of `what` do
    not have the hash that the facts say, with the `command` that makes them.
    """
    try:
        facts: Facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        content = (folder / WEIGHTS).read_bytes()
        if hashlib.sha256(content).hexdigest() != facts["sha256"]:
            raise ValueError("another hash")
        fill(network, content)
        return facts
    except (OSError, ValueError, TypeError, KeyError, RuntimeError):
        raise BadInput(
            f"The {what} in {folder.name!r} is missing or not the one that its card describes:"
            f" fetch it again, or make one with `{command}`."
        ) from None


def _save_text(file: Path, text: str) -> None:
    save_atomically(file, lambda path: path.write_text(text, encoding="utf-8"))


def packed(network: nn.Module) -> bytes:
    """The weights with 16 bits each, as a file."""
    return save(
        {
            name: (value.half() if value.is_floating_point() else value).contiguous()
            for name, value in network.state_dict().items()
        }
    )


def fill(network: nn.Module, content: bytes) -> None:
    """Gives `network` the weights of a file, ready to measure."""
    network.load_state_dict(load(content))
    network.eval().requires_grad_(False)
