"""Requests: one clear thing that a person asks of the partner, who says yes, no, or asks for another.

A no needs no reason and rings nowhere. A request without an answer lapses. The same words rest before they can be sent
again, unless the answer was yes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import clock, inbox, text
from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.contact import contact_log, holds, received
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Pair
from planner.dates import transitions
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, QuotaExceeded
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

OPEN, ACCEPTED, DECLINED, ANSWERED = "open", "accepted", "declined", "answered"
WITHDRAWN, LAPSED = "withdrawn", "lapsed"
STATES = (OPEN, ACCEPTED, DECLINED, ANSWERED, WITHDRAWN, LAPSED)
"""Of these, LAPSED is not stored: it follows from the time."""
ACTIONS = ("accept", "decline", "answer", "withdraw")

LIFE = timedelta(days=14)
"""How long a request without a day is open."""
MOST_DAYS_AHEAD = 90
_ARRIVALS = ("request_made", "request_countered")


class Request(db.Model):
    """A request. `answers` is the request that it answers, and `digest` that of the values that it was sent with."""

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    sender = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    body = peewee.TextField()
    day = peewee.DateField(null=True)
    state = peewee.TextField()
    answers = peewee.ForeignKeyField("self", null=True, on_delete="SET NULL", unique=True)
    digest = peewee.TextField()
    created_at = UtcDateTimeField()
    moved_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()

    class Meta:
        table_name = "requests"
        constraints = [peewee.Check("state IN ('open', 'accepted', 'declined', 'answered', 'withdrawn')")]
        indexes = ((("couple", "created_at"), False),)


class Draft(NamedTuple):
    """What a person asks for, and on which day."""

    body: str
    day: date | None = None


class RequestView(NamedTuple):
    """A request as one of the two reads it. `answered_by` is the request that answers it."""

    id: UUID
    mine: bool
    body: str
    day: date | None
    state: str
    answers: UUID | None
    answered_by: UUID | None
    created_at: datetime
    expires_at: datetime
    actions: tuple[str, ...]


def ask(viewer: Viewer, draft: Draft, request_id: UUID | None, now: datetime) -> RequestView:
    """Send a request to the partner. It costs one shared thing. A repeat returns the request as it is now.

    Raise Invalid, IdTaken or QuotaExceeded, or Conflict without a partner, in space or with too many open requests.
    """
    request_id = request_id or uuid4()
    with couples.locked(viewer.id) as pair:
        if not _is_repeat(viewer.id, request_id, draft, None):
            _check_day(viewer, draft.day, now)
            if pair is None:
                raise Conflict("no_partner")
            _send(pair, request_id, draft, None, now)
        return find(viewer.as_of(pair), request_id, now)


def answer(viewer: Viewer, request_id: UUID, draft: Draft, answer_id: UUID | None, now: datetime) -> RequestView:
    """Answer a request of the partner with another one. It costs one shared thing, and the first one is closed.

    Return the new request; a repeat returns it as it is now. Raise NotFound, Invalid, IdTaken, Conflict or
    QuotaExceeded.
    """
    answer_id = answer_id or uuid4()
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        request = find(viewer, request_id, now)
        if not _is_repeat(viewer.id, answer_id, draft, request_id):
            _check_day(viewer, draft.day, now)
            if pair is None or request.mine:
                raise Conflict("request_moved_on")
            _close(request_id, ANSWERED, now)
            _send(pair, answer_id, draft, request_id, now)
            contact_log.settle_shared(viewer.id, request_id)
        return find(viewer, answer_id, now)


def accept(viewer: Viewer, request_id: UUID, now: datetime) -> RequestView:
    """Say yes to a request of the partner. A repeat changes nothing. Raise NotFound or Conflict."""
    return _settle(viewer, request_id, ACCEPTED, now)


def decline(viewer: Viewer, request_id: UUID, now: datetime) -> RequestView:
    """Say no to a request of the partner, who is not notified. A repeat changes nothing. Raise NotFound or Conflict."""
    return _settle(viewer, request_id, DECLINED, now)


def _settle(viewer: Viewer, request_id: UUID, state: str, now: datetime) -> RequestView:
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        request = find(viewer, request_id, now)
        if pair is None or request.mine:
            raise Conflict("request_moved_on")
        if request.state != state:
            holds.check_may_send(viewer.id, request_id)
            _close(request_id, state, now)
            contact_log.settle_shared(viewer.id, request_id)
            inbox.add(pair.partner, f"request_{state}", request_id, now, notify=state == ACCEPTED)
        return find(viewer, request_id, now)


def withdraw(viewer: Viewer, request_id: UUID, now: datetime) -> RequestView:
    """Take an own open request out of the partner's view. A repeat changes nothing. Raise NotFound or Conflict."""
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        request = find(viewer, request_id, now)
        if not request.mine:
            raise NotFound
        if request.state != WITHDRAWN:
            _close(request_id, WITHDRAWN, now)
        return find(viewer, request_id, now)


def _close(request_id: UUID, state: str, now: datetime) -> None:
    is_open = Request.id == request_id, Request.state == OPEN, Request.expires_at > now
    if not Request.update(state=state, moved_at=now).where(*is_open).execute():
        raise Conflict("request_moved_on")
    inbox.withdraw(request_id, _ARRIVALS)


def find(viewer: Viewer, request_id: UUID, now: datetime) -> RequestView:
    """Return an own request, or one of the partner that is not withdrawn. Raise NotFound."""
    rows = _by_id(request_id, viewer.id, viewer.couple)
    if not rows:
        raise NotFound
    return _view(viewer, rows[0], now)


def list_requests(
    viewer: Viewer, is_open: bool | None, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[RequestView]:
    """Return a page of the requests of the two, newest first: the open ones, the closed ones, or all (None)."""
    if viewer.couple is None:
        return []
    read = _list if is_open is None else _list_open if is_open else _list_closed
    rows = read(viewer.id, viewer.couple, now, limit, *(after or ()))
    return [_view(viewer, row, now) for row in rows]


def get_many(viewer: Viewer, ids: list[UUID], now: datetime) -> list[RequestView]:
    """Return those of the requests that the partner sent and did not withdraw, held ones included."""
    return [_view(viewer, row, now) for row in _received_by_ids(viewer.id, viewer.couple, ids)]


def end(couple: UUID, now: datetime) -> None:
    """Withdraw the open requests of a couple that ends. Call inside its transaction."""
    still_open = Request.couple == couple, Request.state == OPEN
    Request.update(state=WITHDRAWN, moved_at=now).where(*still_open).execute()


def is_accepted_by(viewer: Viewer, request_id: UUID) -> bool:
    """Return whether the viewer said yes to this request of the partner."""
    mine = _received(viewer.id, viewer.couple), Request.state == ACCEPTED
    return bool(Request.select().where(Request.id == request_id, *mine).exists())


def _is_repeat(sender: UUID, request_id: UUID, draft: Draft, answers: UUID | None) -> bool:
    """Return whether this request was sent before. Raise IdTaken if another one has its id."""
    row = db.fetch_one(Request.select(Request.sender, Request.digest, Request.answers).where(Request.id == request_id))
    if row and row != (sender, _digest(draft), answers):
        raise IdTaken
    return row is not None


def _digest(draft: Draft) -> str:
    return transitions.digest(draft.body, str(draft.day))


def _check_day(viewer: Viewer, day: date | None, now: datetime) -> None:
    if day is None:
        return
    today = viewer.today(now)
    if day < today:
        raise Invalid(FieldError("day", "day_passed"))
    if day > today + timedelta(days=MOST_DAYS_AHEAD):
        raise Invalid(FieldError("day", "day_not_in_range", days=MOST_DAYS_AHEAD))


def _send(pair: Pair, request_id: UUID, draft: Draft, answers: UUID | None, now: datetime) -> None:
    _check_rest(pair, draft, now)
    mine = Request.sender == pair.me, Request.state == OPEN, Request.expires_at > now
    if Request.select().where(*mine).count() >= caps.most("requests"):
        raise Conflict("too_many_open_requests", most=caps.most("requests"))
    words = {"body": draft.body, "day": draft.day and draft.day.isoformat()}
    received.deliver(pair, "request", request_id, words, now, answers=answers)
    expires_at = clock.end_everywhere(draft.day) if draft.day else now + LIFE
    values = {"couple": pair.couple, "sender": pair.me, "state": OPEN, "digest": _digest(draft), "answers": answers}
    moments = {"created_at": now, "moved_at": now, "expires_at": expires_at}
    Request.create(id=request_id, **draft._asdict(), **values, **moments)
    inbox.add(pair.partner, "request_countered" if answers else "request_made", request_id, now, expires_at)


def _check_rest(pair: Pair, draft: Draft, now: datetime) -> None:
    """Raise QuotaExceeded if the same words were sent a while ago, and did not lead to a yes.

    After a withdrawal, the same words may go with another day.
    """
    rest, wording = contact_rules.ACTIVITY_COOLDOWN[pair.own_rhythm], text.fold_wording(draft.body)
    columns = Request.body, Request.day, Request.state, Request.moved_at
    recent = Request.couple == pair.couple, Request.sender == pair.me, Request.moved_at > now - rest
    for body, day, state, moved_at in db.fetch_all(Request.select(*columns).where(*recent, Request.state != ACCEPTED)):
        is_corrected = state == WITHDRAWN and day != draft.day
        if text.fold_wording(body) == wording and not is_corrected:
            raise QuotaExceeded("request_resting", moved_at + rest)


@db.cached_query
def _by_id(request_id: Any, me: Any, couple: Any) -> Any:
    return _rows(me).where(Request.id == request_id, (Request.sender == me) | _received(me, couple))


@db.cached_query
def _received_by_ids(me: Any, couple: Any, ids: Any) -> Any:
    return _rows(me).where(Request.id.in_(ids), _received(me, couple))


@db.cached_query
def _list(me: Any, couple: Any, now: Any, limit: Any, *after: Any) -> Any:
    return _page(me, couple, True, limit, after)


@db.cached_query
def _list_open(me: Any, couple: Any, now: Any, limit: Any, *after: Any) -> Any:
    return _page(me, couple, _is_open(me, now), limit, after)


@db.cached_query
def _list_closed(me: Any, couple: Any, now: Any, limit: Any, *after: Any) -> Any:
    return _page(me, couple, ~_is_open(me, now), limit, after)


def _is_open(me: Any, now: Any) -> Any:
    return (_shown_state(me) == OPEN) & (Request.expires_at > now)


def _page(me: Any, couple: Any, condition: Any, limit: Any, after: Any) -> Any:
    mine = (Request.sender == me) & (Request.couple == couple)
    query = _rows(me).where(mine | (_received(me, couple) & ~holds.is_held(me, Request.id)), condition)
    if after:
        at, last = after
        query = query.where(Request.created_at <= at, (Request.created_at < at) | (Request.id < last))
    return query.order_by(Request.created_at.desc(), Request.id.desc()).limit(limit)


def _is_answer_held(me: Any) -> Any:
    """Return the condition that the partner answered an own request while the viewer's space holds that back."""
    is_answered = (Request.sender == me) & Request.state.in_([ACCEPTED, DECLINED, ANSWERED])
    return is_answered & holds.is_response_held(me, Request.moved_at)


def _shown_state(me: Any) -> Any:
    return peewee.Case(None, [(_is_answer_held(me), OPEN)], Request.state)


def _rows(me: Any) -> Any:
    # A withdrawn answer is out of view, and so is one that is held back.
    reply = Request.alias()
    return Request.select(
        Request.id,
        Request.sender,
        Request.couple,
        Request.body,
        Request.day,
        _shown_state(me),
        Request.answers,
        reply.id,
        Request.created_at,
        Request.expires_at,
    ).join(
        reply,
        peewee.JOIN.LEFT_OUTER,
        on=((reply.answers == Request.id) & (reply.state != WITHDRAWN) & ~_is_answer_held(me)),
    )


def _received(me: Any, couple: Any) -> Any:
    # For a viewer without a couple, the comparison alone could match nothing that is meant.
    return (Request.sender != me) & (Request.couple == couple) & (Request.state != WITHDRAWN)


def _view(viewer: Viewer, row: tuple[Any, ...], now: datetime) -> RequestView:
    request_id, sender, couple, body, day, stored, answers, answered_by, created_at, expires_at = row
    state = LAPSED if stored == OPEN and expires_at <= now else stored
    is_mine, is_of_couple = sender == viewer.id, couple == viewer.couple
    actions: tuple[str, ...] = ()
    if state == OPEN and is_of_couple:
        actions = ("withdraw",) if is_mine else _answers_of(viewer, created_at)
    if not is_of_couple:
        answers = answered_by = None  # they are the former partner's
    return RequestView(request_id, is_mine, body, day, state, answers, answered_by, created_at, expires_at, actions)


def _answers_of(viewer: Viewer, created_at: datetime) -> tuple[str, ...]:
    """Return the answers that the viewer may give. In space, these are answers to what arrived in it."""
    may_answer = viewer.space_since is None or created_at >= viewer.space_since
    return ("accept", "decline", "answer") if may_answer else ()
