"""The pages: links lead somewhere, tables are complete, and commands run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from ganapp.__main__ import _parser, main
from ganapp.config.knobs import parse_overrides
from ganapp.config.presets import PRESETS
from ganapp.config.settings import DatasetName
from ganapp.config.training import TrainConfig

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SET_UP = (
    "python3 -m venv",
    "pip install",
    ".venv/bin/python app.py",
    "ganapp",
    "GRADIO_",
    "source",
)
"""Commands that install or open the app: other tests and everybody who runs the tests do these."""


def blocks(language: str, kind: str) -> list[tuple[str, str]]:
    """(page, text) of the fenced blocks of a language; `kind` is "", "long" or "app"."""
    found = []
    for page in PAGES:
        for name, word, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            if name == language and word == kind:
                found.append((page.name, text))
    return found


def commands(kind: str) -> list[list[str]]:
    """The words of every command of ganapp in the bash blocks."""
    lines = [line for _, text in blocks("bash", kind) for line in text.splitlines() if line]
    found = []
    for line in lines:
        words = shlex.split(line)
        if "ganapp" in words and "-m" in words:
            found.append(words[words.index("ganapp") + 1 :])
        else:
            assert kind == "app" or line.startswith(SET_UP), f"what runs this? {line}"
    return found


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name) if name else page
        assert other.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [
                re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings
            ]
    for path in re.findall(r"`((?:ganapp|tests|benchmarks|docs)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_every_preset_and_data_set_has_its_line() -> None:
    presets = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")
    for name, preset in PRESETS.items():
        assert f"| `{name}` |" in presets and preset.note in presets, name
    data = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for name in get_args(DatasetName):
        assert f"| `{name}` |" in data, name


def test_quick_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = commands("")
    assert len(quick) >= 8
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path / "runs"))
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "ganapp", *quick[0]], env=env, check=True)
    for words in quick[1:]:  # here, since a new process takes longer than most of them
        assert main(words) == 0, (words, capsys.readouterr().err)
    for words in quick:
        if "--out" in words:
            assert (tmp_path / words[words.index("--out") + 1]).exists()


def test_long_commands_are_understood() -> None:
    long = commands("long")
    assert len(long) >= 8
    for words in long:
        arguments = _parser().parse_args(words)
        if arguments.name == "train":
            base = PRESETS[arguments.preset].config
            TrainConfig.from_dict(parse_overrides(arguments.pairs), base=base)


def test_examples_in_python_run(tmp_path: Path) -> None:
    examples = blocks("python", "")
    assert len(examples) >= 2
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    for page, text in examples:
        program = [sys.executable, "-c", text]
        ended = subprocess.run(program, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert ended.returncode == 0, (page, ended.stderr)
