"""What the Start and Lessons tabs show. Knows no Gradio."""

from __future__ import annotations

import functools

from ganapp import pictures
from ganapp.datasets.bundled import load_mnist
from ganapp.ui.learn import glossary, lessons
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


@functools.cache
def known() -> tuple[list[lessons.Lesson], list[str]]:
    """All lessons, read once, and what is wrong with files that cannot be used."""
    return lessons.opened()


def listed() -> Props:
    """What the list of lessons shows."""
    found, problems = known()
    return {
        "lessons": [
            {"name": lesson.name, "steps": len(lesson.steps), **lesson.head.model_dump()}
            for lesson in found
        ],
        "problems": problems,
        "glossary": [one.model_dump() for one in glossary.terms()],
    }


def contents() -> Props:
    """All lessons with all their steps, and the glossary."""
    return {
        "lessons": [lesson.model_dump() for lesson in known()[0]],
        "glossary": [one.model_dump() for one in glossary.terms()],
    }
