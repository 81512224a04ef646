"""`python -m tests`: the linter, the type checker and every test. What follows is handed to pytest, as in `python -m tests -k losses`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.chromium import ensure_chromium

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Runs all the checks, whatever the earlier ones said; 1 if any failed."""
    failed = []
    print("== Chromium", flush=True)
    try:
        ensure_chromium()
    except RuntimeError as error:
        print(error, flush=True)
        failed.append("Chromium")
    checks = {
        "lint": ["ruff", "check", "."],
        "format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "pytest": ["pytest", *arguments],
    }
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT).returncode:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
