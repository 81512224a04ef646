"""How rounds are played fast, and by many, with nothing that changes what they compute. The papers'
files know none of this.

- `judge_both`: the discriminator reads real and fake pictures in one pass, where its layers let it.
- `Rounds`: on a GPU, whole rounds (both players, optimizers, running average, data) are recorded
  once as CUDA graphs and replayed, so that the processor launches one graph a round instead of
  hundreds of kernels.
- `ProcessGroup`: several processes, on one machine or many, that play one run together, each with
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
    """(real logits, fake logits) of two batches with the same labels, from one pass of a
    discriminator that has no BatchNorm; `std_layers` are its `minibatch_std_layers`.
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
    """Whether what the network says of one picture depends on the others of its batch through
    BatchNorm.
    """
    return any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in network.modules())


@torch.no_grad()
def multiplications(players: Players, example: Tensor, picture: Tensor) -> int:
    """How many multiplications the linear and convolutional layers take while the generator reads
    `example` (1, ...) and the discriminator `picture` (1, C, H, W).
    """
    total = 0

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        places = min(
            math.prod(inputs[0].shape[2:]), math.prod(output.shape[2:])
        )  # strides are used where the map is small
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
"""Rounds of a kind that are played as they come before it is recorded: libraries choose their
kernels and optimizers make their memory in the first ones, and neither may happen during a
recording.
"""


class Recorder(Protocol):
    """The seam between `Rounds` and the device."""

    def warm_up(self, play: Callable[[], Tensor]) -> Tensor:
        """Runs `play` as a recording would run it."""

    def record(self, play: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
        """Notes what `play` launches, without running it. Returns the tensor that each replay
        fills, and the replay.
        """


class CudaRecorder:
    """Records CUDA graphs. The numbers that `rng` draws inside depend on its state when a replay
    starts.
    """

    def __init__(self, rng: torch.Generator) -> None:
        self.rng = rng
        self.stream = torch.cuda.Stream()

    def warm_up(self, play: Callable[[], Tensor]) -> Tensor:
        """Runs `play` on the recorder's stream, between what came before and what comes after on
        the current one.
        """
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            result = play()
        torch.cuda.current_stream().wait_stream(self.stream)
        return result

    def record(self, play: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
        """A CUDA graph of `play`, in memory of its own, so that graphs may be replayed in any
        order.
        """
        before, graph = torch.cuda.current_stream(), torch.cuda.CUDAGraph()
        graph.register_generator_state(self.rng)
        try:
            with torch.cuda.graph(graph, stream=self.stream):
                result = play()
        except RuntimeError:
            # A broken recording leaves its stream current and the generator waiting for the
            # recording's end.
            torch.cuda.set_stream(before)
            self.rng.graphsafe_set_state(
                torch.Generator("cuda").manual_seed(self.rng.initial_seed())
            )
            raise
        return result, graph.replay


class Rounds(Generic[Kind]):
    """Plays rounds, recorded where a `recorder` is given. `play(kind)` returns the round's scores,
    (n,) on the device.

    Rounds of one kind launch the same work on the same memory: whatever differs between them (data,
    randomness, weights of averages) must lie in tensors and generators that are set before. A kind
    that cannot be recorded is played as it comes from then on, with one warning that says why.
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
    """The processes that play one run together: this one is number `rank` of `size`."""

    rank: int = 0
    size: int = 1

    @property
    def share(self) -> Share:
        """The rows of every batch that are this process's."""
        return Share(self.rank, self.size)

    def broadcast(self, value: T) -> T:
        """What process 0 says."""
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
        """`network` with its statistics over batches taken over the whole batch, whichever process
        holds its rows.
        """
        if self.size == 1:
            return network
        for layer in network.modules():
            if isinstance(layer, MinibatchStd):
                layer.summed = _sum_over_processes
            elif (
                isinstance(layer, nn.modules.batchnorm._BatchNorm)
                and next(network.parameters()).device.type != "cuda"
            ):
                layer.__class__ = _SynchronizedBatchNorm  # torch's own needs a GPU
        if next(network.parameters()).device.type == "cuda":
            result: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)
            return result
        return network

    def averaging(self, network: nn.Module) -> nn.Module:
        """`network` in a wrapper whose backward pass averages the weights' gradients over the
        processes.
        """
        if self.size == 1:
            return network
        # Strides of a layer with a single input channel are ambiguous, and the remark that both
        # readings occur means nothing.
        warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
        # Buffers are alike in every process already: statistics are those of the whole batch.
        return nn.parallel.DistributedDataParallel(network, broadcast_buffers=False)


SINGLE_PROCESS = ProcessGroup()


@contextlib.contextmanager
def process_group() -> Iterator[ProcessGroup]:
    """The team that `torchrun` or `accelerate launch` started this process in, for as long as the
    context lasts; else `SINGLE_PROCESS`.
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


def _sum_over_processes(values: Tensor) -> Tensor:
    """The sum over the processes; its gradient is the sum of their gradients, to any order."""
    from torch.distributed.nn.functional import all_reduce

    result: Tensor = all_reduce(values)
    return result


class _SynchronizedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """BatchNorm (Ioffe and Szegedy 2015, arXiv:1502.03167) whose mean and variance are those of the
    whole batch.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        """Whatever the layer that this one took over for took."""

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
    """What records rounds where they are played, if anything does: one process with a GPU."""
    return CudaRecorder(rng) if plan.device.type == "cuda" and group.size == 1 else None
