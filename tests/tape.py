"""CUDA graphs played on a processor: a tape of every operation with its very arguments, run again
on the very same memory.

What a graph would freeze, the tape freezes: Python's numbers and decisions, the memory of every
input. A round that depends on anything else than tensors and its generator replays wrongly here as
it would there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Tape(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # not annotated there
        self.operations: list[tuple[Any, tuple[Any, ...], dict[str, Any], Any]] = []
        self.touched: dict[int, tuple[Tensor, Tensor]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        # Whose running statistics its schema keeps quiet about.
        if func._schema.is_mutable or "batch_norm" in func.__name__:
            for leaf in tree_leaves((args, kwargs)):
                # An expanded tensor is only read.
                if (
                    isinstance(leaf, Tensor)
                    and id(leaf) not in self.touched
                    and 0 not in leaf.stride()
                ):
                    self.touched[id(leaf)] = leaf, leaf.detach().clone()
        result = func(*args, **kwargs)
        self.operations.append((func, args, kwargs, result))
        return result


class TapeRecorder:
    """A `Recorder` for the processor. It notes how often it recorded and replayed."""

    def __init__(self, rng: torch.Generator) -> None:
        self.rng = rng
        self.recorded = self.replayed = 0

    def warm_up(self, play: Callable[[], Tensor]) -> Tensor:
        """Nothing is different on a processor."""
        return play()

    def record(self, play: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
        """Runs `play`, and takes back all that it changed: a recording runs nothing."""
        state = self.rng.get_state()
        with _Tape() as tape:
            result = play()
        with torch.no_grad():
            for tensor, before in reversed(tape.touched.values()):
                tensor.copy_(before)
        self.rng.set_state(state)
        self.recorded += 1

        def replay() -> None:
            self.replayed += 1
            with torch.no_grad():
                for func, args, kwargs, then in tape.operations:
                    now = func(*args, **kwargs)
                    for old, new in zip(tree_leaves(then), tree_leaves(now), strict=True):
                        if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                            old.detach().copy_(new)

        return result, replay
