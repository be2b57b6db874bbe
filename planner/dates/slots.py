"""Slots: the one to three times that a proposal offers. A slot is a time of day with a length, or some whole days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from planner import clock
from planner.errors import FieldError, Invalid

MAX_SLOTS = 3
MAX_MINUTES = 20_160  # fourteen days
MAX_DAYS = 14
LONGEST = timedelta(days=MAX_DAYS + 1)
"""No slot is longer. The clocks may go back while it lasts, at the date line by a day."""
HORIZON = timedelta(days=366)


class Slot(NamedTuple):
    """A time for a date: the instants, and the wall time and zone that the sender chose.

    A slot of whole days has their number in `days`, and its wall time is the midnight at which the first one begins.
    `overlaps` are the ids of the viewer's agreed dates at the same time.
    """

    id: UUID
    start: datetime
    end: datetime
    local_time: datetime
    zone: str
    days: int | None = None
    overlaps: tuple[UUID, ...] = ()

    @property
    def minutes(self) -> int:
        """Return its length in minutes."""
        return int((self.end - self.start).total_seconds() // 60)

    @property
    def all_day(self) -> bool:
        """Return whether it is whole days."""
        return self.days is not None

    @property
    def first_day(self) -> date | None:
        """Return the first of its whole days, in its zone."""
        return self.local_time.date() if self.days else None

    @property
    def end_day(self) -> date | None:
        """Return the day after the last of its whole days."""
        return self.local_time.date() + timedelta(days=self.days) if self.days else None


class SlotRequest(NamedTuple):
    """A slot as the sender requests it, with a naive wall time.

    Without a zone, the viewer's zone counts; without minutes, the length of the activity. `days` makes it whole days.
    """

    local_time: datetime
    zone: str | None
    minutes: int | None
    days: int | None = None

    @property
    def field(self) -> str:
        """Return the name of the field that says when it begins."""
        return "first_day" if self.days else "local_time"


def whole_days(first_day: date, days: int, zone: str | None) -> SlotRequest:
    """Return the request of some whole days."""
    return SlotRequest(datetime.combine(first_day, time()), zone, None, days)


class Defaults(NamedTuple):
    """The values for what a slot request leaves out."""

    zone: str
    minutes: int


def build(
    requested_slots: Sequence[SlotRequest],
    defaults: Defaults,
    now: datetime,
    notice: timedelta = timedelta(0),
    answer_time: timedelta = timedelta(0),
) -> list[Slot]:
    """Return the requested slots, ordered by start.

    Raise Invalid for slots within `notice` from now, beyond HORIZON, or with the same start. The last one must leave
    `answer_time` beside the notice.
    """
    slots = [_build(slot_request, defaults) for slot_request in requested_slots]
    fields = [f"slots.{position}.{request.field}" for position, request in enumerate(requested_slots)]
    faults = [fault for field, slot in zip(fields, slots, strict=True) for fault in _faults(field, slot, now, notice)]
    if len({slot.start for slot in slots}) < len(slots):
        faults.append(FieldError("slots", "slots_overlap"))
    last = max(range(len(slots)), key=lambda position: slots[position].start)
    if not faults and slots[last].start < now + notice + answer_time:
        faults.append(FieldError(fields[last], "no_time_to_answer"))
    if faults:
        raise Invalid(*faults)
    return sorted(slots, key=lambda slot: slot.start)


def _build(slot_request: SlotRequest, defaults: Defaults) -> Slot:
    zone, minutes = slot_request.zone or defaults.zone, slot_request.minutes or defaults.minutes
    start, end = instants(slot_request.local_time, zone, slot_request.days, timedelta(minutes=minutes))
    return Slot(uuid4(), start, end, slot_request.local_time, zone, slot_request.days)


def instants(local_time: datetime, zone: str, days: int | None, length: timedelta) -> tuple[datetime, datetime]:
    """Return start and end of a slot by the rules of its zone. Whole days end at a midnight, and have no length."""
    start = clock.to_utc(local_time, zone)
    if days:
        return start, clock.to_utc(local_time + timedelta(days=days), zone)
    # Add the length to the instant, not to the wall time: a film is as long in a night when the clocks change.
    return start, start + length


def _faults(field: str, slot: Slot, now: datetime, notice: timedelta) -> Iterable[FieldError]:
    minutes = int(notice.total_seconds() // 60)
    if slot.start <= now:
        yield FieldError(field, "slot_in_the_past")
    elif slot.start <= now + notice and minutes % 60:
        yield FieldError(field, "slot_too_soon_minutes", minutes=minutes)
    elif slot.start <= now + notice:
        yield FieldError(field, "slot_too_soon", hours=minutes // 60)
    if slot.start > now + HORIZON:
        yield FieldError(field, "slot_too_far")


def day_before(slot: Slot, zone: str) -> datetime:
    """Return the same wall time one day earlier for a person in a zone, also when clocks change in between.

    Clocks in the zone of the slot may change on another day: its day before may be no day before for this person.
    """
    wall = slot.local_time if zone == slot.zone else clock.to_zone(slot.start, zone).replace(tzinfo=None)
    return clock.to_utc(wall - timedelta(days=1), zone)


def to_json(requested_slots: Sequence[SlotRequest]) -> list[list[object]]:
    """Return slot requests as plain values, for the digest of a request."""
    return [
        # A list of three is what servers without whole days have stored.
        [each.local_time.isoformat(), each.zone, each.minutes, *([each.days] if each.days else [])]
        for each in requested_slots
    ]
