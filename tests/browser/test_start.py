"""The first page: both players of a replay, the doors to everything else, and tabs in groups whose
names stand in the address.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_tab


def shown(page: Page) -> str:
    return str(page.locator("#tabs").get_attribute("data-tab"))


def test_the_players_of_the_replay_follow_the_slider(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url)
    start = page.locator(".start")
    expect(start).to_have_attribute("data-epoch", "20")
    forged, judge = page.locator(".start-forged"), page.locator("[data-of=fake_score]")
    early = float(judge.get_attribute("aria-valuenow") or 1)
    page.get_by_role("slider", name="Epoch of the replay").press("End")
    expect(start).to_have_attribute("data-epoch", "250")
    expect(forged).to_have_attribute("src", app.url + "runs/recording-mlp-mnist/epochs/250.jpg")
    assert float(judge.get_attribute("aria-valuenow") or 0) > early + 0.2
    page.get_by_role("button", name="Play", exact=True).click()
    expect(start).not_to_have_attribute("data-epoch", "250")


def test_every_door_leads_somewhere(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url)
    for door, tab in (
        ("All lessons", "lessons"),
        ("Explore", "latent"),
        ("Train one live", "train"),
    ):
        open_tab(page, "Start")
        page.locator("#start-page").get_by_role("button", name=door).click()
        expect(page.locator("#tabs")).to_have_attribute("data-tab", tab)


def test_the_address_holds_the_tab(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=theory", forgive=("AbortError", "Connection errored"))
    expect(page.locator("#tabs")).to_have_attribute("data-tab", "theory")
    open_tab(page, "Restore")
    assert page.url.endswith("?tab=restore")
    for before in ("latent", "theory"):  # the group opened on its first tab
        page.go_back()
        expect(page.locator("#tabs")).to_have_attribute("data-tab", before)
    for after in ("latent", "restore"):
        page.go_forward()
        expect(page.locator("#tabs")).to_have_attribute("data-tab", after)
    page.reload()
    expect(page.locator("#tabs")).to_have_attribute("data-tab", "restore")
    # A group opens on the tab of it that one left.
    open_tab(page, "Train")
    page.locator(".groups [data-group=explore]").click()
    expect(page.locator("#tabs")).to_have_attribute("data-tab", "restore")
    expect(page.locator(".groups [aria-current=page]")).to_have_text("Explore")
    hostile = visit(app.url + "?tab=%22%5D%3Cscript%3E")
    expect(hostile.locator("#tabs")).to_have_attribute("data-tab", "start")


def test_a_runs_link_opens_the_train_tab(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?run=recording-digits")
    expect(page.locator("#tabs")).to_have_attribute("data-tab", "train")
    expect(page.locator(".live")).to_have_attribute("data-run", "recording-digits")


def test_an_address_leads_to_settings_and_to_a_theory_room(
    app: App, visit: Callable[..., Page]
) -> None:
    page = visit(app.url + "?preset=mlp-digits-quick&epochs=7")
    expect(page.locator("#tabs")).to_have_attribute("data-tab", "train")
    expect(page.locator("#preset input")).to_have_value("MLP GAN on digits, quick")
    page.locator("[data-drawer=settings]").first.click()
    expect(page.locator("#field-epochs input").first).to_have_value("7")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#copy-settings").click()
    expect(page.locator("#copy-settings")).to_have_text("Link copied")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied == app.url + "?tab=train&preset=mlp-digits-quick&epochs=7"
    with page.expect_download() as saved:
        page.locator("#code-settings").click()
    with zipfile.ZipFile(saved.value.path()) as files:
        assert b"SEED, EPOCHS = 0, 7" in files.read("gan.py")
    wrong = visit(app.url + "?preset=%3Cb%3E")
    expect(wrong.locator(".live-problem")).to_contain_text("There is no preset called")
    room = visit(app.url + "?room=dirac")
    expect(room.get_by_role("tab", name="Dirac-GAN")).to_have_attribute("aria-selected", "true")
    room.get_by_role("tab", name="C(G)").click()
    assert "theory=along" in room.url


def test_the_chosen_model_stands_in_the_address(app: App, visit: Callable[..., Page]) -> None:
    page = visit(app.url + "?tab=latent&model=mnist", forgive=("AbortError", "Connection errored"))
    chosen = page.locator("#latent-model input")
    expect(chosen).to_have_value("Conditional DCGAN on all of MNIST")
    chosen.click()
    page.get_by_role("option", name="BigGAN on digits", exact=True).click()
    expect(chosen).to_have_value("BigGAN on digits")
    page.wait_for_function("() => location.search.includes('model=biggan-digits')")
    page.reload()
    expect(chosen).to_have_value("BigGAN on digits")
    hostile = visit(app.url + "?tab=latent&model=run:..%2F..%2Fetc")
    expect(hostile.locator("#latent-model input")).to_have_value("Conditional DCGAN on digits")
