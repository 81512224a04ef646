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
from ganapp.losses import LOSSES, gradient_penalty, mixed, slope_penalty
from ganapp.models import Players, infogan

T = TypeVar("T")
SINGULAR_VECTORS = ("._u", "._v")
"""How the names of spectral normalisation's estimates end."""


class Scores(NamedTuple, Generic[T]):
    """What one round showed, as scalars on the training device (stacked over rounds, arrays on the host).

    Both losses, without penalties; and what the discriminator gave on average to real pictures, D(x), and to generated ones,
    D(G(z)), before it learned from them: the probability of being real, or where the loss makes it a critic, its score.
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
        self.informed = config.model == "infogan"
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
        """Sets what is round number `step`'s own. Returns the kind of round that it is: whether penalties are due."""
        half_life = self.config.ema_half_life
        if half_life:
            # Young averages are short, or the first pictures would show the random first weights.
            self._step_of_average.fill_(1 - min(0.5 ** (1 / half_life), (1 + step) / (10 + step)))
        return bool(self.config.penalties) and step % self.config.penalty_every == 0

    def play(self, penalised: bool, batches: Sequence[Batch], rng: torch.Generator) -> Scores[Tensor]:
        """The round that `prepare` set up, on this process's rows of k `batches` of real pictures; noise is drawn from `rng`."""
        for number, batch in enumerate(batches, 1):
            whole = len(batch.labels) * self.team.size
            noise = self.team.share.of(torch.randn(whole, self.config.latent_size, device=self.plan.device, generator=rng))
            if self.informed:  # the codes are drawn, and the data's labels never seen
                codes = torch.randint(infogan.CODES, (whole,), device=self.plan.device, generator=rng)
                batch = Batch(batch.images, self.team.share.of(codes))
            # Only the last fakes teach the generator.
            with torch.set_grad_enabled(number == len(batches)), self.plan.autocast():
                fakes = self._learning_generator(noise, batch.labels)
            discriminator_loss, real_logits, fake_logits = self._discriminator_step(penalised, batch, noise, fakes.detach(), rng)
        generator_loss = self._generator_step(batch, noise, fakes, rng)
        self._update_average()
        verdicts = (self.loss.verdict(logits).mean() for logits in (real_logits, fake_logits))
        scores = torch.stack([discriminator_loss, generator_loss, *verdicts])
        return Scores(*self.team.mean(scores))

    def _discriminator_step(
        self, penalised: bool, batch: Batch, noise: Tensor, fakes: Tensor, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        real_images = self.augment(batch.images, rng, self.team.share)
        fake_images = self.augment(fakes, rng, self.team.share)
        config = self.config
        real_images.requires_grad_(penalised and config.r1_weight > 0)
        fake_images.requires_grad_(penalised and config.r2_weight > 0)
        with self.plan.autocast():
            own_slopes = penalised and (config.r1_weight > 0 or config.r2_weight > 0)
            if self.informed:
                real_logits = self._learning_discriminator(real_images, batch.labels)
                fake_logits, information = self._information(self._learning_discriminator, fake_images, batch.labels, noise)
            elif own_slopes or self.separate_passes:  # a slope at real pictures needs a pass of theirs alone
                real_logits = self._learning_discriminator(real_images, batch.labels)
                fake_logits = self._learning_discriminator(fake_images, batch.labels)
            else:
                real_logits, fake_logits = judge_both(self._learning_discriminator, real_images, fake_images, batch.labels)
        loss = self.loss.discriminator(real_logits, fake_logits)
        total = loss
        if penalised:
            # A lazy penalty is as much the stronger (Karras et al. 2020, arXiv:1912.04958, appendix B).
            total = loss + config.penalty_every * self._penalties(real_images, real_logits, fake_images, fake_logits, batch.labels, rng)
        if self.informed:
            total = total + information
        _descend(self.discriminator_optimizer, self.discriminator, total)
        if config.clip:
            for weight in self.discriminator.parameters():
                weight.data.clamp_(-config.clip, config.clip)
        return loss.detach(), real_logits.detach(), fake_logits.detach()

    def _penalties(
        self, real: Tensor, real_logits: Tensor, fake: Tensor, fake_logits: Tensor, labels: Tensor, rng: torch.Generator
    ) -> Tensor:
        total = real_logits.new_zeros(())
        if self.config.r1_weight:
            total = total + self.config.r1_weight * slope_penalty(real, real_logits)
        if self.config.r2_weight:
            total = total + self.config.r2_weight * slope_penalty(fake, fake_logits)
        if self.config.gradient_penalty:
            shares = self.team.share.of(torch.rand(len(labels) * self.team.size, device=self.plan.device, generator=rng))
            between = mixed(real.detach(), fake.detach(), shares).requires_grad_(True)
            with self.plan.autocast():
                logits = self._learning_discriminator(between, labels)
            total = total + self.config.gradient_penalty * gradient_penalty(between, logits)
        return total

    def _generator_step(self, batch: Batch, noise: Tensor, fakes: Tensor, rng: torch.Generator) -> Tensor:
        real_logits, information = fakes.new_zeros(()), fakes.new_zeros(())
        if self.loss.relative:
            with torch.no_grad(), self.plan.autocast():
                real_logits = self.discriminator(self.augment(batch.images, rng, self.team.share), batch.labels)
        fake_images = self.augment(fakes, rng, self.team.share)
        if self.informed:
            fake_logits, information = self._information(self.discriminator, fake_images, batch.labels, noise)
        else:
            with self.plan.autocast():
                fake_logits = self.discriminator(fake_images, batch.labels)
        loss = self.loss.generator(real_logits, fake_logits)
        _descend(self.generator_optimizer, self.generator, loss + information)
        return loss.detach()

    def _information(self, discriminator: nn.Module, fakes: Tensor, codes: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """InfoGAN: (logits of the fakes, weighted loss of what Q reads from them)."""
        with self.plan.autocast():
            logits, read = discriminator(fakes, codes, read=True)
        continuous = noise[:, : infogan.CONTINUOUS]
        return logits, self.config.information_weight * infogan.information_loss(read, codes, continuous)

    @torch.no_grad()
    def _update_average(self) -> None:
        if self.config.ema_half_life == 0:
            return
        ours, theirs = self._average.state_dict(), self.generator.state_dict()
        floats = [name for name, value in ours.items() if value.is_floating_point()]
        torch._foreach_lerp_([ours[n] for n in floats], [theirs[n] for n in floats], [self._step_of_average] * len(floats))
        for name in floats:
            if name.endswith(SINGULAR_VECTORS):  # a mean of unit vectors is shorter than one
                ours[name].div_(ours[name].norm().clamp(min=1e-12))


def _optimizer(config: TrainConfig, player: nn.Module, lr: float, plan: Plan) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(player.parameters(), lr, momentum=config.beta1)
    on_gpu = plan.device.type == "cuda"  # where it must count its steps there, for a round to be recorded
    if config.optimizer == "rmsprop":
        return torch.optim.RMSprop(player.parameters(), lr, alpha=config.beta2, capturable=on_gpu)
    return torch.optim.Adam(player.parameters(), lr, (config.beta1, config.beta2), fused=True, capturable=on_gpu)


def _descend(optimizer: torch.optim.Optimizer, player: nn.Module, loss: Tensor) -> None:
    """One step of `player` alone: no gradients are computed for the other player's weights."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=list(player.parameters()))
    optimizer.step()
