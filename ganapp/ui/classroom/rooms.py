"""Rooms: a class that looks at its own runs together, and what its teacher does. Knows no Gradio.

A room has a code, which is all that a visitor needs, and a key, which only the teacher's link has.
Nothing of it is written down: it is gone with the app, when its teacher ends it, or when nobody has
been there for some hours.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ganapp.config.presets import PRESETS
from ganapp.config.training import knobs
from ganapp.errors import BadInput
from ganapp.runs import Registry
from ganapp.ui.parts.inputs import Expired
from ganapp.ui.parts.limits import MOST_ROOMS as MOST_ROOMS_AN_ADDRESS
from ganapp.ui.parts.limits import check
from ganapp.ui.parts.rendering import Props
from ganapp.ui.parts.settings import config_from, shown_text

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of codes; without I and O, which look like numbers."""
LENGTH = 5
MOST_ROOMS, MOST_MEMBERS, MOST_VALUES = 60, 60, 20
LONGEST_NAME, LONGEST_LINK, LONGEST_TITLE = 20, 1500, 80
SECONDS_UNTIL_GONE = 4 * 3600.0
SECONDS_UNTIL_ABSENT = 90.0
"""After which somebody who was not heard of has left: a page out of sight says little."""


@dataclass
class Member:
    """Somebody in a room: what they call themselves, their run, when they were last there, and the
    place of their setting in a sweep.
    """

    number: int
    name: str
    seen: float
    run_id: str = ""
    share: int = 0


@dataclass(frozen=True)
class Task:
    """Where a teacher sends everybody: the query of an address, and what to call it."""

    number: int
    title: str
    query: str


@dataclass(frozen=True)
class Sweep:
    """The same run for everybody with a `setting` of their own."""

    number: int
    preset: str
    setting: str
    values: tuple[Any, ...]

    def task(self, member: Member) -> Task:
        """The run of one member."""
        value = self.values[member.share % len(self.values)]
        text = value if isinstance(value, str) else json.dumps(value)
        asked = {"tab": "train", "preset": self.preset, self.setting: text}
        title = f"{knobs()[self.setting].label} {shown_text(value)}"
        return Task(self.number, f"Everyone the same run. Yours has {title}", urlencode(asked))


@dataclass
class Room:
    """One class."""

    code: str
    key: str
    seen: float
    address: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    frozen: bool = False
    task: Task | None = None
    sweep: Sweep | None = None
    changes: int = 0
    """Grows whenever anything above does."""

    def runs(self) -> list[str]:
        """The runs of the members who have one."""
        return [member.run_id for member in self.members.values() if member.run_id]


class Rooms:
    """All rooms of one app, for all threads. `clock` tells seconds."""

    def __init__(self, registry: Registry, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry, self._clock, self._lock = registry, clock, threading.Lock()
        self._rooms: dict[str, Room] = {}

    # --- everybody --------------------------------------------------------------------------------

    def open(self, address: str = "") -> Props:
        """A new room, opened from an `address`: its code, and the key of its teacher."""
        with self._lock:
            self._forget()
            if len(self._rooms) >= MOST_ROOMS:
                raise BadInput(
                    f"{MOST_ROOMS} rooms are open on this machine: end one that you no longer need,"
                    " or try again later."
                )
            theirs = [room for room in self._rooms.values() if address and room.address == address]
            check(len(theirs), MOST_ROOMS_AN_ADDRESS, "rooms")
            code = self._new_code()
            room = self._rooms[code] = Room(code, secrets.token_urlsafe(18), self._clock(), address)
            return {"code": code, "key": room.key}

    def enter(
        self, code: object, member: object, name: object, run: object, claim: object
    ) -> Props:
        """Somebody is in the room, under a `name`, with a run that is their own; what they have to
        know. Asked again and again.
        """
        with self._lock:
            room = self._room(code)
            known = self._member(room, member)
            room.seen = known.seen = self._clock()
            shown = shown_name(name) or f"Guest {known.number}"
            if shown != known.name:
                known.name, room.changes = shown, room.changes + 1
            if isinstance(run, str) and run != known.run_id and self._claims(run, claim):
                known.run_id, room.changes = run, room.changes + 1
                self._hold(room)
            task = room.sweep.task(known) if room.sweep else room.task
            return {
                "code": room.code,
                "name": known.name,
                "frozen": room.frozen,
                "task": vars(task) if task else None,
            }

    def leave(self, code: object, member: object) -> Props:
        """Somebody has left; their run goes on."""
        with self._lock:
            room = self._room(code)
            if isinstance(member, str) and member in room.members:
                del room.members[member]
                room.changes += 1
                self._hold(room)
        return {}

    def room(self, code: object) -> Room:
        """The room of a code, for somebody who looks at its wall; `Expired` if there is none."""
        with self._lock:
            room = self._room(code)
            room.seen = self._clock()
            return room

    def here(self, room: Room) -> list[Member]:
        """Who is in the room, or has a run there."""
        with self._lock:
            dead = self._clock() - SECONDS_UNTIL_ABSENT
            return [one for one in room.members.values() if one.run_id or one.seen > dead]

    def is_teacher(self, room: Room, key: object) -> bool:
        """Whether the key is that of the room's teacher."""
        return isinstance(key, str) and hmac.compare_digest(room.key.encode(), key.encode())

    # --- the teacher ------------------------------------------------------------------------------

    def act(self, code: object, key: object, asked: Mapping[str, object]) -> Props:
        """What a teacher does: {"act": one of freeze, send, sweep, remove, end, ...}."""
        acts: dict[str, Callable[[Room, Mapping[str, object]], None]] = {
            "freeze": self._freeze,
            "send": self._send,
            "sweep": self._sweep,
            "remove": self._remove,
            "end": self._end,
        }
        with self._lock:
            room = self._room(code)
            if not self.is_teacher(room, key):
                raise BadInput(
                    "Only the teacher of this room can do that: open the teacher's link again."
                )
            act = acts.get(str(asked.get("act")))
            if act is None:
                raise BadInput(f"A teacher can {', '.join(acts)}, and nothing else.")
            act(room, asked)
            room.seen, room.changes = self._clock(), room.changes + 1
        return {}

    def _freeze(self, room: Room, asked: Mapping[str, object]) -> None:
        room.frozen = asked.get("on") is True
        self._hold(room)

    def _send(self, room: Room, asked: Mapping[str, object]) -> None:
        query, title = link_query(asked.get("link")), shown_name(asked.get("title"), LONGEST_TITLE)
        room.sweep = None
        room.task = Task(room.changes, title or "Your teacher sends you a link", query)

    def _sweep(self, room: Room, asked: Mapping[str, object]) -> None:
        preset, setting = asked.get("preset"), asked.get("setting")
        if not isinstance(preset, str) or preset not in PRESETS:
            raise BadInput("Choose the run that everybody shall train: one of the presets.")
        if not isinstance(setting, str) or setting not in knobs():
            raise BadInput("Choose the setting that shall be different for everybody.")
        room.sweep = Sweep(room.changes, preset, setting, _values(preset, setting, asked))
        for place, member in enumerate(room.members.values()):
            member.share = place

    def _remove(self, room: Room, asked: Mapping[str, object]) -> None:
        room.members = {
            key: one for key, one in room.members.items() if one.number != asked.get("member")
        }
        self._hold(room)

    def _end(self, room: Room, asked: Mapping[str, object]) -> None:
        room.frozen = False
        self._hold(room)
        self._rooms.pop(room.code, None)

    # --- what both need ---------------------------------------------------------------------------

    def _new_code(self) -> str:
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            if code not in self._rooms:
                return code

    def _room(self, code: object) -> Room:
        self._forget()
        room = self._rooms.get(code.upper()) if isinstance(code, str) else None
        if room is None:
            raise Expired(
                f"There is no room {str(code)[:10]!r} here: it has ended, or its code has other"
                " letters."
            )
        return room

    def _member(self, room: Room, key: object) -> Member:
        if not isinstance(key, str) or not 8 <= len(key) <= 60:
            raise BadInput("The page and the app do not match any more: load the page again.")
        if key not in room.members:
            if len(room.members) >= MOST_MEMBERS:
                raise BadInput(f"This room is full: {MOST_MEMBERS} people are in it.")
            number = 1 + max((one.number for one in room.members.values()), default=0)
            share = len(room.members)
            room.members[key] = Member(number, f"Guest {number}", self._clock(), share=share)
            room.changes += 1
        return room.members[key]

    def _claims(self, run_id: str, claim: object) -> bool:
        try:
            return isinstance(claim, str) and self._registry.is_claimed(run_id, claim)
        except BadInput:
            return False

    def _hold(self, room: Room) -> None:
        self._registry.hold(room.code, room.runs() if room.frozen else [])

    def _forget(self) -> None:
        """Ends the rooms that nobody has been in for a long time."""
        dead = self._clock() - SECONDS_UNTIL_GONE
        for room in [room for room in self._rooms.values() if room.seen < dead]:
            self._end(room, {})


def shown_name(name: object, longest: int = LONGEST_NAME) -> str:
    """What somebody typed as a name, short and on one line, with nothing that cannot be seen."""
    text = unicodedata.normalize("NFC", name) if isinstance(name, str) else ""
    seen = "".join(" " if letter.isspace() else letter for letter in text[: 4 * longest])
    # Control characters, marks that turn the direction of writing, private letters.
    known = "".join(letter for letter in seen if unicodedata.category(letter)[0] != "C")
    return " ".join(known.split())[:longest].strip()


def link_query(link: object) -> str:
    """The query of a link of this app, without what is the sender's own; `BadInput` for others."""
    text = link.strip() if isinstance(link, str) else ""
    query = text.partition("#")[0].partition("?")[2]
    pairs = [
        (name, value) for name, value in parse_qsl(query) if name not in ("room", "__theme", "view")
    ]
    if not pairs or len(text) > LONGEST_LINK:
        raise BadInput(
            "This is no link of the app: go where everybody shall go, press Share there, and copy"
            " the link."
        )
    return urlencode(pairs)


def _values(preset: str, setting: str, asked: Mapping[str, object]) -> tuple[Any, ...]:
    """The values of a sweep; `BadInput` for what the setting cannot be."""
    given = asked.get("values")
    texts = [text.strip() for text in given.split(",")] if isinstance(given, str) else []
    texts = list(dict.fromkeys(text for text in texts if text))
    if not 2 <= len(texts) <= MOST_VALUES:
        raise BadInput(
            f"Write 2 to {MOST_VALUES} values with commas between them, such as 0.0001, 0.0002."
        )
    return tuple(getattr(config_from(preset, {setting: text})[0], setting) for text in texts)
