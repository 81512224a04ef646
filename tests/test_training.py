"""The loop: bit-exact stop and resume, what is shown when, what snapshots hold, and how it
fails.
"""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from ganapp.checkpoints import TrainedModel, TrainingState, load_state, save_state
from ganapp.config.training import TrainConfig
from ganapp.datasets import Pictures
from ganapp.datasets.pictures import Batch
from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.training import Diverged, Pace, Schedule, ShuffledIndices, Snapshot, Trainer, train
from tests.tiny import tiny_config, tiny_pictures

PICTURES = tiny_pictures(20)
NEVER = Pace(float("inf"), float("inf"), epochs=float("inf"))
ALWAYS = Pace(0.0, 0.0)


def state_at(
    config: TrainConfig, steps: int, resume: TrainingState | None = None
) -> tuple[TrainingState, list[Snapshot]]:
    """The state after `steps` rounds in all, and every snapshot on the way."""
    shown, state = [], None
    for snapshot in train(config, resume=resume, steps=steps, pictures=PICTURES, pace=ALWAYS):
        shown.append(snapshot)
        state = snapshot.capture() if snapshot.done else None
    assert state is not None
    return state, shown


def same(a: TrainingState, b: TrainingState) -> bool:
    assert a.tensors.keys() == b.tensors.keys()
    return all(torch.equal(a.tensors[name], b.tensors[name]) for name in a.tensors)


def losses(shown: list[Snapshot]) -> dict[int, float]:
    return {
        snapshot.step: float(snapshot.scores.discriminator_loss[-1])
        for snapshot in shown
        if len(snapshot.scores.discriminator_loss)
    }


RUNS: list[dict[str, Any]] = [
    {"model": "mlp"},
    {"model": "mlp", "optimizer": "sgd", "discriminator_steps": 2},
    {"model": "mlp", "conditional": False},
    {"model": "dcgan"},
    {"model": "dcgan", "discriminator_norm": "batch", "augment": "translation-cutout"},
    {"model": "dcgan", "r1_weight": 0.5, "minibatch_std": True},
    {
        "model": "dcgan",
        "loss": "wasserstein",
        "clip": 0.01,
        "optimizer": "rmsprop",
        "discriminator_norm": "batch",
    },
    {
        "model": "dcgan",
        "loss": "wasserstein",
        "gradient_penalty": 10.0,
        "discriminator_steps": 2,
        "augment": "translation",
    },
    {
        "model": "dcgan",
        "loss": "relativistic",
        "r1_weight": 0.5,
        "r2_weight": 0.5,
        "generator_norm": "none",
    },
    {"model": "mlp", "loss": "hinge"},
    {"model": "biggan", "loss": "hinge"},
    {"model": "infogan", "minibatch_std": True, "r1_weight": 0.5},
]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("changes", RUNS, ids=str)
def test_stopping_and_resuming_changes_no_bit(
    changes: dict[str, Any], precision: str, tmp_path: Path
) -> None:
    config = tiny_config(**changes, precision=precision)
    whole, whole_shown = state_at(config, 7)
    half, half_shown = state_at(config, 3)
    save_state(half, tmp_path)
    rest, rest_shown = state_at(config, 7, load_state(tmp_path))
    assert same(whole, rest)
    assert losses(whole_shown) == losses(half_shown) | losses(rest_shown)
    assert np.array_equal(whole_shown[-1].preview, rest_shown[-1].preview)  # type: ignore[arg-type]
    assert not same(whole, half)


def test_a_state_survives_its_file(tmp_path: Path) -> None:
    state, _ = state_at(tiny_config(), 2)
    save_state(state, tmp_path)
    loaded = load_state(tmp_path)
    assert same(state, loaded)
    assert dataclasses.replace(state, tensors={}) == dataclasses.replace(loaded, tensors={})


def test_a_seed_gives_its_run_again_and_another_gives_another() -> None:
    torch.manual_seed(1)
    first, _ = state_at(tiny_config(), 4)
    torch.manual_seed(2)
    again, _ = state_at(tiny_config(), 4)
    other, _ = state_at(tiny_config(seed=1), 4)
    assert same(first, again) and not same(first, other)


def test_two_runs_in_one_process_do_not_disturb_each_other() -> None:
    alone, _ = state_at(tiny_config(), 4)
    runs = [
        train(tiny_config(seed=seed), steps=4, pictures=PICTURES, pace=ALWAYS) for seed in (0, 1)
    ]
    for ours, _ in zip(*runs, strict=True):
        state = ours.capture() if ours.done else None
    assert state is not None and same(alone, state)


def test_looking_leaves_no_trace() -> None:
    often, _ = state_at(tiny_config("dcgan", discriminator_norm="batch"), 5)
    rarely: TrainingState | None = None
    for snapshot in train(
        tiny_config("dcgan", discriminator_norm="batch"), steps=5, pictures=PICTURES, pace=NEVER
    ):
        rarely = snapshot.capture() if snapshot.done else None
    assert rarely is not None and same(often, rarely)


# --- epochs ---------------------------------------------------------------------------------------


class Watched(Pictures):
    """Pictures that note which of them were asked for."""

    asked: ClassVar[list[Tensor]] = []

    def batch(self, indices: Tensor) -> Batch:
        self.asked.append(indices.clone())
        return super().batch(indices)


@pytest.mark.parametrize("k", [1, 2])
def test_every_picture_is_shown_once_an_epoch(k: int) -> None:
    Watched.asked.clear()
    for _ in train(
        tiny_config(epochs=4, discriminator_steps=k), pictures=Watched(*PICTURES), pace=NEVER
    ):
        pass
    assert all(len(indices) == 8 for indices in Watched.asked)
    shown = torch.cat(Watched.asked)
    assert 80 <= len(shown) < 80 + 8 * k
    epochs = shown[:80].reshape(4, 20)
    assert all(epoch.sort().values.tolist() == list(range(20)) for epoch in epochs)
    assert len({tuple(epoch.tolist()) for epoch in epochs}) == 4


@pytest.mark.parametrize(("pictures", "batch_size"), [(7, 3), (5, 5), (3, 8), (1, 2), (100, 64)])
def test_an_order_is_a_permutation_an_epoch_whatever_the_batch(
    pictures: int, batch_size: int
) -> None:
    order = ShuffledIndices(torch.arange(pictures) + 7, batch_size, 0, "order")
    shown = torch.cat([order.indices(draw) for draw in range(4 * pictures)])
    for epoch in shown[: len(shown) // pictures * pictures].reshape(-1, pictures):
        assert epoch.sort().values.tolist() == list(range(7, 7 + pictures))
    fresh = ShuffledIndices(torch.arange(pictures) + 7, batch_size, 0, "order")
    assert torch.equal(fresh.indices(3 * pictures), order.indices(3 * pictures))


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 3}, {"epochs": 3, "discriminator_steps": 2}, {"epochs": 2, "batch_size": 64}],
    ids=str,
)
def test_there_is_a_snapshot_with_a_picture_at_the_start_at_each_epochs_end_and_at_the_end(
    changes: dict[str, Any],
) -> None:
    config = tiny_config(**changes)
    shown = list(train(config, pictures=PICTURES, pace=NEVER))
    schedule = Schedule(20, config.batch_size, config.discriminator_steps, config.epochs)
    assert shown[0].step == 0 and len(shown[0].scores.real_score) == 0
    assert all(snapshot.preview is not None for snapshot in shown)
    assert [snapshot.done for snapshot in shown] == [False] * (len(shown) - 1) + [True]
    assert (
        shown[-1].step == shown[-1].steps == schedule.steps
        and shown[-1].progress == shown[-1].epoch == config.epochs
    )
    ends = {
        next(step for step in range(schedule.steps + 1) if schedule.progress(step) >= epoch)
        for epoch in range(config.epochs + 1)
    }
    assert [snapshot.step for snapshot in shown] == sorted(ends)


def test_no_share_for_ends_of_epochs_leaves_the_first_and_the_last_snapshot() -> None:
    shown = list(train(tiny_config(epochs=5), pictures=PICTURES, pace=NEVER._replace(epochs=0.0)))
    assert [snapshot.step for snapshot in shown] == [0, shown[-1].steps]


def test_pictures_at_the_ends_of_epochs_take_no_more_than_their_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A round takes a tenth of a second and ends an epoch; a picture takes a second."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    advance, preview = Trainer.advance, Trainer.preview

    def slow_round(trainer: Trainer) -> Tensor:
        now[0] += 0.1
        return advance(trainer)

    def slow_preview(trainer: Trainer) -> np.ndarray:
        now[0] += 1.0
        return preview(trainer)

    monkeypatch.setattr(Trainer, "advance", slow_round)
    monkeypatch.setattr(Trainer, "preview", slow_preview)
    config = tiny_config(epochs=400, batch_size=20)
    shown = list(train(config, pictures=PICTURES, pace=NEVER._replace(epochs=0.25)))
    assert all(each.preview is not None and each.ends_epoch for each in shown)
    # A picture every 4 seconds, of which 3 play 30 rounds.
    assert 400 / 30 - 1 <= len(shown) <= 400 / 30 + 2
    assert max(np.diff([each.step for each in shown])) <= 40


@pytest.mark.parametrize("pace", [NEVER, ALWAYS])
def test_every_rounds_scores_are_told_once(pace: Pace) -> None:
    shown = list(train(tiny_config(epochs=3), pictures=PICTURES, pace=pace))
    before = 0
    for snapshot in shown:
        for values in snapshot.scores:
            assert values.shape == (snapshot.step - before,) and np.isfinite(values).all()
        before = snapshot.step
    answer = np.concatenate([snapshot.scores.fake_score for snapshot in shown])
    assert len(answer) == shown[-1].steps == 8 and ((answer >= 0) & (answer <= 1)).all()
    assert [snapshot.step for snapshot in shown] == sorted({snapshot.step for snapshot in shown})


def test_no_steps_show_the_first_weights_and_end() -> None:
    (only,) = train(tiny_config(), steps=0, pictures=PICTURES)
    assert only.done and only.step == only.steps == 0 and only.preview is not None


def test_more_steps_than_the_epochs_hold_go_on_counting_epochs() -> None:
    *_, last = train(tiny_config(epochs=1), steps=10, pictures=PICTURES, pace=NEVER)
    assert last.progress == 4.0 and last.epoch == 4 and last.steps == 10


@pytest.mark.parametrize("settings", RUNS, ids=str)
def test_a_state_is_unchanged_by_being_used(settings: dict[str, Any]) -> None:
    config = tiny_config(**settings)
    state, _ = state_at(config, 4)
    before = {name: value.clone() for name, value in state.tensors.items()}
    ends = [state_at(config, 8, resume=state)[0] for _ in range(2)]
    assert state.step == 4
    assert all(torch.equal(state.tensors[name], value) for name, value in before.items())
    assert same(*ends)
    TrainedModel.from_state(state).average.train().requires_grad_(True)
    for weight in TrainedModel.from_state(state).generator.parameters():
        weight.data.zero_()
    assert all(torch.equal(state.tensors[name], value) for name, value in before.items())


# --- what a snapshot holds ------------------------------------------------------------------------


def test_a_snapshot_holds_copies_that_stay_as_they_were() -> None:
    kept = []
    for snapshot in train(tiny_config(generator_lr=0.1), steps=5, pictures=PICTURES, pace=ALWAYS):
        assert snapshot.preview is not None
        state = snapshot.capture()
        tensors = {name: value.clone() for name, value in state.tensors.items()}
        kept.append(
            (
                snapshot,
                snapshot.preview.copy(),
                [values.copy() for values in snapshot.scores],
                state,
                tensors,
            )
        )
    for snapshot, preview, scores, state, tensors in kept:
        assert np.array_equal(snapshot.preview, preview)  # type: ignore[arg-type]
        assert all(np.array_equal(a, b) for a, b in zip(snapshot.scores, scores, strict=True))
        assert all(torch.equal(state.tensors[name], value) for name, value in tensors.items())
    assert not np.array_equal(kept[0][1], kept[-1][1])


def test_a_snapshot_cannot_be_captured_once_the_loop_went_on() -> None:
    run = train(tiny_config(), steps=3, pictures=PICTURES, pace=ALWAYS)
    first = next(run)
    first.capture()
    next(run)
    with pytest.raises(RuntimeError, match="step 0"):
        first.capture()


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("model", ["mlp", "dcgan"])
def test_a_preview_shows_fixed_noise_with_a_class_a_column(model: str, conditional: bool) -> None:
    config = tiny_config(model, conditional=conditional, ema_half_life=0.0)
    (only,) = train(config, steps=0, pictures=PICTURES)
    preview = only.preview
    assert preview is not None and preview.dtype == np.uint8
    assert preview.shape[2:] == (config.image_size, config.image_size, 1)
    if conditional:
        assert preview.shape[1] == 3
    (again,) = train(config, steps=0, pictures=PICTURES)
    assert np.array_equal(preview, again.preview)  # type: ignore[arg-type]


# --- failing well ---------------------------------------------------------------------------------


def test_a_run_that_diverges_says_what_to_change_and_keeps_a_finite_state() -> None:
    config = tiny_config(
        optimizer="sgd", discriminator_lr=10.0, generator_lr=10.0, beta1=0.99, loss="minimax"
    )
    good: TrainingState | None = None
    with pytest.raises(Diverged) as error:
        for snapshot in train(config, steps=2_000, pictures=PICTURES, pace=ALWAYS):
            assert all(np.isfinite(values).all() for values in snapshot.scores)
            good = snapshot.capture()
    assert (
        str(error.value).endswith(".")
        and "learning rates (now 10 and 10)" in str(error.value)
        and "at step " in str(error.value)
    )
    assert good is not None and all(value.isfinite().all() for value in good.tensors.values())
    resumed = next(train(config, resume=good, steps=2_000, pictures=PICTURES))
    assert resumed.step == good.step


def test_scores_are_checked_however_rarely_one_looks() -> None:
    config = tiny_config(
        optimizer="sgd",
        discriminator_lr=10.0,
        generator_lr=10.0,
        beta1=0.99,
        loss="minimax",
        epochs=1_000,
    )
    with pytest.raises(Diverged):
        for _ in train(config, pictures=PICTURES, pace=NEVER):
            pass


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 5},
        {"seed": 1},
        {"loss": "minimax"},
        {"generator_lr": 1e-3},
        {"model": "dcgan", "image_size": 32},
    ],
    ids=str,
)
def test_resuming_with_other_settings_is_refused_by_their_names(changes: dict[str, Any]) -> None:
    state, _ = state_at(tiny_config(), 2)
    with pytest.raises(BadInput) as error:
        next(train(dataclasses.replace(tiny_config(), **changes), resume=state, pictures=PICTURES))
    assert all(name in str(error.value) for name in changes)


def test_resuming_may_extend_the_epochs() -> None:
    state, _ = state_at(tiny_config(epochs=1), 2)
    longer = dataclasses.replace(tiny_config(), epochs=3)
    *_, last = train(longer, resume=state, pictures=PICTURES, pace=NEVER)
    assert last.epoch == 3


def test_a_state_without_its_tensors_is_refused() -> None:
    state, _ = state_at(tiny_config(), 2)
    for missing in ("generator/", "average/", "discriminator_optimizer/"):
        kept = {
            name: value for name, value in state.tensors.items() if not name.startswith(missing)
        }
        with pytest.raises(BadInput, match="does not fit"):
            next(
                train(
                    tiny_config(),
                    resume=dataclasses.replace(state, tensors=kept),
                    pictures=PICTURES,
                )
            )
    reshaped = {
        name: value[..., :1] if value.ndim else value for name, value in state.tensors.items()
    }
    with pytest.raises(BadInput, match="does not fit"):
        next(
            train(
                tiny_config(),
                resume=dataclasses.replace(state, tensors=reshaped),
                pictures=PICTURES,
            )
        )


def test_precision_chosen_at_the_start_holds_for_the_whole_run() -> None:
    state, _ = state_at(tiny_config(precision="bfloat16"), 2)
    auto = dataclasses.replace(state.config, precision="auto")
    rest, _ = state_at(auto, 4, state)
    assert state.config.precision == rest.config.precision == "bfloat16"


def test_a_part_of_the_pictures_is_drawn_by_the_seed_with_as_many_of_each_class() -> None:
    chosen = [
        Trainer(tiny_config(most_pictures=9, seed=seed), PICTURES, plan("float32", "cpu")).pictures
        for seed in (0, 0, 1)
    ]
    for some in chosen:
        assert torch.bincount(some.labels).tolist() == [3, 3, 3] and len(some.images) == 9
        known = {image.numpy().tobytes() for image in PICTURES.resized(28).images}
        assert len({image.numpy().tobytes() for image in some.images} & known) == 9
    assert torch.equal(chosen[0].images, chosen[1].images) and not torch.equal(
        chosen[0].images, chosen[2].images
    )
    for most in (0, 20, 1000):
        assert (
            len(
                Trainer(
                    tiny_config(most_pictures=most), PICTURES, plan("float32", "cpu")
                ).pictures.images
            )
            == 20
        )
