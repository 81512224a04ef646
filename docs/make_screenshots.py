"""Takes the README's pictures of the real app: `python docs/make_screenshots.py` (after `pip
install -r requirements-dev.txt`).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Page, ViewportSize, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ganapp.runs.folder import claim_of, hashed
from tests.browser.conftest import FLAGS, App, open_tab
from tests.chromium import find_chromium

HERE = Path(__file__).parent
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
SECONDS_OF_TRAINING, SECONDS_OF_A_CLASS = 45, 150
STUDENTS = (
    "Ada",
    "Bo",
    "Chen",
    "Dina",
    "Emre",
    "Fatou",
    "Gül",
    "Hannes",
    "Ines",
    "Jan",
    "Kiri",
    "Lea",
)
LAB = "lab=two-gaussians&show=real,fake,discriminator,warp,optimal,modes"


def main() -> None:
    """Trains the default preset for a while, then takes a picture of every tab."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = App(Path(folder))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport=DESKTOP)
        page.goto(app.url)
        page.wait_for_selector(".start[data-epoch='20']")
        page.wait_for_timeout(1000)
        page.screenshot(path=HERE / "start.png")
        page.goto(app.url + "?tab=train")
        train(app, page, browser.new_page(viewport=PHONE, device_scale_factor=2))
        play(app, page)
        explore(page)
        restore(page)
        evaluate(page)
        teach(app, page)
        open_tab(page, "Train")
        go_wrong(page, HERE / "cure.png")
        browser.close()
        app.stop()


def train(app: App, page: Page, phone: Page) -> None:
    """A run, on a desktop and on a phone."""
    page.locator("#start").click()
    page.wait_for_selector(".live[data-state=running]")
    page.wait_for_timeout(SECONDS_OF_TRAINING * 1000)
    page.screenshot(path=HERE / "train.png")
    run = page.locator(".live").get_attribute("data-run")
    phone.goto(f"{app.url}?run={run}&__theme=dark")
    phone.wait_for_selector(".live[data-state=running] .live-own img[src]")
    phone.wait_for_timeout(1500)
    phone.screenshot(path=HERE / "phone.png")
    page.locator("#stop").click()
    page.wait_for_selector(".live[data-state=stopped]")


def play(app: App, page: Page) -> None:
    """An experiment of the 2-D lab, and a theory room."""
    page.goto(f"{app.url}?{LAB}")
    page.locator(".lab[data-step]").wait_for(timeout=60_000)
    page.locator(".lab-play").click()
    page.wait_for_function(
        "() => Number(document.querySelector('.lab').dataset.step) > 2000", timeout=120_000
    )
    page.locator(".lab-play").click()
    page.locator(".lab-bar").scroll_into_view_if_needed()
    page.screenshot(path=HERE / "lab.png")
    open_tab(page, "Theory")
    page.get_by_role("tab", name="Dirac-GAN", exact=True).click()
    shoot(page, "Theory", HERE / "theory.png")


def teach(app: App, page: Page) -> None:
    """A class at work, seen by its teacher."""
    page.goto(app.url + "?tab=classroom")
    page.get_by_role("button", name="Open a room").click()
    page.locator(".wall-code:not(:empty)").wait_for()
    code = page.locator(".wall-code").inner_text()
    runs = []
    for number, name in enumerate(STUDENTS):
        preset = ("digits", "mlp-digits-quick", "digits", "failure-collapse")[number % 4]
        run = started(app, preset, number)
        runs.append(run)
        claim = claim_of(run, hashed(f"key {number}"))
        there = {"member": f"student-{number:03d}", "name": name, "run": run, "claim": claim}
        httpx.post(f"{app.url}rooms/{code}/enter", json=there).raise_for_status()
    page.wait_for_timeout(SECONDS_OF_A_CLASS * 1000)
    page.screenshot(path=HERE / "classroom.png")
    for number, run in enumerate(runs):
        asked = {"data": [run, f"key {number}"]}
        httpx.post(f"{app.url}gradio_api/call/stop_run", json=asked).raise_for_status()


def started(app: App, preset: str, number: int) -> str:
    """A run that was started through the API; its id."""
    call = f"{app.url}gradio_api/call/start_run"
    asked = {"data": [preset, json.dumps({"seed": number}), f"key {number}"]}
    event = httpx.post(call, json=asked).raise_for_status().json()["event_id"]
    answer = httpx.get(f"{call}/{event}", timeout=60).raise_for_status().text
    return str(json.loads(answer.rpartition("data: ")[2].strip())[0])


def explore(page: Page) -> None:
    """The tabs that draw and translate."""
    for tab, name in (("Latent space", "latent"), ("Class-conditional", "classes")):
        shoot(page, tab, HERE / f"{name}.png")
    open_tab(page, "Translate")
    page.locator("#translate-model input").click()
    page.get_by_role("option", name="CycleGAN, Twemoji to Noto").click()
    page.wait_for_timeout(2000)
    page.locator(".translate .editor-examples button").nth(4).click()
    shoot(page, "Translate", HERE / "translate.png")


def restore(page: Page) -> None:
    """A picture whose lower half was hidden."""
    open_tab(page, "Restore")
    page.locator("#restore-editor .editor-examples button").nth(5).click()
    page.get_by_label("Lower half hidden").check()
    page.wait_for_timeout(1000)
    page.locator("#restore-find").click()
    page.wait_for_selector(".restore[data-percent='100']")
    shoot(page, "Restore", HERE / "restore.png")


def evaluate(page: Page) -> None:
    """A model that was measured, with its plots."""
    open_tab(page, "Evaluate")
    page.locator("#evaluate-start").click()
    page.wait_for_selector(".evaluate[data-state=done]", timeout=120_000)
    page.locator(".evaluate-walk input").fill("300")
    page.locator("#evaluate-plots-card").evaluate("(card) => card.scrollIntoView()")
    page.wait_for_timeout(1000)
    page.screenshot(path=HERE / "evaluate.png")


def go_wrong(page: Page, target: Path) -> None:
    """A preset that goes wrong, and the cured run beside it."""
    page.locator("#preset input").click()
    page.get_by_role("option", name="What goes wrong: mode collapse").click()
    page.wait_for_timeout(1000)
    page.locator("#start").click()
    epoch = "Number(document.querySelector('.live').dataset.epoch)"
    page.wait_for_function(
        f"() => document.querySelector('.live').dataset.state === 'running' && {epoch} >= 25",
        timeout=120_000,
    )
    page.locator("#cure").click()
    page.wait_for_function(
        f"() => document.querySelector('.live').dataset.other && {epoch} >= 20", timeout=120_000
    )
    page.wait_for_timeout(1500)
    page.screenshot(path=target)
    page.locator("#stop").click()
    page.wait_for_timeout(2000)


def shoot(page: Page, tab: str, target: Path) -> None:
    """The tab as it opens."""
    open_tab(page, tab)
    page.wait_for_function(
        "() => [...document.querySelectorAll('img')].filter((img) =>"
        " img.checkVisibility()).every((img) => img.naturalWidth)"
    )
    page.wait_for_timeout(2500)
    page.screenshot(path=target)


if __name__ == "__main__":
    main()
