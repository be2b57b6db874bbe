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

from planner.catalogue.activities import Activity
from planner.people.accounts import Person
from planner.people.sign_ins import Actor
from planner.storage import db
from planner.storage.fields import UtcField

LIKE, PASS, NEVER = VOTES = ("like", "pass", "never")

KEPT = timedelta(days=62)
"""How long an ended vote is kept: the month that began with it, wherever that is, and one more to be safe."""


class Taste(db.Model):
    """One vote. It counts from `counts_from` until `until`; the one that stands has no end."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    vote = peewee.TextField()
    counts_from = UtcField()
    until = UtcField(null=True)

    class Meta:
        table_name = "tastes"
        constraints = [peewee.Check("vote IN ('like', 'pass', 'never')")]
        indexes = ((("person", "activity"), False),)


# Two phones that vote at once leave one vote: the database itself refuses the second.
Taste.add_index(
    Taste.index(Taste.person, Taste.activity, unique=True, where=Taste.until.is_null(), name="tastes_one_standing")
)


class Vote(NamedTuple):
    """A vote of one person, for the time in which it counts."""

    person: UUID
    activity: UUID
    vote: str
    counts_from: datetime
    until: datetime | None

    def counts_at(self, at: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.counts_from <= at and (self.until is None or at < self.until)


def own(actor: Actor, wanted: Collection[UUID]) -> dict[UUID, str]:
    """The actor's own votes on these activities as they stand, also those that do not count yet. One query."""
    return dict(_standing(actor.id, list(wanted))) if wanted else {}


def all_own(actor: Actor) -> dict[UUID, str]:
    """All of the actor's own votes as they stand. One query."""
    return dict(_all_standing(actor.id))


def since(persons: Collection[UUID], at: datetime) -> list[Vote]:
    """The votes of these persons that count at `at` or came later. For picking only: the others' are sealed."""
    return [Vote(*row) for row in _since(list(persons), at)]


def counting(votes: Iterable[Vote], person: UUID, at: datetime) -> dict[UUID, str]:
    """What one person's votes say at a moment, by activity."""
    return {one.activity: one.vote for one in votes if one.person == person and one.counts_at(at)}


def forget(before: datetime) -> int:
    """Drop the votes that ended before then; the number of them."""
    with db.write():
        return int(Taste.delete().where(Taste.until < before).execute())


@db.prepared
def _standing(person: Any, wanted: Any) -> Any:
    query = Taste.select(Taste.activity, Taste.vote)
    return query.where(Taste.person == person, Taste.activity.in_(wanted), Taste.until.is_null())


@db.prepared
def _all_standing(person: Any) -> Any:
    return Taste.select(Taste.activity, Taste.vote).where(Taste.person == person, Taste.until.is_null())


@db.prepared
def _since(persons: Any, at: Any) -> Any:
    query = Taste.select(Taste.person, Taste.activity, Taste.vote, Taste.counts_from, Taste.until)
    return query.where(Taste.person.in_(persons), Taste.until.is_null() | (Taste.until > at))
