"""Small dates: dates of a person alone that something else plans, such as a self-care plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from planner import inbox
from planner.catalogue import one_offs
from planner.clock import to_zone
from planner.dates import state_machine
from planner.dates.dates import Date
from planner.storage import db


class SmallDate(NamedTuple):
    """The state and the times of a small date."""

    id: UUID
    state: str
    start: datetime
    end: datetime

    def is_ahead(self, now: datetime) -> bool:
        """Return whether it will take place and has not begun."""
        return self.state == state_machine.ACCEPTED and self.start > now

    def is_off(self) -> bool:
        """Return whether the person has called it off."""
        return self.state == state_machine.CANCELLED

    def wall(self, zone: str) -> datetime:
        """Return when it begins, as the clocks of a zone show it."""
        return to_zone(self.start, zone).replace(tzinfo=None)


def read(person: UUID, date_ids: Collection[UUID]) -> dict[UUID, SmallDate]:
    """Return those of a person's dates alone, by id."""
    return {row[0]: SmallDate(*row) for row in _read(person, list(date_ids))} if date_ids else {}


@db.cached_query
def _read(person: Any, date_ids: Any) -> Any:
    query = Date.select(Date.id, Date.state, Date.start, Date.end)
    return query.where(Date.id.in_(date_ids), Date.proposer == person, Date.couple.is_null())


def remove(person: UUID, date_ids: Collection[UUID], now: datetime) -> None:
    """Delete those of a person's dates alone that have not begun, inside the caller's transaction."""
    mine = Date.id.in_(list(date_ids)), Date.proposer == person, Date.couple.is_null()
    ahead = Date.select(Date.id, Date.activity).where(*mine, Date.state == state_machine.ACCEPTED, Date.start > now)
    rows = db.fetch_all(ahead)
    for date_id, _ in rows:
        inbox.delete_about(date_id)
        Date.delete().where(Date.id == date_id).execute()
    one_offs.remove(person, [activity for _, activity in rows])
