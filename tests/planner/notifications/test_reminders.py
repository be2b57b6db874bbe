"""The inbox items that both partners get before and after a date, and their times."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from planner.notifications import deliveries
from planner.storage import db
from tests.channels import calling
from tests.conftest import NOON
from tests.dates import START, agreed, instant, items, light, move, offer, on_wall, own, slot, whole_days

pytestmark = pytest.mark.one_database

SECOND = timedelta(seconds=1)
LISBON = "Europe/Lisbon"


def kinds_about(person, date):
    """Return the kinds of the visible items about the date."""
    return sorted(
        item["kind"]
        for item in person.get("/inbox?limit=100")["items"]
        if (item["subject"] or {}).get("id") == date["id"]
    )


def agreed_at(cast, wall, zone=LISBON):
    return agreed(cast.alice, cast.bob, activity=light(), slots=[slot(wall, zone, 90)])


@pytest.mark.parametrize(
    ("wall", "tomorrow", "soon"),
    [
        # A plain Saturday, then the Sundays on which Lisbon's clocks go forward and back.
        (on_wall("2026-11-28T19:00"), on_wall("2026-11-27T19:00"), on_wall("2026-11-28T17:00")),
        (on_wall("2027-03-28T19:00"), on_wall("2027-03-27T19:00"), on_wall("2027-03-28T16:00")),
        (on_wall("2027-10-31T19:00"), on_wall("2027-10-30T18:00"), on_wall("2027-10-31T17:00")),
        # Two hours before are real hours: for 02:30 on the wall, 23:30 on the evening before.
        (on_wall("2027-03-28T02:30"), on_wall("2027-03-27T02:30"), on_wall("2027-03-27T23:30")),
        # On the day before, the wall time itself is skipped, or comes twice.
        (on_wall("2027-03-29T01:30"), on_wall("2027-03-28T01:00"), on_wall("2027-03-28T22:30")),
        (on_wall("2027-11-01T01:30"), on_wall("2027-10-31T00:30"), on_wall("2027-10-31T23:30")),
    ],
)
def test_both_partners_are_reminded_a_day_and_two_hours_before_the_date(cast, stopped_clock, wall, tomorrow, soon):
    cast.bob.patch("/me", {"zone": LISBON}, '"1"')
    date = agreed_at(cast, wall)
    tomorrow, soon = tomorrow.replace(tzinfo=UTC), soon.replace(tzinfo=UTC)
    start, end = instant(date["slots"][0]["start"]), instant(date["slots"][0]["end"])
    midnight = datetime.combine(wall.date(), time(), ZoneInfo(LISBON)).astimezone(UTC)
    expected = [
        (tomorrow - SECOND, []),
        (tomorrow, ["date_tomorrow"]),
        (min(midnight, soon) - SECOND, ["date_tomorrow"]),
        # On the day itself, the item about tomorrow is gone.
        (midnight, ["date_soon"] if soon <= midnight else []),
        (max(midnight, soon - SECOND), ["date_soon"] if soon <= midnight else []),
        (soon if soon > midnight else midnight, ["date_soon"]),
        (start - SECOND, ["date_soon"]),
        (start, []),
        (end + timedelta(hours=1) - SECOND, []),
        (end + timedelta(hours=1), ["date_feedback"]),
        (end + timedelta(days=14, hours=1) - SECOND, ["date_feedback"]),
        (end + timedelta(days=14, hours=1), []),
    ]
    stopped_clock.move_to(expected[0][0])
    for person in (cast.alice, cast.bob):
        person.sign_in_again()
    for at, kinds in expected:
        stopped_clock.move_to(at)
        assert kinds_about(cast.bob, date) == kinds, at
        assert [kind for kind in kinds_about(cast.alice, date) if kind != "date_accepted"] == kinds, at


def test_tomorrow_is_the_tomorrow_of_each_reader(cast, stopped_clock):
    date = agreed_at(cast, on_wall("2026-11-28T02:00"))  # for Bob in New York, 21:00 on the 27th
    for at, alice, bob in (
        ("2026-11-27T02:00", ["date_tomorrow"], ["date_tomorrow"]),
        ("2026-11-27T04:59", ["date_tomorrow"], ["date_tomorrow"]),
        ("2026-11-27T05:00", ["date_tomorrow"], []),
        ("2026-11-27T23:59", ["date_tomorrow"], []),
        ("2026-11-28T00:00", ["date_soon"], ["date_soon"]),
    ):
        stopped_clock.move_to(on_wall(at).replace(tzinfo=UTC))
        assert [kind for kind in kinds_about(cast.alice, date) if kind != "date_accepted"] == alice, at
        assert kinds_about(cast.bob, date) == bob, at


@pytest.mark.parametrize(
    ("zone", "tomorrow", "until", "asked"),
    [
        # The days begin on the 30th of October at 00:00 in Lisbon, and end on the 1st of November.
        (LISBON, "2027-10-29T17:00", "2027-10-29T23:00", "2027-11-01T10:00"),  # the clocks go back in between
        ("America/New_York", "2027-10-29T22:00", "2027-10-29T23:00", "2027-11-01T14:00"),
        ("Pacific/Honolulu", "2027-10-29T04:00", "2027-10-29T10:00", "2027-11-01T20:00"),  # they begin there at 13:00
        ("Asia/Tokyo", "2027-10-29T09:00", "2027-10-29T15:00", "2027-11-01T01:00"),  # they begin there at 8:00
    ],
)
def test_whole_days_have_one_reminder_on_the_evening_before(cast, stopped_clock, zone, tomorrow, until, asked):
    cast.bob.patch("/me", {"zone": zone}, '"1"')
    stopped_clock.move_to(NOON + timedelta(days=1))  # his new zone counts from midnight on
    date = agreed(cast.alice, cast.bob, activity=light(), slots=[whole_days("2027-10-30", 2)])
    tomorrow, until, asked = (on_wall(each).replace(tzinfo=UTC) for each in (tomorrow, until, asked))
    stopped_clock.move_to(tomorrow - SECOND)
    cast.bob.sign_in_again()
    for at, kinds in (
        (tomorrow - SECOND, []),
        (tomorrow, ["date_tomorrow"]),
        (until - SECOND, ["date_tomorrow"]),
        (until, []),
        (asked - SECOND, []),
        (asked, ["date_feedback"]),
    ):
        stopped_clock.move_to(at)
        assert kinds_about(cast.bob, date) == kinds, at


def test_accepting_writes_no_reminder_for_a_past_time(cast):
    activity = light()
    cases = [
        (timedelta(hours=25), ["date_feedback", "date_soon", "date_tomorrow"]),
        (timedelta(hours=24), ["date_feedback", "date_soon"]),
        (timedelta(hours=4), ["date_feedback", "date_soon"]),
    ]
    for ahead, kinds in cases:
        date = offer(cast.alice, activity, slots=[slot(NOON + ahead)])
        move(cast.bob, "accept", date)
        assert items(date, cast.bob) == {"Bob": kinds}
    for ahead in (timedelta(minutes=1), timedelta(hours=2)):
        assert items(own(cast.sam, NOON + ahead), cast.sam) == {"Sam": ["date_feedback"]}
    tomorrow = [{"first_day": "2026-11-24", "days": 1}]
    assert items(own(cast.sam, slots=tomorrow), cast.sam) == {"Sam": ["date_feedback", "date_tomorrow"]}
    assert items(own(cast.sam, NOON + timedelta(hours=2, minutes=1)), cast.sam) == {
        "Sam": ["date_feedback", "date_soon"]
    }


def test_completing_a_date_shows_the_feedback_item_at_once(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    at = START + timedelta(minutes=20)
    stopped_clock.move_to(at)
    assert kinds_about(cast.alice, date) == ["date_accepted"]
    move(cast.bob, "complete", date, version=2)
    assert kinds_about(cast.alice, date) == kinds_about(cast.bob, date) == ["date_feedback"]
    stopped_clock.move_to(at + timedelta(days=14) - SECOND)
    assert kinds_about(cast.alice, date) == ["date_feedback"]
    stopped_clock.move_to(at + timedelta(days=14))
    assert kinds_about(cast.alice, date) == []


def test_a_cancelled_date_has_no_reminders(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(START - timedelta(hours=1))
    move(cast.alice, "cancel", date)
    assert (kinds_about(cast.alice, date), kinds_about(cast.bob, date)) == ([], ["date_off"])
    stopped_clock.move_to(instant(date["slots"][0]["end"]) + timedelta(hours=2))
    assert kinds_about(cast.alice, date) == kinds_about(cast.bob, date) == []


def test_each_reminder_is_sent_once_to_each_partner_at_its_time(cast):
    date = agreed(cast.alice, cast.bob)
    sent = []
    with db.connection():
        # Go from one due delivery to the next, as the clock does.
        while (at := deliveries.next_due()) is not None:
            deliveries.deliver(at, calling(test=lambda _, person, text, at=at: sent.append((str(person), at, text))))
    start, end = instant(date["slots"][0]["start"]), instant(date["slots"][0]["end"])
    for person in (cast.alice, cast.bob):
        assert [(at, text) for receiver, at, text in sent if receiver == person.id and at > NOON] == [
            (start - timedelta(days=1), "You have a date tomorrow."),
            (start - timedelta(hours=2), "Your date starts soon."),
            (end + timedelta(hours=1), "How was your date? You can note what you appreciated."),
        ]
