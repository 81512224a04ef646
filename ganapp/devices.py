"""Where to compute, and how: the device, the precision and the memory layout, with the reason for
each.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import platform
import time
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, TypeVar

import torch
from torch import nn

from ganapp.config.settings import PrecisionName

LEAST_WORK_FOR_THREADS = 200_000_000


Network = TypeVar("Network", bound=nn.Module)


class Plan(NamedTuple):
    """How to run the networks. `reason` is a sentence for people."""

    device: torch.device
    dtype: torch.dtype
    """float32, or bfloat16 for autocast; weights and optimizers stay float32."""
    memory_format: torch.memory_format
    reason: str

    def place(self, network: Network) -> Network:
        """Moves the network to the device, its weights in the memory format of this plan."""
        # torch's annotations of `Module.to` leave out `memory_format` on its own.
        result: Network = network.to(self.device, memory_format=self.memory_format)  # type: ignore[call-overload]
        return result

    def autocast(self) -> AbstractContextManager[object]:
        """The context in which a network's forward pass runs."""
        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)


def best_device() -> torch.device:
    """CUDA if there is one, else Apple's MPS, else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def machine() -> str:
    """This machine in a few words, for a model's card."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    # A process may be kept to some of the cores.
    known = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    return f"{cores} core{'s' if cores > 1 else ''} of {platform.machine()}"


def threads_for(work: int) -> int:
    """Processor threads for networks that take `work` multiplications to read a batch once: one
    where steps are so short that threads would wait for each other longer than they compute, and
    far longer on a machine that does anything else besides; else torch's.
    """
    return 1 if work < LEAST_WORK_FOR_THREADS else torch.get_num_threads()


def keep_freed_memory() -> None:
    """Lets glibc keep what is freed: it hands large pieces back at once, and the next step would
    pay for new pages, 2 ms for every 8 MB in huge pages. Does nothing where there is another
    allocator.
    """
    mmap_threshold, trim_threshold = -3, -1  # names of mallopt(3)
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        # Some versions refuse more than 32 MB, and a trim threshold alone would freeze the other at
        # 128 kB.
        if mallopt(mmap_threshold, 1 << 30) or mallopt(mmap_threshold, 1 << 25):
            mallopt(trim_threshold, 1 << 30)


def plan(precision: PrecisionName = "auto", device: torch.device | str | None = None) -> Plan:
    """The plan for `precision` on `device` (default: the best there is)."""
    device = torch.device(device) if device is not None else best_device()
    if device.type == "mps":
        return Plan(device, torch.float32, torch.contiguous_format, "float32 on mps.")
    if precision == "float32":
        return Plan(
            device, torch.float32, torch.channels_last, f"float32 on {device.type}, as asked."
        )
    if precision == "bfloat16":
        return Plan(
            device, torch.bfloat16, torch.channels_last, f"bfloat16 on {device.type}, as asked."
        )
    if device.type == "cuda":
        if has_bfloat16():
            return Plan(
                device,
                torch.bfloat16,
                torch.channels_last,
                "bfloat16: this GPU has tensor cores for it.",
            )
        return Plan(
            device, torch.float32, torch.channels_last, "float32: this GPU has no bfloat16."
        )
    gain = bfloat16_gain()
    if gain > 1.2:
        return Plan(
            device,
            torch.bfloat16,
            torch.channels_last,
            f"bfloat16: {gain:.1f} times as fast as float32 on this processor.",
        )
    slower = f"float32: bfloat16 would run at {gain:.1f} times its speed on this processor."
    return Plan(device, torch.float32, torch.channels_last, slower)


def has_bfloat16() -> bool:
    """Whether the best device computes in bfloat16 itself."""
    if best_device().type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return best_device().type == "cpu" and _processor_has_bfloat16()


def _processor_has_bfloat16() -> bool:
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


@functools.cache
def bfloat16_gain() -> float:
    """How many times as fast a typical convolution step is in bfloat16 as in float32 on this
    processor.

    Takes about 0.1 s, once a process. Counted in one thread's own processor time, alternating, the
    best of each, so that whatever else the machine is doing changes little.
    """
    if not _processor_has_bfloat16():
        return 0.0
    layer = nn.Conv2d(64, 128, 4, 2, 1)
    layer.weight.data = layer.weight.data.to(memory_format=torch.channels_last)
    images = torch.ones(8, 64, 16, 16).to(memory_format=torch.channels_last)
    best = {torch.float32: float("inf"), torch.bfloat16: float("inf")}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for _ in range(4):
            for dtype in best:
                start = time.thread_time()
                with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
                    result = layer(images)
                layer.zero_grad()
                result.sum().backward()
                best[dtype] = min(best[dtype], time.thread_time() - start)
    finally:
        torch.set_num_threads(threads)
    return best[torch.float32] / best[torch.bfloat16]


def out_of_memory(error: BaseException) -> bool:
    """Whether the GPU or the machine had no memory left."""
    # torch has no class for the latter.
    lacking = "can't allocate memory" in str(error) or "not enough memory" in str(error)
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and lacking
    )


OUT_OF_MEMORY = (
    "The device ran out of memory: choose a smaller batch_size, width or image_size and start"
    " again."
)
