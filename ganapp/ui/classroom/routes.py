"""What pages ask of rooms, by address. Every answer is JSON; a refusal has a `problem`."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ganapp.errors import BadInput
from ganapp.runs import Registry
from ganapp.ui.classroom.handlers import Wall
from ganapp.ui.classroom.rooms import Rooms
from ganapp.ui.parts.limits import visitor_address
from ganapp.ui.parts.questions import KEEP, answer, news, refusal


def routes(registry: Registry) -> list[Route]:
    """POST `rooms`, `rooms/CODE/enter`, `rooms/CODE/leave`, `rooms/CODE/act`; GET `rooms/CODE` and
    `rooms/tiles/RUN.jpg`.
    """
    rooms = Rooms(registry)
    wall = Wall(rooms, registry)

    async def create(request: Request) -> Response:
        """A new room."""
        return await answer(request, lambda asked: rooms.open(visitor_address()))

    async def enter(request: Request) -> Response:
        """{"member", "name", "run", "claim"}: somebody is there."""
        code = request.path_params["code"]
        fields = ("member", "name", "run", "claim")
        return await answer(
            request, lambda asked: rooms.enter(code, *(asked.get(name) for name in fields))
        )

    async def leave(request: Request) -> Response:
        """{"member"}: somebody leaves."""
        code = request.path_params["code"]
        return await answer(request, lambda asked: rooms.leave(code, asked.get("member")))

    async def act(request: Request) -> Response:
        """{"key", "act", ...}: what a teacher does."""
        code = request.path_params["code"]
        return await answer(request, lambda asked: rooms.act(code, asked.get("key"), asked))

    async def look(request: Request) -> Response:
        """The wall, or 204 if it is as the page has seen it."""
        seen = request.query_params.get("seen", "")
        try:
            packed = await run_in_threadpool(wall.answer, request.path_params["code"], seen)
        except BadInput as error:
            return refusal(error)
        return news(request, packed)

    async def tile(request: Request) -> Response:
        """The newest picture of a run, small."""
        try:
            packed = await run_in_threadpool(wall.tile, request.path_params["run_id"])
        except BadInput as error:
            return PlainTextResponse(str(error), status_code=404)
        if not packed:
            return PlainTextResponse("This run has no picture yet.", status_code=404)
        return Response(packed, media_type="image/jpeg", headers=KEEP)

    return [
        Route("/rooms", create, methods=["POST"]),
        Route("/rooms/tiles/{run_id}.jpg", tile),
        Route("/rooms/{code}", look),
        Route("/rooms/{code}/enter", enter, methods=["POST"]),
        Route("/rooms/{code}/leave", leave, methods=["POST"]),
        Route("/rooms/{code}/act", act, methods=["POST"]),
    ]
