"""One round of the game of InfoGAN (Chen et al. 2016, arXiv:1606.03657): the adversarial game in
which both players also earn what a network Q reads back from the generated pictures.

min over G, Q, max over D of V(D, G) - lambda L_I(G, Q) (eq. 6 of the paper), where L_I is a lower
bound of the mutual information between the codes and the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ganapp.datasets.pictures import Batch, Pictures
from ganapp.games.adversarial import AdversarialGame, Fakes
from ganapp.models import infogan


class InformationGame(AdversarialGame):
    """The classes are codes: drawn at random and read back. The labels of the data are never
    used.
    """

    separate_passes = True  # Q reads generated pictures only

    def classes_of(self, pictures: Pictures) -> tuple[str, ...]:
        """The names of the codes."""
        return infogan.NAMES

    def _conditions(self, batch: Batch, rng: torch.Generator) -> Batch:
        count = len(batch.labels) * self.group.size
        codes = torch.randint(infogan.CODES, (count,), device=self.plan.device, generator=rng)
        return batch._replace(labels=self.group.share.of(codes))

    def judge_fakes(
        self, discriminator: Callable[..., Any], images: Tensor, fakes: Fakes, learns: bool
    ) -> tuple[Tensor, Tensor]:
        """(logits of the generated `images`, how badly their codes are read)."""
        logits, read = discriminator(images, fakes.batch.labels, read=True)
        loss = infogan.information_loss(
            read, fakes.batch.labels, fakes.noise[:, : infogan.CONTINUOUS]
        )
        return logits, self.config.information_weight * loss
