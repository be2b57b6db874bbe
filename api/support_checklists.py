"""Checklists for outside help, and a time for a first appointment. No answer is stored on a device."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Text, new_id
from api.core.operations import SIGNED_IN, RequestContext
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from api.dates import PlannedDateOut, show_one
from api.time_slots import offered, requested_slots
from planner.dates import proposals
from planner.dates.proposals import DateRequest
from planner.errors import AbovePace, Conflict, IdTaken, Invalid, QuotaExceeded
from planner.support import appointments, checklists

routes = Routes("support_checklists")

_CRITERIA = {"examples": [["licensed"]], "description": "The criteria that you have checked."}
_QUESTIONS = {
    "examples": [["What training do you have for working with couples?"]],
    "description": "The questions that you have asked, in full.",
}


class ChecklistPut(Schema):
    """What you have ticked off. It replaces what was ticked before; two empty lists delete it."""

    kind = Choice(enumerations.SUPPORT_KIND, required=True, metadata={"examples": ["couples-counsellor"]})
    criteria = fields.List(Choice(enumerations.CRITERION), required=True, validate=Length(0, 12), metadata=_CRITERIA)
    questions = fields.List(Text(140), required=True, validate=Length(0, 12), metadata=_QUESTIONS)


class ChecklistOut(Schema):
    """What you have ticked off for one kind of help. Only you see it."""

    kind = EnumField(enumerations.SUPPORT_KIND, metadata={"examples": ["couples-counsellor"]})
    criteria = fields.List(EnumField(enumerations.CRITERION), metadata=_CRITERIA)
    questions = fields.List(fields.String(), metadata=_QUESTIONS)


class ChecklistsOut(Schema):
    """Your checklists that have a tick."""

    items = fields.List(fields.Nested(ChecklistOut))


class AppointmentIn(Schema):
    """A first appointment, under a title of your choice."""

    id = new_id()
    title = Text(
        60,
        required=True,
        metadata={"examples": ["Appointment"], "description": "Any title. Reminders and calendars show it."},
    )
    party = Choice(
        enumerations.AUDIENCE,
        data_key="for",
        load_default="one",
        metadata={"examples": ["one"], "description": "two: you propose it to your partner, from pace 3."},
    )
    slots = offered()
    place = Text(
        140,
        load_default=None,
        allow_none=True,
        metadata={"examples": ["12 Mill Lane"], "description": "For two, it uses one of your shared things."},
    )

    @validates_schema
    def _check_single_slot(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len(data["slots"]) > 1 and data["party"] == "one":
            raise InvalidValue("one_slot_alone", "slots")


@routes.get("/me/support-checklists", access=SIGNED_IN, answer=ChecklistsOut(), no_store=True)
def list_checklists(context: RequestContext) -> dict[str, Any]:
    """Read what you have ticked off while choosing outside help. Only you see it."""
    return {"items": checklists.list_checklists(context.viewer)}


@routes.put(
    "/me/support-checklists",
    access=SIGNED_IN,
    body=ChecklistPut(),
    answer=ChecklistOut(),
    no_store=True,
    problems=[Invalid],
)
def put_checklist(context: RequestContext) -> Any:
    """Tick off criteria and questions of one kind of help, as in GET /v1/support-kinds."""
    body = context.body
    return checklists.save(context.viewer, body["kind"], body["criteria"], body["questions"], context.now)


@routes.post(
    "/me/appointments",
    access=SIGNED_IN,
    body=AppointmentIn(),
    answer=PlannedDateOut(),
    status=201,
    location="/dates/{id}",
    no_store=True,
    example={"for": "one", "state": "accepted", "expires_at": None, "actions": ["cancel", "move", "edit"]},
    problems=[Invalid, IdTaken, Conflict, AbovePace, QuotaExceeded],
)
def plan_appointment(context: RequestContext) -> Versioned:
    """Plan a first appointment as a date of your own, or propose it to your partner.

    Nothing says what it is for. For two it is a proposal like any other, and its title is new to your partner: it uses
    one of your shared things.
    """
    body = context.body
    one_off = appointments.one_off(body["title"], body["party"])
    request = DateRequest(one_off, requested_slots(context), place=body["place"])
    begin = proposals.plan_solo if body["party"] == "one" else proposals.propose
    return show_one(context, begin(context.viewer, request, body["id"], context.now))
