"""Plans: the dates themselves, and every way they move. Each move is one conditional UPDATE whose row count decides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from planner import inbox
from planner.catalogue import activities, ideas
from planner.catalogue.activities import ActivityCard
from planner.dates import agenda, attendances, moves, slots
from planner.dates.agenda import Date, Plan, Row, SlotRow
from planner.dates.slots import Slot, Wish
from planner.errors import AbovePace, Fault, IdTaken, Invalid, NotFound, TooSoon, WrongState
from planner.people import contacts, couples, pacing, records, spaces
from planner.people.accounts import Person
from planner.people.contacts import Offer
from planner.people.couples import Pair
from planner.people.sign_ins import Actor
from planner.storage import db

LINE_PACE = 3
"""From this pace on, a proposal may carry a line of the sender's own words."""
OUTCOME_WAIT = timedelta(hours=1)
OUTCOME_LIFE = timedelta(days=14)
ANSWERS = ("no", "another_time", "another_idea")
_DECLINED = {"no": "date_declined", "another_time": "date_another_time", "another_idea": "date_another_idea"}


def propose(
    actor: Actor,
    activity_id: UUID,
    wishes: Sequence[Wish],
    line: str | None,
    date_id: UUID | None,
    now: datetime,
) -> Plan:
    """Offer the partner one to three times for an activity. Repeated with the same id and values: the date as it is.

    Raises NotFound or AbovePace for the activity, Invalid for the slots, TooSoon when the budget is used up or the
    activity rests after a no, WrongState without a partner, IdTaken.
    """
    date_id = date_id or uuid4()
    request = _digest("two", str(activity_id), _listed(wishes), line)
    with couples.writing(actor.id) as pair:
        if found := _repeated(actor, date_id, request, now):
            return found
        if pair is None:
            raise WrongState("There is nobody to propose this to yet. Plan it for yourself, or invite somebody.")
        card = _activity(actor._replace(couple=pair.couple), activity_id, "two", pair.own_pace)
        _check_rest(pair, activity_id, now)
        if line and pair.own_pace < LINE_PACE:
            raise Invalid(Fault("line", "At this pace a proposal carries no text of its own."))
        offered = slots.build(wishes, _defaults(actor, card), now, moves.LAST_ANSWER)
        expires_at = moves.expiry(offered[-1].start, now)
        contacts.spend(pair, contacts.PROPOSAL, date_id, now, Offer(expires_at, card.content.pace))
        if line:
            records.put(pair, "line", date_id, {"line": line}, now)
        ideas.show(pair, card, now)
        _keep(
            offered, id=date_id, couple=pair.couple, proposer=pair.me, sender=pair.me, awaiting=pair.partner,
            activity=activity_id, line=line, state=moves.PROPOSED, request=request, last_act=request,
            created_at=now, moved_at=now, offered_at=now, expires_at=expires_at,
        )  # fmt: skip
        inbox.plan(pair.partner, "date_proposed", date_id, now, expires_at)
        return agenda.find(actor._replace(couple=pair.couple), date_id, now)


def plan_alone(
    actor: Actor, activity_id: UUID, wish: Wish, line: str | None, date_id: UUID | None, now: datetime
) -> Plan:
    """Put an own date into the calendar: nobody else sees it. Raises as `propose`, without pace and budget."""
    date_id = date_id or uuid4()
    request = _digest("one", str(activity_id), _listed([wish]), line)
    with db.write((Person, [actor.id])):
        if found := _repeated(actor, date_id, request, now):
            return found
        card = _activity(actor, activity_id, "one", None)
        (slot,) = slots.build([wish], _defaults(actor, card), now, timedelta(0))
        _keep(
            [slot], id=date_id, couple=None, proposer=actor.id, sender=actor.id, awaiting=None, activity=activity_id,
            line=line, state=moves.ACCEPTED, request=request, last_act=request, created_at=now, moved_at=now,
            offered_at=now, start=slot.start, end=slot.end,
        )  # fmt: skip
        remind([actor.id], date_id, slot, now)
        return agenda.find(actor, date_id, now)


def accept(actor: Actor, date_id: UUID, version: int, slot_id: UUID, now: datetime) -> Plan:
    """Say yes to one of the offered slots; reminders are planned for both.

    Raises NotFound, AbovePace, WrongState, Invalid.
    """
    with _moving(actor, date_id, "accept", version, str(slot_id), now) as turn:
        if not turn.repeated:
            chosen = next((slot for slot in agenda.slots_of([date_id])[date_id] if slot.id == slot_id), None)
            if chosen is None:
                raise Invalid(Fault("slot", "This is not one of the offered slots."))
            if chosen.start <= now:
                raise WrongState("This slot has passed. Choose another one, or offer other times.")
            _check_pace(turn)
            _move(turn, now, state=moves.ACCEPTED, awaiting=None, start=chosen.start, end=chosen.end)
            _keep_only(date_id, slot_id)
            _close_offer(date_id, "accepted", now)
            inbox.plan(turn.row.sender_id, "date_accepted", date_id, now, chosen.end)
            remind(turn.people, date_id, chosen, now)
            attendances.accept(actor.id, date_id)
        return agenda.find(turn.actor, date_id, now)


def decline(actor: Actor, date_id: UUID, version: int, answer: str, now: datetime) -> Plan:
    """Say no, "another time" or "another idea"; no reason is asked. Raises NotFound, WrongState."""
    with _moving(actor, date_id, "decline", version, answer, now) as turn:
        if not turn.repeated:
            _move(turn, now, state=moves.DECLINED, awaiting=None, answer=answer)
            _close_offer(date_id, answer, now)
            inbox.plan(turn.row.sender_id, _DECLINED[answer], date_id, now)
        return agenda.find(turn.actor, date_id, now)


def counter(actor: Actor, date_id: UUID, version: int, wishes: Sequence[Wish], now: datetime) -> Plan:
    """Answer with other times; the turn changes, and it counts as a proposal of its sender.

    Raises NotFound, AbovePace, WrongState, Invalid, TooSoon.
    """
    with _moving(actor, date_id, "counter", version, _listed(wishes), now) as turn:
        if not turn.repeated:
            _check_pace(turn)
            card = activities.named([turn.row.activity_id])[turn.row.activity_id]
            offered = slots.build(wishes, _defaults(actor, card), now, moves.LAST_ANSWER)
            if [slot[1:] for slot in offered] == [slot[1:] for slot in agenda.slots_of([date_id])[date_id]]:
                raise Invalid(Fault("slots", "These are the times that you were offered. Accept one, or change one."))
            expires_at = moves.expiry(offered[-1].start, now)
            # The date before its ledger, as in every move and in `lapse`: else the two can wait for each other.
            _move(turn, now, sender=actor.id, awaiting=turn.row.sender_id, expires_at=expires_at, offered_at=now)
            # The standing offer is closed before the new one is booked: its place is its sender's.
            _close_offer(date_id, "countered", now)
            spaces.take_up(actor.id, date_id)
            booked = Offer(expires_at, card.content.pace, turn.row.offered_at)
            contacts.spend(turn.both, contacts.PROPOSAL, date_id, now, booked)
            SlotRow.delete().where(SlotRow.date == date_id).execute()
            _keep_slots(date_id, offered)
            inbox.replace(turn.row.sender_id, "date_countered", date_id, now, expires_at)
        return agenda.find(turn.actor, date_id, now)


def withdraw(actor: Actor, date_id: UUID, version: int, now: datetime) -> Plan:
    """Take back an own offer that has no answer yet; it still counts. Raises NotFound, WrongState."""
    with _moving(actor, date_id, "withdraw", version, None, now) as turn:
        if not turn.repeated:
            _move(turn, now, state=moves.WITHDRAWN, awaiting=None)
            _close_offer(date_id, "withdrawn", now)
        return agenda.find(turn.actor, date_id, now)


def cancel(actor: Actor, date_id: UUID, version: int, now: datetime) -> Plan:
    """Call an agreed date off; the other finds "This date is off". Raises NotFound, WrongState."""
    with _moving(actor, date_id, "cancel", version, None, now) as turn:
        if not turn.repeated:
            _cancel(turn, now)
        return agenda.find(turn.actor, date_id, now)


def call_off(pair: Pair, date_id: UUID, now: datetime) -> bool:
    """As `cancel`, by `pair.me`, inside the caller's transaction: whether it could be, for it may be off already."""
    actor = Actor(pair.me, pair.me, "", "UTC", pair.couple)
    row = agenda.find_row(actor, date_id)
    if row is None or "cancel" not in moves.allowed(agenda.standing(row), agenda.role(row, actor), now):
        return False
    _cancel(_Turn(actor, row, pair, _digest("cancel", str(pair.me), None), False), now)
    return True


def _cancel(turn: _Turn, now: datetime) -> None:
    _move(turn, now, state=moves.CANCELLED)
    inbox.withdraw(turn.row.id, [*inbox.REMINDERS, "date_accepted"])
    for person in turn.people:
        if person != turn.actor.id:
            inbox.plan(person, "date_off", turn.row.id, now, turn.row.end)


def complete(actor: Actor, date_id: UUID, version: int, now: datetime) -> Plan:
    """Note that a date took place; each of its people is asked how it was. Raises NotFound, WrongState."""
    with _moving(actor, date_id, "complete", version, None, now) as turn:
        if not turn.repeated:
            _move(turn, now, state=moves.COMPLETED)
            inbox.withdraw(date_id, ["date_tomorrow", "date_soon", "date_accepted"])
            for person in turn.people:
                inbox.bring_forward(person, "date_outcome", date_id, now, now + OUTCOME_LIFE)
        return agenda.find(turn.actor, date_id, now)


def lapse(now: datetime) -> int:
    """Note the proposals whose time has passed; the number of them. Nobody is told: it simply reads "lapsed"."""
    due = Date.select(Date.id).where(Date.state == moves.PROPOSED, Date.expires_at <= now)
    lapsed = 0
    for (date_id,) in db.rows(due):
        with db.write():
            # The version stays: it has read "lapsed" since its time passed, and noting that changes nothing to see.
            query = Date.update(state=moves.LAPSED, awaiting=None)
            if query.where(Date.id == date_id, Date.state == moves.PROPOSED, Date.expires_at <= now).execute():
                _close_offer(date_id, "lapsed", now)
                lapsed += 1
    return lapsed


def next_lapse() -> datetime | None:
    """When the next proposal lapses, if one is open."""
    found = Date.select(Date.expires_at).where(Date.state == moves.PROPOSED).order_by(Date.expires_at).first()
    return found.expires_at if found else None


class _Turn(NamedTuple):
    """One move in the making: who acts, the date and the couple as they stand inside the transaction."""

    actor: Actor
    row: Row
    pair: Pair | None
    act: str
    repeated: bool  # the actor has made just this move from just this version: nothing is left to do

    @property
    def both(self) -> Pair:
        """The couple of a date of two, which is what the moves of an offer are about."""
        assert self.pair is not None
        return self.pair

    @property
    def people(self) -> list[UUID]:
        """Everybody whose date it is."""
        return [self.both.me, self.both.partner] if self.row.couple_id else [self.row.proposer_id]


@contextmanager
def _moving(actor: Actor, date_id: UUID, move: str, version: int, asked: object, now: datetime) -> Iterator[_Turn]:
    """A write transaction around one move. Raises NotFound, or WrongState when the move is not open to the actor."""
    with couples.writing(actor.id) as pair:
        actor = actor._replace(couple=pair.couple if pair else None)
        row = agenda.find_row(actor, date_id)
        if row is None:
            raise NotFound
        act = _digest(move, str(actor.id), asked)
        repeated = (row.last_act, row.version) == (act, version + 1)
        open_moves = moves.allowed(agenda.standing(row), agenda.role(row, actor), now)
        if not repeated and (row.version != version or move not in open_moves):
            raise WrongState("This date has moved on, or it is not your turn. Look at it again.")
        yield _Turn(actor, row, pair, act, repeated)


def _move(turn: _Turn, now: datetime, **values: Any) -> None:
    """The conditional UPDATE: it names everything that makes the move legal."""
    row = turn.row
    moved = _moving_to(tuple(values))
    if not moved(row.id, row.state, row.version, row.sender_id, now, turn.act, *values.values()):
        raise WrongState("Somebody was faster. Look at it again.")


@cache
def _moving_to(columns: tuple[str, ...]) -> Callable[..., int]:
    """The UPDATE that sets these columns."""
    fields = [getattr(Date, column) for column in columns]

    @db.prepared_change
    def move(date_id: Any, state: Any, version: Any, sender: Any, now: Any, act: Any, *places: Any) -> Any:
        values = {field: place.of(field) for field, place in zip(fields, places, strict=True)}
        return Date.update(
            {**values, Date.version: Date.version + 1, Date.last_act: act, Date.moved_at: now.of(Date.moved_at)}
        ).where(
            Date.id == date_id, Date.state == state, Date.version == version, Date.sender == sender,
            (Date.state != moves.PROPOSED) | (Date.expires_at > now),
        )  # fmt: skip

    return move


def _defaults(actor: Actor, card: ActivityCard) -> slots.Defaults:
    return slots.Defaults(actor.zone, card.content.duration_max)


def _check_pace(turn: _Turn) -> None:
    activity = turn.row.activity_id
    if activities.named([activity])[activity].content.pace > turn.both.own_pace:
        raise AbovePace("It was proposed at another pace, and is above the one that counts now.")


def _check_rest(pair: Pair, activity: UUID, now: datetime) -> None:
    """What the partner declined rests for the one who offered it. Raises TooSoon."""
    declined_at = agenda.declined_at(pair.couple, pair.me, activity)
    opens_at = pacing.rests_until(declined_at, pair.own_rhythm) if declined_at else now
    if opens_at > now:
        raise TooSoon("This idea rests for a while after a no. Another one may suit better.", opens_at)


def _close_offer(date_id: UUID, outcome: str, now: datetime) -> None:
    contacts.close(date_id, outcome, now)
    inbox.withdraw(date_id, ["date_proposed", "date_countered"])


def remind(persons: list[UUID], date_id: UUID, slot: Slot, now: datetime) -> None:
    """Plan what each of them finds later: the day before, two hours before, and the question afterwards."""
    soon = slot.start - timedelta(hours=2)
    ahead = {
        "date_tomorrow": (slots.day_before(slot), min(slots.midnight(slot), soon)),
        "date_soon": (soon, slot.start),
    }
    asked_at = slot.end + OUTCOME_WAIT
    for person in persons:
        for kind, (at, until) in ahead.items():
            # A reminder whose moment has passed would tell somebody on Friday noon that tomorrow is Friday.
            if now < at < until:
                inbox.plan(person, kind, date_id, at, until)
        inbox.plan(person, "date_outcome", date_id, asked_at, asked_at + OUTCOME_LIFE)


def _activity(actor: Actor, activity_id: UUID, party: str, pace: int | None) -> ActivityCard:
    try:
        card = activities.find(actor, activity_id)
    except NotFound:
        raise Invalid(Fault("activity", "There is no such activity (any more).")) from None
    if card.content.party not in (party, "either"):
        raise Invalid(Fault("activity", f"This activity is not for {party}."))
    if pace is not None and card.content.pace > pace:
        raise AbovePace("Choose something at or under the pace that counts for you.")
    return card


def _repeated(actor: Actor, date_id: UUID, request: str, now: datetime) -> Plan | None:
    asked = _asked(date_id)
    if not asked:
        return None
    if asked != [(actor.id, request)]:
        raise IdTaken
    return agenda.find(actor, date_id, now)


@db.prepared
def _asked(date_id: Any) -> Any:
    return Date.select(Date.proposer, Date.request).where(Date.id == date_id)


def _listed(wishes: Sequence[Wish]) -> list[list[object]]:
    return [[wish.wall.isoformat(), wish.zone, wish.minutes] for wish in wishes]


def _digest(*asked: object) -> str:
    """A short mark of what was asked for, by which a repeat is told from something else."""
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _keep(offered: Iterable[Slot], **values: Any) -> None:
    # Two people who share no lock may use one id at the same moment: only the insert itself can tell.
    if not db.insert(Date, **values, version=1):
        raise IdTaken
    _keep_slots(values["id"], offered)


@db.prepared_change
def _keep_only(date_id: Any, slot_id: Any) -> Any:
    return SlotRow.delete().where(SlotRow.date == date_id, SlotRow.id != slot_id)


def _keep_slots(date_id: UUID, offered: Iterable[Slot]) -> None:
    for slot in offered:
        db.insert(
            SlotRow, id=slot.id, date=date_id, start=slot.start, end=slot.end,
            wall=slot.wall.isoformat(timespec="minutes"), zone=slot.zone,
        )  # fmt: skip
