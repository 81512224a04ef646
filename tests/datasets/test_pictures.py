from __future__ import annotations

from dataclasses import replace

import torch

from ganapp.config.training import TrainConfig
from ganapp.datasets.pictures import Pictures
from ganapp.training import subset


def known(count: int = 12) -> Pictures:
    """Pictures whose attributes are their numbers and the halves of those."""
    numbers = torch.arange(count)
    return Pictures(
        numbers.to(torch.uint8)[:, None, None, None].expand(-1, 1, 28, 28),
        numbers % 3,
        ("a", "b", "c"),
        torch.stack([numbers, numbers / 2], 1).float(),
    )


def test_attributes_stay_with_their_pictures() -> None:
    chosen = torch.tensor([7, 2])
    for pictures in (known().at(chosen), known().resized(32).to("cpu").at(chosen)):
        assert pictures.attributes is not None
        assert pictures.attributes.tolist() == [[7, 3.5], [2, 1]]
    batch = known().batch(chosen)
    assert batch.attributes is not None
    assert batch.attributes.tolist() == [[7, 3.5], [2, 1]]
    assert ((batch.images[:, 0, 0, 0] + 1) * 127.5).round().tolist() == [7, 2]


def test_a_part_of_the_pictures_keeps_their_attributes() -> None:
    part = subset(known(), replace(TrainConfig(), most_pictures=6))
    assert part.attributes is not None
    assert part.attributes[:, 0].tolist() == part.images[:, 0, 0, 0].tolist()


def test_pictures_without_attributes_have_none() -> None:
    bare = known()._replace(attributes=None)
    assert bare.to("cpu").at(torch.tensor([1])).attributes is None
    assert bare.batch(torch.tensor([1])).attributes is None
