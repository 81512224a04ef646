"""Every door of the app with things that no page sends: each event, each question of a script, each
address. Whatever comes, it is answered or refused in words; nothing else is raised, and nothing is
written outside.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio.helpers import special_args
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
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


def so_often(examples: int) -> settings:
    return settings(deadline=None, max_examples=examples, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("around") / "home" / "app"
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


def refusals(doors: list[tuple[str, Callable[..., Any], int]], times: int) -> list[str]:
    """Calls each door with each nasty value in every place, and so many times with one of them in
    each; what it raised beside refusals.
    """
    chance, raised = random.Random(0), []
    for name, function, count in doors:
        mixed = ([chance.choice(NASTY) for _ in range(count)] for _ in range(times))
        for sent in itertools.chain(([value] * count for value in NASTY if count), mixed):
            try:
                answer_or_refusal(functools.partial(function, *sent))
            except Exception as error:
                raised.append(f"{name}{tuple(sent)!r:.200} raised {error!r:.200}")
    return raised


def test_every_event_answers_or_refuses(app: gr.Blocks) -> None:
    doors = [
        (str(event.name), whole(event.fn, event.inputs), len(event.inputs))
        for event in app.fns.values()
        if event.fn
    ]
    assert len(doors) > 80
    found = refusals(doors, 4)
    assert not found, "\n".join(found)


def whole(function: Callable[..., Any], inputs: Any) -> Callable[..., Any]:
    """The function as Gradio calls it: with what its components let through, a request, a bar."""
    scope = {"type": "http", "headers": [], "query_string": b"run=%00&epoch=x&lab=%5B", "path": "/"}
    request = gr.Request(request=Request(scope))

    def call(*given: Any) -> Any:
        passed = [
            let_through(component, value) for component, value in zip(inputs, given, strict=True)
        ]
        event = gr.EventData(None, given[0] if given else None)
        return function(*special_args(function, passed, request, event)[0])

    return call


def let_through(component: Any, value: Any) -> Any:
    """What a component makes of a value; of one that it refuses itself, its first one. What a
    state holds no browser can send.
    """
    if isinstance(component, gr.State) and not isinstance(component, gr.BrowserState):
        return component.value
    if getattr(component, "data_model", None) is not None:
        return None
    try:
        return component.preprocess(value)
    except Exception:
        return component.preprocess(component.value)


def test_every_question_of_a_script_answers_or_refuses(app: gr.Blocks) -> None:
    doors = [
        (f"{block.elem_id}.{function.__name__}", function, 1)
        for block in app.blocks.values()
        if isinstance(block, gr.HTML)
        for function in block.server_fns
    ]
    assert len(doors) > 15
    found = refusals(doors, 2 * len(NASTY))
    assert not found, "\n".join(found)


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
QUESTIONS = ["/lab", "/rooms/{}/enter", "/rooms/{}/leave", "/rooms/{}/act", "/runs/{}/keep"]


def escaped(value: object) -> str:
    from urllib.parse import quote

    return quote(str(value), errors="surrogatepass") or "-"


@pytest.fixture(scope="module")
def client(registry: Registry) -> TestClient:
    """Raises whatever the app raises."""
    return TestClient(Starlette(routes=files.routes(registry)))


def test_every_address_answers_or_refuses(client: TestClient) -> None:
    @so_often(40)
    @given(value=ANYTHING)
    def call(value: Any) -> None:
        for route in ROUTES:
            assert client.get(route.format(escaped(value))).status_code in (200, 204, 404, 405)

    call()


def test_every_question_by_address_answers_or_refuses(client: TestClient) -> None:
    room = client.post("/rooms", json={}).json()

    @so_often(60)
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
    # After all the others of this file, or alone after these.
    for value in NASTY:
        client.get(f"/runs/{escaped(value)}/live")
    around = home.parents[1]
    assert [path.name for path in around.iterdir()] == ["home"]
    assert [path.name for path in home.parent.iterdir()] == ["app"]
    assert {path.name for path in home.iterdir()} <= {"runs", "data"}
