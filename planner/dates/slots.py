"""Slots: the one to three times that a proposal offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from planner import clock
from planner.errors import Fault, Invalid

MOST = 3
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


class Wish(NamedTuple):
    """A slot as it is asked for: a naive wall time, a zone (None: the asker's own), minutes (None: the activity's)."""

    wall: datetime
    zone: str | None
    minutes: int | None


class Defaults(NamedTuple):
    """What a wish leaves out."""

    zone: str
    minutes: int


def build(wishes: Sequence[Wish], defaults: Defaults, now: datetime, earliest: timedelta) -> list[Slot]:
    """Slots in the order of their start. Raises Invalid for too soon (`earliest` from now), too far, or double ones."""
    found = [_build(wish, defaults) for wish in wishes]
    faults = [fault for at, slot in enumerate(found) for fault in _faults(at, slot, now, earliest)]
    if len({slot.start for slot in found}) < len(found):
        faults.append(Fault("slots", "Two slots start at the same time."))
    if faults:
        raise Invalid(*faults)
    return sorted(found, key=lambda slot: slot.start)


def _build(wish: Wish, defaults: Defaults) -> Slot:
    zone, minutes = wish.zone or defaults.zone, wish.minutes or defaults.minutes
    start = clock.instant(wish.wall, zone)
    # A length is hours lived through, not hours on the wall: a night when the clocks change is no shorter film.
    return Slot(uuid4(), start, start + timedelta(minutes=minutes), wish.wall, zone)


def _faults(at: int, slot: Slot, now: datetime, earliest: timedelta) -> Iterable[Fault]:
    if slot.start <= now + earliest:
        hours = int(earliest.total_seconds() // 3600)
        yield Fault(
            f"slots.{at}.wall",
            f"Choose a time more than {hours} hours from now." if hours else "This is past.",
        )
    if slot.start > now + HORIZON:
        yield Fault(f"slots.{at}.wall", "Choose a time within a year.")


def midnight(slot: Slot) -> datetime:
    """The beginning of its day, where it takes place: from then on it is no longer "tomorrow"."""
    return clock.instant(slot.wall.replace(hour=0, minute=0), slot.zone)


def day_before(slot: Slot) -> datetime:
    """The same time on the wall, the day before: what people mean by "the day before" when the clocks change."""
    return clock.instant(slot.wall - timedelta(days=1), slot.zone)
