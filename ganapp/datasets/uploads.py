"""Pictures that somebody brings: files, a folder or a zip. Whatever they hold is only ever read as
pictures, within limits.
"""

from __future__ import annotations

import contextlib
import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from ganapp.datasets import class_files
from ganapp.datasets.pictures import Pictures, Progress
from ganapp.errors import BadInput

SIDE = 64
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
PICTURES = "pictures.npz"
"""The file in a run's folder that keeps own pictures."""
FEWEST_PICTURES, MOST_PICTURES = 10, 20_000
MOST_CLASSES = 100
SHARE_OF_ODD = 0.1
"""Of the pictures; as many that are blank or the same are told."""
MOST_BYTES = 500 * 2**20
MOST_BYTES_OF_A_DIRECTORY = 16 * 2**20
"""Of a zip, which Python reads whole before it says how many files there are."""
MOST_BYTES_OF_A_PICTURE = 30 * 2**20
MOST_PIXELS = 16_000_000
MOST_PIXELS_OF_A_JPEG = 60_000_000
"""Those are shrunk while they are decoded."""
UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    struct.error,
    Image.DecompressionBombError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


class TooLarge(ValueError):
    """A picture with too many pixels or bytes. The message says which."""


class Skipped(NamedTuple):
    """The name of a file that was left out, and why in a few words."""

    name: str
    why: str


def why_skipped(name: str, error: Exception) -> Skipped:
    """What one of `UNREADABLE` says of a file."""
    why = str(error) if isinstance(error, TooLarge) else "no picture that can be read"
    return Skipped(name, why)


class LoadedPictures(NamedTuple):
    """The pictures, the files that were left out, and sentences on what is odd about the
    pictures.
    """

    pictures: Pictures
    skipped: list[Skipped]
    remarks: list[str]


def square(file: Path | io.BytesIO, side: int = SIDE) -> np.ndarray:
    """The middle of a picture file at `side` x `side` pixels on white, uint8 (side, side, 3).
    Raises one of `UNREADABLE`.
    """
    with Image.open(file, formats=FORMATS) as picture:
        if picture.width * picture.height > (
            MOST_PIXELS_OF_A_JPEG if picture.format == "JPEG" else MOST_PIXELS
        ):
            raise TooLarge("too many pixels")
        picture.draft("RGB", (2 * side, 2 * side))  # a large JPEG need not be decoded whole
        shown = ImageOps.exif_transpose(picture)
        if shown.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 8
            shown = Image.fromarray((np.asarray(shown).clip(0, 65535) // 257).astype(np.uint8))
        turned = shown.convert("RGBA")
    fitted = ImageOps.fit(turned, (side, side), Image.Resampling.LANCZOS)
    sheet = Image.new("RGBA", fitted.size, "white")
    sheet.alpha_composite(fitted)
    return np.asarray(sheet.convert("RGB"))


def read(
    sources: Sequence[Path],
    progress: Progress = lambda share, what: None,
    most: int = MOST_PICTURES,
) -> LoadedPictures:
    """The pictures of folders, zips and files, at most `most`; the folder that a picture lies in is
    its class. Shrunk to `SIDE` x `SIDE` pixels, in one channel if all are grey. `BadInput` says
    which limit they break.
    """
    images, folders, skipped = [], [], list[Skipped]()
    with contextlib.ExitStack() as archives:
        found = [entry for source in sources for entry in _entries(source, archives, most, skipped)]
        if not found and skipped:
            raise BadInput(
                f"No pictures were found, but {skipped[0].name[:60]!r}, a zip within a zip: unpack"
                " it and give what it holds."
            )
        if not found:
            raise BadInput(
                f"No pictures were found: give files that end in {', '.join(ENDINGS)}, or a folder"
                " or zip of them."
            )
        if len(found) > most:
            raise BadInput(
                f"There are {len(found):,} pictures, more than the {most:,} that fit: choose some"
                " of them."
            )
        if (size := sum(entry.size for entry in found)) > MOST_BYTES:
            raise BadInput(
                f"The pictures take {size / 2**20:,.0f} MB, more than the {MOST_BYTES / 2**20:.0f}"
                " MB that are read: choose fewer."
            )
        for number, entry in enumerate(found):
            try:
                images.append(square(io.BytesIO(entry.content())))
                folders.append(entry.folder)
            except UNREADABLE as error:
                skipped.append(why_skipped(entry.name, error))
            progress((number + 1) / len(found), f"Reading {len(found):,} pictures")
    return collect_pictures(images, folders, skipped)


def collect_pictures(
    images: list[np.ndarray], classes: list[str], skipped: list[Skipped]
) -> LoadedPictures:
    """Pictures that were read, each uint8 (S, S, 3) with its class; `BadInput` if they are too few,
    or of too many classes.
    """
    if len(images) < FEWEST_PICTURES:
        raise BadInput(_too_few(len(images), skipped))
    names = sorted(set(classes))
    if len(names) > MOST_CLASSES:
        raise BadInput(
            f"The pictures are of {len(names)} classes (a folder is one): put them into"
            f" {MOST_CLASSES} at most."
        )
    pixels = np.stack(images)
    if (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]
    labels = torch.tensor([names.index(each) for each in classes])
    return LoadedPictures(
        Pictures(torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()), labels, tuple(names)),
        skipped,
        _remarks(pixels),
    )


def _too_few(count: int, skipped: list[Skipped]) -> str:
    """Why so few pictures are not enough, and which files were none."""
    found = {0: "No picture was", 1: "Only 1 picture was"}.get(count, f"Only {count} pictures were")
    files = "1 file" if len(skipped) == 1 else f"{len(skipped)} files"
    why = f", and {files} could not be read, such as {skipped[0].name[:60]!r}" if skipped else ""
    return f"{found} found{why}: a GAN needs {FEWEST_PICTURES} at the very least, better hundreds."


def _remarks(pixels: np.ndarray) -> list[str]:
    """What a GAN would learn of pictures (N, S, S, C) that are the same or blank, in sentences."""
    count, remarks = len(pixels), list[str]()
    blank = int((pixels == pixels[:, :1, :1]).all((1, 2, 3)).sum())
    most = max(Counter(picture.tobytes() for picture in pixels).values())
    if blank > SHARE_OF_ODD * count:
        remarks.append(f"{blank:,} of the {count:,} pictures are blank: they have one colour.")
    elif most > SHARE_OF_ODD * count:
        remarks.append(
            f"{most:,} of the {count:,} pictures are the same, so a GAN would learn that one by"
            " heart."
        )
    return remarks


def load_own(progress: Progress) -> Pictures:
    """Own pictures are nowhere but in their run."""
    raise BadInput(
        "dataset is own, but no pictures came with it: upload some in the app, or name them with"
        " --pictures."
    )


def save(pictures: Pictures, file: Path) -> None:
    """Writes the pictures to `file`, an .npz."""
    with file.open("wb") as target:
        np.savez_compressed(
            target,
            images=pictures.images.numpy(),
            labels=pictures.labels.numpy(),
            names=np.array(pictures.class_names),
        )


def load(file: Path) -> Pictures:
    """What `save` wrote; `BadInput` if it is not there or not whole."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            images, labels, names = (arrays[name] for name in ("images", "labels", "names"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise BadInput(
            "The pictures of this run are not there any more, so it cannot go on: upload them again"
            " and start anew."
        ) from None
    return Pictures(
        torch.from_numpy(images), torch.from_numpy(labels), tuple(str(name) for name in names)
    )


class _Entry(NamedTuple):
    """A picture file, not yet opened: its name, its class (the folder it lies in, unless a table
    says another), its bytes unpacked, and where they are.
    """

    name: str
    folder: str
    size: int
    source: Path | zipfile.ZipFile
    packed: zipfile.ZipInfo | None = None

    def content(self) -> bytes:
        """The file's bytes; one of `UNREADABLE` if they are not whole, or more than a picture may
        have.
        """
        with (
            self.source.open("rb")
            if isinstance(self.source, Path)
            else self.source.open(self.packed or self.name)
        ) as file:
            content = file.read(MOST_BYTES_OF_A_PICTURE + 1)
        if len(content) > MOST_BYTES_OF_A_PICTURE:
            raise TooLarge("too large a file")
        return content


def _entries(
    source: Path, archives: contextlib.ExitStack, most: int, skipped: list[Skipped]
) -> Iterator[_Entry]:
    """The picture files of a source, by name; zips within a zip join `skipped`."""
    if source.is_dir():
        yield from _in_folder(source)
    elif source.suffix.lower() == ".zip":
        yield from _zipped(source, archives, most, skipped)
    elif source.is_file() and source.suffix.lower() in ENDINGS:
        yield _Entry(source.name, "pictures", source.stat().st_size, source)
    else:
        raise BadInput(
            f"{source.name[:80]!r} is no picture, zip or folder that can be read: give"
            f" {', '.join(ENDINGS)}, .zip or a folder."
        )


def _in_folder(source: Path) -> Iterator[_Entry]:
    files = sorted(path for path in source.rglob("*") if path.is_file())
    tables = [path for path in files if path.name in class_files.NAMES]
    classes = class_files.classes_of(
        (PurePosixPath(path.relative_to(source).as_posix()), _content(path)) for path in tables
    )
    for path in files:
        if path.suffix.lower() in ENDINGS and not path.name.startswith("."):
            inside = path.relative_to(source).as_posix()
            folder = classes.get(inside, path.parent.name)
            yield _Entry(path.name, folder, path.stat().st_size, path)


def _content(path: Path) -> bytes:
    """A table's bytes, as far as one may be long."""
    with path.open("rb") as file:
        return file.read(class_files.MOST_BYTES_OF_A_TABLE + 1)


class _LargeDirectory(Exception):
    """A zip's list of files is larger than MOST_BYTES_OF_A_DIRECTORY."""


class _ZipFile(io.BufferedReader):
    """A zip file that refuses to hand out more than a list of files may take at once, for as long
    as it is `guarded`: whatever a crafted zip says of its list, this is what is read of it.
    """

    guarded = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.guarded and size is not None and size > MOST_BYTES_OF_A_DIRECTORY:
            raise _LargeDirectory
        return super().read(size)


def _opened(source: Path, archives: contextlib.ExitStack, most: int) -> zipfile.ZipFile:
    """The zip, its list of files read; `BadInput` if it cannot be, or is too long."""
    try:
        file = archives.enter_context(_ZipFile(io.FileIO(source)))
        archive = archives.enter_context(zipfile.ZipFile(file))
    except _LargeDirectory:
        raise BadInput(
            f"{source.name[:80]!r} is a zip of too many files: pack up to {most:,} pictures."
        ) from None
    except UNREADABLE:
        raise BadInput(
            f"{source.name[:80]!r} is no zip that can be opened: pack the pictures again."
        ) from None
    file.guarded = False
    return archive


def _zipped(
    source: Path, archives: contextlib.ExitStack, most: int, skipped: list[Skipped]
) -> Iterator[_Entry]:
    archive = _opened(source, archives, most)
    members = archive.infolist()
    if len(members) > 10 * most:
        raise BadInput(
            f"{source.name[:80]!r} holds {len(members):,} files: up to {most:,} pictures are read."
        )
    chosen, tables = [], []
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.suffix.lower() == ".zip" and not member.is_dir():
            skipped.append(Skipped(path.name, "a zip within a zip"))
        if path.name in class_files.NAMES and "__MACOSX" not in path.parts:
            tables.append((path, member))
        if (
            path.suffix.lower() in ENDINGS
            and not path.name.startswith(".")
            and "__MACOSX" not in path.parts
        ):
            if member.flag_bits & 1:
                raise BadInput(
                    f"{source.name[:80]!r} is locked with a password: pack the pictures without"
                    " one."
                )
            if not stat.S_ISLNK(member.external_attr >> 16):
                chosen.append((path, member))
    classes = class_files.classes_of((path, _unpacked(archive, member)) for path, member in tables)
    for path, member in sorted(chosen, key=lambda both: both[0]):
        folder = classes.get(str(path), path.parent.name or "pictures")
        yield _Entry(path.name, folder, member.file_size, archive, member)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A table's bytes, as far as one may be long."""
    try:
        with archive.open(member) as file:
            return file.read(class_files.MOST_BYTES_OF_A_TABLE + 1)
    except UNREADABLE as error:
        raise BadInput(
            f"{member.filename[-60:]!r} in the zip is damaged: pack the pictures again."
        ) from error
