"""A class at work: thirty runs on one machine, each watched as a page watches it, one room, one
teacher.

    python -m benchmarks.classroom [--students 30] [--minutes 12] [--pages 2] [--preset digits]

Students start within a minute. `measure` tells, over all of them, seconds from Start to the first
picture of their own and to readable digits (accuracy .8 at a quick check), how long the server
takes for a poll, what the watching costs the training, how the memory grows, and what went wrong.
Some students are real pages in Chromium, the rest clients that ask for what a page asks for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, async_playwright

from benchmarks.page import megabytes
from ganapp.runs.folder import claim_of, hashed
from tests.browser.conftest import FLAGS, App
from tests.chromium import find_chromium

SECONDS_TO_START = 60.0
SECONDS_BETWEEN_VISITS = 3.0
"""How often a page tells its room that it is there."""
READABLE = 0.8


@dataclass
class Student:
    """What one student has seen so far: seconds from their Start, and how long answers took."""

    started: float = 0.0
    picture: float | None = None
    readable: float | None = None
    step: int = 0
    polls: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Class:
    """The app, its room, and how long the lesson lasts."""

    app: App
    room: dict[str, str]
    preset: str
    end: float


async def attend(lesson: Class, number: int, client: httpx.AsyncClient, seen: Student) -> None:
    """One student who is no real page: comes, presses Start, looks on."""
    await asyncio.sleep(SECONDS_TO_START * number / 30)
    seen.started = time.monotonic()
    run = await asyncio.to_thread(_start, lesson, number)
    known: dict[str, Any] = {"version": "", "picture": "", "every": 0.5}
    visited = 0.0
    while time.monotonic() < lesson.end:
        try:
            known = await _poll(lesson, client, run, number, known, seen)
            if time.monotonic() - visited > SECONDS_BETWEEN_VISITS:
                visited = time.monotonic()
                asked = {
                    "member": f"student-{number:04d}",
                    "name": f"Student {number}",
                    "run": run,
                    "claim": claim_of(run, hashed(_key(number))),
                }
                await client.post(f"{lesson.app.url}rooms/{lesson.room['code']}/enter", json=asked)
        except httpx.HTTPError as error:
            seen.errors.append(repr(error))
        await asyncio.sleep(known["every"])


def _key(number: int) -> str:
    return f"key-of-student-{number}"


def _start(lesson: Class, number: int) -> str:
    """A run of the student's own, started through the public API."""
    with httpx.Client(timeout=60) as client:
        call = f"{lesson.app.url}gradio_api/call/start_run"
        asked = {"data": [lesson.preset, json.dumps({"seed": number}), _key(number)]}
        event = client.post(call, json=asked).raise_for_status().json()["event_id"]
        answer = client.get(f"{call}/{event}").raise_for_status().text
    return str(json.loads(answer.rpartition("data: ")[2].strip())[0])


async def _poll(
    lesson: Class,
    client: httpx.AsyncClient,
    run: str,
    number: int,
    known: dict[str, Any],
    seen: Student,
) -> dict[str, Any]:
    """One look, as a page takes it."""
    asked = {"page": f"student-{number}", "mine": "1", "seen": known["version"]}
    start = time.monotonic()
    answer = await client.get(f"{lesson.app.url}runs/{run}/live", params=asked)
    seen.polls.append(time.monotonic() - start)
    answer.raise_for_status()
    if answer.status_code != 200:
        return known
    before, known = known["picture"], answer.json()
    seen.step = known["step"]
    now = time.monotonic() - seen.started
    if known["picture"] and known["picture"] != before:
        (await client.get(f"{lesson.app.url}{known['picture']}")).raise_for_status()
        seen.picture = seen.picture or now
    read = ((known.get("quality") or {}).get("accuracy") or [0.0])[-1]
    if read >= READABLE and seen.readable is None:
        seen.readable = now
    return known


async def sit(lesson: Class, number: int, browser: Browser, seen: Student) -> None:
    """One student who is a real page."""
    page = await browser.new_page(viewport={"width": 1366, "height": 768})
    page.on(
        "console",
        lambda message: seen.errors.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    code = lesson.room["code"]
    await page.goto(f"{lesson.app.url}?tab=train&preset={lesson.preset}&room={code}")
    await page.wait_for_selector(".live-own img[src]", timeout=90_000)
    await asyncio.sleep(SECONDS_TO_START * number / 30)
    seen.started = time.monotonic()
    await page.locator("#start").click()
    live = page.locator(".live")
    while time.monotonic() < lesson.end:
        data = await live.evaluate("(live) => ({...live.dataset})")
        shown = await page.locator(".live-own img").get_attribute("src") or ""
        seen.step = int(data.get("step") or 0)
        if data.get("claim") and "live.jpg" in shown and seen.picture is None:
            seen.picture = time.monotonic() - seen.started
        await asyncio.sleep(1)
    await page.close()


async def teach(lesson: Class, client: httpx.AsyncClient, teacher: Student) -> None:
    """A wall that is open all the time."""
    version = ""
    while time.monotonic() < lesson.end:
        try:
            address = f"{lesson.app.url}rooms/{lesson.room['code']}"
            answer = await client.get(address, params={"seen": version})
            if answer.status_code == 200:
                shown = answer.json()
                version = shown["version"]
                for tile in shown["tiles"]:
                    if tile["picture"]:
                        await client.get(f"{lesson.app.url}{tile['picture']}")
        except httpx.HTTPError as error:
            teacher.errors.append(repr(error))
        await asyncio.sleep(2)


async def _hold(lesson: Class, pages: int, students: list[Student]) -> list[float]:
    """The lesson; megabytes of the app every half minute."""
    limits = httpx.Limits(max_connections=200)
    memory: list[float] = []

    async def weigh() -> None:
        while time.monotonic() < lesson.end:
            memory.append(await asyncio.to_thread(megabytes, lesson.app.process.pid))
            await asyncio.sleep(30)

    async with httpx.AsyncClient(timeout=60, limits=limits) as client, async_playwright() as kit:
        browser = await kit.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        async with asyncio.TaskGroup() as group:
            group.create_task(weigh())
            group.create_task(teach(lesson, client, students[-1]))
            for number, student in enumerate(students[:-1]):
                if number < pages:
                    group.create_task(sit(lesson, number, browser, student))
                else:
                    group.create_task(attend(lesson, number, client, student))
        await browser.close()
    return memory


def measure(
    tell: Callable[[str], None],
    students: int = 30,
    minutes: float = 12.0,
    pages: int = 2,
    preset: str = "digits",
) -> dict[str, Any]:
    """Holds a lesson; `tell` gets each figure in words."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(Path(folder))
        room = httpx.post(f"{app.url}rooms", json={}).json()
        seen = [Student() for _ in range(students + 1)]  # and a teacher
        lesson = Class(app, room, preset, time.monotonic() + 60 * minutes)
        memory = asyncio.run(_hold(lesson, pages, seen))
        log = (Path(folder) / "app.log").read_text(encoding="utf-8")
        app.stop()
    found = _figures(seen[:-1], seen[-1], memory, log)
    for name, value in found.items():
        tell(f"{name}: {value}")
    return found


def _figures(
    students: list[Student], teacher: Student, memory: list[float], log: str
) -> dict[str, Any]:
    polls = sorted(seconds for student in students for seconds in student.polls)
    pictures = [student.picture for student in students if student.picture is not None]
    readable = [student.readable for student in students if student.readable is not None]
    errors = [error for student in [*students, teacher] for error in student.errors]
    return {
        "students": len(students),
        "with a picture of their own": len(pictures),
        "seconds to the first picture, median and most": _middle_and_most(pictures),
        "with readable digits (real pages are not asked)": len(readable),
        "seconds to readable digits, median and most": _middle_and_most(readable),
        "steps of all runs": sum(student.step for student in students),
        "steps, least and most": [min(s.step for s in students), max(s.step for s in students)],
        "poll in ms, median and 95th percentile": [
            round(1000 * polls[int(share * (len(polls) - 1))], 1) for share in (0.5, 0.95)
        ],
        "memory in MB, every half minute": [round(value) for value in memory],
        "errors": errors[:20],
        "tracebacks in the app's log": log.count("Traceback"),
    }


def _middle_and_most(values: list[float]) -> list[float] | None:
    return [round(statistics.median(values), 1), round(max(values), 1)] if values else None


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--pages", type=int, default=2)
    parser.add_argument("--preset", default="digits")
    measure(lambda words: print(words, flush=True), **vars(parser.parse_args()))


if __name__ == "__main__":
    main()
