"""Plans: the dates themselves, and every way they move. Each move is one conditional UPDATE whose row count decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from planner import inbox
from planner.accounts.accounts import Person
from planner.catalogue import activities, own_activities
from planner.catalogue.activities import ActivityEntry
from planner.contact import contact_log, holds, received
from planner.contact.contact_log import ProposalTerms
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Pair
from planner.dates import rsvps, slots, state_machine, transitions, views
from planner.dates.slots import Slot, SlotRequest
from planner.dates.transitions import Transition
from planner.dates.views import Date, DateView, SlotRow
from planner.errors import AbovePace, Conflict, FieldError, IdTaken, Invalid, NotFound, QuotaExceeded
from planner.storage import db

MESSAGE_PACE = 3
"""From this pace on, a proposal may carry a line of the sender's own words."""
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
    """Offer the partner one to three times for an activity. Repeated with the same id and values: the date as it is.

    Raises NotFound or AbovePace for the activity, Invalid for the slots, TooSoon when the budget is used up or the
    activity rests after a no, WrongState without a partner, IdTaken.
    """
    date_id = date_id or uuid4()
    request = transitions.digest("two", str(activity_id), _listed(requested_slots), message)
    with couples.locked(viewer.id) as pair:
        if found := _repeated(viewer, date_id, request, now):
            return found
        if pair is None:
            raise Conflict("There is nobody to propose this to yet. Plan it for yourself, or invite somebody.")
        card = _activity(viewer.as_of(pair), activity_id, "two", pair.own_pace)
        _check_activity_cooldown(pair, activity_id, now)
        if message and pair.own_pace < MESSAGE_PACE:
            raise Invalid(FieldError("message", "At this pace a proposal carries no text of its own."))
        offered = slots.build(requested_slots, _defaults(viewer, card), now, state_machine.LAST_ANSWER)
        expires_at = state_machine.expiry(offered[-1].start, now)
        contact_log.charge(pair, contact_log.PROPOSAL, date_id, now, ProposalTerms(expires_at, card.content.pace))
        if message:
            received.deliver(pair, "message", date_id, {"message": message}, now)
        shown_id = own_activities.copy_for_partner(pair, card, now)
        _insert_date(
            offered,
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
    """Put an own date into the calendar: nobody else sees it. Raises as `propose`, without pace and budget."""
    date_id = date_id or uuid4()
    request = transitions.digest("one", str(activity_id), _listed([slot_request]), message)
    with db.write((Person, [viewer.id])):
        if found := _repeated(viewer, date_id, request, now):
            return found
        card = _activity(viewer, activity_id, "one", None)
        (slot,) = slots.build([slot_request], _defaults(viewer, card), now, timedelta(0))
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


def accept(viewer: Viewer, date_id: UUID, version: int, slot_id: UUID, now: datetime) -> DateView:
    """Say yes to one of the offered slots; reminders are planned for both.

    Raises NotFound, AbovePace, WrongState, Invalid.
    """
    with transitions.begin(viewer, date_id, "accept", version, str(slot_id), now) as turn:
        if not turn.repeated:
            chosen = next((slot for slot in views.slots_of([date_id])[date_id] if slot.id == slot_id), None)
            if chosen is None:
                raise Invalid(FieldError("slot", "This is not one of the offered slots."))
            if chosen.start <= now:
                raise Conflict("This slot has passed. Choose another one, or offer other times.")
            _check_pace(turn)
            transitions.apply(
                turn, now, state=state_machine.ACCEPTED, awaiting=None, start=chosen.start, end=chosen.end
            )
            _keep_only(date_id, slot_id)
            _close_offer(date_id, "accepted", now)
            holds.answer(viewer.id, date_id)
            inbox.add(turn.row.sender_id, "date_accepted", date_id, now, chosen.end)
            remind(turn.people, date_id, chosen, now)
            rsvps.accept(viewer.id, date_id)
        return views.find(viewer.as_of(turn.pair), date_id, now)


def decline(viewer: Viewer, date_id: UUID, version: int, answer: str, now: datetime) -> DateView:
    """Say no, "another time" or "another idea"; no reason is asked. Raises NotFound, WrongState."""
    with transitions.begin(viewer, date_id, "decline", version, answer, now) as turn:
        if not turn.repeated:
            transitions.apply(turn, now, state=state_machine.DECLINED, awaiting=None, answer=answer)
            _close_offer(date_id, answer, now)
            holds.answer(viewer.id, date_id)
            inbox.add(turn.row.sender_id, _DECLINED[answer], date_id, now)
        return views.find(viewer.as_of(turn.pair), date_id, now)


def counter(
    viewer: Viewer, date_id: UUID, version: int, requested_slots: Sequence[SlotRequest], now: datetime
) -> DateView:
    """Answer with other times; the turn changes, and it counts as a proposal of its sender.

    Raises NotFound, AbovePace, WrongState, Invalid, TooSoon.
    """
    with transitions.begin(viewer, date_id, "counter", version, _listed(requested_slots), now) as turn:
        if not turn.repeated:
            _check_pace(turn)
            card = activities.get_many_including_retired([turn.row.activity_id])[turn.row.activity_id]
            offered = slots.build(requested_slots, _defaults(viewer, card), now, state_machine.LAST_ANSWER)
            if [slot[1:] for slot in offered] == [slot[1:] for slot in views.slots_of([date_id])[date_id]]:
                raise Invalid(
                    FieldError("slots", "These are the times that you were offered. Accept one, or change one.")
                )
            expires_at = state_machine.expiry(offered[-1].start, now)
            # The date before its ledger, as in every move and in `lapse`: else the two can wait for each other.
            transitions.apply(
                turn, now, sender=viewer.id, awaiting=turn.row.sender_id, expires_at=expires_at, offered_at=now
            )
            # The standing offer is closed before the new one is booked: its place is its sender's.
            _close_offer(date_id, "countered", now)
            contact_log.charge(
                turn.both, contact_log.PROPOSAL, date_id, now, ProposalTerms(expires_at, card.content.pace)
            )
            holds.answer(viewer.id, date_id)
            SlotRow.delete().where(SlotRow.date == date_id).execute()
            _keep_slots(date_id, offered)
            inbox.replace(turn.row.sender_id, "date_countered", date_id, now, expires_at)
        return views.find(viewer.as_of(turn.pair), date_id, now)


def withdraw(viewer: Viewer, date_id: UUID, version: int, now: datetime) -> DateView:
    """Take back an own offer that has no answer yet; it still counts. Raises NotFound, WrongState."""
    with transitions.begin(viewer, date_id, "withdraw", version, None, now) as turn:
        if not turn.repeated:
            transitions.apply(turn, now, state=state_machine.WITHDRAWN, awaiting=None)
            _close_offer(date_id, "withdrawn", now)
        return views.find(viewer.as_of(turn.pair), date_id, now)


def cancel(viewer: Viewer, date_id: UUID, version: int, now: datetime) -> DateView:
    """Call an agreed date off; the other finds "This date is off". Raises NotFound, WrongState."""
    with transitions.begin(viewer, date_id, "cancel", version, None, now) as turn:
        if not turn.repeated:
            _cancel(turn, now)
        return views.find(viewer.as_of(turn.pair), date_id, now)


def call_off(pair: Pair, date_id: UUID, now: datetime) -> bool:
    """As `cancel`, by `pair.me`, inside the caller's transaction: whether it could be, for it may be off already."""
    row = views.find_row(pair.me, pair.couple, date_id)
    if row is None or "cancel" not in transitions.open_moves(row, pair.me, pair.couple, now):
        return False
    _cancel(Transition(pair.me, row, pair, transitions.digest("cancel", str(pair.me), None), False), now)
    return True


def _cancel(turn: Transition, now: datetime) -> None:
    transitions.apply(turn, now, state=state_machine.CANCELLED)
    inbox.withdraw(turn.row.id, [*inbox.REMINDERS, "date_accepted"])
    for person in turn.people:
        if person != turn.mover:
            inbox.add(person, "date_off", turn.row.id, now, turn.row.end)


def complete(viewer: Viewer, date_id: UUID, version: int, now: datetime) -> DateView:
    """Note that a date took place; each of its people is asked how it was. Raises NotFound, WrongState."""
    with transitions.begin(viewer, date_id, "complete", version, None, now) as turn:
        if not turn.repeated:
            transitions.apply(turn, now, state=state_machine.COMPLETED)
            inbox.withdraw(date_id, ["date_tomorrow", "date_soon", "date_accepted"])
            for person in turn.people:
                inbox.reschedule_earlier(person, "date_feedback", date_id, now, now + FEEDBACK_LIFE)
        return views.find(viewer.as_of(turn.pair), date_id, now)


def lapse(now: datetime) -> int:
    """Note the proposals whose time has passed; the number of them. Nobody is told: it simply reads "lapsed"."""
    due = Date.select(Date.id).where(Date.state == state_machine.PROPOSED, Date.expires_at <= now)
    lapsed = 0
    for (date_id,) in db.fetch_all(due):
        with db.write():
            # The version stays: it has read "lapsed" since its time passed, and noting that changes nothing to see.
            query = Date.update(state=state_machine.LAPSED, awaiting=None)
            if query.where(Date.id == date_id, Date.state == state_machine.PROPOSED, Date.expires_at <= now).execute():
                _close_offer(date_id, "lapsed", now)
                lapsed += 1
    return lapsed


def next_lapse() -> datetime | None:
    """When the next proposal lapses, if one is open."""
    found = Date.select(Date.expires_at).where(Date.state == state_machine.PROPOSED).order_by(Date.expires_at).first()
    return found.expires_at if found else None


def _defaults(viewer: Viewer, card: ActivityEntry) -> slots.Defaults:
    return slots.Defaults(viewer.zone, card.content.duration_max)


def _check_pace(turn: Transition) -> None:
    activity = turn.row.activity_id
    if activities.get_many_including_retired([activity])[activity].content.pace > turn.both.own_pace:
        raise AbovePace("It was proposed at another pace, and is above the one that counts now.")


def _check_activity_cooldown(pair: Pair, activity: UUID, now: datetime) -> None:
    """What the partner declined rests for the one who offered it. Raises TooSoon."""
    declined_at = views.declined_at(pair.couple, pair.me, activity)
    opens_at = contact_rules.activity_cooldown_until(declined_at, pair.own_rhythm) if declined_at else now
    if opens_at > now:
        raise QuotaExceeded("This idea rests for a while after a no. Another one may suit better.", opens_at)


def _close_offer(date_id: UUID, outcome: str, now: datetime) -> None:
    contact_log.close_proposal(date_id, outcome, now)
    inbox.withdraw(date_id, ["date_proposed", "date_countered"])


def remind(persons: list[UUID], date_id: UUID, slot: Slot, now: datetime) -> None:
    """Plan what each of them finds later: the day before, two hours before, and the question afterwards."""
    soon = slot.start - timedelta(hours=2)
    ahead = {
        "date_tomorrow": (slots.day_before(slot), min(slots.midnight(slot), soon)),
        "date_soon": (soon, slot.start),
    }
    asked_at = slot.end + FEEDBACK_WAIT
    for person in persons:
        for kind, (at, until) in ahead.items():
            # A reminder whose moment has passed would tell somebody on Friday noon that tomorrow is Friday.
            if now < at < until:
                inbox.add(person, kind, date_id, at, until)
        inbox.add(person, "date_feedback", date_id, asked_at, asked_at + FEEDBACK_LIFE)


def _activity(viewer: Viewer, activity_id: UUID, party: str, pace: int | None) -> ActivityEntry:
    try:
        card = activities.find(viewer, activity_id)
    except NotFound:
        raise Invalid(FieldError("activity", "There is no such activity (any more).")) from None
    if card.content.party not in (party, "either"):
        raise Invalid(FieldError("activity", f"This activity is not for {party}."))
    if pace is not None and card.content.pace > pace:
        raise AbovePace("Choose something at or under the pace that counts for you.")
    return card


def _repeated(viewer: Viewer, date_id: UUID, request: str, now: datetime) -> DateView | None:
    asked = _asked(date_id)
    if not asked:
        return None
    if asked != [(viewer.id, request)]:
        raise IdTaken
    return views.find(viewer, date_id, now)


@db.cached_query
def _asked(date_id: Any) -> Any:
    return Date.select(Date.proposer, Date.request).where(Date.id == date_id)


def _listed(requested_slots: Sequence[SlotRequest]) -> list[list[object]]:
    return [
        [slot_request.wall.isoformat(), slot_request.zone, slot_request.minutes] for slot_request in requested_slots
    ]


def _insert_date(offered: Iterable[Slot], **values: Any) -> None:
    # Two people who share no lock may use one id at the same moment: only the insert itself can tell.
    if not db.insert_if_absent(Date, **values, version=1):
        raise IdTaken
    _keep_slots(values["id"], offered)


@db.cached_update
def _keep_only(date_id: Any, slot_id: Any) -> Any:
    return SlotRow.delete().where(SlotRow.date == date_id, SlotRow.id != slot_id)


def _keep_slots(date_id: UUID, offered: Iterable[Slot]) -> None:
    for slot in offered:
        db.insert_if_absent(
            SlotRow,
            id=slot.id,
            date=date_id,
            start=slot.start,
            end=slot.end,
            wall=slot.wall.isoformat(timespec="minutes"),
            zone=slot.zone,
        )
