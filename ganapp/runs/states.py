"""What a run can be doing, and what may follow what.

The worker that plays a run writes its states from "preparing" on; the app writes all others. Every
change is checked against `TRANSITIONS`.
"""

from __future__ import annotations

from typing import Literal

State = Literal[
    "queued",
    "preparing",
    "running",
    "pausing",
    "paused",
    "stopping",
    "stopped",
    "finished",
    "failed",
    "interrupted",
]
"""As a page shows it; "pausing" and "stopping" are never written down: the order is on its way."""

_ENDS: tuple[State, ...] = ("paused", "stopped", "finished", "failed", "interrupted")

TRANSITIONS: dict[State, tuple[State, ...]] = {
    "queued": ("preparing", "paused", "stopped", "failed", "interrupted"),
    "preparing": ("running", *_ENDS),
    "running": _ENDS,
    "paused": ("queued", "stopped"),
    "interrupted": ("queued", "stopped"),
    "stopped": ("queued",),
    "failed": ("queued",),
    "finished": (),
}
PLAYING: tuple[State, ...] = ("preparing", "running", "pausing", "stopping")
GOING: tuple[State, ...] = ("queued", *PLAYING)
"""The states of a run that has not ended."""
RESUMABLE: tuple[State, ...] = tuple(
    state for state, following in TRANSITIONS.items() if "queued" in following
)
