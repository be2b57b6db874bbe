"""The lifecycle of a date: every move after the proposal.

Each move is one conditional UPDATE. Its row count tells whether the move took place.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from planner import inbox
from planner.catalogue import activities
from planner.contact import contact_log, holds
from planner.contact.contact_log import ProposalTerms
from planner.contact.viewer import Viewer
from planner.couples.couples import Pair
from planner.dates import (
    offers,
    recorded_dates,
    reminders,
    reschedules,
    ritual_dates,
    rituals,
    rsvps,
    slots,
    state_machine,
    transitions,
    views,
)
from planner.dates.dates import Date, SlotRow, find_row, insert_slots, pace_of, slots_of
from planner.dates.slots import SlotRequest
from planner.dates.transitions import Transition
from planner.dates.views import DateView
from planner.errors import AbovePace, Conflict, FieldError, Invalid
from planner.storage import db

ANSWERS = ("no", "another_time", "another_idea")
NOT_SO = "not_so"
"""The answer to a date that the partner wrote down as agreed."""
_AGREED = ("date_accepted", "date_recorded", "date_moved", "date_stays")
_DECLINED = {"no": "date_declined", "another_time": "date_another_time", "another_idea": "date_another_idea"}


def accept(viewer: Viewer, date_id: UUID, versions: Container[int], slot_id: UUID, now: datetime) -> DateView:
    """Accept one of the offered slots, and schedule reminders for both.

    Raise NotFound, AbovePace, Conflict, VersionConflict or Invalid.
    """
    with transitions.begin(viewer, date_id, "accept", versions, str(slot_id), now) as transition:
        if not transition.repeated:
            chosen = next((slot for slot in slots_of([date_id])[date_id] if slot.id == slot_id), None)
            if chosen is None:
                raise Invalid(FieldError("slot_id", "slot_not_offered"))
            if chosen.start <= now:
                raise Conflict("slot_passed")
            _check_pace(transition)
            transitions.apply(
                transition, now, state=state_machine.ACCEPTED, awaiting=None, start=chosen.start, end=chosen.end
            )
            _delete_other_slots(date_id, slot_id)
            _close_offer(date_id, "accepted", now)
            holds.answer(viewer.id, date_id)
            inbox.add(transition.row.sender_id, "date_accepted", date_id, now, chosen.end)
            reminders.remind(transition.people, date_id, chosen, now)
            rsvps.accept(viewer.id, date_id)
            ritual_dates.begin(date_id, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def decline(viewer: Viewer, date_id: UUID, versions: Container[int], answer: str, now: datetime) -> DateView:
    """Decline a proposal with one of ANSWERS. No reason is asked. Raise NotFound, Conflict or VersionConflict."""
    with transitions.begin(viewer, date_id, "decline", versions, answer, now) as transition:
        if not transition.repeated:
            transitions.apply(transition, now, state=state_machine.DECLINED, awaiting=None, answer=answer)
            _close_offer(date_id, answer, now)
            holds.answer(viewer.id, date_id)
            inbox.add(transition.row.sender_id, _DECLINED[answer], date_id, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def counter(
    viewer: Viewer, date_id: UUID, versions: Container[int], requested_slots: Sequence[SlotRequest], now: datetime
) -> DateView:
    """Answer a proposal with other times. The partner answers next, and the viewer's quota is charged.

    Raise NotFound, AbovePace, Conflict, VersionConflict, Invalid or QuotaExceeded.
    """
    with transitions.begin(viewer, date_id, "counter", versions, slots.to_json(requested_slots), now) as transition:
        if not transition.repeated:
            _check_pace(transition)
            activity = activities.get_many_including_retired([transition.row.activity_id])[transition.row.activity_id]
            defaults = slots.Defaults(viewer.zone, activity.content.duration_max)
            offer = offers.build(requested_slots, defaults, transition.both.rhythm, now)
            if offer.times == offers.times_of(slots_of([date_id])[date_id]):
                raise Invalid(FieldError("slots", "slots_unchanged"))
            # Update the date before its contact log, as every move and `lapse` do: this order prevents deadlocks.
            transitions.apply(
                transition,
                now,
                sender=viewer.id,
                awaiting=transition.row.sender_id,
                expires_at=offer.expires_at,
                offered_at=now,
            )
            # Close the open offer before the new one is charged: until then it takes up the quota of its sender.
            _close_offer(date_id, "countered", now)
            terms = ProposalTerms(offer.expires_at, pace_of(activity, transition.row.guide))
            contact_log.charge(transition.both, contact_log.PROPOSAL, date_id, now, terms)
            holds.answer(viewer.id, date_id)
            SlotRow.delete().where(SlotRow.date == date_id).execute()
            insert_slots(date_id, offer.slots)
            rituals.restart(date_id, offer.slots)
            inbox.replace(transition.row.sender_id, "date_countered", date_id, now, offer.expires_at)
            reminders.remind_of_offer(transition.row.sender_id, date_id, offer, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def withdraw(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Withdraw an open offer of the viewer. It still counts towards the week's quota.

    Raise NotFound, Conflict or VersionConflict.
    """
    with transitions.begin(viewer, date_id, "withdraw", versions, None, now) as transition:
        if not transition.repeated:
            transitions.apply(transition, now, state=state_machine.WITHDRAWN, awaiting=None)
            _close_offer(date_id, "withdrawn", now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def cancel(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Cancel an agreed date, and tell the partner that it is off. Raise NotFound, Conflict or VersionConflict."""
    with transitions.begin(viewer, date_id, "cancel", versions, None, now) as transition:
        if not transition.repeated:
            _cancel(transition, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def call_off(pair: Pair, date_id: UUID, now: datetime) -> bool:
    """Cancel an agreed date for `pair.me`, and return whether that was still possible.

    Call it inside a transaction that has locked the couple.
    """
    row = find_row(pair.me, pair.couple, date_id)
    if row is None or "cancel" not in transitions.open_moves(row, pair.me, pair.couple, now):
        return False
    _cancel(Transition(pair.me, row, pair, transitions.digest("cancel", str(pair.me), None), False), now)
    return True


def _cancel(transition: Transition, now: datetime) -> None:
    transitions.apply(transition, now, state=state_machine.CANCELLED)
    _take_back(transition.row.id, now)
    for person in transition.people:
        if person != transition.mover:
            inbox.add(person, "date_off", transition.row.id, now, transition.row.end)


def _take_back(date_id: UUID, now: datetime) -> None:
    """Remove what leads to a date that does not take place: its reminders, and an offer to move it."""
    inbox.withdraw(date_id, [*inbox.REMINDERS, *_AGREED])
    inbox.withdraw_changes(date_id)
    reschedules.close(date_id, "withdrawn", now)


def confirm(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Confirm a date that the partner wrote down as agreed. Raise NotFound, Conflict or VersionConflict."""
    with transitions.begin(viewer, date_id, "confirm", versions, None, now) as transition:
        if not transition.repeated:
            transitions.apply(transition, now, recorded=False)
            recorded_dates.settle(viewer.id, date_id, contact_log.ACCEPTED)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def deny(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Deny a date that the partner wrote down as agreed. Raise NotFound, Conflict or VersionConflict."""
    with transitions.begin(viewer, date_id, "deny", versions, None, now) as transition:
        if not transition.repeated:
            transitions.apply(transition, now, state=state_machine.DECLINED, answer=NOT_SO)
            recorded_dates.settle(viewer.id, date_id, "no")
            _take_back(date_id, now)
            inbox.add(transition.row.sender_id, "date_not_so", date_id, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def complete(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Mark a date as completed, and ask its participants for feedback. Raise NotFound, Conflict or VersionConflict."""
    with transitions.begin(viewer, date_id, "complete", versions, None, now) as transition:
        if not transition.repeated:
            transitions.apply(transition, now, state=state_machine.COMPLETED, answer=None)
            inbox.withdraw(date_id, [*reminders.AHEAD, *_AGREED])
            # Who said that the date did not happen, and takes it back, was asked before. A small date asks nothing.
            is_small = transition.row.couple_id is None and reminders.is_small(date_id)
            is_asked = transition.row.state != state_machine.CANCELLED and not is_small
            for person in transition.people if is_asked else []:
                inbox.reschedule_earlier(person, "date_feedback", date_id, now, now + reminders.FEEDBACK_LIFE)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def mark_not_happened(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Mark a past date as one that did not take place, without a word to the partner.

    Raise NotFound, Conflict or VersionConflict.
    """
    move = state_machine.DID_NOT_HAPPEN
    with transitions.begin(viewer, date_id, move, versions, None, now) as transition:
        if not transition.repeated:
            transitions.apply(transition, now, state=state_machine.CANCELLED, answer=move)
            _take_back(date_id, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def complete_past(now: datetime) -> int:
    """Mark the dates as completed that are over since the morning, and return their number."""
    over = Date.select(Date.id, Date.version, Date.end, SlotRow.zone).join(SlotRow).where(~SlotRow.for_move)
    due = over.where(Date.state == state_machine.ACCEPTED, Date.end <= now - state_machine.LEAST_WAIT)
    completed = 0
    for date_id, version, end, zone in db.fetch_all(due):
        if state_machine.completes_at(end, zone) <= now:
            with db.write():
                # Keep the digest of the last move: its sender may repeat it.
                query = Date.update(state=state_machine.COMPLETED, version=version + 1, moved_at=now)
                open_rows = Date.id == date_id, Date.state == state_machine.ACCEPTED, Date.version == version
                completed += query.where(*open_rows).execute()
                inbox.withdraw(date_id, _AGREED)
    return completed


def lapse(now: datetime) -> int:
    """Mark expired proposals as lapsed, and return their number. This sends no notification."""
    due = Date.select(Date.id).where(Date.state == state_machine.PROPOSED, Date.expires_at <= now)
    lapsed = reschedules.lapse(now)
    for (date_id,) in db.fetch_all(due):
        with db.write():
            # Keep the version: clients have read "lapsed" since `expires_at` (see `state_machine.state_at`).
            query = Date.update(state=state_machine.LAPSED, awaiting=None)
            if query.where(Date.id == date_id, Date.state == state_machine.PROPOSED, Date.expires_at <= now).execute():
                _close_offer(date_id, contact_log.lapse_outcome(date_id, now), now)
                lapsed += 1
    return lapsed


def next_lapse() -> datetime | None:
    """Return when the next open proposal lapses, or None."""
    row = Date.select(Date.expires_at).where(Date.state == state_machine.PROPOSED).order_by(Date.expires_at).first()
    return row.expires_at if row else None


def _check_pace(transition: Transition) -> None:
    activity_id = transition.row.activity_id
    activity = activities.get_many_including_retired([activity_id])[activity_id]
    if pace_of(activity, transition.row.guide) > transition.both.own_pace:
        raise AbovePace


def _close_offer(date_id: UUID, outcome: str, now: datetime) -> None:
    contact_log.close_proposal(date_id, outcome, now)
    inbox.withdraw(date_id, ["date_proposed", "date_countered", "date_waits"])


@db.cached_update
def _delete_other_slots(date_id: Any, slot_id: Any) -> Any:
    return SlotRow.delete().where(SlotRow.date == date_id, SlotRow.id != slot_id)
