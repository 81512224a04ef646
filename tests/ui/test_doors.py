"""Every door of the app with things that no page sends: each event, each question of a script, each
address. Whatever comes, it is answered or refused in words; nothing else is raised, and nothing is
written outside.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio.helpers import special_args
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ganapp.errors import BadInput
from ganapp.runs import Registry
from ganapp.ui import files
from ganapp.ui.shell import build_app

NASTY: list[Any] = [
    None,
    "",
    " ",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "run:../secret",
    "hub:../../x",
    "bundled:nothing",
    "bundled:digits",
    "recording-digits",
    "recording-../x",
    "1122-0741-abc",
    "\x00",
    "\ud800",
    "\u202e💥",
    "NaN",
    "1e999",
    True,
    -1,
    0,
    3,
    1e308,
    float("nan"),
    float("inf"),
    2**70,
    [],
    {},
    [[[]]],
    [None] * 3,
    ["bundled:digits", -1, {}],
    {"key": []},
    {"key": "k", "id": []},
    {"ask": [], "moves": [{}]},
    {"value": "digits", "run": {}},
    {"model": "bundled:digits", "seed": float("nan")},
]
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
ANYTHING = st.sampled_from(NASTY) | NESTED
MODEST = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, *HealthCheck]
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("GANAPP_HOME", str(folder / "runs"))
        patch.setenv("GANAPP_DATA", str(folder / "data"))
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield folder


@pytest.fixture(scope="module")
def registry(home: Path) -> Iterator[Registry]:
    with contextlib.closing(Registry(slots=0)) as made:
        yield made


@pytest.fixture(scope="module")
def app(registry: Registry) -> gr.Blocks:
    return build_app(registry)


def answer_or_refusal(call: Callable[[], Any]) -> Any:
    """What the call answers, of a generator the first pieces; None where it refuses in words."""
    try:
        answer = call()
        if inspect.isgenerator(answer):
            answer = list(itertools.islice(answer, 2))
    except (gr.Error, BadInput) as error:
        assert len(str(error)) > 10, error
        return None
    return answer


def test_every_event_answers_or_refuses(app: gr.Blocks) -> None:
    events = [event for event in app.fns.values() if event.fn is not None]
    assert len(events) > 80

    @MODEST
    @settings(max_examples=6)
    @given(data=st.data())
    def call(data: st.DataObject) -> None:
        for event in events:
            given = [data.draw(ANYTHING, label=event.name) for _ in event.inputs]
            arguments = special_args(event.fn, given, None, None)[0]
            answer_or_refusal(lambda event=event, arguments=arguments: event.fn(*arguments))

    call()


def test_every_question_of_a_script_answers_or_refuses(app: gr.Blocks) -> None:
    asked = [
        function
        for block in app.blocks.values()
        for function in getattr(block, "server_functions", None) or []
    ]
    assert len(asked) > 15

    @MODEST
    @settings(max_examples=20)
    @given(question=ANYTHING)
    def call(question: Any) -> None:
        for function in asked:
            answer = answer_or_refusal(lambda function=function: function(question))
            json.dumps(answer, allow_nan=False)

    call()


ROUTES = [
    "/runs/{}/live",
    "/runs/{}/live.jpg",
    "/runs/{}/epochs/3.jpg",
    "/runs/{}/code.zip",
    "/runs/recording-digits/{}",
    "/runs/{}/model.safetensors",
    "/code.zip?preset={}",
    "/code.zip?preset=digits&epochs={}",
    "/qr.svg?text={}",
    "/rooms/{}",
    "/rooms/tiles/{}.jpg",
]
QUESTIONS = ["/rooms/{}/enter", "/rooms/{}/leave", "/rooms/{}/act", "/runs/{}/keep"]


def escaped(value: object) -> str:
    from urllib.parse import quote

    return quote(str(value), errors="surrogatepass") or "-"


@pytest.fixture(scope="module")
def client(registry: Registry) -> TestClient:
    """Raises whatever the app raises."""
    return TestClient(Starlette(routes=files.routes(registry)))


def test_every_address_answers_or_refuses(client: TestClient) -> None:
    @MODEST
    @settings(max_examples=40)
    @given(value=ANYTHING)
    def call(value: Any) -> None:
        for route in ROUTES:
            assert client.get(route.format(escaped(value))).status_code in (200, 204, 404, 405)

    call()


def test_every_question_by_address_answers_or_refuses(client: TestClient) -> None:
    room = client.post("/rooms", json={}).json()

    @MODEST
    @settings(max_examples=60)
    @given(
        value=ANYTHING,
        fields=st.dictionaries(
            st.sampled_from(
                [
                    "member",
                    "name",
                    "run",
                    "claim",
                    "act",
                    "key",
                    "on",
                    "link",
                    "preset",
                    "setting",
                    "values",
                    "title",
                ]
            ),
            ANYTHING,
        ),
    )
    def call(value: Any, fields: dict[str, Any]) -> None:
        for route in QUESTIONS:
            for code in (escaped(value), room["code"]):
                for body in (fields, fields | {"key": room["key"], "member": "x" * 20}, value):
                    content = json.dumps(body).encode("utf-8", "replace")
                    answer = client.post(route.format(code), content=content)
                    assert answer.status_code in (200, 404, 405)
        client.get(f"/rooms/{room['code']}")

    call()
    assert client.post(f"/rooms/{room['code']}/leave", content=b"\xff{").json()["problem"]
    assert client.post(f"/rooms/{room['code']}/leave", content=b"[" * 4000).json()["problem"]
    assert client.post(f"/rooms/{room['code']}/leave", content=b"9" * 9000).json()["problem"]


def test_nothing_was_written_outside(home: Path, client: TestClient) -> None:
    before = {path.name for path in home.parent.iterdir()}
    for value in NASTY:
        client.get(f"/runs/{escaped(value)}/live")
    assert {path.name for path in home.parent.iterdir()} == before
    assert {path.name for path in home.iterdir()} <= {"runs", "data"}
