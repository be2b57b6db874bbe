"""Test self-care plans: small dates of one person, changed and dropped at will, and seen by no one else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from planner import clock as clock_
from planner import scheduler
from planner.catalogue.activities import Activity
from planner.dates.dates import Date
from planner.inbox import Item
from planner.storage import db
from planner.support import self_care_plans
from planner.support.plan_steps import ChosenPlan, PlanStep
from tests import twins
from tests.conftest import NOON
from tests.dates import own
from tests.erasing import erase
from tests.exports import export
from tests.people import Cast, Person, pair, shipped, sign_up
from tests.self_care import FIRST, PLAN, SLUG, choose, times

DAY = timedelta(days=1)


def dates(person: Person) -> list[tuple[str, str]]:
    """Return when the person's dates ahead are, and what to do."""
    items = person.get("/dates?show=upcoming&limit=100")["items"]
    return [(item["slots"][0]["local_time"], item["activity"]["summary"]) for item in items]


def text(action: int) -> str:
    return PLAN.actions[action].text


def adapt(person: Person, plan: Any, status: int = 200, **body: Any) -> Any:
    return person.patch(f"/me/self-care-plans/{plan['id']}", body, f'"{plan["version"]}"', status)


def steps(plan: Any) -> dict[Any, tuple[Any, str]]:
    """Return the time and the state of each step, by its action or by "low" and the week."""
    return {
        step["action"] if step["action"] is not None else f"low {step['week']}": (step["local_time"], step["state"])
        for step in plan["steps"]
    }


def rows() -> list[int]:
    with db.connection():
        own_ideas = Activity.select().where(Activity.owner.is_null(False)).count()
        return [ChosenPlan.select().count(), PlanStep.select().count(), Date.select().count(), own_ideas]


def test_a_chosen_plan_becomes_small_dates_of_the_person(sam: Person) -> None:
    plan = choose(sam)
    assert (plan["title"], plan["state"], plan["starts_on"], plan["ends_on"]) == (
        PLAN.title, "running", "2026-11-24", "2026-12-07",
    )  # fmt: skip
    expected = [(each["local_time"], text(each["action"])) for each in times()]
    assert [(step["local_time"], step["text"]) for step in plan["steps"]] == expected == dates(sam)
    small = sam.get(f"/dates/{plan['steps'][0]['date_id']}")
    assert (small["activity"]["title"], small["for"], small["state"]) == (PLAN.title, "one", "accepted")
    assert small["slots"][0]["minutes"] == PLAN.actions[0].minutes
    assert small["actions"] == ["cancel", "move", "edit"]
    assert sam.get(f"/me/self-care-plans/{plan['id']}") == plan == sam.get("/me/self-care-plans")["items"][0]


def test_the_first_screen_has_the_next_date_of_a_plan_only(sam: Person) -> None:
    choose(sam)
    (shown,) = sam.get("/today")["dates"]
    assert shown["id"] == sam.get("/dates?show=upcoming&limit=1")["items"][0]["id"]


def test_only_the_chosen_actions_become_dates(sam: Person) -> None:
    plan = choose(sam, times=times(actions=(1, 3)))
    assert [summary for _, summary in dates(sam)] == [text(1), text(3)]
    assert steps(plan) == {
        **dict.fromkeys((0, 2, 4), (None, "open")),
        1: ("2026-11-24T18:00", "ahead"),
        3: ("2026-12-01T18:00", "ahead"),
    }


def test_a_small_date_has_no_page_and_is_in_no_list_of_ideas(sam: Person) -> None:
    activity = sam.get(f"/dates/{choose(sam)['steps'][0]['date_id']}")["activity"]
    assert activity["retired"] is True
    sam.get(f"/activities/{activity['id']}", 404)
    assert sam.get("/activities?q=daylight")["items"] == []
    body = {"activity_id": activity["id"], "for": "one", "slots": [{"local_time": "2026-12-24T18:00"}]}
    assert sam.post("/dates", body, 422)["errors"][0]["code"] == "unknown_activity"


def test_a_small_date_reminds_once_and_asks_nothing(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam)
    small, usual = UUID(plan["steps"][0]["date_id"]), UUID(own(sam, NOON + 2 * DAY)["id"])
    assert kinds(small) == {"date_soon"}
    assert kinds(usual) == {"date_tomorrow", "date_soon", "date_feedback"}
    move = {"version": 1, "slots": [{"local_time": "2026-11-26T09:00"}]}
    assert sam.post(f"/dates/{small}/move", move)["slots"][0]["minutes"] == PLAN.actions[0].minutes
    assert kinds(small) == {"date_soon"}
    stopped_clock.move_to(datetime(2026, 11, 26, 9, 30, tzinfo=clock_.UTC))
    sam.post(f"/dates/{small}/complete", {"version": 2})
    assert kinds(small) == set()


def kinds(date_id: UUID) -> set[str]:
    with db.connection():
        return {kind for (kind,) in db.fetch_all(Item.select(Item.kind).where(Item.subject == date_id))}


def test_a_date_that_passed_or_is_off_is_neither_done_nor_missed(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam)
    sam.post(f"/dates/{plan['steps'][1]['date_id']}/cancel", {"version": 1})
    stopped_clock.shift(2 * DAY)
    scheduler.tick(clock_.utcnow())
    plan = sam.get(f"/me/self-care-plans/{plan['id']}")
    assert [state for _, state in steps(plan).values()] == ["over", "off", "ahead", "ahead", "ahead"]
    assert not {"done", "missed", "count", "streak", "percent"} & {*plan, *plan["steps"][0]}


def test_adapting_changes_what_is_ahead_and_leaves_what_has_passed(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam)
    before = {step["action"]: step["date_id"] for step in plan["steps"]}
    stopped_clock.shift(2 * DAY)
    wanted = [*times(actions=(0,)), {"action": 2, "local_time": "2026-11-27T08:00"}, *times(actions=(3,))]
    adapted = adapt(sam, plan, times=wanted)
    assert steps(adapted) == {
        0: ("2026-11-24T18:00", "over"),
        1: (None, "open"),
        2: ("2026-11-27T08:00", "ahead"),
        3: ("2026-12-01T18:00", "ahead"),
        4: (None, "open"),
    }
    after = {step["action"]: step["date_id"] for step in adapted["steps"]}
    assert (after[0], after[3]) == (before[0], before[3])
    assert dates(sam) == [("2026-11-27T08:00", text(2)), ("2026-12-01T18:00", text(3))]
    assert adapted["version"] == 2
    assert rows() == [1, 3, 3, 3]
    assert adapt(sam, plan, times=wanted) == adapted, "a repeat"
    adapt(sam, plan, 412, times=wanted[:1])


def test_an_action_that_passed_can_have_another_time(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam, times=times(actions=(0,)))
    stopped_clock.shift(2 * DAY)
    adapted = adapt(sam, plan, times=[{"action": 0, "local_time": "2026-11-28T10:00"}])
    assert steps(adapted)[0] == ("2026-11-28T10:00", "ahead")
    sam.get(f"/dates/{plan['steps'][0]['date_id']}")  # the past stays


def test_a_moved_date_keeps_its_time_when_the_plan_changes(sam: Person) -> None:
    plan = choose(sam, times=times(actions=(0, 1)))
    moved = plan["steps"][0]["date_id"]
    sam.post(f"/dates/{moved}/move", {"version": 1, "slots": [{"local_time": "2026-11-28T07:00"}]})
    plan = sam.get(f"/me/self-care-plans/{plan['id']}")
    assert steps(plan)[0] == ("2026-11-28T07:00", "ahead")
    adapted = adapt(sam, plan, times=[{"action": 0, "local_time": "2026-11-28T07:00"}])
    assert [step["date_id"] for step in adapted["steps"] if step["date_id"]] == [moved]


def test_a_low_week_has_one_small_thing(sam: Person) -> None:
    plan = choose(sam)
    low = adapt(sam, plan, low_weeks=[1])
    assert low["low_weeks"] == [1]
    assert steps(low)["low 1"] == ("2026-11-24T18:00", "ahead")
    assert [steps(low)[action][1] for action in range(5)] == ["open", "open", "open", "ahead", "ahead"]
    assert [summary for _, summary in dates(sam)] == [PLAN.low_capacity, text(3), text(4)]
    again = adapt(sam, low, low_weeks=[])
    assert steps(again) == steps(plan)
    assert dates(sam) == [(each["local_time"], text(each["action"])) for each in times()]
    assert rows() == [1, 5, 5, 5]


def test_a_low_week_in_its_middle_leaves_what_has_passed(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam)
    stopped_clock.shift(2 * DAY)  # the first action is over
    low = adapt(sam, plan, low_weeks=[1])
    assert (steps(low)[0][1], steps(low)["low 1"]) == ("over", ("2026-11-25T18:00", "ahead"))
    stopped_clock.shift(DAY / 2)
    assert [state for _, state in steps(adapt(sam, low, low_weeks=[])).values()].count("over") == 2


def test_dropping_removes_the_dates_ahead_and_leaves_no_trace(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam)
    stopped_clock.shift(2 * DAY)
    sam.delete(f"/me/self-care-plans/{plan['id']}")
    assert (dates(sam), sam.get("/me/self-care-plans")["items"]) == ([], [])
    assert rows() == [0, 0, 1, 1]
    assert sam.get(f"/dates/{plan['steps'][0]['date_id']}")["activity"]["summary"] == text(0)
    for method in ("GET", "DELETE"):
        assert sam.request(method, f"/me/self-care-plans/{plan['id']}").status_code == 404


def test_a_plan_ends_by_itself(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam)
    stopped_clock.shift(15 * DAY)
    (past,) = sam.get("/me/self-care-plans")["items"]
    assert (past["state"], past["look_back"]) == ("past", PLAN.look_back)
    assert adapt(sam, plan, 409, low_weeks=[2])["reason"] == "plan_over"
    choose(sam, first=date(2026, 12, 9))


def test_a_create_can_be_repeated(sam: Person, alice: Person) -> None:
    plan_id = str(uuid4())
    plan = choose(sam, id=plan_id)
    assert choose(sam, id=plan_id) == plan
    assert choose(sam, 422, id=plan_id, times=times(hour=9))["type"].endswith("id-taken")
    choose(alice, 422, id=plan_id)
    assert len(dates(sam)) == 5


def test_at_most_two_plans_run_at_once(sam: Person, stopped_clock: Any) -> None:
    choose(sam)
    assert choose(sam, 409, first=date(2026, 11, 26))["reason"] == "plan_runs_already"
    week = [{"action": 0, "local_time": "2026-11-24T12:30"}]
    others = [plan.slug for plan in shipped().plans if plan.slug != SLUG]
    choose(sam, slug=others[0], times=week)
    assert choose(sam, 409, slug=others[1], times=week)["reason"] == "too_many_plans"
    stopped_clock.shift(40 * DAY)
    choose(sam, first=date(2027, 1, 4))


def test_only_the_newest_plans_are_remembered(sam: Person, stopped_clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_care_plans, "MOST_REMEMBERED", 3)
    for number in range(5):
        first = FIRST + 20 * number * DAY
        choose(sam, first=first)
        stopped_clock.shift(20 * DAY)
    assert [plan["starts_on"] for plan in sam.get("/me/self-care-plans")["items"]] == ["2027-02-12", "2027-01-23"]


WRONG = {
    "another plan": ({"slug": "nothing-of-this-name"}, "slug", "unknown_plan"),
    "a day that is over": ({"starts_on": "2026-11-22"}, "starts_on", "day_passed"),
    "a day too far ahead": ({"starts_on": "2027-01-22"}, "starts_on", "day_not_in_range"),
    "no action": ({"times": []}, "times", None),
    "an action twice": ({"times": times(actions=(0,)) * 2}, "times", "twice_in_list"),
    "an unknown action": (
        {"times": [{"action": 9, "local_time": "2026-11-24T18:00"}]}, "times.0.action", "unknown_action",
    ),
    "another week": (
        {"times": [{"action": 3, "local_time": "2026-11-24T18:00"}]}, "times.0.local_time", "day_not_in_week",
    ),
    "an hour that is over": (
        {"starts_on": "2026-11-23", "times": [{"action": 0, "local_time": "2026-11-23T09:00"}]},
        "times.0.local_time",
        "slot_in_the_past",
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", WRONG)
def test_wrong_values_are_refused_and_change_nothing(sam: Person, title: str) -> None:
    body, field, code = WRONG[title]
    (fault,) = choose(sam, 422, **body)["errors"]
    assert fault["field"] == field
    assert code in (None, fault["code"])
    assert rows() == [0, 0, 0, 0]


def test_a_week_that_the_plan_does_not_have_cannot_be_low(sam: Person) -> None:
    plan = choose(sam)
    assert adapt(sam, plan, 422, low_weeks=[3])["errors"][0]["code"] == "unknown_week"
    assert adapt(sam, plan, 422)["errors"][0]["code"] == "one_needed"


def test_a_repeated_change_is_answered_as_the_first_one(sam: Person) -> None:
    plan = choose(sam)
    for body in ({"times": times(hour=19, actions=(1, 3))}, {"low_weeks": [2]}, {"low_weeks": [], "times": times()}):
        changed = adapt(sam, plan, **body)
        assert changed["version"] == plan["version"] + 1
        assert adapt(sam, plan, **body) == changed, "its answer was lost, so it has the earlier version"
        adapt(sam, plan, 412, low_weeks=[1])
        plan = changed


def test_suggested_times_are_spread_and_avoid_plans_and_hours_of_never(sam: Person) -> None:
    never = {"kind": "never", "weekdays": ["wednesday", "thursday", "friday"], "from": "00:00", "until": "23:59"}
    sam.put("/availability", {"windows": [never], "days": [], "version": 0})
    own(sam, datetime(2026, 11, 28, 9))
    found = sam.get(f"/me/self-care-plans/times?slug={SLUG}")
    assert found["starts_on"] == "2026-11-24"
    suggested = [each["local_time"] for each in found["items"]]
    assert suggested[0] == "2026-11-28T10:00"  # a free morning; the own plan ends then
    days = [datetime.fromisoformat(wall).date() for wall in suggested]
    assert len(set(days)) == 5
    assert {day.weekday() for day in days} <= {0, 1, 5, 6}
    plan = choose(sam, times=[{name: each[name] for name in ("action", "local_time")} for each in found["items"]])
    assert len(plan["steps"]) == 5
    assert all(not item["slots"][0]["overlaps"] for item in sam.get("/dates?show=upcoming")["items"])


def test_suggested_times_follow_weekdays_and_an_hour(sam: Person) -> None:
    query = f"slug={SLUG}&from=2026-11-30&weekdays=monday,saturday,sunday&at=07:30"
    found = sam.get(f"/me/self-care-plans/times?{query}")
    walls = [datetime.fromisoformat(each["local_time"]) for each in found["items"]]
    assert {wall.weekday() for wall in walls} <= {0, 5, 6}
    assert [wall.strftime("%H:%M") for wall in walls] == ["07:30"] * 4 + ["15:00"], "the last one is for an afternoon"
    for each, wall in zip(found["items"], walls, strict=True):
        assert each["first_day"] <= str(wall.date()) <= each["last_day"]


@pytest.mark.parametrize(
    ("slug", "at", "expected"),
    [
        ("gentler-evenings", "", {"19:00"}),
        ("gentler-evenings", "09:00", {"19:00"}),
        ("gentler-evenings", "20:15", {"20:15"}),
        ("three-slow-meals", "20:15", {"20:15", "09:00"}),
    ],
)
def test_a_suggested_time_fits_the_words_of_its_action(sam: Person, slug: str, at: str, expected: set[str]) -> None:
    """Suggest no evening lamp for a morning, and no breakfast for an evening."""
    found = sam.get(f"/me/self-care-plans/times?slug={slug}{at and f'&at={at}'}")
    assert {each["local_time"][-5:] for each in found["items"]} == expected


def test_an_action_for_an_evening_has_no_time_if_none_is_free_then(sam: Person) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    never = {"kind": "never", "weekdays": days, "from": "16:00", "until": "00:00"}
    sam.put("/availability", {"windows": [never], "days": [], "version": 0})
    found = sam.get("/me/self-care-plans/times?slug=gentler-evenings")["items"]
    assert [each["local_time"] for each in found] == [None] * 5


def test_a_plan_is_not_in_its_own_way(sam: Person, alice: Person) -> None:
    plan = choose(sam)
    path = f"/me/self-care-plans/times?slug={SLUG}&at=18:00&weekdays=tuesday,wednesday,thursday"
    assert sam.get(f"{path}&from=2026-11-24")["items"][1]["local_time"] != "2026-11-25T18:00"
    found = sam.get(f"{path}&plan={plan['id']}")
    assert found["items"][1]["local_time"] == "2026-11-25T18:00"
    alice.get(f"{path}&plan={plan['id']}", 404)
    assert sam.get("/me/self-care-plans/times?slug=none", 422)["errors"][0]["code"] == "unknown_plan"


def test_no_time_is_suggested_where_none_is_free(sam: Person) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    never = {"kind": "never", "weekdays": days, "from": "00:00", "until": "00:00"}
    sam.put("/availability", {"windows": [never], "days": [], "version": 0})
    found = sam.get(f"/me/self-care-plans/times?slug={SLUG}")["items"]
    assert [each["local_time"] for each in found] == [None] * 5


def test_plans_are_exported_and_erased(sam: Person, stopped_clock: Any) -> None:
    plan = choose(sam)
    adapt(sam, plan, low_weeks=[2])
    data = export(sam, "private")
    (chosen,) = data["self_care_plans"]
    assert (chosen["id"], chosen["low_weeks"], chosen["content"]["slug"]) == (plan["id"], [2], SLUG)
    assert {step["action"] for step in data["self_care_steps"]} == {None, 0, 1, 2, 3, 4}
    assert len(data["own_dates"]) == 4
    erase(sam, stopped_clock)
    assert rows() == [0, 0, 0, 0]


def test_leaving_changes_no_plan(cast: Cast) -> None:
    plan = choose(cast.alice)
    cast.alice.delete("/couple")
    assert cast.alice.get(f"/me/self-care-plans/{plan['id']}") == plan
    assert len(dates(cast.alice)) == 5


def test_the_partner_reads_the_same_with_and_without_a_plan(app: Flask, stopped_clock: Any) -> None:
    ada, ben = sign_up(app, "Ada", "Europe/Lisbon"), sign_up(app, "Ben", "Europe/Lisbon")
    pair(ada, ben, "together")

    def with_plan(world: twins.World) -> None:
        plan = choose(world.ada)
        adapt(world.ada, plan, low_weeks=[1])
        world.ada.put("/me/support-checklists", {"kind": "couples-counsellor", "criteria": ["fee"], "questions": []})
        appointment = {"title": "Dentist", "slots": [{"local_time": "2026-11-27T10:00"}]}
        world.ada.post("/me/appointments", appointment, 201)

    def with_drop(world: twins.World) -> None:
        world.ada.delete(f"/me/self-care-plans/{choose(world.ada)['id']}")

    records = []
    start = twins.World(stopped_clock, ada, ben)
    for act in twins.from_here(start, lambda world: None, with_plan, with_drop):
        world = twins.World(stopped_clock, ada, ben)
        act(world)
        world.look(*twins.CHOSEN_FOR_TWO)
        world.wait(2 * DAY)
        world.look(*twins.CHOSEN_FOR_TWO)
        records.append(world)
    assert len(records[0].lines) > 50
    for record in records[1:]:
        assert twins.difference(records[0], record) is None
