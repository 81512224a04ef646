"""The Theory tab in a real browser: charts follow the sliders, films play, a kernel moves over its
zeros.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab
from tests.browser.test_page import broken_rules


def room(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.locator(".theory:visible")).to_have_attribute("data-drawn", re.compile(r"\d+"))


@pytest.fixture
def page(app: App, visit: Callable[..., Page]) -> Page:
    page = visit(app.url)
    open_tab(page, "Theory")
    return page


def test_a_discriminator_learns_in_sight_and_its_film_plays(page: Page) -> None:
    room(page, "Optimal discriminator")
    part = page.locator("#theory-optimal")
    expect(part.locator("figure")).to_have_count(2)
    page.locator("#theory-train").click()
    film = part.locator(".theory-film")
    expect(film).to_be_visible()
    expect(part.locator("figure")).to_have_count(3)
    expect(part.locator(".theory-said")).to_contain_text("After 600 steps")
    learned = part.locator("figure").nth(1).locator(".theory-line").nth(1)
    last = learned.get_attribute("d")
    film.locator("input").press("Home")
    expect(part.locator(".theory-said")).to_contain_text("After 0 steps")
    assert learned.get_attribute("d") != last
    film.get_by_role("button", name="Play").click()
    expect(part.locator(".theory-said")).to_contain_text("After 600 steps")
    assert learned.get_attribute("d") == last
    # What was learned is of other densities now.
    page.locator("#theory-p-mean input[type=range]").fill("2")
    expect(part.locator("figure")).to_have_count(2)


def test_the_marker_follows_the_slider_by_keyboard(page: Page) -> None:
    room(page, "C(G)")
    part, slider = page.locator("#theory-along"), page.locator("#theory-mean input[type=range]")
    marker = part.locator(".theory-mark")
    before = float(marker.get_attribute("cx") or 0)
    slider.focus()
    slider.press("ArrowLeft")
    expect(part.locator(".theory-note")).not_to_contain_text("= -0.713")
    assert float(marker.get_attribute("cx") or 0) < before
    slider.fill("0")
    expect(part.locator(".theory-note")).to_contain_text("= -1.386")
    expect(part.locator(".theory-note")).to_contain_text("p = q")


def test_a_penalty_makes_dirac_gan_converge_and_a_refusal_is_said_in_its_place(page: Page) -> None:
    room(page, "Dirac-GAN")
    part = page.locator("#theory-dirac")
    expect(part.locator(".theory-note")).to_contain_text("circles for ever")
    page.locator("#theory-penalty").get_by_label("R1", exact=True).check()
    expect(part.locator(".theory-note")).to_contain_text("converges to the equilibrium")
    expect(part.locator("svg[role=img]").first).to_have_accessible_name(
        re.compile("Simultaneous.*converges")
    )
    page.locator("#theory-penalty").get_by_label("Clipping (WGAN)").check()
    expect(part.locator(".theory-note")).not_to_contain_text("converges")
    expect(page.locator("#theory-weight")).to_contain_text("Bound of the slope")
    page.locator("#theory-weight input[type=range]").fill("0")
    expect(part.get_by_role("alert")).to_contain_text("choose a larger one")
    page.locator("#theory-weight input[type=range]").fill("0.3")
    expect(part.get_by_role("alert")).to_be_hidden()


def test_w_has_a_slope_where_js_has_none(page: Page) -> None:
    room(page, "Distances")
    part = page.locator("#theory-distances")
    expect(part.locator("tr").nth(2)).to_have_text("JS0.6930")
    page.locator("#theory-theta input[type=range]").fill("-0.5")
    expect(part.locator("tr").nth(1)).to_have_text("W0.5-1")
    page.locator("#theory-noise input[type=range]").fill("0.5")
    expect(part.locator(".theory-note")).to_contain_text("slope again")
    expect(part.locator("linearGradient")).to_have_count(2)


def test_a_kernel_moves_over_its_zeros_and_shows_the_checkerboard(page: Page) -> None:
    room(page, "Transposed convolution")
    part = page.locator("#theory-conv")
    output = part.locator("[data-board=output] td")
    expect(output).to_have_count(25)
    expect(output.nth(12)).to_have_text("10")
    part.get_by_label("Input, row 2, column 2").fill("-4")
    expect(output.nth(12)).to_have_text("2")
    film = part.locator(".theory-film input")
    film.fill("13")
    expect(part.locator(".theory-said")).to_have_text(
        "row 3, column 3: 1 · 1 + 2 · 1 + 3 · 1 + -4 · 1 = 2"
    )
    expect(part.locator("[data-board=spread] .is-here")).to_have_count(9)
    assert output.nth(13).text_content() == ""
    expect(part.locator(".theory-note")).to_contain_text("not divisible")
    page.locator("#theory-conv-kernel input[type=range]").fill("4")
    expect(part.locator(".theory-note")).to_contain_text("equally often")
    page.locator("#theory-conv-padding input[type=range]").fill("4")
    expect(part.get_by_role("alert")).to_contain_text("choose at most 3")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_room_fits_a_phone_and_axe_finds_nothing_in_it(
    app: App, visit: Callable[..., Page], theme: str
) -> None:
    page = visit(
        f"{app.url}?__theme={theme}", viewport={"width": 390, "height": 844}, device_scale_factor=2
    )
    open_tab(page, "Theory")
    for name in (
        "Optimal discriminator",
        "C(G)",
        "Dirac-GAN",
        "f = x y",
        "Distances",
        "Transposed convolution",
    ):
        room(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert broken_rules(page, theme) == [], name
