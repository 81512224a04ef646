"""A link for everything, what a teacher's link says and hides, and the presenter's view."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab

PAIR = "run=recording-failure-collapse&compare=recording-failure-collapse-cured"


def test_controls_of_a_tab_stand_in_the_address(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=latent&latent-seed-a=12&latent-place=75")
    expect(page.locator("#latent-seed-a input")).to_have_value("12")
    expect(page.locator("#latent-place input").first).to_have_value("75")
    page.locator("#latent-seed-b input").fill("77")
    page.locator("#latent-class label", has_text="5").click()
    page.wait_for_url(re.compile("latent-seed-b=77.*latent-class=5"))
    page.reload()
    expect(page.locator("#latent-seed-b input")).to_have_value("77")
    expect(page.locator("#latent-class label.selected")).to_have_text("5")
    wrong = visit(app.url + "?tab=latent&latent-seed-a=%3Cb%3E&latent-nothing=1")
    problem = wrong.locator(".masthead-problem")
    expect(problem).to_contain_text("latent-seed-a")
    assert problem.locator("b").count() == 0


def test_settings_run_comparison_and_epoch_stand_in_the_address(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + f"?{PAIR}&epoch=20")
    live = page.locator(".live")
    expect(live).to_have_attribute("data-run", "recording-failure-collapse")
    expect(live).to_have_attribute("data-other", "recording-failure-collapse-cured")
    expect(page.locator(".live-when")).to_have_text("Epoch 20, fixed noise")
    page.get_by_role("button", name="Newest").click()
    page.wait_for_url(lambda address: "epoch=" not in address)
    page.get_by_role("button", name="Show alone").click()
    page.wait_for_url(lambda address: "compare=" not in address and "run=" in address)
    page.locator("[data-drawer=settings]").first.click()
    page.locator("#field-epochs input").first.fill("9")
    page.wait_for_url(re.compile("preset=failure-collapse.*epochs=9"))
    page.reload()
    expect(page.locator("#preset input")).to_have_value("What goes wrong: mode collapse")
    page.locator("[data-drawer=settings]").first.click()
    expect(page.locator("#field-epochs input").first).to_have_value("9")
    for bad, says in (
        ("epoch=x", "not a whole number"),
        ("compare=recording-none", "no recording"),
    ):
        wrong = visit(app.url + f"?run=recording-digits&{bad}")
        expect(wrong.locator(".live-problem")).to_contain_text(says)


def test_a_preset_that_fails_shows_its_recording_beside_the_cure(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?preset=failure-dying")
    page.get_by_role("link", name="Watch it beside its cure").click()
    live = page.locator(".live")
    expect(live).to_have_attribute("data-other", "recording-failure-dying-cured")
    expect(page.locator(".live-doctor b")).to_have_text("Dead ReLUs.")
    expect(page.locator(".live-differs")).to_contain_text("LeakyReLU slope: 0 here, 0.2 there")


def test_a_teachers_link_says_a_task_and_hides_the_rest(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?tab=classes")
    page.get_by_role("button", name="Share").click()
    share = page.get_by_role("dialog", name="Share this place")
    code = share.get_by_role("img", name="QR code of the link")
    expect(code).to_have_js_property("complete", True)
    assert code.evaluate("image => image.naturalWidth") > 20
    share.get_by_text("For a class").click()
    share.get_by_label("Title").fill("Lesson <b>3</b>")
    share.get_by_label("Task").fill("Find a 7 that looks like a 1.")
    share.get_by_label("all other tabs").check()
    link = share.get_by_label("The link").input_value()
    pupil = visit(link)
    task = pupil.get_by_role("region", name="Task")
    expect(task.get_by_role("heading")).to_have_text("Lesson <b>3</b>")
    expect(task).to_contain_text("Find a 7 that looks like a 1.")
    expect(pupil.locator("#tabs")).to_have_attribute("data-tab", "classes")
    expect(pupil.locator(".groups")).to_be_hidden()
    expect(visit(app.url + "?without=*,%23tabs").locator("#tabs")).to_be_visible()


def test_a_key_turns_a_tab_into_the_presenters_view(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train&lesson=two-players", viewport={"width": 1280, "height": 720})
    expect(page.locator(".dock")).to_have_attribute("data-step", "1")
    page.locator("body").press("p")
    expect(page.locator(".groups")).to_be_hidden()
    title = page.locator(".dock-step h3")
    assert title.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 28
    open_tab_of_lesson = page.locator("#tabs").get_attribute("data-tab")
    while page.locator(".dock").get_attribute("data-step") == "1":
        page.locator("body").press("PageDown")
        page.wait_for_timeout(500)
    expect(page.locator(".dock")).to_have_attribute("data-step", "2")
    page.locator("body").press("PageUp")
    expect(page.locator(".dock")).to_have_attribute("data-step", "1")
    page.locator("body").press("Escape")
    expect(page.locator(".groups")).to_be_visible()
    assert open_tab_of_lesson == page.locator("#tabs").get_attribute("data-tab")


def test_the_curves_of_a_presented_run_are_large(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?run=recording-digits", viewport={"width": 1280, "height": 720})
    open_tab(page, "Train")
    page.get_by_role("button", name="Present").click()
    verdict = page.locator(".live-doctor")
    assert verdict.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 20
    expect(page.locator("#train-bar")).to_be_hidden()
    for part in (".live-own img", "[data-chart=losses] canvas", "[data-chart=quality] canvas"):
        box = page.locator(part).bounding_box()
        assert box is not None and box["y"] + box["height"] <= 720 and box["height"] > 100
    page.get_by_role("button", name="Leave").click()
    expect(page.locator("#train-bar")).to_be_visible()


@pytest.mark.parametrize("text", ["", "x" * 1501])
def test_what_is_no_link_has_no_qr_code(app: App, text: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(app.url + "qr.svg?" + urllib.parse.urlencode({"text": text}))
    assert caught.value.code == 404 and "A QR code holds" in caught.value.read().decode()
