"""How processes that train are started."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

PRELOADED = ["ganapp.runs.worker", "torch._dynamo"]
"""torch imports the second one at the first optimizer, for over a second: here it is done before
anything waits for it.
"""


def worker_context() -> Any:
    """A multiprocessing context: forked from a small server that has torch imported but never used,
    in a tenth of a second; or spawned.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # The server is a bare interpreter: it finds this package only if it is told where.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).resolve().parents[1]), *([before] if before else [])]
    )
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context
