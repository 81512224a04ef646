"""Builds the interface and launches it. `python app.py`, and on a Space the file that is run."""

import sys


def main() -> None:
    """Opens the app."""
    # Imported here, because worker processes read this file again and need none of it.
    from ganapp.runs import Registry

    runs = Registry()  # first, so that its workers get ready while Gradio is imported
    from ganapp.ui.shell import build_app, launch_options

    demo = build_app(runs)
    try:
        demo.queue(max_size=64, default_concurrency_limit=2).launch(**launch_options(runs))
    finally:
        runs.close()


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(
            "app.py takes no arguments: GRADIO_SERVER_PORT and GRADIO_SERVER_NAME are where its"
            " port and address come from."
        )
    main()
