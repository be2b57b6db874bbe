"""The self-care plans and the checklists of help in the private part of an export."""

from __future__ import annotations

import json
from collections.abc import Iterator

from planner.privacy.export_format import (
    DAY,
    ID,
    INSTANT,
    NUMBER,
    OBJECT,
    PRIVATE,
    TEXT,
    TEXTS,
    ExportScope,
    Section,
    Thing,
    described,
    maybe,
)
from planner.storage import db
from planner.support.checklists import ChecklistRow
from planner.support.plan_steps import ChosenPlan, PlanStep


def _plans(scope: ExportScope) -> Iterator[Thing]:
    mine = ChosenPlan.select().where(ChosenPlan.person == scope.viewer.id)
    for row in list(mine.order_by(ChosenPlan.created_at, ChosenPlan.id)):
        yield {
            "id": row.id,
            "content": json.loads(row.content),
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "low_weeks": json.loads(row.low_weeks),
            "created_at": row.created_at,
        }


def _steps(scope: ExportScope) -> Iterator[Thing]:
    query = PlanStep.select(PlanStep.plan, PlanStep.number, PlanStep.local_time, PlanStep.date).join(ChosenPlan)
    mine = query.where(ChosenPlan.person == scope.viewer.id)
    for plan, number, local_time, date in db.fetch_all(mine.order_by(PlanStep.local_time, PlanStep.id)):
        action, week = (number, None) if number >= 0 else (None, -number)
        yield {"plan": plan, "action": action, "low_week": week, "local_time": local_time, "date": date}


def _checklists(scope: ExportScope) -> Iterator[Thing]:
    mine = ChecklistRow.select().where(ChecklistRow.person == scope.viewer.id)
    for row in list(mine.order_by(ChecklistRow.kind)):
        yield {
            "kind": row.kind,
            "criteria": json.loads(row.criteria),
            "questions": json.loads(row.questions),
            "changed_at": row.changed_at,
        }


SUPPORT: tuple[Section, ...] = (
    Section(
        "self_care_plans",
        "ExportedPlan",
        PRIVATE,
        "The self-care plans that you chose.",
        {
            "id": ID,
            "content": described(OBJECT, "Its texts, named as in GET /v1/self-care-plans."),
            "starts_on": DAY,
            "ends_on": DAY,
            "low_weeks": {"type": "array", "items": NUMBER},
            "created_at": INSTANT,
        },
        (ChosenPlan,),
        _plans,
    ),
    Section(
        "self_care_steps",
        "ExportedPlanStep",
        PRIVATE,
        "When the actions of those plans are.",
        {
            "plan": ID,
            "action": described(maybe(NUMBER), "Its number in the plan, from 0."),
            "low_week": described(maybe(NUMBER), "Of the small thing of a low week, the number of the week."),
            "local_time": TEXT,
            "date": described(maybe(ID), "Among your own dates."),
        },
        (PlanStep,),
        _steps,
    ),
    Section(
        "support_checklists",
        "ExportedChecklist",
        PRIVATE,
        "What you ticked when you looked for outside help.",
        {"kind": TEXT, "criteria": TEXTS, "questions": TEXTS, "changed_at": INSTANT},
        (ChecklistRow,),
        _checklists,
    ),
)
