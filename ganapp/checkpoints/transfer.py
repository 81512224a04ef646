"""Training that starts from another model's weights (Wang et al. 2018, "Transferring GANs",
arXiv:1805.01677).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganapp.checkpoints.model import TrainedModel
from ganapp.errors import BadInput
from ganapp.models import Players

WITHIN = "body."
"""Where models that build on DCGAN keep it."""


def start_from(players: Players, known: TrainedModel) -> None:
    """Gives both players the weights of `known`, of whose generator the average, wherever they have
    the same layer. Of a layer that has more inputs now, the new ones keep their first weights.
    `BadInput` where a layer does not fit.
    """
    for player, other in zip(players, (known.average, known.discriminator), strict=True):
        _copy(player, other.state_dict())


@torch.no_grad()
def _copy(player: nn.Module, weights: Mapping[str, Tensor]) -> None:
    own = {name.removeprefix(WITHIN): value for name, value in player.state_dict().items()}
    if not weights.keys() <= own.keys():
        raise BadInput(
            "The model to start from has layers that the new one has no place for: choose one of"
            " the same kind, size and settings."
        )
    for name, value in weights.items():
        place = own[name]
        if place.ndim != value.ndim or any(
            ours < theirs for ours, theirs in zip(place.shape, value.shape, strict=True)
        ):
            raise BadInput(
                f"The model to start from does not fit at {name}: its layer is larger. Choose one"
                " of the same kind, size and settings."
            )
        place[tuple(map(slice, value.shape))] = value
