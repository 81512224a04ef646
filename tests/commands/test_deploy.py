"""A Space in one command, on a Hub that the test serves itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ganapp.__main__ import main
from ganapp.commands import deploy
from tests.fake_hub import TOKEN, FakeHub

SPACE = "someone/gans"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a command; its exit code, what it said, and what it said was wrong."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository with little in it."""
    root = tmp_path / "copy"
    for name in (
        *deploy.FILES,
        "ganapp/__init__.py",
        "ganapp/__pycache__/old.pyc",
        "checkpoints/one/config.json",
        "checkpoints/.draft",
        "tests/test_all.py",
        "secrets.txt",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    monkeypatch.setattr(deploy, "ROOT", root)
    return root


@pytest.fixture
def owner(hub: FakeHub, copy: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """A Hub on which the machine's token may write."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    return hub


FILES = {*deploy.FILES, "ganapp/__init__.py", "checkpoints/one/config.json"}


def test_a_space_is_made_with_what_it_needs(called: Call, owner: FakeHub) -> None:
    code, said, _ = called(
        "deploy", SPACE, "--bucket", "someone/runs", "--set", "GANAPP_PLACES=8", "--private"
    )
    assert code == 0
    assert f"{owner.url}/spaces/{SPACE}" in said
    made = owner.spaces[SPACE]
    assert (made["sdk"], made["hardware"], made["visibility"]) == ("gradio", "zero-a10g", "private")
    variables = {given["key"]: given["value"] for given in made["variables"]}
    assert variables == {
        "GANAPP_HOME": "/data/runs",
        "GANAPP_DATA": "/data/data",
        "GANAPP_PLACES": "8",
    }
    assert made["volumes"] == [{"type": "bucket", "source": "someone/runs", "mountPath": "/data"}]
    assert owner.buckets == ["someone/runs"]
    assert set(owner.repos[SPACE]) == FILES


def test_a_space_that_is_there_is_brought_up_to_date(
    called: Call, owner: FakeHub, copy: Path
) -> None:
    called("deploy", SPACE)
    (copy / "ganapp" / "__init__.py").rename(copy / "ganapp" / "renamed.py")
    code, *_ = called("deploy", SPACE, "--hardware", "t4-small", "--set", "A=b=c")
    assert code == 0
    assert owner.spaces[SPACE]["hardware"] == "zero-a10g", "it was made only once"
    assert owner.spaces[SPACE]["changes"] == [
        ("hardware", {"flavor": "t4-small"}),
        ("variables", {"key": "A", "value": "b=c"}),
    ]
    assert {"ganapp/renamed.py"} == set(owner.repos[SPACE]) - FILES
    assert "ganapp/__init__.py" not in owner.repos[SPACE]


def test_a_dry_run_says_all_and_asks_nothing(called: Call, owner: FakeHub) -> None:
    code, said, _ = called("deploy", SPACE, "--dry-run", "--bucket", "someone/runs")
    assert code == 0 and not owner.asked
    for word in (SPACE, "zero-a10g", "someone/runs", "GANAPP_HOME=/data/runs", f"{len(FILES)}, "):
        assert word in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["someone"], "no name of the Hub"),
        ([SPACE, "--bucket", "../x/y"], "no name of the Hub"),
        ([SPACE, "--hardware", "abacus"], "must be one of .*zero-a10g"),
        ([SPACE, "--set", "PLACES"], "not like NAME=VALUE"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_asked(
    called: Call, owner: FakeHub, arguments: list[str], words: str
) -> None:
    code, _, problem = called("deploy", *arguments)
    assert code == 2 and re.search(words, problem) and not owner.asked


@pytest.mark.parametrize(
    ("answer", "words"), [(401, "token does not allow"), (402, "paid plan"), (500, "answered 500")]
)
def test_a_refusal_of_the_hub_is_a_sentence(
    called: Call, owner: FakeHub, answer: int, words: str
) -> None:
    owner.answer = answer
    code, _, problem = called("deploy", SPACE)
    assert code == 2 and words in problem and TOKEN not in problem


def test_without_a_token_it_says_how_to_get_one(
    called: Call, hub: FakeHub, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    code, _, problem = called("deploy", SPACE)
    assert code == 2 and "hf auth login" in problem and not hub.asked


def test_a_package_without_its_repository_cannot_deploy(
    called: Call, owner: FakeHub, copy: Path
) -> None:
    (copy / "app.py").unlink()
    code, _, problem = called("deploy", SPACE)
    assert code == 2 and "copy of the repository" in problem


def test_the_real_repository_has_no_file_that_a_space_would_refuse() -> None:
    files = deploy._files(deploy.ROOT)
    assert {"app.py", "ganapp/launch.py"} <= {p.relative_to(deploy.ROOT).as_posix() for p in files}
    assert max(path.stat().st_size for path in files) < 10e6
