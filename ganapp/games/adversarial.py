"""One round of the adversarial game, noise -> sample: Algorithm 1 of Goodfellow et al. 2014 (arXiv:1406.2661).

k steps of the discriminator, each on a fresh batch, then one step of the generator. The generator's step reuses the
fakes of the last discriminator step instead of drawing them anew: they come from the same distribution, and a forward
pass is saved.

Whatever differs from round to round is in tensors before a round starts (`prepare`), so that a round can be recorded and replayed.
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
from ganapp.engine import ALONE, Team, has_batch_norm, judge_both
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

    def __init__(self, config: TrainConfig, players: Players, plan: Plan, team: Team = ALONE) -> None:
        self.config, self.plan, self.team = config, plan, team
        self.loss = LOSSES[config.loss]
        self.augment = AUGMENTATIONS[config.augment]
        generator, discriminator = (player.to(plan.device, memory_format=plan.memory_format).train() for player in players)  # type: ignore[call-overload]
        self._average = copy.deepcopy(generator).eval().requires_grad_(False)
        self._step_of_average = torch.zeros((), device=plan.device)
        # BatchNorm must not see real and fake pictures in one batch.
        self.separate_passes = has_batch_norm(discriminator)
        self.generator, self.discriminator = team.joined(generator), team.joined(discriminator)
        self._learning_generator, self._learning_discriminator = team.averaging(self.generator), team.averaging(self.discriminator)
        self.discriminator_optimizer = _optimizer(config, self.discriminator, config.discriminator_lr, plan)
        self.generator_optimizer = _optimizer(config, self.generator, config.generator_lr, plan)

    @property
    def average(self) -> nn.Module:
        """The running average of the generator, in eval mode; with a half-life of 0 the generator as it is now."""
        if self.config.ema_half_life == 0:
            self._average.load_state_dict(self.generator.state_dict())
        return self._average

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
        """Sets what is round number `step`'s own. Returns the kind of round that it is: whether the R1 penalty is due."""
        half_life = self.config.ema_half_life
        if half_life:
            # Young averages are short, or the first pictures would show the random first weights.
            self._step_of_average.fill_(1 - min(0.5 ** (1 / half_life), (1 + step) / (10 + step)))
        return self.config.r1_weight > 0 and step % self.config.r1_every == 0

    def play(self, penalised: bool, batches: Sequence[Batch], rng: torch.Generator) -> Scores[Tensor]:
        """The round that `prepare` set up, on this process's rows of k `batches` of real pictures; noise is drawn from `rng`."""
        for number, batch in enumerate(batches, 1):
            whole = len(batch.labels) * self.team.size, self.config.latent_size
            noise = self.team.share.of(torch.randn(whole, device=self.plan.device, generator=rng))
            # Only the last fakes teach the generator.
            with torch.set_grad_enabled(number == len(batches)), self.plan.autocast():
                fakes = self._learning_generator(noise, batch.labels)
            discriminator_loss, real_logits, fake_logits = self._discriminator_step(penalised, batch, fakes.detach(), rng)
        generator_loss = self._generator_step(fakes, batch.labels, real_logits, rng)
        self._update_average()
        scores = torch.stack([discriminator_loss, generator_loss, real_logits.sigmoid().mean(), fake_logits.sigmoid().mean()])
        return Scores(*self.team.mean(scores))

    def _discriminator_step(self, penalised: bool, batch: Batch, fakes: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        real_images = self.augment(batch.images, rng, self.team.share)
        fake_images = self.augment(fakes, rng, self.team.share)
        real_images.requires_grad_(penalised)
        with self.plan.autocast():
            if penalised or self.separate_passes:  # the slope at real pictures needs a pass of theirs alone
                real_logits = self._learning_discriminator(real_images, batch.labels)
                fake_logits = self._learning_discriminator(fake_images, batch.labels)
            else:
                real_logits, fake_logits = judge_both(self._learning_discriminator, real_images, fake_images, batch.labels)
        loss = self.loss.discriminator(real_logits, fake_logits)
        total = loss
        if penalised:
            # A lazy penalty is as much the stronger (Karras et al. 2020, arXiv:1912.04958, appendix B).
            total = loss + self.config.r1_weight * self.config.r1_every * r1_penalty(real_images, real_logits)
        _descend(self.discriminator_optimizer, self.discriminator, total)
        return loss.detach(), real_logits.detach(), fake_logits.detach()

    def _generator_step(self, fakes: Tensor, labels: Tensor, real_logits: Tensor, rng: torch.Generator) -> Tensor:
        with self.plan.autocast():
            fake_logits = self.discriminator(self.augment(fakes, rng, self.team.share), labels)
        loss = self.loss.generator(real_logits, fake_logits)
        _descend(self.generator_optimizer, self.generator, loss)
        return loss.detach()

    @torch.no_grad()
    def _update_average(self) -> None:
        if self.config.ema_half_life == 0:
            return
        ours, theirs = list(self._average.state_dict().values()), list(self.generator.state_dict().values())
        floats = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.is_floating_point()]
        torch._foreach_lerp_([a for a, _ in floats], [b for _, b in floats], [self._step_of_average] * len(floats))


def _optimizer(config: TrainConfig, player: nn.Module, lr: float, plan: Plan) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(player.parameters(), lr, momentum=config.beta1)
    # On a GPU it counts its steps there, so that a round can be recorded.
    return torch.optim.Adam(player.parameters(), lr, (config.beta1, config.beta2), fused=True, capturable=plan.device.type == "cuda")


def _descend(optimizer: torch.optim.Optimizer, player: nn.Module, loss: Tensor) -> None:
    """One step of `player` alone: no gradients are computed for the other player's weights."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=list(player.parameters()))
    optimizer.step()
