"""Charts as plain data, for the `charts` component: lines, levels, markers and arrows on two axes.
Knows no Gradio.

A chart whose lines have frames is a film; a line that grows is drawn up to where the film is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

Colour = Literal["real", "generator", "discriminator", "gradient", "ink"]
Dash = Literal["solid", "dashed", "dotted"]
Chart = dict[str, Any]


def rounded(values: Any, digits: int = 4) -> Any:
    """Numbers as lists, as short as a screen needs them; None where there is none."""
    array = np.asarray(values, np.float64)
    listed = np.round(array, digits).tolist()
    return listed if np.isfinite(array).all() else _finite(listed)


def _finite(listed: Any) -> Any:
    if isinstance(listed, list):
        return [_finite(each) for each in listed]
    return listed if np.isfinite(listed) else None


def line(
    name: str,
    colour: Colour,
    x: Any,
    y: Any,
    dash: Dash = "solid",
    grows: bool = False,
    fill: bool = False,
) -> Chart:
    """A line through (x, y), both (N,); with `y` (F, N) a film of lines."""
    return {
        "name": name,
        "colour": colour,
        "dash": dash,
        "x": rounded(x),
        "y": rounded(y),
        "grows": grows,
        "fill": fill,
    }


def level(y: float, text: str) -> Chart:
    """A horizontal line that the curves may near."""
    return {"y": round(float(y), 4), "text": text}


def mark(x: float, y: float, colour: Colour, text: str = "", below: bool = False) -> Chart:
    """A point of the chart that is meant, with a `text` to its right or `below` it."""
    return {
        "x": round(float(x), 4),
        "y": round(float(y), 4),
        "colour": colour,
        "text": text,
        "below": below,
    }


def arrows(
    x: np.ndarray, y: np.ndarray, across: np.ndarray, up: np.ndarray, longest: float
) -> list[list[float]]:
    """Arrows [x, y, dx, dy] that start at (x, y), the longest of them `longest`."""
    scale = longest / max(1e-12, float(np.hypot(across, up).max()))
    result: list[list[float]] = rounded(np.stack([x, y, across * scale, up * scale], 1), 3)
    return result


def chart(
    title: str,
    alt: str,
    across: tuple[float, float],
    up: tuple[float, float],
    lines: Sequence[Chart],
    *,
    names: tuple[str, str] = ("", ""),
    **rest: Any,
) -> Chart:
    """A chart with the ranges `across` and `up` and the `names` of both axes. `rest`: `levels`,
    `marks`, `arrows`; `square` to draw both axes to one scale; `log` if `up` holds decimal
    logarithms.
    """
    return {
        "title": title,
        "alt": alt,
        "across": rounded(across),
        "up": rounded(up),
        "lines": list(lines),
        "names": list(names),
        **rest,
    }


def around(*values: Any, least: float = 0.0) -> tuple[float, float]:
    """A range that holds all finite `values` with some air, at least `least` wide."""
    flat = np.concatenate([np.ravel(np.asarray(each, np.float64)) for each in values])
    flat = flat[np.isfinite(flat)]
    low, high = float(flat.min()), float(flat.max())
    air = max(0.06 * (high - low), (least - (high - low)) / 2)
    return low - air, high + air
