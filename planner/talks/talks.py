"""Talks: a couple follows a guide together, each on their own phone. The moves are in talk_moves.py.

A row has where the talk is, and nothing of what the two say. It does not have who paused, stopped or went on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.catalogue import guides
from planner.contact import contact_log
from planner.contact.contact_log import ProposalTerms
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Couple, Pair
from planner.dates import state_machine, transitions
from planner.dates.dates import Date, find_row
from planner.errors import AbovePace, Conflict, FieldError, IdTaken, Invalid, NotFound
from planner.storage import db
from planner.storage.cached_queries import Reading
from planner.storage.columns import UtcDateTimeField
from planner.talks import talk_flow
from planner.talks.talk_flow import Flow
from seeds.guidance import Guide

RETENTION = timedelta(days=30)
"""How long after its opening the row of a talk that is over stays."""
ANNOUNCED = ("talk_opened", "talk_resumes")
"""The kinds of inbox items that lead to an open talk."""


class Talk(db.Model):
    """A talk of a couple. `opener_first`: the opener has the first turn. `ends_at`: see talk_flow.Flow."""

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    opener = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    date = peewee.ForeignKeyField(Date, null=True, on_delete="CASCADE")
    guide = peewee.TextField()
    guide_version = peewee.IntegerField()
    opener_first = peewee.BooleanField()
    state = peewee.TextField()
    step = peewee.IntegerField(default=0)
    opener_ready = peewee.BooleanField(default=False)
    partner_ready = peewee.BooleanField(default=False)
    version = peewee.IntegerField(default=1)
    last_move = peewee.TextField(null=True)  # without who made it
    request = peewee.TextField()
    opened_at = UtcDateTimeField()
    step_at = UtcDateTimeField(null=True)
    paused_at = UtcDateTimeField(null=True)
    resume_at = UtcDateTimeField(null=True)
    ends_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "talks"
        constraints = [
            peewee.Check("state IN ('preparing', 'running', 'paused', 'stopped', 'finished', 'lapsed')"),
            peewee.Check("(state IN ('preparing', 'running', 'paused')) = (ends_at IS NOT NULL)"),
        ]
        indexes = ((("couple", "opened_at"), False),)


Talk.add_index(Talk.index(Talk.ends_at, where=Talk.ends_at.is_null(False), name="talks_open"))


class TalkRequest(NamedTuple):
    """What the opener asks for: a guide to begin now, or a date that has one. `first_is_me`: who has the first turn."""

    guide: str | None
    date: UUID | None
    first_is_me: bool


class TalkRow(NamedTuple):
    """The columns of a talk that its reads and moves need."""

    id: UUID
    opener_id: UUID
    date_id: UUID | None
    guide: str
    guide_version: int
    opener_first: bool
    version: int
    last_move: str | None
    opened_at: datetime
    state: str
    ends_at: datetime | None
    step: int
    step_at: datetime | None
    paused_at: datetime | None
    resume_at: datetime | None
    opener_ready: bool
    partner_ready: bool

    @property
    def flow(self) -> Flow:
        """Return where the talk is."""
        return Flow(*(getattr(self, name) for name in Flow._fields))


COLUMNS = [getattr(Talk, name) for name in TalkRow._fields]


class TalkView(NamedTuple):
    """A talk as one of the two sees it. Both see the same step; only the sides differ."""

    id: UUID
    guide: Guide
    date: UUID | None
    opened_by_me: bool
    first_is_me: bool
    state: str
    version: int
    flow: Flow
    ready: bool
    partner_ready: bool
    opened_at: datetime
    actions: tuple[str, ...]


def begin(viewer: Viewer, request: TalkRequest, talk_id: UUID | None, now: datetime) -> TalkView:
    """Open a talk, which starts when both are ready. A repeat returns the talk as it is now.

    A talk that begins now costs a proposal, and the partner finds it in the inbox; one of an agreed date costs
    nothing. Raise Invalid, IdTaken, AbovePace or QuotaExceeded. Raise Conflict without a partner, beside another open
    talk, in space, and before the start of the date.
    """
    talk_id, digest = talk_id or uuid4(), transitions.digest(*(str(value) for value in request))
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        if _is_repeated(viewer, talk_id, digest):
            return find(viewer, talk_id, now)
        if pair is None:
            raise Conflict("no_partner")
        guide = _guide_of_date(pair, request.date, now) if request.date else _guide_to_begin(pair, request.guide)
        if current(viewer, now):
            raise Conflict("talk_open")
        if _count_of(viewer.id)[0][0] >= caps.most("talks"):
            raise Conflict("too_many_talks", most=caps.most("talks"))
        flow = talk_flow.begin(now)
        if request.date is None:
            terms = ProposalTerms(now + talk_flow.JOIN_WITHIN, guide.pace)
            contact_log.charge(pair, contact_log.PROPOSAL, talk_id, now, terms)
            inbox.add(pair.partner, "talk_opened", talk_id, now, flow.ends_at)
        _insert(talk_id, pair, request, guide, flow, request=digest, opened_at=now)
        return find(viewer, talk_id, now)


def _is_repeated(viewer: Viewer, talk_id: UUID, digest: str) -> bool:
    rows = _request_of(talk_id)
    if rows and rows != [(viewer.id, digest)]:
        raise IdTaken
    return bool(rows)


def _guide_to_begin(pair: Pair, slug: str | None) -> Guide:
    guide = guides.find(slug)
    if guide is None:
        raise Invalid(FieldError("guide", "unknown_guide"))
    if guide.pace > pair.own_pace:
        raise AbovePace
    return guide


def _guide_of_date(pair: Pair, date_id: UUID, now: datetime) -> Guide:
    """Return the guide of an agreed date that has begun. A lower pace leaves agreed dates as they are."""
    row = find_row(pair.me, pair.couple, date_id)
    if row is None or row.couple_id is None:
        raise Invalid(FieldError("date_id", "unknown_date"))
    guide = guides.find(row.guide)
    if guide is None:
        raise Invalid(FieldError("date_id", "date_without_guide"))
    if row.state != state_machine.ACCEPTED:
        raise Conflict("date_not_agreed")
    if row.start is None or row.start > now:
        raise Conflict("date_not_begun")
    return guide


def _insert(talk_id: UUID, pair: Pair, asked: TalkRequest, guide: Guide, flow: Flow, **values: Any) -> None:
    is_new = db.insert_if_absent(
        Talk,
        id=talk_id,
        couple=pair.couple,
        opener=pair.me,
        date=asked.date,
        guide=guide.slug,
        guide_version=guide.version,
        opener_first=asked.first_is_me,
        version=1,
        **flow._asdict(),
        **values,
    )
    if not is_new:  # two couples sent one id at the same moment
        raise IdTaken


def find(viewer: Viewer, talk_id: UUID, now: datetime) -> TalkView:
    """Return a talk of the viewer's couple that is not held back from the viewer. Raise NotFound."""
    return _view(viewer, find_row_of(viewer, talk_id), now)


def find_row_of(viewer: Viewer, talk_id: UUID) -> TalkRow:
    """Return the row of a talk that the viewer may see. Raise NotFound."""
    rows = [TalkRow(*row) for row in _by_id(talk_id, viewer.id, viewer.couple)]
    if not rows or guides.find(rows[0].guide) is None:
        raise NotFound
    return rows[0]


def current(viewer: Viewer, now: datetime) -> TalkView | None:
    """Return the open talk of the viewer's couple, or None. One that has started comes before one that waits."""
    rows = [TalkRow(*row) for row in open_reading(viewer, now).rows()] if viewer.couple else []
    views = [_view(viewer, row, now) for row in rows if _is_unchanged(row)]
    return next((view for view in views if view.state != talk_flow.PREPARING), views[0] if views else None)


def open_reading(viewer: Viewer, now: datetime) -> Reading:
    """Return the reading of the open talks of the viewer's couple."""
    return _open_ones.on(viewer.id, viewer.couple, now)


def list_all(viewer: Viewer) -> list[TalkRow]:
    """Return the talks of the viewer's couple whose rows have not been purged, oldest first."""
    return [TalkRow(*row) for row in _all_of(viewer.id, viewer.couple)]


def _is_unchanged(row: TalkRow) -> bool:
    """Return whether the guide is as it was when the talk began. In a new release its turns may be others."""
    guide = guides.find(row.guide)
    return guide is not None and guide.version == row.guide_version


def _view(viewer: Viewer, row: TalkRow, now: datetime) -> TalkView:
    is_opener, flow, guide = row.opener_id == viewer.id, row.flow, guides.find(row.guide)
    assert guide is not None, "see find_row_of"
    if flow.ends_at and not _is_unchanged(row):
        flow = talk_flow.stop(flow)
    flow = flow._replace(state=talk_flow.state_at(flow, now), step=min(flow.step, talk_flow.last_step(guide)))
    return TalkView(
        row.id,
        guide,
        row.date_id,
        is_opener,
        row.opener_first == is_opener,
        flow.state,
        row.version,
        flow,
        flow.is_ready(is_opener),
        flow.is_ready(not is_opener),
        row.opened_at,
        talk_flow.moves(flow, is_opener, now),
    )


def end_all(couple: UUID) -> None:
    """Delete the talks of a couple that ends. Call inside a transaction."""
    talks = [talk for (talk,) in db.fetch_all(Talk.select(Talk.id).where(Talk.couple == couple))]
    for talk in talks:
        inbox.delete_about(talk)
    Talk.delete().where(Talk.couple == couple).execute()


def end_overdue(now: datetime) -> int:
    """End the talks that no one joined or resumed in time, and return their number. This sends no notification."""
    due = db.fetch_all(Talk.select(Talk.id, Talk.state).where(Talk.ends_at <= now))
    for talk_id, state in due:
        ended = talk_flow.LAPSED if state == talk_flow.PREPARING else talk_flow.STOPPED
        with db.write():
            # Keep the version: clients have read the end since `ends_at` (see `talk_flow.state_at`).
            query = Talk.update(state=ended, ends_at=None).where(Talk.id == talk_id, Talk.state == state)
            if query.where(Talk.ends_at <= now).execute() and state == talk_flow.PREPARING:
                contact_log.close_proposal(talk_id, contact_log.lapse_outcome(talk_id, now), now)
    return len(due)


def purge_before(limit: datetime) -> None:
    """Delete the talks that were opened before an instant and are over."""
    with db.write():
        Talk.delete().where(Talk.opened_at < limit, Talk.ends_at.is_null()).execute()


@db.cached_query
def _by_id(talk_id: Any, me: Any, couple: Any) -> Any:
    return Talk.select(*COLUMNS).where(Talk.id == talk_id, *_visible(me, couple))


@db.cached_query
def _open_ones(me: Any, couple: Any, now: Any) -> Any:
    query = Talk.select(*COLUMNS).where(Talk.ends_at > now, *_visible(me, couple))
    return query.order_by(Talk.opened_at.desc(), Talk.id)


@db.cached_query
def _all_of(me: Any, couple: Any) -> Any:
    return Talk.select(*COLUMNS).where(*_visible(me, couple)).order_by(Talk.opened_at, Talk.id)


@db.cached_query
def _request_of(talk_id: Any) -> Any:
    return Talk.select(Talk.opener, Talk.request).where(Talk.id == talk_id)


@db.cached_query
def _count_of(person: Any) -> Any:
    return Talk.select(peewee.fn.COUNT(Talk.id)).where(Talk.opener == person)


def _visible(me: Any, couple: Any) -> tuple[Any, ...]:
    return Talk.couple == couple, ~is_held(me, Talk.id), ~is_held(me, Talk.date)
