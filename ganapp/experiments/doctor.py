"""The training doctor: reads a run's curves and looks and says in plain words what it sees. A
heuristic, no proof.

Thresholds were chosen on recorded runs of presets that go wrong and of healthy ones, and are tested
on runs of other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from ganapp.config.training import TrainConfig
from ganapp.experiments.quality import QualityCheck
from ganapp.losses import LOSSES

VerdictName = Literal[
    "healthy",
    "not yet",
    "diverged",
    "dying",
    "vanishing",
    "too strong",
    "collapse",
    "memorising",
    "oscillation",
    "checkerboard",
]
VERDICTS: tuple[VerdictName, ...] = (
    "healthy",
    "not yet",
    "diverged",
    "dying",
    "vanishing",
    "too strong",
    "collapse",
    "memorising",
    "oscillation",
    "checkerboard",
)
FEWEST_LOOKS = 4
FEWEST_STEPS = 150
STEPS_BETWEEN = 40
"""Checks that follow one another faster are one."""


class Verdict(NamedTuple):
    """`title` and `text` say what is seen, `knob` what to turn; `chart` and `series` name the curve
    that shows it, from step `since` on.
    """

    name: VerdictName
    title: str
    text: str
    knob: str = ""
    chart: Literal["losses", "scores", "quality", ""] = ""
    series: str = ""
    since: float = 0.0


def examine(
    config: TrainConfig,
    curves: Mapping[str, Sequence[float]],
    checks: Sequence[Sequence[float]],
    steps_per_epoch: float,
) -> Verdict:
    """The verdict on a run with these `curves` (points of `runs.Curves`) and `checks`, each a step
    and the figures of a `QualityCheck`.
    """
    if not _finite(curves):
        return DIVERGED
    everything = [QualityCheck(*figures) for _, *figures in checks]
    spaced = _spaced([step for step, *_ in checks])
    seen, at = [everything[i] for i in spaced], [checks[i][0] for i in spaced]
    if len(seen) < FEWEST_LOOKS or at[-1] < FEWEST_STEPS:
        return WAITING
    since, late = at[-2], seen[-2:]
    later = everything[len(everything) // 2 :]
    if all(check.flat > 0.5 for check in late):
        return _dying(late[-1], since)
    if all(check.slope < 1e-3 for check in late):
        return _vanishing(late[-1], since)
    if len(later) >= 3 and _moved(later) > 0.12:
        return _oscillation(later, at[len(at) // 2])
    # Of any other generator it is fine grain, no uneven overlap.
    if config.transposed and all(check.alternating > 5 for check in late):
        return _checkerboard(late[-1], since)
    if all(check.copying < 0.6 for check in late):
        return _memorising(late[-1], since)
    if late[-1].coverage < 0.5 and (verdict := _too_strong(config, curves)):
        return verdict
    if all(check.coverage < 0.15 for check in seen[-3:]) and at[-1] > 2 * steps_per_epoch:
        return _collapse(late[-1], at[-3])
    if late[-1].coverage < 0.4:
        return _rising(late[-1])
    return _healthy(late[-1])


def history(
    config: TrainConfig,
    curves: Mapping[str, Sequence[float]],
    checks: Sequence[Sequence[float]],
    steps_per_epoch: float,
) -> list[tuple[float, Verdict]]:
    """What `examine` said after each of the checks, with the steps at which the verdict changed."""
    changes: list[tuple[float, Verdict]] = []
    for count, (step, *_) in enumerate(checks, 1):
        until = int(np.searchsorted(curves["step"], step, side="right"))
        then = {name: values[:until] for name, values in curves.items()}
        add_change(changes, step, examine(config, then, checks[:count], steps_per_epoch))
    return changes


def add_change(changes: list[tuple[float, Verdict]], step: float, verdict: Verdict) -> None:
    """Notes the verdict of a new check, if it is another one than the last."""
    if not changes or changes[-1][1].title != verdict.title:
        changes.append((step, verdict))


def written(changes: Sequence[tuple[float, Verdict]]) -> list[dict[str, Any]]:
    """The changes as JSON knows them."""
    return [{"step": step, **verdict._asdict()} for step, verdict in changes]


DIVERGED = Verdict(
    "diverged",
    "Diverged",
    "A score is no longer a finite number: the weights have diverged.",
    "Lower both learning rates, or add an R1 penalty, and start again.",
    "losses",
    "discriminator_loss",
)
WAITING = Verdict(
    "not yet",
    "Too early to say",
    "The doctor needs a few checks of the pictures first; losses alone say little.",
)


def _spaced(steps: Sequence[float]) -> list[int]:
    """The numbers of the checks that are judged: the newest, and earlier ones at least
    `STEPS_BETWEEN` apart, however fast the machine is.
    """
    kept: list[int] = []
    for number in range(len(steps) - 1, -1, -1):
        if not kept or steps[kept[-1]] - steps[number] >= STEPS_BETWEEN:
            kept.append(number)
    return kept[::-1]


def _moved(checks: Sequence[QualityCheck]) -> float:
    """How far the mean picture moves from look to look; the first look, and the first after a
    resumption, cannot tell.
    """
    known = [check.moved for check in checks if check.moved >= 0]
    return float(np.mean(known)) if known else 0.0


def _finite(curves: Mapping[str, Sequence[float]]) -> bool:
    return all(np.isfinite(values).all() for values in curves.values())


def _vanishing(check: QualityCheck, since: float) -> Verdict:
    return Verdict(
        "vanishing",
        "The generator gets no gradient",
        f"The gradient of its loss at a picture has a norm of only {check.slope:.1g}: the"
        " discriminator is sure of every picture, where the loss is flat.",
        "Use the non-saturating loss, one discriminator step in each round, or a lower learning"
        " rate for the discriminator.",
        "scores",
        "fake_score",
        since,
    )


def _too_strong(config: TrainConfig, curves: Mapping[str, Sequence[float]]) -> Verdict | None:
    """Read from the discriminator's answers, where they are probabilities: a critic's scores have
    no scale to be read on.
    """
    if LOSSES[config.loss].critic:
        return None
    last = max(1, len(curves["step"]) // 5)
    real, fake = (float(np.mean(curves[name][-last:])) for name in ("real_score", "fake_score"))
    if fake > 0.05 or real < 0.9:
        return None
    return Verdict(
        "too strong",
        "The discriminator is too strong",
        f"It separates real ({real:.2f}) from generated ({fake:.3f}) pictures nearly always, and"
        " the pictures stay poor.",
        "Lower its learning rate or its steps, or add an R1 penalty.",
        "scores",
        "fake_score",
        curves["step"][-last],
    )


def _dying(check: QualityCheck, since: float) -> Verdict:
    return Verdict(
        "dying",
        "Dead ReLUs",
        f"At {check.flat:.0%} of the generated pictures the discriminator's gradient is exactly 0:"
        " its units are dead, so the generator learns nothing.",
        "Start again with leaky ReLUs (leaky slope 0.2) and a lower learning rate for the"
        " discriminator; dead units do not recover.",
        "scores",
        "fake_score",
        since,
    )


def _memorising(check: QualityCheck, since: float) -> Verdict:
    return Verdict(
        "memorising",
        "Memorising",
        f"Generated pictures are {1 / max(check.copying, 0.01):.1f} times as near to a training"
        " picture as training pictures are to one another: they are copies.",
        "Use more pictures, switch on augmentation, or stop earlier.",
        "quality",
        "precision",
        since,
    )


def _checkerboard(check: QualityCheck, since: float) -> Verdict:
    return Verdict(
        "checkerboard",
        "Checkerboards",
        f"Patterns that alternate from pixel to pixel are {check.alternating:.0f} times as strong"
        " as in real pictures.",
        "Use a kernel size that the stride divides, or upsample by resizing and a convolution.",
        "quality",
        "precision",
        since,
    )


def _oscillation(later: Sequence[QualityCheck], since: float) -> Verdict:
    return Verdict(
        "oscillation",
        "Oscillating",
        f"From check to check the mean picture moves by {_moved(later):.2f} of the range: the"
        " players chase each other instead of converging.",
        "Lower momentum (beta1 0) and learning rates, or add an R1 penalty.",
        "quality",
        "coverage",
        since,
    )


def _collapse(check: QualityCheck, since: float) -> Verdict:
    return Verdict(
        "collapse",
        "Mode collapse",
        f"Only {check.coverage:.0%} of real pictures have a generated one nearby, and it does not"
        " get better.",
        "Give both players the same learning rate, add an R1 penalty, or let the discriminator"
        " compare pictures (minibatch std).",
        "quality",
        "coverage",
        since,
    )


def _rising(check: QualityCheck) -> Verdict:
    return Verdict(
        "not yet",
        "Still learning",
        f"{check.coverage:.0%} of real pictures have a generated one nearby so far. Nothing looks"
        " wrong.",
        "Let it run.",
        "quality",
        "coverage",
    )


def _healthy(check: QualityCheck) -> Verdict:
    return Verdict(
        "healthy",
        "Healthy",
        f"{check.coverage:.0%} of real pictures have a generated one nearby, and"
        f" {check.precision:.0%} of generated ones lie among real ones. Losses that hover are"
        " normal.",
        "",
        "quality",
        "coverage",
    )
