"""Cached queries: each is built once and bound at each call, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
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
