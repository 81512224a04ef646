"""A look inside both networks: what each layer makes of one picture, where a channel fires, what
happens when it is switched off, and which pixels move the discriminator.

After GAN Dissection (Bau et al. 2019, arXiv:1811.10597): a channel (a *unit* there) is understood
by where it fires over many pictures, and by what changes in the picture when it is forced, which is
a cause, not a correlation. Without a segmentation network, the classes take the place of objects.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.models.biggan import Attention, DownBlock, UpBlock
from ganapp.models.cyclegan import Residual
from ganapp.pictures import from_uint8

Network = Literal["generator", "discriminator"]
NETWORKS: tuple[Network, ...] = ("generator", "discriminator")
BLOCKS = (UpBlock, DownBlock, Attention, Residual)
ENDS = (nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid)
SURVEYED = 200
"""Pictures over which it is counted where a channel fires."""
MOST_FACTOR = 4.0

Changes = Mapping[tuple[str, int], float]
"""What channels are multiplied by: 0 switches one off. The key is a layer's name and a channel."""


class Layer(NamedTuple):
    """The output of one layer: its module's `name`, what it is, its `channels`, and the `side` of
    its maps (1 where it has units and no maps).
    """

    name: str
    kind: str
    channels: int
    side: int


class Survey(NamedTuple):
    """A layer over `SURVEYED` pictures: the pictures uint8 (N, H, W, C), their classes (N,), and of
    each channel the largest (N, C) and the mean (N, C) value.
    """

    images: np.ndarray
    labels: np.ndarray
    peaks: np.ndarray
    means: np.ndarray

    def strongest(self, channel: int, count: int) -> np.ndarray:
        """The numbers of the pictures in which a channel fires most, the first first, (count,)."""
        return np.argsort(-self.peaks[:, channel], kind="stable")[:count]

    def by_class(self, channel: int, classes: int) -> np.ndarray:
        """The channel's mean over the pictures of each class, (classes,)."""
        values = self.means[:, channel]
        return np.array(
            [
                values[self.labels == label].mean() if (self.labels == label).any() else 0.0
                for label in range(classes)
            ]
        )

    def of_class(self, label: int, count: int) -> np.ndarray:
        """The channels that a class uses most beside the others, by how many standard deviations
        its mean lies above that of all pictures, (count,).
        """
        spread = self.means.std(0) + 1e-9
        above = (self.means[self.labels == label].mean(0) - self.means.mean(0)) / spread
        return np.argsort(-above, kind="stable")[:count]


class Input(NamedTuple):
    """What a generator is given: z (B, size), or pictures (B, C, S, S) where it translates, and
    labels (B,).
    """

    given: Tensor
    labels: Tensor


def inputs(model: TrainedModel, seed: int, count: int, label: int | None) -> Input:
    """The first `count` inputs of a seed, all of one class, or of all classes in turn."""
    kinds = 2 if model.translates else max(1, model.classes)
    labels = torch.arange(count) % kinds if label is None else torch.full((count,), label)
    if not model.translates:
        noise = latents.noise(seed, model.config.latent_size, count)
        return Input(torch.from_numpy(noise), labels)
    examples = model.examples
    places = (np.arange(count) + seed) % examples.shape[1]
    # Of the other domain than the one that is asked for.
    pictures = examples[1 - labels.numpy(), places]
    return Input(torch.from_numpy(from_uint8(pictures)), labels)


def layers(model: TrainedModel, network: Network, label: int = 0) -> list[Layer]:
    """The layers whose outputs can be looked at, in the order in which they are computed; of a
    model that translates those of the networks for domain `label`.
    """
    return _seen(model, network, inputs(model, 0, 1, label), {})[1]


def look(
    model: TrainedModel, network: Network, layer: str, given: Input, changes: Changes
) -> tuple[np.ndarray, np.ndarray]:
    """The pictures (B, C, S, S) in [-1, 1] that the generator draws with these `changes` to its
    channels, and a layer's maps (B, channels, side, side) float32. `BadInput` for a layer or a
    channel that is not there.
    """
    images, found, maps = _seen(model, network, given, changes, layer)
    if layer not in (one.name for one in found):
        raise BadInput(f"The {network} has no layer {layer[:60]!r}: choose one of those listed.")
    return images.float().cpu().numpy(), maps.float().cpu().numpy()


def survey(
    model: TrainedModel, network: Network, layer: str, seed: int = 0, label: int = 0
) -> Survey:
    """A layer over pictures of all classes in turn; where the model translates, of domain
    `label`.
    """
    given = inputs(model, seed, SURVEYED, label if model.translates else None)
    images, maps = look(model, network, layer, given, {})
    flat = maps.reshape(*maps.shape[:2], -1)
    shown = ((images + 1) * 127.5).round().clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return Survey(shown, given.labels.numpy(), flat.max(2), flat.mean(2))


def pull(model: TrainedModel, given: Input) -> tuple[np.ndarray, np.ndarray]:
    """(pictures (B, C, S, S), the gradient of the discriminator's answer at their pixels, of the
    same shape): where a brighter pixel would look more real it is positive. Zeros where no network
    judges pictures.
    """
    with torch.no_grad():
        images = model.average(given.given, given.labels).float()
    if model.encodes:
        return images.cpu().numpy(), np.zeros_like(images.cpu().numpy())
    leaf = images.clone().requires_grad_(True)
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(_answer(model, leaf, given.labels).sum(), leaf)
    return images.cpu().numpy(), slope.cpu().numpy()


def _answer(model: TrainedModel, images: Tensor, labels: Tensor) -> Tensor:
    result: Tensor = model.discriminator(images, labels)
    return result.float()


def _seen(
    model: TrainedModel, network: Network, given: Input, changes: Changes, layer: str = ""
) -> tuple[Tensor, list[Layer], Tensor]:
    """(the generator's pictures, the network's layers, the maps of `layer`)."""
    found, kept = list[Layer](), [torch.empty(0)]

    def meet(name: str, kind: str, output: Tensor) -> None:
        found.append(_layer(name, kind, output))
        if name == layer:
            kept[0] = output.reshape(*output.shape[:2], found[-1].side, -1)

    watched = model.average if network == "generator" else model.discriminator
    forced: Changes = changes if network == "generator" else {}
    with torch.inference_mode():
        if network == "generator":
            with _watched(watched, meet, forced):
                images = model.average(given.given, given.labels)
        else:
            with _watched(model.average, _ignore, changes):
                images = model.average(given.given, given.labels)
            with _watched(watched, meet, {}):
                model.discriminator(images, given.labels)
    return images, found, kept[0]


def _ignore(name: str, kind: str, output: Tensor) -> None:
    """Nothing is looked at."""


def _layer(name: str, kind: str, output: Tensor) -> Layer:
    return Layer(name, kind, output.shape[1], output.shape[2] if output.ndim == 4 else 1)


@contextlib.contextmanager
def _watched(
    network: nn.Module, meet: Callable[[str, str, Tensor], None], changes: Changes
) -> Iterator[None]:
    """Within it, `meet` is given each layer's output, and channels are multiplied by `changes`, in
    this thread alone: others may be using the same network.
    """
    mine = threading.get_ident()
    by_layer: dict[str, dict[int, float]] = {}
    for (name, channel), factor in changes.items():
        by_layer.setdefault(name, {})[channel] = factor

    def hook(name: str, module: nn.Module) -> Callable[..., Any]:
        def after(_: nn.Module, __: Any, output: Tensor) -> Tensor | None:
            if threading.get_ident() != mine:
                return None
            forced = by_layer.get(name)
            if forced:
                output = output.clone()
                for channel, factor in forced.items():
                    if not 0 <= channel < output.shape[1]:
                        raise BadInput(
                            f"The layer {name} has {output.shape[1]} channels, so none has the"
                            f" number {channel}."
                        )
                    output[:, channel] *= factor
            meet(name, type(module).__name__, output)
            return output if forced else None

        return after

    handles = [
        module.register_forward_hook(hook(name, module)) for name, module in _modules(network)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _modules(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """The modules that are layers to look at: activations, and whole blocks without their parts."""
    found: list[tuple[str, nn.Module]] = []
    for name, module in network.named_modules():
        inside = any(name.startswith(f"{other}.") for other, block in found)
        if isinstance(module, (*BLOCKS, *ENDS)) and not inside:
            found.append((name, module))
    return found
