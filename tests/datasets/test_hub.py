"""Data sets of the Hub, from a Hub that the test serves itself: small Parquet files as the real one
makes them.
"""

from __future__ import annotations

import io
import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from ganapp.datasets import hub as datasets
from ganapp.errors import BadInput
from tests.fake_hub import FakeHub, point_to, unreachable

REPO = "someone/things"
NAMES = ["cat", "dog"]
FIRST = "default/train/0000.parquet"


def picture(value: int, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (20, 20), (value,) * len(mode) if mode == "RGB" else value).save(buffer, "PNG")
    return buffer.getvalue()


def rows(
    values: list[int], *, labelled: bool = True, group: int = 8, contents: list[bytes] | None = None
) -> bytes:
    """A Parquet file of pictures, each of one grey value, labelled 1 where it is odd."""
    images = [
        {"bytes": content, "path": f"{n}.png"}
        for n, content in enumerate(contents or [picture(value, "L") for value in values])
    ]
    table = pa.table(
        {"image": images}
        | (
            {"label": [value % 2 for value in values]}
            if labelled
            else {"text": ["a"] * len(values)}
        )
    )
    features = {"image": {"_type": "Image"}} | (
        {"label": {"names": NAMES, "_type": "ClassLabel"}} if labelled else {}
    )
    table = table.replace_schema_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})}
    )
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, row_group_size=group)
    return buffer.getvalue()


def test_pictures_and_their_classes_come_from_the_split_for_training(hub: FakeHub) -> None:
    hub.datasets[REPO] = {
        FIRST: rows(list(range(30))),
        "default/test/0000.parquet": rows([200] * 30),
        "other/train/0.parquet": rows([9]),
    }
    answer: list[float] = []
    found = datasets.read(REPO, lambda share, what: answer.append(share))
    assert (
        found.skipped == []
        and found.pictures.class_names == tuple(NAMES)
        and answer[0] == 0
        and answer[-1] == 1
    )
    assert found.pictures.images.shape == (30, 1, 64, 64) and found.pictures.images[
        :, 0, 0, 0
    ].tolist() == list(range(30))
    assert found.pictures.labels.tolist() == [value % 2 for value in range(30)]
    assert all("authorization" not in asked.headers for asked in hub.asked)


def test_of_many_as_many_as_fit_are_read_spread_over_all_files(hub: FakeHub) -> None:
    hub.datasets[REPO] = {
        f"default/train/{n:04}.parquet": rows([n] * 50, labelled=False) for n in range(5)
    }
    found = datasets.read(REPO, most=40)
    assert len(found.pictures.images) == 40 and found.pictures.class_names == ("pictures",)
    assert np.bincount(found.pictures.images[:, 0, 0, 0].numpy(), minlength=5).min() >= 3


def test_only_the_groups_that_are_needed_travel(hub: FakeHub) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 100, 100, 3), np.uint8)
    contents = []
    for pixels in noise:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "BMP")
        contents.append(buffer.getvalue())
    file = rows([0] * 400, group=4, contents=contents)
    hub.datasets[REPO] = {FIRST: file}
    datasets.read(REPO, most=20)
    sent = sum(
        int(last) - int(first) + 1
        for first, last in (
            a.headers["range"][6:].split("-") for a in hub.asked if "range" in a.headers
        )
    )
    assert len(file) > 10_000_000 and sent > 0
    read = sum(
        group.size
        for group in datasets._chosen(
            [datasets._Group(None, n, 4, len(file) // 100) for n in range(100)], 20
        )
    )
    assert read < 0.2 * len(file)


def test_a_small_file_that_unpacks_to_much_is_given_up_on(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "MOST_BYTES", 2**20)
    large = picture(9) + bytes(100_000)  # stored once, in the dictionary of the column
    file = rows([0] * 40, group=40, contents=[large] * 40)
    assert len(file) < 50_000
    hub.datasets[REPO] = {FIRST: file}
    with pytest.raises(BadInput, match="unpacks to more than 1 MB"):
        datasets.read(REPO)


@pytest.mark.parametrize(
    "noted",
    [
        "{",
        "[]",
        '{"info": null}',
        '{"info": {"features": []}}',
        '{"info": {"features": {"no": 3}}}',
    ],
)
def test_odd_notes_of_the_hub_name_no_classes(hub: FakeHub, noted: str) -> None:
    table = parquet.read_table(io.BytesIO(rows(list(range(20))))).replace_schema_metadata(
        {"huggingface": noted}
    )
    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    hub.datasets[REPO] = {FIRST: buffer.getvalue()}
    assert datasets.read(REPO).pictures.class_names == ("pictures",)


@pytest.mark.parametrize("label", [["a", "b"] * 10, None])
def test_labels_that_are_no_numbers_or_not_there_are_left(
    hub: FakeHub, label: list[str] | None
) -> None:
    table = parquet.read_table(io.BytesIO(rows(list(range(20))))).drop(["label"])
    if label is not None:
        table = table.append_column("label", [label])
    features = {"image": {"_type": "Image"}, "label": {"names": NAMES, "_type": "ClassLabel"}}
    buffer = io.BytesIO()
    parquet.write_table(
        table.replace_schema_metadata(
            {"huggingface": json.dumps({"info": {"features": features}})}
        ),
        buffer,
    )
    hub.datasets[REPO] = {FIRST: buffer.getvalue()}
    assert datasets.read(REPO).pictures.class_names == ("pictures",)


def test_what_is_no_picture_is_skipped(hub: FakeHub) -> None:
    hub.datasets[REPO] = {FIRST: rows([0] * 12, contents=[b"no picture", *[picture(9)] * 11])}
    found = datasets.read(REPO)
    assert len(found.pictures.images) == 11 and [file.name for file in found.skipped] == [
        "picture 1"
    ]


@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({}, "made no Parquet files"),
        ({FIRST: b"PAR1 cut off PAR1"}, "are not whole"),
        ({FIRST: rows([1, 2, 3])}, "Only 3 pictures"),
    ],
)
def test_what_cannot_be_read_is_told(hub: FakeHub, files: dict[str, bytes], answer: str) -> None:
    hub.datasets[REPO] = files
    with pytest.raises(BadInput, match=answer):
        datasets.read(REPO)


def test_a_data_set_without_pictures_is_told_by_its_columns(hub: FakeHub) -> None:
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"text": ["a"] * 20, "score": [1] * 20}), buffer)
    hub.datasets[REPO] = {FIRST: buffer.getvalue()}
    with pytest.raises(BadInput, match="no column of pictures, only text, score"):
        datasets.read(REPO)


@pytest.mark.parametrize("name", ["", "a/b/c", "spaces are not/allowed", "../../etc/passwd"])
def test_names_that_the_hub_does_not_have(hub: FakeHub, name: str) -> None:
    with pytest.raises(BadInput, match=r"is not the name of a data set|does not exist"):
        datasets.read(name)


def test_a_missing_one_and_a_silent_hub_are_told_apart(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="does not exist or is not open to all"):
        datasets.read("someone/nothing")
    point_to(unreachable(), monkeypatch)
    with pytest.raises(BadInput, match="could not be reached"):
        datasets.read(REPO)
