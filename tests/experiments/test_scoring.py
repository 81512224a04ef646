"""A model measured: drawn from, compared with its own data, by the encoder that suits those."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganapp import checkpoints
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import DATASETS, uploads
from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.evaluation import cas, features
from ganapp.evaluation.sizes import at_side
from ganapp.experiments import scoring
from ganapp.experiments.quality import QualityChecker
from ganapp.experiments.scoring import (
    arrays,
    cas_of,
    drawn,
    evaluated,
    learned_pictures,
    modes_of,
    real_pictures,
)
from ganapp.training import Trainer
from ganapp.ui.quiz.handlers import COUNT, stock_of
from tests.tiny import tiny_config, tiny_pictures

DIGITS = [str(digit) for digit in range(10)]


def model(
    name: str = "dcgan", names: list[str] | None = None, channels: int = 1, **changes: object
) -> TrainedModel:
    return TrainedModel(tiny_config(name, **changes).to_dict(), names or DIGITS, channels)


def test_classes_are_drawn_at_random_and_noise_comes_from_the_seed() -> None:
    images, labels = drawn(model(), 25, seed=3)
    assert images.shape == (25, 32, 32, 1) and labels is not None and set(labels) <= set(range(10))
    assert np.array_equal(labels, drawn(model(), 25, seed=3).labels) and not np.array_equal(  # type: ignore[arg-type] # the test passes what it means
        labels,
        drawn(model(), 25, seed=4).labels,  # type: ignore[arg-type] # the test passes what it means
    )
    many = np.bincount(drawn(model("infogan"), 400).labels, minlength=10)  # type: ignore[arg-type]
    # Each expects 40, with a standard deviation of 6.
    assert many.min() >= 20 and many.max() <= 65 and len(set(many)) > 1
    assert drawn(model(conditional=False), 5).labels is None


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one, shares = model(), []
    whole = drawn(one, 30).images
    monkeypatch.setattr(scoring, "AT_A_TIME", 8)
    again = drawn(one, 30, progress=lambda share, what: shares.append(share)).images
    assert np.abs(whole.astype(int) - again).max() <= 1 and shares[-1] == 1
    assert not np.array_equal(whole, drawn(one, 30, seed=2).images)


def test_the_bundled_model_is_nearly_as_good_as_digits() -> None:
    found = evaluated(checkpoints.open_model("digits"), count=500)
    ours = found.generated
    assert found.encoder == "digits" and ours.pictures == 500 and ours.against == 10_000
    assert ours.label_accuracy is not None and ours.label_accuracy.value > 0.97
    assert ours.precision.value > 0.9 and ours.frechet.value < 5 and abs(ours.kid.value) < 0.03


def test_an_untrained_model_is_far_off() -> None:
    ours = evaluated(model(), count=200).generated
    assert ours.frechet.value > 50 and ours.coverage.value < 0.05
    assert ours.label_accuracy is not None and ours.label_accuracy.value < 0.4


def test_random_features_stand_in_where_inception_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> features.Encoder:
        raise BadInput("The weights could not be had.")

    monkeypatch.setitem(features.ENCODERS, "inception", fail)
    monkeypatch.setitem(
        DATASETS,
        "cifar10",
        lambda progress: tiny_pictures(120, channels=3),
    )
    names, heard = ["a", "b", "c"], []
    coloured = model(names=names, channels=3, dataset="cifar10")
    found = evaluated(coloured, count=60, progress=lambda share, what: heard.append(what))
    assert (
        found.encoder == "random"
        and found.distance == "Fréchet distance (random features)"
        and "could not be had" in heard[0]
    )
    with pytest.raises(BadInput, match="could not be had"):
        evaluated(coloured, count=60, encoder="inception")


def test_large_data_sets_are_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "MOST_REAL", 70)
    some = real_pictures(model())
    assert some.images.shape == (70, 1, 32, 32) and len(some.labels.unique()) == 10
    assert (some.images == real_pictures(model()).images).all()


@pytest.mark.parametrize("most", [20, 50])
def test_what_a_model_learned_from_is_the_same_everywhere(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a data set larger than what is compared with: the loop's pictures, the evaluation's, the
    check's and the quiz's.
    """
    monkeypatch.setattr(scoring, "MOST_REAL", 70)
    config = tiny_config(dataset="digits", most_pictures=most, seed=3)
    trainer = Trainer(config, DATASETS["digits"](lambda share, what: None), plan("float32", "cpu"))
    learned = {image.tobytes() for image in arrays(trainer.pictures)}
    assert len(learned) == most
    copying = TrainedModel.from_state(trainer.capture())
    shown = arrays(learned_pictures(copying))
    assert {image.tobytes() for image in shown} == learned
    _, against = scoring.reference(copying, count=60)
    assert sorted(image.tobytes() for image in against.training) == sorted(
        image.tobytes() for image in at_side(shown)
    )
    checker = QualityChecker(copying)
    assert {image.tobytes() for image in checker.learned} == {image.tobytes() for image in shown}
    if most < 2 * COUNT:
        with pytest.raises(BadInput, match=f"learned from {most} pictures"):
            stock_of(copying)
    else:
        quiz = stock_of(copying)
        known = [*arrays(quiz.real), *quiz.others[: len(quiz.others) // 2]]
        assert {image.tobytes() for image in known} <= {image.tobytes() for image in shown}


def test_copies_of_the_few_training_pictures_are_seen_as_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scoring, "MOST_REAL", 200)  # few of the 50 are among these
    copying = model(dataset="digits", most_pictures=50)
    shown = arrays(learned_pictures(copying))
    monkeypatch.setattr(
        copying, "draw", lambda noise, labels: np.resize(shown, (len(noise), *shown.shape[1:]))
    )
    found = evaluated(copying, count=60).generated
    assert found.nearest_median.value == 0 and found.authenticity.value == 0
    assert QualityChecker(copying).check(copying, 100).copying == 0


def test_a_single_training_picture_can_be_measured_against() -> None:
    found = evaluated(model(dataset="digits", most_pictures=1), count=60)
    assert found.generated.nearest_median.value > 0


def test_own_pictures_are_those_of_the_run(tmp_path: Path) -> None:
    own = model(names=["bar 0", "bar 1", "bar 2"], dataset="own")
    with pytest.raises(BadInput, match="somebody's own pictures, which did not come with it"):
        evaluated(own, count=60, folder=tmp_path)
    uploads.save(tiny_pictures(90), tmp_path / "pictures.npz")
    found = evaluated(own, count=60, folder=tmp_path)
    assert found.encoder == "random" and found.generated.against == 90


def test_the_score_of_a_good_model_is_near_that_of_real_digits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(cas.score.__kwdefaults__, "steps", 40)  # type: ignore[arg-type] # the test passes what it means
    found = cas_of(checkpoints.open_model("digits"), count=1000)
    assert found.accuracy.value > 0.85 and found.tested_on == 10_000 and found.trained_on == 1000


def test_modes_are_counted_beside_those_of_real_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganapp.evaluation.stacked.FEWEST", 300)
    one = model("mlp", ["stacked digits"], 3, dataset="digits-stacked", conditional=False)
    generated, real = modes_of(one, count=300)
    assert generated.pictures == real.pictures == 300
    assert generated.modes < 100 < 230 < real.modes and generated.kl.value > 2 * real.kl.value


@pytest.mark.parametrize(
    ("measure", "one", "says"),
    [
        (evaluated, model("cyclegan", ["a", "b"]), "translates pictures and draws none"),
        (cas_of, model(conditional=False), "cannot be asked for a digit"),
        (cas_of, model(dataset="emoji"), "draws emoji, but the score is measured on digits"),
        (modes_of, model(), "draws digits, but modes are counted in stacked digits"),
    ],
)
def test_models_that_a_figure_does_not_apply_to_are_refused(
    measure: Any, one: TrainedModel, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        measure(one)
