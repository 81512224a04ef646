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
    generator_lr=1e-4,
    seed=2,
)

DEFAULT_LAB_PRESET = "two-gaussians"
LAB_PRESETS: dict[str, LabPreset] = {
    "two-gaussians": LabPreset(
        "Two hills, calm",
        "A healthy game: the points spread over both hills while D(x) and D(G(z)) hover at 1/2, the"
        " value at -log 4. But 1/2 proves nothing by itself, a discriminator that knows nothing"
        " says it too: compare with the best one. The sheet has to stretch from hill to hill, so a"
        " few points stay on the way.",
        CALM,
        2000,
    ),
    "ring": LabPreset(
        "A ring",
        "Watch the sheet tear open around the hole, and 2 JS fall to what points of the ring itself"
        " would score.",
        replace(CALM, plane="ring", generator_units=64, discriminator_units=64),
    ),
    "swiss-roll": LabPreset(
        "Swiss roll, relativistic",
        "The relativistic loss with R1 and R2, and a discriminator that sees sines of the"
        " coordinates too: it follows all the turns.",
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
        " streak that runs about, and hardly a mode is found. What helps: lower its learning rate"
        " to 0.0005, or add an R1 penalty.",
        CLUMSY,
        1200,
    ),
    "vanishing": LabPreset(
        "What goes wrong: vanishing gradients",
        "Patches that the first points do not touch, the minimax loss, and a discriminator that"
        " takes ten steps a round. It is soon sure of every point: its loss and the generator's"
        " gradient are 0, the arrows are gone, and 2 JS stays at log 4. With some seeds the first"
        " points lie near enough to escape. What helps is the next experiment.",
        APART,
        300,
    ),
    "vanishing-cured": LabPreset(
        "The same patches, Wasserstein",
        "The same networks and data, but a critic with a gradient penalty: its slope stays near 1"
        " everywhere, so it tells every point where to go. The Wasserstein distance falls from the"
        " first round on.",
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
        "PacGAN's ring, where plain GANs lose modes. Penalties and learning rates that halve as"
        " training goes on, and a z of coins, which comes in pieces, so that nothing lies between"
        " the modes: 8 of 8 after about 3,000 rounds.",
        SHARP,
        5000,
    ),
    "best-grid": LabPreset(
        "25 modes, all of them",
        "PacGAN's grid with the same means. Watch the modes being found one after the other, then"
        " the points gather on them.",
        replace(SHARP, plane="grid"),
        5000,
    ),
    "gan": LabPreset(
        "Eight modes, plain GAN",
        "The classic game without any penalty, to compare with: its points come near to the modes"
        " and wander.",
        PLAIN,
    ),
    "wgan-gp": LabPreset(
        "Eight modes, WGAN-GP",
        "A critic with a gradient penalty, five steps a round. Its estimate of the Wasserstein"
        " distance stands beside the exact one.",
        replace(PLAIN, loss="wasserstein", gradient_penalty=0.1, discriminator_steps=5),
    ),
    "pacgan2": LabPreset(
        "Eight modes, PacGAN",
        "The plain game, but the discriminator judges two points at a time, so a generator that"
        " repeats itself is caught.",
        replace(PLAIN, pack=2),
    ),
}
