"""The 2-D lab in a real browser: play, single steps, layers, a drawing, settings on the way, and a
link that says it all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, App, open_tab

Visit = Callable[..., Page]


def lab_of(page: Page) -> Locator:
    return page.locator(".lab")


def step(page: Page) -> int:
    return int(lab_of(page).get_attribute("data-step") or -1)


def until(page: Page, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < end, lab_of(page).inner_text()
        page.wait_for_timeout(50)


@pytest.fixture
def page(app: App, visit: Visit) -> Page:
    page = visit(app.url)
    open_tab(page, "2-D lab")
    expect(lab_of(page)).to_have_attribute("data-step", "0")
    return page


def pixels(page: Page) -> str:
    return page.locator(".lab-canvas canvas").evaluate("(canvas) => canvas.toDataURL()")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_it_plays_and_pauses(page: Page) -> None:
    before = pixels(page)
    press(page, "▶ Play")
    until(page, lambda: step(page) > 20)
    assert pixels(page) != before
    press(page, "❚❚ Pause")
    page.wait_for_timeout(800)  # the answer that was under way
    stopped = step(page)
    page.wait_for_timeout(800)
    assert step(page) == stopped
    press(page, "Reset")
    expect(lab_of(page)).to_have_attribute("data-step", "0")


def test_a_reset_while_it_plays_begins_again_and_plays_on(page: Page) -> None:
    press(page, "▶ Play")
    until(page, lambda: step(page) > 200)
    press(page, "Reset")
    until(page, lambda: 0 < step(page) < 200)
    expect(lab_of(page)).to_have_attribute("data-state", "playing")
    press(page, "❚❚ Pause")


def test_a_refusal_while_it_plays_stays_to_be_read(page: Page) -> None:
    press(page, "▶ Play")
    until(page, lambda: step(page) > 5)
    page.locator("#lab-gradient_penalty input").fill("-4")
    page.locator("#lab-gradient_penalty input").press("Tab")
    expect(page.locator(".lab .explore-problem")).to_contain_text(
        "“Gradient penalty (WGAN-GP)” is '-4'"
    )
    page.wait_for_timeout(1000)
    expect(page.locator(".lab .explore-problem")).to_be_visible()


def test_a_link_names_its_experiment(page: Page, visit: Visit) -> None:
    page.locator("#lab-preset input").click()
    page.get_by_role("option", name="What goes wrong: mode collapse", exact=True).click()
    expect(page.locator("#lab-note")).to_contain_text("ten times as fast")
    page.locator(".lab-link summary").click()
    expect(page.locator(".lab-copy input")).to_have_value(re.compile("lab=collapse&show="))
    other = visit(page.locator(".lab-copy input").input_value())
    expect(other.locator("#lab-note")).to_contain_text("ten times as fast")


def test_single_steps_move_one_player_at_a_time(page: Page) -> None:
    def fakes() -> str:
        return page.evaluate("() => document.querySelector('.lab-canvas canvas').toDataURL()")

    for layer in ("Real points", "Discriminator", "Modes found"):
        press(page, layer)
    expect(lab_of(page)).to_have_attribute("data-layers", "fake")
    before = fakes()
    press(page, "Step D")
    expect(lab_of(page)).to_have_attribute("data-halfway", "true")
    expect(page.locator(".lab-caption")).to_contain_text("discriminator")
    assert fakes() == before and step(page) == 0
    press(page, "Step G")
    expect(lab_of(page)).to_have_attribute("data-step", "1")
    until(page, lambda: fakes() != before)
    press(page, "Step both")
    expect(lab_of(page)).to_have_attribute("data-step", "2")
    # A setting that changes between the two turns leaves the round as it is.
    press(page, "Step D")
    expect(lab_of(page)).to_have_attribute("data-halfway", "true")
    page.locator("#lab-discriminator_steps input[type=number]").fill("3")
    page.locator("#lab-discriminator_steps input[type=number]").press("Tab")
    press(page, "Step G")
    expect(lab_of(page)).to_have_attribute("data-step", "3")
    expect(page.locator(".lab-caption")).not_to_contain_text("again")


def test_slow_motion_explains_each_half_step(page: Page) -> None:
    press(page, "Slow motion")
    for number in ("1.", "2.", "3."):
        expect(page.locator(".lab-caption")).to_contain_text(number)
    press(page, "❚❚ Pause")


def test_a_layer_is_switched_by_its_name(page: Page) -> None:
    before = pixels(page)
    sheet = page.get_by_role("button", name="Generator's grid", exact=True)
    expect(sheet).to_have_attribute("aria-pressed", "false")
    sheet.click()
    expect(sheet).to_have_attribute("aria-pressed", "true")
    until(page, lambda: pixels(page) != before)
    expect(page.locator(".lab-optimal")).to_be_hidden()
    press(page, "Optimal discriminator")
    expect(page.locator(".lab-optimal canvas")).to_be_visible()
    expect(page.locator(".lab-gap")).to_contain_text("off by")


def test_settings_change_on_the_way_or_begin_anew(page: Page) -> None:
    for _ in range(3):
        press(page, "Step both")
        page.wait_for_timeout(300)
    expect(lab_of(page)).to_have_attribute("data-step", "3")
    page.locator("#lab-discriminator_steps input[type=number]").fill("3")
    page.locator("#lab-discriminator_steps input[type=number]").press("Tab")
    page.wait_for_timeout(1000)
    assert step(page) == 3
    page.locator("#lab-networks button").first.click()
    page.locator("#lab-generator_units input[type=number]").fill("16")
    page.locator("#lab-generator_units input[type=number]").press("Tab")
    expect(lab_of(page)).to_have_attribute("data-step", "0")
    expect(page.locator(".lab-caption")).to_contain_text("starts again")


def test_what_cannot_be_is_said_and_nothing_is_lost(page: Page) -> None:
    press(page, "Step both")
    expect(lab_of(page)).to_have_attribute("data-step", "1")
    page.locator("#lab-gradient_penalty input").fill("-4")
    page.locator("#lab-gradient_penalty input").press("Tab")
    expect(page.locator(".lab .explore-problem")).to_contain_text(
        "“Gradient penalty (WGAN-GP)” is '-4'"
    )
    page.locator("#lab-gradient_penalty input").fill("0")
    page.locator("#lab-gradient_penalty input").press("Tab")
    expect(page.locator(".lab .explore-problem")).to_be_hidden()
    press(page, "Step both")
    expect(lab_of(page)).to_have_attribute("data-step", "2")


def choose(page: Page, field: str, value: str) -> None:
    page.locator(f"#lab-{field} input").click()
    page.get_by_role("option", name=value, exact=True).click()


def test_a_distribution_is_drawn_and_travels_in_the_link(
    page: Page, app: App, visit: Visit, tmp_path: Path
) -> None:
    choose(page, "plane", "drawn")
    expect(page.locator(".lab-caption")).to_contain_text("Draw a distribution")
    canvas = page.locator(".lab-pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 180, steps=12)
    page.mouse.up()
    press(page, "Step both")
    expect(lab_of(page)).to_have_attribute("data-step", "1")
    canvas.focus()
    for key in (" ", "ArrowLeft", " "):
        page.keyboard.press(key)
    expect(lab_of(page)).to_have_attribute("data-step", "0")  # another distribution
    press(page, "Step both")
    expect(lab_of(page)).to_have_attribute("data-step", "1")

    drawing = Image.new("L", (90, 60), 255)
    ImageDraw.Draw(drawing).ellipse((20, 10, 60, 50), fill=0)
    drawing.save(tmp_path / "spot.png")
    page.locator(".lab-pad input[type=file]").set_input_files(tmp_path / "spot.png")
    expect(lab_of(page)).to_have_attribute("data-step", "0")

    page.locator(".lab-link summary").click()
    page.get_by_label("Distribution", exact=True).last.check()
    page.get_by_label("Measures", exact=True).check()
    link = page.locator(".lab-copy input").input_value()
    assert "plane=drawn" in link and "drawing=" in link
    other = visit(link)
    expect(lab_of(other)).to_have_attribute("data-step", "0")
    expect(other.locator("#lab-plane")).to_be_hidden()
    expect(other.locator(".lab-measures")).to_be_hidden()
    expect(other.locator(".lab-pad")).to_be_visible()
    before = pixels(other)
    press(other, "Step both")
    expect(lab_of(other)).to_have_attribute("data-step", "1")
    until(other, lambda: pixels(other) != before)
    choose_hidden = other.locator("#lab-loss")
    expect(choose_hidden).to_be_visible()


def test_a_broken_link_says_so(app: App, visit: Visit) -> None:
    page = visit(app.url + "?lab=ring&loss=kind")
    expect(page.locator(".lab .explore-problem")).to_contain_text(
        "This link does not work. loss is 'kind'"
    )


def test_an_experiment_out_of_sight_asks_for_nothing(page: Page) -> None:
    press(page, "▶ Play")
    until(page, lambda: step(page) > 5)
    open_tab(page, "Train")
    page.wait_for_timeout(1000)
    left = step(page)
    page.wait_for_timeout(1000)
    assert step(page) == left
    open_tab(page, "2-D lab")
    until(page, lambda: step(page) > left)
    press(page, "❚❚ Pause")
