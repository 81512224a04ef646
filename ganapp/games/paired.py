"""One round of the game of pix2pix, damaged picture -> whole picture (Isola et al. 2017,
arXiv:1611.07004).

L(G, D) = E[log D(x, y)] + E[log(1 - D(x, G(x)))] + lambda E|y - G(x)| (eq. 4), where y is a picture
of the data and x the same one damaged. The discriminator sees x, too. With an adversarial weight of
0 the generator learns from the last term alone, and the discriminator looks on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from ganapp.augment import AUGMENTATIONS
from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Batch, Pictures
from ganapp.devices import Plan
from ganapp.engine import SINGLE_PROCESS, ProcessGroup
from ganapp.games.players import PairedScores, RunningAverage, TwoPlayers, check_alone, descend
from ganapp.losses import LOSSES
from ganapp.models import Players, pix2pix
from ganapp.models.pix2pix import EXAMPLES, WHOLE
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES


class PairedGame(TwoPlayers):
    """A generator and a discriminator, their optimizers, and the running average of the
    generator.
    """

    scores = PairedScores
    discriminator: pix2pix.Discriminator

    def __init__(
        self,
        config: TrainConfig,
        players: Players,
        plan: Plan,
        pictures: Pictures,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        check_alone(group, "The pix2pix model draws its damage for a whole batch")
        self.loss, self.damage = LOSSES[config.loss], DAMAGES[config.damage]
        self.augment = AUGMENTATIONS[config.augment]
        generator, discriminator = (plan.place(player).train() for player in players)
        _keep_examples(cast(pix2pix.Generator, generator), config, pictures)
        average = RunningAverage(generator, config.ema_half_life, plan.device)
        super().__init__(config, plan, generator, discriminator, average)
        self.class_names = (self.damage.title, WHOLE)
        self.index_sets = [torch.arange(len(pictures.labels), device=plan.device)]

    @staticmethod
    def example_input(config: TrainConfig, shape: Sequence[int]) -> Tensor:
        """An input of the generator, (1, C, H, W), for pictures of this `shape` (C, H, W)."""
        return torch.zeros(1, *shape)

    def play(
        self, kind: bool, batches: Sequence[Batch], rng: torch.Generator
    ) -> PairedScores[Tensor]:
        """A round on one batch."""
        (batch,) = batches
        whole = batch.images
        given = self.damage.spoiled(whole, rng)
        with self.plan.autocast():
            made = self.generator(given, batch.labels)
        discriminator_loss, real, fake = self._discriminator_step(given, whole, made.detach(), rng)
        adversarial = self._generator_loss(given, whole, made, rng)
        error = (made - whole).abs().mean()
        total = self.config.adversarial_weight * adversarial + self.config.l1_weight * error
        descend(self.generator_optimizer, total)
        self._average.update()
        # Pixels are in [-1, 1], twice the range of a share.
        shown = (discriminator_loss, adversarial, real, fake, error / 2)
        return PairedScores(*(value.detach() for value in shown))

    def _logits(self, given: Tensor, images: Tensor, rng: torch.Generator) -> Tensor:
        """The discriminator's, for pairs that are augmented as one."""
        pairs = self.augment(torch.cat([given, images], 1), rng)
        return self.discriminator.patches(pairs[:, images.shape[1] :], pairs[:, : images.shape[1]])

    def _discriminator_step(
        self, given: Tensor, whole: Tensor, made: Tensor, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        with self.plan.autocast():
            real, fake = self._logits(given, whole, rng), self._logits(given, made, rng)
        loss = self.loss.discriminator(real, fake)
        descend(self.discriminator_optimizer, loss)
        return loss, self.loss.verdict(real).mean(), self.loss.verdict(fake).mean()

    def _generator_loss(
        self, given: Tensor, whole: Tensor, made: Tensor, rng: torch.Generator
    ) -> Tensor:
        with self.plan.autocast():
            with torch.no_grad():
                real = (
                    self._logits(given, whole, rng) if self.loss.relative else whole.new_zeros(())
                )
            fake = self._logits(given, made, rng)
        return self.loss.generator(real, fake)

    @torch.no_grad()
    def preview(self) -> Tensor:
        """Examples damaged, repaired and whole: (3, columns, C, H, W) in [-1, 1]."""
        with self.plan.autocast():
            return torch.stack(pix2pix.repairs(self.average))


def _keep_examples(generator: pix2pix.Generator, config: TrainConfig, pictures: Pictures) -> None:
    """Damages some pictures once, so that one sees their repair change."""
    rng = rng_for(config.seed, "preview")
    count = len(pictures.labels)
    chosen = torch.randperm(count, generator=rng).repeat(EXAMPLES)[:EXAMPLES]
    whole = pictures.images[chosen.to(pictures.images.device)].cpu()
    given = DAMAGES[config.damage].spoiled(whole.float() / 127.5 - 1, rng)
    damaged = (given * 127.5 + 127.5).round().clamp(0, 255).byte()
    generator.examples[:] = torch.cat([damaged, whole])
