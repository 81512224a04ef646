"""Which epochs' pictures are kept, so that a run of any length has a film of bounded size."""

from __future__ import annotations

from collections.abc import Iterable

FRAME_TIMES = (0.15, 2.0)
"""Seconds for which the command line's film shows a frame, and how much longer the last one."""
MOST_FRAMES = 256
"""Pictures of epochs that a run's folder keeps."""


def kept_epochs(epochs: Iterable[int], most: int = MOST_FRAMES) -> list[int]:
    """At most `most` of these epochs, in order: the first of each stretch of equal length, and the
    newest. The length doubles as a run grows, so that thinning after each picture keeps the same
    epochs as thinning once.
    """
    ordered = sorted(epochs)
    if not ordered:
        return []
    newest, length = ordered[-1], 1
    while newest // length >= most - 1:
        length *= 2
    first: dict[int, int] = {}
    for epoch in ordered:
        first.setdefault(epoch // length, epoch)
    return sorted({*first.values(), newest})
