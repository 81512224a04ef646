"""Data: the bundled digits, margins and sizes, and torchvision's downloads from a small server that
speaks their real formats.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import socket
import struct
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import torch
import torchvision
from PIL import Image
from torchvision.transforms import v2

from ganapp.datasets import DATASETS, Pictures, downloads, pictures
from ganapp.datasets.bundled import DIGITS_FILE
from ganapp.errors import BadInput
from tests.tiny import tiny_pictures


def silent(share: float, what: str) -> None:
    """Nobody listens."""


# --- the bundled digits and sizes -----------------------------------------------------------------


def test_the_bundled_digits_are_500_of_each_class_and_the_file_is_the_one_we_know() -> None:
    digits = DATASETS["digits"](silent)
    assert digits.images.shape == (5000, 1, 28, 28) and digits.images.dtype == torch.uint8
    assert torch.bincount(digits.labels).tolist() == [500] * 10
    assert digits.class_names == tuple("0123456789")
    assert len(torch.unique(digits.images.flatten(1), dim=0)) > 4_990
    known = "246e0c30eeea57c8d0037d3f38c8e00651ec204cc61b8022563e9aeeb9d756f4"
    assert hashlib.sha256(DIGITS_FILE.read_bytes()).hexdigest() == known


def test_digits_are_white_on_black_and_their_classes_look_different() -> None:
    digits = DATASETS["digits"](silent)
    means = torch.stack(
        [digits.images[digits.labels == label].float().mean(0).flatten() for label in range(10)]
    )
    assert digits.images[:, :, 0].float().mean() < 1 < 20 < digits.images.float().mean()
    assert torch.pdist(means).min() > 500


def test_a_margin_keeps_every_pixel_of_28() -> None:
    images = tiny_pictures().images
    padded = Pictures(images, torch.zeros(20), ()).resized(32).images
    assert torch.equal(padded[:, :, 2:-2, 2:-2], images)
    assert padded.sum() == images.sum()


def test_no_change_of_size_is_no_change() -> None:
    data = tiny_pictures()
    assert torch.equal(data.resized(28).images, data.images)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("side", "wanted"),
    [(28, 28), (28, 32), (28, 64), (32, 28), (32, 32), (32, 64), (64, 32), (200, 64)],
)
def test_every_size_is_met_and_brightness_and_labels_stay(
    side: int, wanted: int, channels: int
) -> None:
    data = tiny_pictures(side=side, channels=channels)
    resized = data.resized(wanted)
    assert (
        resized.images.shape == (20, channels, wanted, wanted)
        and resized.images.dtype == torch.uint8
    )
    assert torch.equal(resized.labels, data.labels) and resized.class_names == data.class_names
    inner = {(28, 32): 28 / 32, (28, 64): 28 / 32}.get(
        (side, wanted), 1.0
    ) ** 2  # what is left beside the margin
    assert resized.images.float().mean().item() == pytest.approx(
        inner * data.images.float().mean().item(), rel=0.02
    )


def test_each_picture_is_resampled_by_itself_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = tiny_pictures(side=32)
    whole = data.resized(64)
    monkeypatch.setattr(pictures, "AT_A_TIME", 7)
    assert torch.equal(data.resized(64).images, whole.images)


def test_28_is_doubled_inside_its_margin() -> None:
    doubled = tiny_pictures().resized(64).images
    assert doubled[:, :, :3].max() == 0 and doubled[:, :, :, :3].max() == 0
    assert doubled[:, :, 8:-8, 8:-8].max() > 150


def test_a_batch_holds_the_asked_pictures_from_minus_one_to_one() -> None:
    data = Pictures(
        torch.tensor([0, 51, 255], dtype=torch.uint8)[:, None, None, None],
        torch.tensor([2, 0, 1]),
        ("a", "b", "c"),
    )
    batch = data.batch(torch.tensor([2, 0, 1, 2]))
    assert batch.images.flatten().tolist() == pytest.approx([1, -1, -0.6, 1])
    assert batch.labels.tolist() == [1, 2, 0, 1]


# --- downloads ------------------------------------------------------------------------------------


class Server:
    """Serves `files` on the loopback interface; `cut` names one whose connection breaks half
    way.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut = ""
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[-1]
                outer.asked.append(name)
                if name not in outer.files:
                    self.send_error(404)
                    return
                content = outer.files[name]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if name == outer.cut else content)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def idx(values: np.ndarray) -> bytes:
    """The format of the MNIST files: magic number, sizes, bytes."""
    return gzip.compress(
        struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
        + values.astype(np.uint8).tobytes()
    )


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


RNG = np.random.default_rng(0)
GREY, GREY_LABELS = RNG.integers(0, 256, (12, 28, 28)), np.arange(12) % 10
COLOUR, COLOUR_LABELS = RNG.integers(0, 256, (15, 3, 32, 32), dtype=np.uint8), np.arange(15) % 10
CIFAR_CLASSES = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]
HIRAGANA = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
LETTERS, LETTER_LABELS = RNG.integers(0, 256, (30, 28, 28)), np.arange(30) % 26
SMILES = np.array([1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1])


def wanted(images: np.ndarray, labels: np.ndarray, names: list[str] | str) -> Pictures:
    return Pictures(
        torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels), tuple(names)
    )


def grey_files() -> dict[str, bytes]:
    return {
        "train-images-idx3-ubyte.gz": idx(GREY),
        "train-labels-idx1-ubyte.gz": idx(GREY_LABELS),
        "t10k-images-idx3-ubyte.gz": idx(GREY[:2]),
        "t10k-labels-idx1-ubyte.gz": idx(GREY_LABELS[:2]),
    }


def serve_grey(
    kind: Any, names: list[str] | str, server: Server, patch: pytest.MonkeyPatch
) -> Pictures:
    server.files = grey_files()
    patch.setattr(kind, "mirrors", [server.url])
    patch.setattr(
        kind, "resources", [(name, md5(content)) for name, content in server.files.items()]
    )
    return wanted(GREY[:, None], GREY_LABELS, names)


def serve_kmnist(server: Server, patch: pytest.MonkeyPatch) -> Pictures:
    return serve_grey(torchvision.datasets.KMNIST, HIRAGANA, server, patch)


def serve_letters(server: Server, patch: pytest.MonkeyPatch) -> Pictures:
    kind = torchvision.datasets.EMNIST
    lying = LETTERS.transpose(0, 2, 1)
    files = {
        "emnist-digits-train-images-idx3-ubyte.gz": idx(GREY),
        "emnist-digits-train-labels-idx1-ubyte.gz": idx(GREY_LABELS),
        "emnist-letters-test-images-idx3-ubyte.gz": idx(lying[:2]),
        "emnist-letters-test-labels-idx1-ubyte.gz": idx(1 + LETTER_LABELS[:2]),
        "emnist-letters-train-images-idx3-ubyte.gz": idx(lying),
        "emnist-letters-train-labels-idx1-ubyte.gz": idx(1 + LETTER_LABELS),
    }
    server.files = {
        "gzip.zip": zipped({f"gzip/{name}": content for name, content in files.items()})
    }
    patch.setattr(kind, "url", f"{server.url}gzip.zip")
    patch.setattr(kind, "md5", md5(server.files["gzip.zip"]))
    return wanted(LETTERS[:, None], LETTER_LABELS, "abcdefghijklmnopqrstuvwxyz")


def serve_svhn(server: Server, patch: pytest.MonkeyPatch) -> Pictures:
    file = io.BytesIO()
    tens = np.where(COLOUR_LABELS == 0, 10, COLOUR_LABELS).astype(np.uint8)
    scipy.io.savemat(
        file, {"X": COLOUR.transpose(2, 3, 1, 0), "y": tens[:, None]}, do_compression=True
    )
    server.files = {"train_32x32.mat": file.getvalue()}
    patch.setitem(
        torchvision.datasets.SVHN.split_list,
        "train",
        [f"{server.url}train_32x32.mat", "train_32x32.mat", md5(file.getvalue())],
    )
    return wanted(COLOUR, COLOUR_LABELS, "0123456789")


def serve_cifar(server: Server, patch: pytest.MonkeyPatch) -> Pictures:
    kind = torchvision.datasets.CIFAR10
    batches = {}
    for number, name in enumerate(
        [
            "data_batch_1",
            "data_batch_2",
            "data_batch_3",
            "data_batch_4",
            "data_batch_5",
            "test_batch",
        ]
    ):
        own = slice(3 * number, 3 * number + 3) if number < 5 else slice(0, 1)
        batches[name] = pickle.dumps(
            {"data": COLOUR[own].reshape(-1, 3072), "labels": COLOUR_LABELS[own].tolist()}
        )
    meta = pickle.dumps({"label_names": CIFAR_CLASSES})
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in {**batches, "batches.meta": meta}.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    server.files = {"cifar-10-python.tar.gz": packed.getvalue()}
    patch.setattr(kind, "url", f"{server.url}cifar-10-python.tar.gz")
    patch.setattr(kind, "tgz_md5", md5(packed.getvalue()))
    patch.setattr(
        kind,
        "train_list",
        [[name, md5(content)] for name, content in batches.items() if name != "test_batch"],
    )
    patch.setattr(kind, "test_list", [["test_batch", md5(batches["test_batch"])]])
    patch.setattr(
        kind, "meta", {"filename": "batches.meta", "key": "label_names", "md5": md5(meta)}
    )
    return wanted(COLOUR, COLOUR_LABELS, CIFAR_CLASSES)


def serve_celeba(server: Server, patch: pytest.MonkeyPatch) -> Pictures:
    jpegs, shrunk = [], []
    tutorial = v2.Compose([v2.Resize(64), v2.CenterCrop(64)])
    for _ in SMILES:
        smooth = Image.fromarray(RNG.integers(0, 256, (6, 5, 3), dtype=np.uint8)).resize(
            (178, 218), Image.Resampling.BICUBIC
        )
        file = io.BytesIO()
        smooth.save(file, "JPEG", quality=95)
        jpegs.append(file.getvalue())
        shrunk.append(np.asarray(tutorial(smooth)).transpose(2, 0, 1))
    names = [f"{number + 1:06d}.jpg" for number in range(len(jpegs))]
    lines = [str(len(jpegs)), "Bald Smiling Young "]
    lines += [f"{name} -1 {2 * smile - 1:2d}  1" for name, smile in zip(names, SMILES, strict=True)]
    server.files = {
        "list_attr_celeba.txt": "".join(f"{line}\n" for line in lines).encode(),
        "img_align_celeba.zip": zipped(
            {f"img_align_celeba/{name}": jpeg for name, jpeg in zip(names, jpegs, strict=True)}
        ),
    }
    known = [("an id", md5(content), name) for name, content in server.files.items()]
    patch.setattr(
        torchvision.datasets.CelebA,
        "file_list",
        [*known, ("an id", "a sum", "identity_CelebA.txt")],
    )
    patch.setattr(downloads, "CELEBA_MIRRORS", (server.url,))
    return wanted(np.stack(shrunk), SMILES, ["not smiling", "smiling"])


SERVED: dict[str, Callable[[Server, pytest.MonkeyPatch], Pictures]] = {
    "kmnist": serve_kmnist,
    "emnist-letters": serve_letters,
    "svhn": serve_svhn,
    "cifar10": serve_cifar,
    "celeba": serve_celeba,
}
"""Each serves small files of the real format, and says which pictures they hold."""


def assert_same(data: Pictures, expected: Pictures, tolerance: float = 0.0) -> None:
    """All is equal; pictures may differ by `tolerance` of 255 on average."""
    assert data.images.dtype == torch.uint8 and data.labels.dtype == torch.int64
    assert data.images.shape == expected.images.shape and data.images.is_contiguous()
    assert (data.images.float() - expected.images.float()).abs().mean() <= tolerance
    assert (
        data.labels.tolist() == expected.labels.tolist()
        and data.class_names == expected.class_names
    )


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("GANAPP_DATA", str(tmp_path / "data"))
    for name in (
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def nobody() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


@pytest.mark.parametrize("name", SERVED)
def test_a_download_gives_every_picture_with_its_label_and_is_kept(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = SERVED[name](server, monkeypatch)
    heard: list[tuple[float, str]] = []
    data = DATASETS[name](lambda share, what: heard.append((share, what)))
    assert_same(data, expected, tolerance=1.0 if name == "celeba" else 0.0)
    assert all(0 <= share <= 1 for share, _ in heard) and heard[-1][0] == 1
    assert any("Downloading" in what and share > 0 for share, what in heard)

    asked = len(server.asked)
    again = DATASETS[name](silent)
    assert torch.equal(again.images, data.images) and len(server.asked) == asked


def refused(name: str) -> str:
    """What a failing download says: one sentence with the way out."""
    with pytest.raises(BadInput) as error:
        DATASETS[name](silent)
    message = str(error.value)
    assert message.startswith(
        f"The data set {name} could not be downloaded ("
    ) and message.endswith(".")
    assert (
        "choose digits" in message
        and "\n" not in message
        and "()" not in message
        and len(message) < 400
    )
    return message


@pytest.mark.parametrize("name", SERVED)
def test_a_missing_file_is_said(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    SERVED[name](server, monkeypatch)
    server.files.clear()
    assert "404" in refused(name) or "Not Found" in refused(name)


@pytest.mark.parametrize("name", SERVED)
def test_a_refused_connection_is_said(
    name: str, server: Server, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.url = nobody
    SERVED[name](server, monkeypatch)
    assert "refused" in refused(name).lower()


@pytest.mark.parametrize("name", SERVED)
def test_a_file_that_arrives_in_part_is_said_and_fetched_again_next_time(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = SERVED[name](server, monkeypatch)
    for file in server.files:
        server.cut = file
        refused(name)
    server.cut = ""
    assert DATASETS[name](silent).labels.tolist() == expected.labels.tolist()


UNPACKED = {
    "kmnist": "KMNIST/raw/train-images-idx3-ubyte",
    "emnist-letters": "EMNIST/raw/emnist-letters-train-images-idx3-ubyte",
    "celeba": "celeba/first-50000-at-64.npz",
}


@pytest.mark.parametrize("name", UNPACKED)
def test_what_was_unpacked_in_part_is_unpacked_again(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    SERVED[name](server, monkeypatch)
    data = DATASETS[name](silent)
    asked = len(server.asked)
    unpacked = tmp_path / "data" / UNPACKED[name]
    for content in (unpacked.read_bytes()[:5_000], b""):
        unpacked.write_bytes(content)
        assert torch.equal(DATASETS[name](silent).images, data.images)
    assert len(server.asked) == asked


def test_of_emnist_only_the_letters_are_unpacked(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve_letters(server, monkeypatch)
    DATASETS["emnist-letters"](silent)
    names = {path.name for path in (tmp_path / "data" / "EMNIST" / "raw").iterdir()}
    assert names == {
        "gzip.zip",
        "emnist-letters-train-images-idx3-ubyte",
        "emnist-letters-train-labels-idx1-ubyte",
    }


def test_of_celeba_the_first_pictures_are_kept_and_their_shrinking_is_reported(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = serve_celeba(server, monkeypatch)
    monkeypatch.setattr(downloads, "MOST_FACES", 5)
    heard: list[tuple[float, str]] = []
    data = DATASETS["celeba"](lambda share, what: heard.append((share, what)))
    assert_same(
        data,
        expected._replace(images=expected.images[:5], labels=expected.labels[:5]),
        tolerance=1.0,
    )
    assert [
        share for share, what in heard if what.startswith("Shrinking 5 faces")
    ] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_celeba_comes_from_the_next_mirror_where_one_is_gone(
    server: Server, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = serve_celeba(server, monkeypatch)
    monkeypatch.setattr(downloads, "CELEBA_MIRRORS", (nobody, server.url))
    assert DATASETS["celeba"](silent).labels.tolist() == expected.labels.tolist()


def test_celeba_files_that_somebody_brought_need_no_mirror(
    server: Server, nobody: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = serve_celeba(server, monkeypatch)
    monkeypatch.setattr(downloads, "CELEBA_MIRRORS", (nobody,))
    (tmp_path / "data" / "celeba").mkdir(parents=True)
    for name, content in server.files.items():
        (tmp_path / "data" / "celeba" / name).write_bytes(content)
    assert DATASETS["celeba"](silent).labels.tolist() == expected.labels.tolist()


@pytest.mark.parametrize("name", SERVED)
def test_a_cache_folder_that_cannot_be_made_is_said(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    SERVED[name](server, monkeypatch)
    (tmp_path / "data").write_text("a file is in the way")
    with pytest.raises(BadInput, match=r"could not be kept in .*GANAPP_DATA"):
        DATASETS[name](silent)


def test_a_silent_server_is_given_up_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_kmnist(server, monkeypatch)
    monkeypatch.setattr(downloads, "SECONDS_WITHOUT_AN_ANSWER", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent_server:
        monkeypatch.setattr(
            torchvision.datasets.KMNIST,
            "mirrors",
            [f"http://127.0.0.1:{silent_server.getsockname()[1]}/"],
        )
        assert "timed out" in refused("kmnist")
    assert socket.getdefaulttimeout() is None


def test_two_runs_that_ask_at_once_both_get_the_data(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_kmnist(server, monkeypatch)
    got: list[Pictures] = []
    threads = [
        threading.Thread(target=lambda: got.append(DATASETS["kmnist"](silent))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(data.images) for data in got] == [12, 12]
    assert sorted(set(server.asked)) == sorted(grey_files())
