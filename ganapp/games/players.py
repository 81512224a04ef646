"""What all games need: optimizers, a step of one player, and the running average of the
generator.
"""

from __future__ import annotations

import copy
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig
from ganapp.devices import Plan
from ganapp.engine import ProcessGroup
from ganapp.errors import BadInput

T = TypeVar("T")
SINGULAR_VECTORS = ("._u", "._v")
"""How the names of spectral normalisation's estimates end."""


class Scores(NamedTuple, Generic[T]):
    """The scores of one round, as scalars on the training device (arrays over rounds on the host).

    Both losses, without penalties, and the discriminator's mean output for real pictures, D(x), and
    for generated ones, D(G(z)), before its step: the probability of being real, or the score if the
    loss makes it a critic.
    """

    discriminator_loss: T
    generator_loss: T
    real_score: T
    fake_score: T


class CycleScores(NamedTuple, Generic[T]):
    """`Scores` as means over both domains, and two errors: the mean absolute difference of a pixel,
    as a share of its range, after A -> B -> A (cycle), and after translation to the domain that the
    picture is already from (identity).
    """

    discriminator_loss: T
    generator_loss: T
    real_score: T
    fake_score: T
    cycle_error: T
    identity_error: T


class PairedScores(NamedTuple, Generic[T]):
    """`Scores` as means over the patches, and the mean absolute difference of a pixel from the
    whole picture, as a share of its range.
    """

    discriminator_loss: T
    generator_loss: T
    real_score: T
    fake_score: T
    pixel_error: T


class VariationalScores(NamedTuple, Generic[T]):
    """What a variational autoencoder minimises, in nats for each picture: minus the evidence lower
    bound, and its two terms, which add up to it: the reconstruction error, minus the mean of log
    p(x | z), and the divergence of the codes from N(0, 1).
    """

    negative_bound: T
    reconstruction_error: T
    divergence: T


AnyScores = Scores[T] | CycleScores[T] | PairedScores[T] | VariationalScores[T]


class RunningAverage:
    """A running average of the generator's weights, in which a step counts half after `half_life`
    steps. With a half-life of 0 it is the generator itself.
    """

    def __init__(self, generator: nn.Module, half_life: float, device: torch.device) -> None:
        self.half_life = half_life
        self._generator = generator
        self._average = copy.deepcopy(generator).eval().requires_grad_(False)
        self._weight_of_now = torch.zeros((), device=device)
        self._pairs: tuple[list[Tensor], list[Tensor], list[Tensor]] | None = None

    @property
    def network(self) -> nn.Module:
        """The average, in eval mode."""
        if self.half_life == 0:
            self._average.load_state_dict(self._generator.state_dict())
        return self._average

    def prepare(self, step: int) -> None:
        """Sets the weight of the generator after round `step`."""
        if self.half_life:
            # Early averages are short; otherwise the first pictures would show the random initial
            # weights.
            self._weight_of_now.fill_(
                1 - min(0.5 ** (1 / self.half_life), (1 + step) / (10 + step))
            )

    @torch.no_grad()
    def update(self) -> None:
        """Adds the present generator to the average."""
        if self.half_life == 0:
            return
        if self._pairs is None:  # cached: the lookup takes longer than averaging a tiny network
            ours, theirs = self._average.state_dict(), self._generator.state_dict()
            floats = [name for name, value in ours.items() if value.is_floating_point()]
            units = [ours[name] for name in floats if name.endswith(SINGULAR_VECTORS)]
            self._pairs = [ours[name] for name in floats], [theirs[name] for name in floats], units
        averages, present, units = self._pairs
        torch._foreach_lerp_(averages, present, [self._weight_of_now] * len(averages))
        for unit in units:  # a mean of unit vectors is shorter than one
            unit.div_(unit.norm().clamp(min=1e-12))


def optimizer(
    config: TrainConfig, player: nn.Module, lr: float, plan: Plan
) -> torch.optim.Optimizer:
    """The optimizer of one player."""
    on_gpu = plan.device.type == "cuda"  # a recorded round must count its steps on the GPU
    # A recorded round reads a changing learning rate from memory, which only the fused SGD can do.
    changes = on_gpu and config.lr_half_life > 0
    rate: Any = torch.tensor(lr, device=plan.device) if changes else lr
    if config.optimizer == "sgd":
        return torch.optim.SGD(
            player.parameters(), rate, momentum=config.beta1, fused=changes or None
        )
    if config.optimizer == "rmsprop":
        return torch.optim.RMSprop(player.parameters(), rate, alpha=config.beta2, capturable=on_gpu)
    return torch.optim.Adam(
        player.parameters(), rate, (config.beta1, config.beta2), fused=True, capturable=on_gpu
    )


def check_alone(group: ProcessGroup, because: str) -> None:
    """`BadInput` in one of several processes, for a game that cannot be shared."""
    if group.size > 1:
        raise BadInput(f"{because}: start it in one process.")


class TwoPlayers:
    """What every game keeps of its two players: both of them, an optimizer each, their learning
    rates, and the running average of the generator.
    """

    generator: nn.Module
    discriminator: nn.Module

    def __init__(
        self,
        config: TrainConfig,
        plan: Plan,
        generator: nn.Module,
        discriminator: nn.Module,
        average: RunningAverage,
    ) -> None:
        self.config, self.plan = config, plan
        self.generator, self.discriminator = generator, discriminator
        self.discriminator_optimizer = optimizer(
            config, discriminator, config.discriminator_lr, plan
        )
        self.generator_optimizer = optimizer(config, generator, config.generator_lr, plan)
        self._rates = LearningRates(
            config.lr_half_life, self.discriminator_optimizer, self.generator_optimizer
        )
        self._average = average

    @property
    def average(self) -> nn.Module:
        """The running average of the generator, in eval mode; with a half-life of 0, the generator
        itself.
        """
        return self._average.network

    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        """Everything that a resume needs, by name."""
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "average": self.average,
            "discriminator_optimizer": self.discriminator_optimizer,
            "generator_optimizer": self.generator_optimizer,
        }

    def prepare(self, step: int) -> bool:
        """Sets what differs in round number `step`. Returns its kind: False where all are alike."""
        self._average.prepare(step)
        self._rates.prepare(step)
        return False


class LearningRates:
    """Halves the learning rates of some optimizers every `half_life` steps, or never if that
    is 0.
    """

    def __init__(self, half_life: float, *optimizers: torch.optim.Optimizer) -> None:
        self.half_life = half_life
        self._beginnings = [(each, float(each.param_groups[0]["lr"])) for each in optimizers]

    def prepare(self, step: int) -> None:
        """Sets the rates of round number `step`."""
        if self.half_life == 0:
            return
        for optimizer, beginning in self._beginnings:
            rate = beginning * 0.5 ** (step / self.half_life)
            for group in optimizer.param_groups:
                if isinstance(group["lr"], Tensor):
                    group["lr"].fill_(rate)
                else:
                    group["lr"] = rate


def descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step of the player whose weights `optimizer` holds; the other player gets no
    gradients.
    """
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for weight in weights:
        weight.grad = None
    loss.backward(inputs=weights)
    optimizer.step()
