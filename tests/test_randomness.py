"""Randomness is a function of (seed, stream, step) and of nothing else."""

from __future__ import annotations

import itertools

import torch

from ganapp.randomness import rng_for


def drawn(seed: int, stream: str, step: int) -> tuple[float, ...]:
    return tuple(torch.randn(4, generator=rng_for(seed, stream, step)).tolist())


def test_the_same_place_gives_the_same_numbers_whatever_was_drawn_before() -> None:
    first = drawn(3, "noise", 5)
    torch.manual_seed(99)
    drawn(4, "noise", 5)
    assert drawn(3, "noise", 5) == first


def test_seed_stream_and_step_each_matter() -> None:
    places = list(itertools.product(range(8), ("noise", "weights", "order"), range(8)))
    assert len({drawn(*place) for place in places}) == len(places)


def test_neighbouring_steps_are_not_alike() -> None:
    rows = torch.stack(
        [torch.randn(2_000, generator=rng_for(0, "noise", step)) for step in range(6)]
    )
    alike = torch.corrcoef(rows).fill_diagonal_(0).abs().max()
    assert alike < 0.1  # 4.5 standard deviations of chance


def test_the_ambient_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    rng = rng_for(1, "noise")
    torch.randn(10, generator=rng)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_largest_seed_and_step_work() -> None:
    assert drawn(2**31 - 1, "noise", 10**12) != drawn(2**31 - 2, "noise", 10**12)
