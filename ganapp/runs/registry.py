"""Queues runs, plays them in worker processes, in turns where there are many, and finds them again.
One `Registry` an app.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from filelock import FileLock, Timeout

from ganapp import zero_gpu
from ganapp.config.training import TrainConfig
from ganapp.datasets import Pictures
from ganapp.errors import BadInput
from ganapp.runs import capacity, disk
from ganapp.runs import folder as folders
from ganapp.runs.folder import RunFolder, claim_of, hashed, run_folder
from ganapp.runs.player import Order, interrupt
from ganapp.runs.slots import Slots
from ganapp.runs.states import PLAYING, RESUMABLE
from ganapp.runs.turns import SECONDS_A_TURN

LONGEST_QUEUE = 64
MOST_AN_ADDRESS = 48
"""Runs of one address that wait or play at once: a class and more, but not the whole machine."""
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
    created: float = 0.0
    """When it was started, in seconds since 1970."""

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
        self.disk = capacity.disk(folders.home())
        """Bytes that all runs together may take."""
        self._making_room = threading.Lock()
        self._views: dict[str, View] = {}
        count = slots if slots is not None else capacity.slots()
        self._slots = Slots(
            count,
            places if places is not None else capacity.places(count),
            turn_seconds,
            unwatched_seconds if unwatched_seconds is not None else capacity.unwatched_seconds(),
            self._make_room,
        )
        self._find_runs()
        self._slots.start()

    def submit(
        self,
        config: TrainConfig,
        preset: str,
        owner_key: str,
        pictures: Pictures | None = None,
        address: str = "",
    ) -> str:
        """Queues a new run, of the owner's own `pictures` if its data set is "own"; its id.
        `BadInput` while the owner's last run still goes on, or if the queue is full, or nearly
        full of runs from the same `address`.
        """
        check_pictures(config, pictures)
        run_id = f"{time.strftime('%m%d-%H%M')}-{secrets.token_hex(5)}"
        try:
            # Before the lock, for it takes a while. Without its run.json the folder is no run yet.
            if config.dataset == "own" and pictures is not None:
                RunFolder.bring(run_id, pictures)
            return self._submitted(run_id, config, preset, owner_key, address)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise BadInput(
                f"The run cannot be kept on this machine's disk ({reason}): free some room and"
                " start it again."
            ) from error
        finally:
            RunFolder.forget_unless_a_run(run_id)

    def _submitted(
        self, run_id: str, config: TrainConfig, preset: str, owner_key: str, address: str
    ) -> str:
        with self._slots.changed:
            if self._slots.closed:
                raise BadInput("The app is closing: start the run when it is back.")
            if self._has_another(owner_key):
                raise BadInput(
                    "Your last run is still going on: stop or pause it first, since everyone shares"
                    " this machine."
                )
            if len(self._slots.queue) >= LONGEST_QUEUE:
                raise BadInput(
                    f"{LONGEST_QUEUE} runs are already waiting: try again in a while, or explore a"
                    " finished model meanwhile."
                )
            if address and list(self._slots.addresses.values()).count(address) >= MOST_AN_ADDRESS:
                raise BadInput(
                    f"{MOST_AN_ADDRESS} runs from your address are going on already: wait until one"
                    " of them has ended."
                )
            RunFolder.create(run_id, config, preset, owner_key)
            self._slots.enqueue(run_id, hashed(owner_key), address)
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
        with self._slots.changed:
            run = RunFolder(run_folder(run_id))
            self._write_down(run)
            state = run.status()["state"]
            if run_id in self._slots.queue or (
                run_id in self._slots.playing and state not in RESUMABLE
            ):
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
            if run_id in self._slots.playing:
                self._slots.playing[run_id].superseded = True
            self._slots.enqueue(run_id, hashed(owner_key))

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
            with self._slots.changed:
                going = {*self._slots.queue, *self._slots.playing}
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
        with self._slots.changed:
            place = self._slots.queue.index(run_id) + 1 if run_id in self._slots.queue else 0
            known = self._views.get(run_id)
            player = self._slots.playing.get(run_id)
            ordered = player.ordered if player else None
            unwritten = self._slots.unwritten.get(run_id, "")
            turns = self._slots.sharing(run_id)
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
        asked: dict[str, Any] = (
            {"preset": known.preset, "owner": known.owner, "created": known.created}
            if known
            else run.asked()
        )
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
            asked["created"],
        )
        with self._slots.changed:
            while len(self._views) >= 200:
                del self._views[next(iter(self._views))]
            self._views[run_id] = view
        return view

    def _wait(self, place: int) -> float:
        """Seconds until so many places have become free: none has to be waited for while there are
        some left.
        """
        left = sorted(
            float(view.status.get("seconds_left") or 0.0) * max(1, self._slots.sharing(run_id))
            for run_id in self._slots.playing
            if (view := self._views.get(run_id))
        )
        needed = place - (self._slots.places - len(self._slots.playing))
        return left[min(needed, len(left)) - 1] if needed > 0 and left else 0.0

    def owns(self, run_id: str, owner_key: str) -> bool:
        """Whether `owner_key` is the key that the run was started with."""
        return self._owned(run_id, owner_key)

    def claim(self, run_id: str) -> str:
        """What only the pages of a run's owner are told: it proves to others whose the run is."""
        return claim_of(run_id, self._owner_of(run_id))

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
        with self._slots.changed:
            self._slots.watchers.watch(watcher, run_id)
            if zero_gpu.ACTIVE:  # it may have waited for that
                self._slots.changed.notify_all()

    def lend(self, owner_key: str) -> None:
        """On ZeroGPU: runs of the owner may go on on the GPU time of the visitor who asks."""
        with self._slots.changed:
            self._slots.visitors.lend(hashed(owner_key))

    def watchers(self, run_id: str) -> int:
        """How many pages look at the run."""
        with self._slots.changed:
            return self._slots.watchers.count(run_id)

    def touch(self, run_id: str) -> None:
        """Notes that a program asked about the run just now."""
        with self._slots.changed:
            self._slots.watchers.touch(run_id)

    def unwatch(self, watcher: str) -> None:
        """Notes that the page is gone."""
        with self._slots.changed:
            self._slots.watchers.unwatch(watcher)

    def hold(self, group: str, run_ids: Iterable[str]) -> None:
        """Lets these runs of a group, and no others of it, wait until they are no longer held."""
        self._slots.hold(group, run_ids)

    def overview(self) -> dict[str, int]:
        """How many runs there are, and pages that look at them."""
        return self._slots.overview()

    def close(self) -> None:
        """Ends the app's part in every run: those that play save themselves and can be resumed."""
        self._slots.close()

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
                    self._slots.owners[run.run_id] = asked["owner"]
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
        self._slots.queue = [run_id for _, run_id in sorted(waiting)]

    def _write_down(self, run: RunFolder) -> None:
        """Writes the end of a run that could not be written when it came; `BadInput` if it still
        cannot be.
        """
        if run.run_id not in self._slots.unwritten:
            return
        try:
            run.enter("paused", self._slots.unwritten[run.run_id])
        except OSError as error:
            raise BadInput(run.why_it_rests(error)) from error
        del self._slots.unwritten[run.run_id]

    def _has_another(self, owner_key: str, run_id: str = "") -> bool:
        """Whether a run of the owner, other than `run_id`, waits or plays."""
        playing = [other for other, player in self._slots.playing.items() if player.going()]
        return any(
            self._owned(other, owner_key)
            for other in [*self._slots.queue, *playing]
            if other != run_id
        )

    def _owned(self, run_id: str, owner_key: str) -> bool:
        owner = self._owner_of(run_id)
        return bool(owner_key) and hmac.compare_digest(owner, hashed(owner_key))

    def _owner_of(self, run_id: object) -> str:
        """The hash of the owner's key; `BadInput` if there is no such run."""
        # Of the runs that wait or play the owners are remembered: their folders may be removed
        # meanwhile.
        known = self._slots.owners.get(run_id) if isinstance(run_id, str) else None
        return known or str(RunFolder(run_folder(run_id)).asked()["owner"])

    def _check_owner(self, run_id: str, owner_key: str) -> None:
        if not self._owned(run_id, owner_key):
            raise BadInput("Only the browser that started this run can pause, resume or stop it.")

    def _order(self, run_id: str, owner_key: str, order: Order) -> None:
        self._check_owner(run_id, owner_key)
        with self._slots.changed:
            run = RunFolder(run_folder(run_id))
            if run_id in self._slots.queue:
                self._slots.queue.remove(run_id)
                self._slots.forget(run_id)
                run.enter(
                    "paused" if order == "pause" else "stopped", "It was taken out of the queue."
                )
                return
            player = self._slots.playing.get(run_id)
            if player is not None and player.going():
                player.order(order)
                self._slots.end_between_turns(run_id)
                return
            if order == "stop" and run.enter("stopped"):
                return
            raise BadInput(f"This run is {run.status()['state']}, so there is nothing to {order}.")


def check_pictures(config: TrainConfig, pictures: Pictures | None) -> None:
    """`BadInput` where the run shall learn from own `pictures` and cannot."""
    if config.dataset != "own":
        return
    if pictures is None:
        raise BadInput(
            "dataset is own, but no pictures are here yet: open “Your own pictures” and upload"
            " some."
        )
    can = config.capabilities
    if can.translates and not can.repairs and len(pictures.class_names) != 2:
        raise BadInput(
            f"The {config.model} model translates between two kinds of pictures, but yours have"
            f" {len(pictures.class_names)}: put them into two folders, one a kind."
        )
