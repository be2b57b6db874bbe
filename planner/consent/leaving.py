"""Leaving a couple: one request of one person, at once, without a reason.

ENDS lists what changes with the end of a couple, all in one transaction. data_inventory.py says why each table changes
or stays; a test compares the two.

Each keeps what they wrote. The partner finds one fixed sentence, without a notification, and the dates that are off.
A date that is off is notified: the partner must not wait in a restaurant. Two people who pair again are a new couple.
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
"""The last act of dates, and the outcome of open offers and spaces, at the end of a couple."""


class Ending(NamedTuple):
    """A couple at the moment of its end: the person who leaves, and the partner."""

    couple: UUID
    leaver: UUID
    other: UUID
    now: datetime

    @property
    def both(self) -> list[UUID]:
        """Return both people."""
        return [self.leaver, self.other]


def leave(person: UUID, now: datetime) -> None:
    """End the couple of a person, in its own transaction. A repeat, or a call after the partner left, does nothing.

    Raise WrongState for a person who was in no couple lately.
    """
    try:
        _leave(person, now)
    except WrongState:
        _leave(person, now)  # both left at this moment: try again


def _leave(person: UUID, now: datetime) -> None:
    with couples.writing(person) as pair:
        if pair is not None:
            end(pair, now)
        elif not kept.couples(person, now):
            raise WrongState("You are not part of a couple here.")


def end(pair: Pair, now: datetime) -> None:
    """End a couple that `pair.me` leaves. Call it in a transaction with both persons and the couple locked.

    Raise WrongState when it has ended already.
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
    """Let open offers lapse and cancel agreed dates that are not over; the partner finds the cancelled ones."""
    ended = {Date.version: Date.version + 1, Date.last_act: ENDED, Date.moved_at: ending.now}
    agreed = (Date.couple == ending.couple) & (Date.state == moves.ACCEPTED) & (Date.end > ending.now)
    ahead = db.rows(Date.select(Date.id, Date.end).where(agreed))
    # An offer that had lapsed before keeps its end.
    still_open = (Date.expires_at > ending.now, Date.expires_at.to_value(ending.now))
    closed = {Date.awaiting: None, Date.expires_at: peewee.Case(None, [still_open], Date.expires_at)}
    Date.update({**ended, **closed, Date.state: moves.LAPSED}).where(
        Date.couple == ending.couple, Date.state == moves.PROPOSED
    ).execute()
    Date.update({**ended, Date.state: moves.CANCELLED}).where(agreed).execute()
    for date, until in ahead:
        inbox.plan(ending.other, "date_off", date, ending.now, until)


def _attendances(ending: Ending) -> None:
    """Delete who would have gone: the partner must not learn it."""
    Attendance.delete().where(Attendance.date.in_(_dates_of(ending))).execute()


def _contacts(ending: Ending) -> None:
    Contact.update(outcome=ENDED).where(
        Contact.couple == ending.couple, Contact.open_until.is_null(False), Contact.outcome.is_null()
    ).execute()


def _shares(ending: Ending) -> None:
    """Recall shared notes: the partner no longer reads them, and they cannot be shared again."""
    Share.update(recalled_at=ending.now).where(Share.couple == ending.couple, Share.recalled_at.is_null()).execute()


def _matches(ending: Ending) -> None:
    matches.end(ending.couple)


def _slates(ending: Ending) -> None:
    """Delete recent suggestions: they were for the two."""
    SlateRow.delete().where(SlateRow.person.in_(ending.both)).execute()


def _ideas(ending: Ending) -> None:
    """Give own ideas back to their authors; dates about them keep a copy with the title that both knew."""
    shown = Activity.shown_to == ending.couple
    for idea in list(Activity.select().where(shown, Activity.retired_at.is_null())):
        planned_alone = Date.couple.is_null() & (Date.proposer != idea.owner_id)
        about = Date.activity == idea.id, (Date.couple == ending.couple) | planned_alone
        if Date.select().where(*about).exists():
            # Otherwise the former partner would read a later title.
            Date.update(activity=ideas.freeze(idea, ending.now)).where(*about).execute()
    Activity.update(shown_to=None).where(shown).execute()


def _spaces(ending: Ending) -> None:
    """End open spaces; what was held stays out of view, as if it had been discarded."""
    ended_at = peewee.fn.COALESCE(Space.ended_at, Space.ended_at.to_value(ending.now))
    Space.update(ended_at=ended_at, settled_at=ending.now, settled_as=ENDED).where(
        Space.couple == ending.couple, Space.settled_at.is_null()
    ).execute()


def _invitations(ending: Ending) -> None:
    """Close invitations from before the couple, should one still be open."""
    invitations.close_all_of(ending.both, ending.now)


def _items(ending: Ending) -> None:
    """Delete items about the two, with their waiting deliveries; items about cancelled dates stay."""
    of_dates = Item.subject.in_(_dates_of(ending)) & (Item.kind != "date_off")
    Item.delete().where(Item.person.in_(ending.both), Item.kind.in_(inbox.ENDS_WITH_COUPLE) | of_dates).execute()


def _dates_of(ending: Ending) -> Any:
    return Date.select(Date.id).where(Date.couple == ending.couple)


# The couple comes first: of two people who leave at once, only one ends it.
ENDS: tuple[Callable[[Ending], None], ...] = (
    _couple, _dates, _attendances, _contacts, _shares, _matches, _slates, _ideas, _spaces, _invitations, _items,
)  # fmt: skip
