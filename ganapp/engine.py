"""Plays rounds fast, and in several processes, without changing what they compute.

- `judge_both`: the discriminator reads real and fake pictures in one pass, if its layers allow it.
- `Rounds`: on a GPU, whole rounds (both players, optimizers, running average, data) are recorded
  once as CUDA graphs and then replayed: the CPU launches one graph instead of hundreds of kernels.
- `ProcessGroup`: several processes, on one machine or many, that train one run together, each with
  its rows of every batch.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

import torch
from torch import Tensor, nn

from ganapp.devices import Plan
from ganapp.errors import BadInput
from ganapp.models.layers import MinibatchStd, Players
from ganapp.randomness import Share

T = TypeVar("T")
Kind = TypeVar("Kind", bound=Hashable)
log = logging.getLogger(__name__)


# --- one pass for both ----------------------------------------------------------------------------


def minibatch_std_layers(network: nn.Module) -> list[MinibatchStd]:
    """The layers that compare the pictures of a batch with one another."""
    return [layer for layer in network.modules() if isinstance(layer, MinibatchStd)]


def judge_both(
    discriminator: nn.Module,
    real: Tensor,
    fake: Tensor,
    labels: Tensor,
    std_layers: Sequence[MinibatchStd],
) -> tuple[Tensor, Tensor]:
    """(real logits, fake logits) of two batches with the same labels, in one pass of a
    discriminator without BatchNorm; `std_layers` are its `minibatch_std_layers`.
    """
    for layer in std_layers:
        layer.batches = 2  # real and fake must not be compared with each other
    try:
        logits = discriminator(torch.cat([real, fake.to(real.dtype)]), labels.repeat(2))
    finally:
        for layer in std_layers:
            layer.batches = 1
    return logits[: len(real)], logits[len(real) :]


def has_batch_norm(network: nn.Module) -> bool:
    """Whether the output for one picture depends on the others of its batch through BatchNorm."""
    return any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in network.modules())


@torch.no_grad()
def multiplications(players: Players, example: Tensor, picture: Tensor) -> int:
    """Multiplications in the linear and convolutional layers when the generator reads `example` (1,
    ...) and the discriminator `picture` (1, C, H, W).
    """
    total = 0

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        # A transposed convolution multiplies at the places of its input.
        places = min(math.prod(inputs[0].shape[2:]), math.prod(output.shape[2:]))
        total += cast(Tensor, layer.weight).numel() * places

    layers = [
        layer
        for player in players
        for layer in player.modules()
        if isinstance(layer, nn.Linear | nn.modules.conv._ConvNd)
    ]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    label = torch.zeros(1, dtype=torch.int64)
    for player, read in zip(players, (example, picture), strict=True):
        player.eval()(read, label)
        player.train()
    for hook in hooks:
        hook.remove()
    return total


# --- rounds ---------------------------------------------------------------------------------------

WARM_UPS = 3
"""Rounds of each kind that are played normally before one is recorded: in these, libraries choose
their kernels and optimizers allocate their memory, which must not happen during a recording.
"""


class Recorder(Protocol):
    """The seam between `Rounds` and the device."""

    def warm_up(self, play: Callable[[], Tensor]) -> Tensor:
        """Runs `play` as a recording would run it."""

    def record(self, play: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
        """Records what `play` launches, without running it. Returns the tensor that each replay
        fills, and the function that replays.
        """


class CudaRecorder:
    """Records CUDA graphs. The random numbers that a replay draws depend on the state of `rng` when
    it starts.
    """

    def __init__(self, rng: torch.Generator) -> None:
        self.rng = rng
        self.stream = torch.cuda.Stream()

    def warm_up(self, play: Callable[[], Tensor]) -> Tensor:
        """Runs `play` on the recorder's stream, in order with the work on the current one."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            result = play()
        torch.cuda.current_stream().wait_stream(self.stream)
        return result

    def record(self, play: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
        """A CUDA graph of `play` with its own memory, so that graphs may be replayed in any
        order.
        """
        before, graph = torch.cuda.current_stream(), torch.cuda.CUDAGraph()
        graph.register_generator_state(self.rng)
        try:
            with torch.cuda.graph(graph, stream=self.stream):
                result = play()
        except RuntimeError:
            # A failed recording leaves its stream current and the generator in capture mode.
            torch.cuda.set_stream(before)
            self.rng.graphsafe_set_state(
                torch.Generator("cuda").manual_seed(self.rng.initial_seed())
            )
            raise
        return result, graph.replay


class Rounds(Generic[Kind]):
    """Plays rounds, recorded where a `recorder` is given. `play(kind)` returns the round's scores,
    (n,) on the device.

    Rounds of one kind launch the same work on the same memory: what differs between them (data,
    randomness, weights of averages) must be in tensors and generators that are set before. If
    recording fails, rounds are played normally from then on, after one warning that says why.
    """

    def __init__(self, play: Callable[[Kind], Tensor], recorder: Recorder | None) -> None:
        self.play, self.recorder = play, recorder
        self.played: dict[Kind, int] = {}
        self.recorded: dict[Kind, tuple[Tensor, Callable[[], None]]] = {}

    def __call__(self, kind: Kind) -> Tensor:
        """One round of `kind`; the result is the caller's own."""
        if self.recorder is None:
            return self.play(kind)
        if kind not in self.recorded and self.played.get(kind, 0) < WARM_UPS:
            self.played[kind] = self.played.get(kind, 0) + 1
            return self.recorder.warm_up(lambda: self.play(kind))
        if kind not in self.recorded:
            try:
                self.recorded[kind] = self.recorder.record(lambda: self.play(kind))
            except RuntimeError as error:
                log.warning(
                    "This run cannot be recorded as a CUDA graph, so it goes on without,"
                    " slower: %s",
                    error,
                )
                self.recorder = None
                return self.play(kind)
        result, replay = self.recorded[kind]
        replay()
        return result.clone()


# --- several processes ----------------------------------------------------------------------------


@dataclass(frozen=True)
class ProcessGroup:
    """The processes that train one run together: this one is number `rank` of `size`."""

    rank: int = 0
    size: int = 1

    @property
    def share(self) -> Share:
        """The rows of every batch that are this process's."""
        return Share(self.rank, self.size)

    def broadcast(self, value: T) -> T:
        """The value of process 0."""
        if self.size == 1:
            return value
        values = [value]
        torch.distributed.broadcast_object_list(values)
        return values[0]

    def mean(self, values: Tensor) -> Tensor:
        """The mean of `values` over the processes, without gradients."""
        if self.size > 1:
            torch.distributed.all_reduce(values)
            values /= self.size
        return values

    def synchronize_batch_norm(self, network: nn.Module) -> nn.Module:
        """`network` with its batch statistics computed over the rows of all processes."""
        if self.size == 1:
            return network
        for layer in network.modules():
            if isinstance(layer, MinibatchStd):
                layer.summed = _sum_over_processes
            elif (
                isinstance(layer, nn.modules.batchnorm._BatchNorm)
                and next(network.parameters()).device.type != "cuda"
            ):
                layer.__class__ = _SynchronizedBatchNorm  # torch's own SyncBatchNorm needs a GPU
        if next(network.parameters()).device.type == "cuda":
            result: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)
            return result
        return network

    def averaging(self, network: nn.Module) -> nn.Module:
        """`network` in a wrapper that averages gradients over the processes in the backward
        pass.
        """
        if self.size == 1:
            return network
        # The strides of a layer with a single input channel are ambiguous; torch's warning about
        # them is harmless.
        warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
        # Buffers are equal in every process already, because statistics are those of the whole
        # batch.
        return nn.parallel.DistributedDataParallel(network, broadcast_buffers=False)


SINGLE_PROCESS = ProcessGroup()


@contextlib.contextmanager
def process_group() -> Iterator[ProcessGroup]:
    """The group in which `torchrun` or `accelerate launch` started this process, as long as the
    context lasts; otherwise `SINGLE_PROCESS`.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield SINGLE_PROCESS
        return
    gpu, place = torch.cuda.is_available(), int(os.environ.get("LOCAL_RANK", "0"))
    if gpu:
        if place >= (count := torch.cuda.device_count()):
            raise BadInput(
                f"More processes were started here than the {count} GPUs there are: use"
                f" --nproc-per-node={count}."
            )
        torch.cuda.set_device(place)
    torch.distributed.init_process_group("nccl" if gpu else "gloo")
    try:
        yield ProcessGroup(torch.distributed.get_rank(), size)
    finally:
        torch.distributed.destroy_process_group()


def lost_peer(error: BaseException) -> bool:
    """Whether what went wrong is that another process of the group is gone."""
    # gloo has no class for it: a message names the file of its transport.
    return isinstance(error, torch.distributed.DistError) or (
        isinstance(error, RuntimeError) and "gloo/transport" in str(error)
    )


def _sum_over_processes(values: Tensor) -> Tensor:
    """The sum over the processes; its gradient is the sum of their gradients, to any order."""
    from torch.distributed.nn.functional import all_reduce

    result: Tensor = all_reduce(values)
    return result


class _SynchronizedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """BatchNorm (Ioffe and Szegedy 2015, arXiv:1502.03167) with the mean and variance of the whole
    batch.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        """Accepts what the replaced layer accepted."""

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        assert (
            self.running_mean is not None
            and self.running_var is not None
            and self.num_batches_tracked is not None
        )
        assert self.momentum is not None
        axes = [axis for axis in range(input.ndim) if axis != 1]
        shape = [1, -1] + [1] * (input.ndim - 2)
        x = input.float()
        count = x.numel() // x.shape[1] * torch.distributed.get_world_size()
        mean = _sum_over_processes(x.sum(axes)) / count
        variance = _sum_over_processes((x - mean.view(shape)).square().sum(axes)) / count
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scaled = (x - mean.view(shape)) * (variance + self.eps).rsqrt().view(shape)
        if self.affine:
            scaled = scaled * self.weight.view(shape) + self.bias.view(shape)
        return scaled.to(input.dtype)


def recorder_for(plan: Plan, group: ProcessGroup, rng: torch.Generator) -> Recorder | None:
    """The recorder of rounds, if they can be recorded: in a single process with a GPU."""
    return CudaRecorder(rng) if plan.device.type == "cuda" and group.size == 1 else None
