"""From a picture back to its z, and what follows: a generator knows what whole pictures look like,
so a damaged one can be restored.

One mechanism for all of it (Bora et al. 2017, arXiv:1703.03208; Yeh et al. 2017, arXiv:1607.07539):
among the pictures G(z), find the one that looks like the given picture *after the same damage*,

    z* = argmin |seen(G(z)) - given|^2 / places + prior |z|^2 / size,

by gradient descent from several starts, of which the worse ones are given up on the way. Knows no
networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad

from ganapp.config.settings import DamageName

SearchName = Literal["none"] | DamageName
Draw = Callable[[Tensor, Tensor], Tensor]
"""(z (B, size), labels (B,)) -> images (B, C, S, S) in [-1, 1], differentiable."""

COARSE = 8
"""About so many blocks a side are left of a coarse picture."""
NOISE = 0.7
HIDDEN = 0.0
DROPS, RAIN = 0.4, 0.9
"""How much of a picture lies behind rain, about, and how bright that is."""
STEPS, STEPS_BETWEEN_LOOKS = 200, 10
LEARNING_RATE = 0.1
LEAST_STARTS = 8


class Damage(NamedTuple):
    """A way to spoil pictures (B, C, S, S) in [-1, 1]."""

    title: str
    seen: Callable[[Tensor], Tensor]
    """What is left to compare: pictures -> (B, ...), differentiable."""
    spoiled: Callable[[Tensor, torch.Generator], Tensor]
    """The pictures as they look when spoiled."""
    prior: float
    """How much a usual z counts beside likeness: more where less can be trusted."""


def _kept(images: Tensor, middle: bool) -> Tensor:
    """1 where a picture stays and 0 where it is hidden, (1, 1, S, S): its middle half, or all below
    its waist.
    """
    side = images.shape[-1]
    mask = images.new_ones(1, 1, side, side)
    if middle:
        mask[..., side // 4 : -side // 4, side // 4 : -side // 4] = 0
    else:
        mask[..., side // 2 :, :] = 0
    return mask


def _hidden(title: str, middle: bool) -> Damage:
    def seen(images: Tensor) -> Tensor:
        return images[:, :, _kept(images, middle)[0, 0] > 0]

    def spoiled(images: Tensor, rng: torch.Generator) -> Tensor:
        mask = _kept(images, middle)
        return images * mask + HIDDEN * (1 - mask)

    return Damage(title, seen, spoiled, 0.01)


def _blocks(images: Tensor) -> Tensor:
    """Means of blocks that fill the picture evenly: 8 x 8 of them at 32 and 64 pixels, 7 x 7 at
    28.
    """
    return avg_pool2d(images, -(-images.shape[-1] // COARSE))


def _rained(images: Tensor, rng: torch.Generator) -> Tensor:
    """The pictures behind slanted streaks of light, which hide about a third of them."""
    count, _, side, _ = images.shape
    length = max(3, side // 5)
    drops = torch.rand(count, 1, side, side, generator=rng, device=rng.device) < DROPS / length
    fall = torch.eye(length, device=images.device).flip(1)[None, None]
    streaks = conv2d(drops.to(images), fall.to(images), padding=length // 2)[..., :side, :side]
    light = RAIN * streaks.clamp(max=1)
    return images + (1 - images) * light


def _outlines(images: Tensor) -> Tensor:
    """Where the brightness changes, from -1 (nowhere) to 1: what Sobel's filters see, in every
    channel the same, of the shape of the pictures.
    """
    # Written out, since a round that is recorded on a GPU cannot bring numbers from the host.
    grey = pad(images.mean(1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    across, down = grey[..., 2:] - grey[..., :-2], grey[..., 2:, :] - grey[..., :-2, :]
    across = (across[..., :-2, :] + 2 * across[..., 1:-1, :] + across[..., 2:, :]) / 8
    down = (down[..., :-2] + 2 * down[..., 1:-1] + down[..., 2:]) / 8
    steepness = (across.square() + down.square() + 1e-8).sqrt()
    return (4 * steepness - 1).clamp(max=1).expand_as(images)


DAMAGES: dict[SearchName, Damage] = {
    "none": Damage("Nothing: find its z", lambda images: images, lambda images, rng: images, 0.002),
    "middle": _hidden("Middle hidden (inpainting)", True),
    "half": _hidden("Lower half hidden", False),
    "coarse": Damage(
        "Only coarse blocks (super-resolution)",
        _blocks,
        lambda images, rng: interpolate(_blocks(images), images.shape[-2:], mode="nearest"),
        0.002,
    ),
    "noise": Damage(
        "Noise (denoising)",
        lambda images: images,
        lambda images, rng: (
            images
            + NOISE * torch.randn(images.shape, generator=rng, device=rng.device).to(images.device)
        ).clamp(-1, 1),
        0.05,
    ),
    "rain": Damage("Rain (de-raining)", lambda images: images, _rained, 0.05),
    "outline": Damage(
        "Only its outlines (edges to picture)",
        _outlines,
        lambda images, rng: _outlines(images),
        0.01,
    ),
}


class Match(NamedTuple):
    """The best guess so far: `z` (size,), its class, and the root mean square difference of what
    can be seen, in [0, 1].
    """

    step: int
    steps: int
    z: Tensor
    label: int
    error: float


def search(
    draw: Draw,
    damage: Damage,
    given: Tensor,
    size: int,
    labels: Tensor,
    rng: torch.Generator,
    steps: int = STEPS,
) -> Iterator[Match]:
    """Looks for the z and the class behind `given` (1, C, S, S), a spoiled picture; yields the best
    so far every few steps.

    One start for each of `labels` (starts,); half of the starts are given up after a fifth of the
    steps, half of the rest after two fifths, and so on until `LEAST_STARTS` are left.
    """
    z = torch.randn(len(labels), size, generator=rng).to(given.device).requires_grad_(True)
    target = damage.seen(given)
    first, second = torch.zeros_like(z), torch.zeros_like(z)
    for step in range(1, steps + 1):
        with torch.enable_grad():
            misfit = (damage.seen(draw(z, labels)) - target).square().flatten(1).mean(1)
            loss = misfit + damage.prior * z.square().mean(1)
            (slope,) = torch.autograd.grad(loss.sum(), z)
        if step % STEPS_BETWEEN_LOOKS == 0 or step == steps:
            # Never inside a `with`: whoever asks for the next look may do so in another thread, and
            # gradients are switched by thread.
            best = int(loss.argmin())
            yield Match(
                step,
                steps,
                z[best].detach().clone(),
                int(labels[best]),
                float(misfit[best].detach().sqrt()) / 2,
            )
        # Adam by hand (Kingma and Ba 2015, arXiv:1412.6980): its memory must shrink with the
        # starts.
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope.square()
        pace = LEARNING_RATE * (1 - step / (steps + 1))
        moved = z.detach() - pace * (first / (1 - 0.9**step)) / (
            (second / (1 - 0.99**step)).sqrt() + 1e-8
        )
        if step % max(1, steps // 5) == 0 and len(z) > LEAST_STARTS:
            kept = loss.detach().argsort()[: max(LEAST_STARTS, len(z) // 2)]
            moved, labels, first, second = moved[kept], labels[kept], first[kept], second[kept]
        z = moved.requires_grad_(True)
