"""The Restore tab in a real browser: find a z, restore a spoiled picture, walk between two."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab


@pytest.fixture
def page(app: App, visit: Callable[..., Page]) -> Page:
    page = visit(app.url)
    open_tab(page, "Restore")
    expect(page.locator("#restore-editor .editor-examples img")).to_have_count(10)
    page.wait_for_timeout(500)  # until the chosen picture is known to the page
    return page


def found(page: Page) -> None:
    page.locator("#restore-find").click()
    expect(page.locator(".restore")).to_have_attribute("data-percent", "100", timeout=60_000)


def test_two_pictures_are_found_and_walked_between(page: Page) -> None:
    found(page)
    expect(page.locator(".restore-row img")).to_have_count(2)
    page.get_by_role("button", name="Keep as A").click()
    page.locator("#restore-editor .editor-examples button").nth(4).click()
    page.wait_for_timeout(500)
    page.locator(".restore").evaluate("(restore) => { delete restore.dataset.percent; }")
    found(page)
    page.get_by_role("button", name="Keep as B").click()
    picture = page.locator(".restore-walk img")
    expect(picture).to_be_visible()
    shown = set()
    for place in ("0", "50", "100"):
        page.locator(".restore-walk input").fill(place)
        expect(page.locator(".restore")).to_have_attribute("data-walked", place)
        shown.add(picture.get_attribute("src"))
    assert len(shown) == 3


def test_a_half_hidden_picture_is_completed(page: Page) -> None:
    page.get_by_label("Lower half hidden").check()
    found(page)
    expect(page.locator(".restore-row img")).to_have_count(3)
    expect(page.locator(".restore-note")).to_contain_text("visible part")


def test_a_vae_encodes_what_a_gan_must_search_for(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=restore&model=vae-digits")
    captions = page.locator(".restore-row figcaption")
    expect(captions).to_have_text(["given", "VAE: its encoder, one pass", "GAN: search in z"])
    expect(page.locator(".restore-sheets small")).to_have_text(
        [re.compile(r"\d+% as sharp as real digits")] * 2
    )
    example = page.locator(".restore-row img").nth(1).get_attribute("src")
    page.get_by_role("button", name="Keep as A").click()
    page.locator("#restore-editor .editor-examples button").nth(3).click()
    page.wait_for_timeout(500)
    page.locator(".restore").evaluate("(restore) => { delete restore.dataset.percent; }")
    found(page)
    assert page.locator(".restore-row img").nth(1).get_attribute("src") != example
    page.get_by_role("button", name="Keep as B").click()
    way = page.locator(".restore-between")
    expect(way.locator("img")).to_have_count(2)
    page.locator(".restore-walk input").fill("0")
    expect(way.locator("figcaption").first).to_have_text("VAE: 0 % of the way from A to B")
    assert way.locator("img").first.get_attribute("src") == example


def test_a_vae_trains_without_losses_of_players(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train")
    page.locator("#preset input").click()
    page.get_by_role("option", name="VAE on digits", exact=True).click()
    page.locator("#start").click()
    bound = page.locator('[data-chart="bound"]')
    expect(bound).to_be_visible(timeout=60_000)
    expect(bound.locator(".live-read")).to_contain_text("KL", timeout=60_000)
    expect(page.locator('[data-chart="losses"]')).to_be_hidden()
    expect(page.locator('[data-chart="scores"]')).to_be_hidden()
    expect(page.locator('[data-file="code.zip"]')).to_be_hidden()
    page.locator("#stop").click()
    expect(page.locator(".live")).to_have_attribute("data-state", "stopped", timeout=60_000)
