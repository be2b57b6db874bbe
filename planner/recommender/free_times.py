"""Find times: for an activity, or for two people who both agreed to find common times.

A window of time that the viewer names is taken at its word: only plans count in it. Without one, the viewer's own
availability counts, and the partner's if both agreed (see calendars/availability.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from planner import sun
from planner.calendars import availability, busy
from planner.calendars.availability import Known
from planner.catalogue import activities
from planner.clock import to_utc, to_zone
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.errors import FieldError, Invalid
from planner.recommender.model import free_slots, ranked_times
from planner.recommender.model.free_slots import (
    Busy,
    FreeSlot,
    FreeTime,
    Meeting,
    Occasion,
    SchedulingBounds,
    Window,
)
from planner.recommender.model.ranked_times import RankedTime, Schedule, Search, SharedTime
from planner.recommender.model.request import SOON_DAYS, RecommendationRequest, days_ahead
from seeds.reader import Activity

MAX_SLOTS_OF_ONE = 8
"""Slots for one known activity. A suggestion has fewer, because it is one of five."""

USUAL_MINUTES = 90
"""The length of a time that is for no activity in particular."""


class FreeTimesQuery(NamedTuple):
    """A search for times on some days: of so many minutes, for an activity, or both."""

    first: date
    last: date
    minutes: int | None = None
    activity: UUID | None = None


class FreeTimes(NamedTuple):
    """Times, the best first. `party` is two if they suit both. Without any, the own constraints that leave none."""

    party: str
    times: list[RankedTime]
    relax: list[str]


def list_times(viewer: Viewer, query: FreeTimesQuery, request: RecommendationRequest, now: datetime) -> FreeTimes:
    """Return times when the viewer can be free, and the partner too if both agreed. Four queries, six with a partner.

    Raises NotFound, or Invalid for fewer minutes than the activity takes.
    """
    known = _known(viewer, request)
    days = Window(datetime.combine(query.first, time()), _end_of(query.last), viewer.zone)
    search = _search(viewer, known, request, days, now)
    occasion, shorter = _occasions(viewer, query)
    search = search._replace(occasion=occasion, shorter=shorter)
    times = ranked_times.find(search)
    return FreeTimes("two" if known.partner else "one", times, [] if times else ranked_times.list_relaxable(search))


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())


def _known(viewer: Viewer, request: RecommendationRequest) -> Known:
    """Return the availability that counts for a request. For one, the partner's does not."""
    known = availability.read(viewer)
    return known if request.party == "two" else known._replace(partner=None)


def _search(viewer: Viewer, known: Known, request: RecommendationRequest, window: Window, now: datetime) -> Search:
    """Return a search in a window, without what it is for. Two queries, four with a partner."""
    bounds = _bounds(viewer, request, viewer.zone, now)
    furthest = max(window.ends, _end_of(last_day(viewer, now)))
    begins, ends = (to_utc(wall, viewer.zone) for wall in (window.begins, furthest))
    plans = busy.list_own(viewer, max(begins, now), ends)
    theirs = None
    if known.partner:
        person, zone, windows = known.partner
        theirs = Schedule(windows, zone, *busy.list_alone(person, max(begins, now), ends)).windows(begins, ends)
    return Search(
        Schedule(known.own.windows, viewer.zone, *plans),
        theirs,
        window.begins,
        window.ends,
        furthest,
        bounds,
        notice=bounds.earliest - now,
    )


def last_day(viewer: Viewer, now: datetime) -> date:
    """Return the last day on which times are looked for."""
    return viewer.today(now) + timedelta(days=ranked_times.DAYS_AHEAD)


def _occasions(viewer: Viewer, query: FreeTimesQuery) -> tuple[Occasion, Occasion | None]:
    """Return what a search is for, and a shorter form of it to try if it does not fit."""
    if query.activity is None:
        minutes = query.minutes or USUAL_MINUTES
        shorter = ranked_times.meeting(ranked_times.SHORTEST) if minutes > ranked_times.SHORTEST else None
        return ranked_times.meeting(minutes), shorter
    activity = activities.find(viewer, query.activity).content
    if query.minutes is None:
        return activity, None
    if query.minutes < activity.duration_min:
        raise Invalid(FieldError("minutes", "shorter_than_activity", least=activity.duration_min))
    exact = replace(activity, duration_min=query.minutes, duration_max=query.minutes)
    return exact, activity if query.minutes > activity.duration_min else None


def serves_soon(request: RecommendationRequest) -> bool:
    """Return whether a request is for soon, at any hour, and within the days that common times are found in."""
    return request.is_soon and request.start is None and request.wait_days + SOON_DAYS <= ranked_times.DAYS_AHEAD


def load_soon(viewer: Viewer, request: RecommendationRequest, now: datetime) -> SharedTime:
    """Return the free time of the two weeks of a request for soon. Three queries, five with a partner."""
    first = viewer.today(now) + timedelta(days=request.wait_days)
    window = Window(datetime.combine(first, time()), _end_of(first + timedelta(days=SOON_DAYS - 1)), viewer.zone)
    return ranked_times.prepare(_search(viewer, _known(viewer, request), request, window, now))


def load(viewer: Viewer, request: RecommendationRequest, window: Window, now: datetime) -> FreeTime:
    """Return the viewer's free time in a window that they named. Only the viewer's plans are taken."""
    begins, ends = (to_utc(wall, window.zone) for wall in (window.begins, window.ends))
    plans = busy.list_own(viewer, max(begins, now), ends)
    return FreeTime(window, _bounds(viewer, request, window.zone, now, plans.all))


def _bounds(
    viewer: Viewer, request: RecommendationRequest, zone: str, now: datetime, busy: Busy = ()
) -> SchedulingBounds:
    # A proposal leaves time to answer it. For the viewer alone, any future time will do.
    earliest = now
    if request.party == "two" and viewer.pair:
        earliest += contact_rules.ANSWER_NOTICE[viewer.pair.rhythm] + contact_rules.ANSWER_TIME
    return SchedulingBounds(
        earliest,
        request.today,
        request.hemisphere,
        busy,
        daylight=lambda day: sun.daylight(zone, day, request.hemisphere),
    )


def find_slots(
    viewer: Viewer, activity_id: UUID, request: RecommendationRequest, window: Window | None, now: datetime
) -> list[FreeSlot]:
    """Return times for one activity in a window, or in the next two weeks. Raises NotFound.

    In the next two weeks, times when those concerned are usually free come first, and times of never do not count.
    """
    activity = activities.find(viewer, activity_id).content
    longest = min(request.minutes or activity.duration_max, activity.duration_max)
    if longest < activity.duration_min:
        return []
    activity = replace(activity, duration_max=longest)
    if window:
        return load(viewer, request, window, now).find_slots(activity, MAX_SLOTS_OF_ONE)
    window, known = _next_weeks(viewer, activity.lead_days, request, now), _known(viewer, request)
    if not known.own.version:
        return load(viewer, request, window, now).find_slots(activity, MAX_SLOTS_OF_ONE)
    search = _search(viewer, known, request, window, now)
    return ranked_times.find_slots(ranked_times.prepare(search), activity, MAX_SLOTS_OF_ONE)


def _next_weeks(viewer: Viewer, lead_days: int, request: RecommendationRequest, now: datetime) -> Window:
    """Return two weeks from the first possible time, or from the first day after the preparation."""
    begins = _earliest_wall(viewer, _bounds(viewer, request, viewer.zone, now))
    if lead_days:
        begins = datetime.combine(viewer.today(now) + timedelta(days=lead_days), time())
    return Window(begins, begins + free_slots.LONGEST, viewer.zone)


def _earliest_wall(viewer: Viewer, bounds: SchedulingBounds) -> datetime:
    """Return the first wall time in whole minutes at which something may begin."""
    return to_zone(bounds.earliest, viewer.zone).replace(tzinfo=None, second=0, microsecond=0) + timedelta(minutes=1)


def first_day(viewer: Viewer, request: RecommendationRequest, activity: Activity, now: datetime) -> date | None:
    """Return the first day of those asked for on which the activity is possible, or None.

    For soon, it is the first evening or weekend, if there is one.
    """
    if not request.is_soon:
        return request.day
    bounds, first = _bounds(viewer, request, viewer.zone, now), None
    earliest = free_slots.round_up(_earliest_wall(viewer, bounds))
    occasion = Meeting(
        activity.duration_min, activity.duration_max, activity.time_of_day, activity.light, 0, activity.seasons
    )
    for ahead in days_ahead(activity.lead_days, request.wait_days):
        begins = datetime.combine(request.today + timedelta(days=ahead), request.start or time())
        ends = datetime.combine(begins.date(), request.end or time())
        if ends <= begins:
            ends += timedelta(days=1)
        if request.end is None:  # what begins on the day may end later
            ends += timedelta(minutes=activity.duration_min)
        possible, best = _days_within(Window(max(begins, earliest), ends, viewer.zone), request.hemisphere, occasion)
        if best:
            return best
        first = first or possible
    return first


@lru_cache(maxsize=5000)
def _days_within(window: Window, hemisphere: str, occasion: Meeting) -> tuple[date | None, date | None]:
    """Return the first day of a window on which something is possible, and the first after work.

    The answer is the same for all people of a zone, and takes longer than all queries of a request.
    """
    if window.begins >= window.ends:
        return None, None
    # Plans do not count: they would cost a query, and the times of a proposal go around them.
    bounds = SchedulingBounds(
        to_utc(window.begins, window.zone) - timedelta(minutes=1),
        window.begins.date(),
        hemisphere,
        daylight=lambda day: sun.daylight(window.zone, day, hemisphere),
    )
    slots = FreeTime(window, bounds).find_slots(occasion)
    best = next(filter(free_slots.is_after_work, slots), None)
    return slots[0].local_time.date() if slots else None, best.local_time.date() if best else None
