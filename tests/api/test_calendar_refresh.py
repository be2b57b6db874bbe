"""Calendars at an address are read again: when, after which faults, and by one process."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from planner import outbound, scheduler
from planner.calendars import calendar_refresh
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.busy_times import BusyTime
from planner.settings import Settings
from planner.storage import db
from tests.calendars import EVENING, add, calendar, event, offered, only, overlaps, refresh
from tests.conftest import NOON
from tests.people import Person

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WORK = calendar(event())


@pytest.mark.parametrize(
    ("status", "text", "fault"),
    [
        (401, "", "needs_password"), (403, "", "needs_password"), (404, "", "not_there"), (410, "", "not_there"),
        (500, "", "host_fault"), (429, "", "host_fault"), (204, "", "host_fault"), (200, "<html>", "not_a_calendar"),
        (200, "", "not_a_calendar"),
    ],
)  # fmt: skip
def test_the_owner_reads_why_a_calendar_cannot_be_read(host, sam, status, text, fault):
    add(sam, host.serve("/", text, status))
    refresh()
    item = only(sam)
    assert (item["state"], item["fault"]["key"], item["worked_at"]) == ("failing", fault, None)
    assert item["fault"]["text"].endswith(".")
    assert item["next_at"] == "2026-11-23T12:15:00.000Z"


def test_faults_are_tried_again_later_and_later_and_keep_what_was_read(host, sam):
    made = add(sam, host.serve("/", WORK))
    refresh()
    busy = overlaps(offered(sam, f"{EVENING}&for=one"), "19:00", "21:00")
    host.serve("/", "", 500)
    now, waits = next_at(sam), []
    for _ in range(9):
        assert refresh(now - MINUTE) == 0
        assert refresh(now) == 1
        waits.append((next_at(sam) - now) // MINUTE)
        now = next_at(sam)
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    item = only(sam)
    assert (item["state"], item["busy_times"], item["worked_at"]) == ("failing", 1, "2026-11-23T12:00:00.000Z")
    assert overlaps(offered(sam, f"{EVENING}&for=one"), "19:00", "21:00") == busy == []
    # The person has mended it, and does not want to wait.
    host.serve("/", WORK)
    assert sam.post(f"/busy-calendars/{made['id']}/refresh")["state"] == "waiting"
    assert refresh() == 1
    assert (only(sam)["state"], only(sam)["fault"]) == ("read", None)
    assert next_at(sam) < NOON + 4 * HOUR


def next_at(person: Person) -> datetime:
    return datetime.fromisoformat(only(person)["next_at"])


def test_an_unchanged_calendar_is_not_sent_again_until_its_window_has_moved(host, sam):
    add(sam, host.serve("/", WORK, ETag='"1"', Last_Modified="Mon, 23 Nov 2026 12:00:00 GMT"))
    for day in (0, 1, 6):
        refresh(NOON + day * DAY)
    asked = [headers.get("if-none-match") for _, headers in host.asked]
    assert asked == [None, '"1"', '"1"']
    assert host.asked[1][1]["if-modified-since"] == "Mon, 23 Nov 2026 12:00:00 GMT"
    assert (only(sam)["worked_at"][:10], only(sam)["read_until"][:10]) == ("2026-11-29", "2027-12-28")
    refresh(NOON + 8 * DAY)
    assert "if-none-match" not in host.asked[3][1]
    assert only(sam)["read_until"][:10] == "2028-01-05"
    host.serve("/", calendar(), ETag='"2"')
    refresh(NOON + 9 * DAY)
    assert only(sam)["busy_times"] == 0


def test_a_place_that_is_no_longer_allowed_has_a_fault(host, sam):
    add(sam, host.serve("/", WORK))
    outbound.use(Settings())
    refresh()
    item = only(sam)
    assert (item["host"], item["fault"]["key"]) == ("127.0.0.1", "not_public")


def test_odd_tags_are_not_sent_back_and_no_change_counts_only_after_a_reading(host, sam, alice):
    add(sam, host.serve("/odd", WORK, ETag="x" * 300, Last_Modified="\x01"))
    add(alice, host.serve("/304", "", 304))
    refresh()
    assert only(sam)["state"] == "read"
    assert only(alice)["fault"]["key"] == "host_fault"
    refresh(NOON + DAY)
    assert not {"if-none-match", "if-modified-since"} & host.asked[-2][1].keys() | host.asked[-1][1].keys() & {
        "if-none-match"
    }


def test_several_processes_ask_for_a_calendar_once(host, cast):
    for number in range(6):
        add(cast.sam, host.serve(f"/{number}", WORK))
    threads = [Thread(target=refresh) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path for path, _ in host.asked) == [f"/{number}" for number in range(6)]
    assert {item["state"] for item in cast.sam.get("/busy-calendars")["items"]} == {"read"}


def test_a_calendar_of_a_process_that_died_is_due_again(host, sam):
    add(sam, host.serve("/", WORK))
    with db.connection():
        assert len(calendar_refresh._claim(NOON)) == 1
    assert refresh(NOON + MINUTE) == 0
    assert refresh(NOON + 10 * MINUTE) == 1
    assert only(sam)["state"] == "read"


def test_a_calendar_that_is_deleted_meanwhile_leaves_nothing(host, sam):
    made = add(sam, "https://calendar.example.org/")
    with db.connection():
        BusyCalendar.update(address=host.serve("/", WORK)).execute()
    serve = host.answer

    def answer(request):
        sam.delete(f"/busy-calendars/{made['id']}")
        serve(request)

    host.answer = answer
    refresh()
    with db.connection():
        assert BusyTime.select().count() == BusyCalendar.select().count() == 0


def test_no_log_shows_an_address_also_when_our_code_fails(host, sam, caplog, monkeypatch):
    address = host.serve("/private-5b1f/basic.ics", WORK)
    made = add(sam, address)
    with caplog.at_level(logging.DEBUG):
        refresh()
        monkeypatch.setattr(outbound, "fetch", lambda address, *_: {}[address])
        sam.post(f"/busy-calendars/{made['id']}/refresh")
        scheduler.refresh_calendars()
        assert add(sam, "https://private-5b1f:x@y.example/", 422)
    assert "could not be read: KeyError" in caplog.text
    assert "private-5b1f" not in caplog.text
    assert only(sam)["state"] == "failing"


@pytest.mark.real_time
def test_hosts_that_hang_do_not_delay_the_calendars_of_others(host, sam, alice):
    released = Event()
    for number in range(3):
        host.replies[f"/slow{number}"] = lambda request: released.wait(20)
        add(sam, f"{host.origin}/slow{number}")
    add(alice, host.serve("/", WORK))
    thread = Thread(target=refresh, args=(datetime.now(UTC) + MINUTE,))
    thread.start()
    while only(alice)["state"] == "waiting":
        assert thread.is_alive(), "it waited for the hosts that hang"
    assert not released.is_set()
    released.set()
    thread.join()
    assert {item["fault"]["key"] for item in sam.get("/busy-calendars")["items"]} == {"no_answer"}
