"""One round of the game of CycleGAN, picture -> picture (Zhu et al. 2017, arXiv:1703.10593).

L(G, F, D_A, D_B) = L_GAN(G, D_B) + L_GAN(F, D_A) + lambda E[|F(G(a)) - a| + |G(F(b)) - b|] +
lambda_id E[|F(a) - a| + |G(b) - b|] (eq. 3 and section 5.2), here with means over both directions
instead of sums. The discriminators go first, as in the other games.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from ganapp.augment import AUGMENTATIONS
from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Batch, Pictures
from ganapp.devices import Plan
from ganapp.engine import SINGLE_PROCESS, ProcessGroup
from ganapp.errors import BadInput
from ganapp.games.players import CycleScores, RunningAverage, TwoPlayers, check_alone, descend
from ganapp.losses import LOSSES
from ganapp.models import Players, cyclegan
from ganapp.models.cyclegan import EXAMPLES, A, B
from ganapp.randomness import rng_for


class Pool(nn.Module):
    """A pool of about the last `size` fakes (Shrivastava et al. 2017, arXiv:1612.07828). A
    discriminator that sees old fakes among the new ones does not forget them, and the game
    oscillates less.
    """

    pictures: Tensor
    seen: Tensor

    def __init__(self, size: int, shape: Sequence[int]) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("pictures", torch.zeros(size, *shape))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def exchanged(self, fakes: Tensor, rng: torch.Generator) -> Tensor:
        """`fakes` (B, ...), with about half of them replaced by older ones once the pool is
        full.
        """
        if not self.size:
            return fakes
        count, device = len(fakes), fakes.device
        # Without branches on what a tensor holds, so that the round can be recorded.
        full = self.seen >= self.size
        anywhere = torch.rand(self.size, device=device, generator=rng).argsort()[:count]
        places = torch.where(
            full, anywhere, (self.seen + torch.arange(count, device=device)) % self.size
        )
        coins = (torch.rand(count, device=device, generator=rng) < 0.5) & full
        old, picked = self.pictures[places], coins.view(-1, *[1] * (fakes.ndim - 1))
        self.pictures[places] = torch.where(picked | ~full, fakes, old)
        self.seen.add_(count)
        return torch.where(picked, old, fakes)


class CycleGame(TwoPlayers):
    """Two generators and two discriminators, their optimizers, pools of earlier fakes, and the
    running average of the generators.
    """

    scores = CycleScores
    generator: cyclegan.Generator
    discriminator: cyclegan.Discriminator

    def __init__(
        self,
        config: TrainConfig,
        players: Players,
        plan: Plan,
        pictures: Pictures,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        check_alone(
            group, "The cyclegan model keeps a pool of earlier pictures that processes do not share"
        )
        self.loss = LOSSES[config.loss]
        self.augment = AUGMENTATIONS[config.augment]
        generator, discriminator = (plan.place(player).train() for player in players)
        self.index_sets = _domains(pictures)
        """The numbers of the pictures of each domain: a round plays one batch of each."""
        _keep_examples(cast(cyclegan.Generator, generator), config, pictures, self.index_sets)
        average = RunningAverage(generator, config.ema_half_life, plan.device)
        super().__init__(config, plan, generator, discriminator, average)
        shape = self.generator.examples.shape[1:]
        self.pool_of_a, self.pool_of_b = (
            Pool(config.pool_size, shape).to(plan.device) for _ in range(2)
        )
        self.class_names = pictures.class_names

    @staticmethod
    def example_input(config: TrainConfig, shape: Sequence[int]) -> Tensor:
        """An input of the generator, (1, C, H, W), for pictures of this `shape` (C, H, W)."""
        return torch.zeros(1, *shape)

    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        """Everything that a resume needs, by name."""
        return super().parts() | {"pool_of_a": self.pool_of_a, "pool_of_b": self.pool_of_b}

    def play(
        self, kind: bool, batches: Sequence[Batch], rng: torch.Generator
    ) -> CycleScores[Tensor]:
        """A round on a batch of each domain."""
        a, b = (batch.images for batch in batches)
        generator = self.generator
        with self.plan.autocast():
            # Fakes and identities in one pass: InstanceNorm looks at one picture at a time.
            fake_b, same_b = generator.to_b(torch.cat([a, b])).split([len(a), len(b)])
            fake_a, same_a = generator.to_a(torch.cat([b, a])).split([len(b), len(a)])
        discriminator_loss, real_score, fake_score = self._discriminator_step(
            a, b, fake_a.detach(), fake_b.detach(), rng
        )
        with self.plan.autocast():
            back_a, back_b = generator.to_a(fake_b), generator.to_b(fake_a)
        cycle = ((back_a - a).abs().mean() + (back_b - b).abs().mean()) / 2
        identity = ((same_a - a).abs().mean() + (same_b - b).abs().mean()) / 2
        adversarial = self._generator_loss(a, b, fake_a, fake_b, rng)
        total = adversarial + self.config.cycle_weight * cycle
        if self.config.identity_weight:
            total = total + self.config.identity_weight * identity
        descend(self.generator_optimizer, total)
        self._average.update()
        # Pixels are in [-1, 1], twice the range of a share.
        shown = (discriminator_loss, adversarial, real_score, fake_score, cycle / 2, identity / 2)
        return CycleScores(*(value.detach() for value in shown))

    def _discriminator_step(
        self, a: Tensor, b: Tensor, fake_a: Tensor, fake_b: Tensor, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        fake_a, fake_b = (
            self.pool_of_a.exchanged(fake_a, rng),
            self.pool_of_b.exchanged(fake_b, rng),
        )
        judges = (self.discriminator.of_a, a, fake_a), (self.discriminator.of_b, b, fake_b)
        with self.plan.autocast():
            pairs = [
                (judge(self.augment(real, rng)), judge(self.augment(fake, rng)))
                for judge, real, fake in judges
            ]
        loss = torch.stack([self.loss.discriminator(real, fake) for real, fake in pairs]).mean()
        descend(self.discriminator_optimizer, loss)
        real_score, fake_score = (
            torch.stack([self.loss.verdict(logits).mean() for logits in of_both]).mean()
            for of_both in zip(*pairs, strict=True)
        )
        return loss, real_score, fake_score

    def _generator_loss(
        self, a: Tensor, b: Tensor, fake_a: Tensor, fake_b: Tensor, rng: torch.Generator
    ) -> Tensor:
        losses = []
        for judge, real, fake in (
            (self.discriminator.of_a, a, fake_a),
            (self.discriminator.of_b, b, fake_b),
        ):
            with self.plan.autocast():
                with torch.no_grad():
                    real_logits = (
                        judge(self.augment(real, rng)) if self.loss.relative else real.new_zeros(())
                    )
                losses.append(self.loss.generator(real_logits, judge(self.augment(fake, rng))))
        return torch.stack(losses).mean()

    @torch.no_grad()
    def preview(self) -> Tensor:
        """Examples of A, of A -> B and of A -> B -> A, then of B, B -> A and B -> A -> B: (6,
        columns, C, H, W) in [-1, 1].
        """
        with self.plan.autocast():
            return torch.stack(cyclegan.round_trips(cast(cyclegan.Generator, self.average)))


def _domains(pictures: Pictures) -> list[Tensor]:
    """The numbers of the pictures of A and of B."""
    index_sets = [(pictures.labels == domain).nonzero().flatten() for domain in (A, B)]
    if len(pictures.class_names) != 2 or not all(map(len, index_sets)):
        raise BadInput(
            "The cyclegan model translates between two domains, but the data have"
            f" {len(pictures.class_names)} classes: choose data with two, such as"
            " digits-outline."
        )
    return index_sets


def _keep_examples(
    generator: cyclegan.Generator,
    config: TrainConfig,
    pictures: Pictures,
    index_sets: Sequence[Tensor],
) -> None:
    """Keeps the same pictures of each domain all along, so that one sees their translations
    change.
    """
    for domain, indices in zip((A, B), index_sets, strict=True):
        rng = rng_for(config.seed, "preview", domain)
        chosen = torch.randperm(len(indices), generator=rng).repeat(EXAMPLES)[:EXAMPLES]
        examples = pictures.images[indices[chosen.to(indices.device)]]
        generator.examples.chunk(2)[domain][:] = examples
