"""The notebook of a script, and archives of data that do not ship."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import nbformat

from ganapp.config.presets import PRESETS
from ganapp.export import archive, notebook, script

DIGITS = PRESETS["digits"]


def test_a_notebook_is_valid_and_its_cells_are_the_script() -> None:
    text = script(DIGITS.config, DIGITS.title)
    known: Any = nbformat.reads(notebook(text), as_version=4)
    nbformat.validate(known)
    code = [cell.source for cell in known.cells if cell.cell_type == "code"]
    rest = iter(line for line in text.split('"""', 2)[2].splitlines() if line.strip())
    for line in "\n".join(code).splitlines():
        if line.strip():
            assert line == next(each for each in rest if not each.startswith("# %%"))
    assert not [line for line in rest if not line.startswith("# %%")]
    compile("\n\n".join(code), "gan.ipynb", "exec")
    headings = [cell.source for cell in known.cells if cell.cell_type == "markdown"]
    assert headings[0].startswith("# Conditional DCGAN on digits: the whole GAN")
    assert "## Training" in headings


def test_pictures_that_do_not_ship_are_left_out_and_told_how_to_bring() -> None:
    for dataset in ("own", "cifar10"):
        packed = archive(replace(DIGITS.config, dataset=dataset), "own pictures")
        with zipfile.ZipFile(io.BytesIO(packed)) as files:
            assert sorted(files.namelist()) == ["PICTURES.txt", "gan.ipynb", "gan.py"]
            assert "resize((32, 32))" in files.read("PICTURES.txt").decode()
