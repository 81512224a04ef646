"""What a page may fetch of a run by address: how it stands, the newest picture and that of an
epoch, the curves, the animation, the weights. Read-only, but for the owner who keeps one.

Anyone with a run's address may look at it, so nothing here tells whose it is or how to steer it.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from ganapp.checkpoints import WEIGHTS
from ganapp.config.presets import title_of
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.export import archive
from ganapp.runs import Registry, RunFolder, run_folder
from ganapp.ui import status
from ganapp.ui.classroom import routes as classroom
from ganapp.ui.lab import routes as lab
from ganapp.ui.parts.questions import KEEP, answer, news
from ganapp.ui.parts.settings import linked_settings
from ganapp.ui.train import recordings
from ganapp.ui.train.feed import Feed

PACKING = threading.Lock()
LONGEST_LINK = 1500


def routes(registry: Registry) -> list[Route]:
    """`runs/RUN/live`, `runs/RUN/live.jpg`, `runs/RUN/epochs/7.jpg`, `runs/RUN/curves.csv`,
    `runs/RUN/epochs.gif`, `runs/RUN/epochs.webp`, `runs/RUN/model.safetensors`,
    `runs/RUN/code.zip`, POST `runs/RUN/keep`, `code.zip` of the settings in its query, and what
    rooms, the 2-D lab and hosts have.
    """
    feed = Feed(registry)

    async def live(request: Request) -> Response:
        """News of the run, or 204 if there are none."""
        run_id, asked = request.path_params["run_id"], request.query_params
        try:
            packed = await run_in_threadpool(
                feed.answer,
                run_id,
                page=asked.get("page", ""),
                mine=asked.get("mine") == "1",
                other=asked.get("other", ""),
                seen=asked.get("seen", ""),
            )
        except BadInput as error:
            return _missing(str(error))
        return news(request, packed)

    async def newest(request: Request) -> Response:
        """The newest picture; its address says which it is."""
        try:
            view = await run_in_threadpool(registry.view, request.path_params["run_id"])
        except BadInput as error:
            return _missing(str(error))
        if not view.picture:
            return _missing("This run has no picture yet.")
        return Response(view.picture, media_type="image/jpeg", headers=KEEP)

    async def run_code(request: Request) -> Response:
        """The run as a script to take home."""
        run_id = request.path_params["run_id"]
        return await run_in_threadpool(_archived, lambda: _settings_of(run_id, registry), run_id)

    async def keep(request: Request) -> Response:
        """{"claim", "keep"}: the owner keeps the run when room is made, or does not."""
        run_id = request.path_params["run_id"]
        return await answer(
            request,
            lambda asked: registry.keep(run_id, str(asked.get("claim")), asked.get("keep") is True),
        )

    return [
        Route("/runs/{run_id}/live", live),
        Route("/runs/{run_id}/live.jpg", newest),
        Route("/runs/{run_id}/epochs/{epoch:int}.jpg", _epoch),
        Route("/runs/{run_id}/code.zip", run_code),
        Route("/runs/{run_id}/keep", keep, methods=["POST"]),
        Route("/runs/{run_id}/{name}", _download),
        Route("/code.zip", _settings_code),
        Route("/qr.svg", _qr_code),
        *classroom.routes(registry),
        *lab.routes(),
        *status.routes(registry),
    ]


async def _epoch(request: Request) -> Response:
    run_id, epoch = request.path_params["run_id"], request.path_params["epoch"]
    if recordings.is_recording(run_id):
        frame = await run_in_threadpool(_recorded_picture, run_id, epoch)
    else:
        frame = await run_in_threadpool(_epoch_picture, run_id, epoch)
    if frame is None:
        return _missing("There is no picture of this epoch.")
    # A run that was cut off plays its last epochs again, so their pictures can change.
    headers = KEEP if recordings.is_recording(run_id) else {"Cache-Control": "no-cache"}
    return Response(frame, media_type="image/jpeg", headers=headers)


def _recorded_picture(run_id: str, epoch: int) -> bytes | None:
    with contextlib.suppress(BadInput):
        return recordings.epoch_picture(run_id, epoch)
    return None


def _epoch_picture(run_id: str, epoch: int) -> bytes | None:
    """The picture of the last epoch up to `epoch` that has one: a long run keeps some of them."""
    # A run that goes on may remove just the one that was found.
    with contextlib.suppress(BadInput, OSError):
        files = RunFolder(run_folder(run_id)).epoch_files()
        path = files.get(max((number for number in files if number <= epoch), default=-1))
        return path.read_bytes() if path is not None and epoch <= max(files) else None
    return None


async def _download(request: Request) -> Response:
    run_id, name = request.path_params["run_id"], request.path_params["name"]
    try:
        recorded = recordings.is_recording(run_id)
        folder = recordings.folder(run_id) if recorded else run_folder(run_id)
        return await run_in_threadpool(_file, RunFolder(folder), run_id, name)
    except BadInput as error:
        return _missing(str(error))


def _file(run: RunFolder, run_id: str, name: str) -> Response:
    attachment = {"Content-Disposition": f'attachment; filename="{run_id}-{name}"'}
    if name == "model.safetensors":
        if not run.has_model():
            raise BadInput(
                "The weights of this run are not here: a run saves them after a few seconds, and"
                " some recordings have none."
            )
        return FileResponse(run.path / WEIGHTS, headers=attachment)
    if recordings.is_recording(run_id):
        return recordings.download(run_id, name, attachment)
    if name == "curves.csv":
        return Response(run.csv(), media_type="text/csv", headers=attachment)
    if name == "epochs.gif":
        return Response(run.animation("GIF"), media_type="image/gif", headers=attachment)
    if name == "epochs.webp":
        return Response(run.animation("WEBP"), media_type="image/webp", headers=attachment)
    raise BadInput(
        f"A run has no file called {name[:60]!r}; it has model.safetensors, curves.csv, epochs.gif"
        " and epochs.webp."
    )


async def _settings_code(request: Request) -> Response:
    """The settings of the address as a script to take home."""
    asked = dict(request.query_params)
    name = asked.get("preset", "")
    return await run_in_threadpool(_archived, lambda: linked_settings(asked), name)


async def _qr_code(request: Request) -> Response:
    """The QR code of a link."""
    text = request.query_params.get("text", "")
    if not 0 < len(text) <= LONGEST_LINK:
        return _missing(f"A QR code holds 1 to {LONGEST_LINK} characters: shorten the link.")
    packed = io.BytesIO()
    segno.make(text, error="m" if len(text) < 600 else "l", micro=False).save(
        packed, kind="svg", border=2, light="#fff", xmldecl=False
    )
    return Response(packed.getvalue(), media_type="image/svg+xml", headers=KEEP)


def _settings_of(run_id: str, registry: Registry) -> tuple[TrainConfig, str]:
    """A run's settings and what they are called."""
    return recordings.config_of(run_id), recordings.view_of(run_id, registry).preset


def _archived(settings: Callable[[], tuple[TrainConfig, str]], name: str) -> Response:
    """The zip of some settings, made for one visitor after the other: a large data set takes
    seconds to pack.
    """
    try:
        config, preset = settings()
        with PACKING:
            packed = archive(config, title_of(preset) or preset)
    except BadInput as error:
        return _missing(str(error))
    attachment = {"Content-Disposition": f'attachment; filename="{name}-code.zip"'}
    return Response(packed, media_type="application/zip", headers=attachment)


def _missing(sentence: str) -> Response:
    return PlainTextResponse(sentence, status_code=404)
