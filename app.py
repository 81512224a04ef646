"""Opens the app from a copy of the repository; a Hugging Face Space runs this file."""

import sys

if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(
            "app.py takes no arguments: set GRADIO_SERVER_PORT and GRADIO_SERVER_NAME to choose the"
            " port and the address."
        )
    # Imported here, because worker processes read this file again and need none of it.
    from ganapp.launch import open_app

    open_app()
