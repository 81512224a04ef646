"""Pictures that somebody brings: what is read, what is skipped, and what is refused with a
sentence.
"""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ganapp.datasets import class_files, uploads
from ganapp.errors import BadInput


def picture(
    colour: tuple[int, ...] = (200, 30, 30),
    size: tuple[int, int] = (40, 40),
    kind: str = "PNG",
    mode: str = "RGB",
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, kind)
    return buffer.getvalue()


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def many(folder: str, colour: tuple[int, ...], count: int = 6) -> dict[str, bytes]:
    return {
        f"{folder}/{number}.png": picture((*colour[:2], colour[2] + number))
        for number in range(count)
    }


def packed_bytes() -> bytes:
    """A zip of twelve pictures."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in many("x", (1, 2, 3), 12).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_folders_of_a_zip_become_classes(tmp_path: Path) -> None:
    found = uploads.read(
        [packed(tmp_path / "a.zip", many("top/red", (200, 0, 0)) | many("top/blue", (0, 0, 200)))]
    )
    assert found.skipped == [] and found.pictures.class_names == ("blue", "red")
    assert (
        found.pictures.images.shape == (12, 3, 64, 64)
        and found.pictures.labels.tolist() == [0] * 6 + [1] * 6
    )
    assert found.pictures.images[6:, 0].min() == 200 and found.pictures.images[:6, 0].max() == 0


def test_a_folder_and_loose_files_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    for number in range(5):
        (tmp_path / "cats" / f"{number}.jpg").write_bytes(picture(kind="JPEG"))
        (tmp_path / f"{number}.webp").write_bytes(picture(kind="WEBP"))
    (tmp_path / "cats" / "notes.txt").write_text("no picture")
    found = uploads.read([tmp_path / "cats", *sorted(tmp_path.glob("*.webp"))])
    assert found.pictures.class_names == ("cats", "pictures") and len(found.pictures.images) == 10


def test_grey_pictures_have_one_channel(tmp_path: Path) -> None:
    found = uploads.read(
        [packed(tmp_path / "a.zip", {f"{n}.png": picture((n,), mode="L") for n in range(10)})]
    )
    assert found.pictures.images.shape == (10, 1, 64, 64) and found.pictures.images[
        7
    ].unique().tolist() == [7]


def test_the_middle_is_kept_and_what_is_clear_becomes_white() -> None:
    wide = Image.new("RGB", (120, 40), "blue")
    wide.paste("red", (40, 0, 80, 40))
    buffer = io.BytesIO()
    wide.save(buffer, "PNG")
    assert (uploads.square(buffer, 32)[:, 2:-2] == (255, 0, 0)).all()
    clear = io.BytesIO(picture((0, 0, 0, 0), mode="RGBA"))
    assert (uploads.square(clear, 32) == 255).all()


def test_a_file_that_is_no_picture_is_skipped_and_named(tmp_path: Path) -> None:
    files = many("x", (1, 2, 3), 11) | {
        "x/broken.png": b"\x89PNG\r\n\x1a\nnothing",
        "x/evil.png": b"#!/bin/sh\n",
        "x/.hidden.png": b"x",
    }
    found = uploads.read([packed(tmp_path / "a.zip", files)])
    assert len(found.pictures.images) == 11 and [file.name for file in found.skipped] == [
        "broken.png",
        "evil.png",
    ]


def test_a_picture_of_too_many_pixels_is_skipped_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_PIXELS", 100 * 100)
    files = many("x", (1, 2, 3), 10) | {"x/large.png": picture(size=(101, 100))}
    assert uploads.read([packed(tmp_path / "a.zip", files)]).skipped == [
        ("large.png", "too many pixels")
    ]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "No pictures were found"),
        ({"a.txt": b"x"}, "No pictures were found"),
        (many("x", (1, 2, 3), 4), "Only 4 pictures were found: a GAN needs 10"),
        (
            many("x", (1, 2, 3), 4) | {"x/y.png": b"no"},
            "and 1 file could not be read, such as 'y.png'",
        ),
        ({f"folder{n}/a.png": picture() for n in range(101)}, "are of 101 classes"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, files: dict[str, bytes], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        uploads.read([packed(tmp_path / "a.zip", files)])


def test_limits_on_count_and_unpacked_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "a.zip", many("x", (1, 2, 3), 12))
    with pytest.raises(BadInput, match="There are 12 pictures, more than the 11"):
        uploads.read([path], most=11)
    with pytest.raises(BadInput, match="holds 12 files: up to 1 pictures"):
        uploads.read([path], most=1)
    monkeypatch.setattr(uploads, "MOST_BYTES", 2000)  # all sources together
    assert len(uploads.read([path]).pictures.images) == 12
    with pytest.raises(BadInput, match="The pictures take 0 MB, more than the"):
        uploads.read([path, path])


def test_a_zip_bomb_is_refused_by_what_it_says_and_by_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES_OF_A_PICTURE", 10_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in many("x", (1, 2, 3), 10).items():
            archive.writestr(name, content)
        archive.writestr("x/bomb.png", picture() + bytes(5_000_000))  # a picture, but for its size
    assert [file.name for file in uploads.read([path]).skipped] == ["bomb.png"]
    monkeypatch.setattr(uploads, "MOST_BYTES_OF_A_PICTURE", 10_000_000)
    assert uploads.read([path]).skipped == []
    monkeypatch.setattr(uploads, "MOST_BYTES", 1_000_000)
    with pytest.raises(BadInput, match="take 5 MB"):
        uploads.read([path])


END = "<4s4H2IH"
"""The last record of a zip: signature, four counts, size and place of the list, length of the
comment.
"""


def with_end(content: bytes, **changes: Any) -> bytes:
    """A zip with some values of its last record replaced."""
    names = ("signature", "disk", "start", "here", "all", "size", "place", "comment")
    at = content.rfind(b"PK\5\6")
    values = dict(zip(names, struct.unpack_from(END, content, at), strict=True)) | changes
    return content[:at] + struct.pack(END, *values.values()) + content[at + 22 :]


def zip64(content: bytes, size: int, place: int) -> bytes:
    """A zip whose list is where records of Zip64 say."""
    at = content.rfind(b"PK\5\6")
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, place)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
    return content[:at] + record + locator + content[at:]


def crafted(content: bytes, most: int) -> dict[str, bytes]:
    """Zips whose list of files is larger than `most`, and some that say another size."""
    size = most + 1
    hidden = int.from_bytes(b"PK\5\6", "little")
    filled = bytes(size) + content  # so that the list could lie before the last record
    return {
        "plain": with_end(filled, size=size),
        "signature in the field of the place": with_end(filled, size=size, place=hidden),
        "signature in the comment": with_end(filled, size=size, comment=4) + b"PK\5\6",
        "signature in the counts": with_end(filled, size=size, here=0x4B50, all=0x0605),
        "zip64": zip64(filled, size, 0),
        "zip64 behind a hidden signature": with_end(zip64(filled, size, 0), place=hidden),
    }


@pytest.mark.parametrize("kind", crafted(packed_bytes(), 1))
def test_no_more_of_a_list_of_files_is_read_than_it_may_have(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 70_000  # more than a comment, which is searched for the last record
    monkeypatch.setattr(uploads, "MOST_BYTES_OF_A_DIRECTORY", most)
    lengths = []

    class Noting(uploads._ZipFile):
        def read(self, size: int | None = -1, /) -> bytes:
            content = super().read(size)
            lengths.append(len(content))
            return content

    monkeypatch.setattr(uploads, "_ZipFile", Noting)
    path = tmp_path / "a.zip"
    path.write_bytes(crafted(packed_bytes(), most)[kind])
    with pytest.raises(BadInput, match=r"too many files|no zip that can be opened"):
        uploads.read([path])
    assert 0 < max(lengths) <= most


def test_a_zip_with_records_of_zip64_is_read_like_any_other(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", many("x", (1, 2, 3), 12))
    content = path.read_bytes()
    at = content.rfind(b"PK\5\6")
    size, place = struct.unpack_from("<2I", content, at + 12)
    path.write_bytes(zip64(content, size, place))
    assert len(uploads.read([path]).pictures.images) == 12


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8),
    tail=st.integers(0, 40),
    end=st.fixed_dictionaries(
        {},
        optional={
            "size": st.integers(0, 2**32 - 1),
            "place": st.sampled_from([0, 0x06054B50, 2**32 - 1]),
            "comment": st.integers(0, 2**16 - 1),
            "here": st.integers(0, 2**16 - 1),
        },
    ),
)
def test_whatever_a_zip_says_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[int, int]],
    tail: int,
    end: dict[str, int],
) -> None:
    content = bytearray(with_end(packed_bytes(), **end))
    for place, value in changes:  # most of them in the list and the last record
        content[-1 - place % len(content)] = value
    path = tmp_path_factory.mktemp("fuzz") / "a.zip"
    path.write_bytes(content[: len(content) - tail])
    with contextlib.suppress(BadInput):
        assert len(uploads.read([path]).pictures.images) >= uploads.FEWEST_PICTURES


def test_a_zip_within_a_zip_is_told(tmp_path: Path) -> None:
    inner = packed_bytes()
    with pytest.raises(BadInput, match=r"'inner.zip', a zip within a zip: unpack it"):
        uploads.read([packed(tmp_path / "a.zip", {"x/inner.zip": inner})])
    beside = many("x", (1, 2, 3), 12) | {"x/inner.zip": inner}
    found = uploads.read([packed(tmp_path / "b.zip", beside)])
    assert len(found.pictures.images) == 12 and [file.name for file in found.skipped] == [
        "inner.zip"
    ]


TABLES = {
    "metadata.csv": "file_name,label\r\n{rows}",
    "metadata.jsonl": "{rows}",
    "labels.csv": "\ufefffilename,age,class\n{rows}",
}


def table(name: str, classes: dict[str, str]) -> bytes:
    """A table of classes as its kind is written."""
    row = {
        "metadata.csv": "{file},{label}\r\n",
        "metadata.jsonl": '{{"file_name": "{file}", "label": "{label}"}}\n',
        "labels.csv": "{file},7,{label}\n",
    }[name]
    rows = "".join(row.format(file=file, label=label) for file, label in classes.items())
    return TABLES[name].format(rows=rows).encode()


@pytest.mark.parametrize("packed_up", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("name", class_files.NAMES)
def test_a_table_beside_the_pictures_gives_their_classes(
    name: str, packed_up: bool, tmp_path: Path
) -> None:
    pictures = {f"top/{n}.png": textured(n) for n in range(11)} | {"top/sub/x.png": textured(99)}
    classes = {f"{n}.png": "cat" if n % 2 else "dog" for n in range(10)} | {"sub/x.png": "cat"}
    files = pictures | {f"top/{name}": table(name, classes)}
    source = packed(tmp_path / "a.zip", files)
    if not packed_up:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(tmp_path / "unpacked")
        source = tmp_path / "unpacked"
    found = uploads.read([source]).pictures
    counts = torch.bincount(found.labels).tolist()
    # The one that the table does not name keeps its folder for a class.
    assert dict(zip(found.class_names, counts, strict=True)) == {"cat": 6, "dog": 5, "top": 1}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("metadata.csv", b"number,label\n1,red", "needs the column file_name"),
        ("metadata.csv", b"\xff\xfe\x00", "cannot be read"),
        ("metadata.jsonl", b"{", "cannot be read"),
        ("labels.csv", b"file,label\n" + b"x" * 9_000_000, "more than 8 MB"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    files = {f"{n}.png": textured(n) for n in range(12)} | {name: content}
    with pytest.raises(BadInput, match=said):
        uploads.read([packed(tmp_path / "a.zip", files)])


@pytest.mark.parametrize("content", [b"file_name,text\n0.png,a red cat", b"0.png,7\n", b""])
def test_a_table_without_classes_leaves_them_to_the_folders(content: bytes, tmp_path: Path) -> None:
    files = {f"{n % 2}/{n}.png": textured(n) for n in range(12)} | {"metadata.csv": content}
    found = uploads.read([packed(tmp_path / "a.zip", files)]).pictures
    assert found.class_names == ("0", "1")


@pytest.mark.parametrize("ending", [".tif", ".TIFF"])
def test_tiff_is_read(ending: str, tmp_path: Path) -> None:
    content = {f"x/{n}{ending}": picture((n, 9, 9), kind="TIFF") for n in range(12)}
    found = uploads.read([packed(tmp_path / "a.zip", content)])
    assert len(found.pictures.images) == 12 and found.skipped == []


def textured(seed: int) -> bytes:
    """A picture that is like no other."""
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("same", "blank", "said"),
    [
        (58, 0, ["58 of the 60 pictures are the same, so a GAN would learn that one by heart."]),
        (0, 20, ["20 of the 60 pictures are blank: they have one colour."]),
        (60, 0, ["60 of the 60 pictures are the same, so a GAN would learn that one by heart."]),
        (4, 2, []),
    ],
)
def test_pictures_that_are_the_same_or_blank_are_told(
    same: int, blank: int, said: list[str], tmp_path: Path
) -> None:
    pictures = {f"{n}.png": textured(max(n, same - 1)) for n in range(60)}
    pictures |= {f"{59 - n}.png": picture((n, 0, 0)) for n in range(blank)}
    assert uploads.read([packed(tmp_path / "a.zip", pictures)]).remarks == said


@pytest.mark.parametrize(
    ("good", "broken", "said"),
    [
        (0, 1, "No picture was found, and 1 file could not be read, such as 'b0.png': a GAN needs"),
        (1, 2, "Only 1 picture was found, and 2 files could not be read, such as"),
        (4, 0, "Only 4 pictures were found: a GAN needs"),
    ],
)
def test_too_few_are_counted_in_english(good: int, broken: int, said: str, tmp_path: Path) -> None:
    content = {f"{n}.png": textured(n) for n in range(good)}
    content |= {f"b{n}.png": b"no picture" for n in range(broken)}
    with pytest.raises(BadInput, match=said):
        uploads.read([packed(tmp_path / "a.zip", content)])


def test_other_files_locked_and_broken_zips_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.exe").write_bytes(b"MZ")
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and no more")
    for name, sentence in (
        ("a.exe", "is no picture, zip or folder"),
        ("b.zip", "no zip that can be opened"),
        ("c.zip", "no zip"),
    ):
        with pytest.raises(BadInput, match=sentence):
            uploads.read([tmp_path / name])
    path = packed(tmp_path / "d.zip", many("x", (1, 2, 3), 10))
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 4)
    path.write_bytes(content)
    with pytest.raises(BadInput, match="locked with a password"):
        uploads.read([path])


def test_names_that_climb_out_of_the_zip_write_nothing(tmp_path: Path) -> None:
    found = uploads.read(
        [packed(tmp_path / "a.zip", {f"../../out/{n}.png": picture((n, 0, 0)) for n in range(10)})]
    )
    assert found.pictures.class_names == ("out",)
    assert (
        sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]
        and not (tmp_path.parent / "out").exists()
    )


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    heard: list[float] = []
    uploads.read(
        [packed(tmp_path / "a.zip", many("x", (1, 2, 3), 10))],
        lambda share, what: heard.append(share),
    )
    assert heard == sorted(heard) and heard[-1] == 1 and np.isclose(heard[0], 0.1)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    ramp = np.repeat(np.linspace(0, 65535, 64).astype(np.uint16)[None], 64, 0)
    buffer = io.BytesIO()
    Image.fromarray(ramp).save(buffer, "PNG")
    assert np.abs(uploads.square(buffer, 64)[..., 0].astype(int) - ramp // 257).max() <= 1


def test_a_member_that_cannot_be_unpacked_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            many("x", (1, 2, 3), 10) | {"x/odd.png": picture((9, 9, 9)) + bytes(range(256)) * 8}
        ).items():
            archive.writestr(name, content)
        packed_size, start = (
            archive.getinfo("x/odd.png").compress_size,
            archive.getinfo("x/odd.png").header_offset,
        )
    content = bytearray(path.read_bytes())  # type: ignore[assignment] # a stand-in
    middle = start + 30 + len("x/odd.png")
    content[middle : middle + packed_size] = bytes(
        255 - byte for byte in content[middle : middle + packed_size]
    )
    path.write_bytes(content)
    assert [file.name for file in uploads.read([path]).skipped] == ["odd.png"]


def test_what_is_kept_comes_back_and_what_is_gone_is_said(tmp_path: Path) -> None:
    found = uploads.read(
        [packed(tmp_path / "a.zip", many("red", (9, 0, 0)) | many("blue", (0, 0, 9)))]
    ).pictures
    uploads.save(found, tmp_path / "kept.npz")
    again = uploads.load(tmp_path / "kept.npz")
    assert (
        again.class_names == found.class_names
        and (again.images == found.images).all()
        and (again.labels == found.labels).all()
    )
    (tmp_path / "kept.npz").write_bytes(b"PK")
    for name in ("kept.npz", "none.npz"):
        with pytest.raises(BadInput, match="upload them again"):
            uploads.load(tmp_path / name)
