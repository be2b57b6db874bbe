"""Quiet choices and requests for more do not change anything that the partner can read or try.

The first tests use one world: the partner's answers before and after the act are equal to the byte. Others use two
worlds over weeks, with acts of the partner in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner import scheduler
from tests.conftest import NOON
from tests.databases import in_turn
from tests.dates import START, slot
from tests.people import Person, activity_id, pair
from tests.racing import strangers

pytestmark = pytest.mark.one_database

READS = (
    "/me", "/me/pace", "/me/rhythm", "/couple", "/today", "/inbox?limit=100", "/dates?limit=100",
    "/dates?show=upcoming", "/notes", "/notes?from=partner", "/suggestions", "/activities?limit=100",
)  # fmt: skip
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

Act = Callable[[Person], Any]


def pace(value: int, quietly: bool = False) -> Act:
    return lambda person: person.put("/me/pace", {"pace": value, "quietly": quietly})


def rhythm(value: str, quietly: bool = False) -> Act:
    return lambda person: person.put("/me/rhythm", {"rhythm": value, "quietly": quietly})


PRIVATE_ACTS = {
    "lowering quietly": [pace(1, quietly=True)],
    "lowering quietly, and back": [pace(1, quietly=True), pace(2, quietly=True), pace(3)],
    "wishing": [pace(4)],
    "wishing, and taking it back": [pace(4), pace(3)],
    "calming quietly": [rhythm("apart", quietly=True)],
    "calming quietly, and back": [rhythm("apart", quietly=True), rhythm("gentle")],
    "choosing livelier": [rhythm("together")],
    "all of it": [pace(4), rhythm("together"), pace(2, quietly=True), rhythm("apart", quietly=True)],
}
each_private_act = in_turn("acts", PRIVATE_ACTS)


def couple(app: Flask) -> tuple[Person, Person]:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "gentle")
    return ann, ben


def offer(sender: Person, level: int, start: Any) -> Any:
    activity = activity_id(party="two", pace=level)
    return sender.post("/dates", {"activity_id": activity, "slots": [slot(start)]}, 201)


def asked(person: Person, method: str, path: str, body: Any = None) -> tuple[Any, ...]:
    answer = person.request(method, path, body)
    return answer.status_code, answer.data, list(answer.headers)


def tries(person: Person, date: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return all answers to the partner's reads, and to requests that are refused."""
    refused = [
        ("PUT", "/me/pace", {"pace": 5}),
        ("PUT", "/me/pace", {"pace": 4, "quietly": True}),
        ("PUT", "/me/rhythm", {"rhythm": "gentle", "quietly": True}),
        ("POST", f"/dates/{date['id']}/accept", {"version": 1, "slot_id": date["slots"][0]["id"]}),
        ("POST", "/dates", {"activity_id": date["activity"]["id"], "slots": [slot(START)]}),
    ]
    return [asked(person, "GET", path) for path in (*READS, f"/dates/{date['id']}")] + [
        asked(person, *request) for request in refused
    ]


@each_private_act
def test_a_private_act_changes_no_answer_to_the_partner(app: Flask, acts: list[Act]) -> None:
    ann, ben = couple(app)
    date = offer(ben, 3, START)
    tries(ben, date)  # the first read of the day writes
    before = tries(ben, date)
    for act in acts:
        act(ann)
        assert tries(ben, date) == before


def comparable_answer(person: Person, method: str, path: str, body: Any = None) -> tuple[Any, ...]:
    """Return an answer without its random parts: ids, names, and their digests and lengths."""
    status, data, headers = asked(person, method, path, body)
    known: dict[bytes, bytes] = {}
    data = data.replace(person.sign_in_name.encode(), b"")
    data = _UUID.sub(lambda id_: known.setdefault(id_.group(), b"id-%d" % len(known)), data)
    stable = [
        (name, value.partition(".")[0] if name == "ETag" else value)
        for name, value in headers
        if name != "Content-Length"
    ]
    return status, data, stable


def weeks(partner: Person, act: Callable[[], None], clock: Traveller) -> list[Any]:
    """Return all answers to the partner over three weeks of own acts. `act` happens early."""
    # Suggestions and prompts depend on the id of the reader.
    reads = [path for path in READS if path not in ("/suggestions", "/today")]
    answers: list[Any] = []

    def look(*requests: tuple[str, str, Any]) -> None:
        answers.extend(comparable_answer(partner, *request) for request in requests)
        answers.extend(comparable_answer(partner, "GET", path) for path in reads)

    def go_to(days: float) -> None:
        clock.move_to(NOON + timedelta(days=days))
        scheduler.tick(NOON + timedelta(days=days))

    for path in reads:
        partner.get(path)  # the first read of a process loads the catalogue
    act()
    look()
    for number, (day, level) in enumerate([(1, 3), (3, 3), (5, 2)]):
        go_to(day)
        activity = [
            item["id"]
            for item in partner.get("/activities?limit=100")["items"]
            if (item["for"], item["pace"]) == ("two", level)
        ][number]
        date = partner.post("/dates", {"activity_id": activity, "slots": [slot(NOON + timedelta(days=day + 12))]}, 201)
        note = partner.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
        look(("POST", f"/notes/{note['id']}/share", {"version": 1}), ("GET", f"/dates/{date['id']}", None))
        if day == 3:
            look(("POST", f"/dates/{date['id']}/withdraw", {"version": 1}))
        else:
            go_to(day + 1)
            look(("POST", f"/dates/{date['id']}/withdraw", {"version": 1}))
    go_to(6.4)
    look()
    go_to(7)
    look(("PUT", "/me/pace", {"pace": 2}))
    clock.shift(timedelta(minutes=1))
    look(("PUT", "/me/rhythm", {"rhythm": "apart"}))
    go_to(21)
    look(("PUT", "/me/pace", {"pace": 3, "quietly": False}), ("PUT", "/me/pace", {"pace": 1, "quietly": True}))
    return answers


# Each database has one couple without an act, which all couples with an act are compared with.
@in_turn("titles", {"lowering and wishing": list(PRIVATE_ACTS)[:4], "rhythms": list(PRIVATE_ACTS)[4:]})
def test_a_private_act_changes_no_answer_over_weeks(app: Flask, stopped_clock: Traveller, titles: list[str]) -> None:
    _, twin = couple(app)
    expected = weeks(twin, lambda: None, stopped_clock)
    for title in titles:
        stopped_clock.move_to(NOON)
        ann, ben = couple(app)
        answers = weeks(
            ben, lambda ann=ann, title=title: [act(ann) for act in PRIVATE_ACTS[title]] and None, stopped_clock
        )
        assert answers == expected, title


BEFORE = {
    "nothing": [],
    "more": [pace(4)],
    "livelier": [rhythm("together")],
    "less, quietly": [pace(2, quietly=True)],
    "more, and taking it back": [pace(4), pace(3)],
}
FOR_MORE = {"pace": ("PUT", "/me/pace", {"pace": 4}), "rhythm": ("PUT", "/me/rhythm", {"rhythm": "together"})}
# Five acts are an odd number: each act, each request and each hour meets both databases.
CASES = {
    f"{what} after {before}{', late' if is_late else ''}": (acts, request, is_late)
    for what, request in FOR_MORE.items()
    for is_late in (False, True)
    for before, acts in BEFORE.items()
}


@in_turn("case", CASES)
def test_a_request_for_more_gets_the_same_answer_whatever_the_partner_asked(
    app: Flask, stopped_clock: Traveller, case: tuple[list[Act], Any, bool]
) -> None:
    before, request_, late = case
    (ann, ben), (_, twin) = couple(app), couple(app)
    for act in before:
        act(ann)
    if late:  # the morning has begun, but the clock has not ticked
        stopped_clock.move_to(NOON + timedelta(hours=12, seconds=1))
    for person in (ben, twin):
        person.get("/me")
    assert comparable_answer(ben, *request_) == comparable_answer(twin, *request_)
    for path in READS[:4]:
        assert comparable_answer(ben, "GET", path) == comparable_answer(twin, "GET", path)
