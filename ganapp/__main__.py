"""The command line: `ganapp COMMAND`, or `python -m ganapp COMMAND`. Alone it opens the app."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ganapp import __version__
from ganapp.commands import COMMANDS
from ganapp.commands.shared import say
from ganapp.errors import BadInput
from ganapp.launch import open_app


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command, or opens the app if there is none, and returns the exit code: 0, 2 for bad
    input, 1 for a run that failed, 130 for Ctrl-C.
    """
    try:
        arguments = _parser().parse_args(argv)
        if arguments.name is None:
            open_app()
            return 0
        return COMMANDS[arguments.name].run(arguments)
    except SystemExit as finished:  # --help, --version
        return int(finished.code or 0)
    except BadInput as error:
        return say(str(error), 2)
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("ganapp"):
            raise
        return say(
            f"{error.name} is not installed for this Python: run it with the environment of the"
            " README, .venv/bin/python.",
            1,
        )
    except KeyboardInterrupt:
        return say("Stopped; what was saved before stays.", 130)
    except OSError as error:
        name = Path(str(error.filename)).name if error.filename else "A file"
        reason = error.strerror or error
        return say(
            f"{name} could not be read or written ({reason}): check the folder and the space left"
            " on its disk.",
            1,
        )


class _Parser(argparse.ArgumentParser):
    """argparse whose complaints are one sentence, raised as `BadInput`."""

    def error(self, message: str) -> NoReturn:
        message = re.sub(r"^argument ([^:]+): ", r"\1: ", message).rstrip(".")
        raise BadInput(
            f"{message[:1].upper()}{message[1:]}; `{self.prog} --help` shows how it is used."
        )


def _parser() -> _Parser:
    called = Path(sys.argv[0]).name
    parser = _Parser(
        prog="ganapp" if called.startswith("ganapp") else "python -m ganapp",
        allow_abbrev=False,
        description=(
            "Train generative adversarial networks and draw pictures with them. Without a command,"
            " the app opens in the browser."
        ),
    )
    parser.add_argument("--version", action="version", version=f"ganapp {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="name")
    for name, command in COMMANDS.items():
        command.add_arguments(
            commands.add_parser(
                name, help=command.about, description=command.about, allow_abbrev=False
            )
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
