"""Which models one can open, and opening them once for everybody."""

import os
from pathlib import Path
from typing import Any

import pytest

from ganapp import checkpoints
from ganapp.errors import BadInput
from ganapp.ui.parts import catalog
from tests.ui.models import make


def test_choices_are_the_bundled_models_and_the_runs_that_have_one(shelf: Path) -> None:
    values = [
        value
        for _, value in catalog.choices(["1122-0741-abc", "1122-0742-new", "gone", "../secret"])
    ]
    assert values == ["bundled:digits", "bundled:another", "run:1122-0741-abc"]
    assert [value for _, value in catalog.choices(["1122-0741-abc"], use="draw a class")] == [
        "bundled:digits",
        "run:1122-0741-abc",
    ]
    labels = [label for label, _ in catalog.choices(["1122-0741-abc"])]
    assert len(set(labels)) == 3


def test_bundled_models_have_the_names_of_their_presets() -> None:
    uses: list[catalog.Use] = ["draw", "translate", "repair"]
    titles = [title for use in uses for title, _ in catalog.choices([], use=use)]
    assert len(titles) == len(checkpoints.bundled())
    assert not any("changed" in title for title in titles)


def test_open_gives_one_model_to_everybody(shelf: Path) -> None:
    model = catalog.load("bundled:digits")
    assert catalog.load("bundled:digits") is model and not model.training
    assert catalog.load("run:1122-0741-abc").classes == 5


def test_a_run_is_opened_anew_once_it_has_saved_a_newer_model(shelf: Path) -> None:
    first = catalog.load("run:1122-0741-abc")
    newer = make()
    newer.average.layers[0].weight.data.zero_()
    folder = shelf / "runs" / "1122-0741-abc"
    checkpoints.save(newer, folder)
    os.utime(folder / checkpoints.WEIGHTS, ns=(1, 1))
    again = catalog.load("run:1122-0741-abc")
    assert again is not first and not again.average.layers[0].weight.any()


def test_only_the_last_few_models_stay_open(shelf: Path) -> None:
    for i in range(catalog.MOST_MODELS + 2):
        checkpoints.save(make(), shelf / "bundled" / f"m{i}")
    first = catalog.load("bundled:m0")
    for i in range(1, catalog.MOST_MODELS + 2):
        catalog.load(f"bundled:m{i}")
    assert len(catalog._opened) == catalog.MOST_MODELS
    assert catalog.load("bundled:m0") is not first


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        7,
        ["bundled:digits"],
        "digits",
        "bundled:",
        "bundled:../secret",
        "bundled:digits/../../secret",
        "bundled:/etc",
        "run:",
        "run:../secret",
        "run:..",
        "run:1122-0742-new",
        "run:gone",
        "run:A",
        "run:" + "a" * 41,
        "run:a/b",
        "run:1122-0741-abc\n",
        "hub:",
        "hub:one",
        "hub:a/b/c",
        "hub:../secret",
        "hub:/etc/passwd",
        "hub:a/..",
        "hub:a b/c",
        "hub:a/b\n",
        "file:///etc/passwd",
        "hub:" + "a" * 200 + "/b",
    ],
    ids=str,
)
def test_the_catalog_refuses_everything_else_with_a_sentence(
    shelf: Path, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        checkpoints, "fetch", lambda repo: pytest.fail(f"asked the Hub for {repo!r}")
    )
    with pytest.raises(BadInput) as refusal:
        catalog.load(value)
    assert str(refusal.value).endswith(".") and str(shelf) not in str(refusal.value)


def test_a_local_folder_is_not_taken_for_a_repository(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shelf)
    monkeypatch.setattr(catalog, "_refuse_large", lambda repo: None)
    monkeypatch.setattr(
        checkpoints,
        "fetch",
        lambda repo: (_ for _ in ()).throw(BadInput(f"asked the Hub for {repo}.")),
    )
    with pytest.raises(BadInput, match="asked the Hub for bundled/digits"):
        catalog.load("hub:bundled/digits")


def test_a_repository_of_the_hub_joins_the_list(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "_refuse_large", lambda repo: None)
    monkeypatch.setattr(checkpoints, "fetch", lambda repo: shelf / "secret")
    assert (
        catalog.hub_value(" https://huggingface.co/somebody/digits-gan/ ")
        == "hub:somebody/digits-gan"
    )
    catalog.load("hub:somebody/digits-gan")
    assert catalog.choices(keep="hub:somebody/digits-gan")[-1] == (
        "somebody/digits-gan (Hub)",
        "hub:somebody/digits-gan",
    )
    assert catalog.choices(keep="hub:else/where")[-1][1] == "bundled:another"


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_model_that_draws_no_numbers_is_refused(shelf: Path) -> None:
    for weight, said in ((float("nan"), "numbers that are not finite"), (3e38, "not numbers")):
        broken = make()
        broken.average.layers[0].weight.data.fill_(weight)
        checkpoints.save(broken, shelf / "bundled" / "broken")
        with pytest.raises(BadInput, match=said):
            catalog.load("bundled:broken")


# The tabs' handlers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mnist", "bundled:mnist"),
        ("run:1101-1200-abc", "run:1101-1200-abc"),
        ("hub:owner/name", "hub:owner/name"),
        ("", ""),
        ("run:../../etc", ""),
        ("file:name", ""),
        ("<script>", ""),
        ("a" * 500, ""),
    ],
)
def test_an_address_asks_for_a_model_by_its_name(name: str, value: str) -> None:
    assert catalog.asked_value(name) == value
