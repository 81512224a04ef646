"""The script that runs before Gradio's: in every page, and nowhere else."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ganapp.ui.first_script import FirstScript

PAGE = "<html><head><title>A page</title></head></html>"


@pytest.fixture
def client() -> TestClient:
    def answer(request: Request) -> Response:
        answers: dict[str, Response] = {
            "page": HTMLResponse(PAGE),
            "json": JSONResponse({"text": "<head>"}),
            "bare": HTMLResponse("<p>No head</p>"),
            "parts": StreamingResponse(iter(["<head>", "more", "<head>"]), media_type="text/html"),
            "empty": Response(status_code=204),
        }
        response = answers[request.path_params["what"]]
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    added = Middleware(FirstScript, script="first()")
    return TestClient(Starlette(routes=[Route("/{what}", answer)], middleware=[added]))


def test_a_page_begins_with_the_script(client: TestClient) -> None:
    found = client.get("/page")
    assert found.text == PAGE.replace("<head>", "<head><script>first()</script>")
    assert int(found.headers["content-length"]) == len(found.content)
    assert len(found.headers.get_list("set-cookie")) == 2
    assert client.get("/parts").text == "<head><script>first()</script>more<head>"


@pytest.mark.parametrize(
    ("what", "text"), [("json", '{"text":"<head>"}'), ("bare", "<p>No head</p>"), ("empty", "")]
)
def test_other_answers_stay_as_they_are(client: TestClient, what: str, text: str) -> None:
    assert client.get(f"/{what}").text == text
