"""Checkpoints: saving and loading is equality, and whatever is not a checkpoint is refused in one
sentence, unopened.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from ganapp import checkpoints, latents, pictures
from ganapp.checkpoints import (
    CARD,
    CONFIG,
    SAMPLES,
    STATE,
    WEIGHTS,
    TrainedModel,
    TrainingState,
    load,
    load_state,
    save,
    save_state,
)
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.files import save_atomically
from ganapp.training import train
from tests.tiny import tiny_config, tiny_pictures

FACTS = {
    "preset": "tiny",
    "command": "python -m ganapp train tiny --out x",
    "data": "bars",
    "epochs": 1.5,
    "seconds": 2.5,
    "machine": "a test",
    "name": "bars",
    "figures": {"Coverage": "0.9"},
}


def trained(config: TrainConfig, channels: int = 1) -> TrainingState:
    *_, last = (
        (snapshot, snapshot.capture())
        for snapshot in train(config, steps=2, pictures=tiny_pictures(20, channels=channels))
    )
    return last[1]


KINDS: dict[str, tuple[TrainConfig, int]] = {
    "mlp": (tiny_config(), 1),
    "unconditional": (tiny_config(conditional=False), 1),
    "colour": (tiny_config("dcgan"), 3),
    "dcgan": (tiny_config("dcgan", discriminator_norm="batch", minibatch_std=True), 1),
}


@pytest.fixture(params=KINDS)
def model(request: pytest.FixtureRequest) -> TrainedModel:
    config, channels = KINDS[request.param]
    return TrainedModel.from_state(trained(config, channels), FACTS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good checkpoint with its training state."""
    state = trained(tiny_config())
    save(TrainedModel.from_state(state, FACTS), tmp_path / "good")
    save_state(state, tmp_path / "good")
    return tmp_path / "good"


def drawn(model: TrainedModel) -> np.ndarray:
    return model.draw(latents.noise(0, model.config.latent_size, 6), np.arange(6) % 3)


def assert_equal(a: TrainedModel, b: TrainedModel) -> None:
    assert (a.config, a.class_names, a.channels, a.facts) == (
        b.config,
        b.class_names,
        b.channels,
        b.facts,
    )
    ours, theirs = a.state_dict(), b.state_dict()
    assert ours.keys() == theirs.keys() and all(
        torch.equal(ours[name], theirs[name]) for name in ours
    )
    assert np.array_equal(drawn(a), drawn(b))
    assert not b.training and not any(weight.requires_grad for weight in b.parameters())


# --- save, load -----------------------------------------------------------------------------------


def test_save_then_load_is_equality(model: TrainedModel, tmp_path: Path) -> None:
    save(model, tmp_path / "deep" / "folder")
    assert_equal(model, load(tmp_path / "deep" / "folder"))
    assert sorted(path.name for path in (tmp_path / "deep" / "folder").iterdir()) == sorted(
        [WEIGHTS, CONFIG, CARD, SAMPLES]
    )


def test_the_hubs_own_mixin_reads_what_we_save_and_we_read_what_it_saves(
    model: TrainedModel, tmp_path: Path
) -> None:
    save(model, tmp_path / "ours")
    assert_equal(model, TrainedModel.from_pretrained(tmp_path / "ours"))
    model.save_pretrained(tmp_path / "its")
    assert_equal(model, load(tmp_path / "its"))


def test_saving_again_replaces_and_loading_needs_only_two_files(folder: Path) -> None:
    other = TrainedModel.from_state(trained(tiny_config(seed=9)), {})
    save(other, folder)
    for name in (CARD, SAMPLES, STATE):
        (folder / name).unlink()
    assert_equal(other, load(folder))


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")

    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        save_atomically(tmp_path / "file", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["file"] and (
        tmp_path / "file"
    ).read_text() == "old"


def test_a_model_is_opened_by_its_folder_or_its_bundled_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = load(folder)
    assert_equal(good, checkpoints.open_model(str(folder)))
    monkeypatch.setattr("ganapp.checkpoints.folder.BUNDLED", folder.parent)
    assert list(checkpoints.bundled()) == ["good"]
    assert_equal(good, checkpoints.open_model("good"))


def test_every_bundled_checkpoint_opens_and_draws() -> None:
    for name in checkpoints.bundled():
        model = checkpoints.open_model(name)
        if model.translates:
            images = pictures.to_uint8(
                model.translate(pictures.from_uint8(model.examples[0, :2]), 1)
            )
        else:
            images = model.draw(
                latents.noise(0, model.config.latent_size, 2), np.zeros(2, np.int64)
            )
        assert (
            images.shape == (2, model.config.image_size, model.config.image_size, model.channels)
            and images.std() > 10
        )


# --- what a model does ----------------------------------------------------------------------------


def test_a_trained_model_holds_the_weights_of_its_state() -> None:
    state = trained(tiny_config("dcgan"))
    model = TrainedModel.from_state(state)
    for name, value in model.state_dict().items():
        player, _, rest = name.partition(".")
        stored = {"ema": "average"}.get(player, player)
        assert torch.equal(value, state.tensors[f"{stored}/{rest}"]), name
    assert model.facts["step"] == 2


def test_pictures_are_within_range_and_judged_with_probabilities(model: TrainedModel) -> None:
    noise, labels = latents.noise(0, model.config.latent_size, 6), np.arange(6) % 3
    images = model.images(noise, labels)
    side = model.config.image_size
    assert images.shape == (6, model.channels, side, side) and np.abs(images).max() <= 1
    assert np.array_equal(model.draw(noise, labels), pictures.to_uint8(images))
    scores = model.scores(images, labels)
    assert scores.shape == (6,) and ((scores > 0) & (scores < 1)).all()


def test_labels_and_their_mixtures_are_asked_for_by_conditional_models_only(
    model: TrainedModel,
) -> None:
    noise = latents.noise(0, model.config.latent_size, 3)
    zeros, ones = (model.images(noise, np.full(3, label)) for label in (0, 1))
    assert np.array_equal(zeros, model.images(noise))
    assert np.array_equal(zeros, ones) == (model.classes == 0)
    mixed = model.images(noise, np.tile(np.array([0, 1, 0], np.float32), (3, 1)))
    assert np.allclose(mixed, ones, atol=1e-6)
    assert model.classes == (3 if model.config.conditional else 0)


def test_a_class_is_named_by_its_name_or_its_number() -> None:
    model = TrainedModel(tiny_config().to_dict(), ["boot", "Boot", "0", "shirt"], 1)
    asked = {"boot": 0, "Boot": 1, "BOOT": 0, " Shirt ": 3, "0": 2, "1": 1, "3": 3}
    assert {name: model.class_number(name) for name in asked} == asked
    for unknown in ("", "4", "-1", "1.0", "²", "hat", "9" * 80):
        with pytest.raises(
            BadInput, match=r"no class .*0 \(boot\), 1 \(Boot\), 2 \(0\), 3 \(shirt\)\.$"
        ):
            model.class_number(unknown)
    translator = TrainedModel(tiny_config("cyclegan").to_dict(), ["chalk", "ink"], 1)
    assert [translator.class_number(name) for name in ("ink", "0")] == [1, 0]
    with pytest.raises(BadInput, match="no domain 'water'"):
        translator.class_number("water")
    with pytest.raises(BadInput, match="unconditional"):
        TrainedModel(tiny_config(conditional=False).to_dict(), ["a", "b"], 1).class_number("a")


def test_the_card_tells_how_the_model_was_made(model: TrainedModel) -> None:
    card = checkpoints.model_card(model)
    assert card.startswith("---\n") and "library_name: ganapp" in card and "license: mit" in card
    for answer in (
        "python -m ganapp train tiny --out x",
        "| Coverage | 0.9 |",
        "| Epochs | 1.5 |",
        'open_model("bars")',
        f"({SAMPLES})",
    ):
        assert answer in card
    assert ("conditional on the class" in card) == bool(model.classes)
    settings = card.split("```json\n")[1].split("```")[0]
    assert TrainConfig.from_dict(json.loads(settings)) == model.config


def test_the_sheet_shows_sixty_pictures_at_most(model: TrainedModel, tmp_path: Path) -> None:
    save(model, tmp_path)
    with Image.open(tmp_path / SAMPLES) as sheet:
        columns = 3 if model.classes else 10
        assert sheet.size == (
            2 * (columns * (model.config.image_size + 1) + 1),
            2 * (6 * (model.config.image_size + 1) + 1),
        )


# --- what is refused ------------------------------------------------------------------------------


def edited(path: Path, **changes: Any) -> None:
    described = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(
        json.dumps({key: value for key, value in (described | changes).items() if value != "gone"}),
        encoding="utf-8",
    )


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def foreign_weights(folder: Path) -> None:
    save_file({"other": torch.zeros(3)}, folder / WEIGHTS)


def reshaped_weights(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    save_file(
        {
            name: value[..., :1].contiguous() if value.ndim else value
            for name, value in weights.items()
        },
        folder / WEIGHTS,
    )


def spoilt_tensor(file: Path, value: float) -> None:
    """Puts a number into the last tensor of floats of a file."""
    with safe_open(file, framework="pt") as opened:
        facts = opened.metadata()
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    name = [name for name, tensor in tensors.items() if tensor.is_floating_point()][-1]
    tensors[name].view(-1)[0] = value
    save_file(tensors, file, metadata=facts)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "weights cut short": (lambda f: cut(f / WEIGHTS), "damaged"),
    "weights empty": (lambda f: (f / WEIGHTS).write_bytes(b""), "damaged"),
    "weights are a pickle": (
        lambda f: (f / WEIGHTS).write_bytes(pickle.dumps({"a": 1})),
        "damaged",
    ),
    "weights of another program": (foreign_weights, "damaged"),
    "a weight that is no number": (
        lambda f: spoilt_tensor(f / WEIGHTS, float("nan")),
        "numbers that are not finite, in '",
    ),
    "a weight without end": (
        lambda f: spoilt_tensor(f / WEIGHTS, float("-inf")),
        "numbers that are not finite, in '",
    ),
    "weights of other sizes": (reshaped_weights, "damaged"),
    "no weights": (lambda f: (f / WEIGHTS).unlink(), "is no checkpoint"),
    "no config": (lambda f: (f / CONFIG).unlink(), "is no checkpoint"),
    "config is no json": (lambda f: (f / CONFIG).write_text("{"), "does not describe"),
    "config is bytes": (lambda f: (f / CONFIG).write_bytes(b"\xff\xfe\x00"), "does not describe"),
    "config is a list": (lambda f: (f / CONFIG).write_text("[1, 2]"), "does not describe"),
    "config of another program": (
        lambda f: (f / CONFIG).write_text('{"model_type": "bert"}'),
        "does not describe",
    ),
    "another version": (lambda f: edited(f / CONFIG, format_version=99), "version '99'"),
    "a setting out of range": (
        lambda f: edited(f / CONFIG, settings={"epochs": -1}),
        "epochs is '-1'",
    ),
    "an unknown setting": (
        lambda f: edited(f / CONFIG, settings={"depth": 3}),
        "no setting called 'depth'",
    ),
    "settings are a number": (lambda f: edited(f / CONFIG, settings=3), "does not describe"),
    "settings are of another model": (
        lambda f: edited(f / CONFIG, settings={**tiny_config(width=5).to_dict()}),
        "damaged",
    ),
    "no channels": (lambda f: edited(f / CONFIG, channels=0), "1 or 3 channels"),
    "absurdly many channels": (lambda f: edited(f / CONFIG, channels=10**12), "1 or 3 channels"),
    "channels are a word": (lambda f: edited(f / CONFIG, channels="many"), "1 or 3 channels"),
    "class names are numbers": (
        lambda f: edited(f / CONFIG, class_names=[1, 2, 3]),
        "names of its classes",
    ),
    "class names are a word": (
        lambda f: edited(f / CONFIG, class_names="abc"),
        "names of its classes",
    ),
    "one class too few": (lambda f: edited(f / CONFIG, class_names=["a", "b"]), "damaged"),
    "facts are a number": (lambda f: edited(f / CONFIG, facts=3), "does not describe"),
    "no facts": (lambda f: edited(f / CONFIG, facts="gone"), "does not describe"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_no_checkpoint_is_refused_in_one_sentence(how: str, folder: Path) -> None:
    breaks, said = BROKEN[how]
    breaks(folder)
    with pytest.raises(BadInput) as error:
        load(folder)
    message = str(error.value)
    assert said in message and "'good'" in message
    assert "\n" not in message and len(message) < 900


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no checkpoint folder 'nothing'"):
        load(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="no checkpoint folder 'file'"):
        checkpoints.open_model(str(tmp_path / "file"))
    with pytest.raises(BadInput, match="does not have"):
        checkpoints.open_model("~nobody-of-that-name/model")


class Trap:
    """Opened as a pickle, it leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize(
    "name", ["model.pt", "pytorch_model.bin", "weights.ckpt", "g.pth", "net.pkl"]
)
def test_a_pickle_stays_closed(name: str, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / name).write_bytes(pickle.dumps(Trap(tmp_path / "trace")))
    with pytest.raises(BadInput, match="stays closed") as error:
        load(tmp_path / "theirs")
    assert name in str(error.value) and not (tmp_path / "trace").exists()
    pickle.loads((tmp_path / "theirs" / name).read_bytes())
    assert (tmp_path / "trace").exists()  # the trap works


def test_the_mixin_does_not_open_a_pickle_either(model: TrainedModel, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="stay closed"):
        TrainedModel._load_as_pickle(model, str(tmp_path / "model.bin"), "cpu", False)


# --- training states ------------------------------------------------------------------------------


def with_facts(folder: Path, **changes: str | None) -> None:
    """Rewrites the state with other facts in its heading."""
    state = load_state(folder)
    facts = {
        "settings": json.dumps(state.config.to_dict()),
        "step": "2",
        "class_names": '["a"]',
        "channels": "1",
        "format_version": "1",
    }
    save_file(
        state.tensors,
        folder / STATE,
        {key: value for key, value in (facts | changes).items() if value is not None},
    )


BROKEN_STATES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda f: (f / STATE).unlink(), "nothing to resume"),
    "cut short": (lambda f: cut(f / STATE), "cannot be read"),
    "empty": (lambda f: (f / STATE).write_bytes(b""), "cannot be read"),
    "a pickle": (
        lambda f: (f / STATE).write_bytes(pickle.dumps(Trap(f / "trace"))),
        "cannot be read",
    ),
    "without facts": (lambda f: save_file({"a": torch.zeros(1)}, f / STATE), "cannot be read"),
    "another version": (lambda f: with_facts(f, format_version="99"), "version '99'"),
    "a number that is none": (
        lambda f: spoilt_tensor(f / STATE, float("nan")),
        "numbers that are not finite, in '",
    ),
    "without a step": (lambda f: with_facts(f, step=None), "cannot be read"),
    "a step that is a word": (lambda f: with_facts(f, step="three"), "cannot be read"),
    "settings out of range": (lambda f: with_facts(f, settings='{"epochs": -1}'), "epochs is '-1'"),
    "settings that are no json": (lambda f: with_facts(f, settings="{"), "cannot be read"),
}


@pytest.mark.parametrize("how", BROKEN_STATES)
def test_what_is_no_training_state_is_refused_in_one_sentence(how: str, folder: Path) -> None:
    breaks, said = BROKEN_STATES[how]
    breaks(folder)
    with pytest.raises(BadInput) as error:
        load_state(folder)
    assert (
        said in str(error.value) and "'good'" in str(error.value) and "\n" not in str(error.value)
    )
    assert not (folder / "trace").exists()


def test_the_rewritten_state_of_these_tests_is_itself_good(folder: Path) -> None:
    with_facts(folder)
    assert load_state(folder).step == 2
