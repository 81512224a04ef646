"""Queues runs, plays them in worker processes, in turns where there are many, and finds them again.
One `Registry` an app.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from filelock import FileLock, Timeout

from ganapp.config.training import TrainConfig
from ganapp.datasets import Pictures
from ganapp.errors import BadInput
from ganapp.processes import memory, worker_context
from ganapp.runs import disk
from ganapp.runs import folder as folders
from ganapp.runs.folder import RunFolder, hashed, run_folder
from ganapp.runs.player import SECONDS_TO_SAVE, Directive, Order, Player, Worker, interrupt
from ganapp.runs.states import PLAYING, RESUMABLE
from ganapp.runs.turns import SECONDS_A_TURN, Turns
from ganapp.runs.watchers import Watchers

LONGEST_QUEUE = 64
MOST_PLACES, PLACES_A_GPU = 40, 4
BYTES_A_PLACE, BYTES_OF_THE_APP = 400e6, 2e9
"""What a worker between two turns needs, and what the rest of the app does."""
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
    turns: int = 1
    """How many runs take turns where this one is played; 0 while it is held."""
    wait: float = 0.0
    """Seconds until a queued run begins, as far as the others' last pages tell; 0 if unknown."""

    @property
    def state(self) -> str:
        """What the run is doing."""
        state: str = self.status["state"]
        return state


class Registry:
    """Runs of one app: `slots` of them play at once (default: one a GPU, or one on a CPU), up to
    `places` in turns (default: as many as the memory holds). More wait in a queue, first in, first
    out.
    """

    def __init__(
        self,
        slots: int | None = None,
        unwatched_seconds: float | None = None,
        places: int | None = None,
        turn_seconds: float = SECONDS_A_TURN,
    ) -> None:
        """A run that nobody has looked at for `unwatched_seconds` (default:
        $GANAPP_UNWATCHED_SECONDS, or 120) is paused if others wait for a place.
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
        self._watchers = Watchers()
        self._unwritten: dict[str, str] = {}
        """Runs whose end could not be written down, and why."""
        self._closed = False
        self.disk = disk.budget(folders.home())
        """Bytes that all runs together may take."""
        self._making_room = threading.Lock()
        self._find_runs()
        self.slots = slots if slots is not None else _gpus() or 1
        self.places = places if places is not None else _places(self.slots)
        self._turns = [
            Turns(turn_seconds, self._watchers.is_watched) for _ in range(max(1, self.slots))
        ]
        self._threads = [
            threading.Thread(
                target=self._serve, args=(slot,), name=f"ganapp-slot-{slot}", daemon=True
            )
            for slot in range(self.slots)
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

    def keep(self, run_id: str, claim: str, wanted: bool) -> None:
        """Keeps a run when room is made for others, or lets it go as usual; `BadInput` for whoever
        is not its owner.
        """
        if not self.is_claimed(run_id, claim):
            raise BadInput("Only the browser that started this run can keep it.")
        disk.keep(run_folder(run_id), wanted)

    def _make_room(self) -> None:
        """Removes the oldest runs that nobody keeps if all take too much of the disk."""
        with self._making_room:
            with self._changed:
                going = {*self._queue, *self._playing}
            for run_id in disk.make_room(folders.home(), self.disk, going):
                log.info("The run %s was removed to make room.", run_id)

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
            turns = self._sharing(run_id)
            wait = self._wait(place) if place else 0.0
        stamp = (run.path / "status.json").stat().st_mtime_ns
        kept = disk.is_kept(run.path)
        version = f"{stamp:x}-{place}-{turns}-{ordered or ''}{len(unwritten) or ''}{kept:d}"
        if known and known.version == version:
            return known
        status = run.status() | {"kept": kept}
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
            turns,
            wait,
        )
        with self._changed:
            while len(self._views) >= 200:
                del self._views[next(iter(self._views))]
            self._views[run_id] = view
        return view

    def owns(self, run_id: str, owner_key: str) -> bool:
        """Whether `owner_key` is the key that the run was started with."""
        return self._owned(run_id, owner_key)

    def claim(self, run_id: str) -> str:
        """What only the pages of a run's owner are told: it proves to others whose the run is."""
        owner = self._owners.get(run_id) or RunFolder(run_folder(run_id)).asked()["owner"]
        return hmac.new(str(owner).encode(), run_id.encode(), "sha256").hexdigest()[:32]

    def is_claimed(self, run_id: str, claim: str) -> bool:
        """Whether a claim is that of the run's owner; `BadInput` if there is no such run."""
        return hmac.compare_digest(self.claim(run_id).encode(), claim.encode())

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
            self._watchers.watch(watcher, run_id)

    def watchers(self, run_id: str) -> int:
        """How many pages look at the run."""
        with self._changed:
            return self._watchers.count(run_id)

    def touch(self, run_id: str) -> None:
        """Notes that a program asked about the run just now."""
        with self._changed:
            self._watchers.touch(run_id)

    def unwatch(self, watcher: str) -> None:
        """Notes that the page is gone."""
        with self._changed:
            self._watchers.unwatch(watcher)

    def close(self) -> None:
        """Ends the app's part in every run: those that play save themselves and can be resumed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            for turns in self._turns:
                for run_id in turns.waiting:
                    self._end_between_turns(run_id)
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
        self._watchers.touch(run_id)
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
                self._end_between_turns(run_id)
                return
            if order == "stop" and run.enter("stopped"):
                return
            raise BadInput(f"This run is {run.status()['state']}, so there is nothing to {order}.")

    def overview(self) -> dict[str, int]:
        """How many runs there are: playing in slots, waiting between turns, queued; and how many
        pages look at runs.
        """
        with self._changed:
            waiting = sum(len(turns.waiting) for turns in self._turns)
            return {
                "slots": self.slots,
                "places": self.places,
                "runs_playing": len(self._playing) - waiting,
                "runs_waiting": waiting,
                "runs_queued": len(self._queue),
                "pages": self._watchers.pages,
            }

    def hold(self, group: str, run_ids: Iterable[str]) -> None:
        """Lets these runs of a group, and no others of it, wait until they are no longer held."""
        with self._changed:
            for turns in self._turns:
                turns.hold(group, run_ids)
            self._changed.notify_all()

    def _serve(self, slot: int) -> None:
        """One slot: plays one turn after the other."""
        # Where forking takes a tenth of a second no worker needs to be kept waiting.
        spare: Worker | None = None if self._forks else Worker(self._context)
        while True:
            with self._changed:
                while not self._closed and self._next(slot) is None:
                    self._changed.wait()
                if self._closed:
                    break
                needed = self._newcomer(slot) is not None
            if needed and spare is None:
                spare = Worker(self._context)
            player = self._take(spare, slot)
            if player is None:
                continue
            if player.worker is spare:
                spare = None if self._forks else Worker(self._context)
            self._play(player)
        if spare is not None:
            spare.end()

    def _newcomer(self, slot: int) -> str | None:
        """The first run of the queue that can begin in the slot now: there is a place for it, and
        no other slot has fewer runs. Not one whose last play is still being settled.
        """
        loads = [len(turns) for turns in self._turns]
        if len(self._playing) >= self.places or loads[slot] > min(loads):
            return None
        waiting = (run_id for run_id in self._queue if run_id not in self._playing)
        return next((run_id for run_id in waiting if not self._turns[slot].is_held(run_id)), None)

    def _next(self, slot: int) -> str | None:
        """The run that has the next turn in the slot."""
        return self._newcomer(slot) or self._turns[slot].next()

    def _take(self, worker: Worker | None, slot: int) -> Player | None:
        """Gives the next run its turn, in one step, so that an order always finds it somewhere: a
        new one with the `worker`, from the queue, or one that has had turns before. None if there
        is none, or if it is gone.
        """
        with self._changed:
            run_id = self._next(slot)
            if run_id is None or (run_id not in self._playing and worker is None):
                return None
            if run_id not in self._playing:
                assert worker is not None
                self._queue.remove(run_id)
                try:
                    self._playing[run_id] = Player(RunFolder(run_folder(run_id)), worker, slot)
                except BadInput:
                    log.warning("The run %s was removed while it waited.", run_id)
                    self._owners.pop(run_id, None)
                    return None
            self._turns[slot].begin(run_id)
            return self._playing[run_id]

    def _play(self, player: Player) -> None:
        """One turn of a run, or what is left of it if it was ordered to end."""
        ended = True
        try:
            ended = player.play(self._should_end)
            while not ended and not self._park(player):
                ended = player.play(self._should_end)
            if ended:
                player.rescue()
        except Exception:
            log.exception("The run %s could not be played.", player.run.run_id)
            player.fail("The run could not be played because of an error in the app; see its log.")
            ended = True
        finally:
            if ended:
                self._settle(player)
                self._make_room()

    def _park(self, player: Player) -> bool:
        """Lets the run wait for its next turn, unless an order has come meanwhile."""
        with self._changed:
            if player.ordered or self._closed:
                return False
            self._turns[player.slot].park(player.run.run_id)
            self._changed.notify_all()
            return True

    def _end_between_turns(self, run_id: str) -> None:
        """Sees a waiting run to its end, if it is one, in no slot: that takes a moment."""
        player = self._playing[run_id]
        if run_id in self._turns[player.slot].waiting:
            self._turns[player.slot].leave(run_id)
            thread = threading.Thread(target=self._play, args=(player,), name="ganapp-end")
            self._threads.append(thread)
            thread.start()

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
            self._turns[player.slot].leave(run_id)
            if run_id not in self._queue:
                self._owners.pop(run_id, None)
                self._watchers.forget(run_id)
            self._changed.notify_all()

    def _should_end(self, player: Player) -> Directive:
        """Whether a playing run must make room: the app closes, nobody looks at it while others
        wait for a place, or its turn is over.
        """
        run_id = player.run.run_id
        with self._changed:
            if self._closed:
                return "close"
            turns = self._turns[player.slot]
            if player.shown:
                turns.show(run_id)
            if self._queue and len(self._playing) >= self.places:
                for waiting in turns.waiting:
                    if self._watchers.is_alone(waiting, self.unwatched_seconds):
                        self._playing[waiting].pause_unwatched()
                        self._end_between_turns(waiting)
                if self._watchers.is_alone(run_id, self.unwatched_seconds):
                    return "pause"
            over = turns.is_over(run_id, self._newcomer(player.slot) is not None)
            return "park" if over else ""

    def _wait(self, place: int) -> float:
        """Seconds until so many places have become free: none has to be waited for while there are
        some left.
        """
        left = sorted(
            float(view.status.get("seconds_left") or 0.0) * max(1, self._sharing(run_id))
            for run_id in self._playing
            if (view := self._views.get(run_id))
        )
        needed = place - (self.places - len(self._playing))
        return left[min(needed, len(left)) - 1] if needed > 0 and left else 0.0

    def _sharing(self, run_id: str) -> int:
        """How many runs share the slot of this one; 0 while it is held."""
        player = self._playing.get(run_id)
        if player is None:
            return 1
        turns = self._turns[player.slot]
        return 0 if turns.is_held(run_id) else max(1, len(turns))


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


def _places(slots: int) -> int:
    """How many runs can be played in turns: as many as the memory holds, or $GANAPP_PLACES."""
    if asked := os.environ.get("GANAPP_PLACES"):
        return max(1, int(asked))
    if _gpus():
        return PLACES_A_GPU * slots
    return int(min(max((memory() - BYTES_OF_THE_APP) // BYTES_A_PLACE, 1), MOST_PLACES))
