"""Test calendar feeds: who reads what at which address, when an address ends, and one date as a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from werkzeug.test import TestResponse

from planner.calendars import feed_events
from planner.calendars.feeds import CalendarFeed
from planner.clock import UTC
from planner.contact.holds import SPACE, Hold
from planner.contact.pauses import Pause
from planner.dates.dates import Date
from planner.privacy.export_format import PRIVATE
from planner.storage import db
from tests.api.answers import contents, problem
from tests.conftest import NOON
from tests.dates import START, agreed, completed, move, offer, own, slot
from tests.erasing import delete
from tests.exports import export
from tests.people import PASSWORD, Cast, Person, expect
from tests.spaces import MINUTE, end, going, take

DAY = timedelta(days=1)
MADE_AT = "2026-11-23T12:00:00.000Z"
OFF = {"active": False, "shows_titles": False, "created_at": None}


def make(person: Person, shows_titles: bool = False) -> str:
    """Make a feed, and return its address."""
    return str(person.post("/calendar-feed", {"shows_titles": shows_titles})["address"])


def fetch(person: Person, address: str, **headers: str) -> TestResponse:
    """Read a feed as a calendar program does, without a token."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return person.app.test_client().get(address, headers=sent)


def events(person: Person, address: str) -> dict[str, icalendar.Event]:
    """Return the events of a feed by the ids of their dates."""
    answer = fetch(person, address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    calendar = icalendar.Calendar.from_ical(answer.data)
    return {str(event["uid"]).removesuffix("@rekindle"): event for event in calendar.walk("VEVENT")}


def assert_ended(person: Person, address: str) -> None:
    """Assert that an address answers as one that never existed."""
    ended, unknown = fetch(person, address), fetch(person, "/feeds/neverexisted.ics")
    assert problem(ended, 404) == problem(unknown, 404)
    assert list(ended.headers) == list(unknown.headers)


# What a feed has


@pytest.mark.both_databases
def test_a_feed_has_the_agreed_dates_of_the_person_and_the_couple(cast: Cast, stopped_clock: Any) -> None:
    past = completed(cast.alice, cast.bob, stopped_clock)
    next_day = START + DAY
    ahead, alone = agreed(cast.bob, cast.alice, slots=[slot(next_day)]), own(cast.alice, next_day)
    open_offer, theirs = offer(cast.alice, slots=[slot(next_day)]), own(cast.bob, next_day)
    address = make(cast.alice)
    assert address.startswith("http://localhost/feeds/")
    read = events(cast.alice, address)
    assert read.keys() == {past["id"], ahead["id"], alone["id"]}, (open_offer, theirs)
    event = read[ahead["id"]]
    assert (event.start, event.end) == (next_day, next_day + timedelta(hours=1))
    assert {str(each["summary"]) for each in read.values()} == {"Date"}
    assert {str(each["status"]) for each in read.values()} == {"CONFIRMED"}
    stopped_clock.move_to(START + timedelta(days=30, hours=1))
    assert events(cast.alice, address).keys() == {ahead["id"], alone["id"]}


def test_titles_show_when_their_owner_shows_them(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    address = make(cast.alice)
    cast.alice.put("/calendar-feed", {"shows_titles": True})
    assert str(events(cast.alice, address)[date["id"]]["summary"]) == date["activity"]["title"]
    cast.alice.put("/calendar-feed", {"shows_titles": False})
    assert date["activity"]["title"] not in fetch(cast.alice, address).get_data(as_text=True)
    shown = make(cast.alice, shows_titles=True)
    assert str(events(cast.alice, shown)[date["id"]]["summary"]) == date["activity"]["title"]


def test_a_date_that_is_off_stays_as_cancelled_for_thirty_days(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob, slots=[slot(NOON + timedelta(days=60))])
    address = make(cast.alice)
    before = events(cast.alice, address)[date["id"]]
    stopped_clock.shift(MINUTE)
    move(cast.bob, "cancel", date)
    after = events(cast.alice, address)[date["id"]]
    assert (str(before["status"]), str(after["status"])) == ("CONFIRMED", "CANCELLED")
    assert before["sequence"] < after["sequence"]
    assert before["last-modified"].dt < after["last-modified"].dt == NOON + MINUTE
    assert after["uid"] == before["uid"]
    assert after.start == before.start
    stopped_clock.shift(timedelta(days=30))
    assert events(cast.alice, address).keys() == set()


def test_a_feed_has_no_held_dates(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    take(cast.alice, going(date))
    end(cast.alice)
    address = make(cast.alice)
    with db.connection(), db.write():
        pause = Pause.get()
        values = {"person": pause.person, "couple": pause.couple, "reason": SPACE, "space": pause}
        Hold.create(kind="date", subject=date["id"], arrived_at=NOON, **values)
    assert events(cast.alice, address).keys() == set()
    cast.alice.post("/me/held/release")
    assert events(cast.alice, address).keys() == {date["id"]}


def test_a_new_partner_and_a_former_one_have_no_dates_in_a_feed(cast: Cast) -> None:
    date, alone = agreed(cast.alice, cast.bob), own(cast.alice)
    cast.alice.delete("/couple")
    assert events(cast.alice, make(cast.alice)).keys() == {alone["id"]}, date
    assert events(cast.bob, make(cast.bob)).keys() == set()


def test_a_feed_says_when_to_read_it_again_and_has_a_name(sam: Person) -> None:
    text = fetch(sam, make(sam)).get_data(as_text=True)
    for line in ("REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "NAME:Dates", "X-WR-CALNAME:Dates"):
        assert f"\r\n{line}\r\n" in text
    # Without dates, a calendar still has a component: strict readers refuse one without.
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "METHOD" not in text


def test_a_feed_has_the_next_dates_if_there_are_too_many(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_events, "MOST", 2)
    ids = [own(sam, START + number * DAY)["id"] for number in (2, 0, 1)]
    assert list(events(sam, make(sam))) == [ids[1], ids[2]]


# The address


def test_a_token_is_random_and_only_its_hash_is_stored(sam: Person) -> None:
    assert sam.get("/calendar-feed") == OFF
    answer = sam.request("POST", "/calendar-feed", {})
    assert answer.headers["Cache-Control"] == "no-store"
    feed = expect(answer, 200)
    token = feed["address"].removeprefix("http://localhost/feeds/").removesuffix(".ics")
    assert len(token) == 22  # 128 bits in base64
    assert feed["webcal_address"] == f"webcal://localhost/feeds/{token}.ics"
    assert sam.get("/calendar-feed") == {
        "active": True,
        "shows_titles": False,
        "created_at": "2026-11-23T12:00:00.000Z",
    }
    assert not [table for table, rows in contents().items() if token in str(rows)]


@pytest.mark.both_databases
def test_a_new_address_ends_the_old_one(cast: Cast) -> None:
    first, other = make(cast.alice), make(cast.bob)
    second = make(cast.alice, shows_titles=True)
    assert_ended(cast.alice, first)
    assert fetch(cast.alice, second).status_code == fetch(cast.alice, other).status_code == 200
    cast.alice.delete("/calendar-feed")
    cast.alice.delete("/calendar-feed")
    assert_ended(cast.alice, second)
    assert fetch(cast.bob, other).status_code == 200
    assert problem(cast.alice.request("PUT", "/calendar-feed", {"shows_titles": True}), 404)


@pytest.mark.parametrize("kind", ["quiet", "said"])
def test_a_space_ends_the_feed_of_the_person_who_starts_it(cast: Cast, kind: str) -> None:
    mine, theirs = make(cast.alice), make(cast.bob)
    take(cast.alice, kind=kind, **({"sentence": "time"} if kind == "said" else {}))
    assert_ended(cast.alice, mine)
    assert cast.alice.get("/calendar-feed") == OFF
    refusal = problem(cast.alice.request("POST", "/calendar-feed", {}), 409)
    assert refusal["reason"] == "no_feed_in_space"
    assert fetch(cast.bob, theirs).status_code == 200
    end(cast.alice)
    assert_ended(cast.alice, mine)
    assert fetch(cast.alice, make(cast.alice)).status_code == 200


def test_leaving_ends_the_feeds_of_both(cast: Cast) -> None:
    addresses = [make(cast.alice), make(cast.bob), make(cast.charlie)]
    cast.alice.delete("/couple")
    for address in addresses[:2]:
        assert_ended(cast.alice, address)
    assert fetch(cast.charlie, addresses[2]).status_code == 200


def test_a_deleted_account_has_no_feed_also_after_it_came_back(sam: Person) -> None:
    address = make(sam)
    delete(sam)
    assert_ended(sam, address)
    body = {"sign_in_name": sam.sign_in_name, "password": PASSWORD, "device": "phone"}
    expect(sam.app.test_client().post("/v1/me/undo-deletion", json=body), 201)
    assert_ended(sam, address)


def test_wrong_addresses_are_limited_and_right_ones_are_not(cast: Cast) -> None:
    address = make(cast.alice)
    for path in ("/feeds/.ics", "/feeds/x", "/feeds/a/b.ics", "/feeds/x.ICS"):
        assert problem(fetch(cast.alice, path), 404)
    for token in ("x", "%00", "%ED%A0%80", "x" * 5000, "ü"):
        assert problem(fetch(cast.alice, f"/feeds/{token}.ics"), 404)
    for _ in range(115):
        assert fetch(cast.alice, "/feeds/wrong.ics").status_code == 404
    assert problem(fetch(cast.alice, "/feeds/wrong.ics"), 429)
    assert fetch(cast.alice, address).status_code == 200


def test_only_reading_works_at_an_address(sam: Person) -> None:
    address, client = make(sam), sam.app.test_client()
    assert client.head(address).status_code == 200
    assert client.head(address).data == b""
    for method in ("POST", "PUT", "DELETE"):
        assert client.open(address, method=method).status_code == 405


@pytest.mark.parametrize("titles", ["yes", 1, None, []])
def test_wrong_values_are_refused(sam: Person, titles: Any) -> None:
    make(sam)
    for method in ("POST", "PUT"):
        (error,) = problem(sam.request(method, "/calendar-feed", {"shows_titles": titles}), 422)["errors"]
        assert error["field"] == "shows_titles"
    assert sam.get("/calendar-feed")["shows_titles"] is False


# Tags


def test_an_unchanged_feed_is_304(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    address = make(cast.alice)
    answer = fetch(cast.alice, address)
    tag = answer.headers["ETag"]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not tag.startswith("W/")
    stopped_clock.shift(timedelta(hours=7))
    for seen in (tag, f"W/{tag}", f'"other", {tag}'):
        again = fetch(cast.alice, address, If_None_Match=seen)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    move(cast.bob, "cancel", date)
    changed = fetch(cast.alice, address, If_None_Match=tag)
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)
    cast.alice.put("/calendar-feed", {"shows_titles": True})
    assert fetch(cast.alice, address, If_None_Match=changed.headers["ETag"]).status_code == 200


# Other parts of the product


def test_the_safety_check_names_the_feed_and_its_end(cast: Cast) -> None:
    def line() -> list[Any]:
        return [line for line in cast.alice.get("/me/safety")["items"] if line["kind"] == "calendar_feed"]

    assert line() == []
    make(cast.alice)
    (without,) = line()
    assert without["text"].endswith("but no titles.")
    assert (without["end"]["method"], without["end"]["path"]) == ("DELETE", "/v1/calendar-feed")
    cast.alice.put("/calendar-feed", {"shows_titles": True})
    assert line()[0]["key"] == "calendar_feed_with_titles"


def test_an_export_has_the_feed_without_its_token(sam: Person) -> None:
    token = make(sam, shows_titles=True).rpartition("/")[2].removesuffix(".ics")
    exported = export(sam, PRIVATE)
    assert exported["calendar_feed"] == [{"shows_titles": True, "created_at": MADE_AT}]
    with db.connection():
        token_hash = CalendarFeed.get().token_hash
    assert token not in str(exported)
    assert token_hash not in str(exported)


# One date


def file_of(person: Person, date: dict[str, Any]) -> icalendar.Event:
    """Return the event in the file of a date."""
    answer = person.request("GET", f"/dates/{date['id']}/calendar")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="date.ics"'
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    return event


def test_a_date_as_a_file_is_the_event_of_the_feed(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    (event,) = events(cast.bob, make(cast.bob, shows_titles=True)).values()
    assert file_of(cast.alice, date).to_ical() == file_of(cast.bob, date).to_ical() == event.to_ical()
    with db.connection():
        stored: datetime = Date.get_by_id(UUID(date["id"])).moved_at
    assert event["dtstamp"].dt == stored.astimezone(UTC).replace(microsecond=0)
    move(cast.bob, "cancel", date)
    assert str(file_of(cast.alice, date)["status"]) == "CANCELLED"


def test_a_date_without_an_agreed_time_has_no_file(cast: Cast) -> None:
    date = offer(cast.alice)
    path = f"/dates/{date['id']}/calendar"
    assert problem(cast.bob.request("GET", path), 409)["reason"] == "date_not_agreed"
    move(cast.bob, "decline", date)
    assert problem(cast.alice.request("GET", path), 409)["reason"] == "date_not_agreed"
    assert problem(cast.charlie.request("GET", path), 404)
