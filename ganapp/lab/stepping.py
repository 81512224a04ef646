"""A copy of a training run that rests, played by hand: half a round at a time, with what each step
does to a few pictures.

The run itself is left as it is. Its next rounds are the ones that are seen here, since both draw
the same random numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor, nn

from ganapp.checkpoints import TrainingState
from ganapp.datasets import Pictures
from ganapp.datasets.pictures import Batch
from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.games.adversarial import Fakes
from ganapp.lab.turns import TurnTrainer
from ganapp.pictures import to_uint8

COUNT = 12
Act = Literal["look", "discriminator", "generator", "round"]


class Look(NamedTuple):
    """Pictures of fixed noise and what the discriminator thinks of them.

    images     uint8 (N, H, W, C), of the generator itself, not of its running average
    answers    (N,) D(G(z)), a probability, or a critic's score
    pull       float32 (N, H, W, C), minus the gradient of the generator's loss at each pixel: how
               each picture would have to change to lower it
    """

    images: np.ndarray
    answers: np.ndarray
    pull: np.ndarray


class Step(NamedTuple):
    """What an act has changed, in round number `step`; `halfway` says that the discriminator has
    taken its turn of this round and the generator has not.
    """

    act: Act
    before: Look
    after: Look
    step: int
    halfway: bool


class SteppedRun:
    """One copy. `BadInput` for a model that translates or encodes."""

    def __init__(self, state: TrainingState, pictures: Pictures) -> None:
        if state.config.capabilities.translates:
            raise BadInput(
                "This model makes pictures from pictures; step by step shows two players that start"
                " from noise: choose a run of another model."
            )
        if state.config.capabilities.encodes:
            raise BadInput(
                "This model is a VAE, whose networks learn together in one step; step by step shows"
                " two players that take turns: choose a run of a GAN."
            )
        self.trainer = TurnTrainer(state.config, pictures, plan(state.config.precision))
        self.trainer.restore(state)
        self._seen = self.look()

    def act(self, act: Act) -> Step:
        """Plays half a round or a whole one, or only looks."""
        if act not in get_args(Act):
            raise BadInput(f"The steps are {', '.join(get_args(Act))}, not {str(act)[:40]!r}.")
        trainer, before = self.trainer, self._seen
        with torch.enable_grad():
            if act == "discriminator" or (act == "round" and not trainer.halfway):
                trainer.discriminators_turn()
            if act in ("generator", "round"):
                trainer.generators_turn()
        self._seen = self.look()
        return Step(act, before, self._seen, trainer.step, trainer.halfway)

    def look(self) -> Look:
        """How things stand. It changes nothing, BatchNorm's statistics included."""
        game = self.trainer.game
        # A class in each column of the preview: the first row has them all.
        noise, labels = game.preview_noise[:COUNT], game.preview_labels[:COUNT]
        generator, discriminator = _reader(game.generator), _reader(game.discriminator)

        def judged(images: Tensor) -> Tensor:
            fakes = Fakes(Batch(images, labels), noise, images)
            with game.plan.autocast():
                return game.judge_fakes(discriminator, images, fakes, learns=False)[0].float()

        with torch.no_grad(), game.plan.autocast():
            made = generator(noise, labels).float()
        with torch.enable_grad():
            logits = judged(made.requires_grad_(True))
            real = torch.zeros_like(logits)
            if game.loss.relative:
                some = torch.arange(len(labels), device=game.plan.device)
                with torch.no_grad():
                    real = judged(self.trainer.pictures.batch(some).images)
            (gradient,) = torch.autograd.grad(game.loss.generator(real, logits), made)
        answers = game.loss.verdict(logits.detach())
        return Look(
            to_uint8(made.detach().cpu().numpy()),
            answers.cpu().numpy().reshape(-1),
            # The loss is a mean over the pictures.
            (-len(made) * gradient).cpu().numpy().transpose(0, 2, 3, 1),
        )


def _reader(network: nn.Module) -> Callable[..., Any]:
    """The network as it is in training, but for the statistics of BatchNorm, which stay as they
    are: a round that is half played still needs them.
    """
    buffers = {name: value.clone() for name, value in network.named_buffers()}
    return lambda *args, **named: torch.func.functional_call(network, buffers, args, named)
