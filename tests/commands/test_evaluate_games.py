"""The commands that measure one kind of game: what they print and write, and what they refuse."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from ganapp.__main__ import main
from ganapp.evaluation.bootstrap import Estimate
from ganapp.evaluation.report import PictureScores
from ganapp.experiments import letters, variational
from tests.commands.calls import one_sentence

SOME = Estimate(0.5, 0.4, 0.6)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, dict[str, Any]]:
    """What a command prints, and the JSON that it writes."""
    assert main([*arguments, "--json", "figures.json"]) == 0
    figures = json.loads(Path("figures.json").read_text(encoding="utf-8"))
    return capsys.readouterr().out, figures


def test_texts(capsys: pytest.CaptureFixture[str]) -> None:
    said, figures = told(capsys, "evaluate-text", "text-faces", "--count", "20")
    assert figures["pictures"] == 20 and "20 texts about faces" in said
    generated, chance = (figures[name]["said"]["value"] for name in ("generated", "chance"))
    assert generated > chance
    assert f"{generated:.3f}" in said and all(kind in said for kind in ("glasses", "hair colour"))


def test_repairs(capsys: pytest.CaptureFixture[str]) -> None:
    said, figures = told(capsys, "evaluate-repairs", "repair-rain", "--count", "20")
    assert figures["pictures"] == 20 and figures["held_out"]
    damaged, repaired = (figures[name]["psnr"]["value"] for name in ("damaged", "repaired"))
    assert repaired > damaged + 3 and f"{repaired:.2f}" in said


def test_letters(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring takes minutes; `tests/experiments` does it with few fonts."""
    rows = (letters.Obedience("slant", "degrees", 0.987, SOME, 80),)
    found = letters.LetterFigures(rows, rows, rows, SOME, SOME, SOME)
    monkeypatch.setattr(letters, "measure", lambda *arguments: found)
    said, figures = told(capsys, "evaluate-letters", "letters")
    assert figures["fonts"][0]["correlation"] == 0.987
    assert figures["anywhere_read"]["value"] == 0.5
    assert said.count("0.987") == 3 and "80 alphabets" in said and "real 50.0%" in said


def figures_of(bound: variational.Bound | None) -> variational.Figures:
    figures: dict[str, Any] = {field.name: SOME for field in dataclasses.fields(PictureScores)}
    scores = PictureScores(**figures)
    encoded = SOME if bound else None
    return variational.Figures(
        variational.Drawn(scores, SOME, SOME), variational.Found(2, encoded, SOME), bound
    )


def test_a_vae_beside_a_gan(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measuring takes minutes; `tests/experiments` does it with few pictures."""
    bound = variational.Bound(10, Estimate(-100.1, -101.0, -99.0), SOME, SOME, 45.5)
    monkeypatch.setattr(
        variational, "measure", lambda model, *rest: figures_of(bound if model.encodes else None)
    )
    said, figures = told(capsys, "evaluate-vae")
    assert figures["vae-digits"]["bound"]["floor"] == 45.5
    assert figures["gan-digits"]["bound"] is None
    elbo = next(line for line in said.splitlines() if line.startswith("ELBO"))
    assert "-100.1" in elbo and elbo.endswith("-")


@pytest.mark.parametrize("command", ["evaluate-text", "evaluate-repairs", "evaluate-letters"])
def test_models_of_another_game_are_refused(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "digits"]) == 2
    assert one_sentence(capsys)
