"""What an experiment of the 2-D lab is, as plain data: `LabConfig`, a training run's settings with
those of two tiny networks.

Imports no torch. All of it fits in a link.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ganapp.config.capabilities import SLOPES
from ganapp.config.knobs import knob
from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput

PlaneName = Literal[
    "line",
    "two-gaussians",
    "ring",
    "disjoint",
    "eight-gaussians",
    "grid",
    "swiss-roll",
    "two-moons",
    "spiral",
    "drawn",
]
ActivationName = Literal["relu", "leaky-relu", "tanh", "softplus"]
NoiseName = Literal["normal", "uniform", "binary"]
LONGEST_DRAWING = 1200
MOST_WORK = 250_000_000
"""A third of a second or so a round, with penalties."""


def _begun(name: str, default: Any, **changed: Any) -> Any:
    """A field that every run has, with the lab's own default."""
    return dataclasses.field(default=default, metadata={"knob": knobs()[name]._replace(**changed)})


_AT = (
    "Weight of the penalty on the discriminator's gradient at {} points. It stabilises training;"
    " too much, and the discriminator cannot tell points apart."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabConfig(TrainConfig):
    """Every setting of a 2-D experiment. The game, its losses, penalties and optimizers are
    `TrainConfig`'s; what is about pictures in it stays as it is. Raises `BadInput` naming the
    field, the value and what is allowed.
    """

    plane: PlaneName = knob(
        "eight-gaussians",
        "Distribution",
        "What the generator imitates. With narrow hills far apart, modes get lost.",
        "Data",
        choices=get_args(PlaneName),
    )
    drawing: str = knob(
        "", "Drawing", "What you drew, cell by cell.", "Data", low=0, high=LONGEST_DRAWING
    )
    noise: NoiseName = knob(
        "normal",
        "Noise",
        "Where z comes from: a normal or a uniform distribution, or mostly coin flips. A"
        " network is continuous, so it leaves a trail between modes unless z itself comes in"
        " pieces.",
        "Networks",
        choices=get_args(NoiseName),
    )
    noise_size: int = knob(
        2,
        "Dimensions of z",
        "With one number the generator can only bend a line; with two it bends a grid.",
        "Networks",
        low=1,
        high=64,
    )
    generator_layers: int = knob(
        2,
        "Generator's hidden layers",
        "None makes it a linear map, which can only shift and stretch.",
        "Networks",
        low=0,
        high=5,
    )
    generator_units: int = knob(
        64,
        "Generator's units",
        "Units in each hidden layer. More units bend the plane in finer detail.",
        "Networks",
        low=1,
        high=256,
    )
    discriminator_layers: int = knob(
        2,
        "Discriminator's hidden layers",
        "None makes its boundary a straight line.",
        "Networks",
        low=0,
        high=5,
    )
    discriminator_units: int = knob(
        64,
        "Discriminator's units",
        "Units in each hidden layer. With too few, it cannot tell the modes apart.",
        "Networks",
        low=1,
        high=256,
    )
    activation: ActivationName = knob(
        "leaky-relu",
        "Activation",
        "Of both networks. A plain ReLU can die; tanh bends smoothly but saturates.",
        "Networks",
        choices=get_args(ActivationName),
    )
    fourier_features: int = knob(
        0,
        "Octaves of Fourier features",
        "Also show the discriminator sines and cosines of each coordinate, in this many octaves."
        " Without them it learns coarse shapes long before fine ones.",
        "Networks",
        low=0,
        high=8,
    )
    pack: int = knob(
        1,
        "Points judged together (PacGAN)",
        "The discriminator sees this many points at once, so a generator that repeats itself is"
        " caught.",
        "Game",
        low=1,
        high=4,
    )

    # The lab's own beginnings of what every run has.
    conditional: bool = _begun("conditional", False)
    model: Any = _begun("model", "mlp", choices=("mlp",))
    discriminator_norm: Any = _begun("discriminator_norm", "none")
    generator_norm: Any = _begun("generator_norm", "none")
    r1_weight: float = _begun("r1_weight", 0.0, help=_AT.format("real"))
    r2_weight: float = _begun("r2_weight", 0.0, help=_AT.format("generated"))
    gradient_penalty: float = _begun(
        "gradient_penalty",
        0.0,
        help=(
            "Weight of the penalty that keeps the norm of the critic's gradient near 1 between real"
            " and generated points. 0.1 is enough here."
        ),
    )
    discriminator_lr: float = _begun("discriminator_lr", 1e-3)
    generator_lr: float = _begun(
        "generator_lr",
        1e-3,
        help="Too high, and the points jump around; too low, and they hardly move.",
    )
    beta1: float = _begun("beta1", 0.0)
    beta2: float = _begun("beta2", 0.99)
    batch_size: int = _begun(
        "batch_size",
        128,
        help="Real points in each step. Larger batches give smoother, but slower, steps.",
        high=512,
    )
    ema_half_life: float = _begun(
        "ema_half_life",
        0.0,
        help=(
            "The points come from a running average of the generator's weights, in which a step"
            " counts half after this many steps. 0 shows the generator itself."
        ),
    )
    seed: int = _begun("seed", 0, section="Data")

    def __post_init__(self) -> None:
        if self.loss == "wasserstein" and not (self.clip or self.penalties):
            raise BadInput(
                "loss is wasserstein, but nothing bounds the critic's slope, so its loss would fall"
                " for ever: set gradient_penalty=0.1 (WGAN-GP) or clip=0.1 (WGAN) first."
            )
        TrainConfig.__post_init__(self)  # super() does not work in a class with slots
        if self.work > MOST_WORK:
            raise BadInput(
                f"With these networks, batches and steps, a round takes {self.work / MOST_WORK:.1f}"
                " times as much work as the lab allows, because its visitors share one machine:"
                " choose fewer units, layers or discriminator steps, or a smaller batch_size or"
                " pack."
            )
        # A round draws as much noise as a pack of points takes.
        object.__setattr__(self, "latent_size", self.noise_size * self.pack)
        if self.conditional:
            raise BadInput(
                "conditional is true, but points of the plane have no classes: set"
                " conditional=false."
            )
        if self.plane == "drawn" and not self.drawing:
            raise BadInput(
                "plane is drawn, but drawing is empty: draw something, or choose another"
                " distribution."
            )

    @property
    def work(self) -> int:
        """About how many multiplications a round's passes forward take."""
        points = self.batch_size * self.pack
        generator = self.generator_layers * self.generator_units**2
        discriminator = self.discriminator_layers * self.discriminator_units**2
        return points * (self.discriminator_steps + 1) * (generator + discriminator)


RESTARTS = (
    "plane",
    "drawing",
    "noise",
    "noise_size",
    "generator_layers",
    "generator_units",
    "discriminator_layers",
    "discriminator_units",
    "fourier_features",
    "pack",
    "generator_norm",
    "seed",
)
"""Settings that cannot change while the networks go on as they are."""

SHOWN = (
    "plane",
    "noise",
    "noise_size",
    "generator_layers",
    "generator_units",
    "discriminator_layers",
    "discriminator_units",
    "fourier_features",
    "activation",
    "generator_norm",
    "loss",
    *SLOPES,
    "pack",
    "optimizer",
    "discriminator_lr",
    "generator_lr",
    "beta1",
    "beta2",
    "lr_half_life",
    "batch_size",
    "ema_half_life",
    "seed",
)
"""The settings that the lab has controls for, in their order."""


def compact(config: LabConfig) -> dict[str, Any]:
    """Only what differs from the defaults: what a link holds."""
    base, values = LabConfig().to_dict(), config.to_dict()
    return {name: values[name] for name in (*SHOWN, "drawing") if values[name] != base[name]}


__all__ = ["RESTARTS", "SHOWN", "ActivationName", "LabConfig", "NoiseName", "PlaneName", "compact"]
