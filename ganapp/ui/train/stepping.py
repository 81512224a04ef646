"""Step by step on the Train tab: what the page is shown of a run that is played by hand. Knows no
Gradio.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from ganapp import checkpoints
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS
from ganapp.errors import BadInput
from ganapp.lab.stepping import Act, Look, Step, SteppedRun
from ganapp.losses import LOSSES
from ganapp.pictures import coloured
from ganapp.runs import Registry, RunFolder, run_folder
from ganapp.runs.states import GOING
from ganapp.ui.parts.rendering import Props, src
from ganapp.ui.train.recordings import is_recording

MOST_COPIES = 6
"""Copies of runs in memory at once, each of some ten megabytes; the oldest gives way."""


class Steps:
    """The copies of runs that pages play by hand."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._copies: OrderedDict[str, tuple[str, SteppedRun]] = OrderedDict()
        self._busy = threading.Lock()

    def answer(self, asked: Any) -> Props:
        """What the page shows after an `act` on its copy of a `run`: one of "look",
        "discriminator", "generator" and "round", or "again", which makes a new copy.
        """
        if not isinstance(asked, dict):
            raise BadInput("The page and the app do not match any more: load the page again.")
        page, run_id, act = (str(asked.get(name, ""))[:60] for name in ("page", "run", "act"))
        self._check_rests(run_id)
        with self._busy:  # one at a time: each takes all cores
            copy = self._copy(page, run_id, afresh=act == "again")
            step = copy.act("look" if act == "again" else act)  # type: ignore[arg-type]
        return shown(step, copy.trainer.config)

    def _check_rests(self, run_id: str) -> None:
        if not run_id or is_recording(run_id):
            raise BadInput(
                "This is a recording, and has no next round: press Start, let it learn a"
                " little, and press Pause."
            )
        if self.registry.view(run_id).state in GOING:
            raise BadInput(
                "This run goes on: press Pause first, then play its next rounds by hand."
            )

    def _copy(self, page: str, run_id: str, afresh: bool) -> SteppedRun:
        """The page's copy of the run as it was saved last."""
        run = RunFolder(run_folder(run_id))
        if not run.has_state():
            raise BadInput("Nothing of this run is saved yet, so it has no next round.")
        known = f"{run_id}/{self.registry.view(run_id).status.get('step')}"
        if not afresh and page in self._copies and self._copies[page][0] == known:
            self._copies.move_to_end(page)
            return self._copies[page][1]
        state = checkpoints.load_state(run.path)
        pictures = run.own_pictures() or _pictures(state.config)
        self._copies[page] = known, SteppedRun(state, pictures)
        while len(self._copies) > MOST_COPIES:
            self._copies.popitem(last=False)
        return self._copies[page][1]


def _pictures(config: TrainConfig) -> Any:
    if config.dataset == "own":
        raise BadInput(
            "The pictures of this run were deleted when it had finished, so no round can be played."
        )
    return DATASETS[config.dataset](lambda share, what: None)


def shown(step: Step, config: TrainConfig) -> Props:
    """A step as the page shows it."""
    strongest = float(np.abs(step.after.pull).max())
    norms = np.sqrt(np.square(step.after.pull).sum((1, 2, 3)))
    cards = [
        {
            "picture": src(image),
            "before": float(before),
            "after": float(after),
            "pull": src(coloured(pull, strongest)),
            "norm": float(norm),
        }
        for image, before, after, pull, norm in zip(
            step.after.images,
            step.before.answers,
            step.after.answers,
            step.after.pull,
            norms,
            strict=True,
        )
    ]
    return {
        "act": step.act,
        "step": step.step,
        "halfway": step.halfway,
        "critic": LOSSES[config.loss].critic,
        "cards": cards,
        "caption": CAPTIONS[step.act](step, config),
        "mean": [float(look.answers.mean()) for look in (step.before, step.after)],
    }


def _mean(look: Look) -> str:
    return f"{look.answers.mean():.3f}"


def _of_nothing(step: Step, config: TrainConfig) -> str:
    return (
        f"After round {step.step:,}. Beside each picture: how the generator's loss pulls at its"
        " pixels. Below: what the discriminator answers."
    )


def _of_discriminator(step: Step, config: TrainConfig) -> str:
    k = config.discriminator_steps
    times = "a step" if k == 1 else f"{k} steps"
    return (
        f"Algorithm 1, the inner loop (k = {k}): the discriminator took {times} on fresh real and"
        f" generated pictures. The generator did not change, so neither did these pictures; the"
        f" mean answer for them went from {_mean(step.before)} to {_mean(step.after)}."
    )


def _of_generator(step: Step, config: TrainConfig) -> str:
    how = {
        "minimax": "as in the paper, down the gradient of log(1 - D(G(z)))",
        "non-saturating": "up the gradient of log D(G(z)), the paper's advice for a strong start",
    }.get(config.loss, f"on its {config.loss} loss")
    return (
        f"Algorithm 1, the last line of round {step.step:,}: the generator's weights took a step"
        f" {how}, so the pictures changed. The discriminator has not adapted yet; its mean answer"
        f" went from {_mean(step.before)} to {_mean(step.after)}."
    )


def _of_round(step: Step, config: TrainConfig) -> str:
    return (
        f"Algorithm 1, one pass of the outer loop, round {step.step:,}: first the discriminator"
        f" (k = {config.discriminator_steps}), then the generator. The mean answer went from"
        f" {_mean(step.before)} to {_mean(step.after)}."
    )


CAPTIONS: dict[Act, Callable[[Step, TrainConfig], str]] = {
    "look": _of_nothing,
    "discriminator": _of_discriminator,
    "generator": _of_generator,
    "round": _of_round,
}
