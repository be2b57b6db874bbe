"""Votes: how a taste is said, changed and taken back. Nothing of it reaches anybody else by itself."""

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
    """A vote that stands, and from when on it counts."""

    vote: str
    counts_from: datetime


def put(actor: Actor, activity: UUID, vote: str, now: datetime) -> Said:
    """Say like, pass or never of an activity that the actor may see; repeated, it stands as it does.

    It counts from the actor's next midnight on; until then the one before it does. Raises NotFound.
    """
    with db.write((Person, [actor.id])):
        activities.find(actor, activity)
        found = _standing(actor, activity)
        if found is None or found.vote != vote:
            _end(actor, activity, found, now)
            found = _begin(actor, activity, vote, now)
        return Said(found.vote, found.counts_from)


def take_back(actor: Actor, activity: UUID, now: datetime) -> None:
    """Take the actor's vote on an activity back; what has none stays so. Raises NotFound for what they may not see."""
    with db.write((Person, [actor.id])):
        found = _standing(actor, activity)
        if found is None:
            # What was voted on can be taken back for ever; for all else, it has to be there.
            activities.find(actor, activity)
        _end(actor, activity, found, now)


def _standing(actor: Actor, activity: UUID) -> Taste | None:
    found: Taste | None = Taste.get_or_none(Taste.person == actor.id, Taste.activity == activity, Taste.until.is_null())
    return found


def _end(actor: Actor, activity: UUID, found: Taste | None, now: datetime) -> None:
    """End a vote with the actor's day; one that never counted leaves nothing behind."""
    if found is None:
        return
    this = Taste.id == found.id
    if found.counts_from > now:
        Taste.delete().where(this).execute()
    else:
        Taste.update(until=clock.next_midnight(now, actor.day_zone)).where(this).execute()
    if found.vote == LIKE:
        matches.unmake(actor.id, activity, now)


def _begin(actor: Actor, activity: UUID, vote: str, now: datetime) -> Taste:
    """A vote from tomorrow on, or, where today still has just this one, that one again, without an end."""
    whose = (Taste.person == actor.id, Taste.activity == activity)
    ending: Taste | None = Taste.get_or_none(*whose, Taste.until > now)
    if ending is not None and ending.vote == vote:
        Taste.update(until=None).where(Taste.id == ending.id).execute()
        return ending
    begins = clock.next_midnight(now, actor.day_zone)
    db.insert(Taste, person=actor.id, activity=activity, vote=vote, counts_from=begins)
    made = _standing(actor, activity)
    assert made is not None, "it was inserted under the person's lock"
    return made
