"""One round of the adversarial game, noise -> sample: Algorithm 1 of Goodfellow et al. 2014
(arXiv:1406.2661).

k steps of the discriminator, each on a fresh batch, then one step of the generator. The generator's
step reuses the fakes of the last discriminator step instead of drawing them anew: they come from
the same distribution, and a forward pass is saved.

Whatever differs from round to round is in tensors before a round starts (`prepare`), so that a
round can be recorded and replayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

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
from ganapp.games.players import LearningRates, RunningAverage, Scores, descend, optimizer
from ganapp.losses import LOSSES, gradient_penalty, mixed, slope_penalties, slope_penalty
from ganapp.models import Players, infogan
from ganapp.randomness import rng_for

PREVIEW_ROWS = 8
PREVIEW_COLUMNS = 10


class _Fakes(NamedTuple):
    """What the generator made of `noise`, and the batch of real pictures whose labels it was
    given.
    """

    batch: Batch
    noise: Tensor
    images: Tensor


class AdversarialGame:
    """Two players, their optimizers, and the running average of the generator that samples are
    drawn from.
    """

    scores = Scores

    def __init__(
        self,
        config: TrainConfig,
        players: Players,
        plan: Plan,
        pictures: Pictures,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        self.config, self.plan, self.group = config, plan, group
        self.loss = LOSSES[config.loss]
        self.augment = AUGMENTATIONS[config.augment]
        generator, discriminator = (plan.place(player).train() for player in players)
        self._average = RunningAverage(generator, config.ema_half_life, plan.device)
        # BatchNorm must not see real and fake pictures in one batch.
        self.separate_passes = has_batch_norm(discriminator)
        self._std_layers = minibatch_std_layers(discriminator)
        self.informed = config.model == "infogan"
        self._made: _Fakes | None = None
        self.generator, self.discriminator = (
            group.synchronize_batch_norm(generator),
            group.synchronize_batch_norm(discriminator),
        )
        self._learning_generator, self._learning_discriminator = (
            group.averaging(self.generator),
            group.averaging(self.discriminator),
        )
        self.discriminator_optimizer = optimizer(
            config, self.discriminator, config.discriminator_lr, plan
        )
        self.generator_optimizer = optimizer(config, self.generator, config.generator_lr, plan)
        self._rates = LearningRates(
            config.lr_half_life, self.discriminator_optimizer, self.generator_optimizer
        )
        self._penalty_now = torch.ones((), device=plan.device)
        """What is left of the penalties' weights in this round."""
        self.index_sets = [torch.arange(len(pictures.images), device=plan.device)]
        """The numbers of the pictures that the k batches of a round are dealt from."""
        classes = len(infogan.NAMES) if self.informed else len(pictures.class_names)
        by_class = config.by_class and classes > 1
        columns = classes if by_class and classes <= 12 else PREVIEW_COLUMNS
        rows = PREVIEW_ROWS if by_class else PREVIEW_ROWS * columns
        noise = torch.randn(
            rows,
            config.latent_size,
            device=plan.device,
            generator=rng_for(config.seed, "preview", device=plan.device),
        )
        self.preview_noise = (
            noise.repeat_interleave(columns, 0) if by_class else noise
        )  # one z a row, one class a column
        self.preview_labels = torch.arange(PREVIEW_ROWS * columns, device=plan.device) % min(
            columns, classes
        )

    @property
    def average(self) -> nn.Module:
        """The running average of the generator, in eval mode; with a half-life of 0 the generator
        as it is now.
        """
        return self._average.network

    @torch.no_grad()
    def preview(self) -> Tensor:
        """The averaged generator's pictures of fixed noise, (rows, columns, C, H, W) in [-1, 1]."""
        with self.plan.autocast():
            return self.average(self.preview_noise, self.preview_labels).unflatten(
                0, (PREVIEW_ROWS, -1)
            )

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
        """Sets what is round number `step`'s own. Returns the kind of round that it is: whether
        penalties are due.
        """
        self._average.prepare(step)
        self._rates.prepare(step)
        if self.config.penalty_half_life:
            self._penalty_now.fill_(0.5 ** (step / self.config.penalty_half_life))
        return bool(self.config.penalties) and step % self.config.penalty_every == 0

    def play(
        self, penalised: bool, batches: Sequence[Batch], rng: torch.Generator
    ) -> Scores[Tensor]:
        """The round that `prepare` set up, on this process's rows of k `batches` of real pictures;
        noise is drawn from `rng`.
        """
        loss, real, fake = self.discriminators_turn(penalised, batches, rng)
        return Scores(
            *self.group.mean(
                torch.stack([loss, self.generators_turn(batches[-1], rng), real, fake])
            )
        )

    def discriminators_turn(
        self, penalised: bool, batches: Sequence[Batch], rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The first half of a round, a step on each of the `batches`: (the discriminator's loss,
        D(x), D(G(z))) of the last one.
        """
        for number, batch in enumerate(batches, 1):
            # Only the last fakes teach the generator.
            fakes = self._fakes(batch, rng, learning=number == len(batches))
            loss, *logits = self._discriminator_step(penalised, fakes, rng)
        self._made = fakes
        real, fake = (self.loss.verdict(each).mean() for each in logits)
        return loss, real, fake

    def generators_turn(self, batch: Batch, rng: torch.Generator) -> Tensor:
        """The second half: a step on the fakes of the first, or on new ones if there was none since
        the last. The generator's loss.
        """
        made, self._made = self._made, None
        loss = self._generator_step(made or self._fakes(batch, rng, learning=True), rng)
        self._average.update()
        return loss

    def _fakes(self, batch: Batch, rng: torch.Generator, learning: bool) -> _Fakes:
        whole = len(batch.labels) * self.group.size
        noise = self.group.share.of(
            torch.randn(whole, self.config.latent_size, device=self.plan.device, generator=rng)
        )
        if self.informed:  # the codes are drawn, and the data's labels never seen
            codes = torch.randint(infogan.CODES, (whole,), device=self.plan.device, generator=rng)
            batch = Batch(batch.images, self.group.share.of(codes))
        with torch.set_grad_enabled(learning), self.plan.autocast():
            return _Fakes(batch, noise, self._learning_generator(noise, batch.labels))

    def _discriminator_step(
        self, penalised: bool, made: _Fakes, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        batch, noise, fakes = made
        real_images = self.augment(batch.images, rng, self.group.share)
        fake_images = self.augment(fakes.detach(), rng, self.group.share)
        config = self.config
        real_images.requires_grad_(penalised and config.r1_weight > 0)
        fake_images.requires_grad_(penalised and config.r2_weight > 0)
        with self.plan.autocast():
            own_slopes = penalised and (config.r1_weight > 0) != (config.r2_weight > 0)
            if self.informed:
                real_logits = self._learning_discriminator(real_images, batch.labels)
                fake_logits, information = self._information(
                    self._learning_discriminator, fake_images, batch.labels, noise
                )
            elif (
                own_slopes or self.separate_passes
            ):  # slopes of one half only need a pass of its alone
                real_logits = self._learning_discriminator(real_images, batch.labels)
                fake_logits = self._learning_discriminator(fake_images, batch.labels)
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
            # A lazy penalty is as much the stronger (Karras et al. 2020, arXiv:1912.04958, appendix
            # B).
            weight = config.penalty_every * self._penalty_now
            total = loss + weight * self._penalties(
                real_images, real_logits, fake_images, fake_logits, batch.labels, rng
            )
        if self.informed:
            total = total + information
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
        if r1 and r2:  # in one pass back, as they were judged in one
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

    def _generator_step(self, made: _Fakes, rng: torch.Generator) -> Tensor:
        batch, noise, fakes = made
        real_logits, information = fakes.new_zeros(()), fakes.new_zeros(())
        if self.loss.relative:
            with torch.no_grad(), self.plan.autocast():
                real_logits = self.discriminator(
                    self.augment(batch.images, rng, self.group.share), batch.labels
                )
        fake_images = self.augment(fakes, rng, self.group.share)
        if self.informed:
            fake_logits, information = self._information(
                self.discriminator, fake_images, batch.labels, noise
            )
        else:
            with self.plan.autocast():
                fake_logits = self.discriminator(fake_images, batch.labels)
        loss = self.loss.generator(real_logits, fake_logits)
        descend(self.generator_optimizer, loss + information)
        return loss.detach()

    def _information(
        self, discriminator: nn.Module, fakes: Tensor, codes: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        """InfoGAN: (logits of the fakes, weighted loss of what Q reads from them)."""
        with self.plan.autocast():
            logits, read = discriminator(fakes, codes, read=True)
        continuous = noise[:, : infogan.CONTINUOUS]
        return logits, self.config.information_weight * infogan.information_loss(
            read, codes, continuous
        )
