"""Restoration: on a generator that is a matrix, the z behind a picture is known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from ganapp import restoration
from ganapp.randomness import rng_for
from ganapp.restoration import DAMAGES, Match, search

SIZE, SIDE = 6, 16
BASIS = torch.randn(2, SIZE, SIDE * SIDE, generator=rng_for(0, "basis")) * 0.15


def draw(z: Tensor, labels: Tensor) -> Tensor:
    """Class 0 and class 1 are two other matrices."""
    return torch.einsum("bs,bsp->bp", z, BASIS[labels]).view(-1, 1, SIDE, SIDE)


def picture(label: int = 1) -> tuple[Tensor, Tensor]:
    z = torch.randn(1, SIZE, generator=rng_for(1, "z"))
    return z, draw(z, torch.tensor([label]))


def last(damage: str, given: Tensor, **changes: int) -> Match:
    *_, found = search(
        draw, DAMAGES[damage], given, SIZE, torch.arange(20) % 2, rng_for(2, "search"), **changes
    )
    return found


@pytest.mark.parametrize("damage", ["none", "middle", "half", "coarse"])
@pytest.mark.parametrize("label", [0, 1])
def test_the_z_and_the_class_behind_a_picture_are_found_from_what_the_damage_leaves(
    damage: str, label: int
) -> None:
    z, whole = picture(label)
    found = last(damage, DAMAGES[damage].spoiled(whole, rng_for(0, "damage")), steps=400)
    assert found.label == label
    # The prior pulls a little towards 0.
    assert (found.z - z[0]).norm() < 0.25 * z.norm()
    restored = draw(found.z[None], torch.tensor([found.label]))
    assert (restored - whole).square().mean().sqrt() < 0.25 * whole.square().mean().sqrt()


@pytest.mark.parametrize("damage", ["noise", "rain"])
def test_what_lies_over_a_picture_is_taken_off(damage: str) -> None:
    _, whole = picture()
    whole = whole.clamp(-1, 1)
    given = DAMAGES[damage].spoiled(whole, rng_for(0, "noise"))
    found = last(damage, given, steps=400)
    restored = draw(found.z[None], torch.tensor([found.label]))
    assert (restored - whole).square().mean() < 0.25 * (given - whole).square().mean()


def test_rain_only_adds_light_to_some_of_the_picture() -> None:
    whole = torch.rand(50, 3, 32, 32, generator=rng_for(0, "rain")) * 2 - 1
    given = DAMAGES["rain"].spoiled(whole, rng_for(1, "rain"))
    assert given.shape == whole.shape and (given >= whole).all() and given.max() <= 1
    wet = (given != whole).any(1).float().mean()
    assert 0.25 < wet < 0.45
    # Every channel behind the same drop.
    assert torch.equal((given != whole).all(1), (given != whole).any(1))
    assert not torch.equal(given, DAMAGES["rain"].spoiled(whole, rng_for(2, "rain")))


def test_outlines_are_where_the_brightness_changes() -> None:
    whole = -torch.ones(1, 3, 8, 8)
    whole[..., 4:] = 1
    outlines = DAMAGES["outline"].spoiled(whole, rng_for(0, "outline"))
    assert (outlines[..., 3:5] == 1).all()
    assert (outlines[..., [0, 1, 2, 5, 6, 7]] < -0.99).all()
    assert torch.equal(outlines, DAMAGES["outline"].seen(whole))


def test_what_is_hidden_is_not_looked_at() -> None:
    _, whole = picture()
    for name in ("middle", "half"):
        damage = DAMAGES[name]
        spoiled = damage.spoiled(whole, rng_for(0, "damage"))
        hidden = spoiled == restoration.HIDDEN
        assert hidden.sum() == whole.numel() // (4 if name == "middle" else 2)
        assert torch.equal(spoiled[~hidden], whole[~hidden])
        changed = whole + 5 * hidden
        assert (
            torch.equal(damage.seen(changed), damage.seen(whole))
            and damage.seen(whole).numel() == (~hidden).sum()
        )


@pytest.mark.parametrize("side", [28, 32, 64])
def test_what_a_coarse_picture_shows_is_what_is_seen_of_the_whole_one(side: int) -> None:
    whole = torch.rand(2, 3, side, side, generator=rng_for(0, "whole"))
    damage = DAMAGES["coarse"]
    torch.testing.assert_close(
        damage.seen(damage.spoiled(whole, rng_for(0, "damage"))), damage.seen(whole)
    )


def test_coarse_pictures_are_means_of_blocks() -> None:
    whole = torch.arange(SIDE * SIDE, dtype=torch.float32).view(1, 1, SIDE, SIDE)
    seen = DAMAGES["coarse"].seen(whole)
    assert seen.shape == (1, 1, 8, 8) and seen[0, 0, 0, 0] == (0 + 1 + 16 + 17) / 4
    spoiled = DAMAGES["coarse"].spoiled(whole, rng_for(0, "damage"))
    assert spoiled.shape == whole.shape and torch.equal(spoiled[..., ::2, ::2], seen)


def test_the_search_reports_its_way_and_its_error_falls() -> None:
    _, whole = picture()
    looks = list(
        search(
            draw, DAMAGES["none"], whole, SIZE, torch.arange(20) % 2, rng_for(2, "search"), steps=95
        )
    )
    assert [look.step for look in looks] == [*range(10, 95, 10), 95] and {
        look.steps for look in looks
    } == {95}
    assert looks[-1].error < 0.2 * looks[0].error
    restored = draw(looks[-1].z[None], torch.tensor([looks[-1].label]))
    assert looks[-1].error == pytest.approx(
        float((restored - whole).square().mean().sqrt()) / 2, rel=0.2
    )


def test_each_look_may_be_asked_for_in_another_thread_whatever_its_gradient_mode() -> None:
    _, whole = picture()
    looks = search(
        draw, DAMAGES["none"], whole, SIZE, torch.arange(20) % 2, rng_for(2, "search"), steps=50
    )
    found: list[Match] = []

    def ask(gradients: bool) -> None:
        torch.set_grad_enabled(gradients)
        found.append(next(looks))
        assert torch.is_grad_enabled() == gradients

    for number in range(5):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(ask, number % 2 == 0).result()
    assert torch.equal(found[-1].z, last("none", whole, steps=50).z)


def test_the_same_rng_finds_the_same_z() -> None:
    _, whole = picture()
    assert torch.equal(last("none", whole, steps=20).z, last("none", whole, steps=20).z)
