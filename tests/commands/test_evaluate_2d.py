"""`evaluate-2d`: the table it prints, the record it keeps, and one sentence for every mistake."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from ganapp.__main__ import main
from ganapp.commands import evaluate_2d
from ganapp.config.lab_presets import LAB_PRESETS
from ganapp.lab.protocol import Row, row, trials

SMALL = ["evaluate-2d", "ring", "--steps", "3", "--trials", "2"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in its own folder."""
    monkeypatch.chdir(tmp_path)


def test_a_table_by_hand() -> None:
    lines = evaluate_2d.table(
        "ring",
        [
            Row("mine", (7.5, 0.25), (90.25, 1.26), (0.1234, 0.01)),
            Row("one", (8, math.nan), (1, 0), (0, 0)),
        ],
    )
    assert "| GAN (paper) | 6.3 | 98.2 | 0.45 |" in lines
    assert lines.endswith(
        "| mine | 7.5 ± 0.2 | 90.2 ± 1.3 | 0.123 ± 0.010 |\n| one | 8.0 | 1.0 ± 0.0 | 0.000 ±"
        " 0.000 |"
    )


def test_it_prints_the_mean_of_the_trials_beside_the_papers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*SMALL, "--preset", "gan"]) == 0
    said = capsys.readouterr().out
    config = replace(LAB_PRESETS["gan"].config, plane="eight-gaussians")
    expected = evaluate_2d.table("ring", [row("gan", list(trials(config, 2, 3)))])
    assert (
        expected in said
        and "PacGAN4 (paper)" in said
        and "400,000 steps" in said
        and "2 trainings of 3 steps" in said
    )


@pytest.mark.parametrize(("task", "modes"), [("ring", 8), ("grid", 25)])
def test_all_is_a_row_of_each(task: str, modes: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["evaluate-2d", task, "--all", "--steps", "1", "--trials", "1", "--json", "r.json"])
        == 0
    )
    said = capsys.readouterr().out
    names = [line.split("|")[1].strip() for line in said.splitlines() if line.startswith("| ")]
    assert names[-4:] == [*evaluate_2d.COMPARED, f"best-{task}"]
    assert f"modes of {modes}" in said
    kept = json.loads(Path("r.json").read_text())["evaluate-2d"][task]
    assert list(kept) == names[-4:]
    assert {entry["settings"].get("plane", "eight-gaussians") for entry in kept.values()} == {
        evaluate_2d.TASKS[task].plane
    }


def test_a_record_keeps_what_else_it_holds() -> None:
    Path("r.json").write_text('{"machine": 1, "evaluate-2d": {"grid": {"gan": 2}}}')
    assert main([*SMALL, "--loss", "hinge", "--json", "r.json"]) == 0
    record = json.loads(Path("r.json").read_text())
    assert record["machine"] == 1 and record["evaluate-2d"]["grid"] == {"gan": 2}
    kept = record["evaluate-2d"]["ring"]["hinge"]
    assert kept["steps"] == 3 and kept["settings"]["loss"] == "hinge" and kept["seconds"] >= 0
    assert [len(kept[name]) for name in ("modes", "high_quality", "reverse_kl")] == [2, 2, 2]


def test_a_critic_is_bounded_without_being_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--loss", "wasserstein"]) == 0
    assert "| wasserstein |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "task"),
        (["circle"], "'circle'"),
        (["ring", "--preset", "nothing"], "'nothing'"),
        (["ring", "--loss", "nothing"], "'nothing'"),
        (["ring", "--all", "--loss", "hinge"], "not allowed with"),
        (["ring", "--steps", "0"], "'0'"),
        (["ring", "--trials", "many"], "'many'"),
        (["ring", "--trials", "1001"], "1000"),
        (["ring", "--json", "."], "a folder"),
        (["ring", "--json", "broken.json"], "no record"),
        (["ring", "--json", "list.json"], "no record"),
        (["ring", "--json", "/proc/nowhere/r.json"], "/proc/nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("broken.json").write_text("{")
    Path("list.json").write_text("[]")
    assert main(["evaluate-2d", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out and err.count("\n") == 1 and err.rstrip().endswith(".") and said in err
    assert Path("broken.json").read_text() == "{"
