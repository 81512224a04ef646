"""What a visitor feels: `python -m benchmarks.page` drives the real app in Chromium and prints, as measured on this machine,

- seconds from `python app.py` until the page can be used;
- seconds from pressing Start to the first picture of the run;
- milliseconds from a slider's move to its picture, idle and while a run trains;
- memory of the app's processes, idle and training, shared pages counted once (PSS).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, App
from tests.chromium import find_chromium

MOVES = 60
MOVE = """async (value) => {
  const slider = document.querySelector('#latent-place input[type=range]'), figure = document.querySelector('#latent-picture figure');
  const image = figure.querySelector('img'), wanted = `/${value}/`;
  const start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  while (!(figure.dataset.at || '').includes(wanted) || !image.complete) await new Promise((next) => setTimeout(next, 1));
  await image.decode();
  return performance.now() - start;
}"""


def slider(page: Page) -> str:
    """Median and 95th percentile of slider to picture, in words."""
    page.get_by_role("tab", name="Latent space", exact=True).click()
    page.wait_for_selector("#latent-picture img[src]")
    page.wait_for_timeout(1500)
    times = sorted(page.evaluate(MOVE, 3 + 37 * move % 95) for move in range(MOVES))
    return f"median {statistics.median(times):.0f} ms, 95th percentile {times[int(0.95 * len(times))]:.0f} ms"


def megabytes(root: int) -> float:
    """PSS of a process and all its descendants."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = path.read_text().rpartition(")")[2].split()
        parents[int(path.parent.name)] = int(fields[1])
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    lines = "".join(Path(f"/proc/{number}/smaps_rollup").read_text() for number in family).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        start = time.perf_counter()
        app = App(Path(folder))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(app.url)
        page.wait_for_selector(".live-frame img[src]")
        print(f"python app.py to a usable page: {time.perf_counter() - start:.1f} s")
        print(f"slider to picture, idle: {slider(page)}")
        page.wait_for_timeout(3000)
        print(f"memory, idle: {megabytes(app.process.pid):.0f} MB")
        page.get_by_role("tab", name="Train", exact=True).click()
        shown = page.locator(".live-frame img").get_attribute("src")
        start = time.perf_counter()
        page.locator("#start").click()
        page.wait_for_function("(shown) => document.querySelector('.live-frame img').src !== shown", arg=shown, polling=10)
        print(f"Start to the first picture: {time.perf_counter() - start:.2f} s")
        page.wait_for_timeout(10_000)
        print(f"slider to picture, training: {slider(page)}")
        print(f"memory, training: {megabytes(app.process.pid):.0f} MB")
        browser.close()
        app.stop()


if __name__ == "__main__":
    main()
