"""How near a discriminator that learns comes to D* = p / (p + q), against a generator that stays as
it is.

The game and the trainer are those of every other run: only the discriminator's turns are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor, nn

from ganapp.config.lab import LabConfig
from ganapp.datasets.plane import Points
from ganapp.devices import plan
from ganapp.lab.theory.gaussians import Gaussian, expected_loss, grid, residual
from ganapp.lab.turns import TurnTrainer
from ganapp.models.layers import Players, init_uniform
from ganapp.models.plane import perceptron
from ganapp.randomness import rng_for

SizeName = Literal["line", "small", "large"]
LAYERS: dict[SizeName, tuple[int, int]] = {"line": (0, 1), "small": (1, 4), "large": (2, 32)}
"""Hidden layers of the discriminator, and the units in each. Without any, log D / (1 - D) is a
straight line.
"""
POINTS = 65_536
STEPS = 600
FRAMES = [0, *(STEPS * frame**2 // 45**2 for frame in range(2, 46))]
"""After how many steps one looks: often in the beginning, when most happens."""


class FixedGenerator(nn.Module):
    """noise (B, 1) -> points (B, 1) of a Gaussian."""

    def __init__(self, gaussian: Gaussian) -> None:
        super().__init__()
        self.mean, self.deviation = (nn.Parameter(torch.tensor(float(value))) for value in gaussian)

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.mean + self.deviation * noise


class Discriminator(nn.Module):
    """points (B, 1) -> logits (B,)."""

    def __init__(self, config: LabConfig) -> None:
        super().__init__()
        self.layers = perceptron(
            1, config.discriminator_layers, config.discriminator_units, 1, config
        )

    def forward(self, points: Tensor, labels: Tensor | None = None) -> Tensor:
        result: Tensor = self.layers(points).squeeze(1)
        return result


class TrainedDiscriminator(NamedTuple):
    """What was seen after `steps` (F,) of the discriminator's turns: its `answers` at `places`
    (N,), F of (N,), its `losses` (F,) in expectation, not on a batch, and its `residuals` (F,).
    """

    steps: np.ndarray
    places: np.ndarray
    answers: list[np.ndarray]
    losses: np.ndarray
    residuals: np.ndarray


def learning(p: Gaussian, q: Gaussian, size: SizeName) -> Iterator[TrainedDiscriminator]:
    """Trains a discriminator of `size` on points of `p` and of a generator that draws from `q`,
    with seed 0, and yields all that was seen so far, from before the first step until after the
    last.
    """
    trainer, places, taken = _trainer(p, q, size), grid(p, q), 0
    answers, losses, residuals = list[np.ndarray](), list[float](), list[float]()
    for frame, step in enumerate(FRAMES, 1):
        for _ in range(step - taken):
            trainer.discriminators_turn()
        taken, logits = step, _logits(trainer, places)
        answers.append(expit(logits))
        losses.append(expected_loss(p, q, places, logits))
        residuals.append(residual(p, q, places, answers[-1]))
        yield TrainedDiscriminator(
            np.array(FRAMES[:frame]), places, list(answers), np.array(losses), np.array(residuals)
        )


def _trainer(p: Gaussian, q: Gaussian, size: SizeName) -> TurnTrainer:
    layers, units = LAYERS[size]
    config = LabConfig(
        noise_size=1,
        discriminator_layers=layers,
        discriminator_units=units,
        activation="tanh",
        loss="minimax",
        optimizer="adam",
        discriminator_lr=0.01,
        beta1=0.9,
        beta2=0.99,
        batch_size=512,
    )

    def build(config: LabConfig, channels: int, classes: int, rng: torch.Generator) -> Players:
        players = Players(FixedGenerator(q), Discriminator(config))
        init_uniform(players.discriminator, rng)
        return players

    drawn = p.mean + p.deviation * torch.randn(POINTS, 1, generator=rng_for(config.seed, "points"))
    points = Points(drawn, torch.zeros(POINTS, dtype=torch.int64), ("points",))
    return TurnTrainer(config, points, plan("float32", "cpu"), build=build)


@torch.no_grad()
def _logits(trainer: TurnTrainer, places: np.ndarray) -> np.ndarray:
    discriminator = trainer.game.discriminator
    result: np.ndarray = (
        discriminator(torch.from_numpy(places).float()[:, None]).numpy().astype(np.float64)
    )
    return result
