"""The Evaluate tab in a real browser: measure, look at the plots, take the figures home; stop."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab
from tests.browser.test_page import PHONE

DIGITS = "bundled:digits 500 1"


@pytest.fixture
def opened(app: App, visit: Callable[..., Page]) -> Callable[..., Page]:
    def open_page(query: str = "", **options: object) -> Page:
        page = visit(app.url + query, **options)
        open_tab(page, "Evaluate")
        expect(page.locator("#evaluate-models")).to_contain_text("Conditional DCGAN on digits")
        page.get_by_label("500", exact=True).check()
        return page

    return open_page


def measured(page: Page) -> None:
    page.locator("#evaluate-start").click()
    expect(page.locator(".evaluate")).to_have_attribute("data-state", "done")
    expect(page.locator(".evaluate-plots")).to_have_attribute("data-shown", DIGITS)
    expect(page.locator("#evaluate-start")).to_be_enabled()


def test_a_measurement_stops_is_begun_again_and_survives_a_reload(
    opened: Callable[..., Page],
) -> None:
    page = opened(forgive=("AbortError", "Connection errored"))  # of what the reload cuts short
    page.get_by_role("spinbutton", name="Seed", exact=True).fill("77")
    page.locator("#evaluate-start").click()
    expect(page.locator(".evaluate")).to_have_attribute("data-state", "busy")
    expect(page.locator(".evaluate-note")).to_contain_text("digits: ")
    expect(page.locator("#evaluate-start")).to_be_disabled()
    page.locator("#evaluate-stop").click()
    expect(page.locator(".evaluate-note")).to_have_text("Stopped.")
    expect(page.locator(".evaluate")).to_have_attribute("data-state", "empty")
    page.get_by_role("spinbutton", name="Seed", exact=True).fill("1")
    measured(page)
    page.reload()
    open_tab(page, "Evaluate")
    expect(page.locator(".evaluate-plots")).to_have_attribute("data-shown", DIGITS)
    page.locator("#evaluate-clear").click()
    expect(page.locator(".evaluate")).to_have_attribute("data-state", "empty")


def test_figures_plots_and_files_of_a_model(opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened("?__theme=dark")
    measured(page)
    expect(page.locator(".evaluate-figures tbody tr")).to_have_count(13)
    expect(page.locator(".evaluate-sorted img")).to_have_count(40)
    expect(page.locator(".evaluate-pairs img")).to_have_count(32)
    texts = set()
    page.locator(".evaluate-walk input").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        texts.add(page.locator(".evaluate-plots").get_attribute("data-here"))
    assert len(texts) == 3
    expect(page.locator(".evaluate-lens")).to_contain_text("read as")
    with page.expect_download() as file:
        page.locator("#evaluate-csv").click()
    file.value.save_as(tmp_path / "figures.csv")
    lines = list(csv.DictReader((tmp_path / "figures.csv").open(encoding="utf-8")))
    assert len(lines) == 13 and {line["model"] for line in lines} == {"digits"}
    with page.expect_download() as file:
        page.locator("#evaluate-card-file").click()
    file.value.save_as(tmp_path / "README.md")
    assert "| Figures of | 500 generated pictures, seed 1" in (tmp_path / "README.md").read_text(
        encoding="utf-8"
    )
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "best-practice"]})
    assert [
        f"{one['id']}: {node['html'][:160]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ] == []


def test_a_finger_finds_a_picture_on_a_phone(opened: Callable[..., Page]) -> None:
    page = opened(**PHONE)
    measured(page)
    field = page.locator(".evaluate-field")
    field.scroll_into_view_if_needed()
    field.tap()
    expect(page.locator(".evaluate-lens")).to_be_visible()
    assert (
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        <= 0
    )
    wide = (
        "() => [...document.querySelectorAll('.evaluate, .evaluate *')].filter((one) =>"
        " !one.closest('.evaluate-scroll') "
    )
    assert (
        page.evaluate(wide + "&& one.getBoundingClientRect().right > innerWidth + 1).length") == 0
    )
