"""How near a repaired picture is to the whole one.

PSNR, in decibels, counts the squared difference of pixels: an average of all pictures that are
possible scores best, blurred as it is. SSIM (Wang et al. 2004, doi:10.1109/TIP.2003.819861)
compares brightness, contrast and structure within a window, 1 for the same picture.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch


class Nearness(NamedTuple):
    """PSNR in decibels and SSIM of each picture, (N,)."""

    psnr: np.ndarray
    ssim: np.ndarray


def nearness(made: np.ndarray, whole: np.ndarray) -> Nearness:
    """Of pictures (N, C, S, S) in [-1, 1] to the whole ones."""
    # Here, since it takes a second or more.
    from torchmetrics.functional.image import (
        peak_signal_noise_ratio,
        structural_similarity_index_measure,
    )

    a, b = (torch.from_numpy(np.ascontiguousarray(images)) / 2 + 0.5 for images in (made, whole))
    psnr = peak_signal_noise_ratio(a, b, data_range=1.0, reduction="none", dim=(1, 2, 3))
    ssim = structural_similarity_index_measure(a, b, data_range=1.0, reduction="none")
    assert isinstance(ssim, torch.Tensor)
    return Nearness(psnr.reshape(-1).numpy(), ssim.reshape(-1).numpy())
