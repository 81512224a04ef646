"""What the page of the 2-D lab asks of its experiment, by address: an experiment that plays asks
ten times a second, and a question to a component of Gradio's costs the server as much as a frame.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ganapp.lab.pool import LabPool
from ganapp.ui.lab import handlers
from ganapp.ui.parts.limits import MOST_LABS, Holdings, visitor_address
from ganapp.ui.parts.questions import answer

SECONDS_OF_A_LAB = 300.0
"""After which a page that asks for nothing more counts no longer."""


def routes() -> list[Route]:
    """POST `lab`: {"lab", "settings", "act", "layers", "fresh"}."""
    pool, held = LabPool(), Holdings(MOST_LABS, "experiments of the lab", SECONDS_OF_A_LAB)

    async def ask(request: Request) -> Response:
        """The frame that was asked for."""
        return await answer(
            request, lambda asked: handlers.ask(pool, asked, held, visitor_address())
        )

    return [Route("/lab", ask, methods=["POST"])]
