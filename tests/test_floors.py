"""Imports only go down the floors of the house, and only the interface knows Gradio."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    {"errors", "processes"},
    {
        "config",
        "lab_config",
        "lab_presets",
        "files",
        "presets",
        "randomness",
        "losses",
        "augment",
        "pictures",
        "latents",
        "restoration",
        "evaluation",
    },
    {"devices", "datasets", "models"},
    {"engine"},
    {"games", "checkpoints"},
    {"training"},
    {"runs", "lab"},
    {"ui", "__main__", "commands"},
    {"app"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted([*(ROOT / "ganapp").rglob("*.py"), ROOT / "app.py"])


def room_of(path: Path) -> str:
    """The room that a file belongs to: the first name below ganapp."""
    return path.stem if path.parent in (ROOT, ROOT / "ganapp") else path.relative_to(ROOT / "ganapp").parts[0]


def imported(path: Path) -> set[str]:
    """The full names of everything that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports by a relative name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_used(path: Path) -> set[str]:
    """The rooms that a file imports from, without its own and without the package's version."""
    used = {name.split(".")[1] for name in imported(path) if name.startswith("ganapp.")}
    return used - {room_of(path), "__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_the_floors(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert not rooms_used(path)
        return
    assert room in FLOOR, f"{room} has no floor yet: add it to FLOORS and to the house's plan"
    for used in rooms_used(path):
        same = FLOOR[used] == FLOOR[room] and FLOORS[FLOOR[room]] != {room}
        assert FLOOR[used] < FLOOR[room] or same, f"{path.name} ({room}) imports {used}, which is above it"


def test_no_two_rooms_import_each_other() -> None:
    uses: dict[str, set[str]] = {}
    for path in FILES:
        uses.setdefault(room_of(path), set()).update(rooms_used(path))

    def reach(room: str, seen: frozenset[str]) -> None:
        assert room not in seen, f"{room} imports itself through {sorted(seen)}"
        for used in uses.get(room, ()):
            reach(used, seen | {room})

    for room in uses:
        reach(room, frozenset())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_interface_knows_gradio(path: Path) -> None:
    if room_of(path) not in ("ui", "app"):
        assert not {name.split(".")[0] for name in imported(path)} & {"gradio", "gradio_client"}


@pytest.mark.parametrize("room", ["latents", "evaluation", "pictures"])
def test_tools_know_nothing_of_training(room: str) -> None:
    for path in FILES:
        if room_of(path) == room:
            assert not rooms_used(path) & {"training", "runs", "games", "checkpoints", "models"}


@pytest.mark.parametrize(
    ("module", "kept_out"),
    [
        ("ganapp.config", ["torch", "numpy", "gradio"]),
        ("ganapp.__main__", ["torch", "numpy", "gradio", "PIL"]),
        ("ganapp.checkpoints", ["gradio", "ganapp.training", "ganapp.games"]),
        ("ganapp.runs", ["gradio"]),
    ],
)
def test_what_is_not_needed_is_not_loaded(module: str, kept_out: list[str]) -> None:
    code = f"import sys, {module}; sys.exit(', '.join(name for name in {kept_out} if name in sys.modules) or 0)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
