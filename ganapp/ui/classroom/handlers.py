"""What pages see of a room: the wall of everybody's pictures. Knows no Gradio."""

from __future__ import annotations

import gzip
import io
import json
import threading
from collections import OrderedDict
from typing import Any

from PIL import Image

from ganapp.config.presets import PRESETS
from ganapp.config.training import knobs
from ganapp.errors import BadInput
from ganapp.experiments.doctor import WAITING
from ganapp.runs import Registry, RunFolder, View, run_folder
from ganapp.runs.states import GOING
from ganapp.ui.classroom.rooms import MOST_ROOMS, Member, Room, Rooms, Sweep
from ganapp.ui.parts.rendering import Props
from ganapp.ui.parts.settings import shown_text

SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_IDLE_LOOKS = 2.0, 5.0
MOST_TILES = 40
TILE_SIDE = 240
MOST_KEPT_TILES = 2 * MOST_TILES


class Wall:
    """The walls of all rooms of one app."""

    def __init__(self, rooms: Rooms, registry: Registry) -> None:
        self.rooms, self._registry = rooms, registry
        self._packed: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._small: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, code: object, seen: str) -> bytes | None:
        """The wall as gzipped JSON, made once for all who look; None if it is what the page has
        `seen` already. All its runs count as watched. `BadInput` if there is no such room.
        """
        room = self.rooms.room(code)
        members = self.rooms.here(room)
        views = {one.number: view for one in members if (view := self._view(one.run_id))}
        version = "/".join(
            [
                f"{room.changes}-{len(members)}",
                *(f"{number}:{view.version}" for number, view in views.items()),
            ]
        )
        if version == seen:
            return None
        known = self._packed.get(room.code)
        if known is None or known[0] != version:
            shown = describe(room, members, views) | {"version": version}
            known = version, gzip.compress(json.dumps(shown).encode(), 6, mtime=0)
            with self._lock:
                self._packed[room.code] = known
                while len(self._packed) > MOST_ROOMS:
                    self._packed.popitem(last=False)
        return known[1]

    def _view(self, run_id: str) -> View | None:
        if not run_id:
            return None
        self._registry.touch(run_id)
        try:
            return self._registry.view(run_id)
        except BadInput:  # it was removed
            return None

    def tile(self, run_id: object) -> bytes:
        """The newest picture of a run, small; nothing if it has none. `BadInput` for no run."""
        view = self._registry.view(str(run_id))
        key = view.run_id, view.picture_version
        if key not in self._small and view.picture:
            packed = small(view.picture)
            with self._lock:
                self._small[key] = packed
                while len(self._small) > MOST_KEPT_TILES:
                    self._small.popitem(last=False)
        return self._small.get(key, b"")


def small(picture: bytes) -> bytes:
    """A JPEG as large as a tile."""
    with Image.open(io.BytesIO(picture)) as image:
        image.draft("RGB", (TILE_SIDE, TILE_SIDE))
        image.thumbnail((TILE_SIDE, TILE_SIDE), Image.Resampling.BOX)
        packed = io.BytesIO()
        image.save(packed, "JPEG", quality=80)
    return packed.getvalue()


def describe(room: Room, members: list[Member], views: dict[int, View]) -> Props:
    """What a page shows of a room."""
    tiles = [
        _tile(member, view, room.sweep) for member in members if (view := views.get(member.number))
    ]
    # The newest first; those of a sweep by its value.
    newest = sorted(tiles, key=lambda tile: -tile["created"])[:MOST_TILES]
    if room.sweep:
        newest.sort(key=lambda tile: (tile["place"], tile["created"]))
    going = any(view.state in GOING for view in views.values())
    return {
        "code": room.code,
        "frozen": room.frozen,
        "people": len(members),
        "waiting": [one.name for one in members if one.number not in views],
        "tiles": newest,
        "more": max(0, len(tiles) - MOST_TILES),
        "sweep": _sweep(room.sweep),
        "task": room.task and room.task.title,
        "every": SECONDS_BETWEEN_LOOKS if going else SECONDS_BETWEEN_IDLE_LOOKS,
    }


def _sweep(sweep: Sweep | None) -> Props | None:
    if sweep is None:
        return None
    return {
        "preset": PRESETS[sweep.preset].title,
        "setting": knobs()[sweep.setting].label,
        "values": [shown_text(value) for value in sweep.values],
    }


def _tile(member: Member, view: View, sweep: Sweep | None) -> dict[str, Any]:
    status = view.status
    verdict = status.get("doctor") or {}
    tile = {
        "member": member.number,
        "name": member.name,
        "run": view.run_id,
        "picture": f"rooms/tiles/{view.run_id}.jpg?{view.picture_version:x}"
        if view.picture
        else "",
        "preset": PRESETS[view.preset].title if view.preset in PRESETS else view.preset,
        "epoch": int(status.get("progress") or 0),
        "epochs": status.get("epochs", 0),
        "state": view.state,
        "verdict": verdict.get("name", ""),
        "words": "" if verdict.get("name") == WAITING.name else verdict.get("title", ""),
        "created": view.created,
        "place": len(sweep.values) if sweep else 0,
        "value": "",
    }
    if sweep and view.preset.partition(",")[0] == sweep.preset:
        value = getattr(RunFolder(run_folder(view.run_id)).config(), sweep.setting)
        tile["value"] = shown_text(value)
        # In the order of the teacher's values; those that somebody chose themselves come last.
        if value in sweep.values:
            tile["place"] = sweep.values.index(value)
    return tile
