"""The settings of a training run as plain data: `TrainConfig`. `presets.py` names some.

This module does not import torch, so that the interface and the help of the command line start
quickly. Each field carries what a form needs (label, help, range or choices): the Train tab and the
command line are made from this file.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from ganapp.config.capabilities import CAPABILITIES, Capabilities, ModelName
from ganapp.config.knobs import Knob, checked, for_files, knob
from ganapp.errors import BadInput

DatasetName = Literal[
    "digits",
    "digits-outline",
    "digits-colour",
    "digits-stacked",
    "emoji",
    "emoji-styles",
    "letters",
    "faces",
    "faces-glasses",
    "mnist",
    "fashion-mnist",
    "kmnist",
    "emnist-letters",
    "svhn",
    "cifar10",
    "celeba",
    "own",
]
LossName = Literal[
    "minimax", "non-saturating", "least-squares", "hinge", "wasserstein", "relativistic"
]
DamageName = Literal["rain", "noise", "coarse", "middle", "half", "outline"]
OptimizerName = Literal["adam", "rmsprop", "sgd"]
NormName = Literal["batch", "none"]
UpsamplingName = Literal["transposed-4", "transposed-3", "resize"]
AugmentName = Literal["none", "translation", "translation-cutout", "colour-translation-cutout"]
PrecisionName = Literal["auto", "float32", "bfloat16"]


TWO_DOMAINS: tuple[DatasetName, ...] = (
    "digits-outline",
    "digits-colour",
    "emoji-styles",
    "faces-glasses",
)
"""Data whose two classes are two styles, between which one can translate."""


DESCRIBED: tuple[DatasetName, ...] = ("faces",)
"""Data whose pictures can be described in words."""

ATTRIBUTE_DATA: tuple[DatasetName, ...] = ("letters",)
"""Data that know more of each picture than its class: attributes, as numbers."""


BUNDLED_DATA: tuple[DatasetName, ...] = (
    "digits",
    "digits-outline",
    "digits-colour",
    "emoji",
    "emoji-styles",
    "letters",
    "faces",
    "faces-glasses",
    "mnist",
    "fashion-mnist",
)
"""Data that ship with the app and are there at once."""

LARGEST_SEED = 2**31 - 1

ABSENT = (
    "discriminator_steps",
    "minibatch_std",
    "r1_weight",
    "r2_weight",
    "gradient_penalty",
    "clip",
)
"""What some games have no part for: it must be off there."""

RENAMED = {"r1_every": "penalty_every"}
"""Settings as earlier versions called them: their runs and models still open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Every setting of a training run. Values are checked on construction.

    Raises `BadInput` naming the field, the value and what is allowed.
    """

    dataset: DatasetName = knob(
        "digits",
        "Data set",
        "What the generator learns to imitate. Digits, MNIST, clothes, emoji, letters and drawn"
        " faces ship with the app, “own” is what you upload, and the others are downloaded once"
        " (celeba: 1.4 GB of faces, for non-commercial research only).",
        "Data",
        choices=get_args(DatasetName),
    )
    image_size: int = knob(
        32,
        "Picture size",
        "Width and height in pixels. Doubling it takes about four times as long.",
        "Data",
        choices=(28, 32, 64),
    )
    most_pictures: int = knob(
        0,
        "Real pictures used",
        "Train on only this many pictures, equally many of each class. 0 uses all of them. With a"
        " few dozen, the discriminator memorises them.",
        "Data",
        low=0,
        high=1_000_000,
    )
    conditional: bool = knob(
        True,
        "Conditional",
        "Give both networks the class of each picture, so that you can choose the class to"
        " generate.",
        "Data",
    )

    model: ModelName = knob(
        "dcgan",
        "Model",
        "The generator and the discriminator. The MLP sees a picture as a list of pixels; DCGAN"
        " uses convolutions, so its strokes are connected; BigGAN adds residual blocks and"
        " attention; InfoGAN finds classes without labels; CycleGAN translates between two kinds of"
        " pictures; pix2pix learns to repair damaged ones from pairs; GAN-CLS draws what a text"
        " says; AC-GAN obeys numbers, such as the weight and the slant of letters; the VAE is no"
        " GAN: its decoder, DCGAN's generator, learns with an encoder, which takes the settings of"
        " the discriminator.",
        "Networks",
        choices=get_args(ModelName),
    )
    latent_size: int = knob(
        64,
        "Latent size",
        "How many numbers the noise vector z has. With too few, the pictures lose variety.",
        "Networks",
        low=1,
        high=1024,
    )
    width: int = knob(
        32,
        "Width",
        "Channels of the narrowest layer (MLP: its units). More channels learn finer detail, but"
        " slower.",
        "Networks",
        low=4,
        high=256,
    )
    leaky_slope: float = knob(
        0.2,
        "LeakyReLU slope",
        "Slope of the discriminator's activation for negative inputs. 0 is a plain ReLU: its units"
        " can die and pass no gradient to the generator.",
        "Networks",
        low=0.0,
        high=1.0,
    )
    discriminator_norm: NormName = knob(
        "batch",
        "Discriminator normalisation",
        "DCGAN uses BatchNorm; a gradient penalty needs “none”. BigGAN and CycleGAN have their own"
        " normalisation.",
        "Networks",
        choices=get_args(NormName),
    )
    generator_norm: NormName = knob(
        "batch",
        "Generator normalisation",
        "DCGAN uses BatchNorm. Without it, training needs a more stable game: the relativistic loss"
        " with R1 and R2.",
        "Networks",
        choices=get_args(NormName),
    )
    upsampling: UpsamplingName = knob(
        "transposed-4",
        "Generator upsampling",
        "How DCGAN and InfoGAN double the picture's size: transposed convolutions with kernel 4 or"
        " 3, or nearest-neighbour resizing followed by a convolution. Kernel 3 with stride 2"
        " overlaps unevenly and leaves a checkerboard pattern.",
        "Networks",
        choices=get_args(UpsamplingName),
    )
    minibatch_std: bool = knob(
        False,
        "Minibatch standard deviation",
        "Show the discriminator how much the pictures in a batch differ, so that it notices a"
        " generator that draws the same picture again and again.",
        "Networks",
    )

    loss: LossName = knob(
        "non-saturating",
        "Loss",
        "Minimax is the original loss: its generator learns little while the discriminator wins."
        " Non-saturating fixes that. With least squares, hinge and Wasserstein the discriminator"
        " gives a score, not a probability. Relativistic compares a real picture with a generated"
        " one.",
        "Game",
        choices=get_args(LossName),
    )
    discriminator_steps: int = knob(
        1,
        "Discriminator steps (k)",
        "Discriminator steps for each generator step. More steps keep the discriminator ahead, but"
        " make every round slower.",
        "Game",
        low=1,
        high=10,
    )
    r1_weight: float = knob(
        0.0,
        "R1 penalty",
        "Weight of the penalty on the discriminator's gradient at real pictures. It stabilises"
        " training; too much, and the discriminator cannot tell pictures apart.",
        "Game",
        low=0.0,
        high=100.0,
    )
    r2_weight: float = knob(
        0.0,
        "R2 penalty",
        "The same penalty at generated pictures. With R1 and the relativistic loss, training"
        " converges without any normalisation.",
        "Game",
        low=0.0,
        high=100.0,
    )
    gradient_penalty: float = knob(
        0.0,
        "Gradient penalty (WGAN-GP)",
        "Weight of the penalty that keeps the norm of the critic's gradient near 1 between real and"
        " generated pictures. The paper uses 10.",
        "Game",
        low=0.0,
        high=1000.0,
    )
    penalty_every: int = knob(
        1,
        "Rounds between penalties",
        "Compute the penalties only every this many rounds, and scale them up to match. A penalty"
        " takes as long as the rest of the discriminator's step, so fewer are faster; with too few,"
        " the losses fluctuate.",
        "Game",
        low=1,
        high=64,
    )
    penalty_half_life: float = knob(
        0.0,
        "Penalty half-life",
        "The penalties halve every this many steps: training starts stable, and later the"
        " discriminator may be as steep as fine detail needs. 0 keeps them constant.",
        "Game",
        low=0.0,
        high=1_000_000.0,
    )
    clip: float = knob(
        0.0,
        "Weight clipping (WGAN)",
        "Clip every weight of the critic to plus or minus this value; the first WGAN uses 0.01. 0"
        " switches clipping off.",
        "Game",
        low=0.0,
        high=1.0,
    )
    information_weight: float = knob(
        1.0,
        "Information weight (InfoGAN)",
        "How strongly both networks are rewarded when the codes can be read back from the picture."
        " Only the InfoGAN model has codes.",
        "Game",
        low=0.0,
        high=10.0,
    )
    cycle_weight: float = knob(
        10.0,
        "Cycle weight (CycleGAN)",
        "How strongly a picture must come back unchanged after it is translated there and back. At"
        " 0, a translation may show anything that looks like its domain.",
        "Game",
        low=0.0,
        high=100.0,
    )
    identity_weight: float = knob(
        5.0,
        "Identity weight (CycleGAN)",
        "How strongly a picture that is already in the target domain must stay as it is. This keeps"
        " the colours.",
        "Game",
        low=0.0,
        high=100.0,
    )
    pool_size: int = knob(
        50,
        "Pool of earlier pictures (CycleGAN)",
        "Half of the generated pictures that the discriminators see are older ones from a pool of"
        " this size, so that they do not forget them. 0 shows only new ones.",
        "Game",
        low=0,
        high=1000,
    )
    damage: DamageName = knob(
        "coarse",
        "Damage to repair (pix2pix)",
        "What is done to each real picture before the generator sees it: rain over it, noise, only"
        " 8 x 8 coarse blocks left of it (super-resolution), its middle or its lower half hidden,"
        " or only its outlines left. The generator learns to give the whole picture.",
        "Game",
        choices=get_args(DamageName),
    )
    l1_weight: float = knob(
        30.0,
        "L1 weight (pix2pix)",
        "How much the mean absolute difference from the whole picture counts. It keeps the repair"
        " true to the picture; alone it prefers a blur where several pictures are possible.",
        "Game",
        low=0.0,
        high=1000.0,
    )
    adversarial_weight: float = knob(
        1.0,
        "Adversarial weight (pix2pix)",
        "How much it counts to convince the discriminator. At 0 the generator learns from the"
        " difference alone, and the discriminator only looks on.",
        "Game",
        low=0.0,
        high=100.0,
    )
    variety_weight: float = knob(
        2.0,
        "Variety weight (GAN-CLS)",
        "How strongly the generator is rewarded when two z give different pictures of one text. At"
        " 0 it soon draws the same picture for a text, whatever z is.",
        "Game",
        low=0.0,
        high=100.0,
    )
    kl_weight: float = knob(
        1.0,
        "KL weight (VAE)",
        "How much it counts that the codes of the pictures are distributed like the noise z. 1 is"
        " the bound of the paper; more gives smoother pictures, less a better reconstruction but"
        " worse new pictures.",
        "Game",
        low=0.0,
        high=100.0,
    )
    attribute_weight: float = knob(
        3.0,
        "Attribute weight (AC-GAN)",
        "How strongly the generator is corrected when the reader sees other attributes in its"
        " picture than were asked for. Only the AC-GAN model has such a reader.",
        "Game",
        low=0.0,
        high=100.0,
    )
    augment: AugmentName = knob(
        "none",
        "Augmentation",
        "Move, cut or recolour all pictures that the discriminator sees, real and generated, so"
        " that it cannot memorise a small data set.",
        "Game",
        choices=get_args(AugmentName),
    )

    optimizer: OptimizerName = knob(
        "adam",
        "Optimizer",
        "Adam adapts the step size of each weight; RMSprop does so without momentum, as in the WGAN"
        " paper; SGD with momentum is what the first GAN paper used.",
        "Optimisation",
        choices=get_args(OptimizerName),
    )
    discriminator_lr: float = knob(
        2e-4,
        "Discriminator learning rate",
        "Too high and the losses jump or break; too low and nothing seems to happen.",
        "Optimisation",
        low=1e-7,
        high=10.0,
        log=True,
    )
    generator_lr: float = knob(
        2e-4,
        "Generator learning rate",
        "Too high and the pictures flicker from epoch to epoch; too low and they stay noise.",
        "Optimisation",
        low=1e-7,
        high=10.0,
        log=True,
    )
    beta1: float = knob(
        0.5,
        "Adam beta 1 (SGD: momentum)",
        "How long a step remembers earlier gradients. GANs oscillate less with 0.5 or 0.",
        "Optimisation",
        low=0.0,
        high=0.999,
    )
    beta2: float = knob(
        0.999,
        "Adam beta 2 (RMSprop: alpha)",
        "How long the optimizer remembers the size of earlier gradients.",
        "Optimisation",
        low=0.0,
        high=0.99999,
    )
    lr_half_life: float = knob(
        0.0,
        "Learning rate half-life",
        "Both learning rates halve every this many steps. Players that circle around an equilibrium"
        " settle on it as their steps get smaller. 0 keeps the rates constant.",
        "Optimisation",
        low=0.0,
        high=1_000_000.0,
    )
    batch_size: int = knob(
        64,
        "Batch size",
        "Real pictures in each step. Larger batches give smoother, but fewer, steps.",
        "Optimisation",
        low=2,
        high=2048,
    )
    epochs: int = knob(
        40,
        "Epochs",
        "How many times the networks see every real picture.",
        "Optimisation",
        low=1,
        high=100_000,
    )
    ema_half_life: float = knob(
        100.0,
        "EMA half-life",
        "Samples come from a running average of the generator's weights, in which a step counts"
        " half after this many steps. 0 shows the generator itself.",
        "Optimisation",
        low=0.0,
        high=100_000.0,
    )

    seed: int = knob(
        0,
        "Seed",
        "The same seed and settings give exactly the same run.",
        "Machine",
        low=0,
        high=LARGEST_SEED,
    )
    precision: PrecisionName = knob(
        "auto",
        "Precision",
        "bfloat16 is faster on hardware that supports it; auto measures and decides.",
        "Machine",
        choices=get_args(PrecisionName),
    )

    def __post_init__(self) -> None:
        for spec in dataclasses.fields(self):
            object.__setattr__(
                self,
                spec.name,
                checked(spec.name, str(spec.type), spec.metadata["knob"], getattr(self, spec.name)),
            )
        self._check_networks()
        if self.capabilities.translates:
            self._check_translation()
        if self.capabilities.encodes:
            self._check_encoding()
        else:
            self._check_loss()

    def _check_networks(self) -> None:
        """Refuses sizes and labels that the networks have no place for."""
        can = self.capabilities
        if self.image_size not in can.image_sizes:
            sizes = " or ".join(map(str, can.image_sizes))
            raise BadInput(
                f"image_size is {self.image_size}, but the {self.model} model halves the picture"
                f" again and again: choose {sizes}."
            )
        if can.finds_classes and self.conditional:
            raise BadInput(
                f"conditional is true, but the {self.model} model finds its classes without"
                " labels: set conditional=false."
            )
        if can.reads_text and self.conditional:
            raise BadInput(
                f"conditional is true, but the {self.model} model gets a text in place of a class:"
                " set conditional=false."
            )
        if can.reads_text and self.dataset not in DESCRIBED:
            raise BadInput(
                f"dataset is {self.dataset}, but the {self.model} model needs pictures with texts:"
                f" choose {' or '.join(DESCRIBED)}."
            )
        if can.obeys_attributes and self.dataset not in ATTRIBUTE_DATA:
            raise BadInput(
                f"dataset is {self.dataset}, but the {self.model} model needs data whose attributes"
                f" are known: choose {' or '.join(ATTRIBUTE_DATA)}, or another model."
            )
        if can.obeys_attributes and not self.conditional:
            raise BadInput(
                f"conditional is false, but the {self.model} model is asked for classes: set"
                " conditional=true."
            )
        for name, least, reason in can.least:
            if (value := getattr(self, name)) < least:
                raise BadInput(
                    f"{name} is {value}, but the {self.model} model {reason}: choose {least} or"
                    " more."
                )

    def _check_loss(self) -> None:
        """Refuses losses and penalties that do not fit the discriminator."""
        if self.normalised and (names := self.penalties):
            raise BadInput(
                f"{names[0]} is above 0 with discriminator_norm=batch, but BatchNorm ties the"
                " pictures of a batch together and the penalty is about each one's own slope: set"
                f" discriminator_norm=none or {names[0]}=0."
            )
        if self.normalised and self.loss == "relativistic":
            raise BadInput(
                "loss is relativistic with discriminator_norm=batch, but that loss compares real"
                " with generated pictures, which BatchNorm shifts apart: set"
                " discriminator_norm=none."
            )
        if (
            self.loss == "wasserstein"
            and not self.capabilities.bounded
            and not (self.clip or self.penalties)
        ):
            raise BadInput(
                "loss is wasserstein, but nothing bounds the critic's slope, so its loss would fall"
                " for ever: set clip=0.01 (WGAN) or gradient_penalty=10 (WGAN-GP, with"
                " discriminator_norm=none)."
            )

    def _check_translation(self) -> None:
        """Refuses what the games of CycleGAN and of pix2pix have no place for."""
        if not self.capabilities.repairs and self.dataset not in (*TWO_DOMAINS, "own"):
            raise BadInput(
                f"dataset is {self.dataset}, but the {self.model} model translates between two"
                f" kinds of pictures: choose {', '.join(TWO_DOMAINS)} or own."
            )
        self._check_absent("conditional")
        self._check_absent(*ABSENT)
        if self.loss == "wasserstein":
            raise BadInput(
                f"loss is wasserstein, but the {self.model} model has nothing that bounds its"
                " critics: choose least-squares or another."
            )
        if not self.capabilities.repairs and 0 < self.pool_size < self.batch_size:
            raise BadInput(
                f"pool_size is {self.pool_size}, less than one batch of {self.batch_size}: choose"
                f" at least {self.batch_size}, or 0."
            )

    def _check_encoding(self) -> None:
        """Refuses what is about a discriminator, which a VAE does not have."""
        self._check_absent(*ABSENT, "augment")

    def _check_absent(self, *names: str) -> None:
        """`BadInput` for a setting that asks for a part that the model's game does not have."""
        plain = {"conditional": False, "discriminator_steps": 1, "augment": "none"}
        for name in names:
            value = plain.get(name, 0)
            if getattr(self, name) != value:
                shown = json.dumps(type(getattr(self, name))(value))
                raise BadInput(
                    f"{name} is {json.dumps(getattr(self, name))}, but the game of the"
                    f" {self.model} model has no such part: set {name}={shown}."
                )

    @property
    def capabilities(self) -> Capabilities:
        """What the networks of this run do and need."""
        return CAPABILITIES[self.model]

    @property
    def by_class(self) -> bool:
        """Whether one can ask the generator for a class: of the data, or one that it found."""
        return self.conditional or self.capabilities.finds_classes

    @property
    def normalised(self) -> bool:
        """Whether the discriminator has BatchNorm."""
        return self.capabilities.batch_norm and self.discriminator_norm == "batch"

    @property
    def uneven(self) -> bool:
        """Whether its transposed convolutions overlap unevenly: kernel 3 with stride 2 (Odena,
        Dumoulin and Olah 2016).
        """
        return self.capabilities.chooses_upsampling and self.upsampling == "transposed-3"

    @property
    def penalties(self) -> list[str]:
        """The names of the penalties on the discriminator's slope that are switched on."""
        return [
            name
            for name in ("r1_weight", "r2_weight", "gradient_penalty")
            if getattr(self, name) > 0
        ]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], base: Self | None = None) -> Self:
        """The config of `values` over `base` (default: the class's defaults). Unknown names raise
        `BadInput`.
        """
        return dataclasses.replace(base or cls(), **cls._named(values))

    @classmethod
    def from_saved(cls, values: Mapping[str, Any]) -> Self:
        """The config that `to_dict` of this or an earlier version wrote. Its values have their
        types and nothing more: what the form refuses today was good when it was saved. `BadInput`
        for values that this version has no meaning for.
        """
        known, config = cls._named(values), object.__new__(cls)
        for spec in dataclasses.fields(cls):
            value = known.get(spec.name, spec.default)
            parsed = checked(
                spec.name, str(spec.type), for_files(spec.name, spec.metadata["knob"]), value
            )
            object.__setattr__(config, spec.name, parsed)
        return config

    def altered(self, **changes: Any) -> Self:
        """A copy of saved settings with some `changes`, each of which the form would admit."""
        admitted = {
            spec.name: checked(spec.name, str(spec.type), spec.metadata["knob"], changes[spec.name])
            for spec in dataclasses.fields(self)
            if spec.name in self._named(changes)
        }
        return self.from_saved(self.to_dict() | admitted)

    @classmethod
    def _named(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values by the settings' names of today; `BadInput` for names that never were."""
        if not isinstance(values, Mapping):
            raise TypeError("settings are names with values")
        names = [spec.name for spec in dataclasses.fields(cls)]
        values = {RENAMED.get(name, name): values[name] for name in values}
        for name in values:
            if name not in names:
                raise BadInput(
                    f"There is no setting called {str(name)[:60]!r}; the settings are"
                    f" {', '.join(names)}."
                )
        return dict(values)

    def to_dict(self) -> dict[str, Any]:
        """Field names and values, ready for JSON; `from_dict` is its inverse."""
        return dataclasses.asdict(self)


def knobs(of: type[TrainConfig] | None = None) -> dict[str, Knob]:
    """Each field of `TrainConfig`, or of a class made from it, with its `Knob`, in the order of the
    class.
    """
    return {spec.name: spec.metadata["knob"] for spec in dataclasses.fields(of or TrainConfig)}
