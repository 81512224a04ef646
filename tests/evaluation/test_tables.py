"""Evaluations in words: every figure that applies, with its interval, and none that does not."""

from __future__ import annotations

import numpy as np
import pytest

from ganapp.datasets.bundled import load_digits
from ganapp.evaluation import features
from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.report import evaluate
from ganapp.evaluation.tables import rows, shown, text

DIGITS = load_digits(lambda share, what: None)
IMAGES, LABELS = DIGITS.images.permute(0, 2, 3, 1).numpy(), DIGITS.labels.numpy()


def test_an_interval_stands_behind_its_figure() -> None:
    assert shown(Estimate(0.4142, 0.39999, 0.5), 2) == "0.41 [0.40, 0.50]"


@pytest.mark.parametrize("asked", [True, False])
def test_digits_have_every_figure(asked: bool) -> None:
    found = evaluate(IMAGES[::50], IMAGES[1::20], labels=LABELS[::50] if asked else None)
    names = [row.name for row in rows(found)]
    assert (
        ("label accuracy" in names) == asked
        and len(names) == 12 + asked
        and len(set(names)) == len(names)
    )
    table = {row.name: row for row in rows(found)}
    assert table["coverage"].generated == shown(found.generated.coverage, 3) and table[
        "coverage"
    ].floor == shown(found.floor.coverage, 3)
    assert table["KID x 1000"].generated.startswith(f"{1000 * found.generated.kid.value:.2f} [")
    lines = text(found).splitlines()
    assert (
        len(lines) == 3 + len(names) and len({len(line) for line in lines[: 1 + len(names)]}) == 1
    )
    assert (
        "100 generated pictures against 250 real ones" in lines[-1]
        and "100 real ones against 150 others" in lines[-1]
    )


def test_other_encoders_leave_the_classifier_out() -> None:
    found = evaluate(IMAGES[::50], IMAGES[1::50], encoder=features.random())
    names = [row.name for row in rows(found)]
    assert (
        "label accuracy" not in names
        and "KL of the classes read" not in names
        and "classes read:" not in text(found)
    )
    assert names[0] == "Fréchet distance (random features)" and not any(
        np.char.find(names, "FID") >= 0
    )
