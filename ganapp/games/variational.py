"""One round of a variational autoencoder (Kingma and Welling 2014, arXiv:1312.6114).

No network plays against another here: encoder and decoder both raise the evidence lower bound
(eq. 3),

    ELBO(x) = E_{z ~ q(z | x)} log p(x | z) - KL(q(z | x) || p(z)) <= log p(x),

with p(z) = N(0, 1) and one z for each picture, drawn with the reparameterisation. `kl_weight` is
the factor of the second term (beta of Higgins et al. 2017, "beta-VAE"); the bound is that of the
paper at 1.

Here log p(x | z) is that of Bernoulli pixels, with the grey values as shares of white. Since it is
linear in them, the ELBO is a bound of the mean of log p(b) over the black-and-white pictures b in
which a pixel is white with the probability of its grey value.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Batch, Pictures
from ganapp.devices import Plan
from ganapp.engine import SINGLE_PROCESS, ProcessGroup
from ganapp.games.noise import DrawsFromNoise
from ganapp.games.players import RunningAverage, VariationalScores, check_alone
from ganapp.models import Players
from ganapp.models.vae import Autoencoder


class VariationalGame(DrawsFromNoise):
    """A decoder (the generator) and an encoder (the discriminator's place), their optimizers, and
    the running average of the decoder.
    """

    scores = VariationalScores

    def __init__(
        self,
        config: TrainConfig,
        players: Players,
        plan: Plan,
        pictures: Pictures,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        check_alone(group, "The vae model draws the noise of a whole batch at once")
        decoder, encoder = (plan.place(player).train() for player in players)
        average = RunningAverage(decoder, config.ema_half_life, plan.device)
        super().__init__(config, plan, decoder, encoder, average, pictures)
        self.autoencoder = Autoencoder(encoder, decoder)

    def play(
        self, kind: bool, batches: Sequence[Batch], rng: torch.Generator
    ) -> VariationalScores[Tensor]:
        """A round on one batch."""
        (batch,) = batches
        shape = len(batch.labels), self.config.latent_size
        noise = torch.randn(shape, device=self.plan.device, generator=rng)
        with self.plan.autocast():
            errors, divergences = self.autoencoder(batch.images, batch.labels, noise)
        error, divergence = errors.mean(), divergences.mean()
        self._descend(error + self.config.kl_weight * divergence)
        self._average.update()
        shown = (error + divergence, error, divergence)
        return VariationalScores(*(value.detach() for value in shown))

    def _descend(self, loss: Tensor) -> None:
        """One step of both networks: they share their loss."""
        optimizers = (self.discriminator_optimizer, self.generator_optimizer)
        for each in optimizers:
            each.zero_grad()
        loss.backward()
        for each in optimizers:
            each.step()
