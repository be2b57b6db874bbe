"""Reschedules: one person offers to move an agreed date. The old time stays until the partner accepts.

An offer counts as a proposal. A solo date moves at once.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from planner import inbox
from planner.catalogue import activities
from planner.contact import contact_log, holds
from planner.contact.contact_log import ProposalTerms
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import offers, recorded_dates, reminders, rsvps, slots, transitions, views
from planner.dates.dates import Date, DateText, Reschedule, SlotRow, insert_slots, pace_of, slots_of
from planner.dates.slots import Slot, SlotRequest
from planner.dates.transitions import Transition
from planner.dates.views import DateView
from planner.errors import AbovePace, Conflict, FieldError, Invalid
from planner.photos.photos import Photo
from planner.storage import db


class OpenMove(NamedTuple):
    """An open offer to move a date."""

    id: UUID
    sender: UUID


def offer(
    viewer: Viewer, date_id: UUID, versions: Container[int], requested_slots: Sequence[SlotRequest], now: datetime
) -> DateView:
    """Offer the partner other times for an agreed date, or move a solo date. It replaces an open offer.

    Raise NotFound, AbovePace, Conflict, VersionConflict, Invalid or QuotaExceeded.
    """
    argument = slots.to_json(requested_slots)
    with transitions.begin(viewer, date_id, "move", versions, argument, now) as transition:
        if not transition.repeated:
            if transition.row.couple_id is None:
                _move_alone(viewer, transition, requested_slots, now)
            else:
                _offer(viewer, transition, requested_slots, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def _move_alone(viewer: Viewer, transition: Transition, requested_slots: Sequence[SlotRequest], now: datetime) -> None:
    if len(requested_slots) > 1:
        raise Invalid(FieldError("slots", "one_slot_alone"))
    (slot,) = slots.build(requested_slots, _defaults(viewer, transition), now)
    _apply(transition, slot, now)
    SlotRow.delete().where(SlotRow.date == transition.row.id).execute()
    insert_slots(transition.row.id, [slot])


def _offer(viewer: Viewer, transition: Transition, requested_slots: Sequence[SlotRequest], now: datetime) -> None:
    _check_pace(transition)
    date_id, start = transition.row.id, transition.row.start
    assert start is not None, "an agreed date"
    if start < now + contact_rules.ANSWER_TIME:
        raise Conflict("too_late_to_move")
    new = offers.build(requested_slots, _defaults(viewer, transition), transition.both.rhythm, now)
    if new.times == offers.times_of(slots_of([date_id])[date_id]):
        raise Invalid(FieldError("slots", "slots_unchanged"))
    expires_at = min(new.expires_at, start)
    _apply_known(transition, now)
    previous = find_open(date_id, now)
    # Close the open offer before the new one is charged: until then it takes up the quota of its sender.
    close(date_id, "countered", now)
    offer_id = uuid4()
    terms = ProposalTerms(expires_at, _pace(transition))
    contact_log.charge(transition.both, contact_log.PROPOSAL, offer_id, now, terms, answers=previous and previous.id)
    if previous:
        holds.answer(viewer.id, previous.id)
    db.insert_if_absent(Reschedule, id=offer_id, date=date_id, sender=viewer.id, expires_at=expires_at)
    insert_slots(date_id, new.slots, for_move=True)
    inbox.add(transition.both.partner, "date_move_offered", offer_id, now, expires_at, target=date_id)


def accept(viewer: Viewer, date_id: UUID, versions: Container[int], slot_id: UUID, now: datetime) -> DateView:
    """Accept one of the times that a move offers. The date has this time from now on.

    Raise NotFound, AbovePace, Conflict, VersionConflict or Invalid.
    """
    with _answer(viewer, date_id, "accept_move", versions, str(slot_id), now) as transition:
        if not transition.repeated:
            move = _find_answerable(viewer, date_id, now)
            _check_pace(transition)
            offered = slots_of([date_id], for_move=True)[date_id]
            chosen = next((slot for slot in offered if slot.id == slot_id), None)
            if chosen is None:
                raise Invalid(FieldError("slot_id", "slot_not_offered"))
            if chosen.start <= now:
                raise Conflict("slot_passed")
            _apply(transition, chosen, now)
            SlotRow.delete().where(SlotRow.date == date_id, SlotRow.id != slot_id).execute()
            SlotRow.update(for_move=False).where(SlotRow.id == slot_id).execute()
            close(date_id, "accepted", now)
            holds.answer(viewer.id, move.id)
            rsvps.accept(viewer.id, date_id)
            inbox.replace(move.sender, "date_moved", date_id, now, chosen.end)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def decline(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Decline a move: the date keeps its time. Raise NotFound, Conflict or VersionConflict."""
    with _answer(viewer, date_id, "decline_move", versions, None, now) as transition:
        if not transition.repeated:
            move = _find_answerable(viewer, date_id, now)
            transitions.apply(transition, now)
            close(date_id, "stays", now)
            holds.answer(viewer.id, move.id)
            inbox.replace(move.sender, "date_stays", date_id, now, transition.row.end)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def withdraw(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Withdraw the viewer's offer to move a date. Raise NotFound, Conflict or VersionConflict."""
    with _answer(viewer, date_id, "withdraw_move", versions, None, now) as transition:
        if not transition.repeated:
            move = find_open(date_id, now)
            if move is None or move.sender != viewer.id:
                raise Conflict("date_moved_on")
            transitions.apply(transition, now)
            close(date_id, "withdrawn", now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def find_open(date_id: UUID, now: datetime) -> OpenMove | None:
    """Return the open offer to move a date, or None."""
    query = Reschedule.select(Reschedule.id, Reschedule.sender)
    row = db.fetch_one(query.where(Reschedule.date == date_id, Reschedule.expires_at > now))
    return OpenMove(*row) if row else None


def dates_of(subjects: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the date of each held subject.

    A subject is a date itself, an offer to move it, a change of its texts, or a photo of it.
    """
    moves = db.fetch_all(Reschedule.select(Reschedule.id, Reschedule.date).where(Reschedule.id.in_(list(subjects))))
    texts = db.fetch_all(DateText.select(DateText.change, DateText.date).where(DateText.change.in_(list(subjects))))
    shown = Photo.select(Photo.id, Photo.subject).where(Photo.id.in_(list(subjects)), Photo.withdrawn_at.is_null())
    return {**{subject: subject for subject in subjects}, **dict(moves), **dict(texts), **dict(db.fetch_all(shown))}


def close(date_id: UUID, outcome: str, now: datetime) -> None:
    """Delete the offer to move a date, if there is one. Call inside a transaction."""
    row = db.fetch_one(Reschedule.select(Reschedule.id).where(Reschedule.date == date_id))
    if row is None:
        return
    contact_log.close_proposal(row[0], outcome, now)
    inbox.withdraw(row[0], ["date_move_offered"])
    Reschedule.delete().where(Reschedule.id == row[0]).execute()
    SlotRow.delete().where(SlotRow.date == date_id, SlotRow.for_move).execute()


def lapse(now: datetime) -> int:
    """Delete the offers that have lapsed, and return their number. This sends no notification."""
    due = db.fetch_all(Reschedule.select(Reschedule.id, Reschedule.date).where(Reschedule.expires_at <= now))
    for offer_id, date_id in due:
        # The row of the date is locked first, as in every answer: this order prevents deadlocks.
        with db.write((Date, [date_id])):
            expired = Reschedule.id == offer_id, Reschedule.expires_at <= now
            if db.fetch_one(Reschedule.select(Reschedule.id).where(*expired)):
                close(date_id, contact_log.lapse_outcome(offer_id, now), now)
    return len(due)


def _find_answerable(viewer: Viewer, date_id: UUID, now: datetime) -> OpenMove:
    move = find_open(date_id, now)
    if move is None or move.sender == viewer.id:
        raise Conflict("date_moved_on")
    return move


def _answer(
    viewer: Viewer, date_id: UUID, move: str, versions: Container[int], argument: object, now: datetime
) -> AbstractContextManager[Transition]:
    """Begin an answer to a move. It needs a date that may still be called off."""
    return transitions.begin(viewer, date_id, move, versions, argument, now, needs="cancel")


def _apply(transition: Transition, slot: Slot, now: datetime) -> None:
    """Give the date another time, with new reminders. A person who calls the date off gets none."""
    date_id = transition.row.id
    _apply_known(transition, now, start=slot.start, end=slot.end)
    small = transition.row.couple_id is None and reminders.is_small(date_id)
    inbox.withdraw(date_id, inbox.REMINDERS)
    not_going = rsvps.list_not_going(date_id)
    reminders.remind([each for each in transition.people if each not in not_going], date_id, slot, now, small)


def _apply_known(transition: Transition, now: datetime, **values: datetime) -> None:
    """Apply a move. A mover who answers or offers other times knows the date: that confirms a recorded one."""
    if recorded_dates.awaits(transition.mover, transition.row):
        transitions.apply(transition, now, recorded=False, **values)
        recorded_dates.settle(transition.mover, transition.row.id, contact_log.ACCEPTED)
    else:
        transitions.apply(transition, now, **values)


def _defaults(viewer: Viewer, transition: Transition) -> slots.Defaults:
    """Return the viewer's zone, and the length that the date has now."""
    start, end = transition.row.start, transition.row.end
    assert start is not None, "an agreed date"
    assert end is not None, "an agreed date"
    return slots.Defaults(viewer.zone, int((end - start).total_seconds() // 60))


def _pace(transition: Transition) -> int:
    activity_id = transition.row.activity_id
    return pace_of(activities.get_many_including_retired([activity_id])[activity_id], transition.row.guide)


def _check_pace(transition: Transition) -> None:
    if _pace(transition) > transition.both.own_pace:
        raise AbovePace
