"""Named experiments of the 2-D lab, each with what to look for."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ganapp.lab_config import LabConfig


class LabPreset(NamedTuple):
    """A named `LabConfig`: `title` for menus, `note` with what to look for, `rounds` after which it shows."""

    title: str
    note: str
    config: LabConfig
    rounds: int = 4000


CALM = LabConfig(plane="two-gaussians", generator_units=32, discriminator_units=32, batch_size=64, r1_weight=0.1, ema_half_life=100.0)

SHARP = LabConfig(
    plane="eight-gaussians",
    noise="binary",
    noise_size=12,
    generator_layers=3,
    fourier_features=5,
    loss="relativistic",
    r1_weight=0.1,
    r2_weight=0.1,
    penalty_half_life=400.0,
    discriminator_lr=3e-3,
    generator_lr=2e-3,
    lr_half_life=1000.0,
    ema_half_life=300.0,
)

PLAIN = LabConfig(plane="eight-gaussians", noise_size=8, generator_layers=3, ema_half_life=400.0)

DEFAULT_LAB_PRESET = "two-gaussians"
LAB_PRESETS: dict[str, LabPreset] = {
    "two-gaussians": LabPreset("Two hills", "", CALM),
    "best-ring": LabPreset("Best", "", SHARP),
    "best-grid": LabPreset("Best", "", replace(SHARP, plane="grid", penalty_half_life=500.0)),
    "gan": LabPreset("GAN", "", PLAIN),
    "wgan-gp": LabPreset("WGAN-GP", "", replace(PLAIN, loss="wasserstein", gradient_penalty=0.1, discriminator_steps=5)),
    "pacgan2": LabPreset("PacGAN2", "", replace(PLAIN, pack=2)),
}
