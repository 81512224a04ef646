"""One round of the adversarial game, noise -> sample: Algorithm 1 of Goodfellow et al. 2014 (arXiv:1406.2661).

k steps of the discriminator, each on a fresh batch, then one step of the generator. The generator's step reuses the
fakes of the last discriminator step instead of drawing them anew: they come from the same distribution, and a forward
pass is saved.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from ganapp.augment import AUGMENTATIONS
from ganapp.config import TrainConfig
from ganapp.datasets.pictures import Batch
from ganapp.devices import Plan
from ganapp.losses import LOSSES, r1_penalty
from ganapp.models import Players

T = TypeVar("T")


class Scores(NamedTuple, Generic[T]):
    """What one round showed, as scalars on the training device (stacked over rounds, arrays on the host).

    Both losses, without penalties; and the mean probability of being real that the discriminator gave to real
    pictures, D(x), and to generated ones, D(G(z)), before it learned from them.
    """

    discriminator_loss: T
    generator_loss: T
    real_score: T
    fake_score: T


class AdversarialGame:
    """Two players, their optimizers, and the running average of the generator that samples are drawn from."""

    def __init__(self, config: TrainConfig, players: Players, plan: Plan) -> None:
        self.config, self.plan = config, plan
        self.loss = LOSSES[config.loss]
        self.augment = AUGMENTATIONS[config.augment]
        self.generator, self.discriminator = (player.to(plan.device, memory_format=plan.memory_format).train() for player in players)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.discriminator_optimizer = _optimizer(config, self.discriminator, config.discriminator_lr)
        self.generator_optimizer = _optimizer(config, self.generator, config.generator_lr)

    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        """Everything that a resume needs, by name."""
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "average": self.average,
            "discriminator_optimizer": self.discriminator_optimizer,
            "generator_optimizer": self.generator_optimizer,
        }

    def play(self, step: int, batches: Sequence[Batch], rng: torch.Generator) -> Scores[Tensor]:
        """Round number `step` on k `batches` of real pictures; noise is drawn from `rng`."""
        for batch in batches:
            noise = torch.randn(len(batch.labels), self.config.latent_size, device=self.plan.device, generator=rng)
            with self.plan.autocast():
                fakes = self.generator(noise, batch.labels)
            discriminator_loss, real_logits, fake_logits = self._discriminator_step(step, batch, fakes.detach(), rng)
        generator_loss = self._generator_step(fakes, batch.labels, real_logits, rng)
        self._update_average(step)
        return Scores(discriminator_loss, generator_loss, real_logits.sigmoid().mean(), fake_logits.sigmoid().mean())

    def _discriminator_step(self, step: int, batch: Batch, fakes: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        # A lazy penalty is as much the stronger (Karras et al. 2020, arXiv:1912.04958, appendix B).
        r1_weight = self.config.r1_weight * self.config.r1_every if step % self.config.r1_every == 0 else 0.0
        real_images = self.augment(batch.images, rng)
        if r1_weight:
            real_images.requires_grad_(True)
        with self.plan.autocast():
            # In separate passes: BatchNorm must not see real and fake pictures in one batch.
            real_logits = self.discriminator(real_images, batch.labels)
            fake_logits = self.discriminator(self.augment(fakes, rng), batch.labels)
        loss = self.loss.discriminator(real_logits, fake_logits)
        total = loss
        if r1_weight:
            total = loss + r1_weight * r1_penalty(real_images, real_logits)
        _descend(self.discriminator_optimizer, self.discriminator, total)
        return loss.detach(), real_logits.detach(), fake_logits.detach()

    def _generator_step(self, fakes: Tensor, labels: Tensor, real_logits: Tensor, rng: torch.Generator) -> Tensor:
        with self.plan.autocast():
            fake_logits = self.discriminator(self.augment(fakes, rng), labels)
        loss = self.loss.generator(real_logits, fake_logits)
        _descend(self.generator_optimizer, self.generator, loss)
        return loss.detach()

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        half_life = self.config.ema_half_life
        # Young averages are short, or the first pictures would show the random first weights.
        keep = min(0.5 ** (1 / half_life), (1 + step) / (10 + step)) if half_life else 0.0
        ours, theirs = list(self.average.state_dict().values()), list(self.generator.state_dict().values())
        floats = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.is_floating_point()]
        torch._foreach_lerp_([a for a, _ in floats], [b for _, b in floats], 1 - keep)


def _optimizer(config: TrainConfig, player: nn.Module, lr: float) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(player.parameters(), lr, momentum=config.beta1)
    return torch.optim.Adam(player.parameters(), lr, betas=(config.beta1, config.beta2), fused=True)


def _descend(optimizer: torch.optim.Optimizer, player: nn.Module, loss: Tensor) -> None:
    """One step of `player` alone: no gradients are computed for the other player's weights."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=list(player.parameters()))
    optimizer.step()
