"""One round of the game of AC-GAN (Odena, Olah and Shlens 2017, arXiv:1610.09585), with attributes
in place of its classes.

To the loss of the discriminator comes the mean squared error of what it reads in real pictures, to
that of the generator the same error for what was asked of it. The paper's discriminator learns to
read generated pictures too; here it does not, so both players cannot agree on signs of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Batch, Pictures
from ganapp.devices import Plan
from ganapp.engine import SINGLE_PROCESS, ProcessGroup
from ganapp.errors import BadInput
from ganapp.games.adversarial import AdversarialGame, Fakes
from ganapp.games.noise import PREVIEW_ROWS
from ganapp.models import Players, acgan
from ganapp.randomness import rng_for


class AttributeGame(AdversarialGame):
    """The generator is asked for the class and the attributes of real pictures."""

    separate_passes = True  # the reader learns from real pictures only

    def __init__(
        self,
        config: TrainConfig,
        players: Players,
        plan: Plan,
        pictures: Pictures,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        if pictures.attributes is None:
            raise BadInput(
                "The acgan model needs pictures with known attributes, which these have not: choose"
                " the data set letters, or another model."
            )
        cast(acgan.Generator, players.generator).learn_spread(pictures.attributes)
        super().__init__(config, players, plan, pictures, group)

    def _preview_inputs(self, classes: int) -> tuple[Tensor, Tensor]:
        """Every class in a few styles: one z, so one style, for all classes of two rows."""
        columns = max(2, -(-classes // 2))
        styles = PREVIEW_ROWS // 2
        device = self.plan.device
        rng = rng_for(self.config.seed, "preview", device=device)
        noise = torch.randn(styles, self.config.latent_size, device=device, generator=rng)
        labels = torch.arange(2 * columns, device=device) % classes
        return noise.repeat_interleave(2 * columns, 0), labels.repeat(styles)

    def _conditions(self, batch: Batch, rng: torch.Generator) -> Batch:
        attributes = cast(Tensor, batch.attributes)
        return batch._replace(
            labels=acgan.condition(batch.labels, attributes, len(self.class_names))
        )

    def judge_reals(
        self, discriminator: Callable[..., Any], images: Tensor, fakes: Fakes, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """(logits of real `images`, how badly their attributes are read)."""
        return self._judge(discriminator, images, fakes.batch)

    def judge_fakes(
        self, discriminator: Callable[..., Any], images: Tensor, fakes: Fakes, learns: bool
    ) -> tuple[Tensor, Tensor | None]:
        """(logits of the generated `images`, how badly they show what was asked)."""
        if not learns:
            return discriminator(images, fakes.batch.labels), None
        return self._judge(discriminator, images, fakes.batch)

    def _judge(
        self, discriminator: Callable[..., Any], images: Tensor, batch: Batch
    ) -> tuple[Tensor, Tensor]:
        logits, read = discriminator(images, batch.labels, read=True)
        error = mse_loss(read, cast(Tensor, batch.attributes))
        return logits, self.config.attribute_weight * error
