"""The lifecycle of a date: every move from the proposal to its end.

Each move is one conditional UPDATE. Its row count tells whether the move took place.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from planner import inbox
from planner.accounts import accounts, caps
from planner.accounts.accounts import Person
from planner.catalogue import activities, own_activities
from planner.catalogue.activities import ActivityEntry
from planner.clock import local_day, start_of_day
from planner.contact import contact_log, holds, received
from planner.contact.contact_log import ProposalTerms
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Pair
from planner.dates import date_history, rsvps, slots, state_machine, transitions, views
from planner.dates.slots import Slot, SlotRequest
from planner.dates.transitions import Transition
from planner.dates.views import Date, DateView, SlotRow
from planner.errors import AbovePace, Conflict, FieldError, IdTaken, Invalid, NotFound, QuotaExceeded
from planner.storage import db

MESSAGE_PACE = 3
"""The lowest pace at which a proposal may carry a message."""
FEEDBACK_WAIT = timedelta(hours=1)
FEEDBACK_LIFE = timedelta(days=14)
ANSWERS = ("no", "another_time", "another_idea")
_DECLINED = {"no": "date_declined", "another_time": "date_another_time", "another_idea": "date_another_idea"}


def propose(
    viewer: Viewer,
    activity_id: UUID,
    requested_slots: Sequence[SlotRequest],
    message: str | None,
    date_id: UUID | None,
    now: datetime,
) -> DateView:
    """Propose an activity to the partner, with one to three slots. A repeat returns the date as it is now.

    Raise Invalid for the activity, the message or the slots, and AbovePace for the activity. Raise QuotaExceeded when
    no proposal is left, or when the partner declined the activity lately. Raise Conflict without a partner. Raise
    IdTaken when the id belongs to another date or to other values.
    """
    date_id = date_id or uuid4()
    request = transitions.digest("two", str(activity_id), _to_json(requested_slots), message)
    with couples.locked(viewer.id) as pair:
        if date := _find_repeated(viewer, date_id, request, now):
            return date
        if pair is None:
            raise Conflict("no_partner")
        activity = _find_activity(viewer.as_of(pair), activity_id, "two", pair.own_pace)
        _check_activity_cooldown(pair, activity_id, now)
        _check_cap(pair.me, pair.couple, now)
        if message and pair.own_pace < MESSAGE_PACE:
            raise Invalid(FieldError("message", "message_above_pace"))
        offered_slots = slots.build(requested_slots, _slot_defaults(viewer, activity), now, state_machine.LAST_ANSWER)
        expires_at = state_machine.expiry(offered_slots[-1].start, now)
        contact_log.charge(pair, contact_log.PROPOSAL, date_id, now, ProposalTerms(expires_at, activity.content.pace))
        if message:
            received.deliver(pair, "message", date_id, {"message": message}, now)
        shown_id = own_activities.copy_for_partner(pair, activity, now)
        _insert_date(
            offered_slots,
            id=date_id,
            couple=pair.couple,
            proposer=pair.me,
            sender=pair.me,
            awaiting=pair.partner,
            activity=shown_id,
            message=message,
            state=state_machine.PROPOSED,
            request=request,
            last_request_digest=request,
            created_at=now,
            moved_at=now,
            offered_at=now,
            expires_at=expires_at,
        )
        inbox.add(pair.partner, "date_proposed", date_id, now, expires_at)
        return views.find(viewer.as_of(pair), date_id, now)


def plan_solo(
    viewer: Viewer,
    activity_id: UUID,
    slot_request: SlotRequest,
    message: str | None,
    date_id: UUID | None,
    now: datetime,
) -> DateView:
    """Plan a date for the viewer alone; no one else sees it. A repeat returns the date as it is now.

    Raise Invalid for the activity or the slot, and IdTaken. Pace and quotas do not apply.
    """
    date_id = date_id or uuid4()
    request = transitions.digest("one", str(activity_id), _to_json([slot_request]), message)
    with db.write((Person, [viewer.id])):
        if date := _find_repeated(viewer, date_id, request, now):
            return date
        _check_cap(viewer.id, viewer.couple, now)
        if date_history.has_too_many_alone(viewer.id):
            raise Conflict("too_many_dates_alone", most=caps.most("dates_alone"))
        activity = _find_activity(viewer, activity_id, "one", None)
        (slot,) = slots.build([slot_request], _slot_defaults(viewer, activity), now, timedelta(0))
        _insert_date(
            [slot],
            id=date_id,
            couple=None,
            proposer=viewer.id,
            sender=viewer.id,
            awaiting=None,
            activity=activity_id,
            message=message,
            state=state_machine.ACCEPTED,
            request=request,
            last_request_digest=request,
            created_at=now,
            moved_at=now,
            offered_at=now,
            start=slot.start,
            end=slot.end,
        )
        remind([viewer.id], date_id, slot, now)
        return views.find(viewer, date_id, now)


def _check_cap(person: UUID, couple: UUID | None, now: datetime) -> None:
    if date_history.count_ahead(person, couple, now) >= caps.most("dates"):
        raise Conflict("too_many_dates", most=caps.most("dates"))


def accept(viewer: Viewer, date_id: UUID, versions: Container[int], slot_id: UUID, now: datetime) -> DateView:
    """Accept one of the offered slots, and schedule reminders for both.

    Raise NotFound, AbovePace, Conflict, VersionConflict or Invalid.
    """
    with transitions.begin(viewer, date_id, "accept", versions, str(slot_id), now) as transition:
        if not transition.repeated:
            chosen = next((slot for slot in views.slots_of([date_id])[date_id] if slot.id == slot_id), None)
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
            remind(transition.people, date_id, chosen, now)
            rsvps.accept(viewer.id, date_id)
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
    with transitions.begin(viewer, date_id, "counter", versions, _to_json(requested_slots), now) as transition:
        if not transition.repeated:
            _check_pace(transition)
            activity = activities.get_many_including_retired([transition.row.activity_id])[transition.row.activity_id]
            offered_slots = slots.build(
                requested_slots, _slot_defaults(viewer, activity), now, state_machine.LAST_ANSWER
            )
            if [slot[1:] for slot in offered_slots] == [slot[1:] for slot in views.slots_of([date_id])[date_id]]:
                raise Invalid(FieldError("slots", "slots_unchanged"))
            expires_at = state_machine.expiry(offered_slots[-1].start, now)
            # Update the date before its contact log, as every move and `lapse` do: this order prevents deadlocks.
            transitions.apply(
                transition,
                now,
                sender=viewer.id,
                awaiting=transition.row.sender_id,
                expires_at=expires_at,
                offered_at=now,
            )
            # Close the open offer before the new one is charged: until then it takes up the quota of its sender.
            _close_offer(date_id, "countered", now)
            contact_log.charge(
                transition.both, contact_log.PROPOSAL, date_id, now, ProposalTerms(expires_at, activity.content.pace)
            )
            holds.answer(viewer.id, date_id)
            SlotRow.delete().where(SlotRow.date == date_id).execute()
            _insert_slots(date_id, offered_slots)
            inbox.replace(transition.row.sender_id, "date_countered", date_id, now, expires_at)
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
    row = views.find_row(pair.me, pair.couple, date_id)
    if row is None or "cancel" not in transitions.open_moves(row, pair.me, pair.couple, now):
        return False
    _cancel(Transition(pair.me, row, pair, transitions.digest("cancel", str(pair.me), None), False), now)
    return True


def _cancel(transition: Transition, now: datetime) -> None:
    transitions.apply(transition, now, state=state_machine.CANCELLED)
    inbox.withdraw(transition.row.id, [*inbox.REMINDERS, "date_accepted"])
    for person in transition.people:
        if person != transition.mover:
            inbox.add(person, "date_off", transition.row.id, now, transition.row.end)


def complete(viewer: Viewer, date_id: UUID, versions: Container[int], now: datetime) -> DateView:
    """Mark a date as completed, and ask its participants for feedback. Raise NotFound, Conflict or VersionConflict."""
    with transitions.begin(viewer, date_id, "complete", versions, None, now) as transition:
        if not transition.repeated:
            transitions.apply(transition, now, state=state_machine.COMPLETED)
            inbox.withdraw(date_id, ["date_tomorrow", "date_soon", "date_accepted"])
            for person in transition.people:
                inbox.reschedule_earlier(person, "date_feedback", date_id, now, now + FEEDBACK_LIFE)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def lapse(now: datetime) -> int:
    """Mark expired proposals as lapsed, and return their number. This sends no notification."""
    due = Date.select(Date.id).where(Date.state == state_machine.PROPOSED, Date.expires_at <= now)
    lapsed = 0
    for (date_id,) in db.fetch_all(due):
        with db.write():
            # Keep the version: clients have read "lapsed" since `expires_at` (see `state_machine.state_at`).
            query = Date.update(state=state_machine.LAPSED, awaiting=None)
            if query.where(Date.id == date_id, Date.state == state_machine.PROPOSED, Date.expires_at <= now).execute():
                _close_offer(date_id, "lapsed", now)
                lapsed += 1
    return lapsed


def next_lapse() -> datetime | None:
    """Return when the next open proposal lapses, or None."""
    row = Date.select(Date.expires_at).where(Date.state == state_machine.PROPOSED).order_by(Date.expires_at).first()
    return row.expires_at if row else None


def _slot_defaults(viewer: Viewer, activity: ActivityEntry) -> slots.Defaults:
    return slots.Defaults(viewer.zone, activity.content.duration_max)


def _check_pace(transition: Transition) -> None:
    activity_id = transition.row.activity_id
    if activities.get_many_including_retired([activity_id])[activity_id].content.pace > transition.both.own_pace:
        raise AbovePace


def _check_activity_cooldown(pair: Pair, activity_id: UUID, now: datetime) -> None:
    """Raise QuotaExceeded while an activity of the sender rests after the partner declined it."""
    declined_at = date_history.declined_at(pair.couple, pair.me, activity_id)
    opens_at = contact_rules.activity_cooldown_until(declined_at, pair.own_rhythm) if declined_at else now
    if opens_at > now:
        raise QuotaExceeded("activity_resting", opens_at)


def _close_offer(date_id: UUID, outcome: str, now: datetime) -> None:
    contact_log.close_proposal(date_id, outcome, now)
    inbox.withdraw(date_id, ["date_proposed", "date_countered"])


def remind(persons: list[UUID], date_id: UUID, slot: Slot, now: datetime) -> None:
    """Schedule the inbox items of a date for each person: two reminders and the feedback request."""
    soon = slot.start - timedelta(hours=2)
    asked_at = slot.end + FEEDBACK_WAIT
    for person, zone in accounts.get_zones(persons).items():
        midnight = start_of_day(local_day(slot.start, zone), zone)  # from then on it is not tomorrow for this person
        ahead = {
            "date_tomorrow": (slots.day_before(slot), min(midnight, soon)),
            "date_soon": (soon, slot.start),
        }
        for kind, (at, until) in ahead.items():
            # Skip reminders whose moment has passed. On Friday noon, "tomorrow" would be wrong for a date on Friday.
            if now < at < until:
                inbox.add(person, kind, date_id, at, until)
        inbox.add(person, "date_feedback", date_id, asked_at, asked_at + FEEDBACK_LIFE)


def _find_activity(viewer: Viewer, activity_id: UUID, party: str, pace: int | None) -> ActivityEntry:
    try:
        activity = activities.find(viewer, activity_id)
    except NotFound:
        raise Invalid(FieldError("activity_id", "unknown_activity")) from None
    if activity.content.party not in (party, "either"):
        raise Invalid(FieldError("activity_id", "activity_not_for_party", party=party))
    if pace is not None and activity.content.pace > pace:
        raise AbovePace
    return activity


def _find_repeated(viewer: Viewer, date_id: UUID, request: str, now: datetime) -> DateView | None:
    """Return the date if this create is a repeat, and None if the id is new. Raise IdTaken for another create."""
    rows = _request_of(date_id)
    if not rows:
        return None
    if rows != [(viewer.id, request)]:
        raise IdTaken
    return views.find(viewer, date_id, now)


@db.cached_query
def _request_of(date_id: Any) -> Any:
    return Date.select(Date.proposer, Date.request).where(Date.id == date_id)


def _to_json(requested_slots: Sequence[SlotRequest]) -> list[list[object]]:
    return [
        [slot_request.local_time.isoformat(), slot_request.zone, slot_request.minutes]
        for slot_request in requested_slots
    ]


def _insert_date(offered_slots: Iterable[Slot], **values: Any) -> None:
    # Two people without a common lock may send the same id at the same moment. Only the insert can detect it.
    if not db.insert_if_absent(Date, **values, version=1):
        raise IdTaken
    _insert_slots(values["id"], offered_slots)


@db.cached_update
def _delete_other_slots(date_id: Any, slot_id: Any) -> Any:
    return SlotRow.delete().where(SlotRow.date == date_id, SlotRow.id != slot_id)


def _insert_slots(date_id: UUID, offered_slots: Iterable[Slot]) -> None:
    for slot in offered_slots:
        db.insert_if_absent(
            SlotRow,
            id=slot.id,
            date=date_id,
            start=slot.start,
            end=slot.end,
            local_time=slot.local_time.isoformat(timespec="minutes"),
            zone=slot.zone,
        )
