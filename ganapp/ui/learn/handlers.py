"""What the Start page shows beside its replay. Knows no Gradio."""

from __future__ import annotations

import functools

from ganapp import pictures
from ganapp.datasets.bundled import load_mnist
from ganapp.ui.parts.rendering import Props, data_uri

REPLAYED = "recording-mlp-mnist"
"""The recording whose players are shown: the course's own GAN."""
ROWS, COLUMNS = 8, 10


@functools.cache
def first() -> Props:
    """Real digits in a sheet as large as a recording's, and which recording is replayed."""
    images = load_mnist(lambda share, what: None, "test").images[: ROWS * COLUMNS]
    sheet = images.permute(0, 2, 3, 1).numpy().reshape(ROWS, COLUMNS, 28, 28, 1)
    return {"run": REPLAYED, "real": data_uri(pictures.encode(pictures.grid(sheet, gap=2)))}
