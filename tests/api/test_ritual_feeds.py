"""Test rituals in calendar feeds: one event that repeats, and what replaces or leaves out single times of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import recurring_ical_events

from planner.calendars import feed_events
from planner.contact.holds import SPACE, Hold
from planner.contact.pauses import Pause
from planner.storage import db
from tests.api.test_calendar_feed import fetch, file_of, make
from tests.conftest import NOON
from tests.dates import agreed, date_on, move, on_wall, own, slot
from tests.people import Cast, Person
from tests.rituals import agreed_ritual, own_ritual, tick
from tests.spaces import MINUTE, end, going, take

DAY = timedelta(days=1)
FIRST = datetime(2026, 12, 4, 19, tzinfo=UTC)


def calendar_of(person: Person, address: str) -> icalendar.Calendar:
    """Return the calendar of a feed."""
    answer = fetch(person, address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return icalendar.Calendar.from_ical(answer.data)


def parts_of(person: Person, address: str) -> dict[str, list[icalendar.Event]]:
    """Return the events of a feed by their UIDs, the one that repeats first."""
    parts: dict[str, list[icalendar.Event]] = {}
    for event in calendar_of(person, address).walk("VEVENT"):
        parts.setdefault(str(event["uid"]).removesuffix("@rekindle"), []).append(event)
    return {uid: sorted(events, key=lambda event: "RRULE" not in event) for uid, events in parts.items()}


def starts(person: Person, address: str, until: str) -> list[str]:
    """Return the starts up to a day that a calendar program shows of events that are not cancelled."""
    query = recurring_ical_events.of(calendar_of(person, address))
    events = query.between(datetime(2020, 1, 1, tzinfo=UTC), on_wall(until).replace(tzinfo=UTC))
    shown = [event.start.astimezone(UTC) for event in events if str(event["status"]) == "CONFIRMED"]
    return sorted(f"{start:%Y-%m-%d %H:%M}" for start in shown)


def fridays(*days: str) -> list[str]:
    """Return the starts of a ritual on these days."""
    return [f"{day} 19:00" for day in days]


@pytest.mark.both_databases
def test_a_ritual_is_one_event_that_repeats(cast: Cast) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    alone = own(cast.bob)
    for person, others in ((cast.alice, set()), (cast.bob, {alone["id"]})):
        parts = parts_of(person, make(person))
        assert parts.keys() == {ritual["id"], *others}
        (event,) = parts[ritual["id"]]
        assert event["rrule"].to_ical() == b"FREQ=WEEKLY;BYDAY=FR"
        assert (event.start, event.end) == (FIRST, FIRST + timedelta(hours=1))
        assert (str(event["summary"]), str(event["status"])) == ("Date", "CONFIRMED")
    address = make(cast.alice, shows_titles=True)
    assert len(starts(cast.alice, address, "2028-12-04")) == 105
    assert str(parts_of(cast.alice, address)[ritual["id"]][0]["summary"]) == ritual["activity"]["title"]


def test_dates_that_the_clock_makes_do_not_change_the_feed(cast: Cast, stopped_clock: Any) -> None:
    agreed_ritual(cast.alice, cast.bob)
    address = make(cast.alice)
    tag = fetch(cast.alice, address).headers["ETag"]
    for days in (5, 12, 19, 40):
        stopped_clock.move_to(NOON + days * DAY)
        tick()
        assert fetch(cast.alice, address, If_None_Match=tag).status_code == 304
    stopped_clock.move_to(FIRST + timedelta(days=30, hours=1))
    assert starts(cast.alice, address, "2026-12-20") == fridays("2026-12-11", "2026-12-18")


def test_a_moved_date_replaces_its_time_and_keeps_its_event(cast: Cast, stopped_clock: Any) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    address = make(cast.bob)
    (before,) = parts_of(cast.bob, address)[ritual["id"]]
    stopped_clock.shift(MINUTE)
    date = move(cast.alice, "move", date_on(cast.bob, "2026-12-11"), slots=[slot(on_wall("2026-12-12T10:00"))])
    assert len(parts_of(cast.bob, address)[ritual["id"]]) == 1, "an offer"
    chosen = {"version": date["version"], "slot_id": date["move"]["slots"][0]["id"]}
    cast.bob.post(f"/dates/{date['id']}/move/accept", chosen)
    series, moved = parts_of(cast.bob, address)[ritual["id"]]
    assert series.to_ical() == before.to_ical()
    assert (moved["recurrence-id"].dt, moved.start) == (FIRST + 7 * DAY, datetime(2026, 12, 12, 10, tzinfo=UTC))
    assert "RRULE" not in moved
    assert moved["sequence"] > series["sequence"]
    assert moved["last-modified"].dt == NOON + MINUTE
    expected = ["2026-12-04 19:00", "2026-12-12 10:00", "2026-12-18 19:00"]
    assert starts(cast.bob, address, "2026-12-20") == expected


def test_a_date_that_is_off_is_cancelled_and_later_left_out(cast: Cast, stopped_clock: Any) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    address = make(cast.alice)
    stopped_clock.shift(MINUTE)
    move(cast.bob, "cancel", date_on(cast.bob, "2027-01-08"))
    series, cancelled = parts_of(cast.alice, address)[ritual["id"]]
    assert (str(cancelled["status"]), cancelled["recurrence-id"].dt) == ("CANCELLED", FIRST + 35 * DAY)
    assert "EXDATE" not in series
    expected = fridays("2026-12-25", "2027-01-01", "2027-01-15", "2027-01-22")
    assert starts(cast.alice, address, "2027-01-23")[3:] == expected
    stopped_clock.shift(30 * DAY)
    tick()
    (later,) = parts_of(cast.alice, address)[ritual["id"]]
    assert later["exdate"].dts[0].dt == FIRST + 35 * DAY
    assert later["last-modified"].dt == NOON + MINUTE + 30 * DAY
    assert starts(cast.alice, address, "2027-01-23")[3:] == expected


def test_a_stopped_ritual_keeps_its_past_dates_only(cast: Cast, stopped_clock: Any) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    address = make(cast.bob)
    (before,) = parts_of(cast.bob, address)[ritual["id"]]
    stopped_clock.move_to(FIRST + timedelta(days=7, hours=-1))
    tick()
    cast.alice.post(f"/rituals/{ritual['id']}/stop", None)
    (after,) = parts_of(cast.bob, address)[ritual["id"]]
    assert starts(cast.bob, address, "2036-01-01") == fridays("2026-12-04")
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt == FIRST + timedelta(days=7, hours=-1)
    stopped_clock.shift(30 * DAY)
    assert parts_of(cast.bob, address) == {}


def test_a_ritual_that_is_stopped_before_its_first_date_is_cancelled(cast: Cast, stopped_clock: Any) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    address = make(cast.bob)
    cast.bob.post(f"/rituals/{ritual['id']}/stop", None)
    assert starts(cast.bob, address, "2036-01-01") == []
    assert [str(event["status"]) for events in parts_of(cast.bob, address).values() for event in events] == [
        "CANCELLED"
    ]
    stopped_clock.shift(30 * DAY)
    assert parts_of(cast.bob, address) == {}


def test_a_ritual_that_changes_from_a_day_on_is_two_events(cast: Cast, stopped_clock: Any) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    address = make(cast.alice)
    (before,) = parts_of(cast.alice, address)[ritual["id"]]
    stopped_clock.shift(MINUTE)
    since = date_on(cast.alice, "2026-12-18")["id"]
    change = {"slots": [slot(on_wall("2026-12-19T10:00"))], "since": since}
    date = cast.alice.post(f"/rituals/{ritual['id']}/change", change, 201)
    assert parts_of(cast.alice, address)[ritual["id"]][0].to_ical() == before.to_ical(), "an offer"
    stopped_clock.shift(MINUTE)
    move(cast.bob, "accept", date)
    for _ in range(2):
        parts = parts_of(cast.alice, address)
        (old,), (new,) = parts[ritual["id"]], parts[date["ritual"]["id"]]
        assert old["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20261217T190000Z;BYDAY=FR"
        assert new["rrule"].to_ical() == b"FREQ=WEEKLY;BYDAY=SA"
        assert old["last-modified"].dt == NOON + 2 * MINUTE
        assert old["sequence"] > before["sequence"]
        assert starts(cast.alice, address, "2027-01-01") == [
            "2026-12-04 19:00", "2026-12-11 19:00", "2026-12-19 10:00", "2026-12-26 10:00",
        ]  # fmt: skip
        tick()


def test_a_ritual_has_its_end_and_no_count(sam: Person, stopped_clock: Any) -> None:
    ritual = own_ritual(sam, every="day", count=5)["ritual"]
    address = make(sam)
    (event,) = parts_of(sam, address)[ritual["id"]]
    assert event["rrule"].to_ical() == b"FREQ=DAILY;UNTIL=20261208T190000Z"
    stopped_clock.move_to(FIRST + timedelta(days=32))
    tick()
    assert starts(sam, address, "2030-01-01") == fridays("2026-12-06", "2026-12-07", "2026-12-08")
    stopped_clock.shift(5 * DAY)
    assert parts_of(sam, address) == {}


def test_a_ritual_alone_is_in_the_feed_of_its_person_only(cast: Cast) -> None:
    ritual = own_ritual(cast.alice)["ritual"]
    assert parts_of(cast.alice, make(cast.alice)).keys() == {ritual["id"]}
    for person in (cast.bob, cast.charlie):
        assert parts_of(person, make(person)) == {}


def test_an_offered_ritual_and_one_of_a_former_couple_are_in_no_feed(cast: Cast) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    cast.alice.post(f"/rituals/{ritual['id']}/change", {"slots": [slot(on_wall("2026-12-19T10:00"))]}, 201)
    assert parts_of(cast.bob, make(cast.bob)).keys() == {ritual["id"]}
    cast.alice.delete("/couple")
    for person in (cast.alice, cast.bob):
        assert parts_of(person, make(person)) == {}


def test_a_ritual_that_begins_with_a_held_date_does_not_repeat_in_a_feed(cast: Cast) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    take(cast.alice, *(going(view["date"]) for view in cast.alice.get("/me/space")["dates"]))
    end(cast.alice)
    with db.connection(), db.write():
        pause = Pause.get()
        values = {"person": pause.person, "couple": pause.couple, "reason": SPACE, "space": pause}
        Hold.create(kind="date", subject=ritual["date_id"], arrived_at=NOON, **values)
    parts = parts_of(cast.alice, make(cast.alice))
    assert len(parts) == 6
    assert not {ritual["id"], ritual["date_id"]} & parts.keys()
    assert parts_of(cast.bob, make(cast.bob)).keys() == {ritual["id"]}


def test_a_server_that_was_off_shows_no_times_without_dates(cast: Cast, stopped_clock: Any) -> None:
    agreed_ritual(cast.alice, cast.bob)
    address = make(cast.alice)
    stopped_clock.move_to(NOON + 90 * DAY)
    tick()
    assert starts(cast.alice, address, "2027-03-06") == fridays("2027-02-26", "2027-03-05")


def test_a_date_that_was_moved_far_is_in_the_feed_when_its_time_by_the_rule_is_not(
    sam: Person, stopped_clock: Any
) -> None:
    ritual = own_ritual(sam)["ritual"]
    address = make(sam)
    move(sam, "move", date_on(sam, "2026-12-04"), slots=[slot(on_wall("2027-02-14T10:00"))])
    assert starts(sam, address, "2027-02-15")[-1] == "2027-02-14 10:00"
    assert starts(sam, address, "2027-02-15")[0] == "2026-12-11 19:00"
    for _ in range(9):
        stopped_clock.shift(7 * DAY)
        tick()
    parts = parts_of(sam, address)
    assert starts(sam, address, "2027-02-15")[-1] == "2027-02-14 10:00"
    assert "RRULE" in parts.pop(ritual["id"])[0]
    assert list(parts) == [f"{ritual['id']}.20261204T1900"]


def test_a_feed_lists_the_dates_of_rituals_beyond_the_cap(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    own_ritual(sam, count=3)
    own_ritual(sam, "2026-12-05T19:00", count=3)
    monkeypatch.setattr(feed_events, "MOST_RITUALS", 1)
    address = make(sam)
    assert sorted(len(events) for events in parts_of(sam, address).values()) == [1, 1, 1, 1]
    assert len(starts(sam, address, "2028-01-01")) == 6


def test_the_file_of_a_date_of_a_ritual_has_this_date_only(cast: Cast) -> None:
    ritual = agreed_ritual(cast.alice, cast.bob)
    event = file_of(cast.alice, cast.alice.get(f"/dates/{ritual['date_id']}"))
    assert str(event["uid"]) == f"{ritual['date_id']}@rekindle"
    assert not {"RRULE", "RECURRENCE-ID"} & event.keys()
    assert str(file_of(cast.bob, agreed(cast.alice, cast.bob))["status"]) == "CONFIRMED"
