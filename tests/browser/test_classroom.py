"""A class in one room: its teacher, two students, the wall."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App

TRAIN = "?tab=train&preset=mlp-digits-quick"


@pytest.fixture
def teacher(app: App, visit: Callable[..., Page]) -> Iterator[Page]:
    """The teacher's page of a new room, which is ended afterwards."""
    page = visit(app.url + "?tab=classroom")
    page.get_by_role("button", name="Open a room").click()
    expect(page.locator(".wall")).to_have_attribute("data-role", "teacher")
    yield page
    page.evaluate(
        "() => window.ganapp.room.code && window.ganapp.room.ask(`/${window.ganapp.room.code}/act`,"
        " {key: window.ganapp.room.key, act: 'end'})"
    )


def code_of(teacher: Page) -> str:
    return teacher.locator(".wall-code").inner_text()


def student(app: App, visit: Callable[..., Page], code: str, name: str) -> Page:
    """A student's page on the Train tab, in the room."""
    page = visit(f"{app.url}{TRAIN}&room={code}")
    expect(page.locator(".room-name")).to_have_text(f"Room {code}")
    page.get_by_label("Your first name").fill(name)
    page.get_by_label("Your first name").press("Enter")
    return page


def run_of(page: Page) -> str:
    page.locator("#start").click()
    live = page.locator(".live[data-claim]:not([data-claim=''])[data-state=running]")
    live.wait_for()
    return live.get_attribute("data-run") or ""


def stop(page: Page) -> None:
    page.locator("#stop").click()
    expect(page.locator(".live")).to_have_attribute(
        "data-state", re.compile("stopped|paused|finished")
    )


def test_a_class_trains_and_its_teacher_looks_on(
    app: App, visit: Callable[..., Page], teacher: Page
) -> None:
    code = code_of(teacher)
    assert re.fullmatch("[A-Z]{5}", code) and f"room={code}" in teacher.url
    assert "teacher" not in teacher.url
    ada, bo = student(app, visit, code, "Ada"), student(app, visit, code, "<b>Bo</b>")
    first, second = run_of(ada), run_of(bo)
    tiles = teacher.locator(".tile")
    expect(tiles).to_have_count(2)
    expect(tiles.locator("b")).to_have_text(["<b>Bo</b>", "Ada"])  # the newest first
    expect(teacher.locator(f".tile[data-run='{first}'] img")).to_be_visible()
    teacher.wait_for_function(
        "() => [...document.querySelectorAll('.tile img')].every((one) => one.naturalWidth > 0)"
    )
    # Both learn, in turns.
    expect(ada.locator(".live-note")).to_contain_text("2 runs take turns")
    # All stop, and go on.
    teacher.get_by_role("button", name="Stop all runs").click()
    expect(ada.locator(".room-said")).to_contain_text("stopped all runs")
    expect(bo.locator(".live-note")).to_contain_text("Your teacher has stopped")
    step = bo.locator(".live").get_attribute("data-step")
    bo.wait_for_timeout(1200)
    assert bo.locator(".live").get_attribute("data-step") == step
    teacher.get_by_role("button", name="Let all runs go on").click()
    expect(bo.locator(".live")).not_to_have_attribute("data-step", step or "")
    # Everyone somewhere.
    teacher.get_by_text("Send everybody somewhere").click()
    teacher.locator("[name=place]").select_option(label="What goes wrong: mode collapse")
    teacher.get_by_role("button", name="Send", exact=True).click()
    go = bo.get_by_role("link", name="Go there")
    expect(bo.locator(".room-said")).to_have_text("What goes wrong: mode collapse")
    expect(go).to_have_attribute("href", re.compile(f"preset=failure-collapse&room={code}$"))
    # Two side by side, large.
    teacher.locator(f".tile[data-run='{first}'] .tile-compare").click()
    teacher.locator(f".tile[data-run='{second}'] .tile-compare").click()
    live = teacher.locator(f".live[data-run='{first}'][data-other='{second}']")
    expect(live).to_be_visible()
    teacher.go_back()
    expect(teacher.locator(".wall-tiles")).to_be_visible()
    stop(bo)
    stop(ada)


def test_a_sweep_fills_the_wall_in_order(
    app: App, visit: Callable[..., Page], teacher: Page
) -> None:
    code = code_of(teacher)
    ada = student(app, visit, code, "Ada")
    expect(teacher.locator(".wall-waiting")).to_have_text("Without a run so far: Ada.")
    teacher.get_by_text("Everyone the same run").click()
    form = teacher.locator("form[data-act=sweep]")
    form.locator("[name=preset]").select_option("mlp-digits-quick")
    form.locator("[name=values]").fill("fast, slow")
    form.get_by_role("button").click()
    expect(teacher.locator(".wall .explore-problem")).to_contain_text("must be a number")
    form.locator("[name=values]").fill("0.00007, 0.001")
    form.get_by_role("button").click()
    expect(teacher.locator(".wall-sweep")).to_contain_text("7e-05, 0.001")
    ada.get_by_role("link", name="Go there").click()
    expect(ada.locator("#preset input")).to_have_value("MLP GAN on digits, quick")
    expect(ada.get_by_label("Your first name")).to_have_value("Ada")
    run_of(ada)
    expect(teacher.locator(".tile-value")).to_have_text("7e-05")
    stop(ada)


def test_a_room_ends_for_everybody_and_a_wrong_code_is_told(
    app: App, visit: Callable[..., Page], teacher: Page
) -> None:
    ada = student(app, visit, code_of(teacher), "Ada")
    teacher.once("dialog", lambda dialog: dialog.accept())
    teacher.get_by_role("button", name="End the room").click()
    expect(teacher.locator(".wall-door")).to_be_visible()
    expect(ada.locator(".room-said")).to_contain_text("has ended")
    assert "room=" not in ada.url
    lost = visit(app.url + "?room=QQQQQ")
    expect(lost.locator("#tabs")).to_have_attribute("data-tab", "classroom")
    expect(lost.locator(".room-said")).to_contain_text("There is no room 'QQQQQ'")
    lost.locator(".wall-enter input").fill("abc")
    lost.get_by_role("button", name="Enter").click()
    expect(lost.locator(".wall .explore-problem")).to_have_text("A code has five letters.")


def test_the_teachers_link_makes_a_teacher_on_another_machine(
    app: App, visit: Callable[..., Page], teacher: Page
) -> None:
    key, code = teacher.evaluate("window.ganapp.room.key"), code_of(teacher)
    other = visit(f"{app.url}?room={code}&tab=classroom#teacher={key}")
    expect(other.locator(".wall")).to_have_attribute("data-role", "teacher")
    assert key not in other.url
    other.get_by_role("button", name="Share").click()
    assert key not in other.locator(".share-link input").input_value()
    false = visit(f"{app.url}?room={code}&tab=classroom#teacher=wrong")
    false.get_by_role("button", name="Stop all runs").click()
    expect(false.locator(".wall .explore-problem")).to_contain_text("Only the teacher")
