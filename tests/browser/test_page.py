"""The page as a whole: nothing from elsewhere, accessible, whole on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import TABS, App, open_tab, wait_for_answers

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


def turn_to(page: Page, tab: str) -> None:
    open_tab(page, tab)
    wait_for_answers(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('img')].every((img) => !img.checkVisibility() ||"
        " (img.complete && img.naturalWidth))"
    )


def in_every_tab(page: Page, look: Callable[[Page], object]) -> dict[str, object]:
    """What `look` finds by tab, where it finds anything. One page for all of them: loading it takes
    longer than looking.
    """
    found = {}
    for tab in TABS:
        turn_to(page, tab)
        if seen := look(page):
            found[tab] = seen
    return found


def broken_rules(page: Page, theme: str, part: str = "html") -> list[str]:
    """What axe finds in a part of the page. A theme changes colours alone, so what is not about
    those is looked at in one of them.
    """
    everything = {"type": "tag", "values": ["wcag2a", "wcag2aa", "best-practice"]}
    colours = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    rules = everything if theme == "light" else colours
    # The nodes that are right would be told too, at length.
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = Axe().run(page, context=part, options=options)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


PANELS = ["Settings", "Change one setting", "Step by step", "Your runs", "Your own pictures"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(app: App, visit: Callable[..., Page], theme: str) -> None:
    page = visit(f"{app.url}?__theme={theme}", **DESKTOP)
    assert in_every_tab(page, lambda page: broken_rules(page, theme)) == {}
    turn_to(page, "Train")
    for panel in PANELS:
        page.get_by_role("button", name=panel, exact=True).click()
        assert broken_rules(page, theme, "#drawer") == [], panel
        page.keyboard.press("Escape")


def hidden_values(page: Page) -> list[str]:
    """The values of lists that do not fit beside their arrows."""
    return page.evaluate(
        "() => [...document.querySelectorAll('input[role=listbox]')].filter((input) =>"
        " input.checkVisibility() && input.scrollWidth > input.clientWidth)"
        ".map((input) => input.value)"
    )


def overflow(page: Page) -> int:
    return max(
        0,
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        ),
    )


def pictures_without_a_text(page: Page) -> list[str]:
    return page.evaluate(
        "() => [...document.querySelectorAll('img')].filter((img) => img.checkVisibility() &&"
        " !img.alt).map((img) => img.className)"
    )


def bare_controls(page: Page) -> list[str]:
    return page.evaluate(
        """() => [...document.querySelectorAll('.block label, fieldset')].filter((label) =>
        label.checkVisibility()
        && label.querySelector('input, textarea') && !label.closest('.live')
        && !label.closest('fieldset label')
        && !label.closest('.block').innerText.trim().includes('\\n') && !label.closest('[title]'))
        .map((label) => label.innerText)
        """
    )


@pytest.mark.parametrize("widths", [(390,), (1366, 1920)], ids=["phone", "desktop"])
def test_every_tab_fits_and_can_be_read(
    app: App, visit: Callable[..., Page], widths: tuple[int, ...]
) -> None:
    """Nothing is wider than the page or hidden behind a list's arrow, every picture has a text, and
    every control a hint.
    """
    page = visit(app.url, **(PHONE if widths == (390,) else DESKTOP))
    height = (page.viewport_size or {})["height"]

    def amiss(page: Page) -> list[str]:
        found = []
        for width in widths:
            page.set_viewport_size({"width": width, "height": height})
            found += [*hidden_values(page), *pictures_without_a_text(page), *bare_controls(page)]
            if wide := overflow(page):
                found.append(f"{wide} pixels wider than {width}")
        return found

    assert in_every_tab(page, amiss) == {}
    turn_to(page, "Train")
    page.locator("[data-drawer=settings]").first.click()
    assert amiss(page) == []


def test_one_heading_of_the_first_level(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url)
    assert page.locator("h1").count() == 1
