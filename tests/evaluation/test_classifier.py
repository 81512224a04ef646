"""The digit classifier: what ships is what its card says, and training one learns."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ganapp.datasets.bundled import load_digits, load_mnist
from ganapp.errors import BadInput
from ganapp.evaluation import classifier
from ganapp.evaluation.classifier import (
    SHIPPED,
    accuracy,
    dealt,
    features,
    opened,
    read,
    shipped,
    store,
    trained,
)
from ganapp.evaluation.shipping import CARD, FACTS, WEIGHTS
from ganapp.randomness import rng_for


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    pictures = load_digits(lambda share, what: None)
    return pictures.images.permute(0, 2, 3, 1).numpy(), pictures.labels.numpy()


def test_the_shipped_classifier_is_what_its_card_says() -> None:
    network, facts = shipped()
    test = load_mnist(lambda share, what: None, "test")
    images, labels = test.images.permute(0, 2, 3, 1).numpy(), test.labels.numpy()
    assert (facts.trained_on, facts.held_out) == (60_000, 10_000)
    found = accuracy(network, images, labels)
    assert found == pytest.approx(facts.accuracy, abs=0.0003) and found >= 0.995
    content = (SHIPPED / WEIGHTS).read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts.sha256 and len(content) <= 700_000
    card = (SHIPPED / CARD).read_text()
    assert facts.sha256 in card and f"{facts.accuracy:.1%}" in card


def test_features_lead_to_what_the_whole_network_says(
    digits: tuple[np.ndarray, np.ndarray],
) -> None:
    network, _ = shipped()
    images = digits[0][:30]
    found = features(network, images)
    assert found.shape == (30, 128)
    padded = torch.nn.functional.pad(torch.from_numpy(images).permute(0, 3, 1, 2), (2, 2, 2, 2))
    assert (read(network, found) == network(padded.float() / 127.5 - 1).argmax(1).numpy()).all()


def test_colour_and_other_sizes_are_read_too(digits: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = digits[0][::25], digits[1][::25]
    wide = np.repeat(
        np.repeat(np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0))), 2, axis=1), 2, axis=2
    )
    assert accuracy(shipped()[0], np.repeat(wide, 3, axis=3), labels) > 0.97


def test_training_learns_and_is_repeatable(digits: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = digits
    order = np.random.default_rng(0).permutation(len(images))
    seen, held_out = order[:500], order[500:1000]
    shares: list[float] = []
    first = trained(
        images[seen],
        labels[seen],
        1,
        lambda share, what: shares.append(share),
        steps=40,
    )
    again = trained(images[seen], labels[seen], 1, steps=40)
    assert shares[-1] == 1 and len(shares) == 40
    assert all(
        torch.equal(a, b)
        for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True)
    )
    assert 0.7 < accuracy(first, images[held_out], labels[held_out]) < 1


def test_storing_keeps_the_rounded_network(tmp_path: Path) -> None:
    network = classifier.rounded(classifier.fresh(rng_for(0, "test")))
    known = store(
        network, {"accuracy": 0.5, "trained_on": 10, "held_out": 5, "seed": 0, "steps": 1}, tmp_path
    )
    found, facts = opened(tmp_path)
    assert facts == known
    assert all(
        torch.equal(a, b)
        for a, b in zip(network.state_dict().values(), found.state_dict().values(), strict=True)
    )


def test_every_picture_is_dealt_once_before_any_comes_again() -> None:
    images = np.zeros((230, 32, 32, 1), np.uint8)
    images[:, 0, 0, 0] = np.arange(230)
    batches = dealt(images, np.arange(230) % 2, rng_for(0, "test"), lambda pixels, rng: pixels)
    for _ in range(2):
        epoch = torch.cat([next(batches)[0] for _ in range(3)])
        assert ((epoch[:, 0, 0, 0] + 1) * 127.5).round().sort().values.tolist() == list(range(230))


@pytest.mark.parametrize("what", ["weights", "hash", "facts", "nothing"])
def test_other_weights_than_the_cards_are_refused(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    if what != "nothing":
        shutil.copytree(SHIPPED, folder)
    if what == "weights":
        content = bytearray((folder / WEIGHTS).read_bytes())
        content[-1] ^= 1
        (folder / WEIGHTS).write_bytes(content)
    if what == "hash":
        facts = json.loads((folder / FACTS).read_text())
        (folder / FACTS).write_text(json.dumps(facts | {"sha256": "0" * 64}))
    if what == "facts":
        (folder / FACTS).write_text("[]")
    with pytest.raises(BadInput, match="missing or not the one that its card describes"):
        opened(folder)


def test_one_class_alone_cannot_be_learned(digits: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(BadInput, match="of one class"):
        trained(digits[0][:100], np.zeros(100, np.int64), 0)


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        (np.zeros((4, 32, 32), np.uint8), np.arange(4), "must be uint8"),
        (np.zeros((4, 32, 32, 1), np.float32), np.arange(4), "must be uint8"),
        (np.zeros((4, 32, 32, 2), np.uint8), np.arange(4), "1 or 3 channels"),
        (np.zeros((4, 4, 4, 1), np.uint8), np.arange(4), "8 x 8"),
        (np.zeros((4, 32, 32, 1), np.uint8), np.arange(5), "one whole number for each of the 4"),
        (np.zeros((4, 32, 32, 1), np.uint8), np.zeros(4), "one whole number"),
    ],
)
def test_what_is_no_picture_or_label_is_refused(
    images: np.ndarray, labels: np.ndarray, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        trained(images, labels, 0)
