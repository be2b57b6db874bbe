"""Rituals: dates that repeat. A ritual begins as a date with `repeat` (see dates.py)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import LocalDateTime, Uuid, new_id
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import Length
from api.dates import BriefActivityOut, PlannedDateOut, brief_activity, show
from api.repeats import RepeatIn, RepeatOut, RitualTimeOut, read_rule, show_rule, show_time
from api.time_slots import TimeSlotIn, requested_slots
from planner.contact.viewer import Viewer
from planner.dates import ritual_moves, ritual_views
from planner.dates.ritual_moves import WantedChange
from planner.dates.ritual_views import RitualView
from planner.errors import AbovePace, Conflict, IdTaken, Invalid, NotFound, QuotaExceeded

routes = Routes("rituals")


class RitualChange(Schema):
    """A change of a ritual: its new first time, and how it repeats."""

    id = new_id()
    slots = fields.List(
        fields.Nested(TimeSlotIn),
        required=True,
        validate=Length(1, 1),
        metadata={
            "examples": [[{"local_time": "2026-12-05T11:00", "zone": "Europe/Lisbon", "minutes": 90}]],
            "description": "One slot. Default of zone and minutes: those of the ritual.",
        },
    )
    repeat = fields.Nested(
        RepeatIn,
        load_default=None,
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "Default: as before. Of a count, the times before the change are done. Of several "
            "weekdays, that of the time from which it changes becomes that of the slot.",
        },
    )
    since = Uuid(
        load_default=None,
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "The date of the ritual from which on it changes. Default: its next time.",
        },
    )


class RitualOut(Schema):
    """A ritual as you see it."""

    id = Uuid(metadata={"examples": ["7d1f0c2e-4b55-4e6c-9a8e-6f4f6f0f7a21"]})
    date_id = Uuid(
        metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"], "description": "Its first date: answer there."}
    )
    activity = fields.Nested(BriefActivityOut)
    party = EnumField(enumerations.AUDIENCE, data_key="for", metadata={"examples": ["two"]})
    state = EnumField(enumerations.RITUAL_STATE, metadata={"examples": ["running"]})
    sender = EnumField(enumerations.SIDE, metadata={"examples": ["me"], "description": "Who offered it."})
    repeat = fields.Nested(RepeatOut)
    local_time = LocalDateTime(metadata={"examples": ["2026-12-04T19:00"], "description": "The first time."})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    replaces_id = Uuid(
        allow_none=True, metadata={"examples": [None], "description": "The ritual that this one changes, if it does."}
    )
    upcoming = fields.List(
        fields.Nested(RitualTimeOut),
        metadata={"description": f"The next times, at most {ritual_views.MOST_UPCOMING}, without those that are off."},
    )


class RitualsOut(Schema):
    """Your rituals that run or are offered, alone and with your partner."""

    items = fields.List(fields.Nested(RitualOut))


_ritual = RitualOut()


@routes.get("/rituals", access=SIGNED_IN, answer=RitualsOut())
def list_rituals(context: RequestContext) -> dict[str, Any]:
    """List the rituals that run or are offered, in the order in which they began."""
    rituals = ritual_views.list_open(context.viewer, context.now)
    return {"items": [_show(ritual, context.viewer) for ritual in rituals]}


@routes.get("/rituals/<uuid:ritual_id>", access=COUPLE, answer=_ritual, problems=[NotFound])
def get_ritual(context: RequestContext, ritual_id: UUID) -> dict[str, Any]:
    """Read a ritual."""
    return _show(ritual_views.find(context.viewer, ritual_id, context.now), context.viewer)


@routes.post(
    "/rituals/<uuid:ritual_id>/stop",
    access=COUPLE,
    answer=_ritual,
    example={"state": "ended", "upcoming": []},
    problems=[NotFound, Conflict],
)
def stop_ritual(context: RequestContext, ritual_id: UUID) -> dict[str, Any]:
    """End a ritual at once. Either of you can. Its dates ahead go, and your partner finds one message.

    To skip one date, cancel that date.
    """
    return _show(ritual_moves.stop(context.viewer, ritual_id, context.now), context.viewer)


@routes.post(
    "/rituals/<uuid:ritual_id>/change",
    access=COUPLE,
    body=RitualChange(),
    answer=PlannedDateOut(),
    status=201,
    location="/dates/{id}",
    example={"for": "one", "state": "accepted", "expires_at": None, "actions": ["cancel", "move", "edit"]},
    problems=[Invalid, NotFound, IdTaken, Conflict, AbovePace, QuotaExceeded],
)
def change_ritual(context: RequestContext, ritual_id: UUID) -> Versioned:
    """Change a ritual from some day on. For two, this is a proposal, and the old times hold until a yes.

    The answer is the first date of the changed ritual. To move one date, move that date.
    """
    body = context.body
    (slot,) = requested_slots(context)
    wanted = WantedChange(slot, read_rule(body["repeat"]), body["since"])
    date = ritual_moves.change(context.viewer, ritual_id, wanted, body["id"], context.now)
    return show(context.viewer, [date])[0]


def _show(ritual: RitualView, viewer: Viewer) -> dict[str, Any]:
    return {
        "id": ritual.id,
        "date_id": ritual.date,
        "activity": brief_activity(ritual.activity, viewer),
        "party": "two" if ritual.with_partner else "one",
        "state": ritual.state,
        "sender": "me" if ritual.sender_is_me else "partner",
        "repeat": show_rule(ritual.rule, ritual.local_time),
        "local_time": ritual.local_time,
        "zone": ritual.zone,
        "minutes": ritual.minutes,
        "replaces_id": ritual.replaces,
        "upcoming": [show_time(time, viewer) for time in ritual.upcoming],
    }
