"""The augmentation experiment in a real browser: started, waited for by another visitor, found again after a reload, stopped."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import App


def opened(page: Page) -> None:
    page.get_by_role("tab", name="Augmentation", exact=True).click()
    expect(page.locator(".augmentation-rows .augmentation-track")).to_have_count(4)


def test_an_experiment_runs_while_another_visitor_waits(app: App, visit: Callable[..., Page]) -> None:
    cut_short = ("AbortError", "Connection errored")  # by the reload
    first = visit(app.url, forgive=cut_short)
    opened(first)
    first.locator("#augmentation-steps input[type=range]").fill("50")
    first.locator(".augmentation-go").click()
    expect(first.locator(".augmentation")).to_have_attribute("data-state", "running")
    second = visit(app.url)
    opened(second)
    second.locator(".augmentation-go").click()
    expect(second.locator(".augmentation-now")).to_have_text("Waiting: one experiment is before yours.")
    expect(first.locator(".augmentation-track i").first).to_be_visible()
    first.reload()
    opened(first)
    expect(first.locator(".augmentation-track i").first).to_be_visible()
    first.locator(".augmentation-stop").click()
    expect(first.locator(".augmentation")).to_have_attribute("data-state", "stopped")
    expect(first.locator(".augmentation-now")).to_contain_text("Stopped: ")
    expect(second.locator(".augmentation")).to_have_attribute("data-state", "running")
    second.locator(".augmentation-stop").click()
    expect(second.locator(".augmentation-go")).to_be_focused()
