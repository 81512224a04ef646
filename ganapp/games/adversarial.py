"""One round of the adversarial game, noise -> sample: Algorithm 1 of Goodfellow et al. 2014
(arXiv:1406.2661).

k steps of the discriminator, each on a fresh batch, then one step of the generator. The generator's
step reuses the fakes of the last discriminator step: new ones would come from the same distribution
and cost a forward pass.

Everything that differs from round to round is in tensors before a round starts (`prepare`), so that
a round can be recorded and replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganapp.augment import AUGMENTATIONS
from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Batch, Pictures
from ganapp.devices import Plan
from ganapp.engine import (
    SINGLE_PROCESS,
    ProcessGroup,
    has_batch_norm,
    judge_both,
    minibatch_std_layers,
)
from ganapp.games.noise import DrawsFromNoise
from ganapp.games.players import RunningAverage, Scores, descend
from ganapp.losses import LOSSES, gradient_penalty, mixed, slope_penalties, slope_penalty
from ganapp.models import Players


class Fakes(NamedTuple):
    """The pictures that the generator made from `noise` and the labels of `batch`."""

    batch: Batch
    noise: Tensor
    images: Tensor


class DiscriminatorsTurn(NamedTuple):
    """What the first half of a round leaves: the `fakes` that teach the generator, and of the last
    step the discriminator's loss, D(x) and D(G(z)).
    """

    fakes: Fakes
    loss: Tensor
    real: Tensor
    fake: Tensor


class AdversarialGame(DrawsFromNoise):
    """Two players, their optimizers, and the running average of the generator, which draws the
    samples.
    """

    scores = Scores
    separate_passes = False
    """Whether the discriminator always reads real and generated pictures in separate passes."""

    def __init__(
        self,
        config: TrainConfig,
        players: Players,
        plan: Plan,
        pictures: Pictures,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        self.group = group
        self.loss = LOSSES[config.loss]
        self.augment = AUGMENTATIONS[config.augment]
        generator, discriminator = (plan.place(player).train() for player in players)
        average = RunningAverage(generator, config.ema_half_life, plan.device)
        # BatchNorm must not see real and fake pictures in one batch.
        self.separate_passes |= has_batch_norm(discriminator)
        self._std_layers = minibatch_std_layers(discriminator)
        super().__init__(
            config,
            plan,
            group.synchronize_batch_norm(generator),
            group.synchronize_batch_norm(discriminator),
            average,
            pictures,
        )
        self._learning_generator, self._learning_discriminator = (
            group.averaging(self.generator),
            group.averaging(self.discriminator),
        )
        self._penalty_now = torch.ones((), device=plan.device)
        """The factor of the penalties in this round."""

    def prepare(self, step: int) -> bool:
        """Sets what differs in round number `step`. Returns its kind: whether penalties are due."""
        super().prepare(step)
        if self.config.penalty_half_life:
            self._penalty_now.fill_(0.5 ** (step / self.config.penalty_half_life))
        return bool(self.config.penalties) and step % self.config.penalty_every == 0

    def play(
        self, penalised: bool, batches: Sequence[Batch], rng: torch.Generator
    ) -> Scores[Tensor]:
        """Plays the round that `prepare` set up, on this process's rows of k `batches` of real
        pictures, with noise from `rng`.
        """
        fakes, loss, real, fake = self.discriminators_turn(penalised, batches, rng)
        return Scores(
            *self.group.mean(torch.stack([loss, self.generators_turn(fakes, rng), real, fake]))
        )

    def discriminators_turn(
        self, penalised: bool, batches: Sequence[Batch], rng: torch.Generator
    ) -> DiscriminatorsTurn:
        """The first half of a round: one step on each of the `batches`."""
        for number, batch in enumerate(batches, 1):
            # Only the last fakes teach the generator.
            fakes = self.make_fakes(batch, rng, learning=number == len(batches))
            loss, *logits = self._discriminator_step(penalised, fakes, rng)
        real, fake = (self.loss.verdict(each).mean() for each in logits)
        return DiscriminatorsTurn(fakes, loss, real, fake)

    def generators_turn(self, fakes: Fakes, rng: torch.Generator) -> Tensor:
        """The second half: one step on `fakes` that were made with `learning`. Returns the
        generator's loss.
        """
        loss = self._generator_step(fakes, rng)
        self._average.update()
        return loss

    def make_fakes(self, batch: Batch, rng: torch.Generator, learning: bool) -> Fakes:
        """As many pictures as `batch` has, of noise from `rng`; `learning` keeps what the
        generator's step needs.
        """
        whole = len(batch.labels) * self.group.size
        noise = self.group.share.of(
            torch.randn(whole, self.config.latent_size, device=self.plan.device, generator=rng)
        )
        batch = self._conditions(batch, rng)
        with torch.set_grad_enabled(learning), self.plan.autocast():
            return Fakes(batch, noise, self._learning_generator(noise, batch.labels))

    def remake(self, fakes: Fakes) -> Fakes:
        """The pictures of the same noise and labels from the generator as it is now. Counts for
        BatchNorm's running statistics only once, however often they are made.
        """
        buffers = {name: value.clone() for name, value in self.generator.named_buffers()}
        with self.plan.autocast():
            images = torch.func.functional_call(
                self.generator, buffers, (fakes.noise, fakes.batch.labels)
            )
        return fakes._replace(images=images)

    def _conditions(self, batch: Batch, rng: torch.Generator) -> Batch:
        """The batch with the labels that the generator gets."""
        return batch

    def judge_reals(
        self, discriminator: Callable[..., Any], images: Tensor, fakes: Fakes, rng: torch.Generator
    ) -> tuple[Tensor, Tensor | None]:
        """(logits of real `images`, a loss that the discriminator gets besides, if there is one).
        Asked only where `separate_passes` is true.
        """
        return discriminator(images, fakes.batch.labels), None

    def judge_fakes(
        self, discriminator: Callable[..., Any], images: Tensor, fakes: Fakes, learns: bool
    ) -> tuple[Tensor, Tensor | None]:
        """(logits of the generated `images`, a loss that the player on turn gets besides, if there
        is one). `learns`: the generator's turn.
        """
        return discriminator(images, fakes.batch.labels), None

    def _discriminator_step(
        self, penalised: bool, fakes: Fakes, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        config, batch = self.config, fakes.batch
        real_images = self.augment(batch.images, rng, self.group.share)
        fake_images = self.augment(fakes.images.detach(), rng, self.group.share)
        real_images.requires_grad_(penalised and config.r1_weight > 0)
        fake_images.requires_grad_(penalised and config.r2_weight > 0)
        with self.plan.autocast():
            own_slopes = penalised and (config.r1_weight > 0) != (config.r2_weight > 0)
            further: list[Tensor | None] = []
            # The gradients of one half alone need a separate pass.
            if own_slopes or self.separate_passes:
                read = self._learning_discriminator
                real_logits, of_reals = self.judge_reals(read, real_images, fakes, rng)
                fake_logits, of_fakes = self.judge_fakes(read, fake_images, fakes, learns=False)
                further = [of_reals, of_fakes]
            else:
                real_logits, fake_logits = judge_both(
                    self._learning_discriminator,
                    real_images,
                    fake_images,
                    batch.labels,
                    self._std_layers,
                )
        loss = self.loss.discriminator(real_logits, fake_logits)
        total = loss
        if penalised:
            # A lazy penalty is scaled up to match (Karras et al. 2020, arXiv:1912.04958, appendix
            # B).
            weight = config.penalty_every * self._penalty_now
            total = loss + weight * self._penalties(
                real_images, real_logits, fake_images, fake_logits, batch.labels, rng
            )
        for another in further:
            if another is not None:
                total = total + another
        descend(self.discriminator_optimizer, total)
        if config.clip:
            for weight in self.discriminator.parameters():
                weight.data.clamp_(-config.clip, config.clip)
        return loss.detach(), real_logits.detach(), fake_logits.detach()

    def _penalties(
        self,
        real: Tensor,
        real_logits: Tensor,
        fake: Tensor,
        fake_logits: Tensor,
        labels: Tensor,
        rng: torch.Generator,
    ) -> Tensor:
        total = real_logits.new_zeros(())
        r1, r2 = self.config.r1_weight, self.config.r2_weight
        if r1 and r2:  # in one backward pass
            at_real, at_fake = slope_penalties((real, fake), (real_logits, fake_logits))
            total = total + r1 * at_real + r2 * at_fake
        elif r1:
            total = total + r1 * slope_penalty(real, real_logits)
        elif r2:
            total = total + r2 * slope_penalty(fake, fake_logits)
        if self.config.gradient_penalty:
            shares = self.group.share.of(
                torch.rand(len(labels) * self.group.size, device=self.plan.device, generator=rng)
            )
            between = mixed(real.detach(), fake.detach(), shares).requires_grad_(True)
            with self.plan.autocast():
                logits = self._learning_discriminator(between, labels)
            total = total + self.config.gradient_penalty * gradient_penalty(between, logits)
        return total

    def _generator_step(self, fakes: Fakes, rng: torch.Generator) -> Tensor:
        batch, real_logits = fakes.batch, fakes.images.new_zeros(())
        if self.loss.relative:
            with torch.no_grad(), self.plan.autocast():
                real_logits = self.discriminator(
                    self.augment(batch.images, rng, self.group.share), batch.labels
                )
        fake_images = self.augment(fakes.images, rng, self.group.share)
        with self.plan.autocast():
            fake_logits, extra = self.judge_fakes(
                self.discriminator, fake_images, fakes, learns=True
            )
        loss = self.loss.generator(real_logits, fake_logits)
        descend(self.generator_optimizer, loss if extra is None else loss + extra)
        return loss.detach()
