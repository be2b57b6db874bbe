"""Cast, change and take back votes. A vote by itself reaches no other person.

**A never looks like a pass.** It begins and counts at the same times, as the partner's lists read it. So a change from
one to the other does not begin anew, and the partner cannot tell it from a repeated pass.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from planner import clock
from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.contact.viewer import Viewer
from planner.recommender import matches
from planner.recommender.votes import LIKE, PASS_LASTS, REFUSALS, VoteRow
from planner.storage import db


class CastVote(NamedTuple):
    """A current vote, or none, and the instant from which that counts. None: it counts already."""

    vote: str | None
    effective_from: datetime | None


def cast(viewer: Viewer, activity: UUID, vote: str, now: datetime) -> CastVote:
    """Vote like, pass or never on an activity that the viewer may see. A repeated vote changes nothing.

    It counts from the viewer's next midnight on; until then the previous vote counts. A pass that becomes a never, or
    the reverse, counts at once. An old pass or never begins anew. Raises NotFound.
    """
    with db.write((Person, [viewer.id])):
        activities.find(viewer, activity)
        row = _current_vote(viewer, activity)
        if row is not None and _goes_on(row, vote, now):
            row = _continue(row, vote)
        else:
            _end(viewer, activity, row, now)
            row = _begin(viewer, activity, vote, now)
        return CastVote(row.vote, row.effective_from)


def retract(viewer: Viewer, activity: UUID, now: datetime) -> CastVote:
    """Take back the viewer's vote, if there is one. Raises NotFound for an activity that the viewer may not see."""
    with db.write((Person, [viewer.id])):
        row = _current_vote(viewer, activity)
        if row is None:
            # A vote can be taken back even when its activity is gone. Without a vote, the activity has to exist.
            activities.find(viewer, activity)
        return CastVote(None, _end(viewer, activity, row, now))


class _StoredVote(NamedTuple):
    """What a change needs of a row of votes."""

    id: UUID
    vote: str
    effective_from: datetime


def _current_vote(viewer: Viewer, activity: UUID) -> _StoredVote | None:
    return next((_StoredVote(*row) for row in _current(viewer.id, activity)), None)


@db.cached_query
def _current(person: Any, activity: Any) -> Any:
    return _votes_on(person, activity).where(VoteRow.until.is_null())


@db.cached_query
def _ending(person: Any, activity: Any, now: Any) -> Any:
    return _votes_on(person, activity).where(VoteRow.until > now)


def _votes_on(person: Any, activity: Any) -> Any:
    columns = VoteRow.id, VoteRow.vote, VoteRow.effective_from
    return VoteRow.select(*columns).where(VoteRow.person == person, VoteRow.activity == activity)


def _end(viewer: Viewer, activity: UUID, row: _StoredVote | None, now: datetime) -> datetime | None:
    """End a vote at the viewer's next midnight, and return that instant. Delete one that has not counted yet."""
    if row is None:
        return None
    this, until = VoteRow.id == row.id, None
    if row.effective_from > now:
        VoteRow.delete().where(this).execute()
    else:
        until = clock.next_midnight(now, viewer.day_zone)
        VoteRow.update(until=until).where(this).execute()
    if row.vote == LIKE:
        matches.withdraw_unseen(viewer.id, activity, now)
    return until


def _begin(viewer: Viewer, activity: UUID, vote: str, now: datetime) -> _StoredVote:
    """Store a vote from tomorrow on. If the same vote ends tonight, remove its end instead."""
    for row in _ending(viewer.id, activity, now):
        ending = _StoredVote(*row)
        if _goes_on(ending, vote, now):
            return _continue(ending, vote)
    begins = clock.next_midnight(now, viewer.day_zone)
    db.insert_if_absent(VoteRow, person=viewer.id, activity=activity, vote=vote, effective_from=begins)
    begun = _current_vote(viewer, activity)
    assert begun is not None, "inserted under the person's lock"
    return begun


def _goes_on(row: _StoredVote, vote: str, now: datetime) -> bool:
    """Return whether a vote continues an earlier one: the same like, or a recent pass or never."""
    if vote not in REFUSALS:
        return row.vote == vote
    return row.vote in REFUSALS and row.effective_from > now - PASS_LASTS


def _continue(row: _StoredVote, vote: str) -> _StoredVote:
    VoteRow.update(vote=vote, until=None).where(VoteRow.id == row.id).execute()
    return row._replace(vote=vote)
