"""The moves of dates: answers to proposals, and changes of agreed dates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema

from api import enumerations
from api.core.fields import Choice, Uuid
from api.core.operations import COUPLE, RequestContext
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.dates import MOVED, PlannedDateOut, show_one
from api.time_slots import offered, requested_slots
from planner.dates import lifecycle, reschedules
from planner.errors import AbovePace, QuotaExceeded

routes = Routes("date_moves")


class DateAccept(Schema):
    """Your yes to one slot."""

    slot_id = Uuid(required=True, metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})


class DateDecline(Schema):
    """Your no, or a wish for another time or idea. You need no reason."""

    answer = Choice(enumerations.DATE_ANSWER, load_default="no", metadata={"examples": ["another_time"]})


class DateCounter(Schema):
    """Other times."""

    slots = offered("2026-11-29T11:00")


class DateMoveOffer(Schema):
    """Other times for an agreed date."""

    slots = offered("2026-11-29T19:30")


_date = PlannedDateOut()
# The example of a date is one that you proposed. These say what is different after each move.
_RECEIVED: dict[str, Any] = {"sender": "partner", "message_from": "partner"}
_CLOSED: dict[str, Any] = {"expires_at": None, "actions": []}
_ACCEPTED = {**_RECEIVED, **_CLOSED, "state": "accepted", "actions": ["cancel", "move", "edit"]}
_DENIED = {**_RECEIVED, **_CLOSED, "state": "declined", "answer": "not_so"}
_MOVE = {
    "id": "7c1b1f0e-9a55-4d6c-8a8e-2f4f6f0f7c88",
    "sender": "me",
    "slots": [],
    "expires_at": "2026-11-28T16:00:00.000Z",
    "actions": ["withdraw"],
}
_DECLINED = {**_RECEIVED, **_CLOSED, "state": "declined", "answer": "another_time"}
_COUNTERED = {"message_from": "partner"}
_WITHDRAWN = {**_CLOSED, "state": "withdrawn"}
_CANCELLED = {**_CLOSED, "state": "cancelled"}
_COMPLETED = {**_CLOSED, "state": "completed", "actions": ["did_not_happen"]}
_NOT_HAPPENED = {**_CLOSED, "state": "cancelled", "answer": "did_not_happen", "actions": ["complete"]}


@routes.post(
    "/dates/<uuid:date_id>/accept",
    access=COUPLE,
    body=DateAccept(),
    answer=_date,
    versioned=True,
    example=_ACCEPTED,
    problems=[*MOVED, AbovePace],
)
def accept_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say yes to one of the slots. You and your partner get reminders."""
    return show_one(
        context, lifecycle.accept(context.viewer, date_id, if_match(), context.body["slot_id"], context.now)
    )


@routes.post(
    "/dates/<uuid:date_id>/decline",
    access=COUPLE,
    body=DateDecline(),
    answer=_date,
    versioned=True,
    example=_DECLINED,
    problems=MOVED,
)
def decline_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say no, or ask for another time or idea."""
    return show_one(
        context,
        lifecycle.decline(context.viewer, date_id, if_match(), context.body["answer"], context.now),
    )


@routes.post(
    "/dates/<uuid:date_id>/counter",
    access=COUPLE,
    body=DateCounter(),
    answer=_date,
    versioned=True,
    example=_COUNTERED,
    problems=[*MOVED, QuotaExceeded, AbovePace],
)
def counter_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Offer other times. This counts as a proposal of yours."""
    return show_one(
        context,
        lifecycle.counter(context.viewer, date_id, if_match(), requested_slots(context), context.now),
    )


@routes.post(
    "/dates/<uuid:date_id>/withdraw", access=COUPLE, answer=_date, versioned=True, example=_WITHDRAWN, problems=MOVED
)
def withdraw_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Withdraw your offer. It still uses up one of your proposals."""
    return show_one(context, lifecycle.withdraw(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/cancel", access=COUPLE, answer=_date, versioned=True, example=_CANCELLED, problems=MOVED
)
def cancel_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Cancel an agreed date. Your partner sees that the date is off."""
    return show_one(context, lifecycle.cancel(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/complete", access=COUPLE, answer=_date, versioned=True, example=_COMPLETED, problems=MOVED
)
def complete_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that the date took place. We ask each of you how it was."""
    return show_one(context, lifecycle.complete(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/did-not-happen",
    access=COUPLE,
    answer=_date,
    versioned=True,
    example=_NOT_HAPPENED,
    problems=MOVED,
)
def mark_date_not_happened(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that a past date did not take place, up to 14 days after it. Your partner gets no message.

    It can be taken back with `complete`.
    """
    return show_one(context, lifecycle.mark_not_happened(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/confirm", access=COUPLE, answer=_date, versioned=True, example=_ACCEPTED, problems=MOVED
)
def confirm_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that you two agreed on a date that your partner wrote down."""
    return show_one(context, lifecycle.confirm(context.viewer, date_id, if_match(), context.now))


@routes.post("/dates/<uuid:date_id>/deny", access=COUPLE, answer=_date, versioned=True, example=_DENIED, problems=MOVED)
def deny_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that you two did not agree on a date that your partner wrote down. It is off, and your partner reads why."""
    return show_one(context, lifecycle.deny(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/move",
    access=COUPLE,
    body=DateMoveOffer(),
    answer=_date,
    versioned=True,
    example={**_ACCEPTED, "move": _MOVE},
    problems=[*MOVED, QuotaExceeded, AbovePace],
)
def move_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Offer to move an agreed date. It keeps its time until your partner says yes. This counts as a proposal of yours.

    A date of your own moves at once.
    """
    return show_one(
        context,
        reschedules.offer(context.viewer, date_id, if_match(), requested_slots(context), context.now),
    )


@routes.post(
    "/dates/<uuid:date_id>/move/accept",
    access=COUPLE,
    body=DateAccept(),
    answer=_date,
    versioned=True,
    example=_ACCEPTED,
    problems=[*MOVED, AbovePace],
)
def accept_move(context: RequestContext, date_id: UUID) -> Versioned:
    """Say yes to one of the times that your partner would move a date to."""
    return show_one(
        context, reschedules.accept(context.viewer, date_id, if_match(), context.body["slot_id"], context.now)
    )


@routes.post(
    "/dates/<uuid:date_id>/move/decline", access=COUPLE, answer=_date, versioned=True, example=_ACCEPTED, problems=MOVED
)
def decline_move(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that a date keeps its time."""
    return show_one(context, reschedules.decline(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/move/withdraw",
    access=COUPLE,
    answer=_date,
    versioned=True,
    example=_ACCEPTED,
    problems=MOVED,
)
def withdraw_move(context: RequestContext, date_id: UUID) -> Versioned:
    """Withdraw your offer to move a date."""
    return show_one(context, reschedules.withdraw(context.viewer, date_id, if_match(), context.now))
