"""Self-care plans that you choose: their actions become small dates of your own. Only you see any of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema
from webargs.fields import DelimitedList

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, LocalDateTime, Number, Text, TimeOfDay, Uuid, new_id
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from planner.errors import Conflict, IdTaken, Invalid, NotFound, VersionConflict, VersionMissing
from planner.support import self_care_plans
from planner.support.action_times import Wish
from planner.support.self_care_plans import PlanRequest, PlanView

routes = Routes("self_care_plans")

_SLUG = {"examples": ["two-weeks-of-daylight"], "description": "As in GET /v1/self-care-plans."}
_ACTION = {"examples": [0], "description": "Its number in the plan, counted from 0."}
_FIRST_DAY = {"examples": ["2026-11-24"], "description": "The first day of the plan, within four weeks."}
_LOW_WEEKS = {
    "examples": [[2]],
    "description": "Weeks with little strength, counted from 1. In such a week, the actions ahead go, and one small "
    "thing takes their place. It is enough.",
}


class ActionTimeIn(Schema):
    """One action that you want, and when."""

    action = Number(0, 11, required=True, metadata=_ACTION)
    local_time = LocalDateTime(
        required=True, metadata={"examples": ["2026-11-24T18:00"], "description": "In your zone, in its week."}
    )


_TIMES = {
    "examples": [[{"action": 0, "local_time": "2026-11-24T18:00"}]],
    "description": "The actions that you want. Each becomes a small date of your own.",
}


def _check_times(times: list[dict[str, Any]]) -> None:
    actions = [each["action"] for each in times]
    for place, action in enumerate(actions):
        if action in actions[:place]:
            raise InvalidValue("twice_in_list", "times")


class ChosenPlanIn(Schema):
    """A plan, its first day, and when you want its actions."""

    id = new_id()
    slug = Text(60, required=True, metadata=_SLUG)
    starts_on = Day(required=True, metadata=_FIRST_DAY)
    times = fields.List(fields.Nested(ActionTimeIn), required=True, validate=Length(1, 12), metadata=_TIMES)

    @validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        _check_times(data["times"])


class ChosenPlanPatch(Schema):
    """Other actions or times, or the low weeks. What you leave out stays, and what has passed stays in any case."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    times = fields.List(fields.Nested(ActionTimeIn), validate=Length(1, 12), metadata=_TIMES)
    low_weeks = fields.List(Number(1, 4), validate=Length(0, 4), metadata=_LOW_WEEKS)

    @validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["times", "low_weeks"])
        _check_times(data.get("times", []))


class PlanStepOut(Schema):
    """One action, with the small date that it became; or the small thing of a low week."""

    action = fields.Integer(
        allow_none=True, metadata={"examples": [0], "description": "Its number in the plan. Null in a low week."}
    )
    week = fields.Integer(metadata={"examples": [1], "description": "Counted from 1."})
    minutes = fields.Integer(metadata={"examples": [15]})
    text = fields.String(metadata={"examples": ["Walk to a patch of green and find three kinds of leaf."]})
    local_time = LocalDateTime(
        allow_none=True, metadata={"examples": ["2026-11-24T18:00"], "description": "Null: you do not want it."}
    )
    date_id = Uuid(
        allow_none=True,
        metadata={
            "examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"],
            "description": "Its date, which you can move or call off as any other. Null in a low week.",
        },
    )
    state = EnumField(enumerations.PLAN_STEP_STATE, metadata={"examples": ["ahead"]})


class ChosenPlanOut(Schema):
    """A plan that you chose, with its texts as they were then. Nothing counts what you did."""

    id = Uuid(metadata={"examples": ["5d6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7d21"]})
    slug = fields.String(metadata=_SLUG)
    title = fields.String(metadata={"examples": ["Two weeks of daylight"]})
    purpose = fields.String(metadata={"examples": ["A little more daylight in ordinary weeks."]})
    state = EnumField(enumerations.PLAN_STATE, metadata={"examples": ["running"]})
    starts_on = Day(metadata=_FIRST_DAY)
    ends_on = Day(metadata={"examples": ["2026-12-07"], "description": "Its last day."})
    low_weeks = fields.List(fields.Integer(), metadata=_LOW_WEEKS)
    low_capacity = fields.String(metadata={"examples": ["Open a window for two minutes."]})
    look_back = fields.String(metadata={"examples": ["Which of the places would you go back to?"]})
    steps = fields.List(fields.Nested(PlanStepOut))
    version = fields.Integer(metadata={"examples": [1]})


class ChosenPlansOut(Schema):
    """Your plans, the newest first."""

    items = fields.List(fields.Nested(ChosenPlanOut))


class ActionTimesQuery(Schema):
    """For which plan, and when you would like its actions."""

    slug = Text(60, required=True, metadata=_SLUG)
    first = Day(data_key="from", load_default=None, metadata={**_FIRST_DAY, "examples": ["2026-11-24"]})
    weekdays = DelimitedList(
        Choice(enumerations.WEEKDAY),
        load_default=list,
        metadata={"examples": [["tuesday", "saturday"]], "description": "Rather on these days."},
    )
    at = TimeOfDay(
        load_default=None,
        metadata={
            "examples": ["18:30"],
            "description": "Rather at this hour. Default: any. An action for an evening is in the evening anyway.",
        },
    )
    plan = Uuid(
        load_default=None,
        metadata={
            "examples": ["5d6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7d21"],
            "description": "To adapt this plan of yours: its own dates are not in the way, and its first day counts.",
        },
    )


class ActionTimeOut(Schema):
    """One action, and a time for it."""

    action = fields.Integer(metadata=_ACTION)
    week = fields.Integer(metadata={"examples": [1]})
    minutes = fields.Integer(metadata={"examples": [15]})
    text = fields.String(metadata={"examples": ["Walk to a patch of green and find three kinds of leaf."]})
    first_day = Day(metadata={"examples": ["2026-11-24"], "description": "The first day of its week."})
    last_day = Day(metadata={"examples": ["2026-11-30"], "description": "The last day of its week."})
    local_time = LocalDateTime(
        allow_none=True, metadata={"examples": ["2026-11-24T18:00"], "description": "Null: no time is free."}
    )


class ActionTimesOut(Schema):
    """A time for each action of a plan."""

    starts_on = Day(metadata=_FIRST_DAY)
    items = fields.List(fields.Nested(ActionTimeOut))


_plan = ChosenPlanOut()


@routes.get(
    "/me/self-care-plans/times",
    access=SIGNED_IN,
    query=ActionTimesQuery(),
    answer=ActionTimesOut(),
    no_store=True,
    problems=[Invalid, NotFound],
)
def list_action_times(context: RequestContext) -> dict[str, Any]:
    """Find a time for each action of a plan, spread over its week.

    No time is in your hours of never, in an agreed date or in a busy time of your calendars.
    """
    query = context.query
    wish = Wish(tuple(query["weekdays"]), query["at"])
    found = self_care_plans.suggest_times(
        context.viewer, query["slug"], query["first"], wish, query["plan"], context.now
    )
    return {"starts_on": found.starts_on, "items": [each._asdict() for each in found.times]}


@routes.get("/me/self-care-plans", access=SIGNED_IN, answer=ChosenPlansOut(), no_store=True)
def list_chosen_plans(context: RequestContext) -> dict[str, Any]:
    """List the plans that you chose. Only you see them."""
    return {"items": [_show(plan) for plan in self_care_plans.list_chosen(context.viewer, context.now)]}


@routes.post(
    "/me/self-care-plans",
    access=SIGNED_IN,
    body=ChosenPlanIn(),
    answer=_plan,
    status=201,
    location="/me/self-care-plans/{id}",
    no_store=True,
    problems=[Invalid, IdTaken, Conflict],
)
def choose_plan(context: RequestContext) -> Versioned:
    """Choose a plan, at most two at once. Each action that you want becomes a small date of your own.

    A small date has one reminder, shortly before it, and no question afterwards.
    """
    body = context.body
    request = PlanRequest(body["slug"], body["starts_on"], _times(body["times"]))
    return _show(self_care_plans.choose(context.viewer, request, body["id"], context.now))


@routes.get("/me/self-care-plans/<uuid:plan_id>", access=OWNER, answer=_plan, no_store=True, problems=[NotFound])
def get_chosen_plan(context: RequestContext, plan_id: UUID) -> Versioned:
    """Read a plan that you chose."""
    return _show(self_care_plans.get(context.viewer, plan_id, context.now))


@routes.patch(
    "/me/self-care-plans/<uuid:plan_id>",
    access=OWNER,
    body=ChosenPlanPatch(),
    answer=_plan,
    versioned=True,
    no_store=True,
    problems=[Invalid, NotFound, Conflict, VersionMissing, VersionConflict],
)
def adapt_plan(context: RequestContext, plan_id: UUID) -> Versioned:
    """Change which actions you want and when, or say that a week is a low one."""
    times = _times(context.body["times"]) if "times" in context.body else None
    low_weeks = context.body.get("low_weeks")
    return _show(self_care_plans.adapt(context.viewer, plan_id, if_match(), times, low_weeks, context.now))


@routes.delete("/me/self-care-plans/<uuid:plan_id>", access=OWNER, problems=[NotFound])
def drop_plan(context: RequestContext, plan_id: UUID) -> None:
    """Drop a plan at any time. Its dates ahead go; those that have passed stay in your calendar."""
    self_care_plans.drop(context.viewer, plan_id, context.now)


def _times(times: list[dict[str, Any]]) -> dict[int, datetime]:
    return {each["action"]: each["local_time"] for each in times}


def _show(plan: PlanView) -> Versioned:
    names = ("slug", "title", "purpose", "low_capacity", "look_back")
    return Versioned(plan._asdict(), **{name: getattr(plan.content, name) for name in names})
