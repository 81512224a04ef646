"""A process that holds visitors' experiments and plays each for as long as it is asked to: one that
nobody watches costs nothing.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from multiprocessing.connection import Connection
from typing import NamedTuple, cast

import torch

from ganapp.config.lab import LabConfig
from ganapp.errors import BadInput
from ganapp.lab.frame import Frame, FrameRenderer
from ganapp.lab.session import Lab, Turn

MOST_LABS = 64
"""Experiments that a process keeps; the one that was not asked for longest makes room for the next.
"""
HURRY = 0.02
"""Seconds of play below which so many pages wait that some frames have no measures."""
log = logging.getLogger(__name__)


class LabRequest(NamedTuple):
    """What a page asks of its experiment: go on with `config`, do `act` ("look", "play", "reset",
    or whose turn it is), for `seconds` where it is to play, and tell what the `layers` show.
    """

    lab: str
    config: LabConfig
    act: str
    layers: frozenset[str]
    seconds: float
    fresh: bool
    """Whether the page has nothing yet of what stays the same."""


class Experiments:
    """The experiments of this process."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[Lab, FrameRenderer]] = OrderedDict()

    def answer(self, ask: LabRequest) -> Frame:
        """The frame after what was asked for; or why there is none, under `problem`."""
        # Of one visitor's experiment, which the others of this process must not pay for.
        try:
            return self._answer(ask)
        except BadInput as error:
            return {"problem": str(error)}
        except Exception:
            log.exception("An experiment of the 2-D lab was given up.")
            self._open.pop(ask.lab, None)
            return {
                "problem": (
                    "This experiment broke at an unexpected error, of which the app's log says"
                    " more. Press Reset to begin again."
                )
            }

    def _answer(self, ask: LabRequest) -> Frame:
        known = self._open.pop(ask.lab, None)
        began = known is None or ask.act == "reset"
        if known is None or began:
            lab = Lab(ask.config)
            known = lab, FrameRenderer(lab)
        lab, scene = known
        if lab.change(ask.config):
            began, scene = True, FrameRenderer(lab)
        self._open[ask.lab] = lab, scene
        if len(self._open) > MOST_LABS:
            self._open.popitem(last=False)
        rounds = 0
        if ask.act == "play":
            rounds = lab.play(ask.seconds)
        elif ask.act in ("discriminator", "generator", "both"):
            lab.turn(cast(Turn, ask.act))
        else:
            lab.check()
        hurried = ask.act == "play" and ask.seconds < HURRY and not (began or ask.fresh)
        frame = scene.frame(ask.layers, transport=ask.act != "play", hurried=hurried)
        if began or ask.fresh:
            frame |= {"still": scene.still(), "floors": scene.floors}
        return frame | {"began": began, "rounds": rounds}


def main(pipe: Connection) -> None:
    """Answers what comes through `pipe` until it is closed."""
    torch.set_num_threads(1)  # several would wait for each other longer than they compute
    labs = Experiments()
    while True:
        try:
            ask = pipe.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        pipe.send(labs.answer(ask))
