"""A Space on ZeroGPU in a real browser: a run takes its visitor's GPU time, and says so.

With ON_ZERO_GPU=1 in the environment the stories of the other files are told there, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TOKEN, ZERO_GPU, App
from tests.browser.test_train import end, start, wait


@pytest.fixture
def space(tmp_path: Path) -> Iterator[App]:
    """Its visitors have time for one call."""
    made = App(tmp_path, None, **ZERO_GPU, STANDIN_QUOTA="61", GANAPP_GPU_SECONDS="60")
    yield made
    made.stop()


def test_a_run_takes_its_visitors_gpu_time_and_goes_on_without(
    space: App, visit: Callable[..., Page]
) -> None:
    page = visit(space.url + "?tab=train", extra_http_headers=TOKEN)
    run = start(page)
    wait(page, "Number(d.epoch) >= 1 && Number(d.points) > 5")
    note = page.locator(".live-note")
    expect(note).to_contain_text("Training on a GPU that Hugging Face lends you.")
    expect(note).to_contain_text(
        re.compile(r"Your runs here have used \d+ seconds of GPU time today")
    )
    page.locator("#pause").click()
    wait(page, "d.state === 'paused'")
    page.locator("#pause").click()  # now it says Resume
    # The second call asks for more than is left.
    expect(note).to_contain_text("Your GPU time for today is used up")
    expect(note).to_contain_text(
        re.compile(r"\d+ seconds are left; there is more in 3:12:00 hours")
    )
    wait(page, f"d.run === '{run}' && d.state === 'running'")
    end(page)
