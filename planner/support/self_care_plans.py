"""Self-care plans that a person chose: their actions become small dates of the person alone.

Only the person sees a plan. Nothing counts what was done: a date that passed is over, and an action without a date is
only empty. In a low week, the actions of that week ahead go, and one much smaller thing takes their place.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from planner.accounts.accounts import Person
from planner.calendars import availability, busy_times, free_windows
from planner.calendars.free_windows import FreeWindows
from planner.clock import to_utc
from planner.contact.viewer import Viewer
from planner.dates import overlaps, small_dates, transitions
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, VersionConflict
from planner.storage import db
from planner.support import action_times, plan_steps
from planner.support.action_times import Wish
from planner.support.plan_steps import ChosenPlan, StepView
from seeds import reader
from seeds.guidance import SelfCarePlan

MOST_AT_ONCE = 2
MOST_REMEMBERED = 50
"""How many plans a person can look back on. An older one goes when they choose another."""
START_WITHIN = timedelta(days=28)

RUNNING, PAST = "running", "past"
PLAN_STATES = (RUNNING, PAST)


class PlanView(NamedTuple):
    """A chosen plan as its owner sees it. `state` is one of PLAN_STATES."""

    id: UUID
    content: SelfCarePlan
    starts_on: date
    ends_on: date
    state: str
    low_weeks: list[int]
    steps: list[StepView]
    version: int


class ActionTime(NamedTuple):
    """A time for one action of a plan, and the days of its week."""

    action: int
    week: int
    minutes: int
    text: str
    first_day: date
    last_day: date
    local_time: datetime | None


class ActionTimes(NamedTuple):
    """The first day of a plan, and a time for each of its actions."""

    starts_on: date
    times: list[ActionTime]


class PlanRequest(NamedTuple):
    """What a person chooses: a plan by its slug, its first day, and times for its actions."""

    slug: str
    starts_on: date
    times: Mapping[int, datetime]

    def digest(self) -> str:
        """Return a digest that tells a repeat from another request."""
        times = sorted((number, wall.isoformat()) for number, wall in self.times.items())
        return transitions.digest(self.slug, self.starts_on.isoformat(), times)


def list_chosen(viewer: Viewer, now: datetime) -> list[PlanView]:
    """Return the viewer's plans, the newest first."""
    query = ChosenPlan.select().where(ChosenPlan.person == viewer.id)
    return _views(viewer, list(query.order_by(ChosenPlan.created_at.desc(), ChosenPlan.id)), now)


def get(viewer: Viewer, plan_id: UUID, now: datetime) -> PlanView:
    """Return a plan of the viewer. Raise NotFound."""
    return _views(viewer, [_own(viewer, plan_id)], now)[0]


def choose(viewer: Viewer, request: PlanRequest, plan_id: UUID | None, now: datetime) -> PlanView:
    """Choose a plan, and plan its dates. A repeat returns the plan as it is now.

    Raise Invalid for the plan, the day or a time. Raise IdTaken. Raise Conflict for too many plans or dates.
    """
    plan_id, digest = plan_id or uuid4(), request.digest()
    with db.write((Person, [viewer.id])):
        existing = ChosenPlan.get_or_none(ChosenPlan.id == plan_id)
        if existing:
            if existing.person_id != viewer.id or existing.request != digest:
                raise IdTaken
            return get(viewer, plan_id, now)
        plan = find_plan(request.slug)
        today = viewer.today(now)
        _check_start(request.starts_on, today)
        _make_room(viewer, plan, today)
        _insert(viewer, plan_id, plan, request, now)
        plan_steps.arrange(viewer, _own(viewer, plan_id), request.times, set(), now)
        return get(viewer, plan_id, now)


def _insert(viewer: Viewer, plan_id: UUID, plan: SelfCarePlan, request: PlanRequest, now: datetime) -> None:
    content = json.dumps(asdict(plan), ensure_ascii=False)
    days = {"starts_on": request.starts_on, "ends_on": request.starts_on + timedelta(days=plan.days - 1)}
    row = {"person": viewer.id, "content": content, **days, "low_weeks": "[]", "version": 1}
    # Two people may send the same id at the same moment. Only the insert can detect it.
    if not db.insert_if_absent(ChosenPlan, id=plan_id, **row, request=request.digest(), created_at=now):
        raise IdTaken


def adapt(
    viewer: Viewer,
    plan_id: UUID,
    versions: Container[int],
    times: Mapping[int, datetime] | None,
    low_weeks: Collection[int] | None,
    now: datetime,
) -> PlanView:
    """Change the actions and their times, or which weeks are low. None leaves them. What has passed stays.

    A repeat changes nothing.
    Raise NotFound, VersionConflict, Invalid, or Conflict for too many dates or a plan that is over.
    """
    with db.write((Person, [viewer.id])):
        row = _own(viewer, plan_id)
        before = set(json.loads(row.low_weeks))
        low = before if low_weeks is None else set(low_weeks)
        if low == before and (times is None or times == plan_steps.planned_times(viewer, row)):
            return get(viewer, plan_id, now)  # a repeat, whose first answer may have been lost
        if row.version not in versions:
            raise VersionConflict
        if row.ends_on < viewer.today(now):
            raise Conflict("plan_over")
        _check_weeks(low, plan_steps.content_of(row))
        same = ChosenPlan.id == row.id, ChosenPlan.version == row.version
        changed = ChosenPlan.update(low_weeks=json.dumps(sorted(low)), version=row.version + 1)
        if not changed.where(*same).execute():
            raise VersionConflict
        plan_steps.arrange(viewer, row, times, low, now)
        return get(viewer, plan_id, now)


def drop(viewer: Viewer, plan_id: UUID, now: datetime) -> None:
    """Drop a plan: its dates ahead go, and what has passed stays in the calendar. Raise NotFound."""
    with db.write((Person, [viewer.id])):
        row = _own(viewer, plan_id)
        small_dates.remove(viewer.id, plan_steps.date_ids(row), now)
        ChosenPlan.delete().where(ChosenPlan.id == row.id).execute()


def suggest_times(
    viewer: Viewer, slug: str, starts_on: date | None, wish: Wish, adapted: UUID | None, now: datetime
) -> ActionTimes:
    """Return a time for each action of a plan when the viewer is free.

    The dates of the plan `adapted` are not in the way, and its first day and texts count. Raise NotFound or Invalid.
    """
    row = _own(viewer, adapted) if adapted else None
    plan = plan_steps.content_of(row) if row else find_plan(slug)
    today = viewer.today(now)
    first = row.starts_on if row else starts_on or today + timedelta(days=1)
    if not row:
        _check_start(first, today, "from")
    own = set(plan_steps.date_ids(row)) if row else set()
    windows = _free_windows(viewer, first, first + timedelta(days=plan.days), own)
    times = action_times.suggest(plan, first, wish, windows, viewer.zone, now)
    return ActionTimes(first, [_action_time(plan, first, number, times) for number in range(len(plan.actions))])


def _free_windows(viewer: Viewer, first: date, after: date, without: Collection[UUID]) -> FreeWindows:
    """Return when the viewer can be free on some days, as if these dates did not exist."""
    begins, ends = (to_utc(datetime.combine(day, time()), viewer.zone) for day in (first, after))
    dates = [
        (start, end) for date_id, start, end in overlaps.list_agreed(viewer, begins, ends) if date_id not in without
    ]
    plans = free_windows.merge([*dates, *busy_times.list_between(viewer.id, begins, ends)])
    windows = free_windows.list_windows(availability.get_own(viewer).windows, viewer.zone, begins, ends)
    return free_windows.without_plans(windows, plans)


def _action_time(plan: SelfCarePlan, starts_on: date, number: int, times: Mapping[int, datetime]) -> ActionTime:
    action = plan.actions[number]
    days = action_times.days_of_week(plan, starts_on, action.week)
    return ActionTime(number, action.week, action.minutes, action.text, days[0], days[-1], times.get(number))


def find_plan(slug: str) -> SelfCarePlan:
    """Return a plan by its slug. Raise Invalid."""
    plan = next((plan for plan in reader.plans() if plan.slug == slug), None)
    if plan is None:
        raise Invalid(FieldError("slug", "unknown_plan"))
    return plan


def _check_start(starts_on: date, today: date, field: str = "starts_on") -> None:
    if starts_on < today:
        raise Invalid(FieldError(field, "day_passed"))
    if starts_on > today + START_WITHIN:
        raise Invalid(FieldError(field, "day_not_in_range", days=START_WITHIN.days))


def _check_weeks(weeks: set[int], plan: SelfCarePlan) -> None:
    if any(week > plan.weeks for week in weeks):
        raise Invalid(FieldError("low_weeks", "unknown_week", most=plan.weeks))


def _make_room(viewer: Viewer, plan: SelfCarePlan, today: date) -> None:
    """Raise Conflict for a plan that runs already, or too many of them. Delete the oldest that are over."""
    rows = list(ChosenPlan.select().where(ChosenPlan.person == viewer.id).order_by(ChosenPlan.created_at.desc()))
    running = [row for row in rows if row.ends_on >= today]
    if any(plan_steps.content_of(row).slug == plan.slug for row in running):
        raise Conflict("plan_runs_already")
    if len(running) >= MOST_AT_ONCE:
        raise Conflict("too_many_plans", most=MOST_AT_ONCE)
    old = [row.id for row in rows if row not in running][MOST_REMEMBERED - MOST_AT_ONCE :]
    ChosenPlan.delete().where(ChosenPlan.id.in_(old)).execute()


def check_room(viewer: Viewer, plan: SelfCarePlan, starts_on: date, now: datetime) -> None:
    """Raise Conflict or Invalid if a plan of another server does not fit beside those that are here."""
    today = viewer.today(now)
    if starts_on > today + START_WITHIN:
        raise Invalid(FieldError("starts_on", "day_not_in_range", days=START_WITHIN.days))
    if starts_on + timedelta(days=plan.days - 1) >= today:
        _make_room(viewer, plan, today)
    elif ChosenPlan.select().where(ChosenPlan.person == viewer.id).count() >= MOST_REMEMBERED:
        raise Conflict("too_many_plans", most=MOST_REMEMBERED)


def _own(viewer: Viewer, plan_id: UUID | None) -> ChosenPlan:
    row: ChosenPlan | None = ChosenPlan.get_or_none(ChosenPlan.id == plan_id, ChosenPlan.person == viewer.id)
    if row is None:
        raise NotFound
    return row


def _views(viewer: Viewer, rows: list[ChosenPlan], now: datetime) -> list[PlanView]:
    steps, today = plan_steps.list_steps(viewer, rows, now), viewer.today(now)
    return [
        PlanView(
            row.id,
            plan_steps.content_of(row),
            row.starts_on,
            row.ends_on,
            RUNNING if row.ends_on >= today else PAST,
            json.loads(row.low_weeks),
            steps[row.id],
            row.version,
        )
        for row in rows
    ]
