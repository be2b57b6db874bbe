"""The steps of a chosen self-care plan: its actions with their times, and the small dates that they become."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue.one_offs import OneOff
from planner.clock import to_utc, to_zone
from planner.contact.viewer import Viewer
from planner.dates import proposals, small_dates
from planner.dates.dates import Date
from planner.dates.small_dates import SmallDate
from planner.errors import FieldError, Invalid
from planner.storage import db
from planner.storage.columns import UtcDateTimeField
from planner.support.action_times import days_of_week
from seeds import guidance
from seeds.guidance import SelfCarePlan

LOW_MINUTES = 10
"""How long the one small thing of a low week takes."""

AHEAD, OVER, OFF, OPEN = "ahead", "over", "off", "open"
STATES = (AHEAD, OVER, OFF, OPEN)
_NEVER = datetime(1, 1, 1)  # noqa: DTZ001  # a wall time


class ChosenPlan(db.Model):
    """A plan that a person chose, with its texts as they were then. `low_weeks` is a JSON list of numbers."""

    if TYPE_CHECKING:
        person_id: UUID
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    content = peewee.TextField()
    starts_on = peewee.DateField()
    ends_on = peewee.DateField()
    low_weeks = peewee.TextField()
    version = peewee.IntegerField()
    request = peewee.TextField()  # digest of the create request
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "chosen_plans"
        indexes = ((("person", "created_at"), False),)


class PlanStep(db.Model):
    """One action of a plan with its time, or the small thing of a low week.

    `number` is that of the action, or minus the week. An action of a low week has no date, but keeps its time for the
    end of the low week.
    """

    plan = peewee.ForeignKeyField(ChosenPlan, on_delete="CASCADE", index=False)
    number = peewee.IntegerField()
    local_time = peewee.TextField()
    date = peewee.ForeignKeyField(Date, null=True, on_delete="SET NULL", unique=True, backref="+")

    class Meta:
        table_name = "plan_steps"
        indexes = ((("plan", "number"), True),)


class StepView(NamedTuple):
    """One action, or the small thing of a low week, whose `action` is None. `state` is one of STATES."""

    action: int | None
    week: int
    minutes: int
    text: str
    local_time: datetime | None
    date_id: UUID | None
    state: str


class _Step(NamedTuple):
    """A stored step with its date, and its time as the clocks of the viewer show it."""

    local_time: datetime
    date: SmallDate | None

    def is_ahead(self, now: datetime) -> bool:
        return self.date is not None and self.date.is_ahead(now)

    def is_off(self) -> bool:
        return self.date is not None and self.date.is_off()

    @property
    def planned(self) -> datetime | None:
        """Return the time, unless the person called the date off."""
        return None if self.is_off() else self.local_time


def content_of(row: ChosenPlan) -> SelfCarePlan:
    """Return the texts of a chosen plan."""
    return guidance.build(SelfCarePlan, json.loads(row.content))


def date_ids(row: ChosenPlan) -> list[UUID]:
    """Return the dates of a plan, past ones too."""
    query = PlanStep.select(PlanStep.date).where(PlanStep.plan == row.id, PlanStep.date.is_null(False))
    return [date_id for (date_id,) in db.fetch_all(query)]


def list_steps(viewer: Viewer, rows: Collection[ChosenPlan], now: datetime) -> dict[UUID, list[StepView]]:
    """Return the steps of each plan in the order of weeks and times, with the actions that have no time."""
    steps = _read(viewer, rows)
    return {row.id: sorted(_show(content_of(row), steps[row.id], now), key=_place) for row in rows}


def _place(step: StepView) -> tuple[int, bool, datetime, int]:
    return step.week, step.local_time is None, step.local_time or _NEVER, step.action or 0


def _show(plan: SelfCarePlan, steps: Mapping[int, _Step], now: datetime) -> Iterator[StepView]:
    for number, action in enumerate(plan.actions):
        yield _view(number, action.week, action.minutes, action.text, steps.get(number), now)
    for week in range(1, plan.weeks + 1):
        if -week in steps:
            yield _view(None, week, LOW_MINUTES, plan.low_capacity, steps[-week], now)


def _view(action: int | None, week: int, minutes: int, text: str, step: _Step | None, now: datetime) -> StepView:
    if step is None:
        return StepView(action, week, minutes, text, None, None, OPEN)
    state = OPEN if step.date is None else OFF if step.is_off() else AHEAD if step.is_ahead(now) else OVER
    return StepView(action, week, minutes, text, step.local_time, step.date and step.date.id, state)


def _read(viewer: Viewer, rows: Collection[ChosenPlan]) -> dict[UUID, dict[int, _Step]]:
    query = PlanStep.select(PlanStep.plan, PlanStep.number, PlanStep.local_time, PlanStep.date)
    stored = db.fetch_all(query.where(PlanStep.plan.in_([row.id for row in rows]))) if rows else []
    dates = small_dates.read(viewer.id, [date_id for *_, date_id in stored if date_id])
    steps: dict[UUID, dict[int, _Step]] = {row.id: {} for row in rows}
    for plan, number, local_time, date_id in stored:
        small = dates.get(date_id)
        # A date may have been moved since.
        wall = small.wall(viewer.zone) if small else datetime.fromisoformat(local_time)
        steps[plan][number] = _Step(wall, small)
    return steps


def arrange(
    viewer: Viewer, row: ChosenPlan, times: Mapping[int, datetime] | None, low: Collection[int], now: datetime
) -> None:
    """Bring the dates ahead of a plan to these times and low weeks, inside the caller's transaction.

    Without `times`, each action keeps its own. What has begun or passed stays. Raise Invalid for a new time, and
    Conflict for too many dates.
    """
    plan, steps = content_of(row), _read(viewer, [row])[row.id]
    if times is None:
        wanted = _planned(steps)
    else:
        _check(viewer, row, times, steps, now)
        wanted = dict(times)
    targets = _targets(plan, wanted, steps, low, to_zone(now, viewer.zone).replace(tzinfo=None))
    changed = [number for number in {*steps, *targets} if _changes(steps.get(number), targets.get(number), now)]
    _remove(viewer, row, [(number, steps[number]) for number in changed if number in steps], now)
    for number in sorted(changed):
        if number in targets:
            _add(viewer, row, one_off_of(plan, number), number, targets[number], now)


def planned_times(viewer: Viewer, row: ChosenPlan) -> dict[int, datetime]:
    """Return the time of each action that the viewer wants."""
    return _planned(_read(viewer, [row])[row.id])


def _planned(steps: Mapping[int, _Step]) -> dict[int, datetime]:
    return {number: step.planned for number, step in steps.items() if number >= 0 and step.planned}


class _Target(NamedTuple):
    """When a step is to be. An action of a low week has no date."""

    wall: datetime
    has_date: bool


def _targets(
    plan: SelfCarePlan,
    wanted: Mapping[int, datetime],
    steps: Mapping[int, _Step],
    low: Collection[int],
    now_wall: datetime,
) -> dict[int, _Target]:
    targets = {number: _Target(wall, plan.actions[number].week not in low) for number, wall in wanted.items()}
    for week in low:
        ahead = [wall for number, wall in wanted.items() if plan.actions[number].week == week and wall > now_wall]
        known = steps[-week].local_time if -week in steps else min(ahead, default=None)
        if known:
            targets[-week] = _Target(known, True)
    return targets


def _changes(step: _Step | None, target: _Target | None, now: datetime) -> bool:
    """Return whether a step has to change. What has passed or was called off changes only to another time."""
    if step is None:
        return True
    if step.date and not step.is_ahead(now):
        return target is not None and target.has_date and (step.is_off() or target.wall != step.local_time)
    return target is None or target != _Target(step.local_time, step.date is not None)


def _remove(viewer: Viewer, row: ChosenPlan, steps: Collection[tuple[int, _Step]], now: datetime) -> None:
    small_dates.remove(viewer.id, [step.date.id for _, step in steps if step.date], now)
    numbers = [number for number, _ in steps]
    PlanStep.delete().where(PlanStep.plan == row.id, PlanStep.number.in_(numbers)).execute()


def _add(viewer: Viewer, row: ChosenPlan, one_off: OneOff, number: int, target: _Target, now: datetime) -> None:
    is_dated = target.has_date and to_utc(target.wall, viewer.zone) > now
    date_id = proposals.plan_small(viewer, one_off, target.wall, now) if is_dated else None
    local_time = target.wall.isoformat(timespec="minutes")
    PlanStep.create(plan=row.id, number=number, local_time=local_time, date=date_id)


def one_off_of(plan: SelfCarePlan, number: int) -> OneOff:
    """Return what a step is as the activity of its small date."""
    text, minutes = plan.low_capacity, LOW_MINUTES
    if number >= 0:
        text, minutes = plan.actions[number].text, plan.actions[number].minutes
    return OneOff(plan.title, text, "solo", "one", 1, minutes)


def _check(
    viewer: Viewer, row: ChosenPlan, times: Mapping[int, datetime], steps: Mapping[int, _Step], now: datetime
) -> None:
    faults, plan = [], content_of(row)
    for place, (number, wall) in enumerate(times.items()):
        if number >= len(plan.actions):
            faults.append(FieldError(f"times.{place}.action", "unknown_action", most=len(plan.actions) - 1))
        elif number in steps and steps[number].planned == wall:
            continue  # it stays, also when it has passed
        elif wall.date() not in days_of_week(plan, row.starts_on, plan.actions[number].week):
            faults.append(FieldError(f"times.{place}.local_time", "day_not_in_week"))
        elif to_utc(wall, viewer.zone) <= now:
            faults.append(FieldError(f"times.{place}.local_time", "slot_in_the_past"))
    if faults:
        raise Invalid(*faults)
