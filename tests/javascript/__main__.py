"""`python -m tests.javascript`: ESLint over the scripts of the page, as the page runs them.

Where Node or its packages cannot be had, it says so and checks nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def write_scripts(folder: Path) -> int:
    """Writes the script of every component of the page into `folder`; how many."""
    from ganapp.runs import Registry
    from ganapp.ui import navigation
    from ganapp.ui.parts.page import asset
    from ganapp.ui.shell import build_app

    shared = asset("parts/common.js")
    registry = Registry()
    try:
        parts: dict[int, Any] = build_app(registry).blocks
    finally:
        registry.close()
    count = 0
    for part in parts.values():
        script = getattr(part, "js_on_load", None)
        if not script or not (script.startswith(shared) or script == navigation.script()):
            continue
        own = script.removeprefix(shared)
        marked = f"{shared if own != script else ''}// --- shared ends ---\n{own}"
        (folder / f"{part.elem_id or 'navigation'}.js").write_text(marked, encoding="utf-8")
        count += 1
    return count


def main() -> int:
    """Checks the scripts; 1 if something is wrong with them."""
    if not (shutil.which("node") and shutil.which("npm")):
        print("Node is not installed here, so the scripts of the page are not checked.")
        return 0
    install = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
    if not (HERE / "node_modules").is_dir() and subprocess.run(install, cwd=HERE).returncode:
        print("ESLint cannot be fetched here, so the scripts of the page are not checked.")
        return 0
    with tempfile.TemporaryDirectory() as name:
        count = write_scripts(Path(name))
        print(f"{count} scripts", flush=True)
        return subprocess.run(["node", "check.mjs", name], cwd=HERE).returncode


if __name__ == "__main__":
    sys.exit(main())
