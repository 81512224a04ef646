"""How sharp pictures are.

The variance of a picture's Laplacian is large where its brightness changes within a pixel or two
(Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548). Blur lowers it; noise raises it, so it
says something only beside what real pictures have, and beside a figure of what is seen.
"""

from __future__ import annotations

import numpy as np


def sharpness(images: np.ndarray) -> np.ndarray:
    """The variance over its pixels of the Laplacian (four neighbours minus four times the pixel) of
    each picture uint8 (N, H, W, C), brightness in [0, 1], without the outermost pixels, (N,).
    """
    grey = images.astype(np.float64).mean(3) / 255
    middle = grey[:, 1:-1, 1:-1]
    neighbours = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    result: np.ndarray = (neighbours - 4 * middle).var((1, 2))
    return result
