"""Pin the number of SQL statements of the frequent reads. It must not depend on the number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from planner.dates.dates import Date
from planner.storage import db
from tests.api.answers import note_for
from tests.people import Person, activity_id, propose
from tests.spaces import going, quieten, take

pytestmark = pytest.mark.both_databases

PINNED = {
    "/today": 5,
    "/today?idea=false": 4,
    "/suggestions": 4,
    "/suggestions?page=1": 4,
    "/suggestions?for=one": 4,
    "/deck": 4,
    "/matches": 3,
    "/me/profile": 2,
    "/notes?limit=100": 3,
    "/notes?from=partner&limit=100": 3,
    "/dates?limit=100": 6,
    "/dates?show=upcoming&limit=100": 6,
    "/inbox?limit=100": 4,
    "/me": 4,
    "/me/pace": 2,
    "/me/rhythm": 2,
    "/couple": 1,
    "/activities?limit=100": 3,
    "/activities?for=two&limit=100": 3,
    "/prompts/today": 3,
    "/prompts?limit=100": 2,
    "/prompts/cards?limit=50": 2,
    "/guides": 1,
    "/talks/current": 2,
    "/someday-list": 4,
    "/availability": 2,
    "/free-times": 4,
    "/requests": 2,
    "/commitments": 2,
    "/questions": 3,
    "/questions/current": 5,
    "/important-days": 2,
    "/me/safety": 20,
    "/me/help": 5,
}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL statements of the block, without BEGIN, COMMIT and ROLLBACK."""
    collected: list[str] = []

    def collect(event) -> None:
        if not event.sql.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            collected.append(event.sql)

    hooks = db.proxy.obj.query_hooks
    hooks.append(collect)
    try:
        yield collected
    finally:
        hooks.remove(collect)


def statements_of(person: Person, path: str) -> list[str]:
    with statements() as queries:
        person.get(path)
    return queries


def writes(sql_statements: list[str]) -> list[str]:
    return [sql for sql in sql_statements if not sql.lstrip("(").upper().startswith(("SELECT", "WITH"))]


def add_things(alice: Person, bob: Person, now, times: int) -> None:
    """Add things to every list, several times."""
    for number in range(times):
        for writer in (alice, bob):
            note_for(writer, shared=True)
        date = propose(bob, now + timedelta(days=3, hours=number))
        slot = date["slots"][0]["id"]
        alice.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": slot})
    for sender in (alice, bob):
        propose(sender, now + timedelta(days=9, hours=times))


def open_questions(alice: Person, bob: Person, times: int) -> None:
    """Draw questions for two, and let both answer them."""
    for _ in range(times):
        question = alice.post("/questions", status=201)["id"]
        for writer in (alice, bob):
            writer.put(f"/questions/{question}/answer", {"body": f"By {writer.name}."})
    for item in alice.get("/inbox?limit=100")["items"]:
        if item["kind"] == "question_opened":  # else the newest items lead to fewer titles of dates
            alice.post(f"/inbox/{item['id']}/seen")


@pytest.fixture
def alice_with_data(alice: Person, bob: Person, now) -> Person:
    add_things(alice, bob, now, 1)
    open_questions(alice, bob, 1)
    alice.put(f"/someday-list/{activity_id(slug='pottery-taster')}", None)
    for path in PINNED:
        alice.get(path)  # the first read of the day draws the prompt and loads the catalogue into memory
    return alice


def test_the_number_of_statements_is_pinned_and_does_not_grow(alice_with_data, bob, now):
    few = {path: statements_of(alice_with_data, path) for path in PINNED}
    before = len(alice_with_data.get("/dates?limit=100")["items"])
    add_things(alice_with_data, bob, now, 3)
    open_questions(alice_with_data, bob, 2)
    assert len(alice_with_data.get("/dates?limit=100")["items"]) > before + 3
    many = {path: statements_of(alice_with_data, path) for path in PINNED}
    assert {path: len(queries) for path, queries in few.items()} == PINNED, few
    assert {path: len(queries) for path, queries in many.items()} == PINNED, many
    assert PINNED["/suggestions"] <= 4
    assert PINNED["/today"] <= 6


OF_MEMORIES = {
    "/memories?limit=100": 7,
    "/memories?q=waited&limit=100": 6,
    "/memories?hidden=true&limit=100": 3,
    "/memories/places": 3,
    "/memories/on-this-day": 3,
    "/us": 5,
}


def test_the_number_of_statements_of_memories_is_pinned_and_does_not_grow(alice_with_data, bob, now):
    for times in (1, 3):
        add_things(alice_with_data, bob, now, times)
        with db.connection(), db.write():
            Date.update(state="completed").where(Date.state == "accepted").execute()
        for path in OF_MEMORIES:
            alice_with_data.get(path)
        queries = {path: statements_of(alice_with_data, path) for path in OF_MEMORIES}
        assert {path: len(sql) for path, sql in queries.items()} == OF_MEMORIES, queries
        assert not any(writes(sql) for sql in queries.values())


def most_more(path: str) -> int:
    """Return how many statements a space may cost. The first screen reads the held things, to say if any is left."""
    return 16 if path.startswith("/today") else 3


def test_space_and_quiet_choices_cost_at_most_three_statements_more(alice_with_data, bob, now, stopped_clock):
    before = alice_with_data.get("/me/space")["dates"]
    take(alice_with_data, *(going(view["date"]) for view in before))
    quieten(alice_with_data, pace=2, rhythm="apart")
    for path in PINNED:
        alice_with_data.get(path)  # another pace makes a new list of suggestions, and the first read saves it
    for times in (1, 2):
        stopped_clock.shift(timedelta(minutes=1))
        add_things_of(bob, now, times)
        assert writes(statements_of(alice_with_data, "/me")), "the first request adds the holds"
        queries = {path: statements_of(alice_with_data, path) for path in PINNED}
        assert {
            path: len(sql) for path, sql in queries.items() if len(sql) > PINNED[path] + most_more(path) or writes(sql)
        } == {}
    assert alice_with_data.get("/me/held")["items"]
    few = len(statements_of(alice_with_data, "/me/held"))
    add_things_of(bob, now, 1)
    alice_with_data.get("/me")
    assert len(statements_of(alice_with_data, "/me/held")) == few


def add_things_of(sender: Person, now, times: int) -> None:
    """Add notes and proposals of one partner, as `add_things` does."""
    for number in range(times):
        note_for(sender, shared=True)
        propose(sender, now + timedelta(days=12, hours=number))


def test_later_reads_of_a_day_write_nothing(alice_with_data):
    for path in PINNED:
        assert not writes(statements_of(alice_with_data, path)), path


def test_the_first_read_of_a_day_writes_the_sign_in_the_prompt_and_the_slate_once(alice_with_data, stopped_clock, now):
    # The prompt of a reflection counts its day, too.
    alice_with_data.put("/me/profile", {"interests": [], "causes": [], "prompt_kinds": ["kindness"]})
    stopped_clock.move_to(now + timedelta(days=1))
    writes = [sql.partition(" ")[0].upper() for sql in statements_of(alice_with_data, "/today")]
    assert sorted(verb for verb in writes if verb in ("INSERT", "UPDATE", "DELETE")) == ["INSERT", "INSERT", "UPDATE"]
    again = [sql.partition(" ")[0].upper() for sql in statements_of(alice_with_data, "/today")]
    assert "INSERT" not in again
    assert "UPDATE" not in again


def test_a_refused_token_or_body_costs_one_statement(alice_with_data):
    with statements() as queries:
        alice_with_data.app.test_client().get("/v1/today", headers={"Authorization": "Bearer nonsense"})
    assert len(queries) == 1
    with statements() as queries:
        alice_with_data.post("/notes", {"kind": "nonsense"}, 422)
    assert len(queries) == 1
