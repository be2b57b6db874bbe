"""Store votes: one person's like, pass or never for an activity. Only its owner reads them.

**When a vote counts.** Its owner sees it at once. It counts for suggestions from the owner's next midnight, and so does
changing it or taking it back. So a partner cannot tell at which hour of the day before a vote changed, and the same
request has the same answer all day. A reader's day uses the votes that counted when it began. Only a never hides its
activity from its owner's suggestions at once.

A row is one vote for the time in which it counted. An ended one stays until no day depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import clock
from planner.accounts.accounts import Person
from planner.catalogue.activities import Activity
from planner.contact.viewer import Viewer
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

LIKE, PASS, NEVER = VOTES = ("like", "pass", "never")
REFUSALS = frozenset((PASS, NEVER))

PASS_LASTS = timedelta(days=90)
"""After this, an activity that the person passed on may be dealt again. Then the pass ends, and they are asked anew.

A pass or a never of this age no longer counts for the partner. Otherwise, a pass that ends would differ from a never.
"""

RETENTION = timedelta(days=3)
"""How long an ended vote is stored: the rest of its day in any zone, and one more day."""


class VoteRow(db.Model):
    """One vote. It counts from `effective_from` until `until`; the current one has no end."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    vote = peewee.TextField()
    effective_from = UtcDateTimeField(index=True)
    until = UtcDateTimeField(null=True)

    class Meta:
        table_name = "votes"
        constraints = [peewee.Check("vote IN ('like', 'pass', 'never')")]
        indexes = ((("person", "activity"), False),)


# If two devices vote at once, the database refuses the second vote.
VoteRow.add_index(
    VoteRow.index(VoteRow.person, VoteRow.activity, unique=True, where=VoteRow.until.is_null(), name="votes_one_active")
)


class Vote(NamedTuple):
    """One person's vote, with the time in which it counts."""

    person: UUID
    activity: UUID
    vote: str
    effective_from: datetime
    until: datetime | None

    def counts_at(self, at: datetime) -> bool:
        """Return whether it counts at that moment."""
        return self.effective_from <= at and (self.until is None or at < self.until)


def get_own(viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the viewer's current votes on these activities, including those that do not count yet. One query."""
    return dict(_current(viewer.id, list(ids))) if ids else {}


def list_own(viewer: Viewer) -> dict[UUID, str]:
    """Return all of the viewer's current votes. One query."""
    return {activity: vote for activity, vote, _ in _all_current(viewer.id)}


def list_without_old_passes(viewer: Viewer, at: datetime) -> dict[UUID, str]:
    """Return the viewer's current votes without the passes that counted at an instant. One query."""
    rows = _all_current(viewer.id)
    return {activity: vote for activity, vote, counts_from in rows if vote != PASS or counts_from > at}


def list_lasting(viewer: Viewer, passed_before: datetime, liked_before: datetime) -> list[UUID]:
    """Return the activities with a current vote of the viewer, without passes and likes from before then. One query."""
    return [activity for (activity,) in _lasting(viewer.id, passed_before, liked_before)]


def list_nevers(viewer: Viewer) -> list[UUID]:
    """Return the activities that the viewer never wants. One query."""
    return [activity for activity, vote, _ in _all_current(viewer.id) if vote == NEVER]


def end_passes(viewer: Viewer, ids: Collection[UUID], now: datetime) -> None:
    """End the viewer's old passes on these activities at the next midnight. Call inside a transaction."""
    mine = (VoteRow.person == viewer.id, VoteRow.activity.in_(list(ids)), VoteRow.vote == PASS)
    old = VoteRow.effective_from <= now - PASS_LASTS
    VoteRow.update(until=clock.next_midnight(now, viewer.day_zone)).where(*mine, old, VoteRow.until.is_null()).execute()


def list_since(persons: Collection[UUID], at: datetime) -> list[Vote]:
    """Return the votes of these persons that count at `at` or later. Only for ranking: they are private."""
    return [Vote(*row) for row in _since(list(persons), at)]


def counting(votes: Iterable[Vote], person: UUID, at: datetime) -> dict[UUID, str]:
    """Return the votes of one person that count at a moment, by activity."""
    return {vote.activity: vote.vote for vote in votes if vote.person == person and vote.counts_at(at)}


def counting_for_partner(votes: Iterable[Vote], person: UUID, at: datetime) -> dict[UUID, str]:
    """Return the votes of one person that count in the partner's lists at a moment, by activity."""
    recent = [vote for vote in votes if vote.vote == LIKE or vote.effective_from > at - PASS_LASTS]
    return counting(recent, person, at)


def purge_before(before: datetime) -> int:
    """Delete the votes that ended before then, and return their number."""
    with db.write():
        return int(VoteRow.delete().where(VoteRow.until < before).execute())


@db.cached_query
def _current(person: Any, ids: Any) -> Any:
    query = VoteRow.select(VoteRow.activity, VoteRow.vote)
    return query.where(VoteRow.person == person, VoteRow.activity.in_(ids), VoteRow.until.is_null())


@db.cached_query
def _all_current(person: Any) -> Any:
    query = VoteRow.select(VoteRow.activity, VoteRow.vote, VoteRow.effective_from)
    return query.where(VoteRow.person == person, VoteRow.until.is_null())


@db.cached_query
def _lasting(person: Any, passed_before: Any, liked_before: Any) -> Any:
    passed, liked = (VoteRow.vote == vote for vote in (PASS, LIKE))
    recent = (passed & (VoteRow.effective_from > passed_before)) | (liked & (VoteRow.effective_from > liked_before))
    lasts = recent | (VoteRow.vote == NEVER)
    return VoteRow.select(VoteRow.activity).where(VoteRow.person == person, VoteRow.until.is_null(), lasts)


@db.cached_query
def _since(persons: Any, at: Any) -> Any:
    query = VoteRow.select(VoteRow.person, VoteRow.activity, VoteRow.vote, VoteRow.effective_from, VoteRow.until)
    return query.where(VoteRow.person.in_(persons), VoteRow.until.is_null() | (VoteRow.until > at))
