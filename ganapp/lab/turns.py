"""A trainer that also plays half a round at a time, for those who want to see each player learn."""

from __future__ import annotations

from torch import Tensor

from ganapp.games.adversarial import AdversarialGame
from ganapp.training import Trainer


class TurnTrainer(Trainer):
    """A `Trainer` of an adversarial game whose players may take their turns one by one."""

    game: AdversarialGame
    halfway = False
    """Whether the discriminator has taken its turn of this round and the generator has not yet."""

    def advance(self) -> Tensor:
        """Plays one whole round; a round that was begun ends without the generator's turn."""
        self._end_half_round()
        return super().advance()

    def discriminators_turn(self) -> None:
        """The first half of a round, which the generator's turn ends."""
        self._end_half_round()
        self._begin_round()
        self.game.discriminators_turn(self.game.prepare(self.step), self._batches(), self.rng)
        self.halfway = True

    def generators_turn(self) -> None:
        """The second half: after the first it ends the round that `advance` would have played;
        alone it is a round of its own.
        """
        if not self.halfway:
            self._begin_round()
            self.game.prepare(self.step)
        self.game.generators_turn(self._batches()[-1], self.rng)
        self.step, self.halfway = self.step + 1, False

    def _end_half_round(self) -> None:
        if self.halfway:
            self.step, self.halfway = self.step + 1, False
