"""How many statements the hot reads cost, whatever the number of rows: a query for each row fails here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from planner.storage import db
from tests.api.answers import note_for
from tests.people import Person, propose
from tests.spaces import going, quieten, take

PINNED = {
    "/today": 13,
    "/today?idea=false": 10,
    "/suggestions": 4,
    "/suggestions?more=1": 4,
    "/suggestions?party=one": 4,
    "/deck": 4,
    "/matches": 3,
    "/me/profile": 2,
    "/notes?limit=100": 2,
    "/notes?from=partner&limit=100": 2,
    "/dates?limit=100": 5,
    "/dates?show=upcoming&limit=100": 5,
    "/inbox?limit=100": 2,
    "/me": 4,
    "/me/pace": 2,
    "/me/rhythm": 2,
    "/couple": 1,
    "/activities?limit=100": 3,
    "/activities?party=two&limit=100": 4,
    "/prompts/today": 3,
    "/me/safety": 10,
    "/me/help": 5,
    "/me/closing": 3,
}


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is executed meanwhile, without the marks of transactions."""
    found: list[str] = []

    def note(event) -> None:
        if not event.sql.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            found.append(event.sql)

    hooks = db.proxy.obj.query_hooks
    hooks.append(note)
    try:
        yield found
    finally:
        hooks.remove(note)


def asked(person: Person, path: str) -> list[str]:
    with statements() as found:
        person.get(path)
    return found


def writes(found: list[str]) -> list[str]:
    return [sql for sql in found if not sql.lstrip("(").upper().startswith(("SELECT", "WITH"))]


def live(alice: Person, bob: Person, now, times: int) -> None:
    """Something in every list, several times."""
    for number in range(times):
        for writer in (alice, bob):
            note_for(writer, shared=True)
        date = propose(bob, now + timedelta(days=3, hours=number))
        slot = date["slots"][0]["id"]
        alice.post(f"/dates/{date['id']}/accept", {"version": 1, "slot": slot})
    for sender in (alice, bob):
        propose(sender, now + timedelta(days=9, hours=times))


@pytest.fixture
def lived(alice: Person, bob: Person, now) -> Person:
    live(alice, bob, now, 1)
    for path in PINNED:
        alice.get(path)  # the first look of the day draws the prompt, and reads the catalogue into memory
    return alice


def test_the_number_of_statements_is_pinned_and_does_not_grow(lived, bob, now):
    few = {path: asked(lived, path) for path in PINNED}
    before = len(lived.get("/dates?limit=100")["items"])
    live(lived, bob, now, 3)
    assert len(lived.get("/dates?limit=100")["items"]) > before + 3
    many = {path: asked(lived, path) for path in PINNED}
    assert {path: len(found) for path, found in few.items()} == PINNED, few
    assert {path: len(found) for path, found in many.items()} == PINNED, many
    assert PINNED["/suggestions"] <= 4


def test_a_person_in_space_or_with_a_quiet_choice_pays_three_more_at_most(lived, bob, now, stopped_clock):
    before = lived.get("/me/space")["dates"]
    take(lived, *(going(one["date"]) for one in before))
    quieten(lived, pace=2, rhythm="apart")
    for path in PINNED:
        lived.get(path)  # at another pace, a question is asked for the first time today
    for times in (1, 2):
        stopped_clock.shift(timedelta(minutes=1))
        live_sender(bob, now, times)
        assert writes(asked(lived, "/me")), "the first request holds what arrived"
        found = {path: asked(lived, path) for path in PINNED}
        assert {path: len(sql) for path, sql in found.items() if len(sql) > PINNED[path] + 3 or writes(sql)} == {}
    assert lived.get("/me/held")["items"]
    few = len(asked(lived, "/me/held"))
    live_sender(bob, now, 1)
    lived.get("/me")
    assert len(asked(lived, "/me/held")) == few


def live_sender(sender: Person, now, times: int) -> None:
    """As `live`, by one of the two alone: new notes, proposals."""
    for number in range(times):
        note_for(sender, shared=True)
        propose(sender, now + timedelta(days=12, hours=number))


def test_reads_write_nothing_once_the_day_has_begun(lived):
    for path in PINNED:
        assert not writes(asked(lived, path)), path


def test_the_first_look_of_a_day_writes_once_a_sign_in_a_prompt_and_a_slate(lived, stopped_clock, now):
    stopped_clock.move_to(now + timedelta(days=1))
    writes = [sql.partition(" ")[0].upper() for sql in asked(lived, "/today")]
    assert sorted(verb for verb in writes if verb not in ("SELECT", "WITH")) == ["INSERT", "INSERT", "UPDATE"]
    again = [sql.partition(" ")[0].upper() for sql in asked(lived, "/today")]
    assert "INSERT" not in again
    assert "UPDATE" not in again


def test_a_refused_token_costs_one_statement_and_a_refused_shape_no_more(lived):
    with statements() as found:
        lived.app.test_client().get("/v1/today", headers={"Authorization": "Bearer nonsense"})
    assert len(found) == 1
    with statements() as found:
        lived.post("/notes", {"kind": "nonsense"}, 422)
    assert len(found) == 1
