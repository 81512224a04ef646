"""`python -m tests`: the linter, the type checker and every test. What follows is handed to pytest,
as in `python -m tests -k losses`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.chromium import ensure_chromium

ROOT = Path(__file__).resolve().parent.parent
SIDE_BY_SIDE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
"""Two processes, a file of tests in one: most of them wait for something, and the app's browser
tests for one app each. Three take as long on two cores.
"""

ONE_THREAD = os.environ | {"OMP_NUM_THREADS": "1"}
"""More threads would wait for one another longer than they compute."""


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
        "javascript": ["tests.javascript"],
        "pytest": ["pytest", *SIDE_BY_SIDE, *arguments],
    }
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=ONE_THREAD).returncode:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
