"""What every game does with its players: optimizers, a step of one player alone, and the running
average of the generator.
"""

from __future__ import annotations

import copy
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig
from ganapp.devices import Plan

T = TypeVar("T")
SINGULAR_VECTORS = ("._u", "._v")
"""How the names of spectral normalisation's estimates end."""


class Scores(NamedTuple, Generic[T]):
    """What one round showed, as scalars on the training device (stacked over rounds, arrays on the
    host).

    Both losses, without penalties; and what the discriminator gave on average to real pictures,
    D(x), and to generated ones, D(G(z)), before it learned from them: the probability of being
    real, or where the loss makes it a critic, its score.
    """

    discriminator_loss: T
    generator_loss: T
    real_score: T
    fake_score: T


class CycleScores(NamedTuple, Generic[T]):
    """`Scores` as means over both domains, and how far pictures come back changed: the mean
    absolute difference of a pixel, as a share of its range, after A -> B -> A (cycle), and after
    being translated to the domain they are of already (identity).
    """

    discriminator_loss: T
    generator_loss: T
    real_score: T
    fake_score: T
    cycle_error: T
    identity_error: T


AnyScores = Scores[T] | CycleScores[T]


class RunningAverage:
    """The generator's weights averaged over its past, in which a step counts half after `half_life`
    steps. A half-life of 0 keeps none: the generator as it is now.
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
        """Sets how much the generator after round `step` will count."""
        if self.half_life:
            # Young averages are short, or the first pictures would show the random first weights.
            self._weight_of_now.fill_(
                1 - min(0.5 ** (1 / self.half_life), (1 + step) / (10 + step))
            )

    @torch.no_grad()
    def update(self) -> None:
        """Takes the generator as it is now into the average."""
        if self.half_life == 0:
            return
        if (
            self._pairs is None
        ):  # looked up once: it takes longer than the average of a tiny network
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
    on_gpu = (
        plan.device.type == "cuda"
    )  # where it must count its steps there, for a round to be recorded
    # A recorded round reads a learning rate that changes from memory, which only fused steps of SGD
    # can.
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


class LearningRates:
    """The learning rates of some optimizers as they begin, and how they fall: by half in each
    `half_life` steps, or never if that is 0.
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
    """One step of the player whose weights `optimizer` has: no gradients are computed for the other
    player's.
    """
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for weight in weights:
        weight.grad = None
    loss.backward(inputs=weights)
    optimizer.step()
