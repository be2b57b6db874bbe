"""The line about a date in a mail: who gets it, and how its time reads."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from time_machine import Traveller as Clock

from planner.calendars import date_lines
from planner.storage import db
from tests.dates import agreed, light, move, offer, on_wall, slot, whole_days
from tests.people import Cast, Person
from tests.spaces import take

LISBON = "Europe/Lisbon"


def line(person: Person, date: dict, zone: str = LISBON) -> str | None:
    with db.connection():
        return date_lines.describe(UUID(person.id), zone, UUID(date["id"]))


def test_a_line_has_the_title_and_the_time_in_the_zone_of_its_reader(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob, activity=light(), slots=[slot(on_wall("2026-11-28T23:30"), LISBON, 60)])
    title = date["activity"]["title"]
    assert line(cast.alice, date) == f"{title}: Sat 28 Nov, 23:30"
    assert line(cast.bob, date, "Asia/Kolkata") == f"{title}: Sun 29 Nov, 05:00"
    move(cast.alice, "cancel", date)
    assert line(cast.bob, date, LISBON) == f"{title}: Sat 28 Nov, 23:30"


def test_whole_days_have_no_time_of_day(cast: Cast) -> None:
    date = offer(cast.alice, slots=[whole_days("2026-12-05", 2)])
    assert line(cast.bob, date) is None, "it is not agreed"
    date = move(cast.bob, "accept", date)
    assert line(cast.bob, date, "America/New_York") == f"{date['activity']['title']}: Sat 5 Dec – Sun 6 Dec"


def test_a_date_that_is_held_back_or_of_other_people_has_no_line(cast: Cast, stopped_clock: Clock) -> None:
    take(cast.bob)
    stopped_clock.shift(timedelta(minutes=1))
    body = {"activity_id": light(), "slots": [slot(on_wall("2026-11-28T19:00"), LISBON)], "agreed": True}
    date = cast.alice.post("/dates", body, 201)
    cast.bob.get("/me")  # it is held back from here on
    assert line(cast.alice, date)
    assert line(cast.bob, date) is None
    assert line(cast.charlie, date) is None
