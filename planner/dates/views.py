"""The agenda: dates as their people see them. How a date moves stands in plans.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityEntry
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.couples.couples import Couple
from planner.dates import state_machine
from planner.dates.slots import Slot
from planner.errors import NotFound
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Date(db.Model):
    """A date of a couple, or of one person alone (no couple). `sender` is whose offer stands."""

    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="CASCADE", index=False)
    proposer = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    sender = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    awaiting = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="RESTRICT")
    message = peewee.TextField(null=True)
    state = peewee.TextField()
    version = peewee.IntegerField(default=1)
    request = peewee.TextField()  # digest of what the create asked for: a repeat is told from a clash
    last_request_digest = peewee.TextField()  # digest of the last move, its mover and what was asked: the same for that
    answer = peewee.TextField(null=True)
    created_at = UtcDateTimeField()
    moved_at = UtcDateTimeField()
    offered_at = UtcDateTimeField(null=True)  # when the offer that stands, or stood last, was made
    expires_at = UtcDateTimeField(null=True)
    start = UtcDateTimeField(null=True)
    end = UtcDateTimeField(null=True)

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
    start = UtcDateTimeField()
    end = UtcDateTimeField()
    wall = peewee.TextField()  # naive, in the zone: what was meant
    zone = peewee.TextField()

    class Meta:
        table_name = "slots"


class DateRow(NamedTuple):
    """A date as it stands in the table."""

    id: UUID
    couple_id: UUID | None
    proposer_id: UUID
    sender_id: UUID
    activity_id: UUID
    message: str | None
    state: str
    version: int
    last_request_digest: str
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    start: datetime | None
    end: datetime | None
    offered_at: datetime | None


_COLUMNS = [getattr(Date, name) for name in DateRow._fields]


class DateView(NamedTuple):
    """A date as one of its people sees it."""

    id: UUID
    activity: ActivityEntry
    with_partner: bool
    state: str
    version: int
    sender_is_me: bool
    message: str | None
    message_is_mine: bool
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    slots: tuple[Slot, ...]
    actions: tuple[str, ...]

    @property
    def moment(self) -> datetime:
        """When it needs attention: the start of an agreed date, the end of an open proposal's life."""
        agreed = self.slots[0].start if self.state != state_machine.PROPOSED else None
        return agreed or self.expires_at or self.created_at


def find(viewer: Viewer, date_id: UUID, now: datetime) -> DateView:
    """A date of the viewer's couple or own; for a while, one of the couple that ended, to look at. Raises NotFound."""
    row = find_row(viewer.id, viewer.couple, date_id, viewer.former)
    if row is None:
        raise NotFound
    return _views(viewer, [row], now)[0]


def find_row(person: UUID, couple: UUID | None, date_id: UUID, former: UUID | None = None) -> DateRow | None:
    """Return the row of a date of this couple, of the former one, or of the person alone; None for any other."""
    rows = _by_id(date_id, person, couple, former)
    return DateRow(*rows[0]) if rows else None


def list_upcoming(
    viewer: Viewer, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[DateView]:
    """Open proposals and agreed dates that are not over, the next ones first (by `Plan.moment`)."""
    places = (now, limit, *(after or ()))
    return _views(viewer, _list_upcoming(viewer.id, viewer.couple, *places), now)


def list_recent(
    viewer: Viewer, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[DateView]:
    """All dates, the newest proposals first; `after` is the place where the last page ended.

    Without a couple, those of the one that ended last are among them for a while: beside a new partner's they would
    only confuse.
    """
    places = (limit, *(after or ()))
    if viewer.former and not viewer.couple:
        return _views(viewer, _looking_back(viewer.id, viewer.former, *places), now)
    return _views(viewer, _list_recent(viewer.id, viewer.couple, *places), now)


def list_open_offers(viewer: Viewer, now: datetime) -> list[DateView]:
    """The viewer's own offers to the other that are open, the next ones first."""
    query = Date.select(*_COLUMNS).where(
        Date.sender == viewer.id,
        Date.couple == viewer.couple,
        Date.state == state_machine.PROPOSED,
        Date.expires_at > now,
    )
    return _views(viewer, db.fetch_all(query.order_by(Date.expires_at, Date.id)), now)


def get_many(viewer: Viewer, dates: list[UUID], now: datetime) -> list[DateView]:
    """These dates of the viewer's couple or own, also what is held; those that are not theirs are missing."""
    return _views(viewer, _by_ids(viewer.id, viewer.couple, dates), now)


class PastDate(NamedTuple):
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


def list_history(viewer: Viewer, since: datetime) -> list[PastDate]:
    """The dates since then that the viewer may see, for picking."""
    rows = _since(viewer.id, viewer.couple, since)
    return [
        PastDate(activity, state, answer, couple is not None, sender == viewer.id, start or moved_at, end)
        for activity, state, answer, couple, sender, start, end, moved_at in rows
    ]


def declined_at(couple: UUID, sender: UUID, activity: UUID) -> datetime | None:
    """Return when the sender's last offer of the activity, or of any copy of it, got a no. Other times are no no."""
    found = _declined(couple, sender, activity, list(contact_rules.COOLDOWN_ANSWERS))
    return found[0][0] if found else None


@db.cached_query
def _declined(couple: Any, sender: Any, activity: Any, answers: Any) -> Any:
    asked = Activity.alias()
    idea = asked.select(peewee.fn.COALESCE(asked.copy_of, asked.id)).where(asked.id == activity)
    return (
        Date.select(Date.moved_at)
        .join(Activity)
        .where(Date.couple == couple, Date.sender == sender, peewee.fn.COALESCE(Activity.copy_of, Activity.id) == idea)
        .where(Date.state == state_machine.DECLINED, Date.answer.in_(answers))
        .order_by(Date.moved_at.desc())
        .limit(1)
    )


@db.cached_query
def _by_ids(me: Any, couple: Any, dates: Any) -> Any:
    return Date.select(*_COLUMNS).where(Date.id.in_(dates), _visible(me, couple))


@db.cached_query
def _by_id(date_id: Any, me: Any, couple: Any, former: Any) -> Any:
    return Date.select(*_COLUMNS).where(Date.id == date_id, _visible(me, couple) | _left(me, former))


@db.cached_query
def _list_upcoming(me: Any, couple: Any, *places: Any) -> Any:
    return _ahead(_listed(me, couple), *places)


def _ahead(seen: Any, now: Any, limit: Any, *after: Any) -> Any:
    open_or_ahead = ((Date.state == state_machine.PROPOSED) & (Date.expires_at > now)) | (
        (Date.state == state_machine.ACCEPTED) & (Date.end > now)
    )
    moment = peewee.fn.COALESCE(Date.start, Date.expires_at)
    query = Date.select(*_COLUMNS).where(seen, open_or_ahead).order_by(moment, Date.id).limit(limit)
    if after:
        at, last = after[0].typed_as(Date.created_at), after[1]
        query = query.where((moment > at) | ((moment == at) & (Date.id > last)))
    return query


@db.cached_query
def _list_recent(me: Any, couple: Any, *places: Any) -> Any:
    return _latest(_listed(me, couple), *places)


@db.cached_query
def _looking_back(me: Any, former: Any, *places: Any) -> Any:
    return _latest((Date.couple.is_null() & (Date.proposer == me)) | _left(me, former), *places)


def _latest(seen: Any, limit: Any, *after: Any) -> Any:
    query = Date.select(*_COLUMNS).where(seen)
    if after:
        at, last = after
        query = query.where(Date.created_at <= at, (Date.created_at < at) | (Date.id < last))
    return query.order_by(Date.created_at.desc(), Date.id.desc()).limit(limit)


@db.cached_query
def _since(me: Any, couple: Any, since: Any) -> Any:
    moment = peewee.fn.COALESCE(Date.start, Date.moved_at)
    columns = (Date.state, Date.answer, Date.couple, Date.sender, Date.start, Date.end, Date.moved_at)
    query = Date.select(activities.as_known(me), *columns).join(Activity)
    return query.where(_listed(me, couple), moment >= since.typed_as(Date.moved_at))


def _visible(me: Any, couple: Any) -> Any:
    """The condition for what a person may see: the couple's dates, and own ones.

    Only in a prepared query: there `couple = NULL` is true of nothing, and so somebody alone sees own dates only.
    """
    return (Date.couple.is_null() & (Date.proposer == me)) | (Date.couple == couple)


def _listed(me: Any, couple: Any) -> Any:
    """As `_visible`, without the offers that are held back. Answering an offer releases it."""
    return _visible(me, couple) & ~is_held(me, Date.id)


def _left(me: Any, former: Any) -> Any:
    """What a person may look back on: what the two had agreed on, and own offers.

    What the other had only offered is out of view with everything else that was theirs, and what was held back with it.
    """
    return (Date.couple == former) & (
        (Date.sender == me) | Date.state.in_((state_machine.ACCEPTED, state_machine.COMPLETED, state_machine.CANCELLED))
    )


def _views(viewer: Viewer, found_rows: Iterable[Iterable[Any]], now: datetime) -> list[DateView]:
    rows = [DateRow(*row) for row in found_rows]
    found = slots_of([row.id for row in rows])
    cards = activities.get_many_including_retired([row.activity_id for row in rows])
    return [_view(viewer, row, found[row.id], cards[row.activity_id], now) for row in rows]


def _view(viewer: Viewer, row: DateRow, found: Sequence[Slot], card: ActivityEntry, now: datetime) -> DateView:
    where, part = state_of(row), role(row, viewer.id, viewer.couple)
    # What the other once said is out of view with everything else that was theirs; their words stay in the record.
    message = None if part == state_machine.FORMER and row.proposer_id != viewer.id else row.message
    state = state_machine.state_at(where, now)
    expires_at = row.expires_at if state in (state_machine.PROPOSED, state_machine.LAPSED) else None
    return DateView(
        row.id,
        card,
        row.couple_id is not None,
        state,
        row.version,
        row.sender_id == viewer.id,
        message,
        row.proposer_id == viewer.id,
        row.answer,
        row.created_at,
        expires_at,
        tuple(found),
        tuple(_actions(viewer, row, part, card, now)),
    )


def _actions(viewer: Viewer, row: DateRow, part: str, card: ActivityEntry, now: datetime) -> list[str]:
    """What the viewer may do now. What is closer than their own pace has only a no, or their silence."""
    found = state_machine.allowed(state_of(row), part, now)
    above = row.couple_id is not None and card.content.pace > (viewer.own_pace or 0)
    return [move for move in found if not (above and move in state_machine.PACE_LIMITED_MOVES)]


def slots_of(dates: list[UUID]) -> dict[UUID, list[Slot]]:
    """The slots of each date, in the order of their start."""
    found: dict[UUID, list[Slot]] = {date: [] for date in dates}
    for date, slot, start, end, wall, zone in _slots(dates):
        found[date].append(Slot(slot, start, end, datetime.fromisoformat(wall), zone))
    return found


@db.cached_query
def _slots(dates: Any) -> Any:
    query = SlotRow.select(SlotRow.date, SlotRow.id, SlotRow.start, SlotRow.end, SlotRow.wall, SlotRow.zone)
    return query.where(SlotRow.date.in_(dates)).order_by(SlotRow.start)


def state_of(row: DateRow) -> state_machine.DateState:
    """What the table of moves needs to know of a row."""
    return state_machine.DateState(row.state, row.expires_at, row.start, row.end)


def role(row: DateRow, person: UUID, couple: UUID | None) -> str:
    """Return who a person is to a date that they may see."""
    if row.couple_id is None:
        return state_machine.ALONE
    if row.couple_id != couple:
        return state_machine.FORMER
    return state_machine.SENDER if row.sender_id == person else state_machine.ANSWERER
