"""Questions of the page's scripts that go past Gradio's events: JSON in a POST, JSON as the answer.
A refusal has a `problem`, and is `over` where what was asked about is not known any more.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ganapp.errors import BadInput
from ganapp.ui.parts.inputs import Expired

KEEP = {"Cache-Control": "private, max-age=3600"}
NEVER_KEEP = {"Cache-Control": "no-store"}
MOST_BYTES = 5000


async def answer(request: Request, handle: Callable[[Mapping[str, Any]], Any]) -> Response:
    """What `handle` makes of the question in the request's body."""
    try:
        asked = await _question(request)
        return JSONResponse(await run_in_threadpool(handle, asked) or {}, headers=NEVER_KEEP)
    except BadInput as error:
        return refusal(error)


def news(request: Request, packed: bytes | None) -> Response:
    """Gzipped JSON for a client that unpacks it or does not; 204 where there is nothing new."""
    if packed is None:
        return Response(status_code=204, headers=NEVER_KEEP)
    headers = NEVER_KEEP | {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip"}
    else:
        packed = gzip.decompress(packed)
    return Response(packed, media_type="application/json", headers=headers)


async def _question(request: Request) -> Mapping[str, Any]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise BadInput("That is too long: write less.")
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise BadInput("The page and the app do not match any more: load the page again.")
    return asked


def refusal(error: BadInput) -> Response:
    """A refusal in words."""
    # A browser notes every other status as an error in its console.
    answer = {"problem": str(error), "over": isinstance(error, Expired)}
    return JSONResponse(answer, headers=NEVER_KEEP)
