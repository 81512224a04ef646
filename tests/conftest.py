"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.gpus import hide_gpus, why_no_gpu

hide_gpus()  # before torch looks: tests that are not about CUDA run on the CPU wherever they are

import hypothesis
import pytest
import torch
from huggingface_hub import constants

from tests.fake_hub import AMBIENT, TOKEN, FakeHub, point_to

hypothesis.settings.register_profile("same", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("same")  # a failure is the same one everywhere


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what is about CUDA where there is no GPU."""
    reason = why_no_gpu()
    if reason:
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny networks are fastest on one core."""
    torch.set_num_threads(1)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A Hub, an empty cache, and a token of the machine's own that must never be sent."""
    made = FakeHub(TOKEN)
    point_to(made.url, monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    (tmp_path / "token").write_text(AMBIENT)
    monkeypatch.setenv("HF_TOKEN", AMBIENT)
    for name in (
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    yield made
    made.close()
