"""Imports only go down the floors of the house, in no circle, and only the interface knows
Gradio.
"""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ganapp"
FLOORS = [
    {"errors", "zero_gpu", "lean_torch"},
    {"processes"},
    {"config", "files", "randomness", "pictures", "latents", "letterforms", "restoration"},
    {"losses", "augment", "devices", "models", "datasets"},
    {"evaluation", "checkpoints", "engine"},
    {"games", "inspection"},
    {"training"},
    {"lab", "experiments", "export"},
    {"runs"},
    {"ui", "commands"},
    {"launch"},
    {"__main__"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SHELL = {"shell", "api", "files"}
"""What stands above the tabs: it may use all of them."""


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path) -> set[str]:
    """The full names of everything that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports by a relative name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules_used(name: str) -> set[str]:
    """The modules of ganapp that a module imports, without itself."""
    used = set()
    for imported in imports(MODULES[name]):
        while imported and imported not in MODULES:
            imported = imported.rpartition(".")[0]
        used |= {imported} if imported else set()
    return used - {name}


def room_of(module: str) -> str:
    """The first name below ganapp; "" for the package itself."""
    return [*module.split("."), ""][1]


def part_of(module: str) -> str:
    """What a module of the interface belongs to: "parts", a tab's name, or a file of the shell."""
    return module.split(".")[2] if module.count(".") > 1 else ""


INTERFACE = [name for name in MODULES if room_of(name) == "ui" and part_of(name)]


def test_imports_go_down_the_floors() -> None:
    wrong = []
    for module in MODULES:
        room = room_of(module)
        if not room:
            # What has to happen before anyone imports torch.
            assert modules_used(module) <= {"ganapp.lean_torch"}
            continue
        assert room in FLOOR, (
            f"{room} has no floor yet: add it to FLOORS and to docs/architecture.md"
        )
        rooms = {room_of(used) for used in modules_used(module)} - {room, ""}
        wrong += [f"{module} -> {used}" for used in rooms if FLOOR[used] > FLOOR[room]]
    assert not wrong


def test_no_module_and_no_room_imports_itself_in_a_circle() -> None:
    graphlib.TopologicalSorter(
        {module: modules_used(module) for module in MODULES if "." in module}
    ).prepare()
    rooms: dict[str, set[str]] = {}
    for module in MODULES:
        rooms.setdefault(room_of(module), set()).update(
            {room_of(used) for used in modules_used(module)} - {room_of(module)}
        )
    graphlib.TopologicalSorter(rooms).prepare()


def test_tabs_never_import_one_another() -> None:
    wrong = []
    for module in INTERFACE:
        own = part_of(module)
        if own in SHELL:
            continue
        used = {part_of(each) for each in modules_used(module) if room_of(each) == "ui"}
        wrong += [f"{module} -> {part}" for part in used - {own, "parts"}]
    assert not wrong


def test_only_layouts_import_gradio() -> None:
    knowing = {
        name
        for name, path in MODULES.items()
        if {each.split(".")[0] for each in imports(path)} & {"gradio", "gradio_client"}
    }
    allowed = {
        name
        for name in INTERFACE
        if part_of(name) in {"parts", *SHELL} or name.endswith((".tab", ".layout"))
    }
    assert knowing <= allowed
    assert "ganapp.ui.shell" in knowing


@pytest.mark.parametrize("room", ["latents", "evaluation", "pictures"])
def test_tools_know_nothing_of_training(room: str) -> None:
    for module in MODULES:
        if room_of(module) == room:
            assert not {room_of(used) for used in modules_used(module)} & {
                "training",
                "runs",
                "games",
                "checkpoints",
                "models",
            }


@pytest.mark.parametrize(
    ("module", "kept_out"),
    [
        ("ganapp.config.presets", ["torch", "numpy", "gradio"]),
        ("ganapp.config.lab_presets", ["torch", "numpy", "gradio"]),
        ("ganapp.__main__", ["torch", "numpy", "gradio", "PIL"]),
        ("ganapp.checkpoints", ["gradio", "ganapp.training", "ganapp.games"]),
        ("ganapp.runs", ["gradio"]),
    ],
)
def test_what_is_not_needed_is_not_loaded(module: str, kept_out: list[str]) -> None:
    code = (
        f"import sys, {module}; sys.exit(', '.join(name for name in {kept_out} if name in"
        " sys.modules) or 0)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
