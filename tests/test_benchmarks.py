"""What the benchmarks are made of: the plain loop is a fair one, ratios are ratios, and the README
shows what was recorded.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import choices, diffaugment, quality, report, translation
from benchmarks.plain import Plain, write_mnist
from benchmarks.side_by_side import Ratio, compare
from benchmarks.time_to_quality import QualityCheck, reached, summary
from benchmarks.training import CASES
from ganapp import checkpoints
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS
from ganapp.datasets.bundled import load_digits
from ganapp.datasets.pictures import Part, Pictures
from ganapp.errors import BadInput
from ganapp.evaluation import tables


def test_the_plain_loop_sees_the_bundled_digits_through_torchvision(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    plain = Plain(TrainConfig(model="mlp", image_size=28, discriminator_norm="none"), tmp_path)
    image, label = plain.loader.dataset[7]
    digits = load_digits(lambda share, what: None)
    assert (
        torch.equal(((image + 1) * 127.5).round().to(torch.uint8), digits.images[7])
        and label == digits.labels[7]
    )
    assert len(plain.loader.dataset) == 5000  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CASES)
def test_the_plain_loop_plays_the_networks_of_each_case(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    config = TrainConfig.from_dict(
        {**case.changes, "width": 4, "batch_size": 8}, PRESETS[case.preset].config
    )
    assert config.loss == "non-saturating" and not config.penalties and config.optimizer == "adam"
    write_mnist(tmp_path)
    plain = Plain(config, tmp_path)
    before = [
        weight.clone()
        for player in (plain.generator, plain.discriminator)
        for weight in player.parameters()
    ]
    losses = list(itertools.islice(plain.rounds(), 2))
    after = [
        weight
        for player in (plain.generator, plain.discriminator)
        for weight in player.parameters()
    ]
    assert all(loss > 0 for pair in losses for loss in pair)
    assert not any(torch.equal(a, b) for a, b in zip(before, after, strict=True) if a.ndim > 1)


class Clock:
    """A program that takes known times."""

    def __init__(self, *seconds: float) -> None:
        self.left, self.steps = list(seconds), 0

    def seconds(self, steps: int) -> float:
        self.steps = steps
        return self.left.pop(0)

    def end(self) -> None:
        assert not self.left


def test_a_ratio_is_the_median_of_the_turns_without_the_first() -> None:
    slow, fast = Clock(9.0, 2.0, 4.0, 6.0), Clock(1.0, 1.0, 1.0, 1.0)
    ratio = compare(slow, fast, (5, 10), 3)  # type: ignore[arg-type]
    assert ratio.median == 4 and ratio.seconds == (4, 1) and slow.steps == 5 and fast.steps == 10
    assert "4.00 times as fast" in str(Ratio(4, 2, 6, (0.004, 0.001)))


def looks(*rows: tuple[float, float, float]) -> list[QualityCheck]:
    return [
        QualityCheck(seconds, 1, accuracy, 1.0, coverage) for seconds, accuracy, coverage in rows
    ]


def test_the_goal_needs_accuracy_and_coverage_together() -> None:
    assert reached(looks((5, 0.99, 0.1), (10, 0.5, 0.9), (15, 0.9, 0.5), (20, 1, 1))) == 15
    assert reached(looks((5, 0.99, 0.49))) is None


def test_how_many_times_sooner_is_never_more_than_was_seen() -> None:
    never, ours = looks((60, 0.9, 0.1)), looks((10, 0.5, 0.5), (20, 0.9, 0.5))
    assert summary({"plain": [never] * 3, "ours": [ours] * 3}) == {
        "seconds": {"plain": [None] * 3, "ours": [20] * 3},
        "times sooner": 3,
    }
    late = looks((30, 0.5, 0.5), (60, 0.9, 0.6))
    assert summary({"plain": [late] * 3, "ours": [ours] * 3})["times sooner"] == 1.5
    assert summary({"plain": [never] * 3, "ours": [never] * 3})["times sooner"] == 0


def test_the_results_page_shows_what_was_recorded() -> None:
    between = (
        report.PAGE.read_text(encoding="utf-8").split(report.MARKS[0])[1].split(report.MARKS[1])[0]
    )
    assert between.strip() == report.text().strip()
    assert report.records() and all(
        record["machine"]["torch"] for record in report.records().values()
    )


@pytest.fixture
def few_learned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of the training digits a twelfth."""
    whole = quality.real_digits

    def real_digits(part: Part) -> Pictures:
        if part == "test":
            return whole(part)
        return load_digits(lambda share, what: None).resized(quality.SIDE)

    monkeypatch.setattr(quality, "real_digits", real_digits)
    quality._reference.cache_clear()
    yield
    quality._reference.cache_clear()  # nobody else is held against so few


@pytest.mark.usefixtures("few_learned")
def test_pictures_that_were_drawn_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = load_digits(lambda share, what: None)
    images, labels = digits.images.permute(0, 2, 3, 1).numpy()[::50], digits.labels.numpy()[::50]
    for name, asked in (("asked", labels), ("not-asked", np.full(100, -1))):
        np.savez(tmp_path / f"{name}.npz", images=images, labels=asked)
        monkeypatch.setattr(
            "sys.argv",
            ["quality", str(tmp_path / f"{name}.npz"), "--json", str(tmp_path / f"{name}.json")],
        )
        quality.main()
        found = json.loads((tmp_path / f"{name}.json").read_text())["generated"]
        assert (
            found["nearest_median"]["value"] == 0
            and found["authenticity"]["value"] == 0
            and found["precision"]["value"] > 0.85
            and found["against"] == 10_000
        )
        assert (
            ("label accuracy" in capsys.readouterr().out)
            == (name == "asked")
            == (found["label_accuracy"] is not None)
        )


@pytest.mark.usefixtures("few_learned")
def test_figures_of_a_card_stand_beside_those_of_real_digits() -> None:
    digits = load_digits(lambda share, what: None)
    found = quality.evaluate(
        digits.images.permute(0, 2, 3, 1).numpy()[::50], digits.labels.numpy()[::50]
    )
    figures = tables.card_figures(found)
    assert list(figures)[:2] == ["Label accuracy", "Fréchet distance (digit features)"]
    assert (
        figures["Coverage"] == f"{found.generated.coverage.value:.3f} (real against real:"
        f" {found.floor.coverage.value:.3f})"
    )


class Swap:
    """Stands in for a model that translates: the identity, in both directions."""

    translates, class_names = True, ("filled", "outline")
    config = PRESETS["cyclegan-outline"].config

    def translate(self, images: np.ndarray, to: int) -> np.ndarray:
        return images


def test_a_translator_that_changes_nothing_has_no_cycle_error_and_stays_far_from_the_partner() -> (
    None
):
    found = translation.judged(Swap())  # type: ignore[arg-type]
    assert list(found) == ["filled to outline", "outline to filled"]
    for truth in found.values():
        assert truth.cycle == 0 and truth.partner == truth.before > 0.1
    assert "0.0% from filled" in translation.figures(found)["Cycle error"]


@pytest.mark.parametrize("name", translation.PAIRS)
def test_partners_are_in_both_domains_data(name: str) -> None:
    images, labels, *_ = DATASETS[name](lambda share, what: None)
    for domain, pictures in enumerate(translation.PAIRS[name]()):
        known = {picture.numpy().tobytes() for picture in pictures}
        assert all(picture.numpy().tobytes() in known for picture in images[labels == domain][:200])


def test_models_without_partners_are_refused() -> None:
    with pytest.raises(BadInput, match="no known partners"):
        translation.judged(checkpoints.open_model("mlp-digits-quick"))


def test_augmentation_is_all_that_differs_and_a_look_sees_every_step_that_was_asked_for() -> None:
    plain, augmented = (
        diffaugment.settings(100, augment, 3).to_dict() for augment in diffaugment.SIDES
    )
    assert [name for name in plain if plain[name] != augmented[name]] == ["augment"] and plain[
        "r1_weight"
    ] == 0
    looks = list(diffaugment.watch(replace(diffaugment.settings(100, "none", 0), width=4), 6))
    assert [look.steps for look in looks] == [2, 4, 6] and all(
        look.frechet > 1 and 0 <= look.coverage <= 1 for look in looks
    )


def test_a_gain_over_seeds_has_its_interval() -> None:
    mean, half = choices.gain([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    assert mean == pytest.approx(2.0)
    assert half == pytest.approx(4.303 / 3**0.5, rel=1e-3)  # Student's t of two degrees of freedom


def test_each_value_of_a_setting_is_held_against_the_usual_one() -> None:
    runs = {"a": [1.0, 3.0], "b": [2.0, 4.0]}
    found = {
        name: [dict.fromkeys(choices.FIGURES, one) for one in values]
        for name, values in runs.items()
    }
    choice = choices.Choice("leaky_slope", ("a", "b"), "a")
    first, _, usual, other = choices.table(choice, found).splitlines()
    assert "leaky_slope" in first and usual.startswith("| a | 2.000 |")
    assert "3.000 (+1.000 ± 0.000)" in other


def test_only_the_studied_setting_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[TrainConfig] = []

    def figures(config: TrainConfig) -> dict[str, float]:
        seen.append(config)
        return {"frechet": 1.0}

    monkeypatch.setattr(choices, "figures", figures)
    kept: list[dict[str, object]] = []
    choices.study(choices.CHOICES["slope"], 2, kept.append)
    assert len({config.leaky_slope for config in seen}) == 5 and len(seen) == len(kept) == 10
    assert all(
        replace(config, leaky_slope=0.2, seed=0) == replace(choices.BASE, seed=0) for config in seen
    )
