"""The training doctor: reads a run's curves and quality checks and says in plain words what it
sees. A heuristic, no proof.

At each check it forms an impression, and a verdict changes only when several checks in a row give
the same one. Thresholds were chosen on recorded runs of all presets and are tested on runs of other
seeds, at every check (`python -m benchmarks doctor`).
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
FEWEST_CHECKS = 3
FEWEST_STEPS = 100
STEPS_BETWEEN = 40
"""Checks that follow one another faster are one."""
AGREEING: dict[VerdictName, int] = {"collapse": 3, "too strong": 3, "healthy": 3, "not yet": 3}
"""How many checks in a row must give the same impression, where two are not enough: what shows in
one figure is certain sooner than what shows in a trend.
"""
MOST_WRITTEN = 40
"""Verdicts in other words that are kept beside the changes: a page gets them with every answer."""
LEARNED = 0.5
"""Learning rate times rounds, which is about how far Adam has moved each of the generator's
weights. With less, a generator that draws nearly one picture may simply not have got further.
"""


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


class _Seen(NamedTuple):
    """What is known of a run after a check: its settings, the curves so far, and the checks that
    are judged with their steps.
    """

    config: TrainConfig
    curves: Mapping[str, np.ndarray]
    steps: Sequence[float]
    checks: Sequence[QualityCheck]

    @property
    def now(self) -> QualityCheck:
        """The newest check."""
        return self.checks[-1]

    def since(self, checks: int = 2) -> float:
        """The step of the check that is so many ago."""
        return self.steps[-min(checks, len(self.steps))]


def examine(
    config: TrainConfig,
    curves: Mapping[str, Sequence[float]],
    checks: Sequence[Sequence[float]],
) -> Verdict:
    """The verdict on a run with these `curves` (points of `runs.Curves`) and `checks`, each a step
    and the figures of a `QualityCheck`.
    """
    return history(config, curves, checks)[-1][1] if checks else WAITING


def history(
    config: TrainConfig,
    curves: Mapping[str, Sequence[float]],
    checks: Sequence[Sequence[float]],
) -> list[tuple[float, Verdict]]:
    """The verdicts on a run so far, with the steps at which each was given first. Each is in the
    words of the last check before another one.
    """
    changes: list[tuple[float, Verdict]] = []
    for step, verdict in standing(config, curves, checks):
        if changes and _of_one_kind(verdict, changes[-1][1]):
            changes[-1] = (changes[-1][0], verdict)
        else:
            changes.append((step, verdict))
    return changes


def standing(
    config: TrainConfig,
    curves: Mapping[str, Sequence[float]],
    checks: Sequence[Sequence[float]],
) -> list[tuple[float, Verdict]]:
    """The verdict that stands after each check that is judged, in the words of then, and the
    check's step. It changes only when several checks agree.
    """
    known = {name: np.asarray(values) for name, values in curves.items()}
    stands: list[tuple[float, Verdict]] = []
    agreed, before = 0, None
    for step, impression in _impressions(config, known, checks):
        agreed = agreed + 1 if impression.name == before else 1
        before = impression.name
        holds = (
            not stands
            or impression.name in ("diverged", stands[-1][1].name)
            or agreed >= AGREEING.get(impression.name, 2)
        )
        stands.append((step, impression if holds else stands[-1][1]))
    return stands


def written(verdicts: Sequence[tuple[float, Verdict]]) -> list[dict[str, Any]]:
    """`standing` verdicts as JSON knows them: each change, and of long runs some between them."""
    evenly = set(np.linspace(0, len(verdicts) - 1, MOST_WRITTEN).round().astype(int).tolist())
    return [
        {"step": step, **verdict._asdict()}
        for number, (step, verdict) in enumerate(verdicts)
        if number in evenly or not _of_one_kind(verdict, verdicts[number - 1][1])
    ]


def _of_one_kind(verdict: Verdict, other: Verdict) -> bool:
    return (verdict.name, verdict.title) == (other.name, other.title)


def _impressions(
    config: TrainConfig, curves: Mapping[str, np.ndarray], checks: Sequence[Sequence[float]]
) -> list[tuple[float, Verdict]]:
    """What each of the checks that are judged looks like, with its step."""
    everything = [QualityCheck(*figures) for _, *figures in checks]
    spaced = _spaced([step for step, *_ in checks])
    found = []
    for count in range(1, len(spaced) + 1):
        judged = spaced[:count]
        step = checks[judged[-1]][0]
        until = int(np.searchsorted(curves["step"], step, side="right"))
        last = count == len(spaced)
        seen = _Seen(
            config,
            {name: values if last else values[:until] for name, values in curves.items()},
            [checks[number][0] for number in judged],
            [everything[number] for number in judged],
        )
        found.append((step, _impression(seen)))
    return found


def _impression(seen: _Seen) -> Verdict:
    """What the run looks like at its newest check. What can be read from one figure comes first."""
    if not all(np.isfinite(values).all() for values in seen.curves.values()):
        return DIVERGED
    if len(seen.checks) < FEWEST_CHECKS or seen.steps[-1] < FEWEST_STEPS:
        return WAITING
    if seen.config.capabilities.encodes:
        return _checkerboard(seen) or _without_opponent(seen.now)
    for look in (_dying, _vanishing, _oscillation, _checkerboard, _memorising, _stuck):
        if verdict := look(seen):
            return verdict
    poor = seen.now.coverage < 0.4 or 0 <= seen.now.faithful < 0.3
    return _rising(seen) if poor else _healthy(seen.now)


def _spaced(steps: Sequence[float]) -> list[int]:
    """The numbers of the checks that are judged: the first, and later ones at least `STEPS_BETWEEN`
    apart, however fast the machine is.
    """
    kept: list[int] = []
    for number, step in enumerate(steps):
        if not kept or step - steps[kept[-1]] >= STEPS_BETWEEN:
            kept.append(number)
    return kept


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


# --- what to turn ---------------------------------------------------------------------------------


def _advice(*knobs: tuple[bool, str]) -> str:
    """The advice that is not in force already: (whether it can be followed, the words)."""
    left = [words for possible, words in knobs if possible]
    if not left:
        return "The usual cures are in force already: try another seed, or more width."
    listed = left[0] if len(left) == 1 else ", ".join(left[:-1]) + f", or {left[-1]}"
    return listed[0].upper() + listed[1:] + "."


def _penalty(config: TrainConfig) -> tuple[bool, str]:
    """An R1 penalty, where one can be added."""
    words = "add an R1 penalty"
    if config.normalised:
        words = "replace the discriminator's BatchNorm by an R1 penalty"
    return not config.penalties and not config.capabilities.bounded, words


def _slower_discriminator(config: TrainConfig) -> tuple[bool, str]:
    slower = config.discriminator_lr < config.generator_lr
    return not slower, "lower the discriminator's learning rate"


def _fewer_steps(config: TrainConfig) -> tuple[bool, str]:
    return config.discriminator_steps > 1, "let the discriminator take one step in each round"


# --- impressions ----------------------------------------------------------------------------------


def _dying(seen: _Seen) -> Verdict | None:
    """Where the discriminator's gradient is exactly 0, a whole layer is silent; at no picture of a
    healthy run is it.
    """
    if not all(check.flat > 0.25 for check in seen.checks[-2:]):
        return None
    config = seen.config
    leaky = config.leaky_slope > 0 or "leaky_slope" in config.capabilities.unused
    return Verdict(
        "dying",
        "Dead ReLUs",
        f"At {seen.now.flat:.0%} of the generated pictures the discriminator's gradient is exactly"
        " 0: its units are dead there, so the generator learns nothing from them. Dead units do not"
        " recover.",
        "Start again. "
        + _advice(
            (not leaky, "use leaky ReLUs (slope 0.2)"),
            (config.discriminator_lr > 1e-4, "lower the discriminator's learning rate"),
        ),
        "scores",
        "fake_score",
        seen.since(),
    )


def _vanishing(seen: _Seen) -> Verdict | None:
    """A critic's loss is a straight line: only where answers are probabilities can it be flat."""
    late = seen.checks[-2:]
    if LOSSES[seen.config.loss].critic or not all(
        check.slope < 1e-3 and check.coverage < 0.3 for check in late
    ):
        return None
    config = seen.config
    return Verdict(
        "vanishing",
        "The generator gets no gradient",
        f"The gradient of its loss at a picture has a norm of only {seen.now.slope:.1g}: the"
        " discriminator is sure of every picture, where the loss is flat.",
        _advice(
            (config.loss == "minimax", "use the non-saturating loss"),
            _fewer_steps(config),
            _slower_discriminator(config),
            _penalty(config),
        ),
        "scores",
        "fake_score",
        seen.since(),
    )


def _oscillation(seen: _Seen) -> Verdict | None:
    """The mean picture keeps moving; one large step is usual at the beginning of any run."""
    moved = [check.moved for check in seen.checks if check.moved >= 0]
    always = len(moved) >= 2 and min(moved[-2:]) > 0.16
    mostly = len(moved) >= 3 and float(np.mean(moved[-4:])) > 0.2
    if not (always or mostly):
        return None
    config = seen.config
    return Verdict(
        "oscillation",
        "Oscillating",
        f"From check to check the mean picture moves by {np.mean(moved[-4:]):.2f} of the range: the"
        " players chase each other instead of converging.",
        _advice(
            (config.beta1 > 0, "set momentum (beta 1) to 0"),
            _penalty(config),
            (True, "lower both learning rates"),
        ),
        "quality",
        "coverage",
        seen.steps[len(seen.steps) // 2],
    )


def _checkerboard(seen: _Seen) -> Verdict | None:
    """Only a kernel that its stride does not divide overlaps unevenly. Of any other generator it is
    fine grain.
    """
    if not (seen.config.uneven and all(check.alternating > 5 for check in seen.checks[-2:])):
        return None
    return Verdict(
        "checkerboard",
        "Checkerboards",
        f"Patterns that alternate from pixel to pixel are {seen.now.alternating:.0f} times as"
        " strong as in real pictures: kernel 3 with stride 2 overlaps unevenly.",
        "Use kernel 4, which the stride divides, or upsample by resizing and a convolution.",
        "quality",
        "coverage",
        seen.since(),
    )


def _memorising(seen: _Seen) -> Verdict | None:
    if not all(check.copying < 0.65 for check in seen.checks[-2:]):
        return None
    config = seen.config
    return Verdict(
        "memorising",
        "Memorising",
        f"Generated pictures are {1 / max(seen.now.copying, 0.01):.1f} times as near to a training"
        " picture as training pictures are to one another: they are copies.",
        _advice(
            (True, "use more pictures"),
            (config.augment == "none", "switch on augmentation"),
            (True, "stop earlier"),
        ),
        "quality",
        "coverage",
        seen.since(),
    )


def _stuck(seen: _Seen) -> Verdict | None:
    """Poor pictures that do not get better, though the generator has moved far enough to learn."""
    late = seen.checks[-3:]
    learned = seen.config.generator_lr * seen.steps[-1]
    if learned < LEARNED or _gains(seen) or max(check.coverage for check in late) > 0.3:
        return None
    alike = all(check.coverage < 0.15 and check.spread < 0.8 for check in late)
    strong = _too_strong(seen)
    if alike and strong is None:
        return _collapse(seen)
    return strong


def _gains(seen: _Seen) -> bool:
    """Whether coverage has risen since half of the rounds, by more than it wavers."""
    coverage = [check.coverage for check in seen.checks]
    half = int(np.searchsorted(seen.steps, seen.steps[-1] / 2))
    earlier = coverage[max(0, half - 1) : half + 2]
    late = float(np.mean(coverage[-3:]))
    gain = late - float(np.mean(earlier))
    return gain > 0.05 or (gain > 0.015 and gain > 0.4 * late)


def _too_strong(seen: _Seen) -> Verdict | None:
    """Read from the discriminator's answers, where they are probabilities: a critic's scores have
    no scale to be read on.
    """
    config, curves = seen.config, seen.curves
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
        " the pictures do not get better.",
        _advice(_slower_discriminator(config), _fewer_steps(config), _penalty(config)),
        "scores",
        "fake_score",
        float(curves["step"][-last]),
    )


def _collapse(seen: _Seen) -> Verdict:
    config = seen.config
    can_compare = "minibatch_std" not in config.capabilities.unused
    return Verdict(
        "collapse",
        "Mode collapse",
        f"Only {seen.now.coverage:.0%} of real pictures have a generated one nearby, the generated"
        f" ones vary {seen.now.spread:.0%} as much as real ones, and it does not get better.",
        _advice(
            (
                config.generator_lr > config.discriminator_lr,
                "give both players the same learning rate",
            ),
            _penalty(config),
            (
                can_compare and not config.minibatch_std,
                "let the discriminator compare pictures (minibatch standard deviation)",
            ),
        ),
        "quality",
        "coverage",
        seen.since(3),
    )


def _rising(seen: _Seen) -> Verdict:
    now = seen.now
    alike = now.coverage < 0.15 and now.spread < 0.8
    return Verdict(
        "not yet",
        "Still learning",
        f"{now.coverage:.0%} of real pictures have a generated one nearby so far"
        + (f", and {now.faithful:.0%} of generated ones look real." if now.faithful >= 0 else ".")
        + (
            " The pictures are much alike. So they are early in any run, and in mode collapse: from"
            " these checks the two cannot be told apart."
            if alike
            else " Nothing looks wrong."
        ),
        "Let it run.",
        "quality",
        "coverage",
    )


def _without_opponent(check: QualityCheck) -> Verdict:
    """A VAE has none of the illnesses of a game; what its pictures are worth can be said."""
    return Verdict(
        "healthy",
        "No opponent",
        _nearby(check) + " Nothing here plays against anything: the bound should rise and"
        " level off, and the doctor's other signs are those of GANs.",
        "",
        "quality",
        "coverage",
    )


def _nearby(check: QualityCheck) -> str:
    faithful = (
        f", and {check.faithful:.0%} of generated ones look real" if check.faithful >= 0 else ""
    )
    return f"{check.coverage:.0%} of real pictures have a generated one nearby{faithful}."


def _healthy(check: QualityCheck) -> Verdict:
    return Verdict(
        "healthy",
        "Healthy",
        _nearby(check) + " Losses that hover are normal.",
        "",
        "quality",
        "coverage",
    )
