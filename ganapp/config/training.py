"""The settings of a training run as plain data: `TrainConfig`, the `Settings` that go together.
`presets.py` names some. Imports no torch.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ganapp.config.capabilities import CAPABILITIES, Capabilities
from ganapp.config.knobs import Knob, checked, for_files
from ganapp.config.settings import TWO_DOMAINS, DatasetName, Settings
from ganapp.errors import BadInput

DESCRIBED: tuple[DatasetName, ...] = ("faces",)
"""Data whose pictures can be described in words."""

ATTRIBUTE_DATA: tuple[DatasetName, ...] = ("letters",)
"""Data that know more of each picture than its class: attributes, as numbers."""

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
class TrainConfig(Settings):
    """Every setting of a training run. Values are checked on construction.

    Raises `BadInput` naming the field, the value and what is allowed.
    """

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
