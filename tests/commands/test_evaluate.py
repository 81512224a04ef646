"""The measuring commands: what they print and write, and that they refuse what they cannot
measure.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from ganapp import checkpoints
from ganapp.__main__ import main
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import Pictures
from ganapp.evaluation import cas, classifier
from ganapp.experiments import augmentation, scoring
from tests.commands.calls import one_sentence
from tests.tiny import tiny_config

DIGITS = [str(digit) for digit in range(10)]


@pytest.fixture
def digits_folder(tmp_path: Path) -> str:
    checkpoints.save(TrainedModel(tiny_config().to_dict(), DIGITS, 1), tmp_path / "digits-model")
    return "digits-model"


@pytest.fixture
def stacked_folder(tmp_path: Path) -> str:
    config = tiny_config(dataset="digits-stacked", conditional=False)
    checkpoints.save(
        TrainedModel(config.to_dict(), ["stacked digits"], 3), tmp_path / "stacked-model"
    )
    return "stacked-model"


@pytest.fixture
def few_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,200 real digits instead of 10,000: what is printed does not depend on how many."""
    whole = scoring.real_pictures

    def few(*arguments: Any) -> Pictures:
        found = whole(*arguments)
        return found._replace(images=found.images[:1200], labels=found.labels[:1200])

    monkeypatch.setattr(scoring, "real_pictures", few)


@pytest.mark.usefixtures("few_real")
def test_evaluate_prints_a_table(digits_folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", digits_folder, "--count", "60", "--json", "out/figures.json"]) == 0
    said = capsys.readouterr().out
    for name in (
        "label accuracy",
        "Fréchet distance (digit features)",
        "KID",
        "coverage",
        "authenticity",
        "classes read",
    ):
        assert name in said
    assert (
        "60 generated pictures against 1,200 real ones, by digit classifier's features" in said
        and "FID" not in said
    )
    figures = json.loads(Path("out/figures.json").read_text())
    assert (
        f"{figures['generated']['frechet']['value']:.2f} [" in said
        and figures["checkpoint"] == digits_folder
    )


@pytest.mark.usefixtures("few_real")
def test_evaluate_prints_json_alone(digits_folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", digits_folder, "--count", "60", "--encoder", "random", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (
        figures["encoder"] == "random"
        and figures["generated"]["label_accuracy"] is None
        and figures["seed"] == 1
    )
    assert figures["generated"]["pictures"] == 60 and figures["floor"]["pictures"] == 60


def test_evaluate_stacked_counts_both(
    stacked_folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ganapp.evaluation import stacked
    from ganapp.experiments import scoring

    whole = scoring.modes_of
    monkeypatch.setattr(stacked, "FEWEST", 300)
    monkeypatch.setattr(
        scoring, "modes_of", lambda model, count, **rest: whole(model, count=count // 100, **rest)
    )
    assert main(["evaluate-stacked", stacked_folder, "--count", "30000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == [
        "generated",
        "real",
    ] and "modes, KL from uniform" in lines[0]
    assert (
        int(lines[0].split()[1]) < int(lines[1].split()[1])
        and "the real stacks are of the 10,000 test digits" in lines[2]
    )
    assert main(["evaluate-stacked", stacked_folder, "--count", "30000", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["real"]["modes"] > 200 and set(figures["generated"]["kl"]) == {
        "value",
        "low",
        "high",
    }


def test_evaluate_cas_learns_and_tests(
    digits_folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cas.score.__kwdefaults__ or {}, "steps", 5)
    assert main(["evaluate-cas", digits_folder, "--count", "200", "--json", "cas.json"]) == 0
    said, figures = capsys.readouterr().out, json.loads(Path("cas.json").read_text())
    assert (
        "learned from 200 generated digits" in said
        and "of 10,000 real ones" in said
        and "learned from real digits: 0.99" in said
    )
    assert figures["accuracy"]["value"] < 0.5 and len(figures["by_class"]) == 10


def test_train_classifier_writes_what_opens(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train-classifier", "--steps", "10", "--seed", "3", "--out", "mine"]) == 0
    _, facts = classifier.opened(Path("mine"))
    assert facts.seed == 3 and facts.steps == 10 and 0.1 < facts.accuracy < 0.99
    said = capsys.readouterr().out
    assert facts.sha256 in said and f"{facts.accuracy:.1%} of 10,000 held-out digits" in said


def test_augmentation_compares_four_ways(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = (("width", 4), ("latent_size", 4), ("precision", "float32"))
    whole = augmentation.Setting
    monkeypatch.setattr(
        augmentation,
        "Setting",
        lambda *values: whole(*values, generated=60, gan=tiny),  # type: ignore[misc] # names are given twice nowhere
    )
    pool, test = augmentation.digits()
    few = test._replace(images=test.images[:300], labels=test.labels[:300])
    monkeypatch.setattr(augmentation, "digits", lambda: (pool, few))
    arguments = [
        "augmentation",
        "--real",
        "5,10",
        "--seeds",
        "2",
        "--steps",
        "10",
        "--gan-steps",
        "1",
        "--json",
        "all.json",
    ]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [(line.split()[0], line.split()[4]) for line in lines] == [
        (n, way) for n in ("5", "10") for way in augmentation.WAYS
    ]
    figures = json.loads(Path("all.json").read_text())
    assert (
        len(figures["results"]) == 16
        and len(figures["rows"]) == 8
        and figures["settings"][0]["gan_steps"] == 1
    )
    classic = [
        one["accuracy"]
        for one in figures["results"]
        if one["way"] == "classic" and one["per_class"] == 5
    ]
    row = next(row for row in figures["rows"] if row["way"] == "classic" and row["per_class"] == 5)
    assert math.isclose(row["accuracy"]["value"], sum(classic) / 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["evaluate"], "CHECKPOINT"),
        (["evaluate", "nowhere"], "There is no checkpoint folder 'nowhere'"),
        (["evaluate", "digits-model", "--count", "49"], "'49' is not a whole number from 50"),
        (["evaluate", "digits-model", "--encoder", "vgg"], "'vgg'"),
        (
            ["evaluate", "digits-model", "--json", "x.txt"],
            "--json is 'x.txt', but its name must end in .json",
        ),
        (
            ["evaluate", "digits-model", "--json", "/proc/nowhere/x.json"],
            "choose another folder with --json",
        ),
        (
            ["evaluate-stacked", "digits-model"],
            "draws digits, but modes are counted in stacked digits",
        ),
        (
            ["evaluate-stacked", "digits-model", "--count", "25999"],
            "'25999' is not a whole number from 26000",
        ),
        (
            ["evaluate-cas", "stacked-model"],
            "draws digits-stacked, but the score is measured on digits",
        ),
        (["train-classifier"], "--out"),
        (["train-classifier", "--out", "/proc/nowhere"], "choose another folder"),
        (
            ["augmentation", "--real", "0,10"],
            "--real is '0,10', but must be whole numbers with commas",
        ),
        (["augmentation", "--real", "9999"], "9999 real pictures of each class are asked for"),
        (["augmentation", "--share", "1.5"], "'1.5' is not a number from 0 to 1"),
        (["augmentation", "--seeds", "1"], "'1' is not a whole number from 2"),
    ],
)
def test_mistakes_get_one_sentence(
    arguments: list[str],
    says: str,
    digits_folder: str,
    stacked_folder: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments) == 2
    assert says in one_sentence(capsys)
