"""Nothing can be written any more: at every kind of write, a run keeps its last state whole, rests,
says why, and goes on when there is room.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ganapp import checkpoints, files
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.runs import Registry, RunFolder, View, run_folder
from ganapp.runs import worker as worker_module
from ganapp.runs.folder import RESERVE
from tests.commands.calls import ROOT, SMALL
from tests.tiny import tiny_config

LONG: TrainConfig = tiny_config("dcgan", dataset="digits", width=16, epochs=100_000)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path / "runs"))
    return tmp_path / "runs"


class Inbox:
    """Orders a worker to pause after so many snapshots."""

    def __init__(self, snapshots: int) -> None:
        self.left = snapshots

    def poll(self) -> bool:
        self.left -= 1
        return self.left < 0

    def recv(self) -> str:
        return "pause"

    def send(self, message: object) -> None:
        """The answer."""


def play(run: RunFolder, snapshots: int) -> None:
    inbox: Any = Inbox(snapshots)
    worker_module._play(run, inbox, 0)


WRITES = ["scores", "live.jpg", "status.json", checkpoints.STATE, checkpoints.WEIGHTS, "00000.jpg"]


@pytest.mark.parametrize(
    ("what", "begun"),
    # The first picture is not written again.
    [(what, begun) for what in WRITES for begun in (False, True) if begun <= (what != "00000.jpg")],
)
def test_a_run_rests_whatever_it_was_about_to_write(
    what: str, begun: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder.create("0101-0000-full", tiny_config(epochs=100_000), "digits", "key")
    if begun:
        play(run, 2)
        assert run.status()["state"] == "paused" and run.has_state()
        run.update_status(state="queued")
    step = checkpoints.load_state(run.path).step if begun else None
    with monkeypatch.context() as patch:
        fill_the_disk(patch, run, what)
        play(run, 3)
    status = run.status()
    assert status["state"] == "paused" and "The disk is full" in status["message"]
    assert not list(run.path.glob(".*.draft"))
    if run.has_state():
        assert "press Resume" in status["message"]
        assert checkpoints.load_state(run.path).step >= (step or 0)
    else:
        assert "nothing of this run was saved yet" in status["message"]
    run.update_status(state="queued")
    play(run, 2)
    assert run.status()["state"] == "paused" and "full" not in run.status()["message"]
    assert (run.path / RESERVE).is_file()
    rounds = len(run.scores())
    assert rounds == checkpoints.load_state(run.path).step > (step or 0)


def fill_the_disk(patch: pytest.MonkeyPatch, run: RunFolder, what: str) -> None:
    """No write of this kind succeeds while the reserve is there; then status.json does."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    replace = Path.replace

    def refuse(draft: Path, target: Path) -> Path:
        last_word = target.name == "status.json" and not (run.path / RESERVE).exists()
        if target.name == what and not last_word:
            raise full
        return replace(draft, target)

    patch.setattr(Path, "replace", refuse)
    if what == "scores":
        patch.setattr(RunFolder, "append_scores", lambda run, rows: (_ for _ in ()).throw(full))


def test_what_a_library_makes_of_a_full_disk_is_the_systems_error_again(tmp_path: Path) -> None:
    class SafetensorError(Exception):
        pass

    def write(draft: Path) -> None:
        draft.write_bytes(b"half")
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    (tmp_path / "a").write_text("whole")
    with pytest.raises(OSError) as error:
        files.save_atomically(tmp_path / "a", write)
    assert error.value.errno == errno.ENOSPC and files.why_unwritable(error.value)
    assert (tmp_path / "a").read_text() == "whole" and len(list(tmp_path.iterdir())) == 1


# --- on a small disk ------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of 3 MB, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if mount is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    monkeypatch.setenv("GANAPP_HOME", str(disk / "runs"))
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    """A file that takes all but `leave` bytes of a disk."""
    rest = disk / "rest"
    with contextlib.suppress(OSError), rest.open("wb") as file:
        while shutil.disk_usage(disk).free > leave:
            file.write(bytes(min(2**16, shutil.disk_usage(disk).free - leave)))
            file.flush()
    return rest


def until(registry: Registry, run_id: str, reached: Callable[[View], bool]) -> View:
    end = time.monotonic() + 60
    while not reached(view := registry.view(run_id)):
        assert time.monotonic() < end, view
        time.sleep(0.05)
    return view


@pytest.mark.parametrize("reserve", [True, False], ids=["with a reserve", "without"])
def test_the_app_on_a_full_disk(small_disk: Path, reserve: bool) -> None:
    with contextlib.closing(Registry(slots=1)) as registry:
        run_id = registry.submit(LONG, "digits", "key")
        until(registry, run_id, lambda view: view.state == "running" and view.status["step"] > 5)
        run = RunFolder(run_folder(run_id))
        if not reserve:
            (run.path / RESERVE).unlink()
        rest = fill(small_disk)
        view = until(registry, run_id, lambda view: view.state == "paused")
        assert "The disk is full" in view.status["message"] and "Resume" in view.status["message"]
        step = checkpoints.load_state(run.path).step
        if not reserve:
            with pytest.raises(BadInput, match="The disk is full"):
                registry.resume(run_id, "key")
        rest.unlink()
        registry.resume(run_id, "key")
        until(registry, run_id, lambda view: view.status["step"] > step and view.state == "running")
        registry.stop(run_id, "key")
        until(registry, run_id, lambda view: view.state == "stopped")


def test_the_command_line_on_a_full_disk(small_disk: Path) -> None:
    fill(small_disk, leave=2**20)  # or it would take a minute
    command = [sys.executable, "-m", "ganapp", "train", "digits", *SMALL, "--set", "epochs=2000"]
    command += ["width=16", "batch_size=8", "--out", str(small_disk / "run")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=300, cwd=small_disk
    )
    assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
    assert "The disk is full" in ended.stderr
