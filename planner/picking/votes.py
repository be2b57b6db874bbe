"""Cast, change and take back votes. A vote by itself reaches no other person."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner import clock
from planner.catalogue import activities
from planner.people.accounts import Person
from planner.people.sign_ins import Actor
from planner.picking import matches
from planner.picking.tastes import LIKE, Taste
from planner.storage import db


class Said(NamedTuple):
    """A present vote, and the instant from which it counts."""

    vote: str
    counts_from: datetime


def put(actor: Actor, activity: UUID, vote: str, now: datetime) -> Said:
    """Vote like, pass or never on an activity that the actor may see. A repeated vote changes nothing.

    It counts from the actor's next midnight on; until then the previous vote counts. Raises NotFound.
    """
    with db.write((Person, [actor.id])):
        activities.find(actor, activity)
        row = _standing(actor, activity)
        if row is None or row.vote != vote:
            _end(actor, activity, row, now)
            row = _begin(actor, activity, vote, now)
        return Said(row.vote, row.counts_from)


def take_back(actor: Actor, activity: UUID, now: datetime) -> None:
    """Take back the actor's vote, if there is one. Raises NotFound for an activity that the actor may not see."""
    with db.write((Person, [actor.id])):
        row = _standing(actor, activity)
        if row is None:
            # A vote can be taken back even when its activity is gone. Without a vote, the activity has to exist.
            activities.find(actor, activity)
        _end(actor, activity, row, now)


def _standing(actor: Actor, activity: UUID) -> Taste | None:
    row: Taste | None = Taste.get_or_none(Taste.person == actor.id, Taste.activity == activity, Taste.until.is_null())
    return row


def _end(actor: Actor, activity: UUID, row: Taste | None, now: datetime) -> None:
    """End a vote at the actor's next midnight. Delete one that has not counted yet."""
    if row is None:
        return
    this = Taste.id == row.id
    if row.counts_from > now:
        Taste.delete().where(this).execute()
    else:
        Taste.update(until=clock.next_midnight(now, actor.day_zone)).where(this).execute()
    if row.vote == LIKE:
        matches.unmake(actor.id, activity, now)


def _begin(actor: Actor, activity: UUID, vote: str, now: datetime) -> Taste:
    """Store a vote from tomorrow on. If the same vote ends tonight, remove its end instead."""
    whose = (Taste.person == actor.id, Taste.activity == activity)
    ending: Taste | None = Taste.get_or_none(*whose, Taste.until > now)
    if ending is not None and ending.vote == vote:
        Taste.update(until=None).where(Taste.id == ending.id).execute()
        return ending
    begins = clock.next_midnight(now, actor.day_zone)
    db.insert(Taste, person=actor.id, activity=activity, vote=vote, counts_from=begins)
    row = _standing(actor, activity)
    assert row is not None, "inserted under the person's lock"
    return row
