"""Publishing to and fetching from a Hub that the test serves itself; the visitor's token goes
nowhere else.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from ganapp import checkpoints
from ganapp.checkpoints import CARD, CONFIG, SAMPLES, WEIGHTS, TrainedModel
from ganapp.errors import BadInput
from tests.fake_hub import AMBIENT, TOKEN, FakeHub, point_to, unreachable
from tests.tiny import tiny_config

REPO = "someone/tiny-gan"


@pytest.fixture
def model() -> TrainedModel:
    return TrainedModel(
        tiny_config().to_dict(), ["a", "b", "c"], 1, {"preset": "tiny", "figures": {}}
    )


def test_what_is_published_can_be_fetched_and_is_the_same_model(
    hub: FakeHub, model: TrainedModel
) -> None:
    address = checkpoints.publish(model, REPO, f"  {TOKEN}\n")
    assert str(address).startswith(f"{hub.url}/{REPO}")
    assert set(hub.repos[REPO]) == {WEIGHTS, CONFIG, CARD, SAMPLES}
    assert hub.repos[REPO][CARD].decode() == checkpoints.model_card(model)
    fetched = checkpoints.open_model(REPO)
    assert (fetched.config, fetched.class_names, fetched.facts) == (
        model.config,
        model.class_names,
        model.facts,
    )
    assert all(
        torch.equal(value, model.state_dict()[name]) for name, value in fetched.state_dict().items()
    )


def test_publishing_again_replaces_the_files(hub: FakeHub, model: TrainedModel) -> None:
    checkpoints.publish(model, REPO, TOKEN)
    with torch.no_grad():
        for weight in model.parameters():
            weight.fill_(0.5)
    checkpoints.publish(model, REPO, TOKEN)
    fetched = checkpoints.open_model(REPO)
    assert all((weight == 0.5).all() for weight in fetched.parameters())


def test_a_repository_without_an_owner_is_the_visitors_own(
    hub: FakeHub, model: TrainedModel
) -> None:
    checkpoints.publish(model, "tiny-gan", TOKEN)
    assert set(hub.repos) == {REPO}


def test_the_token_is_sent_as_the_authorization_header_and_is_nowhere_else(
    hub: FakeHub,
    model: TrainedModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    checkpoints.publish(model, REPO, TOKEN)
    assert any(asked.headers.get("authorization") == f"Bearer {TOKEN}" for asked in hub.asked)
    for asked in hub.asked:
        others = {name: value for name, value in asked.headers.items() if name != "authorization"}
        assert TOKEN not in f"{asked.path} {others}" and TOKEN.encode() not in asked.body
    assert not any(TOKEN.encode() in content for content in hub.repos[REPO].values())

    written = len(hub.asked)
    checkpoints.fetch(REPO)
    assert len(hub.asked) > written and not any(
        "authorization" in asked.headers for asked in hub.asked[written:]
    )

    (tmp_path / "token").unlink()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or (
            TOKEN.encode() not in path.read_bytes() and AMBIENT.encode() not in path.read_bytes()
        ), path
    said = capfd.readouterr()
    for place in (
        caplog.text,
        said.out,
        said.err,
        str(vars(model)),
        repr(model),
        checkpoints.model_card(model),
    ):
        assert TOKEN not in place and AMBIENT not in place
    # Something was listened to.
    assert {record.name.split(".")[0] for record in caplog.records} >= {"huggingface_hub"}


@pytest.mark.parametrize("token", ["hf_wrong", AMBIENT])
def test_a_wrong_token_is_said_without_showing_it(
    hub: FakeHub, model: TrainedModel, token: str
) -> None:
    with pytest.raises(BadInput, match="the token does not allow it") as error:
        checkpoints.publish(model, REPO, token)
    assert (
        REPO in str(error.value) and token not in str(error.value) and "\n" not in str(error.value)
    )
    assert error.value.__cause__ is None and error.value.__suppress_context__
    assert not hub.repos


@pytest.mark.parametrize("token", ["", "  ", "two words", "a\nb", "tök"])
def test_what_cannot_be_a_token_is_never_sent(
    hub: FakeHub, model: TrainedModel, token: str
) -> None:
    with pytest.raises(BadInput, match="token") as error:
        checkpoints.publish(model, REPO, token)
    assert not hub.asked and (not token.strip() or token not in str(error.value))


@pytest.mark.parametrize("repo", ["a/b/c", "no spaces", "", "../up", "x" * 200])
def test_what_cannot_be_a_repository_is_refused(
    hub: FakeHub, model: TrainedModel, repo: str
) -> None:
    for call in (lambda: checkpoints.publish(model, repo, TOKEN), lambda: checkpoints.fetch(repo)):
        with pytest.raises(BadInput, match="owner/name"):
            call()
    assert not hub.asked


def test_a_hub_that_cannot_be_reached_is_said_at_once(
    hub: FakeHub, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(unreachable(), monkeypatch)
    with pytest.raises(BadInput, match="could not be reached") as error:
        checkpoints.publish(model, REPO, TOKEN)
    assert TOKEN not in str(error.value)
    monkeypatch.setattr(
        "huggingface_hub.utils._http.time.sleep",
        lambda seconds: pytest.fail("it waits to ask again"),
    )
    with pytest.raises(BadInput, match="could not be reached"):
        checkpoints.fetch(REPO)


def test_what_was_fetched_once_opens_without_the_hub(
    hub: FakeHub, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints.publish(model, REPO, TOKEN)
    checkpoints.fetch(REPO)
    point_to(unreachable(), monkeypatch)
    assert checkpoints.open_model(REPO).config == model.config


def test_a_repository_that_is_not_there_or_holds_no_model_is_said(
    hub: FakeHub, model: TrainedModel
) -> None:
    with pytest.raises(BadInput, match="does not exist or is private"):
        checkpoints.open_model("someone/nothing")
    hub.repos["someone/other"] = {CONFIG: b"{}"}
    with pytest.raises(BadInput, match=f"no {WEIGHTS}"):
        checkpoints.open_model("someone/other")
    hub.repos["someone/other"][WEIGHTS] = b"\x80\x04 a pickle"
    with pytest.raises(BadInput, match="does not describe a ganapp model"):
        checkpoints.open_model("someone/other")


@pytest.mark.parametrize("status", [403, 418, 500])
def test_a_hub_that_fails_is_said(
    hub: FakeHub, model: TrainedModel, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    hub.answer = status
    for call in (lambda: checkpoints.publish(model, REPO, TOKEN), lambda: checkpoints.fetch(REPO)):
        with pytest.raises(BadInput) as error:
            call()
        assert (
            REPO in str(error.value)
            and TOKEN not in str(error.value)
            and "\n" not in str(error.value)
        )
        assert str(status) in str(error.value) or status == 403
