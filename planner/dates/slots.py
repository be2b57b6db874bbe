"""Slots: the one to three times that a proposal offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from planner import clock
from planner.errors import FieldError, Invalid

MAX_SLOTS = 3
MAX_MINUTES = 20_160  # fourteen days
HORIZON = timedelta(days=366)


class Slot(NamedTuple):
    """A time for a date: the instants, and the wall time and zone that the sender chose.

    `overlaps` are the ids of the viewer's agreed dates at the same time.
    """

    id: UUID
    start: datetime
    end: datetime
    local_time: datetime
    zone: str
    overlaps: tuple[UUID, ...] = ()

    @property
    def minutes(self) -> int:
        """Return its length in minutes."""
        return int((self.end - self.start).total_seconds() // 60)


class SlotRequest(NamedTuple):
    """A slot as the sender requests it, with a naive wall time.

    Without a zone, the viewer's zone counts; without minutes, the length of the activity.
    """

    local_time: datetime
    zone: str | None
    minutes: int | None


class Defaults(NamedTuple):
    """The values for what a slot request leaves out."""

    zone: str
    minutes: int


def build(requested_slots: Sequence[SlotRequest], defaults: Defaults, now: datetime, earliest: timedelta) -> list[Slot]:
    """Return the requested slots, ordered by start.

    Raise Invalid for slots before `earliest` from now, beyond HORIZON, or with the same start.
    """
    slots = [_build(slot_request, defaults) for slot_request in requested_slots]
    faults = [fault for position, slot in enumerate(slots) for fault in _faults(position, slot, now, earliest)]
    if len({slot.start for slot in slots}) < len(slots):
        faults.append(FieldError("slots", "slots_overlap"))
    if faults:
        raise Invalid(*faults)
    return sorted(slots, key=lambda slot: slot.start)


def _build(slot_request: SlotRequest, defaults: Defaults) -> Slot:
    zone, minutes = slot_request.zone or defaults.zone, slot_request.minutes or defaults.minutes
    start = clock.to_utc(slot_request.local_time, zone)
    # Add the length to the instant, not to the wall time: a film is as long in a night when the clocks change.
    return Slot(uuid4(), start, start + timedelta(minutes=minutes), slot_request.local_time, zone)


def _faults(position: int, slot: Slot, now: datetime, earliest: timedelta) -> Iterable[FieldError]:
    if slot.start <= now + earliest:
        hours = int(earliest.total_seconds() // 3600)
        field = f"slots.{position}.local_time"
        yield FieldError(field, "slot_too_soon", hours=hours) if hours else FieldError(field, "slot_in_the_past")
    if slot.start > now + HORIZON:
        yield FieldError(f"slots.{position}.local_time", "slot_too_far")


def day_before(slot: Slot) -> datetime:
    """Return the same wall time one day earlier, also when the clocks change in between."""
    return clock.to_utc(slot.local_time - timedelta(days=1), slot.zone)
