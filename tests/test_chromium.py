"""Finding and installing the browser, with every command stubbed: no test installs anything."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import pytest

from tests import chromium


class Machine:
    """What is installed, what each command would do, and which commands were run."""

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        *,
        installed: bool = False,
        own: bool = False,
        works: tuple[str, ...] = (),
        root: bool = True,
    ) -> None:
        self.installed, self.own, self.works = installed, own, works
        self.ran: list[str] = []
        patch.setattr(
            chromium, "find_chromium", lambda: "/usr/bin/chromium" if self.installed else None
        )
        patch.setattr(chromium, "_own_is_there", lambda: self.own)
        patch.setattr(chromium, "_runs", self.run)
        patch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        patch.setattr(os, "geteuid", lambda: 0 if root else 1000)

    def run(self, command: list[str]) -> bool:
        """Notes the command; it does its work if it is among those that do."""
        name = f"playwright {command[3]}" if command[0] == sys.executable else " ".join(command[:2])
        self.ran.append(name)
        if name in self.works:
            self.own |= name == "playwright install"
            self.installed |= name == "apt-get install"
        return name in self.works


APT = ("apt-get update", "apt-get install")


@pytest.mark.parametrize(
    ("there", "ran"),
    [
        ({"installed": True}, []),
        ({"own": True}, []),
        ({"works": APT}, ["playwright install", *APT]),
        ({"works": ("playwright install",)}, ["playwright install", "playwright install-deps"]),
        ({"works": ("playwright install",), "root": False}, ["playwright install"]),
    ],
)
def test_nothing_is_installed_before_it_is_needed(
    there: dict[str, Any], ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(monkeypatch, **there)
    chromium.ensure_chromium()
    assert machine.ran == ran


@pytest.mark.parametrize(
    ("there", "ran"),
    [
        ({}, ["playwright install", "apt-get update"]),
        ({"works": ("apt-get update",)}, ["playwright install", *APT]),
        ({"root": False, "works": APT}, ["playwright install"]),
    ],
)
def test_a_browser_that_cannot_be_had_is_said(
    there: dict[str, Any], ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(monkeypatch, **there)
    with pytest.raises(RuntimeError, match="package manager"):
        chromium.ensure_chromium()
    assert machine.ran == ran


def test_an_installed_browser_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        shutil,
        "which",
        lambda name: "/opt/google-chrome" if name == "google-chrome" else None,
    )
    assert chromium.find_chromium() == "/opt/google-chrome"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert chromium.find_chromium() is None
