"""The package: a wheel that holds everything, in an environment and a folder of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest

from ganapp import __version__, checkpoints

ROOT = Path(__file__).resolve().parent.parent


def test_requirements_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line] == project["dependencies"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built wheel in it; everything else comes from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheels = folder / "wheels"
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels)]
    subprocess.run([*build, str(ROOT)], check=True, cwd=folder)
    (wheel,) = wheels.glob("*.whl")
    target = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def environment(installed: Path, home: Path, **more: str) -> dict[str, str]:
    """Variables with which a program finds the installed package and nothing of this copy."""
    return os.environ | {"PYTHONPATH": str(installed), "GANAPP_HOME": str(home)} | more


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, str(installed / "bin" / "ganapp"), *words]
    env = environment(installed, folder / "runs")
    return subprocess.run(program, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


def test_the_command_knows_its_name_and_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "--version").stdout.strip() == f"ganapp {__version__}"
    usage = run(installed, tmp_path, "--help").stdout
    assert usage.startswith("usage: ganapp ") and "train" in usage


def test_the_bundled_models_come_along(installed: Path, tmp_path: Path) -> None:
    bundled = installed / "ganapp" / "bundled"
    assert {path.name for path in bundled.iterdir()} >= set(checkpoints.bundled())
    assert (installed / "ganapp" / "py.typed").is_file()
    drawn = run(installed, tmp_path, "sample", "digits", "--count", "4", "--out", "four.png")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "four.png").is_file()


def test_the_app_opens_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = environment(installed, tmp_path / "runs", GRADIO_SERVER_PORT=str(port))
    empty = tmp_path / "empty"
    empty.mkdir()
    program = [sys.executable, str(installed / "bin" / "ganapp")]
    app = subprocess.Popen(program, cwd=empty, env=env)
    try:
        page, end = "", time.monotonic() + 120
        while not page and time.monotonic() < end and app.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                    page = answer.read().decode()
            except OSError:
                time.sleep(0.3)
        assert "gradio" in page
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=30) as answer:
            config = answer.read().decode()
        assert "live-frame" in config  # the page parts
        example = re.search(r"runs/recording-digits/epochs/\d+\.jpg", config)
        assert example is not None
        address = f"http://127.0.0.1:{port}/{example[0]}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.read().startswith(b"\xff\xd8")
    finally:
        app.terminate()
        app.wait(30)
    assert list(empty.iterdir()) == []
