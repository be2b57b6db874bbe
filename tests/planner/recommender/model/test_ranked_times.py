"""Test the ranking of times, and the hints on own constraints."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from planner import clock
from planner.calendars import free_windows
from planner.calendars.free_windows import FREE, NEVER, WEEKDAYS, Availability, DayWindow, FreeWindows, WeekWindow
from planner.recommender.model import ranked_times
from planner.recommender.model.free_slots import SchedulingBounds
from planner.recommender.model.ranked_times import RankedTime, Schedule, Search, find, list_relaxable, meeting
from tests.planner.calendars.test_free_windows import EXAMPLES, LISBON, week_windows
from tests.planner.recommender.model.test_free_slots import PLAIN, replace

TODAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BUSY = Availability((WeekWindow(NEVER, WEEKDAYS, time(0), time(0)),))


def search(mine: Availability = Availability(), days: int = 7, **more: Any) -> Search:  # noqa: B008  # immutable
    midnight = datetime.combine(TODAY, time())
    bounds = SchedulingBounds(NOW + timedelta(hours=1), TODAY, "north")
    values = {"occasion": meeting(90), "furthest": midnight + 29 * DAY, "theirs": None, **more}
    return Search(Schedule(mine, LISBON), begins=midnight, ends=midnight + days * DAY, bounds=bounds, **values)


def windows_of(availability: Availability, zone: str = LISBON) -> FreeWindows:
    begins = clock.start_of_day(TODAY, LISBON)
    return free_windows.list_windows(availability, zone, begins, begins + 29 * DAY)


def shown(times: list[RankedTime]) -> list[str]:
    return [f"{each.local_time:%a %d %H:%M} {each.reason}" for each in times]


def free(*weekdays: str, at: int, until: int) -> WeekWindow:
    return WeekWindow(FREE, weekdays, time(at), time(until))


def test_usual_times_come_first_then_the_days_in_turn_and_today_last() -> None:
    mine = Availability((free("monday", "wednesday", at=18, until=22), free("saturday", at=13, until=21)))
    assert shown(find(search(mine))) == [
        "Wed 25 19:00 usually_free", "Sat 28 19:00 usually_free", "Mon 23 19:00 usually_free",
        "Sat 28 14:00 usually_free",
        "Tue 24 19:00 nothing_planned", "Wed 25 14:00 nothing_planned", "Thu 26 19:00 nothing_planned",
        "Fri 27 19:00 nothing_planned", "Sat 28 10:00 nothing_planned", "Sun 29 19:00 nothing_planned",
    ]  # fmt: skip


def test_a_late_evening_before_a_working_day_comes_last() -> None:
    mine = Availability((free("tuesday", "friday", at=21, until=23),), (DayWindow(NEVER, TODAY, time(0), time(0)),))
    times = shown(find(search(mine, days=5)))
    assert times[0] == "Fri 27 21:00 usually_free"
    assert "Tue 24 21:00 late" in times[1:]


def test_two_people_get_what_they_have_in_common() -> None:
    mine = Availability((free("tuesday", "thursday", at=18, until=22),))
    theirs = windows_of(Availability((free("thursday", "friday", at=20, until=23),)))
    times = shown(find(search(mine, theirs=theirs)))
    assert times[0] == "Thu 26 20:00 usually_free_both"
    assert {time.split()[-1] for time in times[1:]} == {"nothing_planned_both"}
    assert find(search(mine, theirs=windows_of(BUSY))) == []


def test_a_partner_in_another_zone_sleeps_at_night() -> None:
    theirs = windows_of(Availability(), "America/Los_Angeles")
    hours = {each.local_time.hour for each in find(search(theirs=theirs, days=28))}
    assert hours
    assert min(hours) >= 14


def test_plans_and_an_activity_narrow_the_times() -> None:
    day = find(search(days=3))[0].local_time
    plan = clock.to_utc(day.replace(hour=17), LISBON), clock.to_utc(day.replace(hour=20), LISBON)
    narrowed = search(days=3)._replace(mine=Schedule(Availability(), LISBON, dates=(plan,)))
    assert f"{day:%a %d} 20:00 usually_free" in shown(find(narrowed))
    prepared = replace(PLAIN, lead_days=2, time_of_day=("morning",))
    assert {f"{each.local_time:%a %H:%M}" for each in find(search(days=4, occasion=prepared))} == {
        "Wed 10:00",
        "Thu 10:00",
    }


def test_hints_name_what_would_help() -> None:
    def relaxed(mine: Availability, **more: Any) -> list[str]:
        asked = search(mine, **{"days": 1, "furthest": datetime.combine(TODAY + DAY, time()), **more})
        assert find(asked) == []
        return list_relaxable(asked)

    def never(label: str | None, begins: int = 0) -> Availability:
        return Availability((WeekWindow(NEVER, ("monday",), time(begins), time(0), label),))

    for label in free_windows.LABELS:
        assert relaxed(never(label)) == [label]
    assert relaxed(never(None)) == ["no_label"]
    assert relaxed(Availability(days=(DayWindow(NEVER, TODAY, time(0), time(0)),))) == ["days"]
    assert relaxed(never("work"), furthest=datetime.combine(TODAY + 2 * DAY, time())) == ["work", "range"]
    both = Availability((*never("work").week, *never("quiet").week))
    assert relaxed(both) == [], "only both together would help"
    whole = (clock.start_of_day(TODAY, LISBON), clock.start_of_day(TODAY + DAY, LISBON))
    for name, plans in (("dates", {"dates": (whole,)}), ("calendars", {"calendars": (whole,)})):
        asked = search(days=1, furthest=datetime.combine(TODAY + DAY, time()))
        asked = asked._replace(mine=Schedule(Availability(), LISBON, **plans))
        assert (find(asked), list_relaxable(asked)) == ([], [name])
    hours = ((time(0), time(18)), (time(19), time(0)))
    hour = Availability(tuple(WeekWindow(NEVER, ("monday",), *each) for each in hours))
    assert relaxed(hour, shorter=meeting(30)) == ["no_label", "minutes"]
    assert relaxed(Availability(), occasion=replace(PLAIN, lead_days=3)) == ["activity"]
    theirs = windows_of(Availability((WeekWindow(NEVER, ("monday",), time(0), time(0)),)))
    tuesday = datetime.combine(TODAY + 2 * DAY, time())
    assert relaxed(never("work", 20), theirs=theirs, furthest=tuesday) == ["range"], "alone, she has time"
    assert relaxed(never("work"), theirs=theirs) == ["work"]
    late = SchedulingBounds(datetime(2026, 11, 23, 23, tzinfo=UTC), TODAY, "north")
    soon = search(days=1, furthest=datetime.combine(TODAY + DAY, time()), notice=timedelta(hours=6))
    assert list_relaxable(soon._replace(bounds=late)) == ["notice"]


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(
    some.lists(week_windows, max_size=3).map(tuple).map(Availability),
    some.lists(week_windows, max_size=3).map(tuple).map(Availability),
    some.sampled_from((30, 90, 240)),
    some.sampled_from((LISBON, "America/New_York", "Asia/Kolkata")),
)
def test_times_are_free_for_both_and_do_not_overlap(
    mine: Availability, other: Availability, minutes: int, zone: str
) -> None:
    theirs = windows_of(other, zone)
    asked = search(mine, theirs=theirs, days=5, occasion=meeting(minutes))
    times = find(asked)
    assert len(times) <= ranked_times.MAX_TIMES
    both = free_windows.common(windows_of(mine), theirs)
    spans = [(at := clock.to_utc(each.local_time, each.zone), at + timedelta(minutes=each.minutes)) for each in times]
    for span, each in zip(spans, times, strict=True):
        assert each.minutes == minutes
        assert span[0] > asked.bounds.earliest
        assert free_windows.intersect((span,), both.possible) == (span,)
        if each.reason == "usually_free_both":
            assert free_windows.intersect((span,), both.usual) == (span,)
    assert sum(len(free_windows.intersect((span,), (other,))) for span in spans for other in spans) == len(spans)
    # What the partner has beyond the common windows changes nothing.
    trimmed = FreeWindows(
        free_windows.intersect(theirs.possible, windows_of(mine).possible),
        free_windows.intersect(theirs.usual, windows_of(mine).usual),
        theirs.late,
    )
    assert find(asked._replace(theirs=trimmed)) == times
