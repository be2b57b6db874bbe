"""Cached queries: each is built once and bound at each call, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import peewee
import pytest

from planner import inbox
from planner.inbox import Item
from planner.storage import db

ALICE, BOB = uuid4(), uuid4()

_built: list[str] = []


@db.cached_query
def of_person(person: Any, now: Any, limit: Any) -> Any:
    _built.append("of_person")
    query = Item.select(Item.id, Item.kind, Item.visible_at, Item.expires_at)
    return query.where(Item.person == person, Item.visible_at <= now).order_by(Item.visible_at).limit(limit)


@db.cached_query
def of_persons(persons: Any) -> Any:
    _built.append("of_persons")
    return Item.select(Item.person).where(Item.person.in_(persons)).order_by(Item.visible_at)


@db.cached_query
def latest(person: Any) -> Any:
    return Item.select(peewee.fn.MAX(Item.visible_at)).where(Item.person == person)


@db.cached_query
def visible_or_expired_since(at: Any) -> Any:
    moment = peewee.fn.COALESCE(Item.expires_at, Item.visible_at)
    return Item.select(Item.kind).where(moment >= at.typed_as(Item.visible_at))


@db.cached_update
def mark(person: Any, at: Any) -> Any:
    return Item.update({Item.seen_at: at.typed_as(Item.seen_at)}).where(Item.person == person, Item.seen_at.is_null())


@pytest.fixture
def filled(database: str, now: datetime) -> Iterator[None]:
    """Add two items of Alice, an hour apart, and one of Bob."""
    _built.clear()
    with db.connection():
        with db.write():
            inbox.add(ALICE, "date_proposed", uuid4(), now - timedelta(hours=1))
            inbox.add(ALICE, "date_soon", uuid4(), now, now + timedelta(hours=2))
            inbox.add(BOB, "note_shared", uuid4(), now)
        yield


@pytest.mark.usefixtures("filled")
def test_a_cached_query_returns_the_rows_of_peewee(now: datetime) -> None:
    query = Item.select(Item.id, Item.kind, Item.visible_at, Item.expires_at).where(Item.person == ALICE)
    rows = of_person(ALICE, now, 10)
    assert rows == db.fetch_all(query.order_by(Item.visible_at))
    assert isinstance(rows[0][0], UUID)
    assert rows[1][2:] == (now, now + timedelta(hours=2))
    assert rows[0][3] is None


@pytest.mark.usefixtures("filled")
def test_each_call_binds_its_arguments_and_the_statement_is_built_once(now: datetime) -> None:
    assert [row[1] for row in of_person(ALICE, now, 10)] == ["date_proposed", "date_soon"]
    built = len(_built)
    assert [row[1] for row in of_person(ALICE, now, 1)] == ["date_proposed"]
    assert [row[1] for row in of_person(ALICE, now - timedelta(minutes=1), 10)] == ["date_proposed"]
    assert [row[1] for row in of_person(BOB, now, 10)] == ["note_shared"]
    assert of_person(uuid4(), now, 10) == []
    assert len(_built) == built


@pytest.mark.usefixtures("filled")
def test_a_list_argument_may_have_any_length() -> None:
    assert of_persons([]) == []
    assert of_persons([ALICE]) == [(ALICE,), (ALICE,)]
    assert sorted(of_persons([BOB, ALICE])) == sorted([(ALICE,), (ALICE,), (BOB,)])
    assert of_persons([uuid4(), BOB]) == [(BOB,)]
    assert _built.count("of_persons") <= 3


@pytest.mark.usefixtures("filled")
def test_none_as_an_argument_matches_no_row(now: datetime) -> None:
    # `person = NULL` matches no row: a person without a couple must not find rows without a couple.
    assert of_person(None, now, 10) == []


@pytest.mark.usefixtures("filled")
def test_a_function_of_a_column_converts_like_the_column(now: datetime) -> None:
    assert latest(ALICE) == [(now,)]
    assert latest(uuid4()) == [(None,)]
    assert visible_or_expired_since(now + timedelta(hours=1)) == [("date_soon",)]


@pytest.mark.usefixtures("filled")
def test_a_cached_update_returns_the_number_of_changed_rows(now: datetime) -> None:
    with db.write():
        assert mark(ALICE, now) == 2
        assert mark(ALICE, now) == 0
    assert {row[0] for row in db.fetch_all(Item.select(Item.seen_at).where(Item.person == ALICE))} == {now}
    with db.write():
        assert mark(BOB, None) == 1


@pytest.mark.usefixtures("filled")
def test_each_insert_without_an_id_gets_a_new_id(now: datetime) -> None:
    with db.write():
        for _ in range(3):
            assert db.insert_if_absent(Item, person=BOB, kind="date_off", subject=uuid4(), visible_at=now)
    ids = [row[0] for row in db.fetch_all(Item.select(Item.id).where(Item.kind == "date_off"))]
    assert len(set(ids)) == 3


def test_a_cached_statement_is_not_used_for_another_database(
    sqlite_url: str, postgresql_url: str, now: datetime
) -> None:
    for url in (sqlite_url, postgresql_url, sqlite_url):
        db.open_database(url)
        with db.connection():
            with db.write():
                inbox.add(ALICE, "date_soon", uuid4(), now)
            assert {row[1] for row in of_person(ALICE, now, 10)} == {"date_soon"}
            assert of_persons([ALICE])[0] == (ALICE,)
        db.dispose()


@db.cached_query
def soon_ones(person: Any) -> Any:
    columns = (Item.id, Item.kind, Item.visible_at, Item.expires_at, Item.seen_at.is_null(), peewee.Value(None))
    query = Item.select(*columns).where(Item.person == person, Item.kind.in_(["date_soon", "it's"]))
    return query.order_by(Item.visible_at.desc()).limit(3)


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements of the block, with their parameters."""
    collected: list[tuple[str, Any]] = []

    def collect(event: Any) -> None:
        collected.append((event.sql, event.params))

    db.proxy.obj.query_hooks.append(collect)
    try:
        yield collected
    finally:
        db.proxy.obj.query_hooks.remove(collect)


@pytest.mark.usefixtures("filled")
def test_on_sqlite_what_never_changes_is_in_the_text() -> None:
    # Else SQLite would plan the statement anew at each run, if a partial index has the column.
    with statements() as executed:
        assert [row[1] for row in soon_ones(ALICE)] == ["date_soon"]
    ((text, parameters),) = executed
    assert len(parameters) == 1 or db.proxy.for_update
    assert "'it''s'" in text or db.proxy.for_update


@pytest.mark.usefixtures("filled")
def test_queries_that_are_read_together_return_the_same_rows(now: datetime) -> None:
    readings = [
        of_person.on(ALICE, now, 10),
        visible_or_expired_since.on(now + timedelta(days=1)),
        of_persons.on([ALICE, BOB]),
        latest.on(ALICE),
        soon_ones.on(ALICE),
    ]
    alone = [reading.rows() for reading in readings]
    with statements() as executed:
        db.read_together(*readings)
        together = [reading.rows() for reading in readings]
    assert together == alone
    assert len(executed) == 1
    assert all(isinstance(row, tuple) for rows in together for row in rows)
    with statements() as executed:
        assert [reading.rows() for reading in readings] == alone
    assert len(executed) == len(readings), "rows serve once"


@pytest.mark.usefixtures("filled")
def test_a_query_that_has_not_run_yet_runs_alone(now: datetime) -> None:
    new = db.cached_query(lambda person: Item.select(Item.kind).where(Item.person == person))
    of_person(ALICE, now, 1)
    with statements() as executed:
        db.read_together(new.on(BOB), of_person.on(ALICE, now, 1))
        assert new(BOB) == [("note_shared",)]
        assert len(of_person(ALICE, now, 1)) == 1
    assert len(executed) == 2


@pytest.mark.usefixtures("filled")
def test_a_write_sees_no_rows_from_before_and_leaves_none(now: datetime) -> None:
    def read() -> None:
        db.read_together(of_person.on(ALICE, now, 10), latest.on(ALICE))

    of_person(ALICE, now, 10)
    latest(ALICE)
    read()
    with db.write():
        Item.delete().where(Item.person == ALICE).execute()
        assert of_person(ALICE, now, 10) == []
        read()
        inbox.add(ALICE, "date_off", uuid4(), now)
        assert len(of_person(ALICE, now, 10)) == 1
    read()
    with db.write():
        Item.delete().where(Item.person == ALICE).execute()
    assert of_person(ALICE, now, 10) == []
