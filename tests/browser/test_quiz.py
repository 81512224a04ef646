"""Spot the fake in a real browser: a quiz by keys and buttons, its result, the room's tally, and a
clock that runs out.
"""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab


def opened(page: Page) -> None:
    open_tab(page, "Spot the fake")
    expect(page.locator(".spot-go")).to_be_enabled()


def test_a_quiz_is_played_to_its_result(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url, viewport={"width": 390, "height": 844})
    opened(page)
    page.clock.install()  # signs of right and wrong need not be waited for
    page.get_by_label("No clock").check()
    page.locator(".spot-go").click()
    answers = ["r", "f", "ArrowLeft", "ArrowRight", ""]
    sent = []
    for number in range(20):
        expect(page.locator(".spot")).to_have_attribute("data-number", str(number))
        sent.append(page.locator(".spot-frame img").get_attribute("src"))
        key = answers[number % len(answers)]
        if key:
            page.keyboard.press(key)
        else:
            page.locator(".spot-answers [data-said=fake]").click()
        expect(page.locator(".spot-sign")).to_contain_text("it ")
        page.clock.fast_forward(1000)
    expect(page.locator(".spot")).to_have_attribute("data-state", "result")
    assert len(set(sent)) == 20
    sheet = page.locator(".spot-sheet figure")
    expect(sheet).to_have_count(20)
    assert [sheet.nth(i).locator("img").get_attribute("src") for i in range(20)] == sent
    captions = sheet.all_inner_texts()
    assert sum("real\n" in text[:6] for text in captions) == 10
    said = ["real", "fake", "real", "fake", "fake"] * 4
    assert all(f"you: {word}" in text for word, text in zip(said, captions, strict=True))
    right = sum(
        word == ("real" if text.startswith("real") else "fake")
        for word, text in zip(said, captions, strict=True)
    )
    assert page.locator(".spot-figures").inner_text().split("\n")[1] == f"{right} of 20"
    expect(page.locator(".spot-sheet .is-missed")).to_have_count(20 - right)
    expect(page.locator(".spot-tally")).to_contain_text("1 quiz was finished")
    assert (
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        <= 0
    )
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "best-practice"]})
    assert [violation["id"] for violation in found.response["violations"]] == []


def test_a_clock_that_runs_out_is_a_wrong_answer_and_another_model_ends_the_quiz(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url)
    opened(page)
    page.get_by_label("2 s", exact=True).check()
    page.locator(".spot-go").click()
    expect(page.locator(".spot-sign")).to_contain_text("Too late")
    expect(page.locator(".spot-score")).to_have_text("0 right")
    expect(page.locator(".spot")).to_have_attribute("data-number", "1")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "best-practice"]})
    assert [violation["id"] for violation in found.response["violations"]] == []
    page.locator("#spot-model input").click()
    page.get_by_role("option").nth(1).click()
    expect(page.locator(".spot")).to_have_attribute("data-state", "start")
