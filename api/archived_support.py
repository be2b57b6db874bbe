"""The self-care plans and the checklists of an archive."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, fields

from api import enumerations
from api.core.fields import Choice, Day, LocalDateTime, Number, Text, UtcDateTime, Uuid
from api.core.validators import Length
from planner.support.imported_plans import ImportedPlan, ImportedStep
from seeds import guidance
from seeds.guidance import Action, SelfCarePlan


class _LeavesOutUnknown(Schema):
    class Meta:
        unknown = EXCLUDE  # an export of a newer server may have more


class _Action(_LeavesOutUnknown):
    week = Number(1, 4, required=True)
    minutes = Number(1, 20, required=True)
    text = Text(200, required=True)
    time_of_day = fields.List(Choice(enumerations.TIME_OF_DAY), validate=Length(0, 4))


class _Content(_LeavesOutUnknown):
    slug = Text(60, required=True)
    title = Text(60, required=True)
    purpose = Text(240, required=True)
    days = Number(7, 28, required=True)
    actions = fields.List(fields.Nested(_Action()), required=True, validate=Length(1, 12))
    low_capacity = Text(200, required=True)
    look_back = Text(140, required=True)
    version = Number(1, 9999, required=True)
    evidence = Text(60, load_default=None, allow_none=True)


class ArchivedPlan(Schema):
    """A self-care plan as exports have it."""

    id = Uuid(required=True)
    content = fields.Nested(_Content(), required=True)
    starts_on = Day(required=True)
    low_weeks = fields.List(Number(1, 4), load_default=list, validate=Length(0, 4))
    created_at = UtcDateTime(required=True)


class ArchivedStep(Schema):
    """When an action of a plan is, as exports have it."""

    plan = Uuid(required=True)
    action = Number(0, 11, load_default=None, allow_none=True)
    low_week = Number(1, 4, load_default=None, allow_none=True)
    local_time = LocalDateTime(required=True)
    date = Uuid(load_default=None, allow_none=True)


class ArchivedChecklist(Schema):
    """What a person ticked for one kind of help, as exports have it."""

    kind = Choice(enumerations.SUPPORT_KIND, required=True)
    criteria = fields.List(Choice(enumerations.CRITERION), required=True, validate=Length(0, 12))
    questions = fields.List(Text(140), required=True, validate=Length(0, 12))


def _action(values: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name for field in dataclasses.fields(Action)}
    return {name: value for name, value in values.items() if name in known}


def join(plans: Iterable[Mapping[str, Any]], steps: Iterable[Mapping[str, Any]]) -> Iterator[ImportedPlan]:
    """Yield the plans with those steps that fit them."""
    by_plan: dict[UUID, list[ImportedStep]] = defaultdict(list)
    for step in steps:
        number = -(step["low_week"] or 0) if step["action"] is None else step["action"]
        by_plan[step["plan"]].append(ImportedStep(number, step["local_time"], step["date"]))
    for plan in plans:
        actions = [_action(each) for each in plan["content"]["actions"]]
        content = guidance.build(SelfCarePlan, {**plan["content"], "actions": actions})
        numbers = {*range(len(content.actions)), *range(-content.weeks, 0)}
        fitting = {step.number: step for step in by_plan[plan["id"]] if step.number in numbers}
        low_weeks = tuple(sorted({week for week in plan["low_weeks"] if week <= content.weeks}))
        yield ImportedPlan(
            plan["id"], content, plan["starts_on"], low_weeks, plan["created_at"], tuple(fitting.values())
        )
