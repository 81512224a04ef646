"""Many small pictures in few lossless image files, which open faster than archives of numbers and
take less room.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

COLUMNS = 50
"""Pictures in a row of a sheet."""


def write(images: np.ndarray, folder: Path, stem: str, rows: int) -> list[Path]:
    """Writes pictures uint8 (N, S, S) or (N, S, S, 3) into `folder` as sheets STEM-0, STEM-1 ... of
    at most so many `rows`, grey ones as PNG and colour as WebP; the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    each = rows * COLUMNS
    for number, start in enumerate(range(0, len(images), each)):
        part = images[start : start + each]
        sheet = Image.fromarray(_laid_out(part))
        if part.ndim == 3:
            files.append(folder / f"{stem}-{number}.png")
            sheet.save(files[-1], optimize=True)
        else:
            files.append(folder / f"{stem}-{number}.webp")
            sheet.save(files[-1], lossless=True, method=6, quality=100)
    return files


def read(folder: Path, stem: str, count: int, side: int) -> Tensor:
    """The `count` pictures of the sheets STEM-*, uint8 (N, C, S, S)."""
    files = sorted(folder.glob(f"{stem}-*.*"), key=lambda path: int(path.stem.rpartition("-")[2]))
    images, filled = torch.empty(0), 0
    with ThreadPoolExecutor(2) as pool:  # decoding is not Python's own work
        for part in pool.map(lambda file: _cut_up(file, side), files):
            if not filled:
                images = part.new_empty(count, *part.shape[1:])
            part = part[: count - filled]
            images[filled : filled + len(part)] = part
            filled += len(part)
    return images


def _laid_out(images: np.ndarray) -> np.ndarray:
    """Pictures in rows of `COLUMNS`, the last row filled up with black."""
    count, side = images.shape[:2]
    rows = -(-count // COLUMNS)
    full = np.zeros((rows * COLUMNS, *images.shape[1:]), np.uint8)
    full[:count] = images
    grid = full.reshape(rows, COLUMNS, side, side, -1).swapaxes(1, 2)
    sheet = grid.reshape(rows * side, COLUMNS * side, -1)
    return sheet[..., 0] if sheet.shape[2] == 1 else sheet


def _cut_up(file: Path, side: int) -> Tensor:
    """All places of one sheet, (N, C, S, S)."""
    with Image.open(file) as opened:
        sheet = torch.from_numpy(np.array(opened))
    rows = sheet.shape[0] // side
    grid = sheet.reshape(rows, side, COLUMNS, side, -1).permute(0, 2, 4, 1, 3)
    return grid.reshape(rows * COLUMNS, -1, side, side)
