"""Rooms, with runs that wait in a registry without slots and a clock of the test's own."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganapp.config.presets import preset_config
from ganapp.errors import BadInput
from ganapp.runs import Registry
from ganapp.ui.classroom import rooms as module
from ganapp.ui.classroom.handlers import Wall, describe
from ganapp.ui.classroom.rooms import (
    LONGEST_NAME,
    SECONDS_UNTIL_ABSENT,
    SECONDS_UNTIL_GONE,
    Rooms,
    link_query,
    shown_name,
)
from ganapp.ui.parts.inputs import Expired


class School:
    """An app of one room and its teacher."""

    def __init__(self, registry: Registry) -> None:
        self.registry, self.now = registry, 1000.0
        self.rooms = Rooms(registry, clock=lambda: self.now)
        opened = self.rooms.open()
        self.code, self.key = opened["code"], opened["key"]

    def come(self, who: str, name: str = "", run: str = "") -> dict[str, Any]:
        claim = self.registry.claim(run) if run else ""
        return self.rooms.enter(self.code, f"member-{who}", name, run, claim)

    def act(self, act: str, **asked: Any) -> None:
        self.rooms.act(self.code, self.key, {"act": act, **asked})

    def wall(self) -> dict[str, Any]:
        room = self.rooms.room(self.code)
        here = self.rooms.here(room)
        views = {one.number: self.registry.view(one.run_id) for one in here if one.run_id}
        return describe(room, here, views)

    def run(self, owner: str, **changes: Any) -> str:
        config, name = preset_config("digits", changes)
        return self.registry.submit(config, name, owner)


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path))
    with contextlib.closing(Registry(slots=0)) as registry:
        yield School(registry)


def test_people_come_with_names_and_runs_and_the_wall_shows_them(school: School) -> None:
    first, second = school.run("ada"), school.run("bo")
    assert school.come("ada", "  Ada\n ", first)["name"] == "Ada"
    assert school.come("bo", "", second)["name"] == "Guest 2"
    assert school.come("cy", "Cy")["task"] is None
    wall = school.wall()
    tiles = {tile["name"]: tile["run"] for tile in wall["tiles"]}
    assert tiles == {"Ada": first, "Guest 2": second}
    assert wall["waiting"] == ["Cy"] and wall["people"] == 3
    assert school.come("bo", "Bo")["name"] == "Bo"
    assert {tile["name"] for tile in school.wall()["tiles"]} == {"Ada", "Bo"}
    school.rooms.leave(school.code, "member-ada")
    assert [tile["name"] for tile in school.wall()["tiles"]] == ["Bo"]


def test_only_ones_own_run_can_be_brought(school: School) -> None:
    run = school.run("ada")
    for claim in ("", "0" * 32, school.registry.claim(run)[:-1] + "ü", None, ["x"]):
        school.rooms.enter(school.code, "member-bo", "Bo", run, claim)
    school.rooms.enter(school.code, "member-bo", "Bo", "../../etc", school.registry.claim(run))
    assert school.wall()["tiles"] == []
    school.come("ada", "Ada", run)
    assert len(school.wall()["tiles"]) == 1


def test_a_teacher_stops_all_runs_and_lets_them_go_on(school: School) -> None:
    run = school.run("ada")
    held = school.registry._slots.is_held
    school.come("ada", "Ada", run)
    school.act("freeze", on=True)
    assert held(run) and school.come("ada")["frozen"] is True
    late = school.run("bo")
    school.come("bo", "Bo", late)
    assert held(late)
    school.rooms.leave(school.code, "member-bo")
    assert not held(late)
    school.act("freeze", on=False)
    assert not held(run) and school.come("ada")["frozen"] is False
    school.act("freeze", on=True)
    school.act("end")
    assert not held(run)


def test_a_teacher_sends_a_link_and_it_is_new_each_time(school: School) -> None:
    link = "http://other/app/?tab=latent&model=mnist&room=ABCDE#teacher=secret"
    school.act("send", link=link, title="Look \u202eat this")
    task = school.come("ada")["task"]
    assert task["query"] == "tab=latent&model=mnist" and task["title"] == "Look at this"
    school.act("send", link=link)
    again = school.come("ada")["task"]
    assert again["number"] != task["number"] and again["title"]


@pytest.mark.parametrize(
    "link", [None, 3, "", "hello", "javascript:alert(1)", "?room=ABCDE", "?" + "a=1&" * 999]
)
def test_what_is_no_link_of_the_app_is_refused(school: School, link: object) -> None:
    with pytest.raises(BadInput, match="no link of the app"):
        school.act("send", link=link)
    assert school.come("ada")["task"] is None


def test_a_sweep_gives_everybody_a_value_and_orders_the_wall(school: School) -> None:
    for who in "abc":
        school.come(who, who)
    school.act("sweep", preset="digits", setting="generator_lr", values="0.001, 2e-5, 0.001")
    tasks = [parse_qs(school.come(who)["task"]["query"]) for who in "abc"]
    assert [task["generator_lr"] for task in tasks] == [["0.001"], ["2e-05"], ["0.001"]]
    assert tasks[0]["tab"] == ["train"] and tasks[0]["preset"] == ["digits"]
    for who, rate in zip("abcd", (0.001, 2e-5, 0.001, 0.5), strict=True):
        school.come(who, who, school.run(who, generator_lr=rate))
    tiles = school.wall()["tiles"]
    assert [tile["value"] for tile in tiles] == ["0.001", "0.001", "2e-05", "0.5"]
    assert school.wall()["sweep"]["values"] == ["0.001", "2e-05"]
    assert school.come("late")["task"]  # who comes later has one, too
    school.act("sweep", preset="digits", setting="conditional", values="on, off")
    assert {parse_qs(school.come(who)["task"]["query"])["conditional"][0] for who in "ab"} == {
        "true",
        "false",
    }


@pytest.mark.parametrize(
    ("preset", "setting", "values", "sentence"),
    [
        ("none", "width", "1, 2", "one of the presets"),
        ("digits", "none", "1, 2", "Choose the setting"),
        ("digits", "width", "16", "2 to 20 values"),
        ("digits", "width", ",,", "2 to 20 values"),
        ("digits", "width", ",".join(map(str, range(99))), "2 to 20 values"),
        ("digits", "width", "16, wide", "must be a number"),
        ("digits", "loss", "hinge, nothing", "must be one of"),
        ("digits", None, None, "Choose the setting"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_whole(
    school: School, preset: object, setting: object, values: object, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        school.act("sweep", preset=preset, setting=setting, values=values)
    assert school.come("ada")["task"] is None


def test_only_the_teacher_acts(school: School) -> None:
    for key in ("", None, 7, "x" * 24, "ü"):
        with pytest.raises(BadInput, match="Only the teacher"):
            school.rooms.act(school.code, key, {"act": "end"})
    with pytest.raises(BadInput, match="nothing else"):
        school.act("dance")
    school.come("ada", "Rude word")
    school.act("remove", member=1)
    assert school.wall()["people"] == 0


def test_a_room_ends_and_says_so(school: School) -> None:
    school.come("ada")
    school.act("end")
    with pytest.raises(Expired, match="has ended"):
        school.come("ada")
    for code in (None, 5, "", "NOPE!", "x" * 5000):
        with pytest.raises(Expired):
            school.rooms.room(code)


def test_rooms_that_nobody_uses_are_forgotten(school: School) -> None:
    school.come("ada")
    school.now += SECONDS_UNTIL_GONE - 1
    assert school.wall()["code"] == school.code  # who looks at the wall uses it
    school.now += SECONDS_UNTIL_GONE - 1
    school.come("ada")
    school.now += SECONDS_UNTIL_GONE + 1
    with pytest.raises(Expired):
        school.come("ada")
    assert not school.rooms._rooms


def test_who_left_without_a_word_is_not_counted_but_a_run_stays(school: School) -> None:
    school.come("ada", "Ada", school.run("ada"))
    school.come("bo", "Bo")
    school.now += SECONDS_UNTIL_ABSENT + 1
    wall = school.wall()
    assert wall["waiting"] == [] and [tile["name"] for tile in wall["tiles"]] == ["Ada"]


def test_rooms_and_people_have_an_end(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MEMBERS", 2)
    monkeypatch.setattr(module, "MOST_ROOMS", 2)
    school.come("a"), school.come("b")
    with pytest.raises(BadInput, match="full"):
        school.come("c")
    assert school.come("a")["name"] == "Guest 1"
    school.rooms.open()
    with pytest.raises(BadInput, match="rooms are open"):
        school.rooms.open()


@pytest.mark.parametrize("member", [None, 5, "", "short", "x" * 61])
def test_a_member_without_a_key_is_refused(school: School, member: object) -> None:
    with pytest.raises(BadInput, match="load the page again"):
        school.rooms.enter(school.code, member, "", "", "")


@given(st.text(max_size=200))
def test_names_are_short_and_on_one_line(text: str) -> None:
    name = shown_name(text)
    assert len(name) <= LONGEST_NAME and name == shown_name(name) and name == name.strip()
    assert all(letter.isprintable() for letter in name)


@given(st.text(max_size=300))
def test_a_link_keeps_only_its_query(text: str) -> None:
    with contextlib.suppress(BadInput):
        query = link_query(text)
        assert "#" not in query and "room" not in parse_qs(query)


def test_the_wall_is_packed_once_and_has_no_news_for_who_has_seen_it(school: School) -> None:
    wall = Wall(school.rooms, school.registry)
    school.come("ada", "Ada", school.run("ada"))
    packed = wall.answer(school.code, "")
    assert packed is not None and wall.answer(school.code, "") is packed
    shown = json.loads(gzip.decompress(packed))
    assert wall.answer(school.code, shown["version"]) is None
    school.come("ada", "Eda")
    assert wall.answer(school.code, shown["version"]) is not None
