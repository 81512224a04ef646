"""Lessons as data: what a file may say, and what is told of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganapp.errors import BadInput
from ganapp.ui.learn import lessons

HEAD = "---\ntitle: One\nminutes: 3\nabout: Two.\n---\n"
STEP = """
## A step

Some text with $D(x)$ and <b>markup</b>.

```yaml
do:
  - open: lab
  - control: "#lab-preset"
    to: A ring
ask: {question: Why so, choices: [a, b], right: 2}
run:
  - press: .lab-play
    times: 3
wait: {figure: step, least: 10, seconds: 5}
figures:
  step: {at: .lab, data: step}
reveal: After {step} rounds.
```
"""


def test_a_file_becomes_a_lesson() -> None:
    lesson = lessons.parsed("mine", HEAD + STEP + "\n## Another\n\nThe end.\n")
    assert lesson.head.title == "One" and [step.title for step in lesson.steps] == [
        "A step",
        "Another",
    ]
    first = lesson.steps[0]
    assert "<math" in first.text and "&lt;b&gt;" in first.text and "yaml" not in first.text
    assert first.act.ask is not None and first.act.ask.right == 2
    assert first.act.wait is not None and first.act.run[0].times == 3
    assert lesson.steps[1].act == lessons.Block()


def test_a_formula_stands_in_its_own_line_or_in_the_text() -> None:
    shown = lessons.html(r"Here $\log 4$ and" + "\n\n$$C(G)=-\\log 4$$\n")
    assert shown.count("<math") == 2 and 'display="block"' in shown and "FORMULA" not in shown


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("---\ntitle", "title"), "line 1: the file must begin with a header"),
        (("minutes: 3", "minutes: 99"), "line 3: minutes: "),
        (("about: Two.\n", ""), "about: Field required"),
        (("title: One", "title: [One"), "this is not YAML"),
        (("## A step", "# A step"), "there is no step"),
        (("Some text", "word " * 61), "words are too many"),
        (("right: 2", "right: 3"), "right is 3, but there are 2 choices"),
        (("open: lab", "opens: lab"), "line 12: do.0"),
        (("    to: A ring\n", ""), "write `open: TAB`"),
        (("{step} rounds", "{steps} rounds"), "there is no figure called steps"),
        (("figure: step", "figure: other"), "there is no figure called other"),
        (("seconds: 5", "seconds: 500"), "wait"),
        (("\n```yaml", "\n```yaml\n- a\n```\n```yaml"), "at most one block"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(change: tuple[str, str], says: str) -> None:
    source = (HEAD + STEP).replace(*change)
    assert source != HEAD + STEP
    with pytest.raises(BadInput) as caught:
        lessons.parsed("mine", source)
    assert str(caught.value).startswith("The lesson mine.md cannot be used: line ")
    assert says in str(caught.value)


def test_a_teachers_own_lessons_join_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.md").write_text(HEAD + STEP, encoding="utf-8")
    (tmp_path / "broken.md").write_text("Nothing", encoding="utf-8")
    (tmp_path / "latin.md").write_bytes(b"---\n\xff")
    monkeypatch.setenv("GANAPP_LESSONS", str(tmp_path))
    found, problems = lessons.opened()
    assert found[-1].name == "mine" and len(found) > 8
    assert [problem.split()[2] for problem in problems] == ["broken.md", "latin.md"]
