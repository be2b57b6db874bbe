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
from planner.calendars import availability, feeds
from planner.catalogue.activities import Activity
from planner.contact import received
from planner.contact.contact_log import ContactEvent
from planner.contact.holds import Hold
from planner.contact.pauses import Pause
from planner.couples import couples, former_couples, invitations
from planner.couples.couples import Pair
from planner.dates import important_days, rituals, state_machine
from planner.dates.dates import Date, Reschedule, SlotRow
from planner.dates.rituals import Ritual
from planner.dates.rsvps import Rsvp
from planner.errors import Conflict
from planner.inbox import Item
from planner.notes import couple_questions, requests, shown_photos
from planner.notes.notes import Share
from planner.recommender import matches, someday_list
from planner.recommender.recommendation_log import RecommendationRow
from planner.storage import db
from planner.talks import talks

ENDED = "ended"
"""The last request digest of dates, and the outcome of open offers, at the end of a couple."""


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


def leave(person: UUID, now: datetime, withdraws_photos: bool = False) -> None:
    """End the couple of a person, in its own transaction. A repeat, or a call after the partner left, ends nothing.

    With `withdraws_photos`, the person's photos of dates and notes of the couple are deleted. Raise Conflict for a
    person who was in no couple lately.
    """
    try:
        _leave(person, now, withdraws_photos)
    except Conflict:
        _leave(person, now, withdraws_photos)  # both left at this moment: try again


def _leave(person: UUID, now: datetime, withdraws_photos: bool) -> None:
    with couples.locked(person) as pair:
        if pair is not None:
            ended = [pair.couple]
            end(pair, now)
        else:
            ended = [former.couple for former in former_couples.list_former_couples(person, now)]
        if not ended:
            raise Conflict("no_partner")
        for couple in ended if withdraws_photos else ():
            shown_photos.withdraw_shared(person, couple, now)


def end(pair: Pair, now: datetime) -> None:
    """End a couple that `pair.me` leaves. Call it in a transaction with both persons and the couple locked.

    Raise Conflict when it has ended already.
    """
    ending = Ending(pair.couple, pair.me, pair.partner, now)
    for step in ENDS:
        step(ending)
    received.freeze_sender_names(pair.couple)
    former_couples.grant(pair.couple, ending.both, now)
    inbox.add(pair.partner, "couple_ended", pair.couple, now, notify=False)


def _couple(ending: Ending) -> None:
    couples.end(ending.couple, ending.now)


def _rituals(ending: Ending) -> None:
    running = Ritual.date.in_(_dates_of(ending)), Ritual.due_at.is_null(False)
    Ritual.update(due_at=None, ended_at=ending.now).where(*running).execute()


def _dates(ending: Ending) -> None:
    """Let open offers lapse and cancel agreed dates that are not over; the partner finds the cancelled ones."""
    new_version = {Date.version: Date.version + 1, Date.last_request_digest: ENDED, Date.moved_at: ending.now}
    agreed = (Date.couple == ending.couple) & (Date.state == state_machine.ACCEPTED) & (Date.end > ending.now)
    upcoming = db.fetch_all(Date.select(Date.id, Date.end).where(agreed).order_by(Date.start))
    # An offer that had lapsed before keeps its end.
    still_open = (Date.expires_at > ending.now, Date.expires_at.to_value(ending.now))
    lapse = {Date.awaiting: None, Date.expires_at: peewee.Case(None, [still_open], Date.expires_at)}
    Date.update({**new_version, **lapse, Date.state: state_machine.LAPSED}).where(
        Date.couple == ending.couple, Date.state == state_machine.PROPOSED
    ).execute()
    Date.update({**new_version, Date.state: state_machine.CANCELLED}).where(agreed).execute()
    Reschedule.delete().where(Reschedule.date.in_(_dates_of(ending))).execute()
    SlotRow.delete().where(SlotRow.for_move, SlotRow.date.in_(_dates_of(ending))).execute()
    ritual_of = rituals.of_dates([date for date, _ in upcoming])
    # Of a ritual, only the next date: one sentence is enough, but no one should wait in a restaurant.
    told = {ritual_of[date].id if date in ritual_of else date: (date, end) for date, end in reversed(upcoming)}
    for date, end_of_date in told.values():
        inbox.add(ending.other, "date_off", date, ending.now, end_of_date)


def _rsvps(ending: Ending) -> None:
    """Delete the RSVPs: the partner must not learn them."""
    Rsvp.delete().where(Rsvp.date.in_(_dates_of(ending))).execute()


def _important_days(ending: Ending) -> None:
    important_days.end_sharing(ending.couple, ending.both)


def _calendar_feeds(ending: Ending) -> None:
    """Revoke the feeds of both: the former partner may have the address."""
    feeds.revoke(ending.both)


def _contact_log(ending: Ending) -> None:
    ContactEvent.update(outcome=ENDED).where(
        ContactEvent.couple == ending.couple, ContactEvent.open_until.is_null(False), ContactEvent.outcome.is_null()
    ).execute()


def _shares(ending: Ending) -> None:
    """Recall shared notes: the partner no longer reads them, and they cannot be shared again."""
    Share.update(recalled_at=ending.now).where(Share.couple == ending.couple, Share.recalled_at.is_null()).execute()


def _talks(ending: Ending) -> None:
    """Delete the talks, also one that is running."""
    talks.end_all(ending.couple)


def _requests(ending: Ending) -> None:
    requests.end(ending.couple, ending.now)


def _questions(ending: Ending) -> None:
    couple_questions.end(ending.couple)


def _matches(ending: Ending) -> None:
    matches.end(ending.couple)


def _someday_list(ending: Ending) -> None:
    someday_list.end(ending.couple)


def _availability(ending: Ending) -> None:
    availability.end_sharing(ending.couple)


def _suggestions(ending: Ending) -> None:
    """Delete recent suggestions: they were for the two."""
    RecommendationRow.delete().where(RecommendationRow.person.in_(ending.both)).execute()


def _ideas(ending: Ending) -> None:
    """Retire the copies that the partner has: dates about them keep the title. The ideas stay their authors'."""
    retired_at = peewee.fn.COALESCE(Activity.retired_at, Activity.retired_at.to_value(ending.now))
    Activity.update(shown_to=None, retired_at=retired_at).where(Activity.shown_to == ending.couple).execute()


def _spaces(ending: Ending) -> None:
    """End the current pauses."""
    current = Pause.couple == ending.couple, Pause.ended_at.is_null()
    Pause.update(ended_at=ending.now, partner_name=None).where(*current).execute()


def _holds(ending: Ending) -> None:
    """Delete the holds: what they held leaves view with everything else that was the partner's."""
    Hold.delete().where(Hold.couple == ending.couple).execute()


def _invitations(ending: Ending) -> None:
    """Close invitations from before the couple, should one still be open."""
    invitations.close_all(ending.both, ending.now)


def _items(ending: Ending) -> None:
    """Delete items about the two, with their waiting deliveries. Items about cancelled dates stay while these do."""
    of_dates = Item.subject.in_(_dates_of(ending)) & (Item.kind != "date_off")
    Item.delete().where(Item.person.in_(ending.both), Item.kind.in_(inbox.ENDS_WITH_COUPLE) | of_dates).execute()
    readable_until = ending.now + former_couples.RETENTION
    Item.update(expires_at=readable_until).where(
        Item.subject.in_(_dates_of(ending)), Item.kind == "date_off", Item.expires_at > readable_until
    ).execute()


def _dates_of(ending: Ending) -> Any:
    return Date.select(Date.id).where(Date.couple == ending.couple)


# The couple comes first: of two people who leave at once, only one ends it.
ENDS: tuple[Callable[[Ending], None], ...] = (
    _couple,
    _rituals,
    _dates,
    _rsvps,
    _important_days,
    _calendar_feeds,
    _contact_log,
    _shares,
    _talks,
    _requests,
    _questions,
    _matches,
    _someday_list,
    _availability,
    _suggestions,
    _ideas,
    _spaces,
    _holds,
    _invitations,
    _items,
)
