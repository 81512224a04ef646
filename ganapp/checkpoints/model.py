"""`TrainedModel`: both players, and how to build them again."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from ganapp import pictures
from ganapp.checkpoints.layout import FORMAT_VERSION, WEIGHTS
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.losses import LOSSES
from ganapp.models import MODELS, Players, cyclegan, pix2pix
from ganapp.models.vae import Code

MOST_CLASSES = 1000


@dataclass(frozen=True)
class TrainingState:
    """All that a resume needs, as copies on the CPU: tensors by name ("generator/layers.0.weight")
    and plain facts.
    """

    config: TrainConfig
    step: int
    tensors: dict[str, Tensor]
    class_names: tuple[str, ...]
    channels: int


def _built(config: TrainConfig, channels: int, classes: int) -> Players:
    """Networks of saved settings; `BadInput` if there are none with such sizes."""
    try:
        return MODELS[config.model](config, channels, classes, torch.Generator())
    except (RuntimeError, ValueError, ArithmeticError, IndexError, KeyError) as error:
        raise BadInput(
            f"The settings describe no networks that can be built (width {config.width}, image_size"
            f" {config.image_size}): was the file changed by hand?"
        ) from error


class TrainedModel(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="ganapp",
    tags=["gan", "image-generation"],
):
    """Both players and the running average of the generator, with what is needed to build them
    again.

    `settings` are those of `TrainConfig`; `class_names` those of the data set, also where the model
    ignores them; `channels` 1 or 3; `facts` whatever is known of the training for the card (preset,
    command, data, step, epochs, seconds, figures).
    """

    def __init__(
        self,
        settings: dict[str, Any],
        class_names: list[str],
        channels: int,
        facts: dict[str, Any] | None = None,
        format_version: int = FORMAT_VERSION,
    ) -> None:
        super().__init__()
        if format_version != FORMAT_VERSION:
            raise BadInput(
                f"The checkpoint has format version {str(format_version)[:20]!r}, but this app"
                f" reads version {FORMAT_VERSION}: use the app's release that made it."
            )
        if (
            channels not in (1, 3)
            or not isinstance(class_names, list | tuple)
            or len(class_names) > MOST_CLASSES
            or not all(isinstance(name, str) for name in class_names)
        ):
            raise BadInput(
                "The checkpoint needs 1 or 3 channels and the names of its classes, but says"
                " otherwise: was it made by another program?"
            )
        self.config = TrainConfig.from_saved(settings)
        self.class_names, self.channels, self.facts = (
            tuple(class_names),
            channels,
            dict(facts or {}),
        )
        if self.translates and len(class_names) != 2:
            raise BadInput(
                "A model that translates needs the names of two domains, but this one has"
                f" {len(class_names)}."
            )
        players = _built(self.config, channels, self.classes)
        self.generator, self.discriminator = players
        self.ema = copy.deepcopy(players.generator) if self.config.ema_half_life else None
        self.eval().requires_grad_(False)

    @classmethod
    def from_state(cls, state: TrainingState, facts: dict[str, Any] | None = None) -> TrainedModel:
        """The model of a training state."""
        model = cls(
            state.config.to_dict(),
            list(state.class_names),
            state.channels,
            {"step": state.step, **(facts or {})},
        )
        for name, player in (
            ("generator", model.generator),
            ("discriminator", model.discriminator),
            ("average", model.average),
        ):
            own = {
                key.removeprefix(f"{name}/"): value
                for key, value in state.tensors.items()
                if key.startswith(f"{name}/")
            }
            player.load_state_dict(own)
        return model

    @property
    def average(self) -> nn.Module:
        """The network that pictures are drawn from: the generator's running average, or itself
        where none is kept.
        """
        return self.generator if self.ema is None else self.ema

    @property
    def translates(self) -> bool:
        """Whether it makes pictures from pictures instead of from noise."""
        return self.config.capabilities.translates

    @property
    def repairs(self) -> bool:
        """Whether it learned that from pairs, a damaged picture and the whole one: domain 1 is the
        whole ones, and nothing leads to domain 0.
        """
        return self.config.capabilities.repairs

    @property
    def reads_text(self) -> bool:
        """Whether it draws what a text says: its labels are word numbers (B, T). Labels of classes
        are an empty text to it.
        """
        return self.config.capabilities.reads_text

    @property
    def encodes(self) -> bool:
        """Whether its second network encodes pictures instead of judging them."""
        return self.config.capabilities.encodes

    @property
    def examples(self) -> np.ndarray:
        """A few of the real pictures of each domain that a translating model learned from, of one
        that repairs damaged and whole: uint8 (2, N, H, W, C).
        """
        result: np.ndarray = (
            cast(cyclegan.Generator | pix2pix.Generator, self.average)
            .examples.unflatten(0, (2, -1))
            .cpu()
            .numpy()
            .transpose(0, 1, 3, 4, 2)
        )
        return result

    @property
    def classes(self) -> int:
        """Number of classes one can ask for; 0 if the model is unconditional."""
        return len(self.class_names) if self.config.by_class else 0

    def class_number(self, wanted: str) -> int:
        """The number of a class, or of a domain where the model translates, that somebody names by
        its name or number.
        """
        if not (self.classes or self.translates):
            raise BadInput(
                "This model is unconditional, so it draws whatever class comes: leave the label"
                " out, or choose a conditional model."
            )
        name, names = wanted.strip(), list(self.class_names)
        if name in names:
            return names.index(name)
        folded = [known.casefold() for known in names]
        if name.casefold() in folded:
            return folded.index(name.casefold())
        if re.fullmatch(r"[0-9]{1,9}", wanted) and int(wanted) < len(names):
            return int(wanted)
        known = (
            name if name == str(number) else f"{number} ({name})"
            for number, name in enumerate(names)
        )
        raise BadInput(
            f"There is no {'domain' if self.translates else 'class'} {wanted[:60]!r}; this model's"
            f" are {', '.join(known)}."
        )

    @torch.inference_mode()
    def images(self, noise: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """Draws: noise (B, latent_size) and labels (B,) int, (B, classes) float mixtures or
        (B, T) word numbers -> float32 (B, C, H, W) in [-1, 1].
        """
        if self.translates:
            raise BadInput(
                "This model translates pictures and draws none from noise: use it on the Translate"
                " tab or with `translate`."
            )
        result: np.ndarray = (
            self.average(self._tensor(noise), self._labels(len(noise), labels))
            .float()
            .cpu()
            .numpy()
        )
        return result

    @torch.inference_mode()
    def translate(self, images: np.ndarray, to: int) -> np.ndarray:
        """Pictures (B, C, S, S) in [-1, 1] to domain `to`, 0 or 1 -> float32 of the same shape."""
        if not self.translates:
            raise BadInput(
                "This model draws from noise and cannot translate pictures: choose one that the"
                " cyclegan or the pix2pix model made."
            )
        labels = np.full(len(images), to, np.int64)
        result: np.ndarray = self.average(self._tensor(images), self._tensor(labels)).cpu().numpy()
        return result

    @torch.inference_mode()
    def scores(self, images: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """The discriminator's probability that each of the pictures (B, C, H, W) in [-1, 1] is
        real, or its score of it if the model's loss makes it a critic, (B,).

        Pictures of one call are judged together where the discriminator compares them within a
        batch.
        """
        if self.encodes:
            raise BadInput(
                "This model is a VAE: its encoder says where a picture lies, and no network of it"
                " judges whether one is real. Choose a GAN."
            )
        logits = self.discriminator(self._tensor(images), self._labels(len(images), labels))
        return LOSSES[self.config.loss].verdict(logits).float().cpu().numpy()

    @torch.inference_mode()
    def encode(self, images: np.ndarray, labels: np.ndarray | None = None) -> Code:
        """Where pictures (B, C, S, S) in [-1, 1] lie in the latent space, as their q(z | x).
        `BadInput` for a model without an encoder.
        """
        if not self.encodes:
            raise BadInput(
                "This model has no encoder, so the z of a picture has to be searched for: choose"
                " one that the vae model made."
            )
        code: Code = self.discriminator(self._tensor(images), self._labels(len(images), labels))
        return code

    def draw(self, noise: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """Like `images`, but uint8 (B, H, W, C)."""
        return pictures.to_uint8(self.images(noise, labels))

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(next(self.parameters()).device)

    def _labels(self, count: int, labels: np.ndarray | None) -> Tensor:
        return self._tensor(np.zeros(count, np.int64) if labels is None else labels)

    @classmethod
    def _load_as_pickle(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise BadInput(
            f"This repository has no {WEIGHTS}, and files with pickles in them stay closed."
        )
