"""The live connection: what a page gets when it asks, and that it is made once for all pages."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest

from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.runs import Registry
from ganapp.ui.train import feed as feeds
from ganapp.ui.train.feed import Feed
from tests.tiny import tiny_config


@pytest.fixture
def feed(registry: Registry) -> Feed:
    return Feed(registry)


def finished(feed: Feed, **changes: Any) -> str:
    config = TrainConfig.from_dict(
        {"dataset": "digits", "most_pictures": 40, "epochs": 1, **changes}, tiny_config("mlp")
    )
    run_id = feed.registry.submit(config, "mlp-digits-quick", "owner")
    end = time.monotonic() + 60
    while feed.registry.view(run_id).state != "finished":
        assert time.monotonic() < end, feed.registry.view(run_id)
        time.sleep(0.05)
    return run_id


def opened(packed: bytes | None) -> dict[str, Any]:
    assert packed is not None
    answer: dict[str, Any] = json.loads(gzip.decompress(packed))
    return answer


def test_only_news_is_sent_and_packed_once_for_all_pages(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = finished(feed)
    packed = feed.answer(run_id, page="a page")
    shown = opened(packed)
    assert shown["run"] == run_id and shown["state"] == "finished"
    assert shown["picture"].startswith(f"runs/{run_id}/live.jpg?")
    assert feed.registry.watchers(run_id) == 1
    monkeypatch.setattr(Feed, "describe", None)  # nothing is described again
    assert feed.answer(run_id, page="another") is packed
    assert feed.answer(run_id, page="a page", seen=shown["version"]) is None
    assert feed.registry.watchers(run_id) == 2


def test_a_watcher_reads_that_the_run_is_somebody_elses(feed: Feed) -> None:
    run_id = finished(feed)
    assert "somebody else's" in opened(feed.answer(run_id))["note"]
    assert "somebody else's" not in opened(feed.answer(run_id, mine=True))["note"]


def test_another_run_is_shown_beside_it(feed: Feed) -> None:
    run_id, other = finished(feed), finished(feed, loss="hinge")
    shown = opened(feed.answer(run_id, other=other))
    assert shown["other"]["run"] == other
    assert shown["other"]["differs"] == "Loss: non-saturating here, hinge there."
    assert feed.answer(run_id, other=other, seen=shown["version"]) is None
    assert feed.answer(run_id, seen=shown["version"]) is not None


def test_the_more_pages_look_the_less_often_each_one_asks(feed: Feed) -> None:
    run_id = feed.registry.submit(
        TrainConfig.from_dict({"epochs": 100_000}, tiny_config("mlp")), "digits", "owner"
    )
    waits = [opened(feed.answer(run_id, page=f"page {page}"))["every"] for page in range(60)]
    assert waits[0] == feeds.SECONDS_BETWEEN_LOOKS and waits == sorted(waits)
    assert all(pages / wait <= feeds.LOOKS_A_SECOND for pages, wait in enumerate(waits, 1))
    assert waits[-1] <= 2.0


def test_what_is_kept_is_bounded(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_KEPT", 2)
    run_id, other = finished(feed), finished(feed)
    for asked in ({}, {"mine": True}, {"other": other}, {"other": other, "mine": True}):
        assert feed.answer(run_id, **asked)
    assert len(feed._packed) == 2


def test_a_run_that_is_not_here_is_refused(feed: Feed) -> None:
    with pytest.raises(BadInput, match="no run"):
        feed.answer("../../etc")
