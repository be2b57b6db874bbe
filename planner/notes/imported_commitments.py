"""Import promises that a person made to themselves on another server, with the days that they logged."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from planner.accounts.accounts import Person
from planner.clock import local_day
from planner.contact.viewer import Viewer
from planner.notes import commitments
from planner.notes.commitments import Commitment, CommitmentDay
from planner.storage import db


class ImportedCommitment(NamedTuple):
    """A promise of another server, under the id that it gets here."""

    id: UUID
    body: str
    created_at: datetime
    ended_at: datetime | None
    days: tuple[date, ...]


def add(viewer: Viewer, imported: ImportedCommitment, now: datetime) -> bool:
    """Add a promise that is not here yet, and return whether it is new. Raise Conflict at a cap."""
    with db.write((Person, [viewer.id])):
        if Commitment.select().where(Commitment.id == imported.id).exists():
            return False
        ended_at = imported.ended_at and min(imported.ended_at, now)
        commitments.check_room(viewer.id, is_open=ended_at is None)
        created_at = min(imported.created_at, now)
        times = {"created_at": created_at, "ended_at": ended_at}
        db.insert_if_absent(
            Commitment, id=imported.id, person=viewer.id, body=imported.body, request=None, digest="-", **times
        )
        for day in imported.days:
            if local_day(created_at, viewer.day_zone) <= day <= viewer.today(now):
                db.insert_if_absent(CommitmentDay, commitment=imported.id, day=day)
    return True
