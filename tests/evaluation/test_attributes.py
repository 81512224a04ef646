"""The reader of faces: what ships is what its card says, and training one learns."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from ganapp.datasets import faces
from ganapp.datasets.faces import KINDS, YES_OR_NO, load_faces
from ganapp.datasets.pictures import Part
from ganapp.evaluation import attributes, features, report
from ganapp.evaluation.attributes import SHIPPED, accuracy, chances, chances_of, shipped, trained
from ganapp.evaluation.shipping import CARD, WEIGHTS


def pictures(part: Part) -> np.ndarray:
    return load_faces(lambda share, what: None, part).images.permute(0, 2, 3, 1).numpy()


def test_the_shipped_reader_is_what_its_card_says() -> None:
    reader, facts = shipped()
    found = accuracy(reader, pictures("test"), faces.kinds("test"))
    assert found == pytest.approx(facts["accuracy"], abs=0.002) and min(found.values()) > 0.99
    content, card = (SHIPPED / WEIGHTS).read_bytes(), (SHIPPED / CARD).read_text()
    assert hashlib.sha256(content).hexdigest() == facts["sha256"] and facts["sha256"] in card


def test_chances_add_up_and_name_the_attributes() -> None:
    some = pictures("test")[:50]
    found = chances(shipped()[0], some)
    assert {kind: values.shape for kind, values in found.items()} == {
        kind: (50, len(values)) for kind, values in KINDS.items()
    }
    assert all(np.allclose(values.sum(1), 1, atol=1e-5) for values in found.values())
    held = chances_of(shipped()[0], some)
    np.testing.assert_allclose(held["bald"], found["hair"][:, 0])
    assert list(held) == list(YES_OR_NO)


def test_training_learns_and_is_repeatable() -> None:
    numbers = {kind: values[:1000] for kind, values in faces.kinds().items()}
    seen = pictures("train")[:1000]
    shares: list[float] = []
    first = trained(seen, numbers, 1, lambda share, what: shares.append(share), 30)
    again = trained(seen, numbers, 1, lambda share, what: None, 30)
    assert shares[-1] == 1 and len(shares) == 30
    assert all(
        torch.equal(a, b)
        for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True)
    )
    part = {kind: values[:300] for kind, values in faces.kinds("test").items()}
    assert accuracy(first, pictures("test")[:300], part)["skin"] > 0.5


def test_faces_are_measured_by_what_is_read_in_them() -> None:
    images, hair = pictures("test"), faces.kinds("test")["hair"].astype(np.int64)
    against = report.reference(images[:600], labels=hair[:600], encoder=features.faces())
    same = report.study(images[600:1200], against, labels=hair[600:1200]).evaluation
    assert same.encoder == "faces" and same.generated.label_accuracy is not None
    assert same.generated.label_accuracy.value > 0.99 and len(same.generated.histogram or ()) == 7
    turned = report.study(
        images[600:1200, :, ::-1].copy(), against, labels=hair[600:1200]
    ).evaluation
    noise = np.random.default_rng(0).integers(0, 256, (200, 64, 64, 3), np.uint8)
    strange = report.study(noise, against, labels=hair[:200]).evaluation
    assert same.generated.frechet.value < turned.generated.frechet.value
    assert turned.generated.frechet.value < strange.generated.frechet.value
    assert strange.generated.coverage.value < 0.05 < 0.8 < same.generated.coverage.value


def test_a_reader_is_kept_with_16_bits_a_weight() -> None:
    reader = attributes.rounded(attributes.FaceReader())
    assert all(
        torch.equal(value.half().float(), value)
        for value in reader.state_dict().values()
        if value.is_floating_point()
    )
