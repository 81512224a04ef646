"""Data: the bundled digits, margins and sizes, and torchvision's downloads from a small server that speaks their real formats."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import socket
import struct
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from ganapp.datasets import DATASETS, Pictures, downloads
from ganapp.datasets.bundled import DIGITS_FILE
from ganapp.errors import BadInput
from tests.tiny import tiny_pictures


def silent(share: float, what: str) -> None:
    """Nobody listens."""


# --- the bundled digits and sizes ------------------------------------------------------------------------------------


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
    means = torch.stack([digits.images[digits.labels == label].float().mean(0).flatten() for label in range(10)])
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
@pytest.mark.parametrize(("side", "wanted"), [(28, 28), (28, 32), (28, 64), (32, 28), (32, 32), (32, 64), (64, 32), (200, 64)])
def test_every_size_is_met_and_brightness_and_labels_stay(side: int, wanted: int, channels: int) -> None:
    data = tiny_pictures(side=side, channels=channels)
    resized = data.resized(wanted)
    assert resized.images.shape == (20, channels, wanted, wanted) and resized.images.dtype == torch.uint8
    assert torch.equal(resized.labels, data.labels) and resized.class_names == data.class_names
    inner = {(28, 32): 28 / 32, (28, 64): 28 / 32}.get((side, wanted), 1.0) ** 2  # what is left beside the margin
    assert resized.images.float().mean().item() == pytest.approx(inner * data.images.float().mean().item(), rel=0.02)


def test_28_is_doubled_inside_its_margin() -> None:
    doubled = tiny_pictures().resized(64).images
    assert doubled[:, :, :3].max() == 0 and doubled[:, :, :, :3].max() == 0
    assert doubled[:, :, 8:-8, 8:-8].max() > 150


def test_a_batch_holds_the_asked_pictures_from_minus_one_to_one() -> None:
    data = Pictures(torch.tensor([0, 51, 255], dtype=torch.uint8)[:, None, None, None], torch.tensor([2, 0, 1]), ("a", "b", "c"))
    batch = data.batch(torch.tensor([2, 0, 1, 2]))
    assert batch.images.flatten().tolist() == pytest.approx([1, -1, -0.6, 1])
    assert batch.labels.tolist() == [1, 2, 0, 1]


# --- downloads -------------------------------------------------------------------------------------------------------


class Server:
    """Serves `files` on the loopback interface; `cut` names one whose connection breaks half way."""

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
    return gzip.compress(struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.astype(np.uint8).tobytes())


RNG = np.random.default_rng(0)
GREY, GREY_LABELS = RNG.integers(0, 256, (12, 28, 28)), np.arange(12) % 10
COLOUR, COLOUR_LABELS = RNG.integers(0, 256, (15, 3, 32, 32), dtype=np.uint8), np.arange(15) % 10
CIFAR_CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def grey_files() -> dict[str, bytes]:
    return {
        "train-images-idx3-ubyte.gz": idx(GREY),
        "train-labels-idx1-ubyte.gz": idx(GREY_LABELS),
        "t10k-images-idx3-ubyte.gz": idx(GREY[:2]),
        "t10k-labels-idx1-ubyte.gz": idx(GREY_LABELS[:2]),
    }


def serve_grey(kind: Any, server: Server, patch: pytest.MonkeyPatch) -> None:
    server.files = grey_files()
    patch.setattr(kind, "mirrors", [server.url])
    patch.setattr(kind, "resources", [(name, md5(content)) for name, content in server.files.items()])


def serve_mnist(server: Server, patch: pytest.MonkeyPatch) -> None:
    serve_grey(torchvision.datasets.MNIST, server, patch)


def serve_fashion(server: Server, patch: pytest.MonkeyPatch) -> None:
    serve_grey(torchvision.datasets.FashionMNIST, server, patch)


def serve_cifar(server: Server, patch: pytest.MonkeyPatch) -> None:
    kind = torchvision.datasets.CIFAR10
    batches = {}
    for number, name in enumerate(["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]):
        own = slice(3 * number, 3 * number + 3) if number < 5 else slice(0, 1)
        batches[name] = pickle.dumps({"data": COLOUR[own].reshape(-1, 3072), "labels": COLOUR_LABELS[own].tolist()})
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
    patch.setattr(kind, "train_list", [[name, md5(content)] for name, content in batches.items() if name != "test_batch"])
    patch.setattr(kind, "test_list", [["test_batch", md5(batches["test_batch"])]])
    patch.setattr(kind, "meta", {"filename": "batches.meta", "key": "label_names", "md5": md5(meta)})


SERVED: dict[str, Callable[[Server, pytest.MonkeyPatch], None]] = {
    "mnist": serve_mnist,
    "fashion-mnist": serve_fashion,
    "cifar10": serve_cifar,
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("GANAPP_DATA", str(tmp_path / "data"))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.mark.parametrize("name", SERVED)
def test_a_download_gives_every_picture_with_its_label_and_is_kept(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    SERVED[name](server, monkeypatch)
    heard: list[tuple[float, str]] = []
    data = DATASETS[name](lambda share, what: heard.append((share, what)))  # type: ignore[index]
    if name == "cifar10":
        assert np.array_equal(data.images.numpy(), COLOUR) and data.labels.tolist() == COLOUR_LABELS.tolist()
        assert data.class_names == tuple(CIFAR_CLASSES)
    else:
        assert np.array_equal(data.images[:, 0].numpy(), GREY) and data.labels.tolist() == GREY_LABELS.tolist()
        assert len(data.class_names) == 10
    assert data.images.dtype == torch.uint8 and data.labels.dtype == torch.int64
    assert all(0 <= share <= 1 for share, _ in heard) and heard[-1][0] == 1
    assert any("Downloading" in what and share > 0 for share, what in heard)

    asked = len(server.asked)
    again = DATASETS[name](silent)  # type: ignore[index]
    assert torch.equal(again.images, data.images) and len(server.asked) == asked


def refused(name: str) -> str:
    """What a failing download says: one sentence with the way out."""
    with pytest.raises(BadInput) as error:
        DATASETS[name](silent)  # type: ignore[index]
    message = str(error.value)
    assert message.startswith(f"The data set {name} could not be downloaded (") and message.endswith(".")
    assert "choose digits" in message and "\n" not in message and "()" not in message and len(message) < 400
    return message


@pytest.mark.parametrize("name", SERVED)
def test_a_missing_file_is_said(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    SERVED[name](server, monkeypatch)
    server.files.clear()
    assert "404" in refused(name) or "Not Found" in refused(name)


@pytest.mark.parametrize("name", SERVED)
def test_a_refused_connection_is_said(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    SERVED[name](server, monkeypatch)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    for kind in (torchvision.datasets.MNIST, torchvision.datasets.FashionMNIST):
        monkeypatch.setattr(kind, "mirrors", [nobody])
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", f"{nobody}cifar-10-python.tar.gz")
    assert "refused" in refused(name).lower()


@pytest.mark.parametrize("name", SERVED)
def test_a_file_that_arrives_in_part_is_said_and_fetched_again_next_time(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    SERVED[name](server, monkeypatch)
    server.cut = next(iter(server.files))
    refused(name)
    server.cut = ""
    assert len(DATASETS[name](silent).images) > 0  # type: ignore[index]


def test_what_was_unpacked_in_part_is_unpacked_again(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    serve_mnist(server, monkeypatch)
    DATASETS["mnist"](silent)
    unpacked = tmp_path / "data" / "MNIST" / "raw" / "train-images-idx3-ubyte"
    unpacked.write_bytes(unpacked.read_bytes()[:5_000])
    assert np.array_equal(DATASETS["mnist"](silent).images[:, 0].numpy(), GREY)
    unpacked.write_bytes(b"")
    assert np.array_equal(DATASETS["mnist"](silent).images[:, 0].numpy(), GREY)


def test_a_cache_folder_that_cannot_be_made_is_said(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    serve_mnist(server, monkeypatch)
    (tmp_path / "data").write_text("a file is in the way")
    with pytest.raises(BadInput, match=r"could not be kept in .*GANAPP_DATA"):
        DATASETS["mnist"](silent)


def test_a_silent_server_is_given_up_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_mnist(server, monkeypatch)
    monkeypatch.setattr(downloads, "SECONDS_WITHOUT_AN_ANSWER", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent_server:
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [f"http://127.0.0.1:{silent_server.getsockname()[1]}/"])
        assert "timed out" in refused("mnist")
    assert socket.getdefaulttimeout() is None


def test_two_runs_that_ask_at_once_both_get_the_data(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_mnist(server, monkeypatch)
    got: list[Pictures] = []
    threads = [threading.Thread(target=lambda: got.append(DATASETS["mnist"](silent))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(data.images) for data in got] == [12, 12]
    assert sorted(set(server.asked)) == sorted(grey_files())
