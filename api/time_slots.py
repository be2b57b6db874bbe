"""Slots: the times that a person offers for a date, and as each reader sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validates_schema

from api.core.fields import Day, LocalDateTime, Number, TimeZoneName, UtcDateTime, Uuid
from api.core.operations import RequestContext
from api.core.validators import InvalidValue, Length
from planner.clock import to_zone
from planner.contact.viewer import Viewer
from planner.dates import slots
from planner.dates.slots import MAX_DAYS, MAX_MINUTES, MAX_SLOTS, Slot, SlotRequest


class TimeSlotIn(Schema):
    """A time that you offer in a zone: a wall time, or some whole days.

    Send `local_time`, and `minutes` if you like. For whole days, send `first_day` and `days` instead.
    """

    local_time = LocalDateTime(
        load_default=None, metadata={"examples": ["2026-11-28T19:00"], "description": "Required, unless whole days."}
    )
    first_day = Day(
        load_default=None,
        metadata={
            "examples": ["2027-05-14"],
            "description": "For whole days, from midnight to midnight in the zone. It needs `days`, and excludes "
            "`local_time` and `minutes`.",
        },
    )
    days = Number(
        1,
        MAX_DAYS,
        load_default=None,
        metadata={"examples": [3], "description": "How many whole days. It needs `first_day`."},
    )
    zone = TimeZoneName(
        load_default=None, metadata={"examples": ["Europe/Lisbon"], "description": "Default: your own."}
    )
    minutes = Number(
        10,
        MAX_MINUTES,
        load_default=None,
        metadata={"examples": [90], "description": "Default: what the activity takes."},
    )

    @validates_schema
    def _check_kind(self, data: dict[str, Any], **kwargs: Any) -> None:
        timed = [name for name in ("local_time", "minutes") if data[name]]
        whole = [name for name in ("first_day", "days") if data[name]]
        if timed and whole:
            raise InvalidValue("whole_days_or_time", timed[0])
        if missing := [name for name in ("first_day", "days") if whole and not data[name]]:
            raise InvalidValue("whole_days_incomplete", missing[0])
        if not whole and not data["local_time"]:
            raise InvalidValue("time_missing", "local_time")


def offered(example: str = "2026-11-28T19:00") -> fields.List[Any]:
    """Return the field for one to three slots."""
    slot = {"local_time": example, "zone": "Europe/Lisbon", "minutes": 90}
    return fields.List(
        fields.Nested(TimeSlotIn),
        required=True,
        validate=Length(1, MAX_SLOTS),
        metadata={"examples": [[slot]]},
    )


class TimeSlotOut(Schema):
    """A slot: its instants, the wall time or the days that the sender chose, and your local time."""

    id = Uuid(metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})
    start = UtcDateTime(metadata={"examples": ["2026-11-28T19:00:00.000Z"]})
    end = UtcDateTime(metadata={"examples": ["2026-11-28T20:30:00.000Z"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    local_time = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    viewer_local_time = LocalDateTime(metadata={"examples": ["2026-11-28T20:00"], "description": "In your zone."})
    all_day = fields.Boolean(
        metadata={
            "examples": [False],
            "description": "true: whole days in the zone of the slot, which are the same days for each reader.",
        }
    )
    first_day = Day(allow_none=True, metadata={"examples": [None], "description": "Of whole days, the first one."})
    end_day = Day(allow_none=True, metadata={"examples": [None], "description": "Of whole days, the day after them."})
    overlaps = fields.List(
        Uuid(),
        metadata={"examples": [[]], "description": "Your other agreed dates at this time. The server refuses none."},
    )


def show_slots(viewer: Viewer, slots_of_date: Sequence[Slot]) -> list[dict[str, Any]]:
    """Return slots as the viewer sees them."""
    return [
        {
            **slot._asdict(),
            **{name: getattr(slot, name) for name in _DERIVED},
            "viewer_local_time": _local(slot.start, viewer),
        }
        for slot in slots_of_date
    ]


_DERIVED = ("minutes", "all_day", "first_day", "end_day")


def _local(at: datetime, viewer: Viewer) -> datetime:
    return to_zone(at, viewer.zone)


def requested_slots(context: RequestContext) -> list[SlotRequest]:
    """Return the slots of a request."""
    return [_to_request(slot) for slot in context.body["slots"]]


def _to_request(slot: dict[str, Any]) -> SlotRequest:
    if slot["first_day"]:
        return slots.whole_days(slot["first_day"], slot["days"], slot["zone"])
    return SlotRequest(slot["local_time"], slot["zone"], slot["minutes"])
