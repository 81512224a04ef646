"""The live connection of the Train tab: one small answer that a page asks for again and again, made
and packed once however many pages ask. Knows no Gradio.

It goes past Gradio's events on purpose. Each of those visits every component that the page has ever
shown, which takes a slow machine longer than all drawing, and more so after every tab that is
opened.
"""

from __future__ import annotations

import gzip
import json
from collections import OrderedDict
from typing import Any

from ganapp.runs import Registry, View
from ganapp.runs.states import GOING
from ganapp.ui.train import handlers
from ganapp.ui.train.recordings import config_of, is_recording, view_of

SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_LATER_LOOKS, LATER = 0.5, 1.0, 20.0
"""While the run is younger than `LATER` seconds much is new at each look; after that drawing would
cost a processor that trains and draws more than it shows.
"""
SECONDS_BETWEEN_IDLE_LOOKS = 5.0
"""While the run rests: somebody may let it go on."""
LOOKS_A_SECOND = 40
"""By all pages at one run together: with more pages each looks less often."""
LONGEST_BETWEEN_LOOKS = 5.0
MOST_KEPT = 64


class Feed:
    """What pages see of the runs of one app."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._packed: OrderedDict[str, bytes] = OrderedDict()

    def answer(
        self, run_id: str, *, page: str = "", mine: bool = False, other: str = "", seen: str = ""
    ) -> bytes | None:
        """What the page shows of the run, next to the run `other` if there is one, as gzipped JSON;
        None if it is what the page has `seen` already. The run counts as watched by the `page`.
        `mine` only chooses the words. `BadInput` if there is no such run.
        """
        view = view_of(run_id, self.registry)
        if page and not is_recording(run_id):
            self.registry.watch(page[:60], run_id)
        compared = view_of(other, self.registry) if other else None
        every = self._seconds(view)
        version = _version(view, compared, mine, every)
        if version == seen:
            return None
        if version not in self._packed:
            shown = self.describe(view, mine, compared) | {"version": version, "every": every}
            packed = gzip.compress(json.dumps(shown).encode(), 6, mtime=0)
            self._packed[version] = packed
            while len(self._packed) > MOST_KEPT:
                self._packed.popitem(last=False)
        return self._packed.get(version)

    def describe(self, view: View, mine: bool, other: View | None = None) -> dict[str, Any]:
        """The same, not packed."""
        shown = handlers.describe(view, mine)
        if other is not None:
            here, there = (config_of(run.run_id) for run in (view, other))
            shown["other"] = handlers.compare(here, other, there)
        return shown

    def _seconds(self, view: View) -> float:
        """How long a page waits until it asks again. It grows with the number of pages in whole
        steps, so that a page that comes or goes makes no news for the others.
        """
        if view.state not in GOING:
            return SECONDS_BETWEEN_IDLE_LOOKS
        late = view.status.get("seconds", 0.0) > LATER
        least = SECONDS_BETWEEN_LATER_LOOKS if late else SECONDS_BETWEEN_LOOKS
        steps = self.registry.watchers(view.run_id) / LOOKS_A_SECOND // SECONDS_BETWEEN_LOOKS
        return min(LONGEST_BETWEEN_LOOKS, max(least, SECONDS_BETWEEN_LOOKS * (1 + steps)))


def _version(view: View, other: View | None, mine: bool, every: float) -> str:
    told = [view.run_id, view.version, str(int(mine)), f"{every:g}"]
    return "/".join(told + ([other.run_id, other.version] if other else []))
