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


def test_an_item_is_visible_from_its_time_until_it_expires(database):
    person, end = uuid4(), NOON + timedelta(hours=1)
    plan(person, at=NOON, expires_at=end)
    for now, count in [(NOON - TICK, 0), (NOON, 1), (end - TICK, 1), (end, 0)]:
        assert (
            len(visible_inbox.list_items(person, now, 10)) == len(visible_inbox.list_unseen(person, now, 10)) == count
        )


def test_adding_an_item_twice_keeps_the_first(database):
    person, subject = uuid4(), uuid4()
    plan(person, subject=subject)
    plan(person, subject=subject, at=NOON + timedelta(hours=5), expires_at=NOON)
    ((at,),) = db.fetch_all(Item.select(Item.visible_at))
    assert at == NOON
    plan(person, "date_off", subject)
    plan(uuid4(), subject=subject)
    assert Item.select().count() == 3


def test_a_replaced_item_is_unseen_and_unsent_again(database):
    person, subject = uuid4(), uuid4()
    plan(person, "date_countered", subject)
    with db.write():
        Item.update(queued_at=NOON).execute()
    inbox.mark_seen(person, visible_inbox.list_items(person, NOON, 1)[0].id, NOON)
    with db.write():
        inbox.replace(person, "date_countered", subject, NOON + timedelta(hours=1))
    ((seen_at, queued_at, at),) = db.fetch_all(Item.select(Item.seen_at, Item.queued_at, Item.visible_at))
    assert (seen_at, queued_at, at) == (None, None, NOON + timedelta(hours=1))


def test_withdraw_deletes_only_the_given_kinds_of_the_subject_and_person(database):
    first, second, subject = uuid4(), uuid4(), uuid4()
    for person in (first, second):
        for kind in ("date_soon", "date_tomorrow", "date_off"):
            plan(person, kind, subject)
    plan(first, "date_soon")
    with db.write():
        inbox.withdraw(subject, ["date_soon"], first)
    assert Item.select().count() == 6
    with db.write():
        inbox.withdraw(subject, ["date_soon", "date_tomorrow"])
    left = db.fetch_all(Item.select(Item.person, Item.kind, Item.subject == subject))
    assert sorted((person == first, kind, bool(about)) for person, kind, about in left) == [
        (False, "date_off", True),
        (True, "date_off", True),
        (True, "date_soon", False),
    ]


def test_the_next_page_continues_after_the_last_one_although_items_are_added(database):
    person = uuid4()
    for hours in (0, 0, 0, 1, 1):
        plan(person, at=NOON + timedelta(hours=hours))
    now = NOON + timedelta(days=1)
    all_items = visible_inbox.list_items(person, now, 10)
    assert [(item.visible_at, item.id) for item in all_items] == sorted(
        ((item.visible_at, item.id) for item in all_items), reverse=True
    )
    first = visible_inbox.list_items(person, now, 2)
    plan(person, at=NOON + timedelta(hours=2))
    rest, place = [], (first[-1].visible_at, first[-1].id)
    while page := visible_inbox.list_items(person, now, 2, place):
        rest += page
        place = page[-1].visible_at, page[-1].id
    assert [*first, *rest] == all_items


def test_marking_an_item_seen_twice_keeps_the_first_time(database):
    person, later = uuid4(), NOON + timedelta(hours=1)
    plan(person)
    (entry,) = visible_inbox.list_items(person, NOON, 1)
    assert inbox.mark_seen(person, entry.id, NOON).seen_at == NOON
    assert inbox.mark_seen(person, entry.id, later).seen_at == NOON
    assert visible_inbox.list_unseen(person, later, 10) == []
    assert [item.seen_at for item in visible_inbox.list_items(person, later, 10)] == [NOON]


def test_an_invisible_item_cannot_be_marked_seen(database):
    person, ahead = uuid4(), NOON + timedelta(hours=1)
    plan(person, at=ahead)
    ((item,),) = db.fetch_all(Item.select(Item.id))
    for person_id, item_id, now in [(person, item, NOON), (uuid4(), item, ahead), (person, uuid4(), ahead)]:
        with pytest.raises(NotFound):
            inbox.mark_seen(person_id, item_id, now)
    assert db.fetch_all(Item.select(Item.seen_at)) == [(None,)]


def test_an_unknown_kind_of_item_is_refused(database):
    with pytest.raises(AssertionError), db.write():
        inbox.add(uuid4(), "streak_lost", uuid4(), NOON)
    assert Item.select().count() == 0
