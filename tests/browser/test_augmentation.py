"""The augmentation experiment in a real browser: started, found again after a reload, stopped."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab


def opened(page: Page) -> None:
    open_tab(page, "Augmentation")
    expect(page.locator(".augmentation-rows .augmentation-track")).to_have_count(4)


def test_an_experiment_is_found_again_after_a_reload_and_stopped(
    app: App, visit: Callable[..., Page]
) -> None:
    # Of what the reload cuts short.
    page = visit(app.url, forgive=("AbortError", "Connection errored"))
    opened(page)
    page.locator("#augmentation-steps input[type=range]").fill("50")
    page.locator(".augmentation-go").click()
    expect(page.locator(".augmentation")).to_have_attribute("data-state", "running")
    page.reload()
    opened(page)
    expect(page.locator(".augmentation-track i").first).to_be_visible()
    expect(page.locator(".augmentation-now")).to_contain_text("of 4 classifiers")
    page.locator(".augmentation-stop").click()
    expect(page.locator(".augmentation")).to_have_attribute("data-state", "stopped")
    expect(page.locator(".augmentation-now")).to_contain_text("Stopped: ")
    expect(page.locator(".augmentation-go")).to_be_focused()
