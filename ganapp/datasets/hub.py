"""Data sets of the Hugging Face Hub, read as far as is needed from the Parquet files that the Hub
itself makes of every public one.

Only the pictures that are wanted travel: a Parquet file is read by groups of rows. No code of a
data set is ever run.
"""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from huggingface_hub import HfApi, HfFileSystem
from huggingface_hub.errors import (  # type: ignore[attr-defined] # of the client it uses
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
)

from ganapp.datasets.pictures import Progress
from ganapp.datasets.uploads import (
    MOST_BYTES,
    MOST_BYTES_OF_A_PICTURE,
    MOST_CLASSES,
    MOST_PICTURES,
    UNREADABLE,
    LoadedPictures,
    Skipped,
    TooLarge,
    collect_pictures,
    square,
    why_skipped,
)
from ganapp.errors import BadInput

BRANCH = "refs/convert/parquet"
SPLITS = ("train", "partial-train")
"""Which part of a data set is read where it has several; the second is the beginning of a very
large one.
"""
MOST_FILES = 16
FEWEST_GROUPS = 16
"""As many groups of rows are read at least, where there are as many: rows are often sorted by
class.
"""
SECONDS_WITHOUT_AN_ANSWER = 15.0
MOST_SECONDS = 180.0
"""After these a slow data set is done with what has come by then."""
ROWS_AT_ONCE = 8


class _Group(NamedTuple):
    """A group of rows of a Parquet file, and how many bytes its pictures take."""

    file: Any
    number: int
    rows: int
    size: int


def read(
    repo: str, progress: Progress = lambda share, what: None, most: int = MOST_PICTURES
) -> LoadedPictures:
    """The pictures of the data set `repo` ("owner/name"), at most `most`, spread over all of it,
    and their classes if it names them.

    Pictures become as `uploads.read` makes them. `BadInput` says why the data set cannot be had, or
    is not one of pictures.
    """
    repo = repo.strip()
    try:
        progress(0.0, f"Looking for {repo[:80]} on the Hugging Face Hub")
        # A silent Hub is given up on here.
        HfApi(token=False).dataset_info(repo, timeout=SECONDS_WITHOUT_AN_ANSWER)
        return _read(repo, HfFileSystem(token=False, skip_instance_cache=True), progress, most)
    except HFValidationError as error:
        raise BadInput(
            f"{repo[:80]!r} is not the name of a data set on the Hugging Face Hub; those look like"
            " owner/name."
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        reason = (
            "it does not exist or is not open to all"
            if status in (401, 403, 404)
            else f"the Hub answered {status}"
        )
        raise BadInput(
            f"The data set {repo[:80]!r} could not be had from the Hugging Face Hub: {reason}."
        ) from error
    except (OSError, HTTPError) as error:
        raise BadInput(
            f"The Hugging Face Hub could not be reached for the data set {repo[:80]!r}: check the"
            " connection; digits and emoji ship with the app and need no network."
        ) from error


def _read(repo: str, hub: HfFileSystem, progress: Progress, most: int) -> LoadedPictures:
    from pyarrow import ArrowException, parquet  # takes a third of a second

    paths = _part(repo, hub)
    spread = np.unique(np.linspace(0, len(paths) - 1, MOST_FILES).round().astype(int))
    try:
        files = [
            parquet.ParquetFile(hub.open(paths[number], block_size=2**20)) for number in spread
        ]
        column, label, names = _columns(repo, files[0].schema_arrow)
        chosen = _chosen(
            [_Group(file, *each) for file in files for each in _groups(file, column)], most
        )
        images: list[np.ndarray] = []
        classes: list[str] = []
        skipped: list[Skipped] = []
        share, began = min(1.0, most / sum(group.rows for group in chosen)), time.monotonic()
        for number, group in enumerate(chosen):
            for content, index in _rows(group, column, label, math.ceil(share * group.rows)):
                try:
                    if len(content) > MOST_BYTES_OF_A_PICTURE:
                        raise TooLarge("too large a file")
                    images.append(square(io.BytesIO(content)))
                    classes.append(
                        names[index] if names and 0 <= index < len(names) else "pictures"
                    )
                except UNREADABLE as error:
                    number_of = len(images) + len(skipped) + 1
                    skipped.append(why_skipped(f"picture {number_of}", error))
            progress((number + 1) / len(chosen), f"Reading pictures of {repo[:80]}")
            if images and time.monotonic() - began > MOST_SECONDS:
                break
    except ArrowException as error:
        raise BadInput(
            f"The data set {repo[:80]!r} could not be read: its Parquet files are not whole. Choose"
            " another."
        ) from error
    return collect_pictures(images[:most], classes[:most], skipped)


def _part(repo: str, hub: HfFileSystem) -> list[str]:
    """The Parquet files of the first part, by preference its default configuration's split for
    training.
    """
    root = f"datasets/{repo}@{BRANCH}"
    try:
        found = [path for path in hub.find(root) if path.endswith(".parquet")]
    except FileNotFoundError:
        found = []
    parts = {(*path.removesuffix(".parquet").split("/")[-3:-1],) for path in found}
    if not parts:
        raise BadInput(
            f"The Hugging Face Hub has made no Parquet files of {repo[:80]!r}, so it cannot be read"
            " here: choose another."
        )
    config, split = min(
        parts,
        key=lambda part: (
            part[0] != "default",
            part[0],
            SPLITS.index(part[1]) if part[1] in SPLITS else 9,
            part,
        ),
    )
    return sorted(path for path in found if path.split("/")[-3:-1] == [config, split])


def _columns(repo: str, schema: Any) -> tuple[str, str | None, list[str]]:
    """The names of the columns of pictures and of labels (or None), and the labels' own names."""
    features = _features(schema)
    for name in schema.names:
        kind = schema.field(name).type
        if getattr(kind, "num_fields", 0) and any(
            kind.field(part).name == "bytes" for part in range(kind.num_fields)
        ):
            pictures = name
            break
    else:
        raise BadInput(
            f"The data set {repo[:80]!r} has no column of pictures, only"
            f" {', '.join(schema.names)[:120]}: choose another."
        )
    for name, feature in features.items():
        names = (
            feature.get("names")
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
            else None
        )
        whole = name in schema.names and str(schema.field(name).type).startswith("int")
        if whole and isinstance(names, list) and 1 < len(names) <= MOST_CLASSES:
            return pictures, name, [str(each) for each in names]
    return pictures, None, []


def _features(schema: Any) -> dict[str, Any]:
    """What the Hub notes of each column; nothing if it notes it in another way."""
    try:
        noted = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    except ValueError:
        noted = None
    for name in ("info", "features"):
        noted = noted.get(name) if isinstance(noted, dict) else None
    return noted if isinstance(noted, dict) else {}


def _groups(file: Any, column: str) -> Iterator[tuple[int, int, int]]:
    """Number, rows, and bytes of the pictures of each group of a file."""
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        parts = [group.column(index) for index in range(group.num_columns)]
        size = sum(
            part.total_compressed_size for part in parts if part.path_in_schema == f"{column}.bytes"
        )
        yield number, group.num_rows, size


def _chosen(groups: list[_Group], most: int) -> list[_Group]:
    """Groups evenly spread, with `most` rows or a few more, that keep within `MOST_BYTES`."""
    groups = [group for group in groups if group.rows]
    if not groups:
        raise BadInput("The data set holds no rows: choose another.")
    rows, size = (
        sum(values) / len(groups)
        for values in zip(*((group.rows, group.size) for group in groups), strict=True)
    )
    if max(group.size for group in groups) > MOST_BYTES:
        raise BadInput(
            f"The data set's pictures come in pieces of more than {MOST_BYTES / 2**20:.0f} MB, too"
            " large to be read here: choose another."
        )
    count = min(
        max(-(-most // max(int(rows), 1)), FEWEST_GROUPS),
        max(1, int(MOST_BYTES / max(size, 1))),
        len(groups),
    )
    return [groups[number] for number in np.linspace(0, len(groups) - 1, count).round().astype(int)]


def _rows(
    group: _Group, column: str, label: str | None, wanted: int
) -> Iterator[tuple[bytes, int]]:
    """`wanted` pictures of a group, evenly spread, each as its file's bytes and its label's number
    (-1 for none).

    They are decoded a few rows at a time, up to `MOST_BYTES`: a picture that stands in a dictionary
    is stored once and decoded again and again, so that a small file can hold far more than its
    size.
    """
    rows = set(np.linspace(0, group.rows - 1, wanted).round().astype(int).tolist())
    first, decoded = 0, 0
    columns = [f"{column}.bytes", *([label] if label else [])]
    for batch in group.file.iter_batches(
        batch_size=ROWS_AT_ONCE, row_groups=[group.number], columns=columns
    ):
        decoded += batch.nbytes
        if decoded > MOST_BYTES:
            raise BadInput(
                f"A piece of the data set's pictures unpacks to more than {MOST_BYTES / 2**20:.0f}"
                " MB, too large to be read here: choose another."
            )
        for row in range(batch.num_rows):
            if first + row in rows:
                content, index = (
                    batch[column][row].as_py(),
                    batch[label][row].as_py() if label else None,
                )
                yield (content or {}).get("bytes") or b"", -1 if index is None else int(index)
        first += batch.num_rows
