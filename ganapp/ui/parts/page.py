"""What the tabs share: the page that is being built, event options, and how errors are shown."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ganapp import zero_gpu
from ganapp.errors import BadInput
from ganapp.runs import Registry

UI = Path(__file__).resolve().parents[1]
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
UNSEEN: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": []}
"""Of what shows no progress of Gradio's. "hidden" alone hides it, and yet Gradio's page then keeps
a status for every output of every such event, and writes all of them anew, each by a search through
all components, whenever any event begins or ends.
"""
ACT: dict[str, Any] = {**UNSEEN, **PRIVATE, "concurrency_limit": None}
QUIET: dict[str, Any] = {**UNSEEN, **PRIVATE, "queue": False}
LENDING: dict[str, Any] = {**QUIET, "queue": zero_gpu.ACTIVE, "concurrency_limit": None}
"""Of what plays a run. On ZeroGPU, Hugging Face is told whose GPU time that takes, which it learns
from queued events alone.
"""
LIVE: dict[str, Any] = {**QUIET, "trigger_mode": "always_last"}
"""Of what can change again before the answer is here, as a list under the arrow keys: without it
Gradio drops the later change, and the page shows the answer to an earlier one.
"""


@dataclass(frozen=True)
class Page:
    """One page being built. `browser` is kept by the visitor's browser: {"key": owner's key, "id":
    the run last started, or None}, and `evaluated` the keys of what its table on the Evaluate tab
    shows.
    """

    demo: gr.Blocks
    registry: Registry
    browser: gr.BrowserState
    evaluated: gr.BrowserState


def asset(name: str) -> str:
    """The text of a page part, named by its room and file, such as "train/live.js"."""
    return (UI / name).read_text(encoding="utf-8")


def style() -> str:
    """All style sheets in one: those that the tabs share come first, so that a tab's own can refine
    them.
    """
    sheets = sorted(UI.glob("*/*.css"), key=lambda path: (path.parent.name != "parts", path))
    return "\n".join(path.read_text(encoding="utf-8") for path in sheets)


def plain(text: str) -> str:
    """The text with nothing in it that a message box would take for markup."""
    return html.escape(text, quote=False)


def reports_errors(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler with a `BadInput` shown as a message on the page, everything else left as it is.

    Its event must be queued: Gradio shows no messages of the others.
    """

    @functools.wraps(handler)
    def reporting(*args: Any) -> Any:
        try:
            return handler(*args)
        except BadInput as error:
            raise gr.Error(
                plain(str(error)), title="That did not work", duration=12, print_exception=False
            ) from None

    return reporting
