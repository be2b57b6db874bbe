"""Busy calendars: subscribe, import, and what is offered then. Only their owner notices them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from time_machine import Traveller

from planner import scheduler
from planner.accounts import caps
from planner.calendars import calendar_readings
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.busy_times import BusyTime
from planner.storage import db
from tests.api.answers import problem
from tests.calendars import EVENING, add, calendar, event, offered, only, overlaps, refresh
from tests.conftest import NOON, SETTINGS
from tests.erasing import erase
from tests.exports import export, texts_of
from tests.people import Cast, Person
from tests.planner.notes.test_note_twins import _plain
from tests.spaces import take

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WORK = calendar(event())


def add_file(person: Person, text: str = WORK, status: int = 201, **more: object) -> dict:
    return person.post("/busy-calendars/files", {"name": "Shifts", "text": text, **more}, status)


def test_a_calendar_is_read_in_a_moment_and_its_times_are_not_offered(host, sam):
    before = offered(sam, f"{EVENING}&for=one")
    assert overlaps(before, "19:00", "21:00")
    made = add(sam, host.serve("/secret/work.ics", WORK))
    assert (made["state"], made["busy_times"], made["tried_at"], made["fault"]) == ("waiting", 0, None, None)
    assert (made["kind"], made["host"], made["all_day"], made["version"]) == ("address", "127.0.0.1", False, 1)
    assert "secret" not in json.dumps(sam.get("/busy-calendars"))
    assert refresh() == 1
    read = only(sam)
    assert (read["state"], read["busy_times"], read["skipped_events"], read["fault"]) == ("read", 1, 0, None)
    assert read["tried_at"] == read["worked_at"] == "2026-11-23T12:00:00.000Z"
    assert "2026-11-23T15:00" <= read["next_at"] <= "2026-11-23T15:30"
    assert read["read_until"].startswith("2027-12-28")
    assert sam.get(f"/busy-calendars/{made['id']}") == read
    after = offered(sam, f"{EVENING}&for=one")
    assert after
    assert overlaps(after, "19:00", "21:00") == []
    sam.delete(f"/busy-calendars/{made['id']}")
    assert offered(sam, f"{EVENING}&for=one") == before
    with db.connection():
        assert BusyTime.select().count() == 0


def test_past_times_of_a_file_are_deleted(sam, stopped_clock: Traveller):
    add_file(sam, calendar(event(), event("2", "20261228T190000", "20261228T210000")))

    def count_after(days: int) -> int:
        stopped_clock.move_to(NOON + days * DAY)
        scheduler.run_housekeeping(NOON + days * DAY)
        with db.connection():
            return BusyTime.select().count()

    assert [count_after(days) for days in (3, 12, 33, 40)] == [2, 1, 1, 0]


def test_a_file_is_read_at_once_and_not_stored(sam):
    made = add_file(sam, calendar(event(), event("2", "20261228T190000", "20261228T210000"), event("3", "noon")))
    assert (made["state"], made["kind"], made["host"]) == ("read", "file", None)
    assert (made["busy_times"], made["skipped_events"], made["next_at"]) == (2, 1, None)
    assert overlaps(offered(sam, f"{EVENING}&for=one"), "19:00", "21:00") == []
    assert refresh(NOON + DAY) == 0
    assert sam.post(f"/busy-calendars/{made['id']}/refresh") == made
    with db.connection():
        rows = str(list(BusyCalendar.select().dicts())) + str(list(BusyTime.select().dicts()))
    assert "Secret" not in rows


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<html>", "not_a_calendar"), ("", "not_a_calendar"), ("hello BEGIN:VCALENDAR", "not_a_calendar"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_and_saves_nothing(sam, text, code):
    (fault,) = add_file(sam, text, 422)["errors"]
    assert (fault["field"], fault["code"]) == ("text", code)
    assert sam.get("/busy-calendars")["items"] == []


def test_a_file_may_have_two_megabytes_and_not_more(sam):
    filler = "X-FILL:" + "x" * 1_900_000 + "\r\n"
    assert add_file(sam, calendar(filler, event()))["busy_times"] == 1
    assert add_file(sam, calendar(filler, "x" * 100_000), 422)["errors"][0]["code"] == "too_long"
    # As browsers write JSON: a letter takes two bytes, and no escape.
    body = json.dumps({"name": "Shifts", "text": calendar("é" * 1_100_000)}, ensure_ascii=False)
    headers = {"Authorization": f"Bearer {sam.token}"}
    answer = sam.app.test_client().post(
        "/v1/busy-calendars/files", data=body.encode(), content_type="application/json", headers=headers
    )
    assert problem(answer, 422)["errors"][0]["code"] == "calendar_too_large"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("calendar", "not_an_address"), ("http://calendar.example.org/", "not_https"),
        ("https://me:you@calendar.example.org/", "address_with_password"), ("file:///etc/passwd", "not_an_address"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_at_its_field(sam, address, code):
    (fault,) = add(sam, address, 422)["errors"]
    assert (fault["field"], fault["code"]) == ("address", code)
    assert sam.get("/busy-calendars")["items"] == []


def test_a_repeated_create_is_one_calendar_and_an_id_is_used_once(host, sam, alice):
    for path, body in (
        ("/busy-calendars", {"name": "Work", "address": host.serve("/", WORK)}),
        ("/busy-calendars/files", {"name": "Shifts", "text": WORK}),
    ):
        body["id"] = str(uuid4())
        made = sam.post(path, body, 201)
        sam.patch(f"{path[:15]}/{made['id']}", {"name": "Office"}, '"1"')
        assert sam.post(path, body, 201)["name"] == "Office"
        for other in ({**body, "name": "Else"}, {**body, "all_day": True}):
            assert sam.post(path, other, 422)["type"] == "/problems/id-taken"
        assert alice.post(path, body, 422)["type"] == "/problems/id-taken"
    assert len(sam.get("/busy-calendars")["items"]) == 2


def test_name_and_whole_days_can_be_changed(sam):
    day = event("1", ";VALUE=DATE:20261128", "")
    made = add_file(sam, calendar(day))
    assert (made["busy_times"], made["all_day"]) == (0, False)
    assert offered(sam, f"{EVENING}&for=one")
    path = f"/busy-calendars/{made['id']}"
    changed = sam.patch(path, {"all_day": True, "name": "Trips"}, '"1"')
    assert (changed["busy_times"], changed["all_day"], changed["name"], changed["version"]) == (1, True, "Trips", 2)
    assert offered(sam, f"{EVENING}&for=one") == []
    assert sam.patch(path, {"all_day": True, "name": "Trips"}, '"1"') == changed, "the first answer may have been lost"
    sam.patch(path, {"all_day": False}, '"1"', 412)
    sam.patch(path, {}, '"2"', 422)
    assert offered(sam, f"{EVENING}&for=one") == []


def test_a_declined_event_of_the_owner_of_a_google_address_is_free(host, sam):
    guests = ("ATTENDEE;PARTSTAT=DECLINED:mailto:sam@example.org", "ATTENDEE:mailto:kim@example.org")
    declined = event("2", "20261129T190000Z", "20261129T210000Z", *guests)
    add(sam, host.serve("/ical/sam%40example.org/private-1/basic.ics", calendar(event(), declined)))
    refresh()
    assert only(sam)["busy_times"] == 1


def test_too_many_files_at_once_are_refused_and_can_be_sent_again(sam):
    assert calendar_readings._reader.waiting.acquire(blocking=False)
    assert calendar_readings._reader.waiting.acquire(blocking=False)
    try:
        answer = sam.request("POST", "/busy-calendars/files", {"name": "Shifts", "text": WORK})
        assert (answer.status_code, answer.get_json()["reason"]) == (503, "busy")
    finally:
        calendar_readings._reader.waiting.release()
        calendar_readings._reader.waiting.release()
    add_file(sam)


def test_the_number_of_calendars_and_of_tries_is_limited(sam, cast):
    caps.use(replace(SETTINGS, max_busy_calendars=2))
    add_file(sam)
    made = add(sam, "https://calendar.example.org/1")
    for refused in (add(sam, "https://calendar.example.org/2", 409), add_file(sam, status=409)):
        assert (refused["reason"], refused["params"]) == ("too_many_busy_calendars", {"most": 2})
    for _ in range(56):
        sam.post(f"/busy-calendars/{made['id']}/refresh")
    sam.post(f"/busy-calendars/{made['id']}/refresh", status=429)
    add(cast.alice, "https://calendar.example.org/1")


def test_the_partner_notices_nothing(host, cast: Cast, stopped_clock: Traveller):
    """Compare all that Bob reads and does before and after Alice's calendar is busy on that evening."""
    alice, bob = cast.alice, cast.bob

    def seen() -> list[object]:
        paths = (
            "/me",
            "/couple",
            "/today?idea=false",
            "/inbox",
            "/dates",
            "/me/safety",
            "/me/space",
            "/busy-calendars",
        )
        return [_plain(bob, path) for path in paths] + [offered(bob), offered(bob, f"{EVENING}&for=one")]

    before = seen()
    alices = offered(alice)
    add(alice, host.serve("/", WORK))
    add_file(alice, calendar(event("1", ";VALUE=DATE:20261128", "")), all_day=True)
    scheduler.refresh_calendars()
    assert offered(alice) == []
    assert alices
    assert seen() == before
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/refresh")):
        made = alice.get("/busy-calendars")["items"][0]["id"]
        assert bob.request(method, f"/busy-calendars/{made}{path}").status_code == 404


def test_space_and_leaving_change_nothing(host, alice, bob):
    add(alice, host.serve("/", WORK))
    take(alice)
    refresh()
    before = alice.get("/busy-calendars")
    alice.delete("/couple")
    assert alice.get("/busy-calendars") == before
    assert before["items"][0]["busy_times"] == 1


def test_export_and_erasure(host, alice, bob, stopped_clock):
    address = host.serve("/secret/work.ics", WORK)
    add(alice, address)
    stopped_clock.shift(MINUTE)
    add_file(alice, calendar(event("2", ";VALUE=DATE:20261201", "")))
    refresh()
    data = export(alice, "private")
    first, second = data["busy_calendars"]
    assert (first["name"], first["address"], second["address"]) == ("Work", address, None)
    assert [(time["calendar"], time["kind"], time["start"]) for time in data["busy_times"]] == [
        ("Work", "fixed", "2026-11-28T19:00:00.000Z"), ("Shifts", "all_day", "2026-12-01T00:00:00.000Z"),
    ]  # fmt: skip
    assert "secret" not in texts_of(bob)
    assert "busy_calendars" not in export(alice, "ordinary")
    stopped_clock.move_to(NOON)
    erase(alice, stopped_clock)
    with db.connection():
        assert BusyTime.select().count() == BusyCalendar.select().count() == 0


def test_a_deleted_account_is_no_longer_read(host, sam):
    add(sam, host.serve("/", WORK))
    sam.request("DELETE", "/me", {"password": "correct horse battery"})
    assert refresh() == 0
    assert host.asked == []
