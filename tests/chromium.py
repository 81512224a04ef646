"""The browser that the tests of the page drive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
"""Chromium without a window, Playwright's own choice too: a page takes two thirds of the work."""

NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """An installed Chromium's path, for Playwright's `executable_path`; None stands for
    Playwright's own.
    """
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_chromium() -> None:
    """Installs a Chromium unless there is one: Playwright's own, or else Debian's. Raises
    `RuntimeError` if neither can be had.
    """
    if find_chromium() or _own_is_there():
        return
    print("No Chromium was found, so Playwright's is installed.", flush=True)
    playwright = [sys.executable, "-m", "playwright"]
    can_install = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if _runs([*playwright, "install", "chromium"]) and _own_is_there():
        # Elsewhere its libraries come with the desktop, or Playwright says which are missing.
        if can_install:
            _runs([*playwright, "install-deps", "chromium"])
        return
    if can_install:
        print("Playwright's Chromium could not be had, so Debian's is installed.", flush=True)
        if (
            _runs(["apt-get", "update"])
            and _runs(["apt-get", "install", "-y", SHELL])
            and find_chromium()
        ):
            return
    raise RuntimeError(
        "The tests of the page need Chromium, and none could be installed: install it with your"
        " system's package manager."
    )


def _own_is_there() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def _runs(command: list[str]) -> bool:
    return (
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        ).returncode
        == 0
    )
