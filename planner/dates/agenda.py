"""The agenda: dates as their people see them. How a date moves stands in plans.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityCard
from planner.dates import moves
from planner.dates.slots import Slot
from planner.errors import NotFound
from planner.people import pacing
from planner.people.accounts import Person
from planner.people.couples import Couple
from planner.people.sign_ins import Actor
from planner.people.spaces import is_set_aside
from planner.storage import db
from planner.storage.fields import UtcField


class Date(db.Model):
    """A date of a couple, or of one person alone (no couple). `sender` is whose offer stands."""

    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="CASCADE", index=False)
    proposer = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    sender = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    awaiting = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="RESTRICT")
    line = peewee.TextField(null=True)
    state = peewee.TextField()
    version = peewee.IntegerField(default=1)
    request = peewee.TextField()  # digest of what the create asked for: a repeat is told from a clash
    last_act = peewee.TextField()  # digest of the last move, its mover and what was asked: the same for that
    answer = peewee.TextField(null=True)
    created_at = UtcField()
    moved_at = UtcField()
    offered_at = UtcField(null=True)  # when the offer that stands, or stood last, was made
    expires_at = UtcField(null=True)
    start = UtcField(null=True)
    end = UtcField(null=True)

    class Meta:
        table_name = "dates"
        constraints = [
            peewee.Check(
                "state IN ('proposed', 'accepted', 'completed', 'declined', 'withdrawn', 'cancelled', 'lapsed')"
            ),
            # A date is open exactly as long as somebody's answer is awaited.
            peewee.Check("(state = 'proposed') = (awaiting_id IS NOT NULL)"),
        ]
        indexes = ((("couple", "created_at"), False), (("proposer", "created_at"), False))


Date.add_index(Date.index(Date.expires_at, where=(Date.state == "proposed"), name="dates_open"))


class SlotRow(db.Model):
    """One time of an offer. An accepted date keeps only the slot that was chosen."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE")
    start = UtcField()
    end = UtcField()
    wall = peewee.TextField()  # naive, in the zone: what was meant
    zone = peewee.TextField()

    class Meta:
        table_name = "slots"


class Row(NamedTuple):
    """A date as it stands in the table."""

    id: UUID
    couple_id: UUID | None
    proposer_id: UUID
    sender_id: UUID
    activity_id: UUID
    line: str | None
    state: str
    version: int
    last_act: str
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    start: datetime | None
    end: datetime | None
    offered_at: datetime | None


_COLUMNS = [getattr(Date, name) for name in Row._fields]


class Plan(NamedTuple):
    """A date as one of its people sees it."""

    id: UUID
    activity: ActivityCard
    with_partner: bool
    state: str
    version: int
    sender_is_me: bool
    line: str | None
    line_is_mine: bool
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    slots: tuple[Slot, ...]
    actions: tuple[str, ...]

    @property
    def moment(self) -> datetime:
        """When it needs attention: the start of an agreed date, the end of an open proposal's life."""
        agreed = self.slots[0].start if self.state != moves.PROPOSED else None
        return agreed or self.expires_at or self.created_at


def find(actor: Actor, date_id: UUID, now: datetime) -> Plan:
    """A date of the actor's couple or own; for a while, one of the couple that ended, to look at. Raises NotFound."""
    row = find_row(actor, date_id)
    if row is None:
        raise NotFound
    return _plans(actor, [row], now)[0]


def find_row(actor: Actor, date_id: UUID) -> Row | None:
    """The row of a date, if the actor may see it."""
    found = _by_id(date_id, actor.id, actor.couple, actor.former)
    return Row(*found[0]) if found else None


def upcoming(actor: Actor, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Plan]:
    """Open proposals and agreed dates that are not over, the next ones first (by `Plan.moment`)."""
    places = (now, limit, *(after or ()))
    if actor.held is None:
        return _plans(actor, _upcoming(actor.id, actor.couple, *places), now)
    return _plans(actor, _upcoming_known(actor.id, actor.couple, actor.held.ids("date"), *places), now)


def newest(actor: Actor, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Plan]:
    """All dates, the newest proposals first; `after` is the place where the last page ended.

    Without a couple, those of the one that ended last are among them for a while: beside a new partner's they would
    only confuse.
    """
    places = (limit, *(after or ()))
    if actor.former and not actor.couple:
        return _plans(actor, _looking_back(actor.id, actor.former, *places), now)
    if actor.held is None:
        return _plans(actor, _newest(actor.id, actor.couple, *places), now)
    return _plans(actor, _newest_known(actor.id, actor.couple, actor.held.ids("date"), *places), now)


def open_offers(actor: Actor, now: datetime) -> list[Plan]:
    """The actor's own offers to the other that are open, the next ones first."""
    query = Date.select(*_COLUMNS).where(
        Date.sender == actor.id, Date.couple == actor.couple, Date.state == moves.PROPOSED, Date.expires_at > now
    )
    return _plans(actor, db.rows(query.order_by(Date.expires_at, Date.id)), now)


def these(actor: Actor, dates: list[UUID], now: datetime) -> list[Plan]:
    """These dates of the actor's couple or own, also what is held; those that are not theirs are missing."""
    return _plans(actor, _by_ids(actor.id, actor.couple, dates), now)


class Past(NamedTuple):
    """A date as picking looks back on it; `when` is the start of what was agreed, else the moment of the last move.

    `end` is that of what was agreed, else None.
    """

    activity: UUID
    state: str
    answer: str | None
    with_partner: bool
    sent_by_me: bool
    when: datetime
    end: datetime | None


def history(actor: Actor, since: datetime) -> list[Past]:
    """The dates since then that the actor may see, for picking."""
    if actor.held is None:
        rows = _since(actor.id, actor.couple, since)
    else:
        rows = _since_known(actor.id, actor.couple, actor.held.ids("date"), since)
    return [
        Past(activity, state, answer, couple is not None, sender == actor.id, start or moved_at, end)
        for activity, state, answer, couple, sender, start, end, moved_at in rows
    ]


def declined_at(couple: UUID, sender: UUID, activity: UUID) -> datetime | None:
    """When an offer of that activity by that sender was last declined, other than for another time."""
    found = _declined(couple, sender, activity, list(pacing.RESTING_ANSWERS))
    return found[0][0] if found else None


@db.prepared
def _declined(couple: Any, sender: Any, activity: Any, answers: Any) -> Any:
    return (
        Date.select(Date.moved_at)
        .where(Date.couple == couple, Date.sender == sender, Date.activity == activity)
        .where(Date.state == moves.DECLINED, Date.answer.in_(answers))
        .order_by(Date.moved_at.desc())
        .limit(1)
    )


@db.prepared
def _by_ids(me: Any, couple: Any, dates: Any) -> Any:
    return Date.select(*_COLUMNS).where(Date.id.in_(dates), _visible(me, couple))


@db.prepared
def _by_id(date_id: Any, me: Any, couple: Any, former: Any) -> Any:
    return Date.select(*_COLUMNS).where(Date.id == date_id, _visible(me, couple) | _left(me, former))


@db.prepared
def _upcoming(me: Any, couple: Any, *places: Any) -> Any:
    return _ahead(_visible(me, couple), *places)


@db.prepared
def _upcoming_known(me: Any, couple: Any, held: Any, *places: Any) -> Any:
    return _ahead(_known(me, couple, held), *places)


def _ahead(seen: Any, now: Any, limit: Any, *after: Any) -> Any:
    open_or_ahead = ((Date.state == moves.PROPOSED) & (Date.expires_at > now)) | (
        (Date.state == moves.ACCEPTED) & (Date.end > now)
    )
    moment = peewee.fn.COALESCE(Date.start, Date.expires_at)
    query = Date.select(*_COLUMNS).where(seen, open_or_ahead).order_by(moment, Date.id).limit(limit)
    if after:
        at, last = after[0].of(Date.created_at), after[1]
        query = query.where((moment > at) | ((moment == at) & (Date.id > last)))
    return query


@db.prepared
def _newest(me: Any, couple: Any, *places: Any) -> Any:
    return _latest(_visible(me, couple), *places)


@db.prepared
def _newest_known(me: Any, couple: Any, held: Any, *places: Any) -> Any:
    return _latest(_known(me, couple, held), *places)


@db.prepared
def _looking_back(me: Any, former: Any, *places: Any) -> Any:
    return _latest((Date.couple.is_null() & (Date.proposer == me)) | _left(me, former), *places)


def _latest(seen: Any, limit: Any, *after: Any) -> Any:
    query = Date.select(*_COLUMNS).where(seen)
    if after:
        at, last = after
        query = query.where(Date.created_at <= at, (Date.created_at < at) | (Date.id < last))
    return query.order_by(Date.created_at.desc(), Date.id.desc()).limit(limit)


@db.prepared
def _since(me: Any, couple: Any, since: Any) -> Any:
    return _lately(_visible(me, couple), since)


@db.prepared
def _since_known(me: Any, couple: Any, held: Any, since: Any) -> Any:
    return _lately(_known(me, couple, held), since)


def _lately(seen: Any, since: Any) -> Any:
    moment = peewee.fn.COALESCE(Date.start, Date.moved_at)
    return Date.select(
        Date.activity, Date.state, Date.answer, Date.couple, Date.sender, Date.start, Date.end, Date.moved_at
    ).where(seen, moment >= since.of(Date.moved_at))


def _visible(me: Any, couple: Any) -> Any:
    """The condition for what a person may see: the couple's dates, and own ones.

    Only in a prepared query: there `couple = NULL` is true of nothing, and so somebody alone sees own dates only.
    """
    return (Date.couple.is_null() & (Date.proposer == me)) | (Date.couple == couple)


def _known(me: Any, couple: Any, held: Any) -> Any:
    """As `_visible`, without what is held back, or was set aside, and never answered."""
    unanswered = (Date.sender != me) & Date.state.in_((moves.PROPOSED, moves.WITHDRAWN, moves.LAPSED))
    return _visible(me, couple) & ~(unanswered & (Date.id.in_(held) | is_set_aside(me, Date.id)))


def _left(me: Any, former: Any) -> Any:
    """What a person may look back on: what the two had agreed on, and own offers.

    What the other had only offered is out of view with everything else that was theirs, and what was held back with it.
    """
    return (Date.couple == former) & (
        (Date.sender == me) | Date.state.in_((moves.ACCEPTED, moves.COMPLETED, moves.CANCELLED))
    )


def _plans(actor: Actor, found_rows: Iterable[Iterable[Any]], now: datetime) -> list[Plan]:
    rows = [Row(*row) for row in found_rows]
    found = slots_of([row.id for row in rows])
    cards = activities.as_seen(actor, activities.named([row.activity_id for row in rows]))
    return [_plan(actor, row, found[row.id], cards[row.activity_id], now) for row in rows]


def _plan(actor: Actor, row: Row, found: Sequence[Slot], card: ActivityCard, now: datetime) -> Plan:
    where, part = standing(row), role(row, actor)
    # What the other once said is out of view with everything else that was theirs; their words stay in the record.
    line = None if part == moves.FORMER and row.proposer_id != actor.id else row.line
    state = moves.state_at(where, now)
    expires_at = row.expires_at if state in (moves.PROPOSED, moves.LAPSED) else None
    return Plan(
        row.id, card, row.couple_id is not None, state, row.version, row.sender_id == actor.id,
        line, row.proposer_id == actor.id, row.answer, row.created_at, expires_at, tuple(found),
        tuple(_actions(actor, row, part, card, now)),
    )  # fmt: skip


def _actions(actor: Actor, row: Row, part: str, card: ActivityCard, now: datetime) -> list[str]:
    """What the actor may do now. What is closer than their own pace has only a no, or their silence."""
    found = moves.allowed(standing(row), part, now)
    above = row.couple_id is not None and card.content.pace > (actor.own_pace or 0)
    return [move for move in found if not (above and move in moves.CLOSER)]


def slots_of(dates: list[UUID]) -> dict[UUID, list[Slot]]:
    """The slots of each date, in the order of their start."""
    found: dict[UUID, list[Slot]] = {date: [] for date in dates}
    for date, slot, start, end, wall, zone in _slots(dates):
        found[date].append(Slot(slot, start, end, datetime.fromisoformat(wall), zone))
    return found


@db.prepared
def _slots(dates: Any) -> Any:
    query = SlotRow.select(SlotRow.date, SlotRow.id, SlotRow.start, SlotRow.end, SlotRow.wall, SlotRow.zone)
    return query.where(SlotRow.date.in_(dates)).order_by(SlotRow.start)


def standing(row: Row) -> moves.Standing:
    """What the table of moves needs to know of a row."""
    return moves.Standing(row.state, row.expires_at, row.start, row.end)


def role(row: Row, actor: Actor) -> str:
    """Who the actor is to a date that they may see."""
    if row.couple_id is None:
        return moves.ALONE
    if row.couple_id != actor.couple:
        return moves.FORMER
    return moves.SENDER if row.sender_id == actor.id else moves.ANSWERER
