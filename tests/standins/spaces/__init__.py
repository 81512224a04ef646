"""Stands in for the package `spaces` of Hugging Face ZeroGPU, on a machine without a GPU.

As the real one does, it pretends to this process that there is a GPU, which nothing may touch, and
runs each call of a decorated generator in a process forked for it: what goes in and out is pickled,
what else changes there is lost. One call runs at a time, a little late. A call ends at its
`duration`, whatever it is doing. Each visitor, known by a header of the Gradio event, has so many
seconds; a call that asks for more than are left is refused as the real one refuses it.

STANDIN_QUOTA and STANDIN_DELAY are seconds: what each visitor has, and how late calls begin.
STANDIN_CUT is after how many items a call is cut off, whatever time it asked for.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

assert "torch" not in sys.modules, "spaces has to be imported before torch"

import gradio as gr
import torch
from gradio.context import LocalContext

CONTEXT = multiprocessing.get_context("fork")
PR_SET_PDEATHSIG = 1
QUOTA = float(os.environ.get("STANDIN_QUOTA", "1000"))
DELAY = float(os.environ.get("STANDIN_DELAY", "0.2"))
CUT = int(os.environ.get("STANDIN_CUT", "1000000"))
used: dict[str, float] = {}
calls: list[tuple[str, float]] = []
"""The visitor and the duration of every call that was allowed."""
_one_at_a_time = threading.Lock()


def _touched(*args: Any, **kwargs: Any) -> None:
    raise AssertionError("the process that serves pages touched the GPU")


REAL = {name: getattr(torch.cuda, name) for name in ("is_available", "device_count", "_lazy_init")}
torch.cuda.is_available = lambda: True
torch.cuda.device_count = lambda: 1
torch.cuda._lazy_init = _touched


def GPU(task: Any = None, *, duration: Any = 60, size: Any = None) -> Any:
    """The decorator, for generator functions."""
    if task is None:
        return functools.partial(GPU, duration=duration, size=size)

    @functools.wraps(task)
    def call(*args: Any, **kwargs: Any) -> Iterator[Any]:
        seconds = float(duration(*args, **kwargs) if callable(duration) else duration)
        visitor = _visitor()
        with _one_at_a_time:
            time.sleep(DELAY)
            left = QUOTA - used.get(visitor, 0.0)
            if seconds > left:
                raise gr.Error(
                    "You have exceeded your free ZeroGPU quota"
                    f" ({seconds:.0f}s requested vs. {left:.0f}s left). Try again in 3:12:00. ",
                    title="ZeroGPU quota exceeded",
                )
            calls.append((visitor, seconds))
            begun = time.monotonic()
            try:
                yield from _items(task, args, kwargs, seconds)
            finally:
                used[visitor] = used.get(visitor, 0.0) + time.monotonic() - begun

    return call


def _visitor() -> str:
    request = LocalContext.request.get(None)
    token = request.headers.get("x-ip-token") if request is not None else None
    if token is None:
        raise gr.Error("Space app has reached its GPU limit.", title="ZeroGPU quota exceeded")
    return str(token)


def _items(task: Callable[..., Any], args: Any, kwargs: Any, seconds: float) -> Iterator[Any]:
    ours, theirs = CONTEXT.Pipe()
    stop = CONTEXT.Event()
    process = CONTEXT.Process(target=_child, args=(task, theirs, stop), daemon=True)
    process.start()
    theirs.close()
    ours.send((args, kwargs))
    end, count = time.monotonic() + seconds, 0
    try:
        while True:
            if count == CUT or not ours.poll(max(0.0, end - time.monotonic())):
                process.kill()
                raise gr.Error("GPU task aborted", title="ZeroGPU worker error")
            try:
                kind, value = ours.recv()
            except EOFError:
                raise gr.Error("GPU task aborted", title="ZeroGPU worker error") from None
            if kind == "end":
                return
            if kind == "error":
                raise gr.Error(value, title="ZeroGPU worker error")
            count += 1
            yield value
    except GeneratorExit:
        stop.set()
        process.join(max(0.0, end - time.monotonic()))
        raise
    finally:
        process.kill()
        process.join()


def _close_the_servers_sockets() -> None:
    """A call must not keep the app's address when the app is gone."""
    port = int(os.environ.get("GRADIO_SERVER_PORT", "0"))
    for name in [path.name for path in Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(OSError, ValueError):
            connection = socket.socket(fileno=int(name))
            if connection.family == socket.AF_INET and connection.getsockname()[1] == port:
                connection.close()
            else:
                connection.detach()


def _child(task: Callable[..., Any], pipe: Any, stop: Any) -> None:
    for name, value in REAL.items():
        setattr(torch.cuda, name, value)
    _close_the_servers_sockets()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a Space ends as a whole
    args, kwargs = pipe.recv()

    def iterate() -> None:
        items = task(*args, **kwargs)
        while True:
            try:
                item = next(items)
            except StopIteration:
                break
            except Exception as error:
                traceback.print_exc()
                pipe.send(("error", type(error).__name__))
                return
            if stop.is_set():
                items.close()
                break
            pipe.send(("item", item))
        pipe.send(("end", None))

    thread = threading.Thread(target=iterate)
    thread.start()
    thread.join()
