"""Tastes: like, pass or never, one person's sealed word on an activity. Only its owner reads it.

**When a vote counts.** It stands for its owner at once, and counts for what anybody is suggested from the owner's next
midnight on; taking it back, or changing it, likewise. So whatever a day shows, nobody can tell at which hour of the
day before a vote was cast, changed or undone, and the same question has the same answer all day: a reader's day is
answered from the votes that counted when it began, a month's rest from those that counted when the month began.

A row is one vote for as long as it stood. An ended one is kept until no day or month is answered from it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue.activities import Activity
from planner.contact.viewer import Viewer
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

LIKE, PASS, NEVER = VOTES = ("like", "pass", "never")

RETENTION = timedelta(days=62)
"""How long an ended vote is kept: the month that began with it, wherever that is, and one more to be safe."""


class VoteRow(db.Model):
    """One vote. It counts from `effective_from` until `until`; the one that stands has no end."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    vote = peewee.TextField()
    effective_from = UtcDateTimeField(index=True)
    until = UtcDateTimeField(null=True)

    class Meta:
        table_name = "votes"
        constraints = [peewee.Check("vote IN ('like', 'pass', 'never')")]
        indexes = ((("person", "activity"), False),)


# Two phones that vote at once leave one vote: the database itself refuses the second.
VoteRow.add_index(
    VoteRow.index(
        VoteRow.person, VoteRow.activity, unique=True, where=VoteRow.until.is_null(), name="tastes_one_standing"
    )
)


class Vote(NamedTuple):
    """A vote of one person, for the time in which it counts."""

    person: UUID
    activity: UUID
    vote: str
    effective_from: datetime
    until: datetime | None

    def counts_at(self, at: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.effective_from <= at and (self.until is None or at < self.until)


def get_own(viewer: Viewer, wanted: Collection[UUID]) -> dict[UUID, str]:
    """The viewer's own votes on these activities as they stand, also those that do not count yet. One query."""
    return dict(_standing(viewer.id, list(wanted))) if wanted else {}


def list_own(viewer: Viewer) -> dict[UUID, str]:
    """All of the viewer's own votes as they stand. One query."""
    return dict(_all_standing(viewer.id))


def list_since(persons: Collection[UUID], at: datetime) -> list[Vote]:
    """The votes of these persons that count at `at` or came later. For picking only: the others' are sealed."""
    return [Vote(*row) for row in _since(list(persons), at)]


def counting(votes: Iterable[Vote], person: UUID, at: datetime) -> dict[UUID, str]:
    """What one person's votes say at a moment, by activity."""
    return {one.activity: one.vote for one in votes if one.person == person and one.counts_at(at)}


def purge_before(before: datetime) -> int:
    """Drop the votes that ended before then; the number of them."""
    with db.write():
        return int(VoteRow.delete().where(VoteRow.until < before).execute())


@db.cached_query
def _standing(person: Any, wanted: Any) -> Any:
    query = VoteRow.select(VoteRow.activity, VoteRow.vote)
    return query.where(VoteRow.person == person, VoteRow.activity.in_(wanted), VoteRow.until.is_null())


@db.cached_query
def _all_standing(person: Any) -> Any:
    return VoteRow.select(VoteRow.activity, VoteRow.vote).where(VoteRow.person == person, VoteRow.until.is_null())


@db.cached_query
def _since(persons: Any, at: Any) -> Any:
    query = VoteRow.select(VoteRow.person, VoteRow.activity, VoteRow.vote, VoteRow.effective_from, VoteRow.until)
    return query.where(VoteRow.person.in_(persons), VoteRow.until.is_null() | (VoteRow.until > at))
