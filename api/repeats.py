"""How dates repeat: the rule in a request and an answer, and the ritual of a date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, LocalDateTime, Number, UtcDateTime, Uuid
from api.core.validators import Length
from planner.clock import to_zone
from planner.contact.viewer import Viewer
from planner.dates.recurrence import DAY, MAX_COUNT, MAX_INTERVAL, MONTHLY, WEEKLY, Rule
from planner.dates.ritual_views import RitualTime
from planner.dates.views import DateRitual

_WEEKDAYS = enumerations.WEEKDAY.values


class RepeatIn(Schema):
    """How a date repeats. Its own time is the first one, and says which day of the month or year is meant.

    Whole days do not repeat.
    """

    every = Choice(
        enumerations.REPEAT_UNIT,
        required=True,
        metadata={"examples": ["week"], "description": "With interval: every n."},
    )
    interval = Number(1, MAX_INTERVAL, load_default=1, metadata={"examples": [2]})
    weekdays = fields.List(
        Choice(enumerations.WEEKDAY),
        load_default=list,
        validate=Length(0, 7),
        metadata={
            "examples": [["friday"]],
            "description": "Weekly only. The weekday of the first time is one of them. Default: only that one.",
        },
    )
    by = Choice(
        enumerations.MONTH_DAY, load_default=DAY, metadata={"examples": ["day"], "description": "Monthly only."}
    )
    count = Number(
        2, MAX_COUNT, load_default=None, allow_none=True, metadata={"examples": [6], "description": "How many times."}
    )
    until = Day(
        load_default=None,
        allow_none=True,
        metadata={"examples": [None], "description": "The last possible day. Without count and until: no end."},
    )


class RepeatOut(Schema):
    """How a ritual repeats."""

    every = EnumField(enumerations.REPEAT_UNIT, metadata={"examples": ["week"]})
    interval = fields.Integer(metadata={"examples": [2]})
    weekdays = fields.List(
        EnumField(enumerations.WEEKDAY), metadata={"examples": [["friday"]], "description": "Empty unless weekly."}
    )
    by = EnumField(
        enumerations.MONTH_DAY, allow_none=True, metadata={"examples": [None], "description": "Null unless monthly."}
    )
    count = fields.Integer(allow_none=True, metadata={"examples": [6]})
    until = Day(allow_none=True, metadata={"examples": [None]})


class DateRitualOut(Schema):
    """The ritual that a date belongs to, in brief."""

    id = Uuid(metadata={"examples": ["7d1f0c2e-4b55-4e6c-9a8e-6f4f6f0f7a21"]})
    state = EnumField(enumerations.RITUAL_STATE, metadata={"examples": ["offered"]})
    repeat = fields.Nested(RepeatOut)
    local_time = LocalDateTime(metadata={"examples": ["2026-12-04T19:00"], "description": "The first time."})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    replaces_id = Uuid(
        allow_none=True, metadata={"examples": [None], "description": "The ritual that this one changes, if it does."}
    )


class RitualTimeOut(Schema):
    """One time of a ritual."""

    ritual_id = Uuid(metadata={"examples": ["7d1f0c2e-4b55-4e6c-9a8e-6f4f6f0f7a21"]})
    title = fields.String(metadata={"examples": ["Market-stall lunch"]})
    date_id = Uuid(
        allow_none=True,
        metadata={"examples": [None], "description": "Null: more than 8 weeks ahead, so it is not a date yet."},
    )
    start = UtcDateTime(metadata={"examples": ["2027-02-26T19:00:00.000Z"]})
    end = UtcDateTime(metadata={"examples": ["2027-02-26T20:30:00.000Z"]})
    viewer_local_time = LocalDateTime(metadata={"examples": ["2027-02-26T20:00"], "description": "In your zone."})
    rule_time = LocalDateTime(
        metadata={
            "examples": ["2027-02-26T19:00"],
            "description": "By the rule, in the zone of the ritual. A date that was moved begins at another time.",
        }
    )
    left = fields.Integer(
        allow_none=True,
        metadata={"examples": [None], "description": "Of a count: how many times are left, this one included."},
    )
    first_day = Day(
        allow_none=True, metadata={"examples": [None], "description": "Of a date that was moved to whole days."}
    )
    end_day = Day(allow_none=True, metadata={"examples": [None], "description": "The day after the last whole day."})


def read_rule(repeat: dict[str, Any] | None) -> Rule | None:
    """Return the rule of a request, if it has one."""
    if repeat is None:
        return None
    weekdays = tuple(sorted({_WEEKDAYS.index(day) for day in repeat["weekdays"]}))
    return Rule(repeat["every"], repeat["interval"], weekdays, repeat["by"], repeat["count"], repeat["until"])


def show_rule(rule: Rule, start: datetime) -> dict[str, Any]:
    """Return a rule with what follows from its first time."""
    weekdays = [_WEEKDAYS[day] for day in rule.weekdays or (start.weekday(),)] if rule.frequency == WEEKLY else []
    return {
        "every": rule.frequency,
        "interval": rule.interval,
        "weekdays": weekdays,
        "by": rule.by if rule.frequency == MONTHLY else None,
        "count": rule.count,
        "until": rule.until,
    }


def show_ritual_of_date(ritual: DateRitual | None) -> dict[str, Any] | None:
    """Return the ritual of a date, if it belongs to one."""
    if ritual is None:
        return None
    row = ritual.row
    return {
        "id": row.id,
        "state": ritual.state,
        "repeat": show_rule(row.rule, row.start),
        "local_time": row.start,
        "zone": row.zone,
        "minutes": row.minutes,
        "replaces_id": row.replaces_id,
    }


def show_time(time: RitualTime, viewer: Viewer) -> dict[str, Any]:
    """Return one time of a ritual as the viewer sees it."""
    return {
        "ritual_id": time.ritual,
        "title": time.activity.content.title,
        "date_id": time.date,
        "start": time.start,
        "end": time.end,
        "viewer_local_time": to_zone(time.start, viewer.zone),
        "rule_time": time.wall,
        "left": time.left,
        "first_day": time.first_day,
        "end_day": time.end_day,
    }
