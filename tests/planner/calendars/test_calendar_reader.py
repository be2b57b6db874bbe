"""Reading calendars: which events keep a person busy, what is left out, and what a hostile calendar can cost."""

from __future__ import annotations

import json
import resource
import subprocess
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.calendars import calendar_reader, calendar_readings
from planner.calendars.calendar_reader import Window
from planner.calendars.calendar_readings import Reading
from planner.calendars.calendar_text import NotACalendar
from planner.child_readers import ReadingFault
from tests.calendars import calendar, event

BEGINS = datetime(2026, 11, 22, 12, tzinfo=UTC)
WINDOW = Window(BEGINS, BEGINS + timedelta(days=400))
VIENNA = ";TZID=Europe/Vienna:"

OWN_ZONE = """BEGIN:VTIMEZONE\r
TZID:Customized Time Zone\r
BEGIN:STANDARD\r
DTSTART:16010101T000000\r
TZOFFSETFROM:{offset}\r
TZOFFSETTO:{offset}\r
END:STANDARD\r
END:VTIMEZONE\r
"""


def read(*components: str, owner: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return the busy times of a calendar by kind, and how many events were skipped."""
    return shown(calendar_reader.read(calendar(*components).encode(), WINDOW, owner))


def shown(answer: dict) -> dict[str, list[str]]:
    """Return an answer with times as text, without what is empty."""
    busy = {
        kind: [" ".join(f"{datetime.fromtimestamp(at, UTC):%m-%dT%H:%M}" for at in span) for span in spans]
        for kind, spans in answer["busy"].items()
        if spans
    }
    return busy | ({"skipped": answer["skipped"]} if answer["skipped"] else {})


ONE = {"fixed": ["11-28T19:00 11-28T21:00"]}


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        ((), ONE),
        (("TRANSP:OPAQUE", "STATUS:CONFIRMED"), ONE),
        (("STATUS:TENTATIVE",), ONE),
        (("TRANSP:TRANSPARENT",), {}),
        (("STATUS:CANCELLED",), {}),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE",), {}),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), ONE),
        (("ATTENDEE;PARTSTAT=DECLINED:mailto:Me@Example.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:you@example.org"), {}),
        (("ATTENDEE;PARTSTAT=ACCEPTED:mailto:me@example.org", "ATTENDEE;PARTSTAT=DECLINED:mailto:you@b.org"), ONE),
        (('ATTENDEE;CN="A; B: C";PARTSTAT=DECLINED:mailto:me@example.org', "ATTENDEE:mailto:x@example.org"), {}),
        (("ATTENDEE;PARTSTAT=DECLINED:mailto:other@example.org",), {}),
        (("ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.org", "ATTENDEE;PARTSTAT=DECLINED:mailto:c@b.org"), ONE),
        (("BEGIN:VALARM", "TRIGGER:-PT15M", "STATUS:CANCELLED", "DTSTART:20270101T000000Z", "END:VALARM"), ONE),
    ],
)  # fmt: skip
def test_an_event_counts_unless_it_leaves_its_owner_free(lines: tuple[str, ...], busy: dict) -> None:
    assert read(event("1", "20261128T190000Z", "20261128T210000Z", *lines), owner=("me@example.org",)) == busy


def test_the_name_of_a_calendar_can_be_the_address_of_its_owner() -> None:
    guests = ("ATTENDEE;PARTSTAT=DECLINED:mailto:me@example.org", "ATTENDEE:mailto:you@example.org")
    declined = event("1", "20261128T190000Z", "20261128T210000Z", *guests)
    assert read(declined) == ONE
    assert read("X-WR-CALNAME:me@example.org\r\n", declined) == {}


@pytest.mark.parametrize(
    ("start", "end", "lines", "busy"),
    [
        (f"{VIENNA}20261128T190000", f"{VIENNA}20261128T210000", (), {"fixed": ["11-28T18:00 11-28T20:00"]}),
        (f"{VIENNA}20270628T190000", "", ("DURATION:PT2H",), {"fixed": ["06-28T17:00 06-28T19:00"]}),
        (';TZID="W. Europe Standard Time":20261128T200000', "20261128T210000Z", (), ONE),
        ("20261128T190000", "20261128T210000", (), {"floating": ["11-28T19:00 11-28T21:00"]}),
        (";VALUE=DATE:20261128", "", (), {"all_day": ["11-28T00:00 11-29T00:00"]}),
        (";VALUE=DATE:20261128", ";VALUE=DATE:20261205", (), {"all_day": ["11-28T00:00 12-05T00:00"]}),
        ("20261128T190000Z", "", (), {}),
        ("20261128T190000Z", "20261128T190000Z", (), {}),
        ("20261128T190000Z", "20261128T180000Z", (), {}),
        ("20261001T190000Z", "20261003T190000Z", (), {}),
        ("20281001T190000Z", "20281003T190000Z", (), {}),
        ("20201001T190000Z", "20301003T190000Z", (), {"fixed": ["11-21T12:00 12-28T12:00"]}),
        (";TZID=Nowhere:20261128T190000", ";TZID=Nowhere:20261128T210000", (), {"skipped": 1}),
        ("20261328T190000Z", "20261328T210000Z", (), {"skipped": 1}),
        ("noon", "20261128T210000Z", (), {"skipped": 1}),
        ("", "20261128T210000Z", (), {"skipped": 1}),
        ("20261128T190000Z", "", ("DURATION:soon",), {"skipped": 1}),
        ("20261128T190000Z", ";VALUE=DATE:20261130", (), {"fixed": ["11-28T19:00 11-30T00:00"]}),
    ],
)  # fmt: skip
def test_times_are_read_in_every_form(start: str, end: str, lines: tuple[str, ...], busy: dict) -> None:
    assert read(event("1", start, end, *lines)) == busy


def test_events_that_touch_or_overlap_are_one_busy_time() -> None:
    three = [event(str(at), f"20261128T1{at}0000Z", f"20261128T1{at + 2}0000Z") for at in (7, 5, 4)]
    assert read(*three) == {"fixed": ["11-28T14:00 11-28T19:00"]}


def test_a_series_is_read_with_its_exceptions() -> None:
    start, end = f"{VIENNA}20261207T180000", f"{VIENNA}20261207T190000"
    series = event("s", start, end, "RRULE:FREQ=WEEKLY;COUNT=6", f"EXDATE{VIENNA}20261214T180000")
    moved = event("s", f"{VIENNA}20261222T200000", f"{VIENNA}20261222T203000", f"RECURRENCE-ID{VIENNA}20261221T180000")
    cancelled = event("s", start, end, f"RECURRENCE-ID{VIENNA}20261228T180000", "STATUS:CANCELLED")
    free = event("s", start, end, f"RECURRENCE-ID{VIENNA}20270104T180000", "TRANSP:TRANSPARENT")
    times = ["12-07T17:00 12-07T18:00", "12-22T19:00 12-22T19:30", "01-11T17:00 01-11T18:00"]
    assert read(cancelled, series, moved, free) == {"fixed": times}
    # A series that leaves the person free, but for one occurrence.
    all_free = event("s", start, end, "RRULE:FREQ=WEEKLY;COUNT=6", "TRANSP:TRANSPARENT")
    assert read(all_free, moved) == {"fixed": times[1:2]}


def test_a_later_revision_replaces_an_earlier_one() -> None:
    first = event("1", "20261128T190000Z", "20261128T210000Z")
    later = event("1", "20261129T190000Z", "20261129T210000Z", "SEQUENCE:2")
    assert read(later, first) == {"fixed": ["11-29T19:00 11-29T21:00"]}
    assert read(first, event("1", "20261128T190000Z", "", "SEQUENCE:3", "STATUS:CANCELLED"), later) == {}


def test_summer_time_moves_a_series_and_dates_stay_dates() -> None:
    weekly = event("1", f"{VIENNA}20270321T180000", f"{VIENNA}20270321T190000", "RRULE:FREQ=WEEKLY;COUNT=2")
    yearly = event("2", ";VALUE=DATE:19800315", "", "RRULE:FREQ=YEARLY")
    assert read(weekly, yearly) == {
        "fixed": ["03-21T17:00 03-21T18:00", "03-28T16:00 03-28T17:00"],
        "all_day": ["03-15T00:00 03-16T00:00"],
    }


def test_bad_events_are_skipped_and_counted_one_by_one() -> None:
    good = event("good")
    bad = [
        event("1", "20261128T190000Z", "20261128T200000Z", "RRULE:FREQ=SOMETIMES"),
        event("2", "20261128T190000Z", "20261128T200000Z", "RRULE:FREQ=HOURLY"),
        event("3", ";TZID=Nowhere:20261128T190000", ";TZID=Nowhere:20261128T210000", "RRULE:FREQ=DAILY"),
        event("4", "20261128T190000Z", "20261128T200000Z", "RDATE:nonsense"),
    ]
    assert read(*bad[:2], good, *bad[2:]) == {**ONE, "skipped": 4}
    wrong_zone = "BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:soon\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    broken_off = "BEGIN:VEVENT\r\nUID:9\r\nDTSTART:20261201T190000Z\r\nDTEND:20261201T200000Z\r\n"
    assert read(wrong_zone, good, "NONSENSE\r\n:\r\n;;;\r\n", broken_off) == ONE


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\r\n", b"\n"),
        lambda text: text.replace(b"\r\n", b"\r"),
        lambda text: text.replace(b"\r\n", b"\r\n\r\n"),
        lambda text: b"\r\n" + text,
        lambda text: text.replace(b"T190000Z", b"T19\r\n 0000Z").replace(b"DTEND", b"DT\r\n\tEND"),
        lambda text: text.replace(b"Secret meeting", b"\xff\xfe\x00 meeting"),
        lambda text: text.decode().encode("utf-16"),
        lambda text: text.replace(b"BEGIN:VEVENT", b"begin:vevent").replace(b"DTSTART", b"dtstart"),
        lambda text: text + text,
    ],
)  # fmt: skip
def test_files_are_read_as_programs_write_them(change) -> None:
    assert shown(calendar_reader.read(change(calendar(event()).encode()), WINDOW, ())) == ONE


@pytest.mark.parametrize("data", [b"", b"<!doctype html>", b"{}", b"\x00" * 99, b"PK\x03\x04", b"BEGIN:VCARD\r\n"])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(NotACalendar):
        calendar_reader.read(data, WINDOW, ())


# The child process

_TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2028, 6, 1)).map(lambda at: at.replace(second=0, microsecond=0))
_RULES = st.sampled_from(
    (
        "", "", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3;COUNT=40", "FREQ=WEEKLY;BYDAY=MO,WE,SU", "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
        "FREQ=WEEKLY;UNTIL=20270301T000000Z", "FREQ=DAILY;UNTIL=20261201T000000Z", "FREQ=MONTHLY;COUNT=5",
    )
)  # fmt: skip
_ZONES = st.sampled_from(("UTC", "Europe/Vienna", "America/New_York", "Asia/Kolkata", "Pacific/Apia"))


@st.composite
def _events(draw: st.DrawFn) -> str:
    zone, start = draw(_ZONES), draw(_TIMES)
    end = start + timedelta(minutes=draw(st.integers(0, 3000)))
    rule = draw(_RULES)
    lines = [f"RRULE:{rule}"] if rule else []
    if rule and draw(st.booleans()):
        lines.append(f"EXDATE;TZID={zone}:{start + timedelta(days=7):%Y%m%dT%H%M%S}")
    times = (f";TZID={zone}:{at:%Y%m%dT%H%M%S}" for at in (start, end))
    return event(f"{draw(st.uuids())}", *times, *lines)


@settings(max_examples=60, database=None)
@given(st.lists(_events(), min_size=1, max_size=4))
def test_busy_times_are_those_of_the_library(events: list[str]) -> None:
    text = calendar(*events)
    occurrences = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(WINDOW.begins, WINDOW.ends)
    expected = []
    for start, end in sorted((each.start.astimezone(UTC), each.end.astimezone(UTC)) for each in occurrences):
        if expected and start <= expected[-1][1]:
            expected[-1][1] = max(end, expected[-1][1])
        elif start < end:
            expected.append([start, end])
    day = timedelta(days=1)
    answer = calendar_reader.read(text.encode(), WINDOW, ())
    spans = [[datetime.fromtimestamp(at, UTC) for at in span] for span in answer["busy"]["fixed"]]
    inside = [span for span in spans if span[1] > WINDOW.begins and span[0] < WINDOW.ends]
    clipped = [[max(start, WINDOW.begins - day), min(end, WINDOW.ends + day)] for start, end in expected]
    assert _cut(inside) == _cut(clipped)
    assert answer["skipped"] == 0


def _cut(spans: list[list[datetime]]) -> list[tuple[datetime, datetime]]:
    """Return the part in the window: around it, more events are read than the library returns."""
    cut = [(max(start, WINDOW.begins), min(end, WINDOW.ends)) for start, end in spans]
    return [span for span in cut if span[0] < span[1]]


def in_child(*components: str, **more: tuple[str, ...]) -> Reading:
    return calendar_readings.read(calendar(*components).encode(), WINDOW.begins, WINDOW.ends, **more)


@pytest.fixture
def cost():
    """Return a function that tells the CPU seconds of the children so far. Their memory has a hard limit."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    def measure() -> float:
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return measure


def test_calendars_with_the_same_name_of_a_zone_do_not_meet() -> None:
    starts = {}
    for offset in ("+0300", "-0500", "+1030"):
        zone = OWN_ZONE.format(offset=offset)
        local = [f";TZID=Customized Time Zone:20261128T{hour}0000" for hour in (12, 13)]
        ((start, _),) = in_child(zone, event("1", *local)).times["fixed"]
        starts[offset] = f"{start:%H:%M}"
    assert starts == {"+0300": "09:00", "-0500": "17:00", "+1030": "01:30"}


@pytest.mark.real_time
def test_hostile_rules_cost_little_and_other_events_are_read(cost) -> None:
    hostile = [
        event(rule, "20261128T190000Z", "20261128T190100Z", f"RRULE:{rule}")
        for rule in (
            "FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=1000000000", "INTERVAL=1;freq=secondly", "FREQ=DAILY;INTERVAL=0",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            f"FREQ=DAILY;BYSECOND={','.join(map(str, range(60)))};BYMINUTE=1,2,3,4",
        )
    ]  # fmt: skip
    hostile.append(event("year 1", "00010101T000000Z", "00010101T010000Z", "RRULE:FREQ=DAILY"))
    hostile.append(event("year 9999", "99991231T000000Z", "99991231T235959Z", "RRULE:FREQ=DAILY"))
    reading = in_child(*hostile, event("good"))
    assert (datetime(2026, 11, 28, 19, tzinfo=UTC), datetime(2026, 11, 28, 21, tzinfo=UTC)) in reading.times["fixed"]
    assert reading.skipped >= 6
    billion = in_child(event("1", "20261128T190000Z", "20261128T190100Z", "RRULE:FREQ=DAILY;COUNT=1000000000"))
    assert len(billion.times["fixed"]) == 395
    assert cost() < 2 * 2.1


@pytest.mark.real_time
def test_large_calendars_are_read_or_bounded(cost) -> None:
    def many(count: int, *lines: str) -> str:
        days = [date(2026, 12, 1) + timedelta(days=number % 300) for number in range(count)]
        return "".join(
            event(str(at), f"{VIENNA}{day:%Y%m%d}T{at % 24:02}0000", f"{VIENNA}{day:%Y%m%d}T{at % 24:02}3000", *lines)
            for at, day in enumerate(days)
        )

    with suppress(ReadingFault):  # on a slow machine
        in_child(many(8_000))
    assert cost() < 2.1
    with pytest.raises(ReadingFault, match="too_large"):
        in_child("X-FILL:" + "x" * 5_000_000 + "\r\n")
    for text in (many(6_000, "RRULE:FREQ=WEEKLY"), "BEGIN:VEVENT\r\n" * 100_000, many(1, "RDATE:" + "1," * 900_000)):
        before = cost()
        with suppress(ReadingFault):  # a machine that is slow at the moment stops the child earlier
            in_child(text)
        assert cost() - before < 2.1


@pytest.mark.real_time
def test_the_past_of_a_calendar_costs_little() -> None:
    day = datetime(2016, 1, 1)
    past = [day + timedelta(hours=13 * number) for number in range(6_000)]
    single = [event(str(at), f"{at:%Y%m%dT%H%M%SZ}", f"{at:%Y%m%dT%H%M%SZ}") for at in past]
    ended = [
        event(f"s{at}", f"{at:%Y%m%dT%H%M%SZ}", f"{at:%Y%m%dT%H%M%SZ}", "RRULE:FREQ=DAILY;UNTIL=20251231T000000Z")
        for at in past[:1000]
    ]
    started = time.process_time()
    assert read(*single, *ended, event()) == ONE
    assert time.process_time() - started < 1


def test_the_child_gets_no_secrets_and_tells_no_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    run = subprocess.run

    def record(*args, **options):
        done = run(*args, **options)
        calls.append((options, done.stdout))
        return done

    monkeypatch.setattr(subprocess, "run", record)
    monkeypatch.setenv("REKINDLE_DATABASE_URL", "postgresql://me:hunter2@db/rekindle")
    in_child(event())
    ((options, answer),) = calls
    assert options["env"] == {}
    assert b"Secret" not in answer
    assert json.loads(answer) == {
        "busy": {"fixed": [[1795892400, 1795899600]], "floating": [], "all_day": []},
        "skipped": 0,
    }


def test_a_child_that_dies_or_says_nonsense_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (("/nowhere",), ("false",), ("true",), ("echo", "nonsense")):
        monkeypatch.setattr(calendar_readings._reader, "command", command)
        with pytest.raises(ReadingFault, match="too_hard"):
            in_child(event())
    monkeypatch.setattr(calendar_readings._reader, "command", ("sleep", "9"))
    monkeypatch.setattr(calendar_readings._reader, "most_seconds", 0.1)
    with pytest.raises(ReadingFault, match="too_hard"):
        in_child(event())
