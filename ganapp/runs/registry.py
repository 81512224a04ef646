"""Queues runs, hands them to worker processes, and finds them again. One `Registry` an app."""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from filelock import FileLock, Timeout

from ganapp.config.training import TrainConfig
from ganapp.datasets import Pictures
from ganapp.errors import BadInput
from ganapp.processes import worker_context
from ganapp.runs import folder as folders
from ganapp.runs.folder import RunFolder, hashed, run_folder
from ganapp.runs.player import SECONDS_TO_SAVE, Order, Player, Worker, interrupt
from ganapp.runs.states import PLAYING, RESUMABLE

LONGEST_QUEUE = 64
SECONDS_OF_SILENCE = 600.0
MOST_WATCHERS = 1000
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class View:
    """What everyone who looks at a run sees. `version` changes whenever anything else does."""

    run_id: str
    version: str
    status: dict[str, Any]
    preset: str
    place: int
    """Place in the queue from 1, or 0 where it is not queued."""
    picture: bytes
    """The newest sample grid as a JPEG, or nothing."""
    picture_version: int
    owner: str = field(repr=False)

    @property
    def state(self) -> str:
        """What the run is doing."""
        state: str = self.status["state"]
        return state


class Registry:
    """Runs of one app: a FIFO queue, `slots` of them playing at once (default: one a GPU, or one on
    a CPU).
    """

    def __init__(self, slots: int | None = None, unwatched_seconds: float | None = None) -> None:
        """A run that nobody has looked at for `unwatched_seconds` (default:
        $GANAPP_UNWATCHED_SECONDS, or 120) is paused if others wait.
        """
        self.unwatched_seconds = (
            unwatched_seconds
            if unwatched_seconds is not None
            else float(os.environ.get("GANAPP_UNWATCHED_SECONDS", 120))
        )
        self._context = worker_context()
        self._forks = self._context.get_start_method() == "forkserver"
        self._changed = threading.Condition()
        self._queue: list[str] = []
        self._playing: dict[str, Player] = {}
        self._views: dict[str, View] = {}
        self._owners: dict[str, str] = {}
        self._watchers: dict[str, tuple[str, float]] = {}
        self._last_seen: dict[str, float] = {}
        self._unwritten: dict[str, str] = {}
        """Runs whose end could not be written down, and why."""
        self._closed = False
        self._find_runs()
        count = slots if slots is not None else _gpus() or 1
        self._threads = [
            threading.Thread(
                target=self._serve, args=(slot,), name=f"ganapp-slot-{slot}", daemon=True
            )
            for slot in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, config: TrainConfig, preset: str, owner_key: str, pictures: Pictures | None = None
    ) -> str:
        """Queues a new run, of the owner's own `pictures` if its data set is "own"; its id.
        `BadInput` while the owner's last run still goes on, or if the queue is full.
        """
        check_pictures(config, pictures)
        run_id = f"{time.strftime('%m%d-%H%M')}-{secrets.token_hex(5)}"
        try:
            # Before the lock, for it takes a while. Without its run.json the folder is no run yet.
            if config.dataset == "own" and pictures is not None:
                RunFolder.bring(run_id, pictures)
            return self._submitted(run_id, config, preset, owner_key)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise BadInput(
                f"The run cannot be kept on this machine's disk ({reason}): free some room and"
                " start it again."
            ) from error
        finally:
            RunFolder.forget_unless_a_run(run_id)

    def _submitted(self, run_id: str, config: TrainConfig, preset: str, owner_key: str) -> str:
        with self._changed:
            if self._closed:
                raise BadInput("The app is closing: start the run when it is back.")
            if self._has_another(owner_key):
                raise BadInput(
                    "Your last run is still going on: stop or pause it first, since everyone shares"
                    " this machine."
                )
            if len(self._queue) >= LONGEST_QUEUE:
                raise BadInput(
                    f"{LONGEST_QUEUE} runs are already waiting: try again in a while, or explore a"
                    " finished model meanwhile."
                )
            RunFolder.create(run_id, config, preset, owner_key)
            self._enqueue(run_id, hashed(owner_key))
            return run_id

    def pause(self, run_id: str, owner_key: str) -> None:
        """Frees the slot; the run can be resumed. `BadInput` if it is not the owner's or does not
        go on.
        """
        self._order(run_id, owner_key, "pause")

    def stop(self, run_id: str, owner_key: str) -> None:
        """Ends the run where it is."""
        self._order(run_id, owner_key, "stop")

    def resume(self, run_id: str, owner_key: str) -> None:
        """Queues a paused, stopped, failed or interrupted run again."""
        self._check_owner(run_id, owner_key)
        with self._changed:
            run = RunFolder(run_folder(run_id))
            self._write_down(run)
            state = run.status()["state"]
            if run_id in self._queue or (run_id in self._playing and state not in RESUMABLE):
                raise BadInput("This run is going on already.")
            if state not in RESUMABLE:
                raise BadInput(
                    f"This run is {state}, so there is nothing to resume: start a new one."
                )
            if self._has_another(owner_key, run_id):
                raise BadInput(
                    "Another run of yours is still going on: stop or pause it first, since everyone"
                    " shares this machine."
                )
            try:
                run.enter("queued")
            except OSError as error:
                raise BadInput(run.why_it_rests(error)) from error
            if run_id in self._playing:
                self._playing[run_id].superseded = True
            self._enqueue(run_id, hashed(owner_key))

    def view(self, run_id: str) -> View:
        """The run's latest version, read once however many look. `BadInput` if there is no such
        run.
        """
        run = RunFolder(run_folder(run_id))
        try:
            return self._view(run)
        except (OSError, ValueError, KeyError) as error:
            raise BadInput(
                f"The run {run_id!r} cannot be read ({type(error).__name__}): its folder is"
                " damaged."
            ) from error

    def _view(self, run: RunFolder) -> View:
        run_id = run.run_id
        with self._changed:
            place = self._queue.index(run_id) + 1 if run_id in self._queue else 0
            known = self._views.get(run_id)
            player = self._playing.get(run_id)
            ordered = player.ordered if player else None
            unwritten = self._unwritten.get(run_id, "")
        stamp = (run.path / "status.json").stat().st_mtime_ns
        version = f"{stamp:x}-{place}-{ordered or ''}{len(unwritten) or ''}"
        if known and known.version == version:
            return known
        status = run.status()
        if ordered and status["state"] in PLAYING:
            status["state"] = "pausing" if ordered == "pause" else "stopping"
        if unwritten:
            status |= {"state": "paused", "message": unwritten}
        picture, picture_version = (known.picture, known.picture_version) if known else (b"", 0)
        with contextlib.suppress(FileNotFoundError):
            live = run.path / "live.jpg"
            drawn = live.stat().st_mtime_ns
            if drawn != picture_version:
                picture, picture_version = live.read_bytes(), drawn
        asked = {"preset": known.preset, "owner": known.owner} if known else run.asked()
        view = View(
            run_id,
            version,
            status,
            asked["preset"],
            place,
            picture,
            picture_version,
            asked["owner"],
        )
        with self._changed:
            while len(self._views) >= 200:
                del self._views[next(iter(self._views))]
            self._views[run_id] = view
        return view

    def owns(self, run_id: str, owner_key: str) -> bool:
        """Whether `owner_key` is the key that the run was started with."""
        return self._owned(run_id, owner_key)

    def runs_of(self, owner_key: str) -> list[str]:
        """The owner's runs, newest first."""
        if not owner_key:
            return []
        found = []
        for path in folders.home().glob("*/run.json"):
            with contextlib.suppress(OSError, ValueError, KeyError, BadInput):
                if self._owned(path.parent.name, owner_key):
                    found.append((path.stat().st_mtime, path.parent.name))
        return [run_id for _, run_id in sorted(found, reverse=True)]

    def watch(self, watcher: str, run_id: str) -> None:
        """Notes that the page `watcher` looks at the run."""
        with self._changed:
            self._watchers.pop(watcher, None)
            self._watchers[watcher] = (run_id, time.monotonic())
            while len(self._watchers) > MOST_WATCHERS:  # the one longest unheard of
                del self._watchers[next(iter(self._watchers))]
            self._last_seen[run_id] = time.monotonic()

    def watchers(self, run_id: str) -> int:
        """How many pages look at the run."""
        with self._changed:
            return sum(watched == run_id for watched, _ in self._watchers.values())

    def touch(self, run_id: str) -> None:
        """Notes that a program asked about the run just now."""
        with self._changed:
            self._last_seen[run_id] = time.monotonic()

    def unwatch(self, watcher: str) -> None:
        """Notes that the page is gone."""
        with self._changed:
            run_id, _ = self._watchers.pop(watcher, ("", 0.0))
            if run_id:
                self._last_seen[run_id] = time.monotonic()

    def close(self) -> None:
        """Ends the app's part in every run: those that play save themselves and can be resumed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=SECONDS_TO_SAVE)

    def _find_runs(self) -> None:
        """After a restart: waiting runs wait again, those that were cut off say so."""
        waiting = []
        for path in folders.home().glob("*/run.json"):
            run = RunFolder(path.parent)
            try:
                state = run.status()["state"]
                if state == "queued":
                    asked = run.asked()
                    waiting.append((asked["created"], run.run_id))
                    self._owners[run.run_id] = asked["owner"]
                elif state in PLAYING:
                    with FileLock(run.path / "lock", timeout=0):
                        interrupt(run, "The app was closed or crashed while this run was playing.")
                        run.keep_last_model()
            except Timeout:
                continue  # another app on this machine is playing it
            except (OSError, ValueError, KeyError) as error:
                log.warning(
                    "The run %s cannot be read (%s) and is left alone.", path.parent.name, error
                )
        self._queue = [run_id for _, run_id in sorted(waiting)]

    def _write_down(self, run: RunFolder) -> None:
        """Writes the end of a run that could not be written when it came; `BadInput` if it still
        cannot be.
        """
        if run.run_id not in self._unwritten:
            return
        try:
            run.enter("paused", self._unwritten[run.run_id])
        except OSError as error:
            raise BadInput(run.why_it_rests(error)) from error
        del self._unwritten[run.run_id]

    def _enqueue(self, run_id: str, owner: str) -> None:
        self._queue.append(run_id)
        self._owners[run_id] = owner
        self._last_seen[run_id] = time.monotonic()
        self._changed.notify_all()

    def _has_another(self, owner_key: str, run_id: str = "") -> bool:
        """Whether a run of the owner, other than `run_id`, waits or plays."""
        playing = [other for other, player in self._playing.items() if player.going()]
        return any(
            self._owned(other, owner_key) for other in [*self._queue, *playing] if other != run_id
        )

    def _owned(self, run_id: str, owner_key: str) -> bool:
        # Of the runs that wait or play the owners are remembered: their folders may be removed
        # meanwhile.
        owner = self._owners.get(run_id) or RunFolder(run_folder(run_id)).asked()["owner"]
        return bool(owner_key) and hmac.compare_digest(owner, hashed(owner_key))

    def _check_owner(self, run_id: str, owner_key: str) -> None:
        if not self._owned(run_id, owner_key):
            raise BadInput("Only the browser that started this run can pause, resume or stop it.")

    def _order(self, run_id: str, owner_key: str, order: Order) -> None:
        self._check_owner(run_id, owner_key)
        with self._changed:
            run = RunFolder(run_folder(run_id))
            if run_id in self._queue:
                self._queue.remove(run_id)
                self._owners.pop(run_id, None)
                run.enter(
                    "paused" if order == "pause" else "stopped", "It was taken out of the queue."
                )
                return
            player = self._playing.get(run_id)
            if player is not None and player.going():
                player.order(order)
                return
            if order == "stop" and run.enter("stopped"):
                return
            raise BadInput(f"This run is {run.status()['state']}, so there is nothing to {order}.")

    def _serve(self, slot: int) -> None:
        """One slot: plays what is first in the queue, again and again."""
        # Where forking takes a tenth of a second no worker needs to be kept waiting.
        spare: Worker | None = None if self._forks else Worker(self._context)
        while True:
            with self._changed:
                while not self._closed and self._next() is None:
                    self._changed.wait()
                if self._closed:
                    break
            spare = spare or Worker(self._context)
            player = self._take(spare, slot)
            if player is None:
                continue
            spare = None if self._forks else Worker(self._context)
            try:
                player.play(self._should_end)
                player.rescue()
            except Exception:
                log.exception("The run %s could not be played.", player.run.run_id)
                player.fail(
                    "The run could not be played because of an error in the app; see its log."
                )
            finally:
                self._settle(player)
        if spare is not None:
            spare.end()

    def _next(self) -> str | None:
        """The first run of the queue, but for those whose last play is still being settled."""
        return next((run_id for run_id in self._queue if run_id not in self._playing), None)

    def _take(self, worker: Worker, slot: int) -> Player | None:
        """Moves the next run from the queue to a slot, in one step, so that an order always finds
        it in one of them; None if there is none, or if it is gone.
        """
        with self._changed:
            run_id = self._next()
            if run_id is None:
                return None
            self._queue.remove(run_id)
            try:
                self._playing[run_id] = Player(RunFolder(run_folder(run_id)), worker, slot)
            except BadInput:
                log.warning("The run %s was removed while it waited.", run_id)
                self._owners.pop(run_id, None)
                return None
            return self._playing[run_id]

    def _settle(self, player: Player) -> None:
        """Ends a play: says how the run ended, and frees its slot, in one step."""
        run_id = player.run.run_id
        with self._changed:
            try:
                player.settle()
            except OSError as error:
                self._unwritten[run_id] = player.run.why_it_rests(error)
            except (ValueError, KeyError):
                log.warning("The run %s cannot be read.", run_id)
            del self._playing[run_id]
            if run_id not in self._queue:
                self._owners.pop(run_id, None)
            self._changed.notify_all()

    def _should_end(self, run_id: str) -> Literal["close", "pause", ""]:
        """Whether a playing run must make room: the app closes, or nobody looks at it while others
        wait.
        """
        with self._changed:
            if self._closed:
                return "close"
            # A page that was not heard of for this long is gone, though it never said so.
            dead = time.monotonic() - SECONDS_OF_SILENCE
            self._watchers = {
                watcher: seen for watcher, seen in self._watchers.items() if seen[1] > dead
            }
            watched = any(seen[0] == run_id for seen in self._watchers.values())
            alone = time.monotonic() - self._last_seen.get(run_id, 0.0) > self.unwatched_seconds
            return "pause" if self._queue and alone and not watched else ""


def check_pictures(config: TrainConfig, pictures: Pictures | None) -> None:
    """`BadInput` where the run shall learn from own `pictures` and cannot."""
    if config.dataset != "own":
        return
    if pictures is None:
        raise BadInput(
            "dataset is own, but no pictures are here yet: open “Your own pictures” and upload"
            " some."
        )
    if config.capabilities.translates and len(pictures.class_names) != 2:
        raise BadInput(
            f"The {config.model} model translates between two kinds of pictures, but yours have"
            f" {len(pictures.class_names)}: put them into two folders, one a kind."
        )


def _gpus() -> int:
    """GPUs that a worker can have to itself, counted without touching them."""
    import torch

    return torch.cuda.device_count()
