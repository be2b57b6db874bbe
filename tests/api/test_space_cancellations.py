"""Dates that a space calls off: when, and what they look like to the partner."""

from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import UUID

import pytest

from planner import clock, scheduler
from planner.dates import rsvps
from planner.storage import db
from tests.conftest import NOON
from tests.dates import ALL_REMINDERS, START, agreed, instant, items, move, slot
from tests.spaces import DAY, HOUR, MINUTE, end, going, off, state, take


def test_a_date_cancelled_now_looks_like_any_cancelled_date(cast):
    date, twin = agreed(cast.alice, cast.bob), agreed(cast.alice, cast.bob, slots=[slot(START + 3 * DAY)])
    take(cast.bob, off(date, "now"), going(twin))
    move(cast.alice, "cancel", twin)
    dates = cast.alice.get(f"/dates/{date['id']}")
    assert (dates["state"], dates["version"]) == ("cancelled", date["version"] + 1)
    assert items(date, cast.alice, cast.bob) == {"Alice": ["date_off"], "Bob": []}
    assert items(twin, cast.alice, cast.bob) == {"Alice": [], "Bob": ["date_off"]}
    # Alice's cancellation reaches Bob in space, too.
    assert "date_off" in cast.bob.inbox()


@pytest.mark.parametrize("at", [None, NOON + 9 * HOUR])
def test_a_date_cancelled_later_is_cancelled_by_the_clock_on_time(cast, stopped_clock, at):
    date = agreed(cast.alice, cast.bob)
    due = instant(take(cast.bob, off(date, at))["dates"][0]["off_at"])
    assert due == (at or due)
    stopped_clock.move_to(due - MINUTE)
    scheduler.tick(due - MINUTE)
    assert state(cast.alice, date) == "accepted"
    assert "date_off" not in cast.alice.inbox()
    stopped_clock.move_to(due)
    scheduler.tick(due)
    scheduler.tick(due)
    assert state(cast.alice, date) == "cancelled"
    assert cast.alice.inbox().count("date_off") == 1
    assert items(date, cast.bob) == {"Bob": []}


def drawn_leads(person, dates):
    """Return how long before their starts these dates are cancelled without an hour."""
    with db.connection():
        return [
            START + days * DAY - rsvps.drawn_off_at(UUID(person.id), UUID(date["id"]), START + days * DAY)
            for days, date in enumerate(dates)
        ]


def test_moments_without_an_hour_are_drawn_for_each_date(cast):
    dates = [agreed(cast.alice, cast.bob, slots=[slot(START + days * DAY)]) for days in range(8)]
    for person in (cast.alice, cast.bob):
        leads = drawn_leads(person, dates)
        assert all(2 * HOUR < lead < 4 * HOUR for lead in leads)
        assert len({lead // MINUTE for lead in leads}) > 4
    assert drawn_leads(cast.alice, dates) != leads


def test_dates_cancelled_together_have_drawn_gaps_as_if_by_hand(cast, stopped_clock):
    dates = [agreed(cast.alice, cast.bob, slots=[slot(START + days * DAY)]) for days in range(4)]
    begun = clock.utcnow()
    take(cast.bob, *(off(date, "now") for date in reversed(dates)))
    assert [state(cast.alice, date) for date in dates] == ["cancelled"] + 3 * ["accepted"]
    end(cast.bob)  # what was to be off now is off all the same
    while clock.utcnow() < begun + 7 * MINUTE:
        now, due = clock.utcnow(), scheduler.next_due()
        late = now + timedelta(seconds=15)
        stopped_clock.move_to(max(now + timedelta(seconds=1), min(due or late, late)))
        scheduler.tick(clock.utcnow())
    off_items = [item for item in cast.alice.get("/inbox?limit=100")["items"] if item["kind"] == "date_off"]
    at = [instant(item["visible_at"]) for item in reversed(off_items)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert (len(at), at[0]) == (4, begun)
    # The drawn gap, and the time until the next tick.
    assert all(timedelta(seconds=20) <= gap <= 2 * MINUTE + timedelta(seconds=15) for gap in gaps)
    assert len(set(gaps)) == 3
    assert any(gap % timedelta(seconds=1) for gap in gaps), "at their own instants, not at those of regular ticks"


def test_after_a_stop_of_the_clock_each_tick_cancels_one_date(cast, stopped_clock):
    dates = [agreed(cast.alice, cast.bob, slots=[slot(START + number * MINUTE)]) for number in range(3)]
    take(cast.bob, *(off(date) for date in dates))
    states = []
    for minutes in range(4):
        stopped_clock.move_to(START - HOUR + 2 * minutes * MINUTE)
        scheduler.tick(clock.utcnow())
        states.append([state(cast.alice, date) for date in dates].count("cancelled"))
    assert states == [1, 2, 3, 3]


def test_a_late_tick_cancels_dates_that_are_not_over(cast, stopped_clock):
    date, over = agreed(cast.alice, cast.bob), agreed(cast.alice, cast.bob, slots=[slot(START - DAY)])
    take(cast.bob, off(date), off(over))
    scheduler.tick(START + MINUTE)
    stopped_clock.move_to(START + MINUTE)
    assert (state(cast.alice, date), state(cast.alice, over)) == ("cancelled", "completed")


def test_a_clock_that_jumps_back_cancels_a_date_once(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    take(cast.bob, off(date))
    for at in (START - HOUR, NOON, START - 2 * HOUR, START):
        stopped_clock.move_to(at)
        scheduler.tick(at)
    assert cast.alice.inbox().count("date_off") == 1


def test_a_decision_may_change_until_the_date_is_cancelled(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    take(cast.bob, off(date))
    assert items(date, cast.bob) == {"Bob": []}, "a date that will be cancelled has no reminder"
    assert take(cast.bob, going(date))["dates"][0]["going"] is True
    assert items(date, cast.bob) == {"Bob": ["date_feedback", "date_soon", "date_tomorrow"]}
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, date) == "accepted"
    assert "date_soon" in cast.bob.inbox()
    take(cast.bob, off(date, "now"))
    assert state(cast.alice, date) == "cancelled"
    take(cast.bob, off(date, "now"))  # a repeat after a lost answer
    assert cast.alice.inbox().count("date_off") == 1


def test_a_date_that_has_begun_needs_no_decision_and_stays(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(START + MINUTE)
    take(cast.bob)
    scheduler.tick(START + 2 * MINUTE)
    assert state(cast.alice, date) == "accepted"
    stopped_clock.move_to(START + 3 * HOUR)
    assert "date_feedback" in cast.bob.inbox(), "a question about what took place"


def test_a_move_brings_back_no_reminders_of_a_date_that_is_to_be_off(cast, stopped_clock):
    """Bob offers a move, takes space and calls the date off. Then Alice accepts the move."""
    date = agreed(cast.alice, cast.bob)
    moved = move(cast.bob, "move", date)
    take(cast.bob, off(date))
    seen = cast.alice.get(f"/dates/{date['id']}")
    body = {"version": seen["version"], "slot_id": moved["move"]["slots"][0]["id"]}
    cast.alice.post(f"/dates/{date['id']}/move/accept", body)
    found = items(date, cast.alice, cast.bob)
    assert set(found["Alice"]) >= set(ALL_REMINDERS)
    assert not set(found["Bob"]) & set(ALL_REMINDERS)
