"""New rules of a zone: dates ahead keep their wall time, with their reminders."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest

from planner import clock
from planner.dates import zone_rules
from planner.inbox import Item
from planner.storage import db
from tests.conftest import NOON
from tests.dates import agreed, move, offer, on_wall, own, slot, whole_days
from tests.people import activity_id

SANTIAGO = "America/Santiago"
APRIL = on_wall("2027-04-20T19:00")
HOUR = timedelta(hours=1)


@contextmanager
def old_rules(shift):
    """Let the instants of Santiago in April differ by `shift` from those of today's rules."""
    new = clock.to_utc

    def to_utc(wall, zone_name):
        return new(wall, zone_name) + (shift if zone_name == SANTIAGO and wall.month == 4 else timedelta(0))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "to_utc", to_utc)
        yield


def reminders(date):
    with db.connection():
        query = Item.select(Item.person, Item.kind, Item.visible_at, Item.expires_at).where(Item.subject == date["id"])
        rows = db.fetch_all(query.where(Item.visible_at > NOON))
    return {(person, kind): (at, until) for person, kind, at, until in rows}


def test_an_agreed_date_keeps_its_wall_time_and_its_reminders(cast):
    with old_rules(-HOUR):
        date = agreed(cast.alice, cast.bob, slots=[slot(APRIL, SANTIAGO, 90)])
    before, other = reminders(date), own(cast.sam)
    with db.connection():
        assert zone_rules.apply(NOON) == 1
        assert zone_rules.apply(NOON) == 0
    (moved,) = cast.bob.get(f"/dates/{date['id']}")["slots"]
    assert (moved["local_time"], moved["minutes"]) == ("2027-04-20T19:00", 90)
    assert moved["start"] == f"{clock.to_utc(APRIL, SANTIAGO):%Y-%m-%dT%H:%M}:00.000Z"
    assert reminders(date) == {key: (at + HOUR, until + HOUR) for key, (at, until) in before.items()}
    assert len(before) == 6
    assert cast.sam.get(f"/dates/{other['id']}") == other


def test_a_proposal_expires_some_notice_before_its_moved_slot(cast, stopped_clock):
    stopped_clock.move_to(clock.to_utc(APRIL, "UTC") - timedelta(days=2))
    with old_rules(HOUR):
        date = offer(cast.alice, slots=[slot(APRIL, SANTIAGO)])
    with db.connection():
        assert zone_rules.apply(clock.utcnow()) == 1
    moved = cast.bob.get(f"/dates/{date['id']}")
    assert moved["slots"][0]["local_time"] == "2027-04-20T19:00"
    assert moved["expires_at"] == f"{clock.to_utc(APRIL, SANTIAGO) - timedelta(minutes=15):%Y-%m-%dT%H:%M}:00.000Z"
    assert move(cast.bob, "accept", moved)["state"] == "accepted"
    with db.connection():
        assert zone_rules.apply(clock.utcnow()) == 0


def test_a_date_that_was_called_off_stays_as_it_was(cast):
    with old_rules(-HOUR):
        date = cast.sam.post(
            "/dates", {"activity_id": activity_id(party="one"), "for": "one", "slots": [slot(APRIL, SANTIAGO)]}, 201
        )
    cancelled = move(cast.sam, "cancel", date)
    with db.connection():
        assert zone_rules.apply(NOON) == 0
    assert cast.sam.get(f"/dates/{date['id']}")["slots"] == cancelled["slots"]


def test_whole_days_keep_their_days_also_when_only_their_end_moves(cast):
    with old_rules(-HOUR):
        inside = agreed(cast.alice, cast.bob, slots=[whole_days("2027-04-20", 3, SANTIAGO)])
        ending = agreed(cast.alice, cast.bob, slots=[whole_days("2027-04-30", 3, SANTIAGO)])
        begun = agreed(cast.alice, cast.bob, slots=[whole_days("2027-03-31", 3, SANTIAGO)])
    before = {date["id"]: reminders(date) for date in (inside, ending, begun)}
    now = clock.to_utc(on_wall("2027-04-02T12:00"), SANTIAGO)
    with db.connection():
        assert zone_rules.apply(now) == 3
        assert zone_rules.apply(now) == 0
    for date, shifts in ((inside, (HOUR, HOUR)), (ending, (HOUR, timedelta(0))), (begun, (timedelta(0), HOUR))):
        (shown,) = cast.alice.get(f"/dates/{date['id']}")["slots"]
        first, end = (date["slots"][0][name] for name in ("first_day", "end_day"))
        assert (shown["first_day"], shown["end_day"]) == (first, end)
        for name, day in (("start", first), ("end", end)):
            assert shown[name] == f"{clock.to_utc(on_wall(day), SANTIAGO):%Y-%m-%dT%H:%M}:00.000Z"
        assert {
            kind: at - before[date["id"]][key][0] for key, (at, _) in reminders(date).items() for kind in key[1:]
        } == {
            "date_tomorrow": shifts[0] if date is not begun else timedelta(0),
            "date_feedback": shifts[1],
        }
