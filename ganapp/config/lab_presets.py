"""Named experiments of the 2-D lab, each with what to look for."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ganapp.config.lab import LabConfig


class LabPreset(NamedTuple):
    """A named `LabConfig`: `title` for menus, `note` with what to look for, `rounds` after which it
    shows.
    """

    title: str
    note: str
    config: LabConfig
    rounds: int = 4000


CALM = LabConfig(
    plane="two-gaussians",
    generator_units=32,
    discriminator_units=32,
    batch_size=64,
    r1_weight=0.1,
    penalty_every=4,
    ema_half_life=100.0,
)

SHARP = LabConfig(
    plane="eight-gaussians",
    noise="binary",
    noise_size=12,
    generator_layers=3,
    fourier_features=5,
    loss="relativistic",
    r1_weight=0.1,
    r2_weight=0.1,
    penalty_half_life=500.0,
    discriminator_lr=5e-3,
    generator_lr=1.5e-3,
    lr_half_life=1500.0,
    ema_half_life=300.0,
    batch_size=256,
)

PLAIN = LabConfig(plane="eight-gaussians", noise_size=8, generator_layers=3, ema_half_life=400.0)

CLUMSY = LabConfig(
    plane="eight-gaussians",
    generator_units=32,
    discriminator_units=32,
    batch_size=64,
    discriminator_lr=5e-4,
    generator_lr=5e-3,
    beta1=0.5,
)

APART = LabConfig(
    plane="disjoint",
    generator_units=32,
    batch_size=64,
    loss="minimax",
    discriminator_steps=10,
    discriminator_lr=3e-3,
    generator_lr=2e-5,
    seed=2,
)

DEFAULT_LAB_PRESET = "two-gaussians"
LAB_PRESETS: dict[str, LabPreset] = {
    "two-gaussians": LabPreset(
        "Two hills, calm",
        "A healthy game: the points spread over both hills, D(x) and D(G(z)) stay near 1/2, and the"
        " value near -log 4. But 1/2 alone proves nothing, because a discriminator that has learned"
        " nothing also answers 1/2: compare it with the optimal one. The grid has to stretch from"
        " hill to hill, so a few points stay in between.",
        CALM,
        2000,
    ),
    "ring": LabPreset(
        "A ring",
        "Watch the grid stretch around the hole, and 2 JS fall to the value that points of the ring"
        " itself have.",
        replace(CALM, plane="ring", generator_units=64, discriminator_units=64),
    ),
    "swiss-roll": LabPreset(
        "Swiss roll, relativistic",
        "The relativistic loss with R1 and R2, and a discriminator that also sees sines of the"
        " coordinates: it follows all the turns.",
        LabConfig(
            plane="swiss-roll",
            batch_size=64,
            fourier_features=2,
            loss="relativistic",
            r1_weight=0.02,
            r2_weight=0.02,
            ema_half_life=200.0,
        ),
    ),
    "collapse": LabPreset(
        "What goes wrong: mode collapse",
        "The generator learns ten times as fast as the discriminator: its points crowd into one"
        " streak that jumps around, and it finds hardly any mode. What helps: lower its learning"
        " rate to 0.0005, or add an R1 penalty.",
        CLUMSY,
        1200,
    ),
    "vanishing": LabPreset(
        "What goes wrong: vanishing gradients",
        "The first generated points lie far from the real patches, the loss is minimax, and the"
        " discriminator takes ten steps in each round. It is soon sure of every point: its loss and"
        " the generator's gradient are 0, the arrows disappear, and 2 JS stays at log 4. With some"
        " seeds the first points are near enough to escape. The next experiment shows what helps.",
        APART,
        300,
    ),
    "vanishing-cured": LabPreset(
        "The same patches, Wasserstein",
        "The same networks and data, but a critic with a gradient penalty: its gradient has a norm"
        " near 1 everywhere, so it shows every point where to go. The Wasserstein distance falls"
        " from the first round on.",
        replace(
            APART,
            loss="wasserstein",
            gradient_penalty=0.1,
            discriminator_steps=5,
            generator_lr=1e-3,
            ema_half_life=100.0,
        ),
        1000,
    ),
    "best-ring": LabPreset(
        "Eight modes, all of them",
        "PacGAN's ring, on which plain GANs lose modes. The penalties and learning rates halve"
        " during training, and z consists of coin flips, so it comes in separate pieces and nothing"
        " lies between the modes: 8 of 8 after about 3,000 rounds.",
        SHARP,
        5000,
    ),
    "best-grid": LabPreset(
        "25 modes, all of them",
        "PacGAN's grid with the same methods. Watch how the modes are found one after another, and"
        " how the points then gather on them.",
        replace(SHARP, plane="grid"),
        5000,
    ),
    "gan": LabPreset(
        "Eight modes, plain GAN",
        "The original game without any penalty, for comparison: its points come near the modes and"
        " wander.",
        PLAIN,
    ),
    "wgan-gp": LabPreset(
        "Eight modes, WGAN-GP",
        "A critic with a gradient penalty and five steps in each round. Its estimate of the"
        " Wasserstein distance is shown next to the exact one.",
        replace(PLAIN, loss="wasserstein", gradient_penalty=0.1, discriminator_steps=5),
    ),
    "pacgan2": LabPreset(
        "Eight modes, PacGAN",
        "The original game, but the discriminator sees two points at a time, so it notices a"
        " generator that repeats itself.",
        replace(PLAIN, pack=2),
    ),
}
