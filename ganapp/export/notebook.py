"""A script as a Jupyter notebook: each `# %%` begins a cell, and what follows it is its heading."""

from __future__ import annotations

import json
import re

CELL = re.compile(r"^# %% (.+)\n", re.MULTILINE)


def notebook(text: str) -> str:
    """The notebook of format 4.5 whose cells, one after the other, are the script `text`."""
    first, *parts = CELL.split(text)
    says, code = _opening(first)
    cells = [_markdown("opening", says), _code("imports", code)]
    for number, (title, body) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        cells += [_markdown(f"title-{number}", f"## {title}"), _code(f"cell-{number}", body)]
    known = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(known, indent=1) + "\n"


def _opening(text: str) -> tuple[str, str]:
    """The docstring of a script as Markdown, and what follows it."""
    _, docstring, code = text.split('"""', 2)
    title, _, rest = docstring.partition("\n")
    return f"# {title}\n{rest}".strip(), code


def _markdown(name: str, text: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name: str, text: str) -> dict[str, object]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": text.strip("\n"),
        "execution_count": None,
        "outputs": [],
    }
