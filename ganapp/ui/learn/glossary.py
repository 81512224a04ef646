"""The words that lessons explain where they are first used. Knows no Gradio."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from markdown_it.token import Token
from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("glossary.yaml")


class Term(BaseModel):
    """A word, other forms of it, what it means, and the `lesson` that says more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    term: str
    also: tuple[str, ...] = ()
    text: str
    lesson: str = ""


@functools.cache
def terms() -> list[Term]:
    """All words, by the alphabet."""
    known = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return sorted((Term(**one) for one in known), key=lambda one: one.term.casefold())


@functools.cache
def _forms() -> dict[str, str]:
    """The word that each form belongs to."""
    return {form: one.term for one in terms() for form in (one.term, *one.also)}


@functools.cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_forms(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?![\w-])")


def marked(tokens: list[Token]) -> list[Token]:
    """The tokens of a text in Markdown with the first use of each word as a button that opens
    it.
    """
    seen: set[str] = set()
    for token in tokens:
        if token.children:
            token.children = [part for child in token.children for part in _parts(child, seen)]
    return tokens


def _parts(token: Token, seen: set[str]) -> Iterator[Token]:
    if token.type != "text":
        yield token
        return
    place = 0
    for match in _pattern().finditer(token.content):
        term = _forms()[match[0]]
        if term in seen:
            continue
        seen.add(term)
        yield Token("text", "", 0, content=token.content[place : match.start()])
        said = html.escape(term, quote=True)
        button = f'<button type="button" class="term" data-term="{said}">{match[0]}</button>'
        yield Token("html_inline", "", 0, content=button)
        place = match.end()
    yield Token("text", "", 0, content=token.content[place:])
