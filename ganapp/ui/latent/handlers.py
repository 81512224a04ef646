"""What the *Latent space* tab shows, as functions of a model, numbers and strings. Knows no
Gradio.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ganapp import latents, pictures
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.latents import MODES
from ganapp.ui.parts.catalog import model_title
from ganapp.ui.parts.inputs import class_of, mode_of, number, place_of, seed_of
from ganapp.ui.parts.rendering import (
    NO_TRUNCATION,
    Props,
    class_name,
    data_uri,
    diversity,
    draw,
    noise_of,
    remembered,
    src,
    subject,
)

PATH_FRAMES = 11
CURVE_POINTS = 41
MAP_SIDE = 7
DIRECTIONS = 6
FARTHEST = 4.0
STRIP_FRAMES = 9
LOOP_STOPS, LOOP_FRAMES, LOOP_SECONDS = 5, 10, 0.09
GRID_COUNT = 10
TRUNCATED_SIDE = 6
FARTHEST_CODE = 2.5


def usual_lengths(size: int) -> tuple[float, float]:
    """The interval that holds the lengths of about 95 % of the vectors of N(0, I): their length has
    a chi distribution with mean near sqrt(size - 1/2) and standard deviation near sqrt(1/2).
    """
    middle = math.sqrt(size - 0.5)
    return max(0.0, middle - math.sqrt(2)), middle + math.sqrt(2)


# Between two seeds


def ends(model: TrainedModel, seed_a: object, seed_b: object) -> tuple[np.ndarray, np.ndarray]:
    """Z of both seeds, (size,) each."""
    size = model.config.latent_size
    return (
        latents.noise(seed_of(seed_a, "Seed A"), size)[0],
        latents.noise(seed_of(seed_b, "Seed B"), size)[0],
    )


def walk_picture(
    model: TrainedModel,
    label: object,
    seed_a: object,
    seed_b: object,
    percent: object,
    mode: object,
) -> Props:
    """The picture at `percent` of the way from seed A to seed B."""
    label, mode, percent = class_of(model, label), mode_of(mode), number(percent, 0, 100, "The way")
    a, b = seed_of(seed_a, "Seed A"), seed_of(seed_b, "Seed B")
    z = latents.between(*ends(model, a, b), percent / 100, mode)
    length, (low, high) = float(np.linalg.norm(z)), usual_lengths(len(z))
    verdict = "shorter than" if length < low else "longer than" if length > high else "inside"
    return {
        "src": src(draw(model, z, label)),
        "side": model.config.image_size,
        "alt": (
            f"{subject(model, label)}: {percent:.0f} % of the way from seed {a} to seed {b} by"
            f" {mode}"
        ),
        "note": (
            f"|z| = {length:.1f}, {verdict} the {low:.1f} to {high:.1f} of most noise in training"
        ),
        "at": f"{label}/{a}/{b}/{percent:g}/{mode}",
        "marks": {"latent-path": percent / 100},
        "mode": mode,
    }


@remembered
def walk_path(model: TrainedModel, label: object, seed_a: object, seed_b: object) -> Props:
    """Both paths from seed A to seed B: evenly spaced frames, and the length of z along them."""
    label, (start, end) = class_of(model, label), ends(model, seed_a, seed_b)
    drawn = draw(
        model, np.stack([latents.path(start, end, PATH_FRAMES, mode) for mode in MODES]), label
    )
    lengths = {
        mode: np.linalg.norm(latents.path(start, end, CURVE_POINTS, mode), axis=1) for mode in MODES
    }
    low, high = usual_lengths(len(start))
    at = [100 * i / (PATH_FRAMES - 1) for i in range(PATH_FRAMES)]
    straight, arc = lengths["lerp"], lengths["slerp"]
    return {
        "rows": [
            {
                "mode": mode,
                "frames": [
                    {
                        "src": src(pixels),
                        "percent": percent,
                        "alt": f"{subject(model, label)}: {percent:.0f} % of the way by {mode}",
                    }
                    for percent, pixels in zip(at, drawn[MODES.index(mode)], strict=True)
                ],
            }
            for mode in reversed(MODES)
        ],
        "lengths": {
            mode: [round(float(value), 3) for value in values] for mode, values in lengths.items()
        },
        "usual": [round(low, 4), round(high, 4)],
        "alt": (
            f"Length of z along both paths. lerp goes from {straight[0]:.1f} down to"
            f" {straight.min():.1f} and up to {straight[-1]:.1f}; slerp stays between"
            f" {arc.min():.1f} and {arc.max():.1f}."
        ),
    }


# Between four seeds


def corners(model: TrainedModel, seeds: Sequence[object]) -> np.ndarray:
    """Z of the four corners, (4, size)."""
    if len(seeds) != 4:
        raise BadInput(
            f"The pad has four corners, but the page sent {len(seeds)} seeds: load it again."
        )
    names = ("Top left", "Top right", "Bottom left", "Bottom right")
    return np.stack(
        [
            latents.noise(seed_of(seed, name), model.config.latent_size)[0]
            for seed, name in zip(seeds, names, strict=True)
        ]
    )


def pad_picture(
    model: TrainedModel, label: object, seeds: Sequence[object], place: object, mode: object
) -> Props:
    """The picture at a position of the pad."""
    label, mode, (x, y) = class_of(model, label), mode_of(mode), place_of(place)
    shares = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y]
    return {
        "src": src(draw(model, latents.corners(corners(model, seeds), x, y, mode), label)),
        "side": model.config.image_size,
        "alt": (
            f"{subject(model, label)}: between seeds {', '.join(map(str, seeds))}, "
            f"{100 * x:.0f} % to the right and {100 * y:.0f} % down"
        ),
        "note": " + ".join(
            f"{100 * share:.0f} % {name}"
            for share, name in zip(shares, "ABCD", strict=True)
            if share >= 0.005
        ),
        "at": f"{x:.3f},{y:.3f}",
    }


@remembered
def pad_map(model: TrainedModel, label: object, seeds: tuple[object, ...], mode: object) -> Props:
    """`MAP_SIDE` x `MAP_SIDE` pictures of the whole pad, with the four seeds at its corners."""
    label, mode, four = class_of(model, label), mode_of(mode), corners(model, seeds)
    along = np.linspace(0, 1, MAP_SIDE, dtype=np.float32)
    drawn = draw(
        model,
        np.stack([np.stack([latents.corners(four, x, y, mode) for x in along]) for y in along]),
        label,
    )
    return {
        "src": data_uri(pictures.encode(pictures.grid(drawn, gap=0))),
        "tiles": MAP_SIDE,
        "alt": (
            f"{subject(model, label)}: {MAP_SIDE} x {MAP_SIDE} pictures between seed {seeds[0]}"
            f" (top left), {seeds[1]} (top right), {seeds[2]} (bottom left) and {seeds[3]} (bottom"
            " right)"
        ),
    }


# Along directions


@remembered
def directions(model: TrainedModel) -> tuple[np.ndarray, np.ndarray]:
    """Up to `DIRECTIONS` principal directions of the generator's first hidden layer, (count, size),
    and their shares of its variance.
    """
    weights = model.average.first_hidden_weights()  # type: ignore[operator]
    return latents.principal_directions(weights.cpu().numpy(), DIRECTIONS)


def moved(model: TrainedModel, seed: object, amounts: Sequence[object]) -> np.ndarray:
    """Z of the seed, moved along the principal directions by `amounts` standard deviations,
    (size,).
    """
    rows, _ = directions(model)
    steps = [
        number(amount, -FARTHEST, FARTHEST, f"Direction {i}") for i, amount in enumerate(amounts, 1)
    ][: len(rows)]
    z = latents.noise(seed_of(seed), model.config.latent_size)[0]
    result: np.ndarray = z + np.asarray(steps, np.float32) @ rows[: len(steps)]
    return result


def direction_picture(
    model: TrainedModel, label: object, seed: object, amounts: Sequence[object]
) -> Props:
    """The picture of the seed after a move along the directions."""
    label, z = class_of(model, label), moved(model, seed, amounts)
    steps = [float(amount) for amount in amounts if isinstance(amount, int | float)]
    words = (
        ", ".join(
            f"{amount:+.1f} along direction {i}" for i, amount in enumerate(steps, 1) if amount
        )
        or "not moved"
    )
    return {
        "src": src(draw(model, z, label)),
        "side": model.config.image_size,
        "alt": f"{subject(model, label)}: seed {seed}, {words}",
        "note": f"Seed {seed}, {words}",
        "at": f"{label}/{seed}/" + "/".join(f"{amount:g}" for amount in steps),
        "marks": {
            f"latent-strip-{i}": (amount + FARTHEST) / (2 * FARTHEST)
            for i, amount in enumerate(steps, 1)
        },
    }


@remembered
def direction_strips(model: TrainedModel, label: object, seed: object) -> list[Props]:
    """For each direction, the pictures of the seed moved along it alone, from one end of its slider
    to the other.
    """
    label, (rows, shares) = class_of(model, label), directions(model)
    along = np.linspace(-FARTHEST, FARTHEST, STRIP_FRAMES, dtype=np.float32)
    z = latents.noise(seed_of(seed), model.config.latent_size)[0]
    drawn = draw(model, z + along[:, None] * rows[:, None], label)
    return [
        {
            "src": data_uri(pictures.encode(pictures.grid(strip[None], gap=0))),
            "tiles": STRIP_FRAMES,
            "share": float(share),
            "alt": (
                f"{subject(model, label)}: seed {seed} from {-FARTHEST:g} to {FARTHEST:g} along"
                f" direction {i} alone"
            ),
        }
        for i, (strip, share) in enumerate(zip(drawn, shares, strict=True), 1)
    ]


# A random walk


def loop_frames(
    model: TrainedModel, label: object, seed: object, as_grid: bool, most: int | None = None
) -> np.ndarray:
    """A closed walk, uint8 (frames, rows, columns, H, W, C), or its first `most` frames: one
    picture of the class; or a grid of all classes (up to `GRID_COUNT`) with the same z, or of
    `GRID_COUNT` walks if the model has no classes.
    """
    label, seed, size = class_of(model, label), seed_of(seed), model.config.latent_size
    count = (min(model.classes, GRID_COUNT) or GRID_COUNT) if as_grid else 1
    alone = as_grid and not model.classes
    z = np.stack(
        [
            latents.loop(seed + i * alone, size, LOOP_STOPS, LOOP_FRAMES)[:most]
            for i in range(count)
        ],
        1,
    )
    labels = np.arange(count) if as_grid and model.classes else np.full(count, label)
    columns = -(-count // 2) if count > 3 else count
    return np.stack([pictures.table(model.draw(places, labels), columns) for places in z])


@remembered
def loop_poster(model: TrainedModel, label: object, seed: object, as_grid: bool) -> Props:
    """The first frame of the walk, which is shown before it is played."""
    return _loop(model, label, seed, as_grid, loop_frames(model, label, seed, as_grid, 1)[0])


@remembered
def loop_shown(model: TrainedModel, label: object, seed: object, as_grid: bool) -> Props:
    """The walk as an animation, with its first frame."""
    frames = loop_frames(model, label, seed, as_grid)
    file = pictures.animation(
        [pictures.grid(frame, gap=0) for frame in frames], "WEBP", LOOP_SECONDS
    )
    return _loop(model, label, seed, as_grid, frames[0]) | {"animation": data_uri(file, "webp")}


def _loop(
    model: TrainedModel, label: object, seed: object, as_grid: bool, first: np.ndarray
) -> Props:
    rows, columns = first.shape[:2]
    if not as_grid:
        what = subject(model, class_of(model, label))
    else:
        what = f"{model_title(model)}: " + (
            f"{min(model.classes, GRID_COUNT)} classes with one z"
            if model.classes
            else f"{GRID_COUNT} seeds"
        )
    return {
        "poster": data_uri(pictures.encode(pictures.grid(first, gap=0))),
        "side": model.config.image_size,
        "columns": columns,
        "rows": rows,
        "alt": f"{what}, on a walk through {LOOP_STOPS} random places from seed {seed} and back",
    }


def loop_gif(model: TrainedModel, label: object, seed: object, as_grid: bool) -> bytes:
    """The walk as a GIF for a slide, enlarged."""
    frames = loop_frames(model, label, seed, as_grid)
    factor = max(1, round((480 if as_grid else 256) / (frames.shape[2] * frames.shape[4])))
    return pictures.animation(
        [pictures.enlarged(pictures.grid(frame, gap=0), factor) for frame in frames],
        "GIF",
        LOOP_SECONDS,
    )


# Truncation


def truncated_grid(model: TrainedModel, label: object, seed: object, truncation: object) -> Props:
    """A grid of pictures of one class with z limited to `truncation`, and how much they differ,
    compared with the same z without a limit.
    """
    label, start = class_of(model, label), seed_of(seed)
    limit = number(truncation, 0, NO_TRUNCATION, "The truncation")
    noise = noise_of(model, start, TRUNCATED_SIDE**2, limit)
    images = model.images(noise, np.full(len(noise), label))
    varied, most = diversity(images[:, None]), _full_diversity(model, label, start)
    return {
        "src": data_uri(
            pictures.encode(
                pictures.grid(pictures.table(pictures.to_uint8(images), TRUNCATED_SIDE), gap=0)
            )
        ),
        "side": TRUNCATED_SIDE * model.config.image_size,
        "alt": (
            f"{subject(model, label)}: {len(images)} pictures of seed {start}, z "
            + ("without a limit" if limit == NO_TRUNCATION else f"limited to {limit:g}")
        ),
        "note": (
            f"Diversity {varied:.3f}, {100 * varied / max(most, 1e-9):.0f} % of the {most:.3f}"
            " without a limit (root mean square pixel distance between two pictures)"
        ),
        "at": f"{label}/{start}/{limit:g}/",
    }


@remembered
def _full_diversity(model: TrainedModel, label: int, seed: int) -> float:
    noise = noise_of(model, seed, TRUNCATED_SIDE**2, NO_TRUNCATION)
    return diversity(model.images(noise, np.full(len(noise), label))[:, None])


# InfoGAN's continuous codes


def has_codes(model: TrainedModel) -> bool:
    """Whether the first numbers of z are codes, as in InfoGAN."""
    return model.config.capabilities.finds_classes


def _with_codes(model: TrainedModel, seed: object, codes: np.ndarray) -> np.ndarray:
    """Z of the seed with its continuous codes replaced by `codes` (..., 2). Returns (..., size)."""
    if not has_codes(model):
        raise BadInput("This model has no codes: choose an InfoGAN.")
    z = np.broadcast_to(
        latents.noise(seed_of(seed), model.config.latent_size)[0],
        (*codes.shape[:-1], model.config.latent_size),
    ).copy()
    z[..., : codes.shape[-1]] = codes
    return z


def codes_picture(
    model: TrainedModel, label: object, seed: object, first: object, second: object
) -> Props:
    """The picture of the seed with both continuous codes set."""
    label = class_of(model, label)
    one, two = (
        number(code, -FARTHEST_CODE, FARTHEST_CODE, f"Code {i}")
        for i, code in enumerate((first, second), 1)
    )
    return {
        "src": src(draw(model, _with_codes(model, seed, np.array([one, two], np.float32)), label)),
        "side": model.config.image_size,
        "alt": f"{subject(model, label)}: seed {seed}, continuous codes {one:.1f} and {two:.1f}",
        "note": (
            f"{class_name(model, label)}, continuous code 1 at {one:+.1f}, code 2 at {two:+.1f}"
        ),
        "at": f"{label}/{one:g}/{two:g}/",
    }


@remembered
def codes_map(model: TrainedModel, label: object, seed: object) -> Props:
    """A map of both codes: code 1 to the right, code 2 down."""
    label = class_of(model, label)
    along = np.linspace(-FARTHEST_CODE, FARTHEST_CODE, MAP_SIDE, dtype=np.float32)
    codes = np.stack(np.meshgrid(along, along), -1)
    return {
        "src": data_uri(
            pictures.encode(
                pictures.grid(draw(model, _with_codes(model, seed, codes), label), gap=0)
            )
        ),
        "tiles": MAP_SIDE,
        "alt": (
            f"{subject(model, label)}: continuous code 1 from -{FARTHEST_CODE:g} to"
            f" {FARTHEST_CODE:g} to the right, code 2 down"
        ),
    }
