"""Arrays of pixels to files: grids, strips and animations. Knows nothing of models or runs.

A "table" of pictures is uint8 (rows, columns, H, W, C) with C of 1 or 3.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER = 255
INK = 30
ABOVE, BELOW = np.array([163.0, 62.0, 189.0]), np.array([0.0, 136.0, 55.0])
"""The colours of numbers above and below 0."""


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Pictures (B, C, H, W) in [-1, 1] as uint8 (B, H, W, C)."""
    return np.clip(np.rint((images + 1) * 127.5), 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def from_uint8(images: np.ndarray) -> np.ndarray:
    """Pictures uint8 (B, H, W, C) as float32 (B, C, H, W) in [-1, 1], as the networks read them;
    `to_uint8` is its inverse.
    """
    return images.transpose(0, 3, 1, 2) / np.float32(127.5) - 1


def table(images: np.ndarray, columns: int) -> np.ndarray:
    """Pictures (N, H, W, C) as a table of `columns`; places left over in the last row are blank."""
    rows = -(-len(images) // columns)
    blank = np.full((rows * columns - len(images), *images.shape[1:]), PAPER, np.uint8)
    return np.concatenate([images, blank]).reshape(rows, columns, *images.shape[1:])


def grid(pictures: np.ndarray, gap: int = 2) -> Image.Image:
    """One picture of a whole table, `gap` white pixels between neighbours and around the edge."""
    rows, columns, height, width, channels = pictures.shape
    sheet = np.full(
        (rows * (height + gap) + gap, columns * (width + gap) + gap, channels), PAPER, np.uint8
    )
    for row in range(rows):
        for column in range(columns):
            top, left = gap + row * (height + gap), gap + column * (width + gap)
            sheet[top : top + height, left : left + width] = pictures[row, column]
    return image(sheet)


def coloured(pull: np.ndarray, strongest: float) -> np.ndarray:
    """Numbers (H, W, C) around 0 as a picture uint8 (H, W, 3), their mean over C a pixel: white at
    0, purple above and green below, full at `strongest`.
    """
    share = np.clip(pull.mean(2) / max(strongest, 1e-12), -1, 1)[..., None]
    # The root shows weak ones too.
    strength = np.sqrt(np.abs(share))
    ink = np.where(share > 0, ABOVE, BELOW)
    result: np.ndarray = (255 * (1 - strength) + ink * strength).round().astype(np.uint8)
    return result


def laid_out(maps: np.ndarray) -> tuple[np.ndarray, int]:
    """Maps (C, S, S) beside one another with a gap of a pixel, (height, width) nearly a square; and
    the number of columns.
    """
    count, side = maps.shape[:2]
    columns = math.ceil(math.sqrt(count * 1.6))
    rows = math.ceil(count / columns)
    full = np.zeros((rows * columns, side + 1, side + 1), maps.dtype)
    full[:count, :side, :side] = maps
    sheet = full.reshape(rows, columns, side + 1, side + 1).swapaxes(1, 2)
    result: np.ndarray = sheet.reshape(rows * (side + 1), columns * (side + 1))
    return result, columns


def image(pixels: np.ndarray) -> Image.Image:
    """One picture (H, W, C)."""
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def enlarged(picture: Image.Image, factor: int) -> Image.Image:
    """The picture `factor` times as large, each pixel a crisp square."""
    return picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
    )


def captioned_grid(
    pictures: np.ndarray,
    captions: Sequence[Sequence[str]],
    headings: Sequence[str] = (),
    factor: int = 2,
) -> Image.Image:
    """A table with a caption under each picture and a heading over each column, as one RGB picture
    for a document.
    """
    rows, columns, height, width, _ = pictures.shape
    font = ImageFont.load_default(11)
    words = [*headings, *(caption for line in captions for caption in line)]
    cell = max([width * factor, *(round(font.getlength(word)) for word in words)]) + 6
    head, line = (18 if headings else 0), height * factor + 18
    sheet = Image.new("RGB", (columns * cell, head + rows * line), (PAPER,) * 3)
    pen = ImageDraw.Draw(sheet)
    for column, heading in enumerate(headings):
        pen.text((column * cell + cell // 2, 9), heading, (INK,) * 3, font, anchor="mm")
    for row in range(rows):
        for column in range(columns):
            left, top = column * cell, head + row * line
            sheet.paste(
                enlarged(image(pictures[row, column]), factor).convert("RGB"),
                (left + (cell - width * factor) // 2, top),
            )
            pen.text(
                (left + cell // 2, top + height * factor + 8),
                captions[row][column],
                (INK,) * 3,
                font,
                anchor="mm",
            )
    return sheet


def encode(
    picture: Image.Image, kind: Literal["JPEG", "PNG", "WEBP"] = "PNG", quality: int = 88
) -> bytes:
    """The picture as the bytes of a file; `quality` is of JPEG and WebP."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, quality=quality)
    return buffer.getvalue()


def animation(
    frames: Sequence[Image.Image],
    kind: Literal["GIF", "WEBP"],
    seconds_a_frame: float = 0.1,
    seconds_at_end: float = 0.0,
    quality: int = 80,
) -> bytes:
    """The frames as an endlessly repeated animation; the last one may stay longer. `quality` is of
    WebP.
    """
    if not frames:
        raise ValueError("An animation needs at least one frame.")
    times = [round(seconds_a_frame * 1000)] * len(frames)
    times[-1] += round(seconds_at_end * 1000)
    buffer = io.BytesIO()
    first, *rest = frames
    first.save(
        buffer,
        kind,
        save_all=True,
        append_images=rest,
        duration=times if len(frames) > 1 else times[0],
        loop=0,
        quality=quality,
    )
    return buffer.getvalue()


def frames_of(path: Path, seconds_a_frame: float, seconds_at_end: float = 0.0) -> list[Image.Image]:
    """The frames that `animation` was given with these times. A file holds equal ones that follow
    one another once, for longer.
    """
    shown: list[Image.Image] = []
    with Image.open(path) as film:
        count = getattr(film, "n_frames", 1)
        for number in range(count):
            film.seek(number)
            film.load()
            seconds = film.info.get("duration", 0) / 1000
            if number == count - 1:
                seconds -= seconds_at_end
            shown += [film.convert("RGB")] * max(1, round(seconds / seconds_a_frame))
    return shown


def save(picture: Image.Image, path: Path) -> None:
    """Writes the picture in the format that the path's ending names."""
    picture.save(path)
