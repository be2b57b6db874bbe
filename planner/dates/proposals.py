"""Proposals: how a date begins, for two or for the viewer alone. The moves after that are in lifecycle.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from planner import inbox
from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.catalogue import activities, guides, one_offs, own_activities
from planner.catalogue.activities import ActivityEntry
from planner.catalogue.one_offs import OneOff
from planner.contact import contact_log, received
from planner.contact.contact_log import ProposalTerms
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Pair
from planner.dates import (
    date_history,
    date_texts,
    offers,
    reminders,
    ritual_dates,
    rituals,
    slots,
    state_machine,
    transitions,
    views,
)
from planner.dates.dates import Date, insert_slots, pace_of
from planner.dates.offers import Offer
from planner.dates.recurrence import Rule
from planner.dates.rituals import RitualChange
from planner.dates.slots import Slot, SlotRequest
from planner.dates.views import DateView
from planner.errors import AbovePace, Conflict, FieldError, IdTaken, Invalid, NotFound, QuotaExceeded
from planner.storage import db


class DateRequest(NamedTuple):
    """What a person asks for: an activity, one to three slots, and the texts that go with it.

    Instead of an activity, it can have a one-off, which the date makes.
    """

    activity: UUID | OneOff
    slots: Sequence[SlotRequest]
    message: str | None = None
    place: str | None = None
    rule: Rule | None = None  # it is the first date of a ritual
    guide: str | None = None  # for a talk of the two

    @property
    def texts(self) -> dict[str, str]:
        """Return the texts that are not empty, by their kind."""
        texts = {"message": self.message, "place": self.place}
        return {kind: text for kind, text in texts.items() if text}

    def digest(self, how: str) -> str:
        """Return a digest that tells a repeat from another request. `how` is "two", "one" or "agreed"."""
        place = (self.place,) if self.place else ()
        rule = (repr(self.rule),) if self.rule else ()
        guide = ("guide", self.guide) if self.guide else ()
        texts = (self.message, *place, *rule, *guide)
        return transitions.digest(how, str(self.activity), slots.to_json(self.slots), *texts)


def propose(viewer: Viewer, request: DateRequest, date_id: UUID | None, now: datetime) -> DateView:
    """Propose an activity to the partner, with one to three slots. A repeat returns the date as it is now.

    Raise Invalid for the activity, the texts, the slots or the rule, and AbovePace for the activity. Raise
    QuotaExceeded when no proposal is left, or when the partner declined the activity lately. Raise Conflict without a
    partner. Raise IdTaken when the id belongs to another date or to other values.
    """
    with _new_date(viewer, request, "two", date_id, now) as new:
        if new.repeated:
            return new.repeated
        _check_activity_cooldown(new.pair, request.activity, now)
        offer = offers.build(request.slots, _slot_defaults(viewer, new.activity), new.pair.rhythm, now)
        if request.rule:
            rituals.check_cap(new.pair.me, new.pair.couple)
            rituals.check(request.rule, offer.slots)
        _send(new, request, ProposalTerms(offer.expires_at, _pace(new, request)), now)
        values = {"state": state_machine.PROPOSED, "awaiting": new.pair.partner, "expires_at": offer.expires_at}
        _insert_for_two(new, request, offer.slots, now, **values)
        if request.rule:
            rituals.create(new.id, request.rule, offer.slots[0])
        _announce_offer(new.pair, new.id, offer, now)
        return views.find(viewer.as_of(new.pair), new.id, now)


def _announce_offer(pair: Pair, date_id: UUID, offer: Offer, now: datetime) -> None:
    inbox.add(pair.partner, "date_proposed", date_id, now, offer.expires_at)
    reminders.remind_of_offer(pair.partner, date_id, offer, now)


def propose_change(pair: Pair, change: RitualChange, date_id: UUID, digest: str, now: datetime) -> None:
    """Propose to the partner that a ritual changes, inside the caller's transaction.

    Raise Invalid for the slot or the rule, and AbovePace or QuotaExceeded.
    """
    row = change.ritual
    activity = activities.get_many_including_retired([row.activity_id])[row.activity_id]
    pace = pace_of(activity, row.guide)
    if pace > pair.own_pace:
        raise AbovePace
    offer = offers.build([change.slot], slots.Defaults(row.zone, row.minutes), pair.rhythm, now)
    rituals.check(change.rule, offer.slots)
    terms = ProposalTerms(offer.expires_at, pace)
    contact_log.charge(pair, contact_log.PROPOSAL, date_id, now, terms)
    values = {"state": state_machine.PROPOSED, "awaiting": pair.partner, "expires_at": offer.expires_at}
    people = {"couple": pair.couple, "proposer": pair.me, "sender": pair.me, "guide": row.guide}
    # Texts have one author, who may not be the one who changes the ritual.
    texts = {"message": row.message, "place": row.place} if row.proposer_id == pair.me else {}
    _insert_date(offer.slots, now, id=date_id, request=digest, activity=row.activity_id, **people, **texts, **values)
    rituals.create(date_id, change.rule, offer.slots[0], change)
    _announce_offer(pair, date_id, offer, now)


def record(viewer: Viewer, request: DateRequest, date_id: UUID | None, now: datetime) -> DateView:
    """Write down a date that the two have agreed on already. The partner can say that this is not so.

    Raise what `propose` raises, and Conflict for a couple that is not together: there it is a proposal.
    """
    with _new_date(viewer, request, "agreed", date_id, now) as new:
        if new.repeated:
            return new.repeated
        if new.pair.own_rhythm != "together":
            raise Conflict("agreed_needs_together")
        (slot,) = slots.build(request.slots, _slot_defaults(viewer, new.activity), now)
        _send(new, request, ProposalTerms(now, _pace(new, request), contact_log.RECORDED), now)
        values = {"state": state_machine.ACCEPTED, "start": slot.start, "end": slot.end, "recorded": True}
        _insert_for_two(new, request, [slot], now, **values)
        inbox.add(new.pair.partner, "date_recorded", new.id, now, slot.end)
        reminders.remind([new.pair.me, new.pair.partner], new.id, slot, now)
        return views.find(viewer.as_of(new.pair), new.id, now)


class _NewDate(NamedTuple):
    """A date for two that is about to begin, as read inside the transaction. `repeated`: it exists already."""

    id: UUID
    digest: str
    repeated: DateView | None
    both: Pair | None = None
    known_activity: ActivityEntry | None = None

    @property
    def pair(self) -> Pair:
        assert self.both is not None, "not repeated"
        return self.both

    @property
    def activity(self) -> ActivityEntry:
        assert self.known_activity is not None, "not repeated"
        return self.known_activity


@contextmanager
def _new_date(
    viewer: Viewer, request: DateRequest, how: str, date_id: UUID | None, now: datetime
) -> Iterator[_NewDate]:
    """Open the transaction of a new date for two, and check what every such date needs."""
    new = _NewDate(date_id or uuid4(), request.digest(how), None)
    with couples.locked(viewer.id) as pair:
        if date := find_repeated(viewer, new.id, new.digest, now):
            yield new._replace(repeated=date)
            return
        if pair is None:
            raise Conflict("no_partner")
        activity = _find_activity(viewer.as_of(pair), request.activity, "two", pair.own_pace, now)
        if request.guide and guides.find(request.guide) is None:
            raise Invalid(FieldError("guide", "unknown_guide"))
        if pace_of(activity, request.guide) > pair.own_pace:
            raise AbovePace
        _check_cap(pair.me, pair.couple, now)
        date_texts.check_pace(request.texts, pair.own_pace)
        yield new._replace(both=pair, known_activity=activity)


def _pace(new: _NewDate, request: DateRequest) -> int:
    return pace_of(new.activity, request.guide)


def _send(new: _NewDate, request: DateRequest, terms: ProposalTerms, now: datetime) -> None:
    """Charge a date and its texts to the sender's quota."""
    contact_log.charge(new.pair, contact_log.PROPOSAL, new.id, now, terms)
    if request.texts:
        received.deliver(new.pair, "message", new.id, request.texts, now)


def _insert_for_two(
    new: _NewDate, request: DateRequest, offered_slots: Sequence[Slot], now: datetime, **values: Any
) -> None:
    me = new.pair.me
    people = {"couple": new.pair.couple, "proposer": me, "sender": me, "guide": request.guide}
    shown_id = own_activities.copy_for_partner(new.pair, new.activity, now)
    _insert_date(
        offered_slots, now, id=new.id, request=new.digest, activity=shown_id, **people, **_texts(request), **values
    )


def plan_solo(viewer: Viewer, request: DateRequest, date_id: UUID | None, now: datetime) -> DateView:
    """Plan a date for the viewer alone; no one else sees it. A repeat returns the date as it is now.

    Raise Invalid for the activity, the slot or the rule, and IdTaken. Raise Conflict for too many dates or rituals.
    Pace and quotas do not apply.
    """
    date_id = date_id or uuid4()
    digest = request.digest("one")
    with db.write((Person, [viewer.id])):
        if date := find_repeated(viewer, date_id, digest, now):
            return date
        _check_room_alone(viewer.id, viewer.couple, now)
        activity = _find_activity(viewer, request.activity, "one", None, now)
        (slot,) = slots.build(request.slots, _slot_defaults(viewer, activity), now)
        if request.rule:
            rituals.check_cap(viewer.id, viewer.couple)
            rituals.check(request.rule, [slot])
        _insert_solo(viewer.id, date_id, slot, now, request=digest, activity=activity.id, **_texts(request))
        if isinstance(request.activity, OneOff):  # an appointment asks nothing afterwards
            inbox.withdraw(date_id, [reminders.AFTER])
        if request.rule:
            rituals.create(date_id, request.rule, slot)
            ritual_dates.begin_alone(date_id, now)
        return views.find(viewer, date_id, now)


def plan_small(viewer: Viewer, one_off: OneOff, wall: datetime, now: datetime) -> UUID:
    """Plan a small date for the viewer alone at a wall time, inside the caller's transaction. Return its id.

    Raise Invalid for the time, and Conflict for too many dates.
    """
    _check_room_alone(viewer.id, viewer.couple, now)
    (slot,) = slots.build([SlotRequest(wall, None, None)], slots.Defaults(viewer.zone, one_off.minutes), now)
    activity, date_id = one_offs.write(viewer.id, one_off, now), uuid4()
    _insert_solo(viewer.id, date_id, slot, now, small=True, request="-", activity=activity.id)
    return date_id


def change_solo(person: UUID, change: RitualChange, date_id: UUID, digest: str, now: datetime) -> None:
    """Change a ritual of a person alone, inside the caller's transaction. Raise Invalid for the slot or the rule."""
    row = change.ritual
    _check_room_alone(person, None, now)
    rituals.check_cap(person, None)
    (slot,) = slots.build([change.slot], slots.Defaults(row.zone, row.minutes), now)
    rituals.check(change.rule, [slot])
    texts: dict[str, Any] = {"message": row.message, "place": row.place}
    _insert_solo(person, date_id, slot, now, request=digest, activity=row.activity_id, **texts)
    rituals.create(date_id, change.rule, slot, change)
    ritual_dates.begin_alone(date_id, now)


def _check_room_alone(person: UUID, couple: UUID | None, now: datetime) -> None:
    _check_cap(person, couple, now)
    if date_history.has_too_many_alone(person):
        raise Conflict("too_many_dates_alone", most=caps.most("dates_alone"))


def _insert_solo(person: UUID, date_id: UUID, slot: Slot, now: datetime, small: bool = False, **values: Any) -> None:
    people = {"couple": None, "proposer": person, "sender": person}
    agreed = {"state": state_machine.ACCEPTED, "start": slot.start, "end": slot.end}
    _insert_date([slot], now, id=date_id, **people, **agreed, **values)
    reminders.remind([person], date_id, slot, now, small)


def _texts(request: DateRequest) -> dict[str, Any]:
    return {"message": request.message, "place": request.place}


def _slot_defaults(viewer: Viewer, activity: ActivityEntry) -> slots.Defaults:
    return slots.Defaults(viewer.zone, activity.content.duration_max)


def _check_cap(person: UUID, couple: UUID | None, now: datetime) -> None:
    if date_history.count_ahead(person, couple, now) >= caps.most("dates"):
        raise Conflict("too_many_dates", most=caps.most("dates"))


def _check_activity_cooldown(pair: Pair, wanted: UUID | OneOff, now: datetime) -> None:
    """Raise QuotaExceeded while an activity of the sender rests after the partner declined it."""
    if isinstance(wanted, OneOff):
        since = now - contact_rules.ACTIVITY_COOLDOWN[pair.own_rhythm]
        declined_at = date_history.title_declined_at(pair.couple, pair.me, wanted.title, since)
    else:
        declined_at = date_history.declined_at(pair.couple, pair.me, wanted)
    opens_at = contact_rules.activity_cooldown_until(declined_at, pair.own_rhythm) if declined_at else now
    if opens_at > now:
        raise QuotaExceeded("activity_resting", opens_at)


def _find_activity(viewer: Viewer, wanted: UUID | OneOff, party: str, pace: int | None, now: datetime) -> ActivityEntry:
    if isinstance(wanted, OneOff):  # noqa: SIM108  # too long for one line
        activity = one_offs.write(viewer.id, wanted, now)
    else:
        activity = _find_known(viewer, wanted)
    if activity.content.party not in (party, "either"):
        raise Invalid(FieldError("activity_id", "activity_not_for_party", party=party))
    if pace is not None and activity.content.pace > pace:
        raise AbovePace
    return activity


def _find_known(viewer: Viewer, activity_id: UUID) -> ActivityEntry:
    try:
        return activities.find(viewer, activity_id)
    except NotFound:
        raise Invalid(FieldError("activity_id", "unknown_activity")) from None


def find_repeated(viewer: Viewer, date_id: UUID, request: str, now: datetime) -> DateView | None:
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


def _insert_date(offered_slots: Iterable[Slot], now: datetime, **values: Any) -> None:
    begun = {"last_request_digest": values["request"], "created_at": now, "moved_at": now, "offered_at": now}
    # Two people without a common lock may send the same id at the same moment. Only the insert can detect it.
    if not db.insert_if_absent(Date, **values, **begun, version=1):
        raise IdTaken
    insert_slots(values["id"], offered_slots)
