"""A script that runs before any of Gradio's, which `head=` of `launch()` cannot give: Gradio adds
that when its own scripts have begun.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD = b"<head>"


class FirstScript:
    """Middleware that puts `script` at the top of every HTML page's head."""

    def __init__(self, app: ASGIApp, script: str) -> None:
        self.app, self.tag = app, f"<script>{script}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on, but changes pages."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        page = _Page(self.tag, send)
        await self.app(scope, receive, page.send)


class _Page:
    """One answer on its way out."""

    def __init__(self, tag: bytes, send: Send) -> None:
        self.tag, self.pass_on = tag, send
        self.started: Message | None = None
        """The headers of a page, held back until it is known whether the script goes in."""

    async def send(self, message: Message) -> None:
        """Puts the script into the first part of a page, and corrects the length in its headers."""
        if message["type"] == "http.response.start" and _is_page(message):
            self.started = message
            return
        if self.started is not None:
            started, self.started = self.started, None
            body = message.get("body", b"")
            if HEAD in body:
                message["body"] = body.replace(HEAD, HEAD + self.tag, 1)
                started["headers"] = [
                    (name, str(int(value) + len(self.tag)).encode())
                    if name == b"content-length"
                    else (name, value)
                    for name, value in started["headers"]
                ]
            await self.pass_on(started)
        await self.pass_on(message)


def _is_page(message: Message) -> bool:
    return (b"content-type", b"text/html") in (
        (name, value[:9]) for name, value in message["headers"]
    )
