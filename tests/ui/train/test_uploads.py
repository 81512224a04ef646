"""A visitor's own pictures, without Gradio: what they ask for, and how they become a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.datasets import uploads
from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder
from ganapp.ui.train import uploads as own_pictures
from tests.datasets.test_hub import FIRST, rows
from tests.datasets.test_uploads import many, packed
from tests.fake_hub import FakeHub
from tests.tiny import tiny_pictures


def test_pictures_are_described_and_their_file_stays(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        many("<b>red", (200, 0, 0)) | many("blue", (0, 0, 200)) | {"blue/bad.png": b"no"},
    )
    brought = own_pictures.bring([str(path)], lambda share, what: None)
    assert (
        "12 pictures in 2 classes: &lt;b&gt;red (6), blue (6)" in brought.preview
        and "1 file was left out" in brought.preview
        and "bad.png: no picture that can be read" in brought.preview
    )
    assert brought.preview.count("data:image/png;base64,") == 12
    assert path.exists()  # others may have uploaded the same


def test_twelve_pictures_of_as_many_classes_as_there_are_stand_for_all(tmp_path: Path) -> None:
    files = many("a", (200, 0, 0), 40) | many("b", (0, 0, 200), 3) | many("c", (0, 200, 0), 40)
    shown = own_pictures.bring([str(packed(tmp_path / "a.zip", files))], lambda share, what: None)
    captions = [part.partition("<")[0] for part in shown.preview.split("<figcaption>")[1:]]
    assert captions == [*"abcabcabc", *"aca"] and "left out" not in shown.preview


def test_nothing_and_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Any
    for nothing in (None, []):
        with pytest.raises(BadInput, match="No files were chosen"):
            own_pictures.bring(nothing, lambda share, what: None)
    monkeypatch.setattr(own_pictures, "MOST_PICTURES", 11)
    with pytest.raises(BadInput, match="12 pictures, more than the 11"):
        own_pictures.bring(
            [str(packed(tmp_path / "a.zip", many("a", (0, 0, 0), 12)))], lambda share, what: None
        )


def test_a_data_set_of_the_hub_is_described_like_an_upload(hub: FakeHub) -> None:
    hub.datasets["someone/things"] = {FIRST: rows(list(range(12)))}
    brought = own_pictures.fetch(" someone/things ", lambda share, what: None)
    assert (
        "12 pictures in 2 classes: cat (6), dog (6)" in brought.preview
        and len(brought.pictures.images) == 12
    )
    for nothing in (None, " "):
        with pytest.raises(BadInput, match="No data set was named"):
            own_pictures.fetch(nothing, lambda share, what: None)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_own_pictures_ask_for_fits_every_preset(preset: str) -> None:
    base = PRESETS[preset].config
    for pictures in (tiny_pictures(12, 2), tiny_pictures(12, 1, channels=3)):
        config = TrainConfig.from_dict(own_pictures.changes(pictures, base.model), base)
        assert config.dataset == "own" and config.conditional == (
            len(pictures.class_names) == 2 and base.model not in ("infogan", "cyclegan", "pix2pix")
        )
        if base.capabilities.encodes:
            assert config.augment == "none"
        elif not base.capabilities.translates:
            assert config.augment == (
                "translation-cutout"
                if pictures.images.shape[1] == 1
                else "colour-translation-cutout"
            )


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """One that plays nothing."""
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    return Registry(slots=0)


def test_own_pictures_are_in_the_runs_folder_and_nowhere_else(
    registry: Registry, tmp_path: Path
) -> None:
    config = TrainConfig.from_dict({"dataset": "own"}, PRESETS["mlp-digits-quick"].config)
    run = RunFolder(
        tmp_path / registry.submit(config, "mlp-digits-quick, changed", "key", tiny_pictures(12, 2))
    )
    assert run.own_pictures().class_names == ("bar 0", "bar 1")
    assert [path.name for path in tmp_path.rglob("*.npz")] == [uploads.PICTURES]
    run.forget_pictures()
    with pytest.raises(BadInput, match="upload them again"):
        run.own_pictures()
    registry.close()


def test_refused_runs_leave_nothing(registry: Registry, tmp_path: Path) -> None:
    own = TrainConfig.from_dict({"dataset": "own"}, PRESETS["mlp-digits-quick"].config)
    with pytest.raises(BadInput, match="no pictures are here yet"):
        registry.submit(own, "x", "key")
    cycle = TrainConfig.from_dict({"dataset": "own"}, PRESETS["cyclegan-colour"].config)
    with pytest.raises(BadInput, match="yours have 3: put them into two folders"):
        registry.submit(cycle, "x", "key", tiny_pictures(12, 3))
    registry.submit(own, "x", "key", tiny_pictures(12, 2))
    with pytest.raises(BadInput, match="still going on"):
        registry.submit(own, "x", "key", tiny_pictures(12, 2))
    assert len(list(tmp_path.glob("*/"))) == 1
    registry.close()


def test_pictures_that_the_run_is_not_about_are_not_kept(
    registry: Registry, tmp_path: Path
) -> None:
    run = RunFolder(
        tmp_path
        / registry.submit(
            PRESETS["mlp-digits-quick"].config, "mlp-digits-quick", "key", tiny_pictures(12, 2)
        )
    )
    assert run.own_pictures() is None and not list(tmp_path.rglob("*.npz"))
    registry.close()


def test_uploads_limits_are_those_of_the_page() -> None:
    assert own_pictures.MOST_PICTURES < uploads.MOST_PICTURES
