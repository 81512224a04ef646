"""A trainer that also plays half a round at a time, for those who want to see each player learn."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from ganapp.games.adversarial import AdversarialGame, Fakes
from ganapp.training import Trainer


class HalfRound(NamedTuple):
    """All that the generator's turn needs of the discriminator's: the fakes, and the state of the
    random numbers after them.
    """

    fakes: Fakes
    randomness: Tensor


class TurnTrainer(Trainer):
    """A `Trainer` of an adversarial game whose players may take their turns one by one."""

    game: AdversarialGame
    half: HalfRound | None = None

    @property
    def halfway(self) -> bool:
        """Whether the discriminator has taken its turn of this round and the generator has not
        yet.
        """
        return self.half is not None

    def advance(self) -> Tensor:
        """Plays one whole round; a round that was begun ends without the generator's turn."""
        self._end_half_round()
        return super().advance()

    def discriminators_turn(self) -> None:
        """The first half of a round, which the generator's turn ends."""
        self._end_half_round()
        self._begin_round()
        penalised = self.game.prepare(self.step)
        turn = self.game.discriminators_turn(penalised, self._batches(), self.rng)
        self.half = HalfRound(turn.fakes, self.rng.get_state())

    def generators_turn(self) -> None:
        """The second half: after the first it ends the round that `advance` would have played;
        alone it is a round of its own.
        """
        self.game.prepare(self.step)
        if self.half is None:
            self._begin_round()
            fakes = self.game.make_fakes(self._batches()[-1], self.rng, learning=True)
        else:
            fakes = self.half.fakes
            self.rng.set_state(self.half.randomness)
        self.game.generators_turn(fakes, self.rng)
        self.step, self.half = self.step + 1, None

    def take_over_round(self, before: TurnTrainer) -> None:
        """Goes on in the round of another trainer, whose weights this one has, with the fakes that
        the generator makes now of the same noise.
        """
        self.step = before.step
        if before.half is not None:
            self.half = before.half._replace(fakes=self.game.remake(before.half.fakes))

    def _end_half_round(self) -> None:
        if self.half is not None:
            self.step, self.half = self.step + 1, None
