"""What the *Evaluate* tab measures and shows, as functions of what a browser sends. Knows no
Gradio.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganapp.checkpoints import TrainedModel, model_card
from ganapp.datasets import Progress
from ganapp.errors import BadInput
from ganapp.evaluation import features, tables
from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.report import Evaluation, Reference
from ganapp.experiments import scoring
from ganapp.ui.evaluate import plots
from ganapp.ui.parts import catalog
from ganapp.ui.parts.inputs import seed_of, whole
from ganapp.ui.parts.rendering import Props

COUNTS = (500, 1000, 2000, 5000)
MOST_MODELS = 8
"""Models that one may ask for at once."""
REMEMBERED = 48
MOST_RESULTS = 24
"""Columns of one visitor's table; the oldest make room."""
REFERENCES = 3
"""Data sets, each at one number of pictures, whose real pictures stay read."""

NAMES: dict[str, tuple[str, str, str]] = {
    "label_accuracy": (
        "Label accuracy",
        "↑",
        "share that the classifier reads as the requested class, or as the meaning of the code",
    ),
    "frechet": (
        "Fréchet distance",
        "↓",
        "between the means and covariances of the features; falls with more pictures",
    ),
    "frechet_matched": (
        "Fréchet distance, equal numbers",
        "↓",
        "with as many pictures as the real ones: compare it with the green column",
    ),
    "kid": ("KID x 1000", "↓", "kernel distance of the features, around 0 for real ones"),
    "precision": ("Precision", "↑", "share of generated pictures that lie among the real ones"),
    "recall": ("Recall", "↑", "share of real pictures that lie among the generated ones"),
    "density": (
        "Density",
        "≈",
        (
            "number of real neighbourhoods that hold a picture, divided by 5; above the real value:"
            " too typical"
        ),
    ),
    "coverage": (
        "Coverage",
        "↑",
        "share of real pictures with a generated one nearby; grows with the number of pictures",
    ),
    "histogram_kl": (
        "KL of the classes read",
        "↓",
        "0 if every class is as frequent as among the real ones",
    ),
    "diversity": (
        "Diversity within a class",
        "≈",
        "below the real value: too similar; above: rough, or of a wrong class",
    ),
    "nearest_median": (
        "Distance to the nearest training picture",
        "≈",
        "in pixels, median; far below the real value: copies; above: rough",
    ),
    "nearest_fifth_percentile": (
        "Distance of the nearest twentieth",
        "≈",
        "5th percentile: are a few of them copies?",
    ),
    "authenticity": (
        "Authenticity",
        "≈",
        (
            "share that is not nearer to a real picture than that is to others; near 0: copies;"
            " above the real value: rough"
        ),
    ),
}
"""Keys of `tables.figures` in the table's order: a name, whether more (↑), less (↓) or as much as
of real pictures (≈) is better, and how to read it.
"""

FINISHED = Path(__file__).with_name("finished.json")
"""A finished measurement, which the tab opens on; `make_finished` makes it."""

Identity = tuple[str, int]


@dataclass(frozen=True)
class Request:
    """What somebody wants measured, checked."""

    folder: Path
    identity: Identity
    count: int
    seed: int

    @property
    def key(self) -> tuple[Identity, int, int]:
        """What a result is remembered by."""
        return self.identity, self.count, self.seed


@dataclass(frozen=True)
class Result:
    """A model that was measured: `key` names it on the page, `group` tells with which others it
    shares its real pictures.
    """

    key: str
    name: str
    title: str
    count: int
    seed: int
    group: str
    data: str
    evaluation: Evaluation
    plots: Props
    card: str


_results: OrderedDict[tuple[Identity, int, int], Result] = OrderedDict()
_references: OrderedDict[str, Reference] = OrderedDict()
_lock = threading.Lock()


def valid_models(values: object, mine: Sequence[str]) -> list[str]:
    """The chosen models, each once. `mine` are the visitor's own runs: of others' the training
    pictures stay closed.
    """
    chosen = (
        list(dict.fromkeys(value for value in values if isinstance(value, str)))
        if isinstance(values, list | tuple)
        else []
    )
    if not chosen:
        raise BadInput("No model is chosen: choose at least one from the list.")
    if len(chosen) > MOST_MODELS:
        raise BadInput(
            f"{len(chosen)} models are chosen, but at most {MOST_MODELS} are measured at once:"
            " choose fewer."
        )
    for value in chosen:
        if value.startswith("run:") and value[4:] not in mine:
            raise BadInput(
                "This run was started in another browser: evaluate it there, or open it from the"
                " Hub once it is published."
            )
    return chosen


def check_settings(count: object, seed: object) -> tuple[int, int]:
    """The number of pictures and the seed that were asked for."""
    number = whole(count, COUNTS[0], COUNTS[-1], "The number of pictures")
    if number not in COUNTS:
        raise BadInput(
            f"The number of pictures is {number}, but must be one of {', '.join(map(str, COUNTS))}."
        )
    return number, seed_of(seed)


def request_for(value: str, count: object, seed: object) -> Request:
    """What is to be measured. Fetches a model of the Hub if need be."""
    number, start = check_settings(count, seed)
    folder, identity = catalog.place(value)
    return Request(folder, identity, number, start)


def cached_result(what: Request) -> Result | None:
    """The result, if it has been measured before."""
    with _lock:
        if what.key in _results:
            _results.move_to_end(what.key)
        return _results.get(what.key)


def recall(keys: object, mine: Sequence[str]) -> tuple[Result, ...]:
    """What a page that is opened again had in its table, as far as it is still known; of runs only
    the visitor's own.
    """
    wanted = (
        [key for key in keys if isinstance(key, str)][-MOST_RESULTS:]
        if isinstance(keys, list)
        else []
    )
    with _lock:
        known = {result.key: result for result in _results.values()}
    allowed = [
        key
        for key in dict.fromkeys(wanted)
        if not key.startswith("run:") or key[4:].partition(" ")[0] in mine
    ]
    return tuple(known[key] for key in allowed if key in known)


def measure(what: Request, progress: Progress = lambda share, what: None) -> Result:
    """Measures a model, unless that has been done before; `BadInput` for one that cannot be
    measured.
    """
    found = cached_result(what)
    if found is None:
        found, keep = _measure(what, progress)
        if keep:
            with _lock:
                _remember(_results, what.key, found, REMEMBERED)
    return found


def forget() -> None:
    """Forgets every result."""
    with _lock:
        _results.clear()
        _references.clear()


def _measure(what: Request, progress: Progress) -> tuple[Result, bool]:
    progress(0.0, "Opening the model")
    model = catalog.load(what.identity[0])
    if "draw" not in catalog.uses(model.config):
        raise BadInput(
            "This model makes pictures from pictures instead of drawing them from noise, so it"
            " cannot be measured here: `python -m benchmarks.translation` measures those that"
            " translate, and `python -m ganapp evaluate-repairs` those that repair."
        )
    group, against = _reference(
        model, what.count, what.folder, lambda share, doing: progress(0.4 * share, doing)
    )
    drawn, study = scoring.examine_model(
        model,
        against,
        count=what.count,
        seed=what.seed,
        progress=lambda share, doing: progress(0.4 + 0.57 * share, doing),
    )
    progress(0.97, "Drawing the plots")
    kind, _, name = what.identity[0].partition(":")
    config, found = model.config, study.evaluation
    own = {
        "Figures of": (
            f"{what.count:,} generated pictures, seed {what.seed}, compared by {found.features}"
        )
    }
    result = Result(
        key=f"{what.identity[0]} {what.count} {what.seed}",
        name=f"run {name}" if kind == "run" else name,
        title=catalog.model_title(model),
        count=what.count,
        seed=what.seed,
        group=group,
        data="own pictures" if config.dataset == "own" else config.dataset,
        evaluation=found,
        plots=plots.plots(model, drawn, study, against),
        card=model_card(model, own | tables.card_figures(found)),
    )
    # Random features that stood in for Inception's are not kept: next time its weights may be had.
    return result, found.encoder == features.suited(config.dataset)


def _reference(
    model: TrainedModel, count: int, folder: Path, progress: Progress
) -> tuple[str, Reference]:
    def known(digest: str) -> Reference | None:
        with _lock:
            return _references.get(digest)

    digest, found = scoring.reference(
        model, count=count, folder=folder, progress=progress, known=known
    )
    with _lock:
        _remember(_references, digest, found, REFERENCES)
    return digest, found


def _remember(kept: OrderedDict[Any, Any], key: object, value: object, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)


def merge(results: Sequence[Result], new: Result) -> tuple[Result, ...]:
    """The results with a new one, in the place of the old one if it was there."""
    if any(result.key == new.key for result in results):
        return tuple(new if result.key == new.key else result for result in results)
    return (*results, new)[-MOST_RESULTS:]


def table(results: Sequence[Result]) -> Props:
    """The figures as a table: models that share their real pictures side by side, and before them
    what those pictures score; and precision and recall of all of them.
    """
    columns: list[Props] = []
    points: list[Props] = []
    figures: list[dict[str, tuple[Estimate | None, int]]] = []
    for group in dict.fromkeys(result.group for result in results):
        members = [result for result in results if result.group == group]
        found, data = members[0].evaluation, members[0].data
        floor = found.floor
        columns.append(
            {
                "real": True,
                "name": f"Real {data}",
                "note": f"{floor.pictures:,} against {floor.against:,} others",
            }
        )
        figures.append(
            {
                figure.key: (figure.floor, figure.digits)
                for member in members
                for figure in tables.figures(member.evaluation)
            }
        )
        points.append(_point(f"Real {data}", found.floor, True))
        for result in members:
            columns.append({"real": False, "name": result.name, "note": _description(result)})
            figures.append(
                {
                    figure.key: (figure.generated, figure.digits)
                    for figure in tables.figures(result.evaluation)
                }
            )
            points.append(_point(result.name, result.evaluation.generated, False))
    rows = [
        {
            "name": f"{name} {better}",
            "hint": hint,
            "cells": [_cell(key, column.get(key)) for column in figures],
        }
        for key, (name, better, hint) in NAMES.items()
        if any(key in column for column in figures)
    ]
    return {"columns": columns, "rows": rows, "points": points}


def _description(result: Result) -> str:
    words = f"{result.count:,} pictures, seed {result.seed}; {result.evaluation.features}"
    return words + (
        "; each code counts as the digit that it means" if result.evaluation.meanings else ""
    )


def _cell(key: str, figure: tuple[Estimate | None, int] | None) -> dict[str, str]:
    if figure is None or figure[0] is None:
        return {"value": "", "interval": ""}
    value, low, high = (f"{number:.{figure[1]}f}" for number in figure[0])
    # The classifier's own, which is no estimate.
    known = key == "label_accuracy" and low == high == value
    return {"value": value, "interval": "" if known else f"{low} to {high}"}


def _point(name: str, scores: Any, real: bool) -> Props:
    return {
        "name": name,
        "real": real,
        "precision": list(scores.precision),
        "recall": list(scores.recall),
    }


@functools.cache
def finished() -> tuple[Props | None, Props | None]:
    """The table and the plots of the finished measurement that ships; nothing if it is not
    here.
    """
    if not FINISHED.is_file():
        return None, None
    known = json.loads(FINISHED.read_text(encoding="utf-8"))
    return known["table"] | {"example": True}, known["plots"]


def as_csv(results: Sequence[Result]) -> bytes:
    """The table as a file: a line for each figure of each model, with the ends of its 95 %
    interval, and the same of real pictures.
    """
    if not results:
        raise BadInput("Nothing has been measured yet: choose a model and press Evaluate.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "model",
            "data",
            "pictures",
            "seed",
            "features",
            "figure",
            "value",
            "low",
            "high",
            "real",
            "real_low",
            "real_high",
        ]
    )
    for result in results:
        for figure in tables.figures(result.evaluation):
            said = [
                result.name,
                result.data,
                result.count,
                result.seed,
                result.evaluation.features,
                NAMES[figure.key][0],
            ]
            writer.writerow([*said, *figure.generated, *(figure.floor or ("", "", ""))])
    return text.getvalue().encode()


def chosen(results: Sequence[Result], key: object) -> Result:
    """The result that the page calls `key`."""
    for result in results:
        if result.key == key:
            return result
    raise BadInput(
        "This model has not been measured yet: choose it in the list and press Evaluate."
    )
