"""How one round is played, one kind of game a file."""

from __future__ import annotations

from ganapp.config.training import ModelName, TrainConfig
from ganapp.games.adversarial import AdversarialGame
from ganapp.games.cycle import CycleGame
from ganapp.games.players import AnyScores, CycleScores, Scores

Game = AdversarialGame | CycleGame


def game_of(model: ModelName) -> type[AdversarialGame] | type[CycleGame]:
    """The game that the players of a model play."""
    return CycleGame if model == "cyclegan" else AdversarialGame


def score_names(config: TrainConfig) -> tuple[str, ...]:
    """The names of what each round of a run shows, in the order in which they are kept."""
    return game_of(config.model).scores._fields


__all__ = [
    "AdversarialGame",
    "AnyScores",
    "CycleGame",
    "CycleScores",
    "Game",
    "Scores",
    "game_of",
    "score_names",
]
