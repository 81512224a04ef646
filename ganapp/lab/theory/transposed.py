"""Fractionally strided ("transposed") convolution, step by step (Dumoulin and Visin 2016,
arXiv:1603.07285, chapter 4).

    zeros between the numbers (stride - 1) -> zeros around them (kernel - 1 - padding) -> a plain
    convolution with the turned kernel

which is `torch.nn.functional.conv_transpose2d`. How many numbers of the input reach each cell of
the output makes checkerboards: it is even only where the kernel's size is divisible by the stride
(Odena et al. 2016, doi:10.23915/distill.00003).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ganapp.errors import BadInput


class Steps(NamedTuple):
    """`spread` is the input with its zeros, `given` tells which of its cells the input gave, (S,
    S); `turned` is the kernel as it moves over them, (K, K); `output` and `overlaps`, how many
    numbers of the input reach each cell, are (O, O).
    """

    spread: np.ndarray
    given: np.ndarray
    turned: np.ndarray
    output: np.ndarray
    overlaps: np.ndarray


def transposed(
    numbers: np.ndarray,
    kernel: np.ndarray,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
) -> Steps:
    """All steps for a square of `numbers` (N, N) and a `kernel` (K, K); `BadInput` if the settings
    do not fit each other.
    """
    size = len(kernel)
    _check(len(numbers), size, stride, padding, output_padding)
    border = size - 1 - padding
    inner = (len(numbers) - 1) * stride + 1
    side = inner + 2 * border + output_padding
    spread, given = np.zeros((side, side)), np.zeros((side, side), bool)
    places = slice(border, border + inner, stride)
    spread[places, places], given[places, places] = numbers, True
    turned = kernel[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view
    output = (windows(spread, kernel.shape) * turned).sum((2, 3))
    overlaps = windows(given, kernel.shape).sum((2, 3))
    return Steps(spread, given, turned, output, overlaps)


def even(kernel: int, stride: int) -> bool:
    """Whether every cell of the output, away from its border, is reached by equally many numbers of
    the input.
    """
    return kernel % stride == 0


def _check(numbers: int, kernel: int, stride: int, padding: int, output_padding: int) -> None:
    if padding >= kernel:
        raise BadInput(
            f"The padding is {padding}, but takes away from the {kernel - 1} zeros that a kernel of"
            f" {kernel} has around the input: choose at most {kernel - 1}, or a larger kernel."
        )
    if output_padding and output_padding >= stride:
        raise BadInput(
            f"The output padding is {output_padding}, but tells apart sizes that one stride of"
            f" {stride} makes equal: choose at most {stride - 1}, or a larger stride."
        )
    side = (numbers - 1) * stride - 2 * padding + kernel + output_padding
    if side < 1:
        raise BadInput(
            f"The output would have {side} cells on a side: lower the padding, now {padding}, or"
            " take a larger input, kernel or stride."
        )
