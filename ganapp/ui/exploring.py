"""What the *Latent space* and *Class-conditional* tabs show, as functions of a model, numbers and strings. Knows no Gradio.

Each answers with plain data for the browser: `src` is a picture as a data URI, `side` its side in pixels, `alt` what it shows, `note` a
sentence beside it, `at` the place it was drawn for, `marks` where the markers of other parts of the page stand, from 0 to 1.
Arguments come from browsers: each is checked, and `BadInput` says what is wrong.
"""

from __future__ import annotations

import base64
import contextlib
import math
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeGuard, TypeVar

import numpy as np

from ganapp import latents, pictures
from ganapp.checkpoints import TrainedModel, to_uint8
from ganapp.errors import BadInput
from ganapp.latents import MODES, Mode
from ganapp.losses import LOSSES
from ganapp.ui.catalog import model_title

MOST_SEED = 2**31 - 1
PATH_FRAMES = 11
CURVE_POINTS = 41
MAP_SIDE = 7
DIRECTIONS = 6
FARTHEST = 4.0
STRIP_FRAMES = 9
LOOP_STOPS, LOOP_FRAMES, LOOP_SECONDS = 5, 10, 0.09
WALL = 10
MOST_ROWS = 12
TRUNCATED_SIDE = 6
FARTHEST_CODE = 2.5
JUDGED_ROWS = 8
"""Rows a class that the discriminator sees at least: where it compares the pictures of a class, fewer would look like a collapse."""
MIX_ROWS, MIX_FRAMES = 3, 9
REMEMBERED = 24

Shown = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[Concatenate[TrainedModel, P], R]) -> Callable[Concatenate[TrainedModel, P], R]:
    """`function(model, ...)` with its last answers kept as long as the model is: a classroom asks for the same first page."""
    answers: weakref.WeakKeyDictionary[TrainedModel, OrderedDict[object, R]] = weakref.WeakKeyDictionary()
    lock = threading.Lock()

    def wrapped(model: TrainedModel, /, *arguments: P.args, **options: P.kwargs) -> R:
        key = (arguments, tuple(options.items()))
        try:
            hash(key)
        except TypeError:  # only a forged request holds lists, and it is about to be refused
            return function(model, *arguments, **options)
        with lock:
            known = answers.setdefault(model, OrderedDict())
            if key in known:
                known.move_to_end(key)
                return known[key]
        answer = function(model, *arguments, **options)
        with lock:
            known[key] = answer
            while len(known) > REMEMBERED:
                known.popitem(last=False)
        return answer

    wrapped.__doc__ = function.__doc__
    return wrapped


# What comes from a browser


def _finite(value: object) -> TypeGuard[int | float]:
    with contextlib.suppress(OverflowError):  # a whole number beyond any float
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return False


def _said(value: object) -> str:
    return "empty" if value is None else repr(str(value)[:40])


def number(value: object, low: float, high: float, what: str) -> float:
    """`value` as a number of [low, high]."""
    if not _finite(value) or not low <= value <= high:
        raise BadInput(f"{what} is {_said(value)}, but must be a number from {low:g} to {high:g}.")
    return float(value)


def whole(value: object, low: int, high: int, what: str) -> int:
    """`value` as a whole number of [low, high]."""
    if not _finite(value) or value != int(value) or not low <= value <= high:
        raise BadInput(f"{what} is {_said(value)}, but must be a whole number from {low} to {high}.")
    return int(value)


def seed_of(value: object, what: str = "The seed") -> int:
    """`value` as a seed."""
    return whole(value, 0, MOST_SEED, what)


def mode_of(value: object) -> Mode:
    """`value` as "lerp" or "slerp"."""
    for mode in MODES:
        if value == mode:
            return mode
    raise BadInput(f"The path is {str(value)[:40]!r}, but must be one of {', '.join(MODES)}.")


def class_of(model: TrainedModel, value: object, what: str = "The class") -> int:
    """`value` as a class of the model; 0 where none is chosen or the model knows none."""
    return whole(value, 0, model.classes - 1, what) if model.classes and value is not None else 0


def classes_of(model: TrainedModel, values: object) -> tuple[int, ...]:
    """The chosen classes in the model's order."""
    if not model.classes:
        raise BadInput("This model was trained without classes, so none can be asked for: choose a conditional one.")
    chosen = {class_of(model, value) for value in values} if isinstance(values, list | tuple) else set()
    if not chosen:
        raise BadInput("No class is chosen: tick at least one.")
    return tuple(sorted(chosen))


def place_of(value: object) -> tuple[float, float]:
    """A place on the pad, "x,y" in [0, 1] from its top left corner."""
    try:
        x, y = (float(part) for part in str(value)[:60].split(","))
    except ValueError:
        raise BadInput(f"The place on the pad is {str(value)[:40]!r}, but must be two numbers from 0 to 1.") from None
    return number(x, 0, 1, "The pad's x"), number(y, 0, 1, "The pad's y")


# Pictures and words


def data_uri(file: bytes, kind: str = "png") -> str:
    """The bytes of a picture file as an address that needs no file."""
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"


def src(pixels: np.ndarray) -> str:
    """One picture (H, W, C) as a data URI; PNG, so that every pixel is as it was drawn."""
    return data_uri(pictures.encode(pictures.image(pixels)))


def class_name(model: TrainedModel, label: int) -> str:
    """The name of a class, short enough for a heading."""
    return str(model.class_names[label])[:40]


def subject(model: TrainedModel, label: int) -> str:
    """The model and the class it draws, for alt texts."""
    return f"{model_title(model)}, class {class_name(model, label)}" if model.classes else model_title(model)


def score(probability: float) -> str:
    """.87"""
    text = f"{probability:.2f}"
    return text[1:] if text.startswith("0") else text


def draw(model: TrainedModel, places: np.ndarray, label: int) -> np.ndarray:
    """Pictures of one class at `places` (..., size), uint8 (..., H, W, C)."""
    flat = places.reshape(-1, places.shape[-1])
    drawn = model.draw(flat, np.full(len(flat), label))
    return drawn.reshape(*places.shape[:-1], *drawn.shape[1:])


def usual_lengths(size: int) -> tuple[float, float]:
    """Between which lengths about 95 % of the vectors of N(0, I) lie: a chi distribution with mean near sqrt(size - 1/2) and
    deviation near sqrt(1/2)."""
    middle = math.sqrt(size - 0.5)
    return max(0.0, middle - math.sqrt(2)), middle + math.sqrt(2)


# Between two seeds


def ends(model: TrainedModel, seed_a: object, seed_b: object) -> tuple[np.ndarray, np.ndarray]:
    """z of both seeds, (size,) each."""
    size = model.config.latent_size
    return latents.noise(seed_of(seed_a, "Seed A"), size)[0], latents.noise(seed_of(seed_b, "Seed B"), size)[0]


def walk_picture(model: TrainedModel, label: object, seed_a: object, seed_b: object, percent: object, mode: object) -> Shown:
    """The picture at `percent` of the way from seed A to seed B."""
    label, mode, percent = class_of(model, label), mode_of(mode), number(percent, 0, 100, "The way")
    a, b = seed_of(seed_a, "Seed A"), seed_of(seed_b, "Seed B")
    z = latents.between(*ends(model, a, b), percent / 100, mode)
    length, (low, high) = float(np.linalg.norm(z)), usual_lengths(len(z))
    verdict = "shorter than" if length < low else "longer than" if length > high else "inside"
    return {
        "src": src(draw(model, z, label)),
        "side": model.config.image_size,
        "alt": f"{subject(model, label)}: {percent:.0f} % of the way from seed {a} to seed {b} by {mode}",
        "note": f"|z| = {length:.1f}, {verdict} the {low:.1f} to {high:.1f} that noise has in training",
        "at": f"{label}/{a}/{b}/{percent:g}/{mode}",
        "marks": {"latent-path": percent / 100},
        "mode": mode,
    }


@remembered
def walk_path(model: TrainedModel, label: object, seed_a: object, seed_b: object) -> Shown:
    """Both paths from seed A to seed B: frames evenly from end to end, and the length of z along them."""
    label, (start, end) = class_of(model, label), ends(model, seed_a, seed_b)
    drawn = draw(model, np.stack([latents.path(start, end, PATH_FRAMES, mode) for mode in MODES]), label)
    lengths = {mode: np.linalg.norm(latents.path(start, end, CURVE_POINTS, mode), axis=1) for mode in MODES}
    low, high = usual_lengths(len(start))
    at = [100 * i / (PATH_FRAMES - 1) for i in range(PATH_FRAMES)]
    straight, arc = lengths["lerp"], lengths["slerp"]
    return {
        "rows": [
            {
                "mode": mode,
                "frames": [
                    {"src": src(pixels), "percent": percent, "alt": f"{subject(model, label)}: {percent:.0f} % of the way by {mode}"}
                    for percent, pixels in zip(at, drawn[MODES.index(mode)], strict=True)
                ],
            }
            for mode in reversed(MODES)
        ],
        "lengths": {mode: [round(float(value), 3) for value in values] for mode, values in lengths.items()},
        "usual": [round(low, 4), round(high, 4)],
        "alt": f"Length of z along both paths. lerp goes from {straight[0]:.1f} down to {straight.min():.1f} and up to {straight[-1]:.1f}; "
        f"slerp stays between {arc.min():.1f} and {arc.max():.1f}.",
    }


# Between four seeds


def corners(model: TrainedModel, seeds: Sequence[object]) -> np.ndarray:
    """z of the four corners, (4, size)."""
    if len(seeds) != 4:
        raise BadInput(f"The pad has four corners, but {len(seeds)} seeds were given.")
    names = ("Top left", "Top right", "Bottom left", "Bottom right")
    return np.stack([latents.noise(seed_of(seed, name), model.config.latent_size)[0] for seed, name in zip(seeds, names, strict=True)])


def pad_picture(model: TrainedModel, label: object, seeds: Sequence[object], place: object, mode: object) -> Shown:
    """The picture at a place of the pad."""
    label, mode, (x, y) = class_of(model, label), mode_of(mode), place_of(place)
    shares = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y]
    return {
        "src": src(draw(model, latents.corners(corners(model, seeds), x, y, mode), label)),
        "side": model.config.image_size,
        "alt": f"{subject(model, label)}: between seeds {', '.join(map(str, seeds))}, "
        f"{100 * x:.0f} % to the right and {100 * y:.0f} % down",
        "note": " + ".join(f"{100 * share:.0f} % {name}" for share, name in zip(shares, "ABCD", strict=True) if share >= 0.005),
        "at": f"{x:.3f},{y:.3f}",
    }


@remembered
def pad_map(model: TrainedModel, label: object, seeds: tuple[object, ...], mode: object) -> Shown:
    """The whole pad in `MAP_SIDE` x `MAP_SIDE` pictures, those of the four seeds at its corners."""
    label, mode, four = class_of(model, label), mode_of(mode), corners(model, seeds)
    along = np.linspace(0, 1, MAP_SIDE, dtype=np.float32)
    drawn = draw(model, np.stack([np.stack([latents.corners(four, x, y, mode) for x in along]) for y in along]), label)
    return {
        "src": data_uri(pictures.encode(pictures.grid(drawn, gap=0))),
        "tiles": MAP_SIDE,
        "alt": f"{subject(model, label)}: {MAP_SIDE} x {MAP_SIDE} pictures between seed {seeds[0]} (top left), {seeds[1]} (top right), "
        f"{seeds[2]} (bottom left) and {seeds[3]} (bottom right)",
    }


# Along directions


@remembered
def directions(model: TrainedModel) -> tuple[np.ndarray, np.ndarray]:
    """Up to `DIRECTIONS` principal directions of the generator's first hidden layer, (count, size), and their shares of its variance."""
    weights = model.average.first_hidden_weights()  # type: ignore[operator]
    return latents.principal_directions(weights.cpu().numpy(), DIRECTIONS)


def moved(model: TrainedModel, seed: object, amounts: Sequence[object]) -> np.ndarray:
    """z of the seed, moved along the principal directions by `amounts` standard deviations, (size,)."""
    rows, _ = directions(model)
    steps = [number(amount, -FARTHEST, FARTHEST, f"Direction {i}") for i, amount in enumerate(amounts, 1)][: len(rows)]
    z = latents.noise(seed_of(seed), model.config.latent_size)[0]
    return z + np.asarray(steps, np.float32) @ rows[: len(steps)]


def direction_picture(model: TrainedModel, label: object, seed: object, amounts: Sequence[object]) -> Shown:
    """The seed's picture after moving along the directions."""
    label, z = class_of(model, label), moved(model, seed, amounts)
    steps = [float(amount) for amount in amounts if isinstance(amount, int | float)]
    words = ", ".join(f"{amount:+.1f} along direction {i}" for i, amount in enumerate(steps, 1) if amount) or "not moved"
    return {
        "src": src(draw(model, z, label)),
        "side": model.config.image_size,
        "alt": f"{subject(model, label)}: seed {seed}, {words}",
        "note": f"Seed {seed}, {words}",
        "at": f"{label}/{seed}/" + "/".join(f"{amount:g}" for amount in steps),
        "marks": {f"latent-strip-{i}": (amount + FARTHEST) / (2 * FARTHEST) for i, amount in enumerate(steps, 1)},
    }


@remembered
def direction_strips(model: TrainedModel, label: object, seed: object) -> list[Shown]:
    """For each direction the seed's picture moved along it alone, from one end of its slider to the other."""
    label, (rows, shares) = class_of(model, label), directions(model)
    along = np.linspace(-FARTHEST, FARTHEST, STRIP_FRAMES, dtype=np.float32)
    z = latents.noise(seed_of(seed), model.config.latent_size)[0]
    drawn = draw(model, z + along[:, None] * rows[:, None], label)
    return [
        {
            "src": data_uri(pictures.encode(pictures.grid(strip[None], gap=0))),
            "tiles": STRIP_FRAMES,
            "share": float(share),
            "alt": f"{subject(model, label)}: seed {seed} from {-FARTHEST:g} to {FARTHEST:g} along direction {i} alone",
        }
        for i, (strip, share) in enumerate(zip(drawn, shares, strict=True), 1)
    ]


# A walk at random


def loop_frames(model: TrainedModel, label: object, seed: object, wall: bool, most: int | None = None) -> np.ndarray:
    """A closed walk, uint8 (frames, rows, columns, H, W, C), or its `most` first frames: one picture of the class, or a wall: all
    classes (up to `WALL`) walking with one z, or `WALL` walks where the model knows no classes."""
    label, seed, size = class_of(model, label), seed_of(seed), model.config.latent_size
    count = (min(model.classes, WALL) or WALL) if wall else 1
    alone = wall and not model.classes
    z = np.stack([latents.loop(seed + i * alone, size, LOOP_STOPS, LOOP_FRAMES)[:most] for i in range(count)], 1)
    labels = np.arange(count) if wall and model.classes else np.full(count, label)
    columns = -(-count // 2) if count > 3 else count
    return np.stack([pictures.table(model.draw(places, labels), columns) for places in z])


@remembered
def loop_poster(model: TrainedModel, label: object, seed: object, wall: bool) -> Shown:
    """The first frame of the walk, to be seen before it is played."""
    return _loop(model, label, seed, wall, loop_frames(model, label, seed, wall, 1)[0])


@remembered
def loop_shown(model: TrainedModel, label: object, seed: object, wall: bool) -> Shown:
    """The walk as an animation, with its first frame."""
    frames = loop_frames(model, label, seed, wall)
    file = pictures.animation([pictures.grid(frame, gap=0) for frame in frames], "WEBP", LOOP_SECONDS)
    return _loop(model, label, seed, wall, frames[0]) | {"animation": data_uri(file, "webp")}


def _loop(model: TrainedModel, label: object, seed: object, wall: bool, first: np.ndarray) -> Shown:
    rows, columns = first.shape[:2]
    if not wall:
        what = subject(model, class_of(model, label))
    else:
        what = f"{model_title(model)}: " + (f"{min(model.classes, WALL)} classes with one z" if model.classes else f"{WALL} seeds")
    return {
        "poster": data_uri(pictures.encode(pictures.grid(first, gap=0))),
        "side": model.config.image_size,
        "columns": columns,
        "rows": rows,
        "alt": f"{what}, on a walk through {LOOP_STOPS} random places from seed {seed} and back",
    }


def loop_gif(model: TrainedModel, label: object, seed: object, wall: bool) -> bytes:
    """The walk as a GIF for a slide, each pixel several large."""
    frames = loop_frames(model, label, seed, wall)
    factor = max(1, round((480 if wall else 256) / (frames.shape[2] * frames.shape[4])))
    return pictures.animation([pictures.enlarged(pictures.grid(frame, gap=0), factor) for frame in frames], "GIF", LOOP_SECONDS)


# Classes


NO_TRUNCATION = 3.0


class Judged(NamedTuple):
    """A table of pictures (rows, columns, H, W, C), a class a column and one z a row, with the discriminator's verdict (rows, columns)
    on each, how real that makes it in [0, 1] beside the others, the columns' names, and the pictures' `diversity`."""

    images: np.ndarray
    scores: np.ndarray
    shares: np.ndarray
    names: list[str]
    diversity: float


def diversity(images: np.ndarray) -> float:
    """How much pictures (rows, columns, C, H, W) in [-1, 1] of one column differ: their root mean square distance over all pairs,
    pixels counted in [0, 1], averaged over the columns."""
    rows = len(images)
    if rows < 2:
        return 0.0
    # The mean square distance of all pairs is twice the variance.
    variance = (images.astype(np.float64) / 2).var(0).mean((1, 2, 3)) * rows / (rows - 1)
    return float(np.sqrt(2 * variance).mean())


def judged(model: TrainedModel, chosen: object, seed: object, count: object, truncation: object = NO_TRUNCATION) -> Judged:
    """The first `count` z of the seed, cut off at `truncation`, as each of the chosen classes."""
    limit = number(truncation, 0, NO_TRUNCATION, "The truncation")
    labels, shown = classes_of(model, chosen), whole(count, 1, MOST_ROWS, "The number of rows")
    rows, columns = max(shown, JUDGED_ROWS), len(labels)
    noise = latents.noise(seed_of(seed), model.config.latent_size, rows)
    if limit < NO_TRUNCATION:
        noise = latents.truncated(noise, limit)
    noise = np.repeat(noise, columns, 0)
    images = model.images(noise, np.tile(labels, rows))
    scores = model.scores(images, np.tile(labels, rows))
    drawn = to_uint8(images)
    table = drawn.reshape(rows, columns, *drawn.shape[1:])
    scores = scores.reshape(rows, columns)[:shown]
    shares = scores
    if LOSSES[model.config.loss].critic:  # whose scores have no scale of their own
        shares = (scores - scores.min()) / max(float(np.ptp(scores)), 1e-9)
    varied = diversity(images.reshape(rows, columns, *images.shape[1:]))
    return Judged(table[:shown], scores, shares, [class_name(model, k) for k in labels], varied)


def truncated_wall(model: TrainedModel, label: object, seed: object, truncation: object) -> Shown:
    """A wall of pictures of one class whose z are cut off at `truncation`, and how much they differ, beside what they would uncut."""
    label, start = class_of(model, label), seed_of(seed)
    limit = number(truncation, 0, NO_TRUNCATION, "The truncation")
    noise = latents.noise(start, model.config.latent_size, TRUNCATED_SIDE**2)
    labels = np.full(len(noise), label)
    cut = noise if limit == NO_TRUNCATION else latents.truncated(noise, limit)
    images = model.images(cut, labels)
    varied, most = diversity(images[:, None]), _uncut_diversity(model, label, start)
    return {
        "src": data_uri(pictures.encode(pictures.grid(pictures.table(to_uint8(images), TRUNCATED_SIDE), gap=0))),
        "side": TRUNCATED_SIDE * model.config.image_size,
        "alt": f"{subject(model, label)}: {len(images)} pictures of seed {start}, z "
        + ("uncut" if limit == NO_TRUNCATION else f"cut off at {limit:g}"),
        "note": f"Diversity {varied:.3f}, {100 * varied / max(most, 1e-9):.0f} % of the {most:.3f} that these z have uncut "
        "(root mean square pixel distance of two pictures)",
        "at": f"{label}/{start}/{limit:g}/",
    }


@remembered
def _uncut_diversity(model: TrainedModel, label: int, seed: int) -> float:
    noise = latents.noise(seed, model.config.latent_size, TRUNCATED_SIDE**2)
    return diversity(model.images(noise, np.full(len(noise), label))[:, None])


# InfoGAN's continuous codes


def informed(model: TrainedModel) -> bool:
    """Whether the model is an InfoGAN, whose first numbers of z are codes."""
    return model.config.model == "infogan"


def _coded(model: TrainedModel, seed: object, codes: np.ndarray) -> np.ndarray:
    """z of the seed with its continuous codes replaced by `codes` (..., 2), (..., size)."""
    if not informed(model):
        raise BadInput("This model has no codes of its own: choose one that the InfoGAN model made.")
    z = np.broadcast_to(latents.noise(seed_of(seed), model.config.latent_size)[0], (*codes.shape[:-1], model.config.latent_size)).copy()
    z[..., : codes.shape[-1]] = codes
    return z


def codes_picture(model: TrainedModel, label: object, seed: object, first: object, second: object) -> Shown:
    """The seed's picture with both continuous codes set."""
    label = class_of(model, label)
    one, two = (number(code, -FARTHEST_CODE, FARTHEST_CODE, f"Code {i}") for i, code in enumerate((first, second), 1))
    return {
        "src": src(draw(model, _coded(model, seed, np.array([one, two], np.float32)), label)),
        "side": model.config.image_size,
        "alt": f"{subject(model, label)}: seed {seed}, continuous codes {one:.1f} and {two:.1f}",
        "note": f"{class_name(model, label)}, continuous code 1 at {one:+.1f}, code 2 at {two:+.1f}",
        "at": f"{label}/{one:g}/{two:g}/",
    }


@remembered
def codes_map(model: TrainedModel, label: object, seed: object) -> Shown:
    """All of both codes: code 1 to the right, code 2 downwards."""
    label = class_of(model, label)
    along = np.linspace(-FARTHEST_CODE, FARTHEST_CODE, MAP_SIDE, dtype=np.float32)
    codes = np.stack(np.meshgrid(along, along), -1)
    return {
        "src": data_uri(pictures.encode(pictures.grid(draw(model, _coded(model, seed, codes), label), gap=0))),
        "tiles": MAP_SIDE,
        "alt": f"{subject(model, label)}: continuous code 1 from -{FARTHEST_CODE:g} to {FARTHEST_CODE:g} to the right, code 2 down",
    }


# Classes


@remembered
def matrix(model: TrainedModel, chosen: tuple[object, ...], seed: object, count: object, truncation: object = NO_TRUNCATION) -> Shown:
    """The matrix of classes and z for the page."""
    drawn, title = judged(model, chosen, seed, count, truncation), model_title(model)
    critic = LOSSES[model.config.loss].critic
    return {
        "names": drawn.names,
        "side": model.config.image_size,
        "title": f"{title}: {len(drawn.names)} classes, {len(drawn.images)} z of seed {seed_of(seed)}. "
        f"Diversity within a class: {drawn.diversity:.3f} (root mean square pixel distance of two pictures).",
        "rows": [
            [
                {
                    "src": src(pixels),
                    "score": score(p),
                    "share": round(share, 3),
                    "alt": f"{title}: class {name}, z {row} of seed {seed_of(seed)}; "
                    + (f"the critic scores it {p:.2f}" if critic else f"the discriminator gives it {100 * p:.0f} %"),
                }
                for pixels, p, share, name in zip(line, scores, shares, drawn.names, strict=True)
            ]
            for row, (line, scores, shares) in enumerate(zip(drawn.images, drawn.scores.tolist(), drawn.shares.tolist(), strict=True), 1)
        ],
    }


def matrix_png(model: TrainedModel, chosen: object, seed: object, count: object, truncation: object = NO_TRUNCATION) -> bytes:
    """The matrix with its names and scores as one picture for a document."""
    drawn = judged(model, chosen, seed, count, truncation)
    captions = [[score(float(p)) for p in line] for line in drawn.scores]
    return pictures.encode(pictures.captioned_grid(drawn.images, captions, drawn.names, max(2, 64 // model.config.image_size)))


def mixture(model: TrainedModel, class_a: object, class_b: object, shares: np.ndarray) -> np.ndarray:
    """Labels between two classes, (N, classes) float32, for `shares` (N,) of the second."""
    if not model.classes:
        raise BadInput("This model was trained without classes, so there are none to mix: choose a conditional one.")
    one = np.eye(model.classes, dtype=np.float32)
    return latents.lerp(one[class_of(model, class_a, "The first class")], one[class_of(model, class_b, "The second class")], shares)


def mix_picture(model: TrainedModel, class_a: object, class_b: object, seed: object, percent: object) -> Shown:
    """The first z of the seed with `percent` of the second class."""
    percent = number(percent, 0, 100, "The mix")
    labels = mixture(model, class_a, class_b, np.asarray([percent / 100], np.float32))
    names = [class_name(model, class_of(model, label)) for label in (class_a, class_b)]
    return {
        "src": src(model.draw(latents.noise(seed_of(seed), model.config.latent_size), labels)[0]),
        "side": model.config.image_size,
        "alt": f"{model_title(model)}: {100 - percent:.0f} % {names[0]} and {percent:.0f} % {names[1]}, z 1 of seed {seed}",
        "note": f"{100 - percent:.0f} % {names[0]} + {percent:.0f} % {names[1]}",
        "at": f"{class_a}/{class_b}/{seed}/{percent:g}",
        "marks": {"classes-mix": percent / 100},
    }


@remembered
def mix_path(model: TrainedModel, class_a: object, class_b: object, seed: object) -> Shown:
    """The way from one class to the other for the first few z of the seed, one a row."""
    labels = mixture(model, class_a, class_b, np.linspace(0, 1, MIX_FRAMES, dtype=np.float32))
    noise = latents.noise(seed_of(seed), model.config.latent_size, MIX_ROWS)
    drawn = model.draw(np.repeat(noise, MIX_FRAMES, 0), np.tile(labels, (MIX_ROWS, 1)))
    names = [class_name(model, class_of(model, label)) for label in (class_a, class_b)]
    at = [100 * i / (MIX_FRAMES - 1) for i in range(MIX_FRAMES)]
    words = [f"{model_title(model)}: {100 - percent:.0f} % {names[0]} and {percent:.0f} % {names[1]}" for percent in at]
    return {
        "rows": [
            {
                "name": f"z {row}",
                "frames": [
                    {"src": src(pixels), "percent": percent, "alt": f"{said}, z {row} of seed {seed_of(seed)}"}
                    for percent, said, pixels in zip(at, words, line, strict=True)
                ],
            }
            for row, line in enumerate(drawn.reshape(MIX_ROWS, MIX_FRAMES, *drawn.shape[1:]), 1)
        ]
    }
