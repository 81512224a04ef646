"""One round of the game of GAN-CLS (Reed et al. 2016, arXiv:1605.05396, Algorithm 1): the
adversarial game with texts, in which the discriminator also learns from real pictures with a false
text.

It sees three kinds of pairs: a real picture and a true text of it, which is right; a real picture
and a false text, and a generated picture and the text it was made from, which are wrong. Without
the second kind, nothing but generated pictures would tell it that texts matter. The paper's
false texts belong to other pictures; here they differ from the picture in at least one statement.

The generator also earns what makes pictures of one text differ (Mao et al. 2019, arXiv:1903.05628).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ganapp.config.training import TrainConfig
from ganapp.datasets.captions import CHANCES, Captions
from ganapp.datasets.pictures import Batch, Pictures
from ganapp.datasets.texts import EXAMPLES, tokens_of
from ganapp.devices import Plan
from ganapp.engine import SINGLE_PROCESS, ProcessGroup
from ganapp.errors import BadInput
from ganapp.games.adversarial import AdversarialGame, Fakes
from ganapp.games.noise import PREVIEW_ROWS
from ganapp.models import Players
from ganapp.randomness import rng_for


class MatchingGame(AdversarialGame):
    """The labels are texts about the real pictures, written anew in each round."""

    separate_passes = True  # only real pictures are seen with two texts

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
                f"The {config.model} model learns from pictures with texts, and nothing is known of"
                " these to write any: choose the data set faces."
            )
        self.captions = Captions(plan.device)
        super().__init__(config, players, plan, pictures, group)

    def _preview_inputs(self, classes: int) -> tuple[Tensor, Tensor]:
        """Fixed noise and texts: one z in each row, one of the examples in each column."""
        rng = rng_for(self.config.seed, "preview", device=self.plan.device)
        noise = torch.randn(
            PREVIEW_ROWS, self.config.latent_size, device=self.plan.device, generator=rng
        )
        texts = torch.from_numpy(tokens_of(EXAMPLES)).to(self.plan.device)
        return noise.repeat_interleave(len(texts), 0), texts.repeat(PREVIEW_ROWS, 1)

    def _texts(self, batch: Batch, rng: torch.Generator, false: bool = False) -> Tensor:
        """Captions of a batch's pictures, (B, T)."""
        assert batch.attributes is not None
        count = len(batch.labels) * self.group.size
        chances = torch.rand(count, *CHANCES, device=self.plan.device, generator=rng)
        return self.captions.of(batch.attributes, self.group.share.of(chances), false)

    def _conditions(self, batch: Batch, rng: torch.Generator) -> Batch:
        return batch._replace(labels=self._texts(batch, rng))

    def judge_reals(
        self, discriminator: Callable[..., Any], images: Tensor, fakes: Fakes, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """(logits of real `images` with true texts, the loss of telling these from false ones)."""
        right, wrong = discriminator(
            images, fakes.batch.labels, self._texts(fakes.batch, rng, false=True)
        )
        return right, self.loss.discriminator(right, wrong)

    def judge_fakes(
        self, discriminator: Callable[..., Any], images: Tensor, fakes: Fakes, learns: bool
    ) -> tuple[Tensor, Tensor | None]:
        """(logits of the generated `images` with their texts, in the generator's turn the reward
        for variety as a loss).
        """
        logits = discriminator(images, fakes.batch.labels)
        if not learns or self.config.variety_weight == 0:
            return logits, None
        return logits, -self.config.variety_weight * self._variety(fakes)

    def _variety(self, fakes: Fakes) -> Tensor:
        """How far apart two pictures of one text are, as a share of how far apart their z are (Mao
        et al. 2019, arXiv:1903.05628): the mean over half of the batch.

        Hardly two pictures have the same text, so a discriminator would be slow to notice that all
        of one text are alike.
        """
        half = max(1, len(fakes.noise) // 2)
        one, other = fakes.noise[:half], fakes.noise[-half:]
        again = self._learning_generator(other, fakes.batch.labels[:half])
        apart = (again - fakes.images[:half]).abs().mean((1, 2, 3))
        result: Tensor = (apart / (other - one).abs().mean(1)).mean()
        return result
