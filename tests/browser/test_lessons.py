"""Every lesson, walked to its end on the real app: each of its steps finds its controls, runs, and
tells what happened with figures that are as it waited for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ganapp.ui.learn import lessons
from ganapp.ui.learn.lessons import Lesson
from tests.browser.conftest import App, open_tab

LESSONS, PROBLEMS = lessons.opened()
DESKTOP: Any = {"width": 1366, "height": 768}
READY = "(state) => document.querySelector('.dock').dataset.state === state"


def answered(page: Page, lesson: Lesson, number: int) -> None:
    """Plays one step, and checks what it reveals."""
    dock, step = page.locator(".dock"), lesson.steps[number].act
    expect(dock).to_have_attribute("data-step", str(number + 1))
    if step.ask is not None:
        page.wait_for_function(READY, arg="waiting")
        page.locator(".dock-choices button").nth(step.ask.right - 1).click()
    elif step.run or step.wait:
        page.wait_for_function(READY, arg="waiting")
        page.locator(".dock-run").click()
    page.wait_for_function(READY, arg="revealed")
    shown = page.locator(".dock-reveal").inner_text() if step.reveal else ""
    assert "Press Next to go on" not in shown and "\u2013" not in shown, shown
    if step.ask is not None:
        assert shown.startswith("As you said.")
    if step.wait is not None and step.wait.figure is not None:
        value = json.loads(dock.get_attribute("data-figures") or "{}")[step.wait.figure]
        # A lab that is paused then may show a frame more than the one that ended the wait.
        least = step.wait.least and step.wait.least - (2 if step.then else 0)
        assert least is None or value >= least, (lesson.name, value)
        assert step.wait.most is None or value <= step.wait.most, (lesson.name, value)
    if lesson.name == "mode-collapse" and step.wait is not None and step.wait.least == 1800:
        assert json.loads(dock.get_attribute("data-figures") or "{}")["modes"] >= 6  # as claimed
    if lesson.name == "pairs" and step.figures:  # of this search, not of one before
        told = json.loads(dock.get_attribute("data-figures") or "{}")
        assert all(value > 10 for value in told.values()), told


def test_all_files_can_be_used() -> None:
    assert PROBLEMS == [] and len(LESSONS) >= 8


def walked(page: Page, lesson: Lesson) -> None:
    """Begins a lesson from its card, and plays it to its end."""
    page.locator(f".lesson-card[data-lesson-name={lesson.name}]").click()
    for number in range(len(lesson.steps)):
        answered(page, lesson, number)
        assert f"lesson={lesson.name}&step={number + 1}" in page.url
        page.locator(".dock-next").click()
    expect(page.locator(".dock")).to_be_hidden()
    expect(page.locator("#tabs")).to_have_attribute("data-tab", "lessons")
    card = page.locator(f".lesson-card[data-lesson-name={lesson.name}]")
    expect(card).to_contain_text("done")
    if "#start" in {act.press for step in lesson.steps for act in step.act.run}:
        open_tab(page, "Train")
        page.locator("#stop").click()
        open_tab(page, "Lessons")


@pytest.mark.parametrize("part", dict.fromkeys(lesson.head.part for lesson in LESSONS))
def test_the_lessons_of_a_part_are_walked_to_their_ends(
    part: str, app: App, visit: Callable[..., Page]
) -> None:
    page = visit(f"{app.url}?tab=lessons", viewport=DESKTOP)
    for lesson in LESSONS:
        if lesson.head.part == part:
            walked(page, lesson)


def test_a_lesson_is_left_and_found_again_on_a_phone(app: App, visit: Callable[..., Page]) -> None:
    page = visit(
        f"{app.url}?lesson=minimax&step=2",
        viewport={"width": 390, "height": 844},
        forgive=("AbortError", "Connection errored"),
    )
    dock = page.locator(".dock")
    expect(dock).to_have_attribute("data-step", "2")
    box = dock.bounding_box()
    assert box is not None and box["height"] < 0.55 * 844 and box["y"] + box["height"] == 844
    page.reload()
    expect(dock).to_have_attribute("data-step", "2")
    page.get_by_role("button", name="Leave the lesson").click()
    expect(dock).to_be_hidden()
    assert "lesson" not in page.url
    strange = visit(app.url + "?lesson=%3Cscript%3E&step=x")
    expect(strange.locator(".dock")).to_be_hidden()


def test_a_link_to_a_later_step_has_what_the_earlier_ones_set(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(f"{app.url}?lesson=mode-collapse&step=2&__theme=dark", viewport=DESKTOP)
    page.wait_for_function(READY, arg="waiting")
    expect(page.locator("#tabs")).to_have_attribute("data-tab", "lab")
    expect(page.locator("#lab-note")).to_contain_text("ten times as fast")  # the preset of step 1
    expect(page.locator("#lab-generator_lr input").first).to_have_value("0.0005")
    assert "lesson=mode-collapse" in page.url and "dark" in (
        page.locator("body").get_attribute("class") or ""
    )


def test_what_has_not_been_seen_is_not_claimed(app: App, visit: Callable[..., Page]) -> None:
    """The lesson of `tests/data/lessons` waits for what does not come by itself."""
    page = visit(f"{app.url}?lesson=never")
    page.wait_for_function(READY, arg="waiting")
    expect(page.locator(".lab")).to_have_attribute("data-step", "0")
    page.locator(".dock-choices button").first.click()
    page.wait_for_function(READY, arg="late")
    told = page.locator(".dock-reveal").inner_text()
    assert told == "It has not come so far within 1 s: step 0. Watch on, or press Next."
    # It goes on watching: what comes late is told then.
    page.locator(".lab").evaluate("(lab) => { lab.dataset.step = '1000000'; }")
    page.wait_for_function(READY, arg="revealed")
    expect(page.locator(".dock-reveal")).to_have_text("As you said. It came.")


def test_a_word_of_the_glossary_opens_where_it_stands(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?lesson=two-players&step=2")
    page.locator(".dock-text .term").first.click()
    card = page.locator(".term-card")
    expect(card).to_be_visible()
    expect(card.locator("b")).to_have_text("discriminator")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    open_tab(page, "Lessons")
    page.get_by_text("Glossary").click()
    expect(page.locator(".lessons-words dt", has_text="mode collapse")).to_be_visible()
