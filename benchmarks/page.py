"""What a visitor feels, and what it costs: drives the real app, mostly in Chromium.

`measure` prints, as measured on this machine,

- seconds from `python app.py` until the page can be used, and from pressing Start to the first
  picture of the run;
- milliseconds from a slider's move to its picture, idle and while a run trains;
- bytes of a run's newest state, and milliseconds of the server's time for a page that opens on it,
  at step 100 and at step 100,000;
- how fast a run trains without a page, with one on the Train tab, and after that page has been
  through all tabs and back; and how busy the page's main thread is;
- how much slower a run trains while thirty clients watch it as a page does;
- memory of the app's processes (PSS: shared pages counted once), and what twenty runs add to it.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Page, sync_playwright

from ganapp.ui.status import memory
from tests.browser.conftest import FLAGS, TABS, App, open_tab
from tests.chromium import find_chromium

MOVES = 60
WATCHERS = 30
WATCHED_SECONDS, WATCHED_TURNS = 12, 4
TOUR_SECONDS, TOUR_TURNS = 12, 3
RUNS = 20
UPDATES = 100
TINY = {"width": 4, "batch_size": 2, "latent_size": 4, "r1_weight": 0.0}
MOVE = """async (value) => {
  const slider = document.querySelector('#latent-place input[type=range]');
  const figure = document.querySelector('#latent-picture figure');
  const image = figure.querySelector('img'), wanted = `/${value}/`;
  const start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  while (!(figure.dataset.at || '').includes(wanted) || !image.complete)
    await new Promise((next) => setTimeout(next, 1));
  await image.decode();
  return performance.now() - start;
}"""


def slider(page: Page) -> tuple[float, float]:
    """Median and 95th percentile of slider to picture, in milliseconds."""
    open_tab(page, "Latent space")
    page.wait_for_selector("#latent-picture img[src]")
    page.wait_for_timeout(1500)
    times = sorted(page.evaluate(MOVE, 3 + 37 * move % 95) for move in range(MOVES))
    return statistics.median(times), times[int(0.95 * len(times))]


def megabytes(root: int) -> float:
    """PSS of a process and all its descendants."""
    return memory(root) / 2**20


def processor_seconds(process: int) -> float:
    """What the process has used of the processor so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Runs:
    """Runs of the app, started and followed through its API and through the requests that a page
    makes.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.client = Client(app.url, verbose=False)
        config = httpx.get(f"{app.url}config").json()
        events = {
            number: [event for _, event in entry["targets"]]
            for number, entry in enumerate(config["dependencies"])
        }
        size = {
            number: len(entry["outputs"]) for number, entry in enumerate(config["dependencies"])
        }
        self.opening = max(
            (number for number, names in events.items() if "load" in names), key=size.__getitem__
        )

    def start(self, preset: str, changes: dict[str, Any]) -> str:
        """Starts a run, once the one before it has left the machine; its id."""
        while True:
            try:
                return str(
                    self.client.predict(
                        preset, json.dumps(changes), "benchmark", api_name="/start_run"
                    )
                )
            except AppError as error:
                if "still going on" not in str(error):
                    raise
                time.sleep(0.1)

    def step(self, run: str) -> int:
        """Where the run is."""
        return int(self.client.predict(run, api_name="/run_status").get("step", 0))

    def wait(self, run: str) -> None:
        """Until the run has ended."""
        while self.client.predict(run, api_name="/run_status")["state"] in (
            "queued",
            "preparing",
            "running",
        ):
            time.sleep(0.2)

    def stop(self, run: str) -> None:
        """Ends the run."""
        self.client.predict(run, "benchmark", api_name="/stop_run")
        self.wait(run)

    def opened(self, run: str, session: str) -> dict[str, Any]:
        """What a page posts when it opens."""
        body: dict[str, Any] = {
            "data": [{}],
            "event_data": None,
            "fn_index": self.opening,
            "session_hash": session,
        }
        return {"url": f"{self.app.url}gradio_api/run/predict?run={run}", "json": body}

    def update(self, run: str) -> tuple[int, float]:
        """Bytes of the run's state as a page gets it again and again, and the server's milliseconds
        for a new page that opens on it, controls included.
        """
        pid = self.app.process.pid
        with httpx.Client() as client:
            answer = client.get(f"{self.app.url}runs/{run}/live")
            told = int(answer.headers["content-length"])
            for number in range(UPDATES // 10):  # the first ones after a start take longer
                client.post(**self.opened(run, f"before-{run}-{number}")).raise_for_status()
            before = processor_seconds(pid)
            for number in range(UPDATES):
                client.post(**self.opened(run, f"look-{run}-{number}")).raise_for_status()
        return told, 1000 * (processor_seconds(pid) - before) / UPDATES

    def steps_watched(self, run: str, watchers: int) -> float:
        """Steps a second while so many clients watch, each as often as the server asks for."""

        async def watch(number: int, client: httpx.AsyncClient, end: float) -> None:
            await client.post(**self.opened(run, f"watcher-{number}"))
            known: dict[str, Any] = {"version": "", "picture": "", "every": 0.5}
            while time.monotonic() < end:
                asked = {"page": f"watcher-{number}", "seen": known["version"]}
                answer = await client.get(f"{self.app.url}runs/{run}/live", params=asked)
                answer.raise_for_status()
                if answer.status_code == 200:
                    before, known = known["picture"], answer.json()
                    if known["picture"] != before:
                        await client.get(f"{self.app.url}{known['picture']}")
                await asyncio.sleep(known["every"])

        async def everyone() -> float:
            async with httpx.AsyncClient(timeout=30) as client:
                before, start = await asyncio.to_thread(self.step, run), time.monotonic()
                async with asyncio.TaskGroup() as group:
                    for number in range(watchers):
                        group.create_task(watch(number, client, start + WATCHED_SECONDS))
                    group.create_task(asyncio.sleep(WATCHED_SECONDS))
                after = await asyncio.to_thread(self.step, run)
                return (after - before) / (time.monotonic() - start)

        return asyncio.run(everyone())

    def steps_a_second(self, run: str, seconds: float) -> float:
        """How fast the run trains."""
        before, start = self.step(run), time.monotonic()
        time.sleep(seconds)
        return (self.step(run) - before) / (time.monotonic() - start)


Note = Callable[[str, Any, str], None]
"""Keeps a figure by its name, and shows it in words."""


def measure(show: Callable[[str], None]) -> dict[str, Any]:
    """Measures everything; `show` gets each figure in words."""
    found: dict[str, Any] = {}

    def note(name: str, value: Any, words: str) -> None:
        found[name] = value
        if words:
            show(words)

    _measure_page(note)
    with tempfile.TemporaryDirectory() as folder:
        app = App(Path(folder))
        runs = Runs(app)
        _measure_updates(runs, note, show)
        _measure_tour(app, runs, note)
        _measure_watched(runs, note)
        _measure_memory(app, runs, note)
        app.stop()
    return found


def _measure_page(note: Note) -> None:
    """The start, the first picture, and sliders with and without training."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        start = time.perf_counter()
        app = App(Path(folder))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(app.url + "?tab=train")
        page.wait_for_selector(".live-own img[src]")
        seconds = time.perf_counter() - start
        note("usable_s", seconds, f"python app.py to a usable page: {seconds:.1f} s")
        idle = slider(page)
        note(
            "slider_idle_ms",
            idle,
            f"slider to picture, idle: median {idle[0]:.0f} ms, 95th percentile {idle[1]:.0f} ms",
        )
        page.wait_for_timeout(3000)
        memory = megabytes(app.process.pid)
        note("memory_idle_mb", memory, f"memory, idle: {memory:.0f} MB")
        open_tab(page, "Train")
        shown = page.locator(".live-own img").get_attribute("src")
        start = time.perf_counter()
        page.locator("#start").click()
        page.wait_for_function(
            "(shown) => document.querySelector('.live-own img').src !== shown",
            arg=shown,
            polling=10,
        )
        seconds = time.perf_counter() - start
        note("start_to_picture_s", seconds, f"Start to the first picture: {seconds:.2f} s")
        page.wait_for_timeout(10_000)
        training = slider(page)
        words = (
            f"slider to picture, training: median {training[0]:.0f} ms, 95th percentile"
            f" {training[1]:.0f} ms"
        )
        note("slider_training_ms", training, words)
        browser.close()
        app.stop()


def _measure_updates(runs: Runs, note: Note, show: Callable[[str], None]) -> None:
    """What a page that opens on a run costs, early and late."""
    updates = {}
    for steps in (100, 100_000):
        run = runs.start(
            "mlp-digits-quick",
            TINY | {"epochs": max(1, steps // 2500)} | ({"batch_size": 50} if steps == 100 else {}),
        )
        runs.wait(run)
        size, milliseconds = runs.update(run)
        reached = runs.step(run)
        updates[reached] = size, milliseconds
        show(
            f"a run's state at step {reached:,}: {size:,} bytes; a page that opens on it:"
            f" {milliseconds:.1f} ms of the server's time"
        )
    kept = {str(step): {"bytes": size, "server_ms": cost} for step, (size, cost) in updates.items()}
    note("updates", kept, "")


def _measure_tour(app: App, runs: Runs, note: Note) -> None:
    """What one page costs a run: while it is on the Train tab, and after a tour of all tabs."""
    run = runs.start("mlp-digits", {"epochs": 100_000})
    time.sleep(8)
    turns = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for _ in range(TOUR_TURNS):
            turn = {"without": runs.steps_a_second(run, TOUR_SECONDS)}
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(f"{app.url}?run={run}")
            page.wait_for_selector(".live[data-state=running]")
            page.wait_for_timeout(5000)
            turn["with"], turn["busy"] = _speed_and_busy(page, runs, run)
            for tab in TABS:
                open_tab(page, tab)
                page.wait_for_timeout(1500)
            open_tab(page, "Train")
            page.wait_for_timeout(3000)
            turn["after"], turn["busy_after"] = _speed_and_busy(page, runs, run)
            page.close()
            time.sleep(2)
            turns.append(turn)
        browser.close()
    runs.stop(run)

    def ratio(one: str, other: str) -> float:
        return statistics.median(turn[one] / turn[other] for turn in turns)

    kept, toured = ratio("with", "without"), ratio("after", "with")
    busy = [statistics.median(turn[name] for turn in turns) for name in ("busy", "busy_after")]
    words = (
        f"training with a page on the Train tab: {kept:.2f} times its speed without; after a tour"
        f" of all tabs {toured:.2f} times that; the main thread is busy {busy[0]:.0%} of the time,"
        f" after the tour {busy[1]:.0%}"
    )
    note("tour", {"with": kept, "after": toured, "busy": busy, "turns": turns}, words)


def _speed_and_busy(page: Page, runs: Runs, run: str) -> tuple[float, float]:
    """Steps a second, and the share of the time in which the page's main thread works."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def worked() -> float:
        found = devtools.send("Performance.getMetrics")["metrics"]
        return next(float(row["value"]) for row in found if row["name"] == "TaskDuration")

    before, start = worked(), time.monotonic()
    speed = runs.steps_a_second(run, TOUR_SECONDS)
    return speed, (worked() - before) / (time.monotonic() - start)


def _measure_watched(runs: Runs, note: Note) -> None:
    """How much watchers slow a run down."""
    run = runs.start("digits", {"epochs": 1000})
    time.sleep(8)
    pairs = [
        (runs.steps_watched(run, 0), runs.steps_watched(run, WATCHERS))
        for _ in range(WATCHED_TURNS)
    ]
    runs.stop(run)
    kept = statistics.median(watched / alone for alone, watched in pairs)
    words = (
        f"training with {WATCHERS} clients watching as pages do: {kept:.2f} times its speed alone"
    )
    note("speed_watched", {"kept": kept, "steps_a_second": pairs}, words)


def _measure_memory(app: App, runs: Runs, note: Note) -> None:
    """What many runs add to the memory."""
    memories = []
    for _ in range(RUNS):
        runs.wait(runs.start("mlp-digits-quick", {"epochs": 1}))
        memories.append(megabytes(app.process.pid))
    note(
        "memory_after_runs_mb",
        memories,
        f"memory after 2 runs {memories[1]:.0f} MB, after {RUNS} runs {memories[-1]:.0f} MB",
    )


if __name__ == "__main__":
    measure(lambda words: print(words, flush=True))
