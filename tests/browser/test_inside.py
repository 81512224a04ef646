"""The Inside tab in a real browser: layers, channels, what switching one off does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import App, open_tab


@pytest.fixture
def page(app: App, visit: Callable[..., Page]) -> Page:
    page = visit(app.url)
    open_tab(page, "Inside")
    expect(page.locator(".inside[data-surveys]")).to_be_visible()
    return page


def test_a_channel_is_chosen_and_switched_off(page: Page) -> None:
    inside = page.locator(".inside")
    page.locator(".inside [data-of=layer]").select_option(index=1)
    expect(inside).to_have_attribute("data-layer", "layers.5")
    sheet = page.locator(".inside-sheet")
    sheet.click(position={"x": 5, "y": 5})
    sheet.press("ArrowRight")
    expect(inside).to_have_attribute("data-channel", "1")
    expect(page.locator(".inside-strongest img")).to_have_count(8)
    expect(page.locator(".inside-bars li")).to_have_count(10)
    before = page.locator(".inside-changed").get_attribute("src")
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator(".inside-moved")).to_contain_text("of the range")
    expect(page.locator(".inside-changes")).to_contain_text("1 changed")
    page.get_by_role("button", name="Put all back").click()
    expect(page.locator(".inside-moved")).to_have_text("nothing changed")
    assert page.locator(".inside-changed").get_attribute("src") == before


def test_the_discriminator_is_looked_into_too_and_a_bad_seed_is_told(page: Page) -> None:
    page.get_by_role("button", name="Discriminator").click()
    expect(page.locator(".inside")).to_have_attribute("data-layer", "layers.0")
    expect(page.locator(".inside-factor input")).to_be_disabled()
    page.locator(".inside [data-of=label]").select_option("7")
    seed = page.locator(".inside [data-of=seed]")
    seed.fill("-4")
    expect(page.locator(".inside .explore-problem")).to_contain_text("The seed is '-4'")
    seed.fill("12")
    expect(page.locator(".inside .explore-problem")).to_be_hidden()
    expect(page.locator(".inside-used")).to_contain_text(re.compile("class 7 uses most"))


def test_a_late_answer_about_the_other_network_is_dropped(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url)
    held: list[Route] = []
    page.route("**/component_server/**", lambda route: held.append(route), times=2)
    open_tab(page, "Inside")
    expect(page.locator(".inside [data-of=label] option")).to_have_count(10)
    page.get_by_role("button", name="Discriminator").click()
    assert held
    for route in held:
        route.continue_()
    expect(page.locator(".inside")).to_have_attribute("data-layer", "layers.0")
