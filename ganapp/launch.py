"""Opens the app: what `ganapp` alone, `python -m ganapp` alone and `python app.py` do."""

from __future__ import annotations


def open_app() -> None:
    """Serves the page until Ctrl-C, at GRADIO_SERVER_NAME and GRADIO_SERVER_PORT."""
    from ganapp.runs import Registry

    runs = Registry()  # first, so that its workers get ready while Gradio is imported
    from ganapp.ui.shell import build_app, launch_options

    demo = build_app(runs)
    try:
        demo.queue(max_size=64, default_concurrency_limit=2).launch(**launch_options(runs))
    finally:
        runs.close()
