"""Commitments: small promises of a person, which only that person reads and logs.

A day is logged or empty. Nothing counts them: there is no streak, no share of days, and no reminder.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.clock import local_day
from planner.contact.viewer import Viewer
from planner.dates import transitions
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, VersionConflict
from planner.notes import requests
from planner.notes.requests import Request
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

MOST_OPEN = 5
DAYS_SHOWN = 42
"""How many days back the answers list what was logged. The export has all days."""


class Commitment(db.Model):
    """A promise of a person to themselves. `request` is a request of the partner from which it comes."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    body = peewee.TextField()
    request = peewee.ForeignKeyField(Request, null=True, on_delete="SET NULL")
    version = peewee.IntegerField(default=1)
    digest = peewee.TextField()
    created_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "commitments"
        indexes = ((("person", "created_at"), False),)


class CommitmentDay(db.Model):
    """A day on which a person did what they had promised."""

    commitment = peewee.ForeignKeyField(Commitment, on_delete="CASCADE", index=False)
    day = peewee.DateField()

    class Meta:
        table_name = "commitment_days"
        indexes = ((("commitment", "day"), True),)


class Draft(NamedTuple):
    """What a person promises, and the accepted request that it comes from."""

    body: str
    request: UUID | None = None


class CommitmentView(NamedTuple):
    """A commitment as its owner reads it, with the logged days of the last weeks."""

    id: UUID
    body: str
    request: UUID | None
    version: int
    created_at: datetime
    ended_at: datetime | None
    first_day: date
    days: tuple[date, ...]


def make(viewer: Viewer, draft: Draft, commitment_id: UUID | None, now: datetime) -> CommitmentView:
    """Make a commitment. A repeat returns it as it is now. Raise Invalid, IdTaken, or Conflict at a cap."""
    commitment_id = commitment_id or uuid4()
    digest = transitions.digest(*(str(value) for value in draft))
    with db.write((Person, [viewer.id])):
        row = db.fetch_one(
            Commitment.select(Commitment.person, Commitment.digest).where(Commitment.id == commitment_id)
        )
        if row is None:
            if draft.request and not requests.is_accepted_by(viewer, draft.request):
                raise Invalid(FieldError("request_id", "unknown_request"))
            check_room(viewer.id)
            Commitment.create(
                id=commitment_id, person=viewer.id, **draft._asdict(), version=1, digest=digest, created_at=now
            )
        elif row != (viewer.id, digest):
            raise IdTaken
        return find(viewer, commitment_id, now)


def edit(
    viewer: Viewer, commitment_id: UUID, versions: Container[int], body: str | None, ended: bool | None, now: datetime
) -> CommitmentView:
    """Change the words of a commitment, end it, or open it again. None leaves a value as it is.

    Raise NotFound, VersionConflict, or Conflict when too many are open.
    """
    with db.write((Person, [viewer.id])):
        present = find(viewer, commitment_id, now)
        changes: dict[str, Any] = {"body": body} if body not in (None, present.body) else {}
        if ended is not None and ended != (present.ended_at is not None):
            changes["ended_at"] = now if ended else None
            if not ended:
                _check_open(viewer.id)
        if not changes:
            return present  # a repeat, whose first answer may have been lost
        if present.version not in versions:
            raise VersionConflict
        mine = Commitment.id == commitment_id, Commitment.version == present.version
        if not Commitment.update(**changes, version=Commitment.version + 1).where(*mine).execute():
            raise VersionConflict
        return find(viewer, commitment_id, now)


def delete(viewer: Viewer, commitment_id: UUID) -> None:
    """Delete a commitment with its days. Raise NotFound."""
    with db.write((Person, [viewer.id])):
        if not Commitment.delete().where(Commitment.id == commitment_id, Commitment.person == viewer.id).execute():
            raise NotFound


def log(viewer: Viewer, commitment_id: UUID, day: date, now: datetime) -> CommitmentView:
    """Log a day, from the first day of the commitment to today. A repeat changes nothing. Raise NotFound or Invalid."""
    with db.write((Person, [viewer.id])):
        present = find(viewer, commitment_id, now)
        if not present.first_day <= day <= viewer.today(now):
            raise Invalid(FieldError("day", "day_not_yours_to_log"))
        db.insert_if_absent(CommitmentDay, commitment=commitment_id, day=day)
        return find(viewer, commitment_id, now)


def clear(viewer: Viewer, commitment_id: UUID, day: date, now: datetime) -> CommitmentView:
    """Make a day empty again. A repeat changes nothing. Raise NotFound."""
    with db.write((Person, [viewer.id])):
        find(viewer, commitment_id, now)
        CommitmentDay.delete().where(CommitmentDay.commitment == commitment_id, CommitmentDay.day == day).execute()
        return find(viewer, commitment_id, now)


def find(viewer: Viewer, commitment_id: UUID, now: datetime) -> CommitmentView:
    """Return an own commitment. Raise NotFound."""
    views = _views(viewer, _by_id(commitment_id, viewer.id), now)
    if not views:
        raise NotFound
    return views[0]


def list_own(
    viewer: Viewer, is_ended: bool, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[CommitmentView]:
    """Return a page of the own commitments that are open, or of those that ended, newest first."""
    read = _list_ended if is_ended else _list_open
    return _views(viewer, read(viewer.id, limit, *(after or ())), now)


def _views(viewer: Viewer, rows: list[tuple[Any, ...]], now: datetime) -> list[CommitmentView]:
    days: dict[UUID, list[date]] = {row[0]: [] for row in rows}
    since = viewer.today(now) - timedelta(days=DAYS_SHOWN)
    for commitment, day in _days(list(days), since) if rows else ():
        days[commitment].append(day)
    return [_view(viewer, row, tuple(days[row[0]])) for row in rows]


def _view(viewer: Viewer, row: tuple[Any, ...], days: tuple[date, ...]) -> CommitmentView:
    commitment, body, request, version, created_at, ended_at = row
    first_day = local_day(created_at, viewer.day_zone)
    return CommitmentView(commitment, body, request, version, created_at, ended_at, first_day, days)


def check_room(person: UUID, is_open: bool = True) -> None:
    """Raise Conflict if a person has as many commitments as allowed, or as many open ones."""
    if is_open:
        _check_open(person)
    if Commitment.select().where(Commitment.person == person).count() >= caps.most("commitments"):
        raise Conflict("too_many_commitments", most=caps.most("commitments"))


def _check_open(person: UUID) -> None:
    still_open = Commitment.person == person, Commitment.ended_at.is_null()
    if Commitment.select().where(*still_open).count() >= MOST_OPEN:
        raise Conflict("too_many_open_commitments", most=MOST_OPEN)


@db.cached_query
def _by_id(commitment_id: Any, me: Any) -> Any:
    return _rows(me).where(Commitment.id == commitment_id)


@db.cached_query
def _list_open(me: Any, limit: Any, *after: Any) -> Any:
    return _page(_rows(me).where(Commitment.ended_at.is_null()), limit, after)


@db.cached_query
def _list_ended(me: Any, limit: Any, *after: Any) -> Any:
    return _page(_rows(me).where(Commitment.ended_at.is_null(False)), limit, after)


def _page(query: Any, limit: Any, after: Any) -> Any:
    if after:
        at, last = after
        query = query.where(Commitment.created_at <= at, (Commitment.created_at < at) | (Commitment.id < last))
    return query.order_by(Commitment.created_at.desc(), Commitment.id.desc()).limit(limit)


def _rows(me: Any) -> Any:
    return Commitment.select(
        Commitment.id,
        Commitment.body,
        Commitment.request,
        Commitment.version,
        Commitment.created_at,
        Commitment.ended_at,
    ).where(Commitment.person == me)


@db.cached_query
def _days(ids: list[Any], since: Any) -> Any:
    columns = CommitmentDay.commitment, CommitmentDay.day
    query = CommitmentDay.select(*columns).where(CommitmentDay.commitment.in_(ids), CommitmentDay.day > since)
    return query.order_by(CommitmentDay.day)
