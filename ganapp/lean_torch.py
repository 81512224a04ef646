"""torch without its compiler, which nothing here uses.

torch imports `torch._dynamo` at the first optimizer, to tell the compiler to leave that alone: 1.4
seconds of a processor and 114 MB in every process that trains or measures. Until somebody wants
more of it, a module stands in its place that has just what optimizers ask for.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

NAME = "torch._dynamo"


class _Idle(ModuleType):
    """`torch._dynamo` as long as nothing is compiled; everything else of it brings the real one."""

    @staticmethod
    def graph_break(msg: str = "") -> None:
        """Without a graph there is nothing to break."""

    @staticmethod
    def disable(
        fn: Callable[..., Any] | None = None, recursive: bool = True, **options: Any
    ) -> Any:
        """The function, which nobody compiles."""
        return fn if fn is not None else _real().disable(fn, recursive, **options)

    def __getattr__(self, name: str) -> Any:
        # Whoever looks through all modules asks for their __file__ and the like.
        if name.startswith("__") and name != "__path__":
            raise AttributeError(f"{NAME} has not been imported yet, so it has no {name}.")
        return getattr(_real(), name)


def _real() -> Any:
    """The real module, imported now."""
    if isinstance(sys.modules.get(NAME), _Idle):
        del sys.modules[NAME]
    return importlib.import_module(NAME)


def spare_the_compiler() -> None:
    """Puts the stand-in in its place, unless the real one is there already."""
    sys.modules.setdefault(NAME, _Idle(NAME))
