"""The classes of pictures as a table beside them says: `metadata.csv` or `metadata.jsonl`, the
imagefolder convention of the Hugging Face Hub, or `labels.csv`.

A table holds for the pictures in its folder and below: `file_name` is the path from there, and the
class is in the column `label`, or in one of the other names that are used for it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from ganapp.errors import BadInput

NAMES = ("metadata.csv", "metadata.jsonl", "labels.csv")
FILE_COLUMNS = ("file_name", "filename", "file", "image", "path")
CLASS_COLUMNS = ("label", "class", "category", "labels")
MOST_BYTES_OF_A_TABLE = 8 * 2**20


def classes_of(tables: Iterable[tuple[PurePosixPath, bytes]]) -> dict[str, str]:
    """The class of each picture that the `tables` name, by its path in the source. Tables are pairs
    of a path and its content. One without classes, of captions perhaps, says nothing. `BadInput`
    for one that cannot be read, or whose classes are of no files.
    """
    found: dict[str, str] = {}
    for path, content in tables:
        for row in _rows(path, content):
            name, label = _first(row, FILE_COLUMNS), _first(row, CLASS_COLUMNS)
            if label is None:
                continue
            if name is None:
                raise BadInput(
                    f"{path.name} has classes, but does not say of which files: it needs the column"
                    " file_name."
                )
            found[str(path.parent / name)] = label
    return found


def _rows(path: PurePosixPath, content: bytes) -> Iterator[Mapping[str, Any]]:
    if len(content) > MOST_BYTES_OF_A_TABLE:
        raise BadInput(
            f"{path.name} has more than {MOST_BYTES_OF_A_TABLE / 2**20:.0f} MB: leave out the"
            " columns other than file_name and label."
        )
    try:
        text = content.decode("utf-8-sig")
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except (ValueError, csv.Error, RecursionError) as error:
        raise BadInput(
            f"{path.name} cannot be read ({type(error).__name__}): give a table in UTF-8 with the"
            " columns file_name and label."
        ) from error
    for row in rows:
        yield row if isinstance(row, Mapping) else {}


def _first(row: Mapping[str, Any], columns: Iterable[str]) -> str | None:
    """The value of the first of the columns that the row has."""
    values = (row[name] for name in columns if row.get(name) not in (None, ""))
    value = next(values, None)
    return None if value is None or isinstance(value, list | dict) else str(value).strip()[:80]
