"""Offers: the times that one person puts to the partner, and until when the partner can answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from planner.couples import contact_rules
from planner.dates import slots, state_machine
from planner.dates.slots import Defaults, Slot, SlotRequest


class Offer(NamedTuple):
    """One to three slots, ordered by start, and when they lapse."""

    slots: list[Slot]
    expires_at: datetime

    @property
    def times(self) -> list[tuple[object, ...]]:
        """Return the slots without their ids, to compare offers."""
        return times_of(self.slots)


def times_of(slots_of_offer: Sequence[Slot]) -> list[tuple[object, ...]]:
    """Return slots without their ids, to compare offers."""
    return [slot[1:6] for slot in slots_of_offer]


def build(requested_slots: Sequence[SlotRequest], defaults: Defaults, rhythm: str, now: datetime) -> Offer:
    """Return the offer of the requested slots, for a couple with this rhythm. Raise Invalid for the slots."""
    notice = contact_rules.ANSWER_NOTICE[rhythm]
    offered_slots = slots.build(requested_slots, defaults, now, notice, contact_rules.ANSWER_TIME)
    return Offer(offered_slots, state_machine.expiry(offered_slots[-1].start, notice, now))
