"""What the games have in common whose generator draws from noise."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Pictures
from ganapp.devices import Plan
from ganapp.games.players import RunningAverage, TwoPlayers
from ganapp.randomness import rng_for

PREVIEW_ROWS = 8
PREVIEW_COLUMNS = 10


class DrawsFromNoise(TwoPlayers):
    """Two players whose generator maps z to pictures; it is watched by what it draws from the same
    noise again and again.
    """

    def __init__(
        self,
        config: TrainConfig,
        plan: Plan,
        generator: nn.Module,
        discriminator: nn.Module,
        average: RunningAverage,
        pictures: Pictures,
    ) -> None:
        super().__init__(config, plan, generator, discriminator, average)
        self.index_sets = [torch.arange(len(pictures.images), device=plan.device)]
        """The numbers of the pictures that the batches of a round are drawn from."""
        self.class_names = self.classes_of(pictures)
        self.preview_noise, self.preview_labels = self._preview_inputs(len(self.class_names))

    def classes_of(self, pictures: Pictures) -> tuple[str, ...]:
        """The names of the classes that one can ask the generator for."""
        return pictures.class_names

    @staticmethod
    def example_input(config: TrainConfig, shape: Sequence[int]) -> Tensor:
        """An input of the generator, (1, latent_size), for pictures of this `shape` (C, H, W)."""
        return torch.zeros(1, config.latent_size)

    def _preview_inputs(self, classes: int) -> tuple[Tensor, Tensor]:
        """Fixed noise and labels: one z in each row and one class in each column, or a z for each
        picture if one cannot ask for a class.
        """
        config, device = self.config, self.plan.device
        by_class = config.by_class and classes > 1
        columns = classes if by_class and classes <= 12 else PREVIEW_COLUMNS
        rows = PREVIEW_ROWS if by_class else PREVIEW_ROWS * columns
        rng = rng_for(config.seed, "preview", device=device)
        noise = torch.randn(rows, config.latent_size, device=device, generator=rng)
        if by_class:
            noise = noise.repeat_interleave(columns, 0)
        return noise, torch.arange(PREVIEW_ROWS * columns, device=device) % min(columns, classes)

    @torch.no_grad()
    def preview(self) -> Tensor:
        """The averaged generator's pictures of fixed noise, (rows, columns, C, H, W) in [-1, 1]."""
        with self.plan.autocast():
            result: Tensor = self.average(self.preview_noise, self.preview_labels).unflatten(
                0, (PREVIEW_ROWS, -1)
            )
            return result
