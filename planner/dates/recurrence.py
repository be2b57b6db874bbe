"""Recurrence: on which days a ritual takes place. Pure functions, no database.

A rule repeats a wall time in a zone. It is within the part of RFC 5545 that calendars agree on: every n days, weeks,
months or years; in a week on some weekdays, in a month on one day or on one weekday. The start is the first occurrence,
and says which day of the month or year the rule means. A month without that day is left out. The 29th of February means
the last day of February.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any, NamedTuple

from dateutil import rrule

from planner import clock
from planner.errors import FieldError

DAILY, WEEKLY, MONTHLY, YEARLY = "day", "week", "month", "year"
FREQUENCIES = (DAILY, WEEKLY, MONTHLY, YEARLY)
DAY, WEEKDAY, LAST_WEEKDAY = "day", "weekday", "last_weekday"
MONTH_DAYS = (DAY, WEEKDAY, LAST_WEEKDAY)
"""What a monthly rule repeats of its start: the 14th, the second Friday, or the last Friday."""

MAX_INTERVAL = 99
MAX_COUNT = 500

_NAMES = {DAILY: "DAILY", WEEKLY: "WEEKLY", MONTHLY: "MONTHLY", YEARLY: "YEARLY"}
_CODES = {DAILY: rrule.DAILY, WEEKLY: rrule.WEEKLY, MONTHLY: rrule.MONTHLY, YEARLY: rrule.YEARLY}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# An occurrence in a gap is later than its wall time, at most by the day that a zone once skipped.
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a ritual repeats. Without `count` and `until`, it has no end.

    `weekdays` are those of a weekly rule, from 0 for Monday; empty: the weekday of the start. `by` is one of
    MONTH_DAYS, for a monthly rule. `until` is the last possible day.
    """

    frequency: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    by: str = DAY
    count: int | None = None
    until: date | None = None


class Occurrence(NamedTuple):
    """One time of a ritual: the wall time by the rule, and its instant."""

    wall: datetime
    at: datetime


def faults(rule: Rule, start: datetime) -> Iterator[FieldError]:
    """Yield what is wrong with a rule for a start."""
    if rule.weekdays and rule.frequency != WEEKLY:
        yield FieldError("repeat.weekdays", "only_weekly")
    elif rule.weekdays and start.weekday() not in rule.weekdays:
        yield FieldError("repeat.weekdays", "weekday_of_start_missing")
    if rule.by != DAY and rule.frequency != MONTHLY:
        yield FieldError("repeat.by", "only_monthly")
    elif rule.by == WEEKDAY and start.day > 28:
        yield FieldError("repeat.by", "fifth_weekday")
    elif rule.by == LAST_WEEKDAY and (start + timedelta(days=7)).month == start.month:
        yield FieldError("repeat.by", "not_last_weekday")
    if rule.count and rule.until:
        yield FieldError("repeat.until", "count_or_until")
    elif rule.until and rule.until < start.date():
        yield FieldError("repeat.until", "ends_too_early")


def expand(rule: Rule, start: datetime, zone: str, begins: datetime, ends: datetime) -> list[Occurrence]:
    """Return the occurrences that start from `begins` on and before `ends`, in order.

    `start` is the naive wall time of the first occurrence, `begins` and `ends` are instants. A wall time in a gap or a
    fold becomes the instant of `clock.to_utc`. The cost grows with the stretch, not with the age of the ritual.
    """
    return list(takewhile(lambda occurrence: occurrence.at < ends, iterate(rule, start, zone, begins)))


def iterate(rule: Rule, start: datetime, zone: str, begins: datetime) -> Iterator[Occurrence]:
    """Yield the occurrences that start from an instant on, in order. Without an end, this ends in the year 9999."""
    first = max(start, clock.to_zone(begins, zone).replace(tzinfo=None) - _MARGIN)
    # With the days given, the rule may begin in any of its periods: in the one of `first`, to skip those before it.
    days = _rrule(rule, start, dtstart=_period(rule, start, first), until=last_wall(rule, start))
    for wall in days:
        at = clock.to_utc(wall, zone)
        if wall >= start and at >= begins:
            yield Occurrence(wall, at)


def _period(rule: Rule, start: datetime, first: datetime) -> datetime:
    """Return the beginning of the rule's last period that begins before `first`, at the time of the start."""
    if rule.frequency in (DAILY, WEEKLY):
        week = rule.frequency == WEEKLY
        origin = start - timedelta(days=start.weekday() if week else 0)
        length = rule.interval * (7 if week else 1)
        return origin + timedelta(days=(first - origin).days // length * length)
    months = (first.year - start.year) * 12 + (first.month - start.month if rule.frequency == MONTHLY else 0)
    length = rule.interval * (1 if rule.frequency == MONTHLY else 12)
    month = start.month - 1 if rule.frequency == MONTHLY else 0
    years, month = divmod(month + months // length * length, 12)
    return start.replace(year=start.year + years, month=month + 1, day=1)


def _rrule(rule: Rule, start: datetime, **limits: Any) -> rrule.rrule:
    return rrule.rrule(_CODES[rule.frequency], interval=rule.interval, **_days(rule, start), **limits)


def _days(rule: Rule, start: datetime) -> dict[str, Any]:
    """Return the arguments of dateutil that say which days of a period the rule means."""
    if rule.frequency == WEEKLY:
        return {"byweekday": rule.weekdays or (start.weekday(),)}
    if rule.frequency == MONTHLY and rule.by != DAY:
        return {"byweekday": rrule.weekday(start.weekday(), _week(rule, start))}
    if rule.frequency == MONTHLY:
        return {"bymonthday": start.day}
    return {"bymonth": start.month, "bymonthday": _yearly_day(start)} if rule.frequency == YEARLY else {}


def _week(rule: Rule, start: datetime) -> int:
    return -1 if rule.by == LAST_WEEKDAY else (start.day - 1) // 7 + 1


def _yearly_day(start: datetime) -> int:
    return -1 if (start.month, start.day) == (2, 29) else start.day


def last_wall(rule: Rule, start: datetime) -> datetime | None:
    """Return the latest wall time that an occurrence can have, or None without an end."""
    if rule.until:
        return datetime.combine(rule.until, time.max)
    return _last_of_count(rule, start) if rule.count else None


def count_left(rule: Rule, start: datetime, wall: datetime) -> int | None:
    """Return how many times are left from a wall time on, or None for a rule without a count."""
    return sum(each >= wall for each in _walls_of_count(rule, start)) if rule.count else None


@lru_cache(maxsize=256)
def _walls_of_count(rule: Rule, start: datetime) -> tuple[datetime, ...]:
    return tuple(_rrule(rule, start, dtstart=start, count=rule.count))


@lru_cache(maxsize=1024)
def _last_of_count(rule: Rule, start: datetime) -> datetime:
    return _walls_of_count(rule, start)[-1]


def to_rrule(rule: Rule, start: datetime, zone: str) -> str:
    """Return the RRULE of a rule for a DTSTART in a zone, as RFC 5545 writes it: `FREQ=WEEKLY;BYDAY=FR`."""
    if rule.until is None:
        return to_text(rule, start)
    # Some programs take a skipped time of the next day for an earlier one. So do not write the end of the last day.
    last = clock.to_utc(datetime.combine(rule.until, start.time()), zone)
    return f"{to_text(replace(rule, until=None), start)};UNTIL={last:%Y%m%dT%H%M%SZ}"


def to_text(rule: Rule, start: datetime) -> str:
    """Return a rule as text to store. It is an RRULE, but an UNTIL is a day in the zone of the ritual."""
    parts = {"FREQ": _NAMES[rule.frequency]}
    if rule.interval > 1:
        parts["INTERVAL"] = str(rule.interval)
    if rule.frequency == WEEKLY:
        parts["BYDAY"] = ",".join(_WEEKDAYS[day] for day in sorted(rule.weekdays) or (start.weekday(),))
    elif rule.frequency == MONTHLY and rule.by != DAY:
        parts["BYDAY"] = f"{_week(rule, start)}{_WEEKDAYS[start.weekday()]}"
    elif rule.frequency == MONTHLY:
        parts["BYMONTHDAY"] = str(start.day)
    elif rule.frequency == YEARLY:
        parts |= {"BYMONTH": str(start.month), "BYMONTHDAY": str(_yearly_day(start))}
    if rule.count:
        parts["COUNT"] = str(rule.count)
    if rule.until:
        parts["UNTIL"] = f"{rule.until:%Y%m%d}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def parse(text: str) -> Rule:
    """Return the rule of a text from `to_text`. One weekday is that of the start, whatever the start is."""
    parts = dict(part.split("=") for part in text.split(";"))
    frequency = next(name for name, code in _NAMES.items() if code == parts["FREQ"])
    days = parts.get("BYDAY", "").split(",")
    return Rule(
        frequency,
        int(parts.get("INTERVAL", "1")),
        tuple(_WEEKDAYS.index(day) for day in days) if frequency == WEEKLY and len(days) > 1 else (),
        DAY if frequency != MONTHLY or not days[0] else LAST_WEEKDAY if days[0].startswith("-") else WEEKDAY,
        int(parts["COUNT"]) if "COUNT" in parts else None,
        datetime.strptime(parts["UNTIL"], "%Y%m%d").date() if "UNTIL" in parts else None,  # noqa: DTZ007  # a day
    )
