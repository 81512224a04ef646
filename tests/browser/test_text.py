"""The Text tab in a real browser: write, press an example, leave a word out, be refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab


@pytest.fixture
def page(app: App, visit: Callable[..., Page]) -> Page:
    page = visit(app.url)
    open_tab(page, "Text")
    expect(page.locator(".text-row img")).to_have_count(8)
    return page


def test_a_text_is_drawn_word_by_word(page: Page) -> None:
    expect(page.locator(".text-word")).to_have_count(10)  # it opens on an example
    page.get_by_role("button", name="glasses but no beard", exact=True).click()
    expect(page.locator(".text")).to_have_attribute("data-text", "glasses but no beard")
    expect(page.locator(".text-word")).to_have_count(4)
    words = page.locator("#text-words input")
    words.fill("a unicorn with glasses")
    expect(page.locator(".text-unknown")).to_have_text("unicorn")
    expect(page.locator(".text-note")).to_contain_text("I don't know the word “unicorn”")
    before = page.locator(".text-row img").first.get_attribute("src")
    page.locator(".text-word[data-word=glasses]").click()
    expect(page.locator(".text-others img")).to_have_count(8)
    assert page.locator(".text-others img").first.get_attribute("src") != before
    page.locator(".text-word[data-word=glasses]").click()
    expect(page.locator(".text-others")).to_be_hidden()


def test_what_cannot_be_drawn_is_told_and_nothing_is_lost(page: Page) -> None:
    words, problem = page.locator("#text-words input"), page.locator(".text .explore-problem")
    before = page.locator(".text-row img").first.get_attribute("src")
    for written, said in (("x" * 10_000, "10,000 characters"), ("👩‍🦰 красная", "don't know")):
        words.fill(written)
        expect(problem).to_contain_text(said)
        expect(words).to_have_value(written)
        assert page.locator(".text-row img").first.get_attribute("src") == before
    words.fill("")
    expect(problem).to_be_hidden()
    expect(page.locator(".text-note")).to_contain_text("No text")
