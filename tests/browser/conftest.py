"""The real app in a process of its own, and Chromium pages that look at it. Errors in a page's
console fail the test.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from ganapp.ui.navigation import GROUPS
from tests.chromium import find_chromium

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 90_000  # milliseconds; two busy cores can be slow
UNWATCHED_SECONDS = "2"
ZERO_GPU = {
    "SPACES_ZERO_GPU": "true",
    "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "standins"), str(ROOT)]),
}
"""The environment of an app on a Space with ZeroGPU, as far as there can be one without a GPU."""
TOKEN = {"x-ip-token": "a visitor"}
"""What tells such a Space who asks."""
ON_ZERO_GPU = bool(os.environ.get("ON_ZERO_GPU"))
"""Whether every story is to be told there."""
READY = (
    "#tabs[data-tab=start] .start:not([data-epoch='']),"
    " #tabs[data-tab=train] .live[data-state]:not([data-state=none]),"
    " #tabs[data-tab=train] .live-note:not(:empty),"
    " #tabs[data-tab]:not([data-tab=start], [data-tab=train])"
)
"""What the tab that a page opens on has once it can be used."""
TABS = {
    "Start": "start",
    "Lessons": "lessons",
    "2-D lab": "lab",
    "Theory": "theory",
    "Classroom": "classroom",
    "Train": "train",
    "Latent space": "latent",
    "Class-conditional": "classes",
    "Text": "text",
    "Translate": "translate",
    "Letters": "letters",
    "Restore": "restore",
    "Inside": "inside",
    "Evaluate": "evaluate",
    "Spot the fake": "spot",
    "Augmentation": "augmentation",
}
"""The id of each tab by its title."""
_unanswered: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()
expect.set_options(timeout=PATIENCE)


class App:
    """`python app.py` with a home of its own."""

    def __init__(self, folder: Path, port: int | None = None, **variables: str) -> None:
        self.folder, self.port, self.variables = folder, port or free_port(), variables
        self.url = f"http://127.0.0.1:{self.port}/"
        self.log = (folder / "app.log").open("ab")
        self.process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        """Starts the app and waits until it answers."""
        environment = os.environ | {
            "GANAPP_HOME": str(self.folder / "runs"),
            "GANAPP_DATA": str(self.folder / "data"),
            "GRADIO_TEMP_DIR": str(self.folder / "tmp"),
            "GRADIO_SERVER_PORT": str(self.port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GANAPP_UNWATCHED_SECONDS": UNWATCHED_SECONDS,
            "GANAPP_LESSONS": str(ROOT / "tests" / "data" / "lessons"),
            "HF_HOME": str(self.folder / "hub"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1",
            **(ZERO_GPU if ON_ZERO_GPU else {}),
            **self.variables,
        }
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            cwd=self.folder,
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # A shell's background jobs ignore Ctrl-C, and so would what they start.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        end = time.monotonic() + 120
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "app.log").read_text()
            try:
                with urllib.request.urlopen(self.url + "config", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail("The app did not answer: " + (self.folder / "app.log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends the app as Ctrl-C does, or as `how` says."""
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # it says where each of its threads is
            self.process.wait()
            pytest.fail("The app did not end: " + (self.folder / "app.log").read_text()[-9000:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def open_tab(page: Page, title: str) -> None:
    """Turns to the tab of this title, by its group."""
    group = next(group for group in GROUPS if TABS[title] in group.tabs)
    page.locator(f".groups [data-group={group.name}]").click()
    if len(group.tabs) > 1:
        page.get_by_role("tab", name=title, exact=True).click()
    expect(page.locator("#tabs")).to_have_attribute("data-tab", TABS[title])


def wait_for_answers(page: Page) -> None:
    """Waits until the app has answered what the page asked for just now, as a tab does when it is
    turned to first.
    """
    end = time.monotonic() + PATIENCE / 1000
    page.wait_for_timeout(100)
    while _unanswered[page]:
        assert time.monotonic() < end, [request.post_data for request in _unanswered[page]]
        page.wait_for_timeout(30)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app for all tests that do not restart it."""
    made = App(tmp_path_factory.mktemp("app"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`visit(url, **options)` opens a page as a new visitor; `visit(url, of=page)` as the visitor
    of another page.

    A request that leaves the machine fails the test, and so do console errors, but for those whose
    text has one of `forgive` in it.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def visit(
        url: str, of: Page | None = None, forgive: tuple[str, ...] = (), **options: Any
    ) -> Page:
        if of is None:
            headers = TOKEN if ON_ZERO_GPU else {}
            contexts.append(chromium.new_context(**{"extra_http_headers": headers, **options}))
        page = (of.context if of is not None else contexts[-1]).new_page()
        page.set_default_timeout(PATIENCE)

        def note(kind: str, text: str) -> None:
            if not any(words in text for words in forgive):
                errors.append(f"{kind}: {text}")

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                note("console", message.text)

        unanswered = _unanswered.setdefault(page, set())

        def asked(request: Request) -> None:
            if "/run/predict" in request.url:
                unanswered.add(request)
            own = ("data:", "blob:", "chrome-error:", "http://127.0.0.1:", "http://localhost:")
            if not request.url.startswith(own):
                note("a request that leaves the machine", request.url)

        page.on("request", asked)
        page.on("requestfinished", lambda request: unanswered.discard(request))
        page.on("requestfailed", lambda request: unanswered.discard(request))
        page.on("pageerror", lambda error: note("pageerror", str(error)))
        page.on("console", heard)
        page.goto(url)
        page.wait_for_selector(READY)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not errors, errors
