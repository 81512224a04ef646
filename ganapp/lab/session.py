"""One visitor's experiment in memory: the same training loop as for pictures, on points of the
plane, round by round or half by half.
"""

from __future__ import annotations

import math
import time
from typing import Literal, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from ganapp.config.lab import RESTARTS, LabConfig
from ganapp.datasets.plane import mixture_of, points_of
from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.games.adversarial import AdversarialGame
from ganapp.lab.turns import TurnTrainer
from ganapp.models import plane
from ganapp.randomness import rng_for

Turn = Literal["discriminator", "generator", "both"]
POINTS = 32_768
"""Points that are drawn before training, so many that learning them by heart is out of reach."""


class Lab:
    """An experiment that goes on as long as somebody plays it."""

    def __init__(self, config: LabConfig) -> None:
        self._begin(config)

    def _begin(self, config: LabConfig) -> None:
        self.config = config
        self.mixture = mixture_of(config.plane, config.drawing)
        self.trainer = self._trainer(config)

    def change(self, config: LabConfig) -> bool:
        """Goes on with other settings. Whether the networks had to begin anew, which some settings
        need.
        """
        if config == self.config:
            return False
        if any(getattr(config, name) != getattr(self.config, name) for name in RESTARTS):
            self._begin(config)
            return True
        before, self.config = self.trainer, config
        self.trainer = self._trainer(config)
        self._take_over(before)
        return False

    def turn(self, whose: Turn) -> None:
        """One step of one player, or a round of both."""
        if whose == "both":
            self.trainer.advance()
        elif whose == "discriminator":
            self.trainer.discriminators_turn()
        else:
            self.trainer.generators_turn()
        self.check()

    def play(self, seconds: float) -> int:
        """Rounds until `seconds` are over, at least one. How many."""
        before, end = self.trainer.step, time.perf_counter() + seconds
        while time.perf_counter() < end or self.trainer.step == before:
            self.trainer.advance()
        self.check()
        return self.trainer.step - before

    @property
    def step(self) -> int:
        """Rounds played."""
        return self.trainer.step

    @property
    def game(self) -> AdversarialGame:
        """The game that is played."""
        return self.trainer.game

    @property
    def generator(self) -> plane.Generator:
        """The generator that points are shown of: its running average, if one is kept."""
        return cast(plane.Generator, self.game.average)

    @property
    def discriminator(self) -> plane.Discriminator:
        """The discriminator as it is now."""
        return cast(plane.Discriminator, self.game.discriminator)

    def noise(self, count: int, seed: int = 0) -> Tensor:
        """Normal numbers (count, noise size), the same ones for the same seed."""
        return torch.randn(count, self.config.noise_size, generator=rng_for(seed, "lab"))

    @torch.no_grad()
    def made(self, noise: Tensor) -> Tensor:
        """The points (N, 2) that the generator makes of `noise` (N, noise size)."""
        generator = self.generator
        return generator.points(generator.source(noise))

    def generated(self, count: int, seed: int = 0) -> Tensor:
        """The points (count, 2) of a fixed z."""
        return self.made(self.noise(count, seed))

    def real(self, count: int, seed: int = 0) -> Tensor:
        """Real points (count, 2), the same ones for the same seed."""
        return self.mixture.sample(count, rng_for(seed, "real"))

    def slopes(self) -> tuple[float, float]:
        """The norms of the last gradients of the discriminator's weights and of the generator's;
        not a number before the first.
        """
        optimizers = self.game.discriminator_optimizer, self.game.generator_optimizer
        norms = []
        for optimizer in optimizers:
            grads = [
                weight.grad
                for group in optimizer.param_groups
                for weight in group["params"]
                if weight.grad is not None
            ]
            norms.append(
                math.sqrt(sum(float(grad.square().sum()) for grad in grads)) if grads else math.nan
            )
        return norms[0], norms[1]

    def _trainer(self, config: LabConfig) -> TurnTrainer:
        points = points_of(self.mixture, POINTS // config.pack, config.pack, config.seed)
        # On the processor, whatever else there is: networks this small are done before a GPU has
        # been told of them.
        how = plan("float32", "cpu")
        return TurnTrainer(config, points, how, build=plane.build)

    def _take_over(self, before: TurnTrainer) -> None:
        """Weights, where the optimizer is the same its memory, and a round that was begun, of the
        trainer before.
        """
        theirs = before.game.parts()
        for name, part in self.trainer.game.parts().items():
            state = theirs[name].state_dict()
            if isinstance(part, torch.optim.Optimizer):
                if type(part) is not type(theirs[name]):
                    continue
                state["param_groups"] = part.state_dict()["param_groups"]
            part.load_state_dict(state)
        self.trainer.take_over_round(before)

    def check(self) -> None:
        """Raises `BadInput` if the game has diverged."""
        weights = [*self.game.generator.parameters(), *self.game.discriminator.parameters()]
        if not bool(get_total_norm(weights, math.inf).isfinite()):
            config = self.config
            raise BadInput(
                f"A weight was no longer a finite number at step {self.step}: the game diverged."
                f" Lower the learning rates (now {config.discriminator_lr:g} and"
                f" {config.generator_lr:g}) or add a penalty, and begin again."
            )


def numbers(tensor: Tensor) -> np.ndarray:
    """A tensor as an array of its own."""
    return tensor.detach().numpy().astype(np.float64)
