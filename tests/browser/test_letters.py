"""The Letters tab in a real browser: words, sliders, and what cannot be drawn."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab


@pytest.fixture
def page(app: App, visit: Callable[..., Page]) -> Page:
    page = visit(app.url)
    open_tab(page, "Letters")
    expect(page.locator("#letters-shown .letters[data-word=QUARTZ]")).to_be_visible()
    return page


def lean_of(page: Page, asked: int) -> int:
    """What is measured after the slant was moved. The page may still be drawing what it opened
    with, and that answer is the newer one: then the slider is moved again.
    """
    row = page.locator("#letters-alphabet tr", has_text="Slant")
    for patience in (5000, 10_000, 60_000):
        page.locator("#letters-slant input[type=range]").fill(str(asked))
        with contextlib.suppress(AssertionError):
            expect(row.locator("td").first).to_have_text(f"{asked}°", timeout=patience)
            break
    found = re.match(r"(\d+)°", row.locator("td").last.inner_text())
    assert found
    return int(found[1])


def test_the_sliders_are_obeyed(page: Page) -> None:
    assert lean_of(page, 0) <= 3
    assert lean_of(page, 14) >= 9
    expect(page.locator("#letters-near figure")).to_have_count(2)


def test_a_typed_word_is_drawn_and_others_get_a_sentence(page: Page) -> None:
    word, problem = (
        page.locator("#letters-word textarea, #letters-word input"),
        page.locator("#letters-shown .explore-problem"),
    )
    word.fill("gans")
    expect(page.locator("#letters-shown .letters")).to_have_attribute("data-word", "GANS")
    expect(page.locator("#letters-steps .letters")).to_have_attribute("data-lines", "7")
    word.fill("Ω")
    expect(problem).to_contain_text("“Ω” is not one of the letters A to Z")
    word.fill("")
    expect(problem).to_contain_text("There is no word to draw")
    word.fill("A" * 10_000)
    expect(problem).to_contain_text("The word has 10,000 characters")
    word.fill("done")
    expect(problem).to_be_hidden()
    expect(page.locator("#letters-shown .letters")).to_have_attribute("data-word", "DONE")
