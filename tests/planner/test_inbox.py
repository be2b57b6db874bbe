from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from planner import inbox
from planner.contact import visible_inbox
from planner.errors import NotFound
from planner.inbox import Item
from planner.storage import db
from tests.conftest import NOON

TICK = timedelta(microseconds=1)


def plan(person, kind="note_shared", subject=None, at=NOON, expires_at=None):
    with db.write():
        inbox.add(person, kind, subject or uuid4(), at, expires_at)


def test_an_item_is_there_from_its_moment_until_it_is_useless(database):
    person, end = uuid4(), NOON + timedelta(hours=1)
    plan(person, at=NOON, expires_at=end)
    for now, count in [(NOON - TICK, 0), (NOON, 1), (end - TICK, 1), (end, 0)]:
        assert (
            len(visible_inbox.list_items(person, now, 10)) == len(visible_inbox.list_unseen(person, now, 10)) == count
        )


def test_the_same_item_planned_twice_is_one_and_the_first(database):
    person, subject = uuid4(), uuid4()
    plan(person, subject=subject)
    plan(person, subject=subject, at=NOON + timedelta(hours=5), expires_at=NOON)
    ((at,),) = db.fetch_all(Item.select(Item.visible_at))
    assert at == NOON
    plan(person, "date_off", subject)
    plan(uuid4(), subject=subject)
    assert Item.select().count() == 3


def test_a_replaced_item_is_unseen_and_unannounced_again(database):
    person, subject = uuid4(), uuid4()
    plan(person, "date_countered", subject)
    with db.write():
        Item.update(queued_at=NOON).execute()
    inbox.mark_seen(person, visible_inbox.list_items(person, NOON, 1)[0].id, NOON)
    with db.write():
        inbox.replace(person, "date_countered", subject, NOON + timedelta(hours=1))
    ((seen_at, queued_at, at),) = db.fetch_all(Item.select(Item.seen_at, Item.queued_at, Item.visible_at))
    assert (seen_at, queued_at, at) == (None, None, NOON + timedelta(hours=1))


def test_withdrawing_takes_only_those_kinds_of_that_subject_and_person(database):
    one, other, subject = uuid4(), uuid4(), uuid4()
    for person in (one, other):
        for kind in ("date_soon", "date_tomorrow", "date_off"):
            plan(person, kind, subject)
    plan(one, "date_soon")
    with db.write():
        inbox.withdraw(subject, ["date_soon"], one)
    assert Item.select().count() == 6
    with db.write():
        inbox.withdraw(subject, ["date_soon", "date_tomorrow"])
    left = db.fetch_all(Item.select(Item.person, Item.kind, Item.subject == subject))
    assert sorted((person == one, kind, bool(about)) for person, kind, about in left) == [
        (False, "date_off", True),
        (True, "date_off", True),
        (True, "date_soon", False),
    ]


def test_pages_go_on_where_the_last_one_ended_whatever_is_added(database):
    person = uuid4()
    for hours in (0, 0, 0, 1, 1):
        plan(person, at=NOON + timedelta(hours=hours))
    now = NOON + timedelta(days=1)
    whole = visible_inbox.list_items(person, now, 10)
    assert [(one.visible_at, one.id) for one in whole] == sorted(
        ((one.visible_at, one.id) for one in whole), reverse=True
    )
    first = visible_inbox.list_items(person, now, 2)
    plan(person, at=NOON + timedelta(hours=2))
    rest, place = [], (first[-1].visible_at, first[-1].id)
    while page := visible_inbox.list_items(person, now, 2, place):
        rest += page
        place = page[-1].visible_at, page[-1].id
    assert [*first, *rest] == whole


def test_marking_as_seen_keeps_the_first_moment(database):
    person, later = uuid4(), NOON + timedelta(hours=1)
    plan(person)
    (entry,) = visible_inbox.list_items(person, NOON, 1)
    assert inbox.mark_seen(person, entry.id, NOON).seen_at == NOON
    assert inbox.mark_seen(person, entry.id, later).seen_at == NOON
    assert visible_inbox.list_unseen(person, later, 10) == []
    assert [one.seen_at for one in visible_inbox.list_items(person, later, 10)] == [NOON]


def test_what_is_not_there_for_a_person_cannot_be_marked(database):
    person, ahead = uuid4(), NOON + timedelta(hours=1)
    plan(person, at=ahead)
    ((item,),) = db.fetch_all(Item.select(Item.id))
    for who, what, now in [(person, item, NOON), (uuid4(), item, ahead), (person, uuid4(), ahead)]:
        with pytest.raises(NotFound):
            inbox.mark_seen(who, what, now)
    assert db.fetch_all(Item.select(Item.seen_at)) == [(None,)]


def test_a_kind_without_a_sentence_is_refused_before_it_is_written(database):
    with pytest.raises(AssertionError), db.write():
        inbox.add(uuid4(), "streak_lost", uuid4(), NOON)
    assert Item.select().count() == 0
