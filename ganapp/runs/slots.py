"""The slots in which runs play: a queue, turns, and a thread for each slot."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from ganapp import zero_gpu
from ganapp.errors import BadInput
from ganapp.processes import worker_context
from ganapp.runs import capacity
from ganapp.runs.folder import RunFolder, run_folder
from ganapp.runs.gpu_player import GpuPlayer
from ganapp.runs.player import SECONDS_TO_SAVE, Directive, Player, Worker
from ganapp.runs.turns import Turns
from ganapp.runs.visitors import Visitors
from ganapp.runs.watchers import Watchers

log = logging.getLogger(__name__)


class Slots:
    """`count` runs play at once, up to `places` in turns of so many seconds; the others wait in the
    `queue`. Whoever reads or changes an attribute holds `changed`.
    """

    def __init__(
        self,
        count: int,
        places: int,
        turn_seconds: float,
        unwatched_seconds: float,
        after: Callable[[], None],
    ) -> None:
        """`after` is called, in some thread, whenever a run has ended."""
        self.count, self.places, self.unwatched_seconds = count, places, unwatched_seconds
        self.changed = threading.Condition()
        self.queue: list[str] = []
        self.playing: dict[str, Player] = {}
        self.owners: dict[str, str] = {}
        """Of the runs that wait or play: their folders may be removed meanwhile."""
        self.addresses: dict[str, str] = {}
        """Where those runs came from."""
        self.unwritten: dict[str, str] = {}
        """Runs whose end could not be written down, and why."""
        self.watchers = Watchers()
        self.visitors = Visitors()
        self._call_seconds = capacity.gpu_seconds()
        self.held: dict[str, set[str]] = {}
        """The runs of each group that have to wait."""
        self.turns = [
            Turns(turn_seconds, self.watchers.is_watched, self._must_wait)
            for _ in range(max(1, count))
        ]
        self.closed = False
        self._after = after
        self._context = worker_context()
        self._forks = self._context.get_start_method() == "forkserver"
        self._threads = [
            threading.Thread(
                target=self._serve, args=(slot,), name=f"ganapp-slot-{slot}", daemon=True
            )
            for slot in range(count)
        ]

    def start(self) -> None:
        """Plays what is in the queue, from now on."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends all plays: they save themselves and can be resumed."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
            for turns in self.turns:
                for run_id in turns.waiting:
                    self.end_between_turns(run_id)
        for thread in self._threads:
            thread.join(timeout=SECONDS_TO_SAVE)

    def enqueue(self, run_id: str, owner: str, address: str = "") -> None:
        """Puts a run of an `owner`, who asks just now, at the end of the queue."""
        self.visitors.lend(owner)
        self.queue.append(run_id)
        self.owners[run_id] = owner
        self.addresses.setdefault(run_id, address)
        self.watchers.touch(run_id)
        self.changed.notify_all()

    def forget(self, run_id: str) -> None:
        """The run neither waits nor plays any more."""
        self.owners.pop(run_id, None)
        self.addresses.pop(run_id, None)
        self.watchers.forget(run_id)

    def hold(self, group: str, run_ids: Iterable[str]) -> None:
        """Lets these runs of a group, and no others of it, wait until they are no longer held."""
        with self.changed:
            self.held[group] = set(run_ids)
            if not self.held[group]:
                del self.held[group]
            self.changed.notify_all()

    def sharing(self, run_id: str) -> int:
        """How many runs share the slot of this one; 0 while it is held."""
        if self.is_held(run_id):
            return 0
        player = self.playing.get(run_id)
        return max(1, len(self.turns[player.slot])) if player else 1

    def is_held(self, run_id: str) -> bool:
        """Whether the run has to wait."""
        return any(run_id in held for held in self.held.values())

    def _must_wait(self, run_id: str) -> bool:
        """Whether the run has no turn now: it is held, or takes GPU time that nobody looks at."""
        unwatched = zero_gpu.ACTIVE and not self.watchers.is_watched(run_id)
        return unwatched or self.is_held(run_id)

    def overview(self) -> dict[str, int]:
        """How many runs there are: playing in slots, waiting between turns, queued; and how many
        pages look at runs.
        """
        with self.changed:
            waiting = sum(len(turns.waiting) for turns in self.turns)
            return {
                "slots": self.count,
                "places": self.places,
                "runs_playing": len(self.playing) - waiting,
                "runs_waiting": waiting,
                "runs_queued": len(self.queue),
                "pages": self.watchers.pages,
            }

    def _serve(self, slot: int) -> None:
        """One slot: plays one turn after the other."""
        # Where forking takes a tenth of a second no worker needs to be kept waiting.
        spare: Worker | None = None if self._forks else Worker(self._context)
        while True:
            with self.changed:
                while not self.closed and self._next(slot) is None:
                    self.changed.wait()
                if self.closed:
                    break
                needed = self._newcomer(slot) is not None
            if needed and spare is None:
                spare = Worker(self._context)
            player = self.take(spare, slot)
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
        loads = [len(turns) for turns in self.turns]
        if len(self.playing) >= self.places or loads[slot] > min(loads):
            return None
        waiting = (run_id for run_id in self.queue if run_id not in self.playing)
        return next((run_id for run_id in waiting if not self.is_held(run_id)), None)

    def _next(self, slot: int) -> str | None:
        """The run that has the next turn in the slot."""
        return self._newcomer(slot) or self.turns[slot].next()

    def take(self, worker: Worker | None, slot: int) -> Player | None:
        """Gives the next run its turn, in one step, so that an order always finds it somewhere: a
        new one with the `worker`, from the queue, or one that has had turns before. None if there
        is none, or if it is gone.
        """
        with self.changed:
            run_id = self._next(slot)
            if run_id is None or (run_id not in self.playing and worker is None):
                return None
            if run_id not in self.playing:
                assert worker is not None
                self.queue.remove(run_id)
                try:
                    self.playing[run_id] = self._player(run_id, worker, slot)
                except BadInput:
                    log.warning("The run %s was removed while it waited.", run_id)
                    self.forget(run_id)
                    return None
            self.turns[slot].begin(run_id)
            return self.playing[run_id]

    def _player(self, run_id: str, worker: Worker, slot: int) -> Player:
        run = RunFolder(run_folder(run_id))
        if zero_gpu.ACTIVE:
            visitor = self.visitors.of(self.owners[run_id])
            return GpuPlayer(run, worker, slot, visitor, self._call_seconds)
        return Player(run, worker, slot)

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
                self.settle(player)
                self._after()

    def _park(self, player: Player) -> bool:
        """Lets the run wait for its next turn, unless an order has come meanwhile."""
        with self.changed:
            if player.ordered or self.closed:
                return False
            self.turns[player.slot].park(player.run.run_id)
            self.changed.notify_all()
            return True

    def end_between_turns(self, run_id: str) -> None:
        """Sees a waiting run to its end, if it is one, in no slot: that takes a moment."""
        player = self.playing[run_id]
        if run_id in self.turns[player.slot].waiting:
            self.turns[player.slot].leave(run_id)
            thread = threading.Thread(target=self._play, args=(player,), name="ganapp-end")
            self._threads = [known for known in self._threads if known.is_alive()] + [thread]
            thread.start()

    def settle(self, player: Player) -> None:
        """Ends a play: says how the run ended, and frees its slot, in one step."""
        run_id = player.run.run_id
        with self.changed:
            try:
                player.settle()
            except OSError as error:
                self.unwritten[run_id] = player.run.why_it_rests(error)
            except (ValueError, KeyError):
                log.warning("The run %s cannot be read.", run_id)
            del self.playing[run_id]
            self.turns[player.slot].leave(run_id)
            if run_id not in self.queue:
                self.forget(run_id)
            self.changed.notify_all()

    def _should_end(self, player: Player) -> Directive:
        """Whether a playing run must make room: the app closes, nobody looks at it while others
        wait for a place, or its turn is over.
        """
        run_id = player.run.run_id
        with self.changed:
            if self.closed:
                return "close"
            turns = self.turns[player.slot]
            if player.shown:
                turns.show(run_id)
            if self.queue and len(self.playing) >= self.places:
                for waiting in turns.waiting:
                    if self.watchers.is_alone(waiting, self.unwatched_seconds):
                        self.playing[waiting].pause_unwatched()
                        self.end_between_turns(waiting)
                if self.watchers.is_alone(run_id, self.unwatched_seconds):
                    return "pause"
            over = turns.is_over(run_id, self._newcomer(player.slot) is not None)
            return "park" if over else ""
