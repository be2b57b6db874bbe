"""Leaving: one request, one side, at once, and nothing is asked.

ENDS lists what changes with the end of a couple, all in one transaction. data_inventory.py says why each table changes
or stays; a test compares the two.

What each wrote stays theirs. The other finds one fixed sentence, unpushed, and the dates that are off. Those are pushed
as any that is off: nobody waits in a restaurant. Nothing comes back by itself: two who pair again are a new couple.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import inbox
from planner.catalogue import ideas
from planner.catalogue.activities import Activity
from planner.dates import moves
from planner.dates.agenda import Date
from planner.dates.attendances import Attendance
from planner.errors import WrongState
from planner.inbox import Item
from planner.notes.notes import Share
from planner.people import couples, invitations, kept, records
from planner.people.contacts import Contact
from planner.people.couples import Pair
from planner.people.spaces import Space
from planner.picking import matches
from planner.picking.slates import SlateRow
from planner.storage import db

ENDED = "ended"
"""How the last act of a date, an open offer in the ledger and a space read when their couple was left."""


class Ending(NamedTuple):
    """A couple in the moment it ends: who leaves, and who is left."""

    couple: UUID
    leaver: UUID
    other: UUID
    now: datetime

    @property
    def both(self) -> list[UUID]:
        """The two, whom all this is about alike."""
        return [self.leaver, self.other]


def leave(person: UUID, now: datetime) -> None:
    """End the couple of a person, in a transaction of its own. Repeated, or after the other has left, it is done.

    Raises WrongState for somebody who is alone.
    """
    try:
        _leave(person, now)
    except WrongState:
        _leave(person, now)  # both left in one moment: once more, on what stands now


def _leave(person: UUID, now: datetime) -> None:
    with couples.writing(person) as pair:
        if pair is not None:
            end(pair, now)
        elif not kept.couples(person, now):
            raise WrongState("You are not part of a couple here.")


def end(pair: Pair, now: datetime) -> None:
    """End a couple, `pair.me` leaving. Inside the caller's transaction, with both persons and the couple locked.

    Raises WrongState when it has ended already.
    """
    ending = Ending(pair.couple, pair.me, pair.partner, now)
    for act in ENDS:
        act(ending)
    records.sign(pair.couple)
    kept.keep(pair.couple, ending.both, now)
    inbox.plan(pair.partner, "couple_ended", pair.couple, now, pushed=False)


def _couple(ending: Ending) -> None:
    couples.end(ending.couple, ending.now)


def _dates(ending: Ending) -> None:
    """Open offers read "no longer open" to both; what was agreed and is not over is off, and the other finds that."""
    ended = {Date.version: Date.version + 1, Date.last_act: ENDED, Date.moved_at: ending.now}
    agreed = (Date.couple == ending.couple) & (Date.state == moves.ACCEPTED) & (Date.end > ending.now)
    ahead = db.rows(Date.select(Date.id, Date.end).where(agreed))
    # One that had lapsed before keeps its own end.
    still_open = (Date.expires_at > ending.now, Date.expires_at.to_value(ending.now))
    closed = {Date.awaiting: None, Date.expires_at: peewee.Case(None, [still_open], Date.expires_at)}
    Date.update({**ended, **closed, Date.state: moves.LAPSED}).where(
        Date.couple == ending.couple, Date.state == moves.PROPOSED
    ).execute()
    Date.update({**ended, Date.state: moves.CANCELLED}).where(agreed).execute()
    for date, until in ahead:
        inbox.plan(ending.other, "date_off", date, ending.now, until)


def _attendances(ending: Ending) -> None:
    """Who would have gone is nobody's business any more."""
    Attendance.delete().where(Attendance.date.in_(_dates_of(ending))).execute()


def _contacts(ending: Ending) -> None:
    Contact.update(outcome=ENDED).where(
        Contact.couple == ending.couple, Contact.open_until.is_null(False), Contact.outcome.is_null()
    ).execute()


def _shares(ending: Ending) -> None:
    """Nobody reads the other's notes any more. They are recalled: out of view, and not to be shared a second time."""
    Share.update(recalled_at=ending.now).where(Share.couple == ending.couple, Share.recalled_at.is_null()).execute()


def _matches(ending: Ending) -> None:
    matches.end(ending.couple)


def _slates(ending: Ending) -> None:
    """What was suggested to them was for the two."""
    SlateRow.delete().where(SlateRow.person.in_(ending.both)).execute()


def _ideas(ending: Ending) -> None:
    """Own ideas stay their author's, to change as they like; dates about them keep the name that both knew."""
    shown = Activity.shown_to == ending.couple
    for idea in list(Activity.select().where(shown, Activity.retired_at.is_null())):
        planned_alone = Date.couple.is_null() & (Date.proposer != idea.owner_id)
        about = Date.activity == idea.id, (Date.couple == ending.couple) | planned_alone
        if Date.select().where(*about).exists():
            # A new title would otherwise be read by the one who was left.
            Date.update(activity=ideas.freeze(idea, ending.now)).where(*about).execute()
    Activity.update(shown_to=None).where(shown).execute()


def _spaces(ending: Ending) -> None:
    """What was held stays out of view, as if it had been discarded."""
    over = peewee.fn.COALESCE(Space.ended_at, Space.ended_at.to_value(ending.now))
    Space.update(ended_at=over, settled_at=ending.now, settled_as=ENDED).where(
        Space.couple == ending.couple, Space.settled_at.is_null()
    ).execute()


def _invitations(ending: Ending) -> None:
    """Two who are paired have none: a last look, so that nothing from before stands open."""
    invitations.close_all_of(ending.both, ending.now)


def _items(ending: Ending) -> None:
    """All that was about the two leaves both inboxes, deliveries that wait with it; what is off stays to be found."""
    of_dates = Item.subject.in_(_dates_of(ending)) & (Item.kind != "date_off")
    Item.delete().where(Item.person.in_(ending.both), Item.kind.in_(inbox.ENDS_WITH_COUPLE) | of_dates).execute()


def _dates_of(ending: Ending) -> Any:
    return Date.select(Date.id).where(Date.couple == ending.couple)


# The couple first: of two who leave at once, one ends it.
ENDS: tuple[Callable[[Ending], None], ...] = (
    _couple, _dates, _attendances, _contacts, _shares, _matches, _slates, _ideas, _spaces, _invitations, _items,
)  # fmt: skip
