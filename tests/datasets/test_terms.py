"""Whose the data are: said for every data set, on its models' cards, and in the docs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from huggingface_hub import ModelCard

from ganapp import checkpoints
from ganapp.checkpoints import CARD, TrainedModel
from ganapp.config.settings import TWO_DOMAINS, DatasetName
from ganapp.datasets.terms import TERMS
from ganapp.ui.shell import credits_html
from tests.tiny import tiny_config

NAMES: tuple[DatasetName, ...] = get_args(DatasetName)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "data.md"


def card_of(dataset: DatasetName, model: str = "dcgan") -> ModelCard:
    names = ["a", "b"] if model == "cyclegan" else ["a", "b", "c"]
    config = tiny_config(model, dataset=dataset)
    return ModelCard(checkpoints.model_card(TrainedModel(config.to_dict(), names, 1)))


def metadata(card: ModelCard) -> dict[str, Any]:
    """The heading of a card as the Hub reads it."""
    found: dict[str, Any] = card.data.to_dict()  # type: ignore[no-untyped-call] # of the library
    return found


def test_every_data_set_has_its_terms_here_and_in_the_docs() -> None:
    assert {*TERMS} == {*NAMES}
    written = DOCS.read_text(encoding="utf-8")
    for terms in TERMS.values():
        assert f"| {terms.credit} |" in written
        assert bool(terms.name) == (terms.licence == "other")


@pytest.mark.parametrize("dataset", NAMES)
def test_a_card_names_the_data_and_allows_no_more_than_they_do(dataset: DatasetName) -> None:
    card, terms = card_of(dataset), TERMS[dataset]
    assert terms.credit[1:] in card.text and terms.link in card.text
    if dataset == "own":
        assert "license" not in metadata(card) and "MIT" not in card.text
    elif terms.commercial:
        assert metadata(card)["license"] == "mit"
    else:
        said = {name: metadata(card)[f"license{name}"] for name in ("", "_name", "_link")}
        assert said == {"": "other", "_name": terms.name, "_link": terms.link}
        assert "MIT" not in card.text


@pytest.mark.parametrize("dataset", TWO_DOMAINS)
def test_a_model_that_holds_pictures_has_their_licence(dataset: DatasetName) -> None:
    card, terms = card_of(dataset, "cyclegan"), TERMS[dataset]
    assert metadata(card)["license"] == terms.licence != "mit"
    assert "stay under their licences" in card.text


def test_data_for_research_alone_are_known_as_such() -> None:
    assert {name for name, terms in TERMS.items() if not terms.commercial} == {"celeba", "svhn"}


def test_the_page_names_all_of_them() -> None:
    shown = credits_html()
    assert all(terms.credit in shown for name, terms in TERMS.items() if name != "own")


@pytest.mark.parametrize("name", checkpoints.bundled())
def test_bundled_cards_say_the_same(name: str) -> None:
    folder = checkpoints.bundled()[name]
    model, card = checkpoints.load(folder), ModelCard.load(folder / CARD)
    fresh = ModelCard(checkpoints.model_card(model))
    assert metadata(card) == metadata(fresh)
    assert TERMS[model.config.dataset].credit in card.text
