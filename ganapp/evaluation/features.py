"""Encoders: pictures (N, H, W, C) uint8 become features (N, F), in which similar pictures are near.

Each suits some data.

    digits     128 features of our own digit classifier; for handwritten digits
    faces      128 features of our own reader of drawn faces; for those
    inception  2,048 features of Inception-v3 as FID uses them (Heusel et al. 2017,
               arXiv:1706.08500), through torch-fidelity, which downloads the weights once; for
               photographs. Only the Fréchet distance of these features is called FID
    random     128 features of a convolutional network with random orthogonal weights, always the
               same ones; for emoji, drawings and uploads, which no trained network knows. Naeem et
               al. 2020 (arXiv:2002.09797, section 5) find that random embeddings rank generators
               sensibly where a trained one does not fit
"""

from __future__ import annotations

import functools
import pickle
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ganapp.config.settings import DatasetName
from ganapp.datasets.faces import KINDS
from ganapp.errors import BadInput
from ganapp.evaluation import attributes, classifier
from ganapp.evaluation.sizes import at_side, check_pictures, with_channels
from ganapp.randomness import rng_for

Progress = Callable[[float, str], None]
"""(share done in [0, 1], what is being done) -> None."""

AT_A_TIME = 100
SECONDS_WITHOUT_AN_ANSWER = 20.0


class Reader(NamedTuple):
    """What can tell classes from features: `read` turns features (N, F) into the classes that it
    reads, (N,), which have `names`; of held-out pictures it reads the share `accuracy` right.
    """

    read: Callable[[np.ndarray], np.ndarray]
    names: tuple[str, ...]
    accuracy: float


class Encoder(NamedTuple):
    """A way from pictures to features: `features` and `distance` name in words what it gives and
    its Fréchet distance; `reader` tells classes from them, if it can.
    """

    name: str
    features: str
    distance: str
    encode: Callable[[Tensor], Tensor]
    """Pictures (B, C, H, W) uint8 -> features (B, F)."""
    prepare: Callable[[np.ndarray], np.ndarray]
    """Pictures (N, H, W, C) uint8 of any size -> of the size and channels that `encode` takes."""
    reader: Reader | None = None


def encoded(
    encoder: Encoder, images: np.ndarray, progress: Callable[[float], None] = lambda share: None
) -> np.ndarray:
    """The features of `images` (N, H, W, C) uint8, float32 (N, F)."""
    check_pictures(images)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(images), AT_A_TIME):
            pixels = encoder.prepare(images[start : start + AT_A_TIME]).transpose(0, 3, 1, 2)
            parts.append(
                encoder.encode(torch.from_numpy(np.ascontiguousarray(pixels))).float().cpu().numpy()
            )
            progress(min(1.0, (start + AT_A_TIME) / len(images)))
    return np.concatenate(parts)


def digits() -> Encoder:
    """The shipped classifier's hidden features."""
    network, facts = classifier.shipped()
    return Encoder(
        "digits",
        "digit classifier's features",
        "Fréchet distance (digit features)",
        _through(network.features),
        classifier.as_read,
        Reader(
            lambda found: classifier.read(network, found),
            tuple(map(str, range(classifier.DIGITS))),
            facts.accuracy,
        ),
    )


def faces() -> Encoder:
    """The hidden features of the shipped reader of faces; the classes are the kinds of hair."""
    network, facts = attributes.shipped()

    return Encoder(
        "faces",
        "face reader's features",
        "Fréchet distance (face features)",
        _through(network.features),
        attributes.as_read,
        Reader(
            lambda found: attributes.read(network, found, "hair"),
            KINDS["hair"],
            facts["accuracy"]["hair"],
        ),
    )


def _through(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """Pictures (B, C, H, W) uint8, scaled to [-1, 1], through a network."""
    layout = torch.channels_last  # in which a processor pools and convolves twice as fast
    network = network.to(memory_format=layout)  # type: ignore[call-overload] # as in devices.py

    def encode(pixels: Tensor) -> Tensor:
        result: Tensor = network(classifier.scaled(pixels).contiguous(memory_format=layout))
        return result

    return encode


def random() -> Encoder:
    """A network that has learned nothing, at 32 x 32 pixels."""
    network = _random_network()

    return Encoder(
        "random",
        "random features",
        "Fréchet distance (random features)",
        _through(network),
        lambda images: at_side(with_channels(images, 3)),
    )


def inception() -> Encoder:
    """Inception-v3 with the weights of the FID paper; `BadInput` where they cannot be had."""
    network = _inception_network()

    def encode(pixels: Tensor) -> Tensor:
        result: Tensor = network(pixels)[0].flatten(1)
        return result

    return Encoder(
        "inception", "Inception-v3 features", "FID", encode, lambda images: with_channels(images, 3)
    )


ENCODERS: dict[str, Callable[[], Encoder]] = {
    "digits": digits,
    "faces": faces,
    "inception": inception,
    "random": random,
}

SUITED: dict[DatasetName, str] = {
    "digits": "digits",
    "mnist": "digits",
    "faces": "faces",
    "fashion-mnist": "inception",
    "kmnist": "inception",
    "emnist-letters": "inception",
    "svhn": "inception",
    "cifar10": "inception",
    "celeba": "inception",
}
"""The encoder for each data set; those that are not here take the random one."""


def suited(dataset: DatasetName) -> str:
    """The name of the encoder that suits a data set."""
    return SUITED.get(dataset, "random")


def opened(name: str) -> Encoder:
    """An encoder by its name."""
    if name not in ENCODERS:
        raise BadInput(
            f"There is no encoder {name[:60]!r}; the encoders are {', '.join(ENCODERS)}."
        )
    return ENCODERS[name]()


def _random_network() -> nn.Module:
    rng, layers = rng_for(0, "random features"), []
    for inputs, outputs in ((3, 32), (32, 64), (64, 32)):
        layer = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
        nn.init.orthogonal_(layer.weight, 2**0.5, generator=rng)
        layers += [layer, nn.ReLU()]
    return (
        nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten()).eval().requires_grad_(False)
    )


@functools.cache
def _inception_network() -> nn.Module:
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import (
            URL_INCEPTION_V3,
            FeatureExtractorInceptionV3,
        )
    except ImportError:
        raise BadInput(
            "The Inception encoder needs the package torch-fidelity: install it, or choose the"
            " encoder random."
        ) from None
    try:
        weights = _inception_weights(URL_INCEPTION_V3)
        # Torch-fidelity opens it as a pickle: only once it is known to hold nothing but tensors.
        torch.load(weights, weights_only=True)
        result: nn.Module = FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(weights)
        )
        return result
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError):
        raise BadInput(
            "The weights of Inception-v3 (95 MB) could not be had from GitHub: check the connection"
            " and try again, or choose the encoder random, which needs none."
        ) from None


def _inception_weights(url: str) -> Path:
    """The file of the weights, downloaded once; the end of its name is the start of its SHA-256."""
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    file = folder / url.rsplit("/", 1)[1]
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        before = socket.getdefaulttimeout()
        # Torch gives none, and would wait for a silent server for ever.
        socket.setdefaulttimeout(SECONDS_WITHOUT_AN_ANSWER)
        try:
            torch.hub.download_url_to_file(url, str(file), hash_prefix=file.stem.rsplit("-", 1)[1])
        finally:
            socket.setdefaulttimeout(before)
    return file
