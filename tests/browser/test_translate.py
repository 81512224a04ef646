"""The Translate tab in a real browser: choose, draw, upload, turn round."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab


@pytest.fixture
def page(app: App, visit: Callable[..., Page]) -> Page:
    page = visit(app.url)
    open_tab(page, "Translate")
    expect(page.locator(".translate-trip img")).to_have_count(3)
    return page


def translated(page: Page, act: Callable[[], object]) -> list[str | None]:
    """The three pictures once `act` has led to new ones."""
    before = page.locator(".translate-trip img").first.get_attribute("src")
    act()
    expect(page.locator(".translate-trip img").first).not_to_have_attribute("src", str(before))
    return [image.get_attribute("src") for image in page.locator(".translate-trip img").all()]


def test_another_example_and_the_other_direction_are_translated(page: Page) -> None:
    first = translated(
        page, lambda: page.locator(".translate .editor-examples button").nth(3).click()
    )
    assert len(set(first)) == 3
    captions = page.locator(".translate-trip figcaption")
    expect(captions.nth(1)).to_have_text("as ink")
    translated(page, lambda: page.get_by_role("button", name="ink → chalk").click())
    expect(captions.nth(1)).to_have_text("as chalk")
    expect(page.locator(".translate-note")).to_contain_text("Cycle error")


def test_drawing_is_translated_while_it_is_drawn(page: Page) -> None:
    page.locator(".translate .editor-examples button").nth(1).click()
    translated(page, lambda: page.locator(".translate .editor-clear").click())
    canvas = page.locator(".translate .editor-canvas")
    box = canvas.bounding_box()
    assert box is not None

    def stroke() -> None:
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6, steps=8)
        page.mouse.up()

    assert len(set(translated(page, stroke))) == 3


def test_a_picture_can_be_drawn_by_the_keyboard(page: Page) -> None:
    page.locator(".translate .editor-examples button").nth(1).click()
    translated(page, lambda: page.locator(".translate .editor-clear").click())
    canvas = page.locator(".translate .editor-canvas")
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    assert canvas.evaluate("canvas => canvas.toDataURL()") == before  # the pen is up

    def stroke() -> None:
        for key in (" ", "Shift+ArrowRight", "Shift+ArrowDown", " "):
            page.keyboard.press(key)

    assert len(set(translated(page, stroke))) == 3
    expect(canvas).to_have_attribute("data-pen", re.compile("up 0.5[78],0.60"))
    drawn = canvas.evaluate("canvas => canvas.toDataURL()")
    page.keyboard.press("Shift+ArrowDown")
    assert canvas.evaluate("canvas => canvas.toDataURL()") == drawn


def test_an_uploaded_picture_is_cropped_and_translated_and_another_file_is_refused(
    page: Page,
) -> None:
    picture = Image.new("RGB", (300, 200))
    ImageDraw.Draw(picture).line((100, 40, 200, 160), "white", 18)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    upload = page.locator(".translate .editor-upload input")
    translated(
        page,
        lambda: upload.set_input_files(
            {"name": "one.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
        ),
    )
    upload.set_input_files({"name": "no.png", "mimeType": "image/png", "buffer": b"nothing"})
    expect(page.locator(".translate .explore-problem")).to_contain_text(
        "no picture that this browser can open"
    )
