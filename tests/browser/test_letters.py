"""The Letters tab in a real browser: words, sliders, and what cannot be drawn."""

from __future__ import annotations

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


def test_the_sliders_are_obeyed(page: Page) -> None:
    """The measured slant and weight follow what is asked."""
    measured = page.locator("#letters-alphabet [data-measured=slant]")
    for asked in ("0", "14"):
        slider = page.locator("#letters-slant input[type=range]")
        slider.fill(asked)
        expect(
            page.locator("#letters-alphabet tr", has_text="Slant").locator("td").first
        ).to_have_text(f"{asked}°")
    lean = re.match(r"(\d+)°", measured.inner_text())
    assert lean and int(lean[1]) >= 8
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
