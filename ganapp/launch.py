"""Opens the app: what `ganapp` alone, `python -m ganapp` alone and `python app.py` do."""

from __future__ import annotations

import sys

SECONDS_BETWEEN_LOOKS = 0.02
"""How often Gradio's queue looks for a new event while there is none. Left alone it looks a
thousand times a second (on Windows 20 times), which takes a tenth of a core for as long as the app
is open.
"""


def open_app() -> None:
    """Serves the page until Ctrl-C, at GRADIO_SERVER_NAME and GRADIO_SERVER_PORT."""
    from ganapp import zero_gpu  # noqa: F401  # first: it imports `spaces`, which must precede torch
    from ganapp.errors import BadInput
    from ganapp.runs import Registry

    try:
        runs = Registry()  # first, so that its workers get ready while Gradio is imported
    except BadInput as error:  # in a variable of the environment
        sys.exit(str(error))
    from ganapp.ui.shell import build_app, launch_options

    demo = build_app(runs)
    try:
        demo.queue(max_size=64, default_concurrency_limit=2)
        demo._queue.sleep_when_free = SECONDS_BETWEEN_LOOKS
        demo.launch(**launch_options(runs))
    finally:
        runs.close()
