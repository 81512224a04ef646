"""Runs played by real worker processes: queue, pause, stop, ownership, crashes and restarts. Tiny
networks, the real trainer.
"""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganapp import checkpoints
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder, View, run_folder, watchers
from ganapp.runs import registry as registry_module
from tests.tiny import tiny_config

TINY = tiny_config(batch_size=100, epochs=100_000)
SHORT = TrainConfig.from_dict({"epochs": 2}, TINY)
PATIENCE = 60.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def one_place(home: Path) -> Iterator[Registry]:
    """Where the runs are played one after the other."""
    with contextlib.closing(Registry(slots=1, places=1)) as made:
        yield made


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    with contextlib.closing(Registry(slots=1)) as made:
        yield made


def until(registry: Registry, run_id: str, condition: Callable[[View], object]) -> View:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        view = registry.view(run_id)
        if condition(view):
            return view
        time.sleep(0.02)
    pytest.fail(
        f"The run stayed {view.state} at step {view.status.get('step')}:"
        f" {view.status.get('message')}"
    )


def learning(view: View) -> bool:
    return view.state == "running" and view.status["step"] > 0


def test_a_run_ends_as_a_checkpoint_with_its_record(registry: Registry) -> None:
    run_id = registry.submit(SHORT, "digits", "key")
    view = until(registry, run_id, lambda view: view.state == "finished")
    run = RunFolder(run_folder(run_id))
    assert view.status["step"] == view.status["steps"] == 100 and view.status["epoch"] == 2
    assert run.scores().shape == (100, 4) and np.isfinite(run.scores()).all()
    assert list(run.epoch_files()) == [0, 1, 2]
    assert checkpoints.load(run.path).config.width == TINY.width
    lines = run.csv().splitlines()
    assert len(lines) == 101 and lines[50].startswith("50,1.0000,")
    (run.path / "film.gif").write_bytes(run.animation("GIF"))
    with Image.open(run.path / "film.gif") as film:
        assert film.n_frames == 3  # type: ignore[attr-defined] # the test looks inside
    assert view.picture.startswith(b"\xff\xd8")
    assert len(view.status["curves"]["step"]) == 100
    looks = view.status["looks"]
    assert (
        looks[-1][0] == 100
        and all(len(look) == 10 for look in looks)
        and 0 < view.status["floor"]["coverage"] <= 1
    )
    assert view.status["doctor"]["name"] == "not yet"
    assert {verdict["name"] for verdict in view.status["verdicts"]} == {"not yet"}
    assert view.status["verdicts"][0]["step"] == looks[0][0]


def test_pause_frees_the_slot_and_resume_goes_on_where_it_was(registry: Registry) -> None:
    first = registry.submit(TINY, "digits", "one")
    until(registry, first, learning)
    second = registry.submit(TINY, "digits", "two")
    assert (registry.view(second).state, registry.view(second).place) == ("queued", 1)
    registry.pause(first, "one")
    paused = until(registry, first, lambda view: view.state == "paused")
    until(registry, second, learning)
    registry.resume(first, "one")
    assert registry.view(first).place == 1
    registry.stop(second, "two")
    until(registry, second, lambda view: view.state == "stopped")
    resumed = until(registry, first, learning)
    assert resumed.status["step"] >= paused.status["step"]
    registry.stop(first, "one")
    stopped = until(registry, first, lambda view: view.state == "stopped")
    assert len(RunFolder(run_folder(first)).scores()) == stopped.status["step"]


def test_the_queue_is_first_in_first_out_and_places_are_told(one_place: Registry) -> None:
    registry = one_place
    playing = registry.submit(TINY, "digits", "0")
    until(registry, playing, learning)
    waiting = [registry.submit(SHORT, "digits", str(number)) for number in range(1, 4)]
    assert [registry.view(run_id).place for run_id in waiting] == [1, 2, 3]
    registry.stop(waiting[0], "1")
    assert registry.view(waiting[0]).state == "stopped"
    assert [registry.view(run_id).place for run_id in waiting[1:]] == [1, 2]
    registry.stop(playing, "0")
    until(registry, waiting[1], lambda view: view.state == "finished")
    until(registry, waiting[2], lambda view: view.state == "finished")


def test_a_killed_worker_costs_only_the_rounds_since_the_last_saved_state(
    registry: Registry,
) -> None:
    run_id = registry.submit(TINY, "digits", "key")
    until(registry, run_id, learning)
    run = RunFolder(run_folder(run_id))
    saved = run.path / checkpoints.STATE
    first = saved.stat().st_mtime_ns
    until(registry, run_id, lambda view: saved.stat().st_mtime_ns > first)
    os.kill(registry._slots.playing[run_id].worker.process.pid or 0, signal.SIGKILL)
    cut_off = until(registry, run_id, lambda view: view.state == "interrupted")
    assert "signal 9" in cut_off.status["message"] and "Resume" in cut_off.status["message"]
    kept = checkpoints.load_state(run.path).step
    assert 0 < kept <= len(run.scores())
    until(registry, run_id, lambda view: run.has_model())
    assert checkpoints.load(run.path).facts["step"] == kept
    registry.resume(run_id, "key")
    until(registry, run_id, lambda view: learning(view) and view.status["step"] > kept)
    other = registry.submit(TINY, "digits", "other")  # the slot has a worker again
    registry.stop(run_id, "key")
    until(registry, other, learning)


def test_a_restarted_app_finds_runs_again(home: Path) -> None:
    with contextlib.closing(Registry(slots=1)) as before:
        playing = before.submit(TINY, "digits", "one")
        until(before, playing, learning)
        waiting = before.submit(SHORT, "digits", "two")
    with contextlib.closing(Registry(slots=1)) as after:
        cut_off = after.view(playing)
        assert cut_off.state == "interrupted" and cut_off.status["step"] > 0
        until(after, waiting, lambda view: view.state == "finished")
        after.resume(playing, "one")
        until(
            after,
            playing,
            lambda view: learning(view) and view.status["step"] > cut_off.status["step"],
        )


def test_a_run_left_playing_by_a_crashed_app_says_so(home: Path) -> None:
    run = RunFolder.create("1122-0000-aaaa", TINY, "digits", "key")
    run.update_status(state="running", step=12)
    with contextlib.closing(Registry(slots=1)) as after:
        view = after.view("1122-0000-aaaa")
        assert view.state == "interrupted" and "closed or crashed" in view.status["message"]


def test_only_the_owner_steers(registry: Registry) -> None:
    run_id = registry.submit(TINY, "digits", "mine")
    for key in ("yours", ""):
        assert not registry.owns(run_id, key)
        for act in (registry.pause, registry.stop, registry.resume):
            with pytest.raises(BadInput, match="Only the browser that started"):
                act(run_id, key)
    assert registry.owns(run_id, "mine")
    assert (
        registry.runs_of("mine") == [run_id]
        and registry.runs_of("yours") == []
        and registry.runs_of("") == []
    )
    assert "mine" not in (run_folder(run_id) / "run.json").read_text()
    with pytest.raises(BadInput, match="still going on"):
        registry.submit(TINY, "digits", "mine")


def test_the_queue_has_an_end(one_place: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = one_place
    monkeypatch.setattr(registry_module, "LONGEST_QUEUE", 1)
    until(registry, registry.submit(TINY, "digits", "0"), learning)
    registry.submit(TINY, "digits", "1")
    with pytest.raises(BadInput, match="already waiting"):
        registry.submit(TINY, "digits", "2")


def test_a_run_that_nobody_watches_makes_room_for_those_who_wait(home: Path) -> None:
    with contextlib.closing(Registry(1, unwatched_seconds=0.5, places=1)) as registry:
        left = registry.submit(TINY, "digits", "one")
        registry.watch("page", left)
        until(registry, left, learning)
        watched = registry.submit(TINY, "digits", "two")
        time.sleep(1.0)
        assert registry.view(left).state == "running"
        registry.unwatch("page")
        until(registry, left, lambda view: view.state == "paused")
        until(registry, watched, learning)


def test_a_diverging_run_fails_with_advice_and_keeps_a_model(registry: Registry) -> None:
    wild = TrainConfig.from_dict(
        {"optimizer": "sgd", "discriminator_lr": 10.0, "generator_lr": 10.0, "epochs": 1000}, TINY
    )
    run_id = registry.submit(wild, "digits", "key")
    view = until(
        registry,
        run_id,
        lambda view: (
            view.state in ("failed", "finished") and RunFolder(run_folder(run_id)).has_model()
        ),
    )
    assert (
        view.state == "failed"
        and "finite" in view.status["message"]
        and "learning rate" in view.status["message"]
    )
    assert view.status["doctor"]["name"] == "diverged"
    assert RunFolder(run_folder(run_id)).has_model()


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "A", "x" * 41, None, 3, "no-such-run"])
def test_names_of_runs_never_leave_the_home(home: Path, name: object) -> None:
    with pytest.raises(BadInput, match="no run called"):
        run_folder(name)


def test_a_step_longer_than_people_wait_for_is_cut_short(registry: Registry) -> None:
    run_id = registry.submit(TINY, "digits", "key")
    until(registry, run_id, learning)
    os.kill(
        registry._slots.playing[run_id].worker.process.pid or 0, signal.SIGSTOP
    )  # hears nothing
    registry.stop(run_id, "key")
    view = until(registry, run_id, lambda view: view.state == "stopped")
    assert "last saved state" in view.status["message"]
    until(registry, run_id, lambda view: RunFolder(run_folder(run_id)).has_model())


def test_a_removed_run_costs_nobody_else_their_turn(registry: Registry) -> None:
    playing = registry.submit(TINY, "digits", "0")
    until(registry, playing, learning)
    removed, waiting = registry.submit(TINY, "digits", "1"), registry.submit(SHORT, "digits", "2")
    shutil.rmtree(run_folder(removed))
    registry.stop(playing, "0")
    until(registry, waiting, lambda view: view.state == "finished")
    assert registry.submit(SHORT, "digits", "3")


def test_a_damaged_training_state_is_said_and_frees_the_slot(registry: Registry) -> None:
    run_id = registry.submit(TINY, "digits", "key")
    until(registry, run_id, learning)
    registry.pause(run_id, "key")
    until(registry, run_id, lambda view: view.state == "paused")
    (run_folder(run_id) / checkpoints.STATE).write_bytes(b"damaged")
    registry.resume(run_id, "key")
    view = until(registry, run_id, lambda view: view.state == "failed")
    assert "cannot be read" in view.status["message"]
    until(registry, registry.submit(SHORT, "digits", "key"), lambda view: view.state == "finished")


def test_an_order_that_comes_at_once_is_obeyed(registry: Registry) -> None:
    for _ in range(3):
        run_id = registry.submit(TINY, "digits", "key")
        registry.stop(run_id, "key")
        until(registry, run_id, lambda view: view.state == "stopped")


def test_a_damaged_run_is_refused_with_a_sentence(registry: Registry) -> None:
    run_id = registry.submit(SHORT, "digits", "key")
    until(registry, run_id, lambda view: view.state == "finished")
    (run_folder(run_id) / "status.json").write_text("{")
    with pytest.raises(BadInput, match="cannot be read"):
        registry.view(run_id)


@contextlib.contextmanager
def in_turns(places: int = 3, seconds: float = 0.3) -> Iterator[Registry]:
    """One slot that is shared in short turns."""
    with contextlib.closing(Registry(1, places=places, turn_seconds=seconds)) as made:
        yield made


def parked(registry: Registry, run_id: str) -> bool:
    return run_id in registry._slots.turns[0].waiting


def until_parked(registry: Registry, run_id: str) -> None:
    until(registry, run_id, lambda view: learning(view) and parked(registry, run_id))


def test_runs_in_turns_all_learn_and_end_as_they_would_alone(home: Path) -> None:
    # Long enough for many turns.
    config = TrainConfig.from_dict({"epochs": 6}, TINY)
    with in_turns(seconds=0.1) as registry:
        alone = registry.submit(config, "digits", "0")
        until(registry, alone, lambda view: view.state == "finished")
        began = time.monotonic()
        shared = [registry.submit(config, "digits", str(number)) for number in (1, 2)]
        views = [until(registry, run_id, learning) for run_id in shared]
        assert [view.place for view in views] == [0, 0] and views[-1].turns == 2
        seen: set[str] = set()

        def ended(view: View) -> bool:
            seen.update(registry._slots.turns[0].waiting)
            return view.state == "finished"

        for run_id in shared:
            until(registry, run_id, ended)
        took = time.monotonic() - began
        assert seen == set(shared)
        first, *others = (
            checkpoints.load(run_folder(run_id)).generator.state_dict()
            for run_id in [alone, *shared]
        )
        for other in others:
            assert all(torch.equal(weights, other[name]) for name, weights in first.items())
        assert len(RunFolder(run_folder(shared[0])).scores()) == 6 * 50
        # Waiting is no training, and no two of them train at once.
        assert sum(registry.view(run_id).status["seconds"] for run_id in shared) <= took


def test_a_run_between_two_turns_obeys_orders_at_once(home: Path) -> None:
    with in_turns(seconds=30.0) as registry:
        waiting = registry.submit(TINY, "digits", "one")
        until(registry, waiting, learning)
        playing = registry.submit(TINY, "digits", "two")
        until(registry, playing, learning)
        until_parked(registry, waiting)
        registry.pause(waiting, "one")
        paused = until(registry, waiting, lambda view: view.state == "paused")
        assert len(RunFolder(run_folder(waiting)).scores()) == paused.status["step"]
        assert registry.view(playing).turns == 1
        registry.resume(waiting, "one")  # a newcomer again
        until_parked(registry, playing)
        until(registry, waiting, lambda view: view.status["step"] > paused.status["step"])
        registry.stop(playing, "two")
        until(registry, playing, lambda view: view.state == "stopped")


def test_an_app_that_closes_saves_those_between_two_turns(home: Path) -> None:
    with in_turns(seconds=30.0) as registry:
        waiting = registry.submit(TINY, "digits", "one")
        until(registry, waiting, learning)
        until(registry, registry.submit(TINY, "digits", "two"), learning)
        until_parked(registry, waiting)
        known = registry.view(waiting).status["step"]
    run = RunFolder(run_folder(waiting))
    assert run.status()["state"] == "interrupted" and run.status()["step"] >= known
    assert run.has_state() and len(run.scores()) == run.status()["step"]


def test_a_worker_that_dies_between_two_turns_is_told(home: Path) -> None:
    with in_turns(seconds=1.0) as registry:
        waiting = registry.submit(TINY, "digits", "one")
        until(registry, waiting, learning)
        playing = registry.submit(TINY, "digits", "two")
        until_parked(registry, waiting)
        process = registry._slots.playing[waiting].worker.process
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        cut = until(registry, waiting, lambda view: view.state == "interrupted")
        assert "Resume" in cut.status["message"]
        until(registry, playing, learning)


def test_runs_that_are_held_wait_and_go_on(home: Path) -> None:
    with in_turns() as registry:
        run_id, other = (registry.submit(TINY, "digits", owner) for owner in "ab")
        until(registry, run_id, learning)
        registry.hold("room", [run_id])
        until(registry, run_id, lambda view: view.turns == 0 and parked(registry, run_id))
        step = registry.view(run_id).status["step"]
        before = until(registry, other, learning).status["step"]
        until(registry, other, lambda view: view.status["step"] > before + 50)
        assert registry.view(run_id).status["step"] == step
        registry.hold("room", [])
        until(registry, run_id, lambda view: view.status["step"] > step)


def test_what_nobody_watches_waits_for_those_who_watch(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchers, "SECONDS_OF_ATTENTION", 0.5)
    with in_turns(seconds=0.2) as registry:
        left = registry.submit(TINY, "digits", "one")
        until(registry, left, learning)
        watched = registry.submit(TINY, "digits", "two")

        def look(view: View) -> bool:
            registry.touch(watched)
            return parked(registry, left) and view.status.get("step", 0) > 0

        until(registry, watched, look)
        step = registry.view(left).status["step"]
        reached = registry.view(watched).status["step"]
        until(registry, watched, lambda view: look(view) and view.status["step"] > reached + 100)
        assert registry.view(left).status["step"] == step
        registry.stop(watched, "two")
        until(registry, left, lambda view: view.status["step"] > step)
