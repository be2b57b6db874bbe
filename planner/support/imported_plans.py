"""Import self-care plans that a person chose on another server, with their texts as they were then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner.accounts.accounts import Person
from planner.clock import to_utc
from planner.contact.viewer import Viewer
from planner.dates import proposals, small_dates
from planner.storage import db
from planner.support import plan_steps, self_care_plans
from planner.support.plan_steps import ChosenPlan, PlanStep
from seeds.guidance import SelfCarePlan


class ImportedStep(NamedTuple):
    """One action with its time, or the small thing of a low week. `number` is as in `PlanStep`.

    `date` is that of the action, if it has passed. With `is_planned`, the action gets a new date.
    """

    number: int
    local_time: datetime
    date: UUID | None = None
    is_planned: bool = False


class ImportedPlan(NamedTuple):
    """A chosen plan of another server, under the id that it gets here."""

    id: UUID
    content: SelfCarePlan
    starts_on: date
    low_weeks: tuple[int, ...]
    created_at: datetime
    steps: Sequence[ImportedStep]


def add(viewer: Viewer, plan: ImportedPlan, now: datetime) -> bool:
    """Add a plan that is not here yet, and return whether it is new.

    Raise Conflict for too many plans or dates, and Invalid for a time.
    """
    with db.write((Person, [viewer.id])):
        if ChosenPlan.select().where(ChosenPlan.id == plan.id).exists():
            return False
        self_care_plans.check_room(viewer, plan.content, plan.starts_on, now)
        values = {"content": json.dumps(asdict(plan.content), ensure_ascii=False), "starts_on": plan.starts_on}
        values["ends_on"] = plan.starts_on + timedelta(days=plan.content.days - 1)
        values["low_weeks"] = json.dumps(plan.low_weeks)
        created_at = min(plan.created_at, now)
        db.insert_if_absent(
            ChosenPlan, id=plan.id, person=viewer.id, **values, version=1, request="-", created_at=created_at
        )
        free = _free_dates(viewer, plan.steps)
        for step in plan.steps:
            date_id = step.date if step.date in free else None
            if date_id:
                free.discard(date_id)
            if step.is_planned and to_utc(step.local_time, viewer.zone) > now:
                one_off = plan_steps.one_off_of(plan.content, step.number)
                date_id = proposals.plan_small(viewer, one_off, step.local_time, now)
            local_time = step.local_time.isoformat(timespec="minutes")
            PlanStep.create(plan=plan.id, number=step.number, local_time=local_time, date=date_id)
    return True


def _free_dates(viewer: Viewer, steps: Sequence[ImportedStep]) -> set[UUID]:
    """Return the dates of the steps that are the viewer's and of no other step."""
    dates = [step.date for step in steps if step.date]
    taken = db.fetch_all(PlanStep.select(PlanStep.date).where(PlanStep.date.in_(dates)))
    return set(small_dates.read(viewer.id, dates)) - {date_id for (date_id,) in taken}
