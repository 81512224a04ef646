"""Takes the README's pictures of the real app: `python docs/make_screenshots.py` (after `pip install -r requirements-dev.txt`)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.browser.conftest import FLAGS, App
from tests.chromium import find_chromium

HERE = Path(__file__).parent
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SECONDS_OF_TRAINING = 45


def main() -> None:
    """Trains the default preset for a while, then looks at every tab."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = App(Path(folder))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport=DESKTOP)
        page.goto(app.url)
        page.locator("#start").click()
        page.wait_for_selector(".live[data-state=running]")
        page.wait_for_timeout(SECONDS_OF_TRAINING * 1000)
        page.screenshot(path=HERE / "train.png")
        run = page.locator(".live").get_attribute("data-run")
        phone = browser.new_page(viewport=PHONE, device_scale_factor=2)
        phone.goto(f"{app.url}?run={run}&__theme=dark")
        phone.wait_for_selector(".live[data-state=running] .live-frame img[src^=data]")
        phone.wait_for_timeout(1500)
        phone.screenshot(path=HERE / "phone.png")
        page.locator("#stop").click()
        page.wait_for_selector(".live[data-state=stopped]")
        for tab, name in (("Latent space", "latent"), ("Class-conditional", "classes")):
            shoot(page, tab, HERE / f"{name}.png")
        browser.close()
        app.stop()


def shoot(page: Page, tab: str, target: Path) -> None:
    """The tab as it opens."""
    page.get_by_role("tab", name=tab, exact=True).click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('img')].filter((img) => img.checkVisibility()).every((img) => img.naturalWidth)"
    )
    page.wait_for_timeout(2500)
    page.screenshot(path=target)


if __name__ == "__main__":
    main()
