"""What one address may hold, so that the others have something left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ganapp.config.presets import PRESETS
from ganapp.errors import BadInput
from ganapp.runs import Registry
from ganapp.runs import registry as registry_module
from ganapp.ui.augmentation.handlers import KNOBS, Experiments
from ganapp.ui.classroom.rooms import Rooms
from ganapp.ui.evaluate.queue import JobQueue
from ganapp.ui.parts import limits
from ganapp.ui.parts.limits import Holdings, Limits, Uploads, visitor_address


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_address_holds_so_much_and_no_more() -> None:
    clock = Clock()
    held = Holdings(2, "experiments", seconds=10, clock=clock)
    for name in ("a", "b", "a"):
        held.use("one", name)
    with pytest.raises(BadInput, match="2 experiments come from your address"):
        held.use("one", "c")
    held.use("two", "c")
    clock.now += 6
    held.use("one", "b")
    clock.now += 6
    held.use("one", "c")  # nothing was heard of "a" for a while


def test_uploads_are_counted_for_an_hour() -> None:
    clock = Clock()
    uploads = Uploads(clock)
    half = int(limits.MOST_UPLOADED / 2)
    assert uploads.take("one", half) and uploads.take("one", half)
    assert not uploads.take("one", 1) and uploads.take("two", 1)
    clock.now += limits.SECONDS_OF_UPLOADS + 1
    assert uploads.take("one", half) and set(uploads._sent) == {"one"}


def test_the_middleware_notes_whose_request_it_is_and_refuses_too_much() -> None:
    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(visitor_address())

    routes = [Route("/upload", answer, methods=["POST"]), Route("/", answer)]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(Limits)]))
    assert client.get("/").text == "testclient" and visitor_address() == ""
    assert client.post("/upload", content=b"x").text == "testclient"
    big = {"content-length": str(int(limits.MOST_UPLOADED))}
    refused = client.post("/upload", content=b"x", headers=big)
    assert refused.status_code == 429 and "try again later" in refused.text
    unknown = client.post(
        "/upload", content=iter([b"x"])
    )  # in pieces, of which nobody knows how many
    assert unknown.status_code == 411


def test_one_address_cannot_take_all_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    monkeypatch.setattr(registry_module, "MOST_AN_ADDRESS", 2)
    config = PRESETS["digits"].config
    registry = Registry(slots=0)

    def submit(owner: str, address: str) -> str:
        return registry.submit(config, "digits", owner, address=address)

    first = submit("a", "one")
    submit("b", "one")
    with pytest.raises(BadInput, match="2 runs from your address"):
        submit("c", "one")
    submit("d", "two")
    registry.stop(first, "a")
    submit("c", "one")
    registry.close()


def test_one_address_cannot_take_the_whole_line_or_all_rooms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))

    def fill(take: Any, most: int) -> None:
        for _ in range(most):
            take("one")
        with pytest.raises(BadInput, match="from your address already"):
            take("one")
        take("two")

    trials = Experiments(play=lambda setting, seeds, wanted: iter(()), clock=lambda: 0.0)
    monkeypatch.setattr(trials, "_serve", lambda: None)
    asked = {name: knob.value for name, knob in KNOBS.items()}
    fill(lambda address: trials.start(asked, address), limits.MOST_TRIALS)
    rooms = Rooms(Registry(slots=0))
    fill(rooms.open, limits.MOST_ROOMS)
    jobs = JobQueue()
    monkeypatch.setattr(jobs, "_play", lambda: None)
    numbers = iter(range(100))
    fill(lambda address: jobs.join(next(numbers), lambda tell: None, address), limits.MOST_JOBS)
