"""The Latent space and Class-conditional tabs in a real browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.conftest import App, open_tab


@pytest.fixture
def latent(app: App, visit: Callable[..., Page]) -> Page:
    return opened(visit(app.url), "Latent space", "#latent-picture")


@pytest.fixture
def classes(app: App, visit: Callable[..., Page]) -> Page:
    return opened(visit(app.url), "Class-conditional", "#classes-picture")


def opened(page: Page, tab: str, picture: str) -> Page:
    open_tab(page, tab)
    expect(page.locator(f"{picture} img")).to_be_visible()
    return page


def at(page: Page, picture: str, place: str) -> None:
    """Waits until the picture shows a place."""
    expect(page.locator(f"{picture} figure")).to_have_attribute(
        "data-at", re.compile(place), timeout=20_000
    )


def test_the_picture_follows_the_slider_and_ends_where_it_was_left(latent: Page) -> None:
    slider = latent.locator("#latent-place input[type=range]")
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    latent.mouse.move(box["x"] + box["width"] * 0.4, y)
    latent.mouse.down()
    seen = set()
    for step in range(60):
        latent.mouse.move(box["x"] + box["width"] * (0.4 + 0.008 * step), y)
        seen.add(latent.locator("#latent-picture figure").get_attribute("data-at"))
    value = slider.input_value()
    at(latent, "#latent-picture", rf"/{value}/slerp$")
    latent.mouse.up()
    at(latent, "#latent-picture", rf"/{value}/slerp$")
    assert len(seen) > 5, "the picture stood still while the slider was dragged"


def test_a_slider_moved_before_the_first_picture_came_is_obeyed(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url)
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/run/predict*", lambda route: held.append((route, route.fetch())), times=1)
    open_tab(page, "Latent space")
    page.locator("#latent-place input[type=range]").fill("20")
    (route, response), *_ = held
    route.fulfill(response=response)
    at(page, "#latent-picture", "/20/slerp$")


def test_both_ends_are_the_seeds_and_lerp_is_another_way(latent: Page) -> None:
    slider, picture = (
        latent.locator("#latent-place input[type=range]"),
        latent.locator("#latent-picture img"),
    )
    shown = {}
    for value in ("0", "100", "50"):
        slider.fill(value)
        at(latent, "#latent-picture", rf"/1/2/{value}/slerp$")
        shown[value] = picture.get_attribute("src")
    assert len(set(shown.values())) == 3
    latent.locator("#latent-mode").get_by_text("lerp", exact=False).last.click()
    at(latent, "#latent-picture", "/50/lerp$")
    assert picture.get_attribute("src") != shown["50"]
    slider.fill("0")
    at(latent, "#latent-picture", "/1/2/0/lerp$")
    assert picture.get_attribute("src") == shown["0"]


def test_the_pad_is_moved_by_keys(latent: Page) -> None:
    pad = latent.locator("#latent-pad [role=slider]")
    pad.focus()
    before = latent.locator("#latent-pad-picture img").get_attribute("src")
    text = pad.get_attribute("aria-valuetext")
    for _ in range(5):
        pad.press("ArrowRight")
    expect(pad).not_to_have_attribute("aria-valuetext", text or "")
    at(latent, "#latent-pad-picture", r"^0\.(5[1-9]|[6-9])")
    assert latent.locator("#latent-pad-picture img").get_attribute("src") != before


def test_directions_move_the_picture_and_reset_brings_it_back(latent: Page) -> None:
    picture = latent.locator("#latent-direction-picture img")
    before = picture.get_attribute("src")
    latent.locator("#latent-direction-1 input[type=range]").fill("3")
    at(latent, "#latent-direction-picture", r"/3/0/0/0/0/0$")
    assert picture.get_attribute("src") != before
    latent.locator("#latent-reset").click()
    at(latent, "#latent-direction-picture", r"/0/0/0/0/0/0$")
    expect(picture).to_have_attribute("src", before or "")


def test_another_model_draws_everything_anew(latent: Page) -> None:
    before = latent.locator("#latent-picture img").get_attribute("src")
    latent.locator("#latent-model input").click()
    latent.get_by_role("option", name=re.compile("MLP")).first.click()
    expect(latent.locator("#latent-picture img")).not_to_have_attribute(
        "src", before or "", timeout=20_000
    )


def test_a_hub_name_that_is_none_is_refused_and_stays_inert(latent: Page) -> None:
    box = latent.locator("#latent-hub textarea, #latent-hub input").first
    box.fill("<img src=x onerror=window.hacked=1>")
    latent.locator("#latent-hub-open").click()
    expect(latent.get_by_text("is not a repository name").first).to_be_visible(timeout=20_000)
    assert latent.evaluate("() => window.hacked") is None


def test_the_matrix_has_a_column_a_class_and_a_score_under_each_picture(classes: Page) -> None:
    matrix = classes.locator(".explore-matrix")
    expect(matrix).to_have_attribute("data-columns", "10")
    assert matrix.locator("img").count() == 10 * int(matrix.get_attribute("data-rows") or 0) > 0
    alts = matrix.locator("img").evaluate_all("(images) => images.map((image) => image.alt)")
    assert len(set(alts)) == len(alts) and all(alts)
    classes.locator("#classes-chosen").get_by_text("3", exact=True).click()
    expect(matrix).to_have_attribute("data-columns", "9", timeout=20_000)


def test_the_matrix_is_downloaded_as_png(classes: Page) -> None:
    with classes.expect_download(timeout=30_000) as waiting:
        classes.locator("#classes-png").click()
    content = waiting.value.path().read_bytes()
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG" and picture.width > 10 * 64


def test_two_classes_are_mixed(classes: Page) -> None:
    share, picture = (
        classes.locator("#classes-share input[type=range]"),
        classes.locator("#classes-picture img"),
    )
    shown = set()
    for value in ("0", "50", "100"):
        share.fill(value)
        at(classes, "#classes-picture", rf"/{value}$")
        shown.add(picture.get_attribute("src"))
    assert len(shown) == 3


def test_truncation_at_0_draws_one_picture_a_class(classes: Page) -> None:
    matrix = classes.locator(".explore-matrix")
    expect(matrix.locator("caption")).to_contain_text("Diversity within a class: 0.")
    different = len(
        set(matrix.locator("img").evaluate_all("(images) => images.map((image) => image.src)"))
    )
    assert different > 10
    classes.locator("#classes-truncation input[type=range]").fill("0")
    expect(matrix.locator("caption")).to_contain_text(
        "Diversity within a class: 0.000", timeout=20_000
    )
    assert (
        len(set(matrix.locator("img").evaluate_all("(images) => images.map((image) => image.src)")))
        == 10
    )


def test_three_exemplars_each_are_added(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url)
    open_tab(page, "Latent space")
    samples = page.locator(".sum-sheet button")
    expect(samples).to_have_count(48)
    for place in range(9):
        samples.nth(place).click()
    expect(page.locator(".sum-nine img")).to_have_count(9)
    expect(page.locator(".sum-note")).to_contain_text("long")
    assert [samples.nth(place).get_attribute("data-held") for place in (0, 3, 8, 9)] == [
        "A",
        "B",
        "C",
        "",
    ]
    samples.nth(0).click()
    expect(page.locator(".sum-result")).to_be_hidden()
    expect(page.locator(".sum-hint")).to_contain_text("1 more for")
    page.locator(".sum").get_by_role("button", name="Start over").click()
    expect(page.locator(".sum-hint")).to_have_text("Choose 3 more for A.")
    by = page.locator(".sum-by")
    for term, presses in (("A", 1), ("B", 2), ("C", 1)):
        page.locator(f".sum [data-term={term}]").click()
        reading = by.get_by_role("button").nth(0 if term != "C" else 1)
        for _ in range(presses):
            reading.click()
    expect(by.get_by_role("button").nth(0)).to_have_text("leaning right")
    page.locator(".sum [data-term=B]").click()
    expect(by.get_by_role("button", name="leaning left")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".sum-sheet [data-held=B]")).to_have_count(3)
    expect(page.locator(".sum-result")).to_be_visible()


def test_a_slider_with_a_name_moves_what_it_is_named_after(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url)
    open_tab(page, "Latent space")
    named = page.locator(".named")
    named.scroll_into_view_if_needed()
    expect(named).to_have_attribute("data-state", "done")
    lean = page.get_by_role("slider", name="From leaning left to leaning right")
    lean.fill("2.5")
    moved, before = named.locator("[data-of=after]"), named.locator("[data-of=before]")
    expect(named.locator(".named-read li").first).to_contain_text("leaning right")
    expect(moved).not_to_have_attribute("src", before.get_attribute("src") or "")
    told = named.locator(".named-changes").first.inner_text()
    named.get_by_role("checkbox").check()
    expect(named.locator(".named-changes").first).not_to_have_text(told)
    expect(lean).to_have_value("0")
    first = before.get_attribute("src") or ""
    page.locator("#latent-named-seed input").fill("8")
    expect(before).not_to_have_attribute("src", first)
    lean.fill("2.5")
    expect(moved).not_to_have_attribute("src", before.get_attribute("src") or "")
    named.get_by_role("button", name="All to 0").click()
    expect(moved).to_have_attribute("src", before.get_attribute("src") or "")
