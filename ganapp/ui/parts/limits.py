"""How much of what all share one visitor may hold, so that nobody can take it from the others.

A visitor is known by an address. Behind one address there may be a whole class, and behind a proxy
everybody: so the limits of an address are about half of what there is, and never less than a class
needs. What a single browser may have is said where its key is known.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ganapp.errors import BadInput

MOST_TRIALS, MOST_JOBS, MOST_LABS, MOST_ROOMS = 10, 10, 45, 20
MOST_UPLOADED, SECONDS_OF_UPLOADS = 1e9, 3600.0
_address: contextvars.ContextVar[str] = contextvars.ContextVar("address", default="")


def visitor_address() -> str:
    """The address that is served just now; "" where none is known, as in a program of one's own."""
    if known := _address.get():
        return known
    from gradio.context import LocalContext

    request = LocalContext.request.get(None)  # of an event that waited in Gradio's queue
    client = getattr(request, "client", None)
    return str(getattr(client, "host", "") or "")


def check(held: int, most: int, what: str) -> None:
    """`BadInput` where an address holds `most` of something already."""
    if held >= most:
        raise BadInput(
            f"{most} {what} come from your address already: wait until one of them has ended."
        )


class Holdings:
    """Who uses what just now. A use that nothing was heard of for `seconds` is over."""

    def __init__(
        self, most: int, what: str, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._what, self._seconds, self._clock = most, what, seconds, clock
        self._lock = threading.Lock()
        self._used: dict[str, dict[str, float]] = {}

    def use(self, address: str, name: str) -> None:
        """The address uses the thing called `name`; `BadInput` if that is one too many."""
        now = self._clock()
        with self._lock:
            known = self._used.setdefault(address, {})
            for old in [old for old, seen in known.items() if now - seen > self._seconds]:
                del known[old]
            if name not in known:
                check(len(known), self._most, self._what)
            known[name] = now
            for other in [other for other, names in self._used.items() if not names]:
                del self._used[other]


class Uploads:
    """Bytes that each address has uploaded lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._sent: dict[str, deque[tuple[float, int]]] = {}

    def take(self, address: str, size: int) -> bool:
        """Whether the address may upload so many bytes more, which are counted then."""
        dead = self._clock() - SECONDS_OF_UPLOADS
        with self._lock:
            sent = self._sent.setdefault(address, deque())
            while sent and sent[0][0] < dead:
                sent.popleft()
            for old in [
                old for old, times in self._sent.items() if not times or times[-1][0] < dead
            ]:
                if old != address:
                    del self._sent[old]
            if sum(size for _, size in sent) + size > MOST_UPLOADED:
                return False
            sent.append((self._clock(), size))
            return True


class Limits:
    """Middleware that notes whose request it is, and refuses uploads beyond the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.uploads = app, Uploads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything else on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return None
        address = str((scope.get("client") or ("",))[0])
        token = _address.set(address)
        try:
            if scope["method"] == "POST" and scope["path"].endswith("/upload"):
                length = dict(scope["headers"]).get(b"content-length", b"")
                if not length.isdigit():
                    refusal = PlainTextResponse("An upload has to say how long it is.", 411)
                    return await refusal(scope, receive, send)
                if not self.uploads.take(address, int(length)):
                    refusal = PlainTextResponse(
                        "Too much was uploaded from your address in the last hour: try again later,"
                        " or choose fewer pictures.",
                        429,
                    )
                    return await refusal(scope, receive, send)
            await self.app(scope, receive, send)
        finally:
            _address.reset(token)
