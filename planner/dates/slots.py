"""Slots: the one to three times that a proposal offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from planner import clock
from planner.errors import FieldError, Invalid

MAX_SLOTS = 3
HORIZON = timedelta(days=366)


class Slot(NamedTuple):
    """A stretch of time: what was meant (a wall time in a zone, minutes) and the instants that it comes to."""

    id: UUID
    start: datetime
    end: datetime
    wall: datetime
    zone: str

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.end - self.start).total_seconds() // 60)


class SlotRequest(NamedTuple):
    """A slot as it is asked for: a naive wall time, a zone (None: the asker's own), minutes (None: the activity's)."""

    wall: datetime
    zone: str | None
    minutes: int | None


class Defaults(NamedTuple):
    """What a wish leaves out."""

    zone: str
    minutes: int


def build(requested_slots: Sequence[SlotRequest], defaults: Defaults, now: datetime, earliest: timedelta) -> list[Slot]:
    """Slots in the order of their start. Raises Invalid for too soon (`earliest` from now), too far, or double ones."""
    found = [_build(slot_request, defaults) for slot_request in requested_slots]
    faults = [fault for at, slot in enumerate(found) for fault in _faults(at, slot, now, earliest)]
    if len({slot.start for slot in found}) < len(found):
        faults.append(FieldError("slots", "Two slots start at the same time."))
    if faults:
        raise Invalid(*faults)
    return sorted(found, key=lambda slot: slot.start)


def _build(slot_request: SlotRequest, defaults: Defaults) -> Slot:
    zone, minutes = slot_request.zone or defaults.zone, slot_request.minutes or defaults.minutes
    start = clock.to_utc(slot_request.wall, zone)
    # A length is hours lived through, not hours on the wall: a night when the clocks change is no shorter film.
    return Slot(uuid4(), start, start + timedelta(minutes=minutes), slot_request.wall, zone)


def _faults(at: int, slot: Slot, now: datetime, earliest: timedelta) -> Iterable[FieldError]:
    if slot.start <= now + earliest:
        hours = int(earliest.total_seconds() // 3600)
        yield FieldError(
            f"slots.{at}.wall",
            f"Choose a time more than {hours} hours from now." if hours else "This is past.",
        )
    if slot.start > now + HORIZON:
        yield FieldError(f"slots.{at}.wall", "Choose a time within a year.")


def midnight(slot: Slot) -> datetime:
    """The beginning of its day, where it takes place: from then on it is no longer "tomorrow"."""
    return clock.to_utc(slot.wall.replace(hour=0, minute=0), slot.zone)


def day_before(slot: Slot) -> datetime:
    """The same time on the wall, the day before: what people mean by "the day before" when the clocks change."""
    return clock.to_utc(slot.wall - timedelta(days=1), slot.zone)
