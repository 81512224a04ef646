"""Lessons as data: a Markdown file for each, so that a teacher can write one without programming.

A file begins with a header of YAML between two lines `---`. Each heading of the second level begins
a step: some text, with formulas between dollars, and a block of YAML that says what the step does
with the real page. `Step` and `Lesson` are the whole language. Lessons of one's own lie in the
folder that `GANAPP_LESSONS` names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ganapp.errors import BadInput
from ganapp.ui.learn import glossary

SHIPPED = Path(__file__).with_name("lessons")
OWN = "GANAPP_LESSONS"
MOST_WORDS = 60
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
MARKDOWN = MarkdownIt("commonmark", {"html": False})

Selector = Annotated[str, Field(min_length=1, max_length=200)]


class Plain(BaseModel):
    """Refuses what it does not know, so that a slip of the pen is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Act(Plain):
    """One thing that is done with the page: a tab is opened, a `recording` is shown (beside another
    one to `compare`, at an `epoch`), a control gets a value (a choice by its words), or something
    is pressed, some `times`; only if it is there, with `maybe`.
    """

    open: str | None = None
    recording: str | None = None
    compare: str = ""
    epoch: Annotated[int, Field(ge=0)] | None = None
    control: Selector | None = None
    to: str | float | bool | None = None
    press: Selector | None = None
    times: Annotated[int, Field(ge=1, le=50)] = 1
    maybe: bool = False

    @model_validator(mode="after")
    def _one(self) -> Act:
        done = [self.open, self.recording, self.control, self.press]
        if sum(part is not None for part in done) != 1 or (self.control is None) != (
            self.to is None
        ):
            raise ValueError(
                "write `open: TAB`, `recording: NAME`, `press: PLACE`, or `control: PLACE` and"
                " `to:`"
            )
        return self


class Ask(Plain):
    """A question before the run: its `choices`, and the number of the `right` one, from 1."""

    question: str
    choices: Annotated[list[str], Field(min_length=2, max_length=4)]
    right: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _known(self) -> Ask:
        if self.right > len(self.choices):
            raise ValueError(f"right is {self.right}, but there are {len(self.choices)} choices")
        return self


class Figure(Plain):
    """A number on the page: in the text of a place, or in its attribute `data-...`; the first one
    there, or the one of number `nth`, counted from the end if it is negative. It is shown with so
    many `digits`.
    """

    at: Selector
    data: str | None = None
    nth: int = 1
    digits: Annotated[int, Field(ge=0, le=6)] | None = None


class Wait(Plain):
    """What ends the run: a figure of the step that is at `least` or at `most` so much, after so
    many `seconds` at most. Without a figure, those seconds pass.
    """

    figure: str | None = None
    least: float | None = None
    most: float | None = None
    seconds: Annotated[float, Field(gt=0, le=15)] = 15


class Block(Plain):
    """What a step does: `do` on entering it, what to `watch`, what it asks, what it does to `run`,
    how long it waits, what it does `then`, which `figures` it reads, and its sentence about them.
    """

    do: list[Act] = []
    watch: Selector | None = None
    ask: Ask | None = None
    run: list[Act] = []
    wait: Wait | None = None
    then: list[Act] = []
    figures: dict[str, Figure] = {}
    reveal: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Block:
        missing = set(re.findall(r"\{(\w+)\}", self.reveal)) - set(self.figures)
        if self.wait is not None and self.wait.figure is not None:
            missing |= {self.wait.figure} - set(self.figures)
        if missing:
            raise ValueError(f"there is no figure called {', '.join(sorted(missing))}")
        return self


class Head(Plain):
    """What a list of lessons shows."""

    title: str
    minutes: Annotated[int, Field(ge=1, le=15)]
    about: str
    part: str = "More"
    order: int = 1000
    language: str = "en"


class Step(Plain):
    """One step, as the page wants it."""

    title: str
    text: str
    act: Block


class Lesson(Plain):
    """A whole lesson; `name` is that of its file."""

    name: str
    head: Head
    steps: list[Step]


def parsed(name: str, source: str) -> Lesson:
    """The lesson in a file's text; `BadInput` names the file, the line and what is wrong there."""
    match = re.match(r"---\n(.*?)^---\n", source, re.MULTILINE | re.DOTALL)
    if match is None:
        raise _fault(name, 1, "the file must begin with a header between two lines ---")
    head = _read(Head, match.group(1), name, 2)
    steps = list(_steps(name, source, match.end()))
    if not steps:
        raise _fault(name, _line(source, match.end()), "there is no step: begin each with ## TITLE")
    return Lesson(name=name, head=head, steps=steps)


def _steps(name: str, source: str, start: int) -> Iterator[Step]:
    headings = [*re.finditer(r"^## (.+)$", source[start:], re.MULTILINE)]
    ends = [*(match.start() for match in headings[1:]), len(source) - start]
    for heading, end in zip(headings, ends, strict=False):
        first = start + heading.end()
        body = source[first : start + end]
        blocks = [*BLOCK.finditer(body)]
        line = _line(source, start + heading.start())
        if len(blocks) > 1:
            raise _fault(name, line, "a step has at most one block of yaml")
        act = (
            _read(Block, blocks[0].group(1), name, _line(source, first + blocks[0].start(1)))
            if blocks
            else Block()
        )
        text = BLOCK.sub("", body).strip()
        words = len(FORMULA.sub("x", text).split())
        if words > MOST_WORDS:
            raise _fault(name, line, f"{words} words are too many for a step: write {MOST_WORDS}")
        yield Step(title=heading.group(1).strip(), text=html(text), act=act)


def html(text: str) -> str:
    """Markdown with formulas between dollars, as HTML with MathML; no markup of its own. The first
    use of each word of the glossary opens it.
    """
    formulas: list[str] = []

    def keep(match: re.Match[str]) -> str:
        block, line = match.groups()
        formulas.append(
            convert(block.strip(), display="block") if block is not None else convert(line)
        )
        return f"FORMULA{len(formulas) - 1}END"

    tokens = glossary.marked(MARKDOWN.parse(FORMULA.sub(keep, text)))
    shown: str = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    for number, formula in enumerate(formulas):
        shown = shown.replace(f"FORMULA{number}END", formula)
    return shown


def _read(kind: type[Any], text: str, name: str, line: int) -> Any:
    try:
        return kind(**(yaml.safe_load(text) or {}))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _fault(name, line + (mark.line if mark else 0), "this is not YAML") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        key = str(first["loc"][0]) if first["loc"] else ""
        within = next(
            (k for k, row in enumerate(text.splitlines()) if key and row.startswith(key)), 0
        )
        raise _fault(name, line + within, f"{place}: {first['msg']}".removeprefix(": ")) from None
    except TypeError:
        raise _fault(name, line, "this must be lines of NAME: VALUE") from None


def _line(source: str, place: int) -> int:
    return source.count("\n", 0, place) + 1


def _fault(name: str, line: int, what: str) -> BadInput:
    return BadInput(f"The lesson {name}.md cannot be used: line {line}: {what}.")


def opened() -> tuple[list[Lesson], list[str]]:
    """Every lesson in its order, those of one's own after the others, and a sentence about each
    file that cannot be used.
    """
    folders = [SHIPPED, *([Path(os.environ[OWN]).expanduser()] if os.environ.get(OWN) else [])]
    found: dict[str, Lesson] = {}
    problems = []
    for folder in folders:
        for file in sorted(folder.glob("*.md")):
            try:
                found[file.stem] = parsed(file.stem, file.read_text(encoding="utf-8"))
            except BadInput as error:
                problems.append(str(error))
            except (OSError, UnicodeDecodeError):
                problems.append(f"The lesson {file.name} cannot be read: save it as UTF-8 text.")
    return sorted(found.values(), key=lambda lesson: (lesson.head.order, lesson.name)), problems
