"""How one round is played, one kind of game a file."""

from __future__ import annotations

from ganapp.config.training import TrainConfig
from ganapp.games.adversarial import AdversarialGame
from ganapp.games.attributes import AttributeGame
from ganapp.games.cycle import CycleGame
from ganapp.games.information import InformationGame
from ganapp.games.matching import MatchingGame
from ganapp.games.paired import PairedGame
from ganapp.games.players import AnyScores, CycleScores, PairedScores, Scores, VariationalScores
from ganapp.games.variational import VariationalGame

Game = AdversarialGame | CycleGame | PairedGame | VariationalGame


def game_of(
    config: TrainConfig,
) -> type[AdversarialGame] | type[CycleGame] | type[PairedGame] | type[VariationalGame]:
    """The game that the networks of a run play."""
    if config.capabilities.encodes:
        return VariationalGame
    if config.capabilities.repairs:
        return PairedGame
    if config.capabilities.translates:
        return CycleGame
    if config.capabilities.reads_text:
        return MatchingGame
    if config.capabilities.obeys_attributes:
        return AttributeGame
    return InformationGame if config.capabilities.finds_classes else AdversarialGame


def score_names(config: TrainConfig) -> tuple[str, ...]:
    """The names of what each round of a run shows, in the order in which they are kept."""
    return game_of(config).scores._fields


__all__ = [
    "AdversarialGame",
    "AnyScores",
    "AttributeGame",
    "CycleGame",
    "CycleScores",
    "Game",
    "InformationGame",
    "MatchingGame",
    "PairedGame",
    "PairedScores",
    "Scores",
    "VariationalGame",
    "VariationalScores",
    "game_of",
    "score_names",
]
