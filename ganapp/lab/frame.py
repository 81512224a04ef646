"""What one sees of an experiment at one moment: the layers of the stage, and measures with the
numbers that theory gives them.

Arrays go to the page as base64: places as int16 of which 16,384 are one unit of the plane, maps as
uint8. Maps have `SIDE` cells on a side, rows from low y to high.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganapp.evaluation import plane as measures
from ganapp.evaluation.plane import SIDE
from ganapp.lab.session import Lab, numbers
from ganapp.losses import LOSSES

REAL_POINTS = 450
FAKE_POINTS = 450
ARROWS = 120
MEASURED = 2000
TRANSPORTED = 200
"""Points of each kind between which the Wasserstein distance is computed exactly: its cost grows
with their square and more.
"""
WARP = 21
LINE = 240
UNIT = 16_384
FRAMES_PER_TRANSPORT = 8
FRAMES_PER_MEASURES = 3
"""Where many pages wait: what is measured costs twice what is shown."""
FARTHEST = 9.0

Frame = dict[str, Any]


class FrameRenderer:
    """Frames of one experiment. What does not change while it goes on is computed once."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.real_masses = measures.smoothed(lab.mixture.masses(measures.edges(measures.FINE)))
        self.real = lab.real(MEASURED)
        again = numbers(lab.real(MEASURED, seed=1))
        floor = measures.smoothed(measures.counted(again))
        self.floors = {
            "divergence": measures.jensen_shannon(self.real_masses, floor),
            "kl": measures.kl(self.real_masses, floor + 1e-9),
            "wasserstein": measures.wasserstein(
                numbers(self.real[:TRANSPORTED]), again[:TRANSPORTED]
            ),
        }
        self.noise = lab.noise(MEASURED)
        self.transport, self._frames, self._unmeasured = math.nan, 0, 0
        centres = torch.from_numpy((measures.edges()[1:] + measures.edges()[:-1]) / 2).float()
        up, across = torch.meshgrid(centres, centres, indexing="ij")
        self.places = torch.stack([across, up], 2).view(-1, 2)

    def still(self) -> Frame:
        """What stays the same while the networks learn: the real points, their density and the
        modes.
        """
        mixture = self.lab.mixture
        return {
            "real": places(numbers(self.real[:REAL_POINTS])),
            "real_density": _density(self.real_masses),
            "modes": places(mixture.means) if mixture.modes else "",
            "reach": measures.WITHIN * float(mixture.deviations.max()),
        }

    def frame(self, layers: Collection[str], transport: bool, hurried: bool = False) -> Frame:
        """The moving layers whose names are in `layers`, and every measure; the Wasserstein
        distance anew if `transport`, and now and then. If it is `hurried`, most have no measures.
        """
        wanted = set(layers) - ({"warp"} if self.lab.config.noise == "binary" else set())
        place = {"step": self.lab.step, "halfway": self.lab.trainer.halfway}
        self._unmeasured += 1
        if hurried and self._unmeasured < FRAMES_PER_MEASURES and not wanted & OF_ALL_POINTS:
            return place | {"layers": self._layers(wanted, self.lab.made(self.noise[:FAKE_POINTS]))}
        self._unmeasured = 0
        fakes = self.lab.made(self.noise)
        masses = measures.smoothed(measures.counted(_inside(numbers(fakes))))
        return (
            place
            | {"layers": self._layers(wanted, fakes, masses)}
            | self._measured(fakes, masses, transport)
        )

    def _layers(
        self, wanted: Collection[str], fakes: Tensor, masses: np.ndarray | None = None
    ) -> dict[str, Any]:
        """The layers for the page; the two densities need the `masses` of all generated points."""
        makers: dict[str, Callable[[], Any]] = {
            "fake": lambda: places(numbers(fakes[:FAKE_POINTS])),
            "discriminator": self._heat,
            "warp": self._warp,
            "arrows": lambda: self._arrows(fakes[:ARROWS]),
        }
        if masses is not None:
            makers |= {
                "optimal": lambda: _shares(
                    measures.optimal_discriminator(self.real_masses, masses)[:-1]
                ),
                "fake_density": lambda: _density(masses),
            }
        return {name: make() for name, make in makers.items() if name in wanted}

    def _measured(self, fakes: Tensor, masses: np.ndarray, transport: bool) -> Frame:
        """The modes found, and every measure."""
        self._frames += 1
        if transport or self._frames % FRAMES_PER_TRANSPORT == 1:
            self.transport = measures.wasserstein(
                numbers(self.real[:TRANSPORTED]), _inside(numbers(fakes[:TRANSPORTED]))
            )
        mixture = self.lab.mixture
        covered = (
            measures.covered(numbers(fakes), mixture.means, mixture.deviations)
            if mixture.modes
            else None
        )
        return {
            "found": covered.found.tolist() if covered else [],
            "measures": self._measures(fakes, masses, covered),
        }

    @torch.no_grad()
    def _heat(self) -> Frame:
        logits = numbers(self.lab.discriminator.alone(self.places))
        if not LOSSES[self.lab.config.loss].critic:
            return {"map": _bytes(1 / (1 + np.exp(-logits)) * 255), "low": 0.0, "high": 1.0}
        # A critic's score has no scale of its own: the colours span most of what is on the stage.
        low, high = (float(value) for value in np.percentile(logits, (2, 98)))
        return {
            "map": _bytes((logits - low) / max(high - low, 1e-9) * 255),
            "low": low,
            "high": high,
        }

    @torch.no_grad()
    def _warp(self) -> str:
        """Where the generator puts a sheet of equally probable cells of z (its first two numbers),
        or with one number a line.
        """
        generator, size = self.lab.generator, self.lab.config.noise_size
        count = LINE if size == 1 else WARP
        axis = math.sqrt(2) * torch.erfinv(torch.linspace(-0.985, 0.985, count))
        if size == 1:
            return places(numbers(generator.points(generator.source(axis[:, None]))))
        up, across = torch.meshgrid(axis, axis, indexing="ij")
        rest = torch.zeros(count * count, size - 2)
        noise = torch.cat([across.reshape(-1, 1), up.reshape(-1, 1), rest], 1)
        return places(numbers(generator.points(generator.source(noise))))

    def _arrows(self, fakes: Tensor) -> str:
        """Where the generator's loss wants each of `fakes` (N, 2) to go: its negative slope, each
        point's own.
        """
        with torch.enable_grad():
            points = fakes.detach().clone().requires_grad_(True)
            real, fake = (
                self.lab.discriminator.alone(self.real[: len(points)]),
                self.lab.discriminator.alone(points),
            )
            loss = LOSSES[self.lab.config.loss].generator(real.detach(), fake) * len(points)
            (slope,) = torch.autograd.grad(loss, points)
        pushes = -numbers(slope)
        # The longest arrows show their direction, and how strong the pull is is told in a number.
        longest = max(float(np.linalg.norm(pushes, axis=1).max()), 1e-12)
        return places(np.concatenate([numbers(points), pushes / longest]))

    def _measures(
        self, fakes: Tensor, masses: np.ndarray, covered: measures.Coverage | None
    ) -> dict[str, float | None]:
        lab = self.lab
        loss = LOSSES[lab.config.loss]
        with torch.no_grad():
            packs = MEASURED // lab.config.pack
            real_logits, fake_logits = (
                lab.discriminator(points[: packs * lab.config.pack].view(packs, -1))
                for points in (self.real, fakes)
            )
            discriminator_loss = float(loss.discriminator(real_logits, fake_logits))
            verdicts = [float(loss.verdict(logits).mean()) for logits in (real_logits, fake_logits)]
        discriminator_slope, generator_slope = lab.slopes()
        divergence = measures.jensen_shannon(self.real_masses, masses)
        probabilities = not loss.critic
        values = {
            "value": -discriminator_loss if probabilities else None,
            "loss": discriminator_loss,
            "best_value": measures.value_from_optimal(self.real_masses, masses),
            "divergence": 2 * divergence,
            "divergence_by_discriminator": (
                math.log(4) - discriminator_loss if probabilities else None
            ),
            "kl": measures.kl(self.real_masses, masses + 1e-9),
            "wasserstein": self.transport,
            "wasserstein_by_critic": (
                float(real_logits.mean() - fake_logits.mean()) / max(self._steepest(fakes), 1e-9)
                if loss.critic
                else None
            ),
            "modes": covered.modes if covered else None,
            "high_quality": covered.high_quality if covered else None,
            "reverse_kl": covered.reverse_kl if covered else None,
            "discriminator_gradient": discriminator_slope,
            "generator_gradient": generator_slope,
            "real_score": verdicts[0],
            "fake_score": verdicts[1],
        }
        return {name: _finite(value) for name, value in values.items()}

    def _steepest(self, fakes: Tensor) -> float:
        """The discriminator's steepest slope all over the plane and at points of both kinds."""
        with torch.enable_grad():
            points = torch.cat([self.places, self.real[:REAL_POINTS], fakes[:FAKE_POINTS]])
            points.requires_grad_(True)
            (slope,) = torch.autograd.grad(self.lab.discriminator.alone(points).sum(), points)
        return float(slope.norm(dim=1).max())


def places(points: np.ndarray) -> str:
    """Points (N, 2) for the page."""
    return base64.b64encode(
        np.clip(np.nan_to_num(np.round(np.asarray(points) * UNIT)), -32768, 32767)
        .astype("<i2")
        .tobytes()
    ).decode()


def _inside(points: np.ndarray) -> np.ndarray:
    """Points that measures can be taken of: what is no number, or too far off, is far off."""
    result: np.ndarray = np.clip(np.nan_to_num(points, nan=FARTHEST), -FARTHEST, FARTHEST)
    return result


def _bytes(values: np.ndarray) -> str:
    return base64.b64encode(
        np.clip(np.nan_to_num(np.round(values)), 0, 255).astype(np.uint8).tobytes()
    ).decode()


def _shares(values: np.ndarray) -> str:
    """Values in [0, 1] as 0 to 254, and 255 where there is none."""
    return base64.b64encode(
        np.where(np.isnan(values), 255, np.round(np.nan_to_num(values) * 254))
        .astype(np.uint8)
        .tobytes()
    ).decode()


def _density(masses: np.ndarray) -> str:
    """Masses by cell (the last one lies beyond), their square roots, so that thin ones can be seen
    beside dense ones.
    """
    inside = np.sqrt(masses[:-1])
    return _bytes(inside / max(float(inside.max()), 1e-12) * 255)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 5)


OF_ALL_POINTS = frozenset(("optimal", "fake_density"))
LAYERS: tuple[str, ...] = (
    "real",
    "fake",
    "discriminator",
    "warp",
    "arrows",
    "optimal",
    "real_density",
    "fake_density",
    "modes",
)
"""Everything that the stage can show."""


__all__ = ["LAYERS", "SIDE", "Frame", "FrameRenderer", "places"]
