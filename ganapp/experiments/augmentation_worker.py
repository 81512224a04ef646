"""The augmentation experiment in a process of its own: it can be ended at once, and the page that
started it stays quick.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection

import torch

from ganapp.errors import BadInput
from ganapp.experiments.augmentation import Examples, Result, Setting, compare, digits
from ganapp.processes import worker_context

SECONDS_BETWEEN_LOOKS = 0.2


def played(
    setting: Setting, seeds: Sequence[int], wanted: Callable[[], bool]
) -> Iterator[Result | Examples]:
    """The results of bundled digits, one after the other, and what the GANs drew, for as long as
    they are `wanted`. `BadInput` if there are none to be had.
    """
    context = worker_context()
    inbox, outbox = context.Pipe(duplex=False)
    process = context.Process(
        target=main, args=(outbox, setting, tuple(seeds)), name="ganapp-augmentation", daemon=True
    )
    process.start()
    outbox.close()
    try:
        while wanted():
            if inbox.poll(SECONDS_BETWEEN_LOOKS):
                message = inbox.recv()
                if message is None:
                    return
                if isinstance(message, str):
                    raise BadInput(message)
                yield message
    except (EOFError, OSError):
        raise BadInput(
            "The process of this experiment has ended by itself, perhaps for want of memory: press"
            " Start again."
        ) from None
    finally:
        inbox.close()
        process.kill()
        process.join()


def main(outbox: Connection, setting: Setting, seeds: Sequence[int]) -> None:
    """Sends every `Result` and `Examples`, then None; or a sentence that says why there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the app's
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # the page and the runs come first
    torch.set_num_threads(1)
    try:
        pool, test = digits()
        for result in compare([setting], seeds, pool, test, show=outbox.send):
            outbox.send(result)
        outbox.send(None)
    except BadInput as error:
        outbox.send(str(error))
