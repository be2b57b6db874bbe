"""Test the pages of all lists: complete, without repeats, while things come and go."""

from __future__ import annotations

from datetime import timedelta

from api.app import OPERATIONS
from tests.people import propose
from tests.reflections import unlock

NOTE = {"kind": "effort", "body": "You waited."}


def note_of(person):
    return person.post("/notes", NOTE, 201)["id"]


def test_a_page_has_1_to_100_items(sam):
    unlock(sam)
    for operation in OPERATIONS:
        if operation.query and "limit" in operation.query.fields:
            for good in (1, 100):
                sam.get(f"{operation.path}?limit={good}")
            for bad in (0, -1, 101):
                assert sam.get(f"{operation.path}?limit={bad}", 422)["errors"][0]["field"] == "limit"


def walk(person, path, between=lambda: None):
    """Return the ids on all pages of two items. Call `between` after each page."""
    item_ids, after = [], ""
    while after is not None:
        page = person.get(f"{path}limit=2{after and f'&after={after}'}")
        assert len(page["items"]) == 2 or (page["next"] is None and len(page["items"]) == 1)
        item_ids += [item["id"] for item in page["items"]]
        after = page["next"]
        between()
    return item_ids


def test_pages_stay_complete_while_notes_are_added(sam, stopped_clock, now):
    # Two notes at each instant: the order must not depend on the instant alone.
    notes = []
    for number in range(7):
        stopped_clock.move_to(now + timedelta(seconds=number // 2))
        notes.append(note_of(sam))

    def add():
        stopped_clock.shift(timedelta(seconds=1))
        note_of(sam)

    assert sorted(walk(sam, "/notes?", add)) == sorted(notes)
    # Newest first. Notes of one instant have the same order for every size of the page.
    assert walk(sam, "/notes?") == [item["id"] for item in sam.get("/notes?limit=100")["items"]]
    assert set(walk(sam, "/notes?")[-2:]) == set(notes[:2])


def test_pages_of_shared_notes_stay_complete_for_the_receiver(alice, bob, stopped_clock):
    notes = [note_of(alice) for _ in range(5)]
    for note in notes:
        alice.post(f"/notes/{note}/share", {"version": 1})

    def share_one_more():
        stopped_clock.shift(timedelta(seconds=1))
        alice.post(f"/notes/{note_of(alice)}/share", {"version": 1})

    seen = walk(bob, "/notes?from=partner&", share_one_more)
    assert sorted(seen) == sorted(notes)
    assert walk(bob, "/inbox?") == [item["id"] for item in bob.get("/inbox")["items"]]


def test_pages_of_dates_and_activities_repeat_nothing(alice, now):
    dates = [propose(alice, now + timedelta(days=days))["id"] for days in (3, 4, 5)]
    assert sorted(walk(alice, "/dates?")) == sorted(dates)
    assert sorted(walk(alice, "/dates?show=upcoming&")) == sorted(dates)
    whole = [item["id"] for item in alice.get("/activities?limit=100")["items"]]
    assert walk(alice, "/activities?category=outdoors&") == [
        item["id"] for item in alice.get("/activities?limit=100&category=outdoors")["items"]
    ]
    assert len(set(whole)) == len(whole) > 10


def test_the_last_page_has_no_next(sam):
    note_of(sam)
    assert sam.get("/notes?limit=1")["next"] is None
    note_of(sam)
    after = sam.get("/notes?limit=1")["next"]
    assert sam.get(f"/notes?limit=1&after={after}")["next"] is None
