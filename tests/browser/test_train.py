"""The Train tab in a real browser: start, watch, pause, reload, stop, share, restart."""

from __future__ import annotations

import contextlib
import io
import re
import signal
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ON_ZERO_GPU, App, free_port, open_tab

LIVE = ".live"


def data(page: Page, name: str) -> str:
    return page.locator(LIVE).get_attribute(f"data-{name}") or ""


def wait(page: Page, condition: str) -> None:
    """Waits for a condition on `d`, the live component's data attributes."""
    page.wait_for_function(
        f"() => {{ const d = document.querySelector('.live')?.dataset; return d && {condition}; }}"
    )


def choose(page: Page, preset: str | re.Pattern[str]) -> None:
    page.locator("#preset input").click()
    page.get_by_role("option", name=preset).click()


def start(page: Page) -> str:
    """Starts the quick MLP run; its id."""
    choose(page, re.compile("quick"))
    page.locator("#start").click()
    wait(
        page, "d.run && d.run !== 'example' && ['queued', 'preparing', 'running'].includes(d.state)"
    )
    return data(page, "run")


def end(page: Page) -> None:
    page.locator("#stop").click()
    wait(page, "['stopped', 'paused'].includes(d.state)")


def test_a_critics_scores_are_not_called_probabilities(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?tab=train")
    title = page.locator('[data-chart="scores"] b')
    expect(title).to_have_text("Probability of being real")
    choose(page, "WGAN on digits")
    page.locator("#start").click()
    wait(page, "d.run && d.run !== 'example' && Number(d.step) > 0")
    expect(title).to_have_text("Scores of the critic")
    end(page)


def test_the_page_opens_on_a_finished_example(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train")
    wait(page, "d.state === 'example' && Number(d.points) > 20 && Number(d.epoch) > 2")
    picture = page.locator(".live-own img")
    expect(picture).to_be_visible()
    expect(picture).to_have_attribute("alt", re.compile("generated pictures at epoch"))
    newest = picture.get_attribute("src")
    page.locator(".live-film input").fill("1")
    expect(picture).to_have_attribute("src", re.compile(r"runs/recording-digits/epochs/1\.jpg$"))
    page.wait_for_function("() => document.querySelector('.live-own img').naturalWidth > 0")
    # The curves' read-outs and the verdict are of that epoch, too.
    reads = page.locator("[data-chart='losses'] .live-read")
    expect(reads).to_contain_text(re.compile(r"^epoch (0\.[5-9]|1\b|1\.)"))
    expect(page.locator(".live-doctor b")).to_have_text("Too early to say.")
    page.locator(".live-now").click()
    expect(picture).to_have_attribute("src", newest or "none")
    expect(reads).to_contain_text(re.compile(r"^epoch \d\d"))
    expect(page.locator(".live-doctor b")).to_have_text("Healthy.")
    expect(page.locator(".live-credit")).to_have_text(re.compile("MNIST by Y. LeCun"))
    expect(page.locator("#pause")).to_be_disabled()
    expect(page.locator("#stop")).to_be_disabled()


def test_start_pause_reload_resume_stop(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train")
    run = start(page)
    expect(page.locator("#start")).to_be_disabled()
    wait(page, "Number(d.epoch) >= 2 && Number(d.points) > 20")
    expect(page.locator(".live-facts")).to_contain_text(
        re.compile(r"epoch \d+ of \d+.*images/s.*left")
    )
    page.locator("#pause").click()
    wait(page, "d.state === 'paused'")
    page.get_by_role("button", name="Your runs").click()
    listed = page.locator("#earlier input")
    expect(listed).to_be_visible()
    expect(listed).to_have_value(re.compile("paused$"))
    points = data(page, "step")
    page.wait_for_timeout(1500)
    assert data(page, "step") == points
    page.reload()
    wait(page, f"d.run === '{run}' && d.state === 'paused'")
    assert data(page, "step") == points
    expect(page.locator("#pause")).to_have_text("Resume")
    page.locator("#pause").click()
    wait(page, f"d.state === 'running' && Number(d.step) > {points}")
    expect(page.locator("#pause")).to_have_text("Pause")
    for name in ("model.safetensors", "curves.csv", "epochs.gif", "epochs.webp"):
        link = page.locator(f".live-links a[data-file='{name}']").get_attribute("href") or ""
        answer = page.request.get(link)
        assert answer.ok and len(answer.body()) > 500, (name, answer.status)
    page.locator(".live-film input").fill("1")
    expect(page.locator(".live-own img")).to_have_attribute(
        "src", re.compile(rf"runs/{run}/epochs/1\.jpg$")
    )
    end(page)
    assert data(page, "state") == "stopped"
    expect(listed).to_have_value(re.compile("stopped$"))
    expect(page.locator("#start")).to_be_enabled()


def test_two_visitors_take_turns_and_a_link_shows_a_run_read_only(
    app: App, visit: Callable[..., Page]
) -> None:
    first = visit(app.url + "?tab=train")
    run = start(first)
    wait(first, "d.state === 'running'")
    second = visit(app.url + "?tab=train")
    start(second)
    wait(second, "d.state === 'running' && Number(d.step) > 0")
    if not ON_ZERO_GPU:  # where each visitor is lent a GPU
        expect(second.locator(".live-note")).to_contain_text("2 runs take turns on this machine")
    watcher = visit(f"{app.url}?run={run}")
    wait(watcher, f"d.run === '{run}' && d.state === 'running'")
    expect(watcher.locator(".live-note")).to_contain_text("somebody else's run")
    for button in ("#pause", "#stop"):
        expect(watcher.locator(button)).to_be_disabled()
    seen = int(data(watcher, "step"))
    wait(watcher, f"Number(d.step) > {seen}")
    end(first)
    expect(second.locator(".live-note")).not_to_contain_text("take turns")
    end(second)


def test_where_there_is_one_place_a_run_waits_with_a_recording_until_the_page_before_has_left(
    tmp_path: Path, visit: Callable[..., Page]
) -> None:
    app = App(tmp_path, GANAPP_PLACES="1")
    try:
        left = visit(app.url + "?tab=train")
        start(left)
        wait(left, "d.state === 'running'")
        waiting = visit(app.url + "?tab=train")
        start(waiting)
        wait(waiting, "d.state === 'queued'")
        expect(waiting.locator(".live-note")).to_contain_text("Place 1 in the queue")
        expect(waiting.locator(".live-when")).to_contain_text("Meanwhile a recording")
        picture = waiting.locator(".live-own img")
        expect(picture).to_have_attribute("src", re.compile("runs/recording-"))
        before = picture.get_attribute("src") or ""
        expect(picture).not_to_have_attribute("src", before)
        left.close()
        wait(waiting, "d.state === 'running' && Number(d.step) > 0")
        expect(waiting.locator(".live-when")).not_to_contain_text("Meanwhile")
        end(waiting)
        waiting.close()
    finally:
        app.stop()


def test_a_run_is_kept_by_its_owner_alone(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train")
    expect(page.locator(".live-keep")).to_be_hidden()  # of the example
    run = start(page)
    wait(page, "Number(d.step) > 0")
    page.locator(".live-keep").click()
    expect(page.locator(".live-keep")).to_have_text("Kept")
    watcher = visit(f"{app.url}?run={run}")
    wait(watcher, f"d.run === '{run}'")
    expect(watcher.locator(".live-keep")).to_be_hidden()
    end(page)
    page.reload()
    wait(page, f"d.run === '{run}'")
    expect(page.locator(".live-keep")).to_have_text("Kept")
    page.locator(".live-keep").click()
    expect(page.locator(".live-keep")).to_have_text("Keep")


def test_five_tabs_of_one_visitor_all_follow(app: App, visit: Callable[..., Page]) -> None:
    first = visit(app.url + "?tab=train")
    run = start(first)
    tabs = [first, *(visit(app.url + "?tab=train", of=first) for _ in range(4))]
    for tab in tabs:
        wait(tab, f"d.run === '{run}' && Number(d.epoch) >= 3")
    end(first)
    for tab in tabs:
        wait(tab, "d.state === 'stopped'")


def test_bad_settings_are_told_in_a_sentence_and_lose_nothing(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?tab=train")
    wait(page, "d.state === 'example'")
    page.get_by_role("button", name="Settings").click()
    rate = page.locator("#field-generator_lr input")
    rate.fill("<img src=x onerror=window.hacked=1>")
    rate.press("Enter")
    page.locator("#start").click()
    expect(page.get_by_text("“Generator learning rate” is").first).to_be_visible()
    assert data(page, "state") == "example"
    expect(page.locator("#start")).to_be_enabled()
    assert page.evaluate("() => window.hacked") is None


def test_a_link_to_a_run_that_is_not_here_says_so(app: App, visit: Callable[..., Page]) -> None:
    page = visit(f"{app.url}?run=%3Cimg%20src=x%20onerror=window.hacked=1%3E")
    expect(page.get_by_text("There is no run called").first).to_be_visible()
    wait(page, "d.state === 'example'")
    assert page.evaluate("() => window.hacked") is None


class Cable:
    """A TCP connection to the app that can be cut and mended."""

    def __init__(self, target: int) -> None:
        self.target, self.port, self.whole = target, free_port(), True
        self._open: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                ours, _ = self._server.accept()
            except OSError:
                return
            if not self.whole:
                ours.close()
                continue
            theirs = socket.create_connection(("127.0.0.1", self.target))
            self._open += [ours, theirs]
            for source, sink in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            end.close()

    def cut(self) -> None:
        self.whole = False
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self.whole = True

    def close(self) -> None:
        self._server.close()
        self.cut()


@pytest.fixture
def cable(app: App) -> Iterator[Cable]:
    made = Cable(app.port)
    yield made
    made.close()


def test_a_lost_connection_comes_back_to_the_same_run(
    app: App, cable: Cable, visit: Callable[..., Page]
) -> None:
    page = visit(
        f"http://127.0.0.1:{cable.port}/?tab=train",
        forgive=("Failed to load resource", "net::ERR", "fetch", "NetworkError", "Connection"),
    )
    run = start(page)
    wait(page, "Number(d.epoch) >= 1")
    cable.cut()
    page.wait_for_timeout(2000)
    step = int(data(page, "step") or 0)
    cable.mend()
    page.wait_for_function(
        "() => { const live = document.querySelector('.live')?.dataset; return live?.run ==="
        f" '{run}' && Number(live.step) > {step}; }}"
    )
    end(page)


def test_a_restarted_app_offers_to_resume(tmp_path: Path, visit: Callable[..., Page]) -> None:
    app = App(tmp_path)
    page = visit(
        app.url + "?tab=train",
        forgive=("Failed to load resource", "net::ERR", "fetch", "NetworkError", "Connection"),
    )
    run = start(page)
    wait(page, "Number(d.epoch) >= 1")
    app.stop(signal.SIGKILL)
    app.start()
    page.goto(app.url + "?tab=train")
    wait(page, f"d.run === '{run}' && d.state === 'interrupted'")
    expect(page.locator(".live-note")).to_contain_text("Resume")
    step = int(data(page, "step"))
    page.locator("#pause").click()
    wait(page, f"d.state === 'running' && Number(d.step) > {max(step - 1, 0)}")
    end(page)
    app.stop()


def test_own_pictures_are_shown_trained_on_and_known_after_a_reload(
    app: App, visit: Callable[..., Page]
) -> None:
    # Of what the reload cuts short.
    page = visit(app.url + "?tab=train", forgive=("AbortError", "Connection errored"))
    page.get_by_role("button", name="Your own pictures").click()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(40):
            colour = (200, 5 * number, 0) if number % 2 else (0, 5 * number, 200)
            picture = io.BytesIO()
            Image.new("RGB", (48, 48), colour).save(picture, "PNG")
            archive.writestr(f"{'red' if number % 2 else 'blue'}/{number}.png", picture.getvalue())
    page.locator("#own-files input[type=file]").set_input_files(
        {"name": "pictures.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}
    )
    expect(page.locator("#own-preview")).to_contain_text(
        "40 pictures in 2 classes: blue (20), red (20)"
    )
    expect(page.locator("#own-preview img")).to_have_count(12)
    expect(page.locator("#field-dataset input")).to_have_value("own")
    page.locator("#start").click()
    expect(page.locator(".live")).to_have_attribute("data-state", "running", timeout=60_000)
    expect(page.locator(".live")).not_to_have_attribute("data-epoch", "0", timeout=60_000)
    page.locator("#stop").click()
    expect(page.locator(".live")).to_have_attribute("data-state", "stopped", timeout=60_000)
    first = data(page, "run")
    page.reload()
    wait(page, f"d.run === '{first}'")
    page.locator("#start").click()
    wait(page, f"d.run !== '{first}' && d.state === 'running'")
    page.locator("#stop").click()
    wait(page, "d.state === 'stopped'")


def test_the_cure_starts_a_mended_run_beside_the_one_that_went_wrong(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?tab=train")
    expect(page.locator("#cure")).to_be_hidden()
    choose(page, "What goes wrong: vanishing gradients")
    expect(page.locator("#preset-note")).to_contain_text("Its cure:")
    page.locator("#start").click()
    wait(page, "d.state === 'running' && Number(d.epoch) >= 1")
    wrong = data(page, "run")
    page.locator("#cure").click()
    wait(page, f"d.other === '{wrong}' && d.run !== '{wrong}' && d.state === 'running'")
    expect(page.locator(".live-differs")).to_contain_text(
        "Loss: non-saturating here, minimax there"
    )
    expect(page.locator(".live-other img")).to_be_visible()
    expect(page.locator("#cure")).to_be_hidden()
    wait(page, "Number(d.points) > 0")
    page.locator("#stop").click()
    wait(page, "d.state === 'stopped'")


SCREENS = [(1366, 768, 560), (1920, 1080, 720)]


@pytest.mark.parametrize(("width", "height", "side"), SCREENS)
def test_a_run_is_seen_on_one_screen(
    app: App, visit: Callable[..., Page], width: int, height: int, side: int
) -> None:
    page = visit(app.url + "?tab=train", viewport={"width": width, "height": height})
    wait(page, "d.state === 'example' && Number(d.points) > 20")
    for part in ("#start", ".live-bar", ".live-own img", ".live-film", ".live-doctor"):
        box = page.locator(part).first.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= height, (part, box)
    for chart in ("losses", "scores"):
        box = page.locator(f"[data-chart={chart}]").bounding_box()
        assert box and box["y"] + box["height"] <= height and box["height"] > 100, (chart, box)
    picture = page.locator(".live-own img").bounding_box()
    assert picture and picture["width"] >= side


def test_on_a_phone_the_pictures_come_first(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train", viewport={"width": 390, "height": 844})
    wait(page, "d.state === 'example'")
    tops = [
        (page.locator(part).bounding_box() or {"y": -1.0})["y"]
        for part in (".live-own img", ".live-doctor", "[data-chart=losses]")
    ]
    assert tops == sorted(tops) and tops[0] > 0
    button = page.locator("#start").bounding_box()
    assert button and tops[0] < button["y"] < 844  # under the thumb


def test_the_drawer_shows_what_applies_is_searched_and_closed_by_escape(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?tab=train")
    opener = page.get_by_role("button", name="Settings")
    opener.click()
    expect(page.locator("#knob-search")).to_be_focused()
    expect(page.locator("#field-cycle_weight")).to_be_hidden()
    expect(page.locator("#field-minibatch_std")).to_be_visible()
    page.locator("#knob-search").fill("learning rate")
    expect(page.locator(".drawer-search [role=status]")).to_have_text(re.compile(r"^[2-9] found"))
    expect(page.locator("#field-generator_lr")).to_be_visible()
    expect(page.locator("#field-epochs")).to_be_hidden()
    page.locator("#knob-search").fill("zebra")
    expect(page.get_by_text("No setting says that")).to_be_visible()
    page.locator("#knob-search").fill("")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(opener).to_be_focused()
    choose(page, re.compile("^CycleGAN, chalk"))
    opener.click()
    expect(page.locator("#field-cycle_weight")).to_be_visible()
    expect(page.locator("#field-minibatch_std")).to_be_hidden()


def test_arrow_keys_move_between_tabs_and_presets_and_keep_the_focus(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?tab=train")
    preset = page.locator("#preset input")
    preset.focus()
    for title in ("DCGAN on digits", "MLP GAN on digits"):
        page.keyboard.press("ArrowDown")
        expect(preset).to_have_value(title)
        expect(preset).to_be_focused()
    expect(page.locator("#preset-note")).to_contain_text("The first GAN of the course")
    page.keyboard.press("Escape")
    open_tab(page, "Latent space")
    page.get_by_role("tab", name="Latent space", exact=True).focus()
    arrows = ("ArrowRight", "Class-conditional"), ("ArrowLeft", "Latent space"), ("End", "Inside")
    for key, title in arrows:
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=title, exact=True)
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(tab).to_be_focused()
    open_tab(page, "Train")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_run_starts_again_with_one_setting_changed_beside_the_first(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?tab=train")
    first = start(page)
    wait(page, "Number(d.epoch) >= 1")
    page.get_by_role("button", name="Change one setting").click()
    page.locator("#again-setting input").click()
    page.get_by_role("option", name="Batch size", exact=True).click()
    expect(page.locator("#again-hint")).to_contain_text("Now 64.")
    expect(page.locator("#again-value input")).not_to_have_value("")
    page.locator("#again-value input").fill("32")
    page.locator("#again-value input").press("Enter")
    page.locator("#again-start").click()
    wait(page, f"d.other === '{first}' && d.run !== '{first}' && Number(d.points) > 0")
    expect(page.locator(".live-differs")).to_have_text("Batch size: 32 here, 64 there.")
    page.keyboard.press("Escape")
    expect(page.locator(".live-other img")).to_be_visible()
    page.locator(".live-alone").click()
    expect(page.locator(".live-other")).to_be_hidden()
    end(page)


def test_a_paused_run_is_played_by_hand(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train")
    steps = page.locator(".steps")
    page.get_by_role("button", name="Step by step").click()
    expect(page.locator(".steps-problem")).to_contain_text("This is a recording")
    page.keyboard.press("Escape")
    start(page)
    wait(page, "Number(d.epoch) >= 1")
    page.locator("#pause").click()
    wait(page, "d.state === 'paused'")
    step = int(data(page, "step"))
    page.get_by_role("button", name="Step by step").click()
    expect(page.locator(".steps-cards li")).to_have_count(12)
    expect(page.locator(".steps-problem")).to_be_hidden()
    page.get_by_role("button", name="Step discriminator").click()
    expect(steps).to_have_attribute("data-halfway", "true")
    expect(page.locator(".steps-caption")).to_contain_text("the inner loop (k = 1)")
    page.get_by_role("button", name="Step generator").click()
    expect(steps).to_have_attribute("data-step", str(step + 1))
    page.get_by_role("button", name="Start over").click()
    expect(steps).to_have_attribute("data-step", str(step))
    assert int(data(page, "step")) == step  # the run itself stays as it is
    page.keyboard.press("Escape")
    end(page)


def test_a_tab_out_of_sight_asks_and_draws_nothing(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=train")
    run = start(page)
    wait(page, "Number(d.step) > 0")
    open_tab(page, "Theory")
    page.wait_for_timeout(1500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4000)
    assert len([url for url in asked if run in url]) <= 1, asked
    open_tab(page, "Train")
    step = int(data(page, "step"))
    wait(page, f"Number(d.step) > {step}")
    end(page)


def test_no_frame_is_asked_for_while_nothing_moves(app: App, chromium: Browser) -> None:
    """Gradio's own loading sign would ask for sixty a second as long as the page is open."""
    page = chromium.new_page()
    page.add_init_script(
        "window.frames_asked = 0; { const real = window.requestAnimationFrame;"
        " window.requestAnimationFrame = (call) => { window.frames_asked += 1;"
        " return real.call(window, call); }; }"
    )
    page.goto(app.url + "?tab=train")
    page.wait_for_selector(".live[data-state]:not([data-state=none])")
    asked = [page.evaluate("window.frames_asked")]
    while len(asked) < 30 and (len(asked) < 2 or asked[-1] - asked[-2] >= 10):
        page.wait_for_timeout(1000)  # until the page has come to rest
        asked.append(page.evaluate("window.frames_asked"))
    assert asked[-1] - asked[-2] < 10, asked
    page.close()
