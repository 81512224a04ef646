"""Hugging Face ZeroGPU: a Space has no GPU of its own and is lent one for short calls, on the time
that its visitor has for the day.

The package `spaces`, which such a Space has, makes the calls: each runs in a process forked from
this one. It has to be imported before torch, and outside calls it shows torch a GPU that is not
there. Everywhere else this module does nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator
from typing import Any, Literal, NamedTuple, ParamSpec, TypeVar

VARIABLE = "SPACES_ZERO_GPU"
ACTIVE = os.environ.get(VARIABLE, "").lower() in ("1", "t", "true")
"""Whether this is a Space on ZeroGPU."""
if ACTIVE:
    import spaces
    import torch

    # Here torch may not see the GPU that it is shown: its optimizers would ask that one, whether
    # anything is computed there or not. In the processes of calls `spaces` puts both back.
    torch.cuda.is_available = lambda: False
    torch.cuda.device_count = lambda: 0

Arguments = ParamSpec("Arguments")
Item = TypeVar("Item")


def gpu_call(
    function: Callable[Arguments, Generator[Item, None, None]],
) -> Callable[Arguments, Generator[Item, None, None]]:
    """The generator function, each call of which has a GPU for so many seconds as its first
    argument says. What goes in and what it yields is pickled; whatever else it changes stays in a
    process of its own. Closing it closes the one there, which then has time to save.

    The visitor whose time it takes is the one whose Gradio event is in the caller's context. A call
    that is refused or cut off raises what `refusal_of` understands.
    """
    if not ACTIVE:
        return function

    lent: Callable[Arguments, Generator[Item, None, None]] = spaces.GPU(function, duration=_seconds)
    return lent


def _seconds(seconds: float, *args: Any, **kwargs: Any) -> int:
    return int(seconds)


class Refusal(NamedTuple):
    """Why there is no GPU: the visitor's time for the day is used up ("quota"), none is free
    ("busy"), the call was cut off ("cut"), or something else is wrong ("error"). `left` are the
    seconds that the visitor still has, if that is known, and `again` says when there are more.
    """

    kind: Literal["quota", "busy", "cut", "error"]
    left: float | None = None
    again: str = ""


def refusal_of(error: Exception) -> Refusal:
    """What an error of a call means: `spaces` raises Gradio's errors, with titles of its own."""
    title, message = str(getattr(error, "title", "")), str(error)
    if title == "ZeroGPU quota exceeded":
        if "No GPU was available" in message:
            return Refusal("busy")
        left = re.search(r"vs\. (\d+)s left", message)
        again = re.search(r"Try again in ((?:\d+ days?, )?\d+:\d\d:\d\d)", message)
        return Refusal("quota", float(left[1]) if left else None, again[1] if again else "")
    if title == "ZeroGPU worker error" and "aborted" in message:
        return Refusal("cut")
    busy = ("ZeroGPU queue timeout", "ZeroGPU client error", "ZeroGPU pending credits exceeded")
    return Refusal("busy" if title in busy else "error")
